//! Streams: sets of elements that only grow. An element is named by the position that made it.
//!
//! The content of a snapshot has a defined order, by level and then by position; only what the
//! same peer has fixed before keeps its place in front.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{Digest, Domain, FaultCode, Salt, SnapshotForm, StreamId, Value};

use crate::activation::ActId;
use crate::cause::CauseId;
use crate::datum::Datum;
use crate::failure::Failure;
use crate::few::{Acts, room};
use crate::path::PathId;
use crate::state::{Event, State};
use crate::table::Table;
use crate::whence::Whence;
use crate::{SaltedValue, lens};

/// An element of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// What made it.
    pub(crate) act: ActId,
    pub(crate) datum: Datum,
    pub(crate) cause: CauseId,
}

/// An instance of a stream.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    /// In the order in which they came to be known here.
    pub(crate) elements: Vec<Element>,
    /// Names of elements that iterations were started with.
    pub(crate) names: Table<[u8; 16], ActId>,
    /// Live loops over it.
    pub(crate) loops: Vec<ActId>,
    /// Steps that wait for more elements.
    pub(crate) awaiting: Acts,
    /// What this peer has fixed so far, in order, by place in `elements`.
    pub(crate) fixed: Vec<u32>,
}

impl Instance {
    /// How many elements are known.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.elements.len()).unwrap_or(u32::MAX)
    }
}

impl State {
    /// Which instance of a stream is meant in an iteration.
    pub(crate) fn instance_key(&self, stream: StreamId, path: PathId) -> (StreamId, PathId) {
        let depth = self.program.facts().stream(stream).depth;
        (stream, self.paths.prefix(path, depth))
    }

    /// Adds an element.
    pub(crate) fn push_element(
        &mut self,
        stream: StreamId,
        act: ActId,
        datum: Datum,
        cause: CauseId,
    ) {
        let key = self.instance_key(stream, self.act(act).path);
        let most = self.header.header.limits.stream_elements;
        let instance = self.streams.or_insert(key, Instance::default);
        let number = instance.len();
        if number >= most {
            return self.stream_is_full(act, most, cause);
        }
        room(&mut instance.elements);
        instance.elements.push(Element { act, datum, cause });
        let loops = instance.loops.clone();
        self.queue.extend(instance.awaiting.take().map(Event::Look));
        for id in loops {
            self.element_for(id, key, number);
        }
        if !self.program.facts().stream(stream).concurrent.is_empty() {
            self.news.wrote_element(stream, key.1, cause);
        }
        self.values.pushed(key, number);
    }

    fn stream_is_full(&mut self, act: ActId, most: u32, cause: CauseId) {
        let failure = Failure {
            code: FaultCode::StreamFull,
            message: Arc::from(format!("a stream may hold {most} elements")),
            node: self.act(act).node,
            instruction: Arc::from(self.instruction(act)),
            peer: self.header.header.initiator,
            whence: Whence::Literal,
        };
        self.end_all(Arc::new(failure), cause);
    }

    /// The elements that a snapshot of this peer fixes now: what it has fixed before, then the
    /// rest in order; at most `count`.
    pub(crate) fn content(&mut self, key: (StreamId, PathId), count: Option<u64>) -> Vec<u32> {
        self.settle_levels();
        let Some(instance) = self.streams.get(&key) else { return Vec::new() };
        let mut content = instance.fixed.clone();
        let mut open = alloc::vec![true; instance.elements.len()];
        for element in &content {
            open.get_mut(*element as usize).into_iter().for_each(|open| *open = false);
        }
        let mut rest: Vec<u32> =
            open.iter().zip(0..).filter(|(open, _)| **open).map(|(_, element)| element).collect();
        self.sort_elements(key, &mut rest);
        content.extend(rest);
        if let Some(count) = count {
            content.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        }
        content
    }

    /// Remembers what was fixed; a shorter one than before says nothing new.
    pub(crate) fn fix(&mut self, key: (StreamId, PathId), content: Vec<u32>) {
        let instance = self.streams.or_insert(key, Instance::default);
        if content.len() > instance.fixed.len() {
            instance.fixed = content;
        }
    }

    /// The value of a snapshot with these elements, or the digest of one whose bytes are missing.
    pub(crate) fn snapshot_value(
        &self,
        key: (StreamId, PathId),
        content: &[u32],
        form: SnapshotForm,
        name: [u8; 16],
    ) -> Result<SaltedValue, Option<Digest>> {
        let mut items = Vec::new();
        let mut salts = Vec::new();
        let elements = self.streams.get(&key).map_or(&[][..], |instance| &instance.elements);
        for element in content.iter().filter_map(|number| elements.get(*number as usize)) {
            let datum = self.present(element.datum.clone());
            salts.extend(datum.salt().map(|salt| salt.0));
            let lacks = datum.lacks();
            items.push(datum.value.ok_or(lacks)?);
        }
        let array = Value::array(items).unwrap_or(Value::Null);
        let value = match form {
            SnapshotForm::Elements => array,
            SnapshotForm::Object => lens::firsts(&array).unwrap_or(Value::Null),
        };
        let parts: Vec<&[u8]> = [&b"snapshot"[..], &name[..]]
            .into_iter()
            .chain(salts.iter().map(|salt| &salt[..]))
            .collect();
        Ok(SaltedValue { value, salt: Salt(Digest::of(Domain::Salt, &parts).short()) })
    }
}
