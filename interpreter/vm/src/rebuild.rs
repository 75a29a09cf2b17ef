//! Builds a state from a history: after a crash, after a lost store, after a fork. The own log is
//! followed entry by entry, because what this peer fixed of a stream depends on what it had seen.

use alloc::vec::Vec;

use aquac_ir::{Digest, PeerId};

use crate::Position;
use crate::few::{Acts, Few};
use crate::history::History;
use crate::state::{Event, Filed, State};
use crate::turn::{Entry, NamedTurn, Record};

/// Takes in a turn of another peer that stands in its place.
pub(crate) fn take(state: &mut State, turn: &NamedTurn) {
    state.log.saw(turn);
    file(state, turn);
}

fn file(state: &mut State, turn: &NamedTurn) {
    let body = &turn.turn().body;
    for (entry, at) in body.entries.iter().zip(0..) {
        if let Entry::Record(record) = entry {
            state.file(body.author, (body.number, at), record);
        }
    }
}

/// Starts again from nothing but the history and what was done since the last own turn.
pub(crate) fn rebuild(state: &mut State, history: &History) {
    let (program, header) = (state.program.clone(), state.header.clone());
    let fresh = State::new(program, header, state.particle, state.me);
    let old = core::mem::replace(state, fresh);
    let (records, pending) = carry_over(state, old);
    state.following = true;
    let mut feeder = Feeder { state, history, fed: Few::new() };
    let me = feeder.state.me;
    for turn in history.turns_of(&me) {
        feeder.follow(turn);
    }
    for author in history.authors() {
        if let Some(head) = history.head(author).filter(|_| *author != me) {
            feeder.feed(*author, head.number);
        }
    }
    add_again(state, records, &pending);
    state.following = false;
    let mut mine = Acts::new();
    for (id, _) in state.sites().filter(|(_, site)| site.place == Some(state.me)) {
        mine.insert(id);
    }
    state.queue.extend(mine.take().map(Event::Look));
}

type Pending = Vec<(Position, Digest)>;

/// Values, pending calls and unsealed records outlive the state.
fn carry_over(state: &mut State, old: State) -> (Vec<Record>, Pending) {
    let mut old = old;
    let pending: Pending = old
        .pending
        .iter()
        .filter_map(|((node, path), digest)| {
            Some((Position { node: *node, path: old.paths.steps(*path) }, (*digest)?))
        })
        .collect();
    for (position, digest) in &pending {
        let path = state.paths.intern(&position.path);
        state.pending.insert((position.node, path), Some(*digest));
    }
    state.values = old.values;
    state.values.start_again();
    state.checking = old.checking;
    state.work = old.work;
    state.calls = old.calls;
    (old.log.take_records(), pending)
}

/// Records of no turn stand behind everything, unless a turn that came back holds them already.
fn add_again(state: &mut State, records: Vec<Record>, pending: &Pending) {
    for record in records {
        let path = state.paths.intern(&record.position.path);
        let key = (record.position.node, path);
        let me = state.me;
        if state.filed(key).any(|filed| filed.author == me) {
            continue;
        }
        let Record { arguments, outcome, .. } = record;
        let at = state.log.record(record);
        state.add_filed(key, Filed { author: me, at, arguments, outcome });
        if let Some(id) = state.act_at(key) {
            state.queue.push_back(Event::Look(id));
        }
    }
    // A call that was handed out and that a turn answers is not pending any more.
    for (position, _) in pending {
        let path = state.paths.intern(&position.path);
        let key = (position.node, path);
        let me = state.me;
        if state.filed(key).any(|filed| filed.author == me) {
            state.pending.insert(key, None);
        }
    }
}

struct Feeder<'a> {
    state: &'a mut State,
    history: &'a History,
    fed: Few<PeerId, u32>,
}

impl Feeder<'_> {
    fn fed(&self, author: &PeerId) -> u32 {
        self.fed.get(author).copied().unwrap_or(0)
    }

    /// Follows an own turn: before each record, the state is what it was then.
    fn follow(&mut self, turn: &NamedTurn) {
        let body = &turn.turn().body;
        for (entry, at) in body.entries.iter().zip(0..) {
            match entry {
                Entry::Saw { peer, number, .. } => self.feed(*peer, *number),
                Entry::Record(record) => {
                    self.state.settle(u64::MAX);
                    self.state.file(body.author, (body.number, at), record);
                }
            }
        }
        self.state.settle(u64::MAX);
        self.fed.insert(body.author, body.number);
        self.state.log.continue_after(turn.head());
    }

    /// Takes in an author's turns up to a number, with all on which they rest. What a turn rests on
    /// was in place before it, so this ends; but void turns it saw count as seen and hold nothing
    /// up: two authors may claim to have seen each other's.
    fn feed(&mut self, author: PeerId, number: u32) {
        let mut stack: Vec<(PeerId, u32)> = alloc::vec![(author, number)];
        while let Some((author, number)) = stack.last().copied() {
            let next = self.fed(&author) + 1;
            let turn = self.history.turn(&author, next).filter(|_| next <= number);
            let Some(turn) = turn.filter(|_| author != self.state.me) else {
                stack.pop();
                continue;
            };
            let missing = turn.turn().body.entries.iter().find_map(|entry| match entry {
                Entry::Saw { peer, number, .. }
                    if self.fed(peer) < *number
                        && *peer != self.state.me
                        && !self.history.is_void(peer, *number)
                        && self.history.turn(peer, self.fed(peer) + 1).is_some() =>
                {
                    Some((*peer, *number))
                }
                Entry::Saw { .. } | Entry::Record(_) => None,
            });
            if let Some(missing) = missing {
                stack.push(missing);
            } else {
                take(self.state, turn);
                self.fed.insert(author, next);
            }
        }
    }
}
