//! What this peer knows of what others know: which turns they have, which they were told, and what
//! their frames showed. Not part of the state; it only decides who is told what.

use alloc::boxed::Box;
use alloc::vec::Vec;

use aquac_ir::PeerId;

use crate::cause::Numbers;
use crate::few::Few;
use crate::history::History;
use crate::turn::{Entry, Heads};
use crate::values::{ValueId, ValueSet, Values};

/// What is known of one other peer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Other {
    /// Turns of its own from which was learned what it has.
    pub(crate) learned: usize,
    /// Turns that it has, or that are on their way to it.
    pub(crate) told: Numbers,
    /// Turns that it has for certain.
    pub(crate) sure: Numbers,
    /// Turns that it had when it sent its frames to this peer; none if it sent none.
    pub(crate) shown: Option<Numbers>,
    /// Values that it has for certain.
    pub(crate) given: ValueSet,
    /// Place in the list of values for everybody up to which it has them all, but for those that
    /// had no bytes here.
    pub(crate) cursor: usize,
    pub(crate) skipped: Vec<usize>,
    /// Frames that it has not acknowledged. What they carry is sent again with the next one, so
    /// that every frame is complete in itself, whatever becomes of the others.
    pub(crate) flights: Vec<Flight>,
    /// The forks that it was told of: whose, and from which number on.
    pub(crate) forks: Few<PeerId, u32>,
}

/// The values of a frame that is on its way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flight {
    /// Whoever has these turns has the frame.
    pub(crate) heads: Numbers,
    pub(crate) values: Vec<ValueId>,
    pub(crate) cursor: usize,
    pub(crate) skipped: Vec<usize>,
}

impl Other {
    /// Takes the values of frames that have arrived as given.
    pub(crate) fn land(&mut self) {
        let sure = &self.sure;
        let landed = |flight: &mut Flight| {
            flight
                .heads
                .iter()
                .all(|(author, number)| sure.get(author).is_some_and(|known| known >= number))
        };
        for flight in self.flights.extract_if(.., landed) {
            flight.values.into_iter().for_each(|value| self.given.insert(value));
            if flight.cursor > self.cursor {
                (self.cursor, self.skipped) = (flight.cursor, flight.skipped);
            }
        }
    }
}

/// What is known of others.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    others: Few<PeerId, Box<Other>>,
}

impl Knowledge {
    pub(crate) fn get(&self, peer: &PeerId) -> Option<&Other> {
        self.others.get(peer).map(|other| &**other)
    }

    pub(crate) fn of(&mut self, peer: PeerId) -> &mut Other {
        self.others.or_insert(peer, Box::default)
    }

    /// What the frames of each peer showed.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Numbers> {
        self.others.values().filter_map(|other| other.shown.as_ref())
    }

    /// Brings what is known of a peer up to date: the author of a turn has it, and all that it
    /// rests on. Most authors are never asked about, so this waits until one is.
    pub(crate) fn learn(&mut self, peer: PeerId, history: &History, values: &Values) {
        let turns = history.turns_of(&peer);
        let learned = self.others.get(&peer).map_or(0, |other| other.learned);
        if turns.len() <= learned {
            return;
        }
        let other = self.of(peer);
        other.learned = turns.len();
        for turn in turns.iter().skip(learned) {
            for record in turn.turn().body.records() {
                let digest = record.outcome.unwrap_or_else(|fault| fault.message);
                values.id(&digest).into_iter().for_each(|value| other.given.insert(value));
            }
        }
        let last = turns.last().map_or(0, |turn| turn.turn().body.number);
        raise(&mut other.sure, history, peer, last);
        if other.told.is_empty() {
            other.told.clone_from(&other.sure);
        } else {
            raise(&mut other.told, history, peer, last);
        }
    }

    /// Whether all was learned that the turns of a peer say.
    pub(crate) fn is_learned(&self, peer: &PeerId, history: &History) -> bool {
        let learned = self.others.get(peer).map_or(0, |other| other.learned);
        history.turns_of(peer).len() <= learned
    }

    /// A peer says that it has these turns.
    pub(crate) fn heard(&mut self, peer: PeerId, heads: &Heads) {
        let other = self.of(peer);
        join(&mut other.told, heads);
        join(&mut other.sure, heads);
    }

    /// A frame of a peer arrived that it sent when it had these turns.
    pub(crate) fn received(&mut self, peer: PeerId, heads: &Heads) {
        self.heard(peer, heads);
        let other = self.of(peer);
        join(other.shown.get_or_insert_default(), heads);
    }

    /// These turns are on their way to a peer.
    pub(crate) fn told(&mut self, peer: PeerId, heads: &Heads) {
        join(&mut self.of(peer).told, heads);
    }
}

fn join(numbers: &mut Numbers, heads: &Heads) {
    if numbers.is_empty() {
        numbers.reserve(heads.iter().len());
    }
    for (author, head) in heads.iter() {
        let number = numbers.or_insert(*author, || 0);
        *number = (*number).max(head.number);
    }
}

/// Adds a turn with all on which it rests. Each turn is walked once per peer.
fn raise(numbers: &mut Numbers, history: &History, author: PeerId, number: u32) {
    if numbers.is_empty() {
        numbers.reserve(history.authors().count());
    }
    let mut open: Vec<(PeerId, u32)> = Vec::new();
    let mut next = Some((author, number));
    while let Some((author, number)) = next.take().or_else(|| open.pop()) {
        let there = numbers.or_insert(author, || 0);
        let known = core::mem::replace(there, number.max(*there));
        for turn in (known + 1..=number).filter_map(|number| history.turn(&author, number)) {
            for entry in &turn.turn().body.entries {
                if let Entry::Saw { peer, number, .. } = entry {
                    open.extend(next.replace((*peer, *number)));
                }
            }
        }
    }
}
