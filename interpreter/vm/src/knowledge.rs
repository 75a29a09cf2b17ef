//! What this peer knows of what others know: which turns they have, which they were told, and what
//! their frames showed. Not part of the state; it only decides who is told what.

use alloc::boxed::Box;
use alloc::vec::Vec;

use aquac_ir::PeerId;

use crate::cause::Numbers;
use crate::few::Few;
use crate::history::History;
use crate::turn::{Entry, Heads, NamedTurn};
use crate::values::{ValueId, ValueSet, Values};

/// What is known of one other peer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Other {
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
    /// Authors whose forks it was told of.
    pub(crate) forks: Few<PeerId, ()>,
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

    /// The author of a turn has it, and all that it rests on.
    pub(crate) fn learn(&mut self, turn: &NamedTurn, history: &History, values: &Values) {
        let body = &turn.turn().body;
        let other = self.of(body.author);
        raise(&mut other.told, history, body.author, body.number);
        raise(&mut other.sure, history, body.author, body.number);
        for record in body.records() {
            let digest = record.outcome.unwrap_or_else(|fault| fault.message);
            values.id(&digest).into_iter().for_each(|value| other.given.insert(value));
        }
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
    for (author, head) in heads.iter() {
        let number = numbers.or_insert(*author, || 0);
        *number = (*number).max(head.number);
    }
}

/// Adds a turn with all on which it rests. Each turn is walked once per peer.
fn raise(numbers: &mut Numbers, history: &History, author: PeerId, number: u32) {
    let mut stack: Vec<(PeerId, u32)> = alloc::vec![(author, number)];
    while let Some((author, number)) = stack.pop() {
        let known = numbers.get(&author).copied().unwrap_or(0);
        if known >= number {
            continue;
        }
        numbers.insert(author, number);
        for turn in (known + 1..=number).filter_map(|number| history.turn(&author, number)) {
            stack.extend(turn.turn().body.entries.iter().filter_map(|entry| match entry {
                Entry::Saw { peer, number, .. } => Some((*peer, *number)),
                Entry::Record(_) => None,
            }));
        }
    }
}
