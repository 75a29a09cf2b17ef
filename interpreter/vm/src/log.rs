//! What this peer did since its last turn: a log in the order in which it happened.

use alloc::vec::Vec;

use aquac_ir::{ParticleId, PeerId};

use crate::few::{Few, room};
use crate::turn::{Entry, Head, NamedTurn, Record, TurnBody};

/// The turn that is being made.
#[derive(Debug)]
pub(crate) struct Log {
    last: Head,
    entries: Vec<Entry>,
    records: usize,
    /// Turns that were seen since the last record: the last of each author.
    seen: Few<PeerId, Head>,
    /// Of each author the last turn on which one of those rests, which goes without saying.
    implied: Few<PeerId, u32>,
}

impl Log {
    pub(crate) const fn new(particle: ParticleId) -> Self {
        Self {
            last: Head { number: 0, digest: particle.0 },
            entries: Vec::new(),
            records: 0,
            seen: Few::new(),
            implied: Few::new(),
        }
    }

    /// The number of the turn that is being made.
    pub(crate) const fn number(&self) -> u32 {
        self.last.number + 1
    }

    /// Whether there is a record that is in no turn yet.
    pub(crate) const fn has_records(&self) -> bool {
        self.records > 0
    }

    /// Turns of so many others come at once.
    pub(crate) fn expect(&mut self, authors: usize) {
        self.seen.reserve(authors);
        self.implied.reserve(authors.saturating_sub(1));
    }

    /// A turn of somebody else is in place.
    pub(crate) fn saw(&mut self, turn: &NamedTurn) {
        let body = &turn.turn().body;
        self.seen.insert(body.author, turn.head());
        for entry in &body.entries {
            if let Entry::Saw { peer, number, .. } = entry {
                let implied = self.implied.or_insert(*peer, || 0);
                *implied = (*implied).max(*number);
            }
        }
    }

    /// Adds a record; what was seen before stands before it. Gives its turn and entry.
    pub(crate) fn record(&mut self, record: Record) -> (u32, u32) {
        let implied = core::mem::take(&mut self.implied);
        for (peer, Head { number, digest }) in core::mem::take(&mut self.seen).into_entries() {
            if implied.get(&peer).is_none_or(|implied| *implied < number) {
                room(&mut self.entries);
                self.entries.push(Entry::Saw { peer, number, digest });
            }
        }
        // It becomes the turn's, and stays as long as the run: most turns have one record.
        room(&mut self.entries);
        self.entries.push(Entry::Record(record));
        self.records += 1;
        (self.number(), u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX))
    }

    /// What is in no turn yet.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The turn, if there is something in it.
    pub(crate) fn seal(&mut self, particle: ParticleId, author: PeerId) -> Option<TurnBody> {
        if !self.has_records() {
            return None;
        }
        self.records = 0;
        Some(TurnBody {
            particle,
            author,
            number: self.number(),
            previous: self.last.digest,
            entries: core::mem::take(&mut self.entries),
        })
    }

    /// The turn was signed, or an own turn came back: numbering goes on behind it.
    pub(crate) const fn continue_after(&mut self, head: Head) {
        self.last = head;
    }

    /// Takes the records out, to be added again in another turn.
    pub(crate) fn take_records(&mut self) -> Vec<Record> {
        self.records = 0;
        core::mem::take(&mut self.entries)
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Record(record) => Some(record),
                Entry::Saw { .. } => None,
            })
            .collect()
    }
}
