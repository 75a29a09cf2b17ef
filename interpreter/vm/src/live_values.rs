//! Which values travel: those that a step which is not finished may still read, and those that
//! decide control, which never die. The rest stays where it is, as digests.

use alloc::vec::Vec;

use aquac_ir::{ArgId, Iterable, Node, NodeId, PeerId, SlotId, StreamId};

use crate::NamedValue;
use crate::activation::Phase;
use crate::few::{Few, room};
use crate::knowledge::{Flight, Other};
use crate::path::PathId;
use crate::state::State;
use crate::values::{ValueId, ValueSet};

/// Something that holds a value which could travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Arg(ArgId),
    Slot(SlotId, PathId),
    Stream(StreamId, PathId),
}

/// What is looked at for one value before it counts as live.
const MAX_LOOKS: usize = 4096;

impl State {
    /// The values to send to a peer now, together with all that this peer knows.
    pub(crate) fn values_for(&mut self, other: &mut Other, peer: PeerId) -> Vec<NamedValue> {
        self.bury_the_dead();
        other.land();
        let mut flight = Flight { cursor: self.values.kept.len(), ..Flight::default() };
        let mut wanted: Vec<ValueId> = Vec::new();
        if peer != self.header.header.initiator {
            let args = self.header.header.args.iter().zip(0..);
            let live = args.filter(|(_, arg)| self.arg_is_live(ArgId(*arg)));
            wanted.extend(live.filter_map(|(digest, _)| self.values.id(digest)));
        }
        for place in other.skipped.iter().copied().chain(other.cursor..flight.cursor) {
            match self.values.kept.get(place) {
                Some(value) if self.values.bytes(*value).is_some() => wanted.push(*value),
                Some(_) => flight.skipped.push(place),
                None => {}
            }
        }
        wanted.extend(self.values.cells.iter().filter_map(|key| self.cell_value(*key)));
        let elements = self.values.elements.iter();
        wanted.extend(elements.filter_map(|(key, number)| self.element_value(*key, *number)));
        let mut seen = ValueSet::default();
        let mut values = Vec::new();
        for id in wanted {
            if let Some((digest, value)) = self.values.bytes(id)
                && !other.given.contains(id)
                && !seen.contains(id)
            {
                seen.insert(id);
                room(&mut flight.values);
                flight.values.push(id);
                values.push(NamedValue::of(digest, value.clone()));
            }
        }
        flight.heads.clone_from(&other.told);
        room(&mut other.flights);
        other.flights.push(flight);
        values
    }

    /// Takes out of the lists what no step can read any more, and moves control values to where
    /// they stay.
    fn bury_the_dead(&mut self) {
        let facts = self.program.clone();
        let facts = facts.facts();
        for key in core::mem::take(&mut self.values.cells) {
            if facts.slot(key.0).control {
                self.values.kept.extend(self.cell_value(key));
            } else if self.is_live(Holder::Slot(key.0, key.1)) {
                self.values.cells.push(key);
            }
        }
        for (key, number) in core::mem::take(&mut self.values.elements) {
            if facts.stream(key.0).control {
                self.values.kept.extend(self.element_value(key, number));
            } else if self.is_live(Holder::Stream(key.0, key.1)) {
                self.values.elements.push((key, number));
            }
        }
    }

    fn cell_value(&self, (slot, path): (SlotId, PathId)) -> Option<ValueId> {
        let digest = self.cells.get(&(slot, path))?.datum.as_ref()?.digest?;
        self.values.id(&digest)
    }

    fn element_value(&self, key: (StreamId, PathId), number: u32) -> Option<ValueId> {
        let digest = self.streams.get(&key)?.elements.get(number as usize)?.datum.digest?;
        self.values.id(&digest)
    }

    fn arg_is_live(&self, arg: ArgId) -> bool {
        self.program.facts().is_control_arg(arg) || self.is_live(Holder::Arg(arg))
    }

