//! The request that a service gets, with where each argument comes from.

use alloc::string::String;
use alloc::vec::Vec;

use aquac_ir::{Argument, Call, Origin, Value};

use crate::activation::{ActId, Placed};
use crate::datum::Datum;
use crate::lens;
use crate::state::State;
use crate::whence::{Part, Step, Taken, Whence, path_text, steps};

impl State {
    pub(crate) fn call(&self, id: ActId, placed: &Placed, data: &[Datum]) -> Call {
        let header = &self.header.header;
        let args = data.iter().filter_map(|datum| {
            let value = datum.value.clone()?;
            Some(Argument { value, origin: self.origin(&datum.whence) })
        });
        Call {
            particle: self.particle,
            initiator: header.initiator,
            service: String::from(&*placed.service),
            function: String::from(&*placed.function),
            args: args.collect(),
            deadline: header.deadline(),
            key: self.position(id).idempotency_key(&self.particle),
        }
    }

    /// Where a value comes from, for a service to judge.
    fn origin(&self, whence: &Whence) -> Origin {
        match whence {
            Whence::Literal => Origin::Literal { peer: self.header.header.initiator },
            Whence::Derived
            | Whence::Length(_)
            | Whence::Failed(_)
            | Whence::Kept(..)
            | Whence::Thrown(_)
            | Whence::Caught(_) => Origin::Derived,
            Whence::Result(act, part) => self.result_origin(*act, &[&steps(part)]),
            Whence::Snapshot(act, part) => self.snapshot_origin(*act, part),
        }
    }

    fn result_origin(&self, act: ActId, path: &[&[&Step]]) -> Origin {
        let program = self.program.program();
        self.placed(act).map_or(Origin::Derived, |placed| Origin::Result {
            peer: placed.peer,
            service: String::from(&*placed.service),
            function: String::from(&*placed.function),
            path: path.iter().map(|steps| path_text(program, steps)).collect(),
        })
    }

    /// A part of a snapshot comes from where the element does; the whole from its peer.
    fn snapshot_origin(&self, act: ActId, part: &Part) -> Origin {
        let whole = || {
            let peer = self.placed(act).map(|placed| placed.peer);
            peer.map_or(Origin::Derived, |peer| Origin::Snapshot { peer })
        };
        let steps = steps(part);
        let Some((first, rest)) = steps.split_first() else { return whole() };
        let element = match first.taken {
            Taken::Index(index, _) | Taken::Element(index, _) => {
                usize::try_from(index).ok().and_then(|index| self.element_whence(act, index))
            }
            Taken::Entry(number) => self.entry_whence(act, number),
            Taken::Field(_) | Taken::Named(..) | Taken::Key(..) | Taken::NumberKey(..) => None,
        };
        match element {
            Some(Whence::Result(act, inner)) => {
                self.result_origin(act, &[&crate::whence::steps(&inner), rest])
            }
            Some(Whence::Literal) => self.origin(&Whence::Literal),
            Some(
                Whence::Derived
                | Whence::Length(_)
                | Whence::Failed(_)
                | Whence::Kept(..)
                | Whence::Thrown(_)
                | Whence::Caught(_),
            ) => Origin::Derived,
            Some(Whence::Snapshot(..)) | None => whole(),
        }
    }

    /// The elements of a snapshot, if they are known.
    pub(crate) fn snapshot_items(&self, act: ActId) -> Option<Value> {
        let (node, path) = self.at(act);
        let slot = self.program.program().node(node)?.written_slot()?;
        let datum = self.cells.get(&(slot, path))?.datum.clone()?;
        self.present(datum).value
    }

    /// Where the element at an index of a snapshot comes from: it is found by its value, and an
    /// equal value from elsewhere that stands further behind in the stream does not count.
    pub(crate) fn element_whence(&self, act: ActId, index: usize) -> Option<Whence> {
        let (node, path) = self.at(act);
        let stream = self.program.program().node(node)?.used_stream()?;
        let array = self.snapshot_items(act)?;
        let items = array.as_array()?;
        let item = items.get(index)?;
        let equal_before = items.iter().take(index).filter(|other| *other == item).count();
        let elements = &self.streams.get(&self.instance_key(stream, path))?.elements;
        let same: Vec<&Whence> = elements
            .iter()
            .filter(|element| self.is_value(&element.datum, item))
            .map(|element| &element.datum.whence)
            .collect();
        same.get(equal_before).or_else(|| same.last()).map(|whence| (*whence).clone())
    }

    /// The same of the pair that a loop over entries runs over.
    pub(crate) fn entry_whence(&self, act: ActId, number: u32) -> Option<Whence> {
        let entries = lens::entries(&self.snapshot_items(act)?);
        let (index, _) = entries.get(number as usize)?;
        self.element_whence(act, *index)
    }

    fn is_value(&self, datum: &Datum, value: &Value) -> bool {
        self.present(datum.clone()).value.as_ref() == Some(value)
    }
}
