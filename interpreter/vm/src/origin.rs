//! The request that a service gets, with where each argument comes from.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{Argument, Call, Origin, Value};

use crate::activation::{ActId, Placed};
use crate::datum::{Datum, Part, Whence};
use crate::state::State;

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
            service: placed.service.to_string(),
            function: placed.function.to_string(),
            args: args.collect(),
            deadline: header.deadline(),
            key: self.position(id).idempotency_key(&self.particle),
        }
    }

    /// Where a value comes from, for a service to judge.
    fn origin(&self, whence: &Whence) -> Origin {
        match whence {
            Whence::Literal => Origin::Literal { peer: self.header.header.initiator },
            Whence::Derived => Origin::Derived,
            Whence::Result(act, part) => self.result_origin(*act, part.as_deref().unwrap_or("")),
            Whence::Snapshot(act, part) => self.snapshot_origin(*act, part),
        }
    }

    fn result_origin(&self, act: ActId, path: &str) -> Origin {
        self.placed(act).map_or(Origin::Derived, |placed| Origin::Result {
            peer: placed.peer,
            service: placed.service.to_string(),
            function: placed.function.to_string(),
            path: path.to_string(),
        })
    }

    /// A part of a snapshot comes from where the element does; the whole from its peer.
    fn snapshot_origin(&self, act: ActId, part: &Part) -> Origin {
        let whole = || {
            let peer = self.placed(act).map(|placed| placed.peer);
            peer.map_or(Origin::Derived, |peer| Origin::Snapshot { peer })
        };
        let Some((index, rest)) = part.as_deref().and_then(split_index) else { return whole() };
        match self.element_whence(act, index) {
            Some(Whence::Result(act, inner)) => {
                let mut path: String = inner.as_deref().unwrap_or("").to_string();
                path.push_str(rest);
                self.result_origin(act, &path)
            }
            Some(Whence::Literal) => self.origin(&Whence::Literal),
            Some(Whence::Derived) => Origin::Derived,
            Some(Whence::Snapshot(..)) | None => whole(),
        }
    }

    /// Where the element at an index of a snapshot comes from: it is found by its value, and an
    /// equal value from elsewhere that stands further behind in the stream does not count.
    fn element_whence(&self, act: ActId, index: usize) -> Option<Whence> {
        let (node, path) = self.at(act);
        let node = self.program.program().node(node)?;
        let (stream, slot) = (node.used_stream()?, node.written_slot()?);
        let datum = self.cells.get(&(slot, path))?.datum.clone()?;
        let array = self.present(datum).value?;
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

    fn is_value(&self, datum: &Datum, value: &Value) -> bool {
        self.present(datum.clone()).value.as_ref() == Some(value)
    }
}

/// `[3].name` into 3 and `.name`.
fn split_index(part: &str) -> Option<(usize, &str)> {
    let (number, rest) = part.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}