    /// Whether an unfinished step may read it, directly or through what is computed from it. When
    /// nothing goes on any more, nothing is read.
    fn is_live(&self, holder: Holder) -> bool {
        if self.fatal.is_some() {
            return false;
        }
        let facts = self.program.facts();
        // Most are read by steps and not computed into anything: nothing is collected then.
        let mut seen = Few::new();
        let mut open: Vec<Holder> = Vec::new();
        let mut next = Some(holder);
        while let Some(holder) = next.take().or_else(|| open.pop()) {
            let (readers, path): (&[NodeId], PathId) = match holder {
                Holder::Arg(arg) => (facts.arg_readers(arg), PathId::ROOT),
                Holder::Slot(slot, _) if facts.slot(slot).control => return true,
                Holder::Slot(slot, path) => (&facts.slot(slot).readers, path),
                Holder::Stream(stream, _) if facts.stream(stream).control => return true,
                Holder::Stream(stream, path) => (&facts.stream(stream).readers, path),
            };
            for reader in readers {
                match self.reads(*reader, path) {
                    Reads::Perhaps => return true,
                    Reads::Never => {}
                    Reads::Into(next) if seen.contains(&next) => {}
                    Reads::Into(next) => {
                        seen.insert(next, ());
                        open.push(next);
                    }
                }
            }
            if seen.len() > MAX_LOOKS {
                return true;
            }
        }
        false
    }

    /// Whether a reader cannot, or not any more, read what is written at a path.
    pub(crate) fn is_never_read_by(&self, reader: NodeId, path: PathId) -> bool {
        matches!(self.reads(reader, path), Reads::Never)
    }

    /// What a reader still does with what is written at a path.
    fn reads(&self, reader: NodeId, path: PathId) -> Reads {
        let program = &self.program;
        let depth = self.paths.depth(path);
        // The outermost node around the reader that has one instance for what was written.
        let single = program
            .ancestors(reader)
            .find(|node| program.facts().loop_depth(*node) <= depth)
            .unwrap_or(reader);
        let path = self.paths.prefix(path, program.facts().loop_depth(single));
        let Some(act) = self.act_at((single, path)) else {
            return if self.can_start(single, path) { Reads::Perhaps } else { Reads::Never };
        };
        if self.act(act).phase == Phase::Waiting || single != reader {
            return Reads::Perhaps;
        }
        match program.program().node(reader) {
            Some(Node::Let { slot, .. }) => Reads::Into(Holder::Slot(*slot, path)),
            Some(Node::Push { stream, .. }) => {
                let (stream, path) = self.instance_key(*stream, path);
                Reads::Into(Holder::Stream(stream, path))
            }
            Some(Node::For { iterable: Iterable::Live(_), .. }) => Reads::Perhaps,
            Some(_) | None => Reads::Never,
        }
    }

    /// Whether a node that was not started in an iteration still can be.
    fn can_start(&self, node: NodeId, path: PathId) -> bool {
        let program = &self.program;
        let mut below = node;
        for above in program.ancestors(node).skip(1) {
            let path = self.paths.prefix(path, program.facts().loop_depth(above));
            let Some(act) = self.act_at((above, path)) else {
                below = above;
                continue;
            };
            let child = |node: NodeId| self.act_at((node, path)).map(|id| self.act(id));
            return match program.program().node(above) {
                Some(Node::Try { .. }) => {
                    let body = child(NodeId(above.0 + 1));
                    body.is_none_or(|body| body.phase != Phase::Complete)
                        && self.act(act).phase == Phase::Waiting
                }
                Some(Node::If { .. }) => {
                    program.children(above).all(|arm| arm == below || child(arm).is_none())
                        && self.act(act).phase == Phase::Waiting
                }
                Some(Node::For { .. } | Node::Par(_)) => true,
                Some(_) | None => self.act(act).phase == Phase::Waiting,
            };
        }
        true
    }
}

enum Reads {
    Perhaps,
    Never,
    /// It has read it, and what it made of it may be read.
    Into(Holder),
}
