//! Which values are referred to, and the bytes of those that are here.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use aquac_ir::{Digest, Header, SlotId, StreamId};

use crate::SaltedValue;
use crate::path::PathId;

/// The values of a run, by digest.
#[derive(Debug)]
pub(crate) struct Values {
    known: BTreeMap<Digest, Option<SaltedValue>>,
    /// Slots and elements that were written and may still be read: candidates for travelling.
    pub(crate) cells: Vec<(SlotId, PathId)>,
    pub(crate) elements: Vec<((StreamId, PathId), u32)>,
    /// What everybody needs: control values and messages of errors.
    pub(crate) kept: Vec<Digest>,
}

impl Values {
    pub(crate) fn new(header: &Header) -> Self {
        let known = header.args.iter().map(|digest| (*digest, None)).collect();
        Self { known, cells: Vec::new(), elements: Vec::new(), kept: Vec::new() }
    }

    /// The value, if its bytes are here.
    pub(crate) fn get(&self, digest: &Digest) -> Option<&SaltedValue> {
        self.known.get(digest)?.as_ref()
    }

    /// Every value whose bytes are here.
    pub(crate) fn present(&self) -> impl Iterator<Item = &SaltedValue> {
        self.known.values().flatten()
    }

    /// Forgets what was written, not what is known.
    pub(crate) fn start_again(&mut self) {
        self.cells.clear();
        self.elements.clear();
        self.kept.clear();
    }

    /// Whether something that was signed refers to it.
    pub(crate) fn is_referred(&self, digest: &Digest) -> bool {
        self.known.contains_key(digest)
    }

    /// Something refers to this value.
    pub(crate) fn refer(&mut self, digest: Digest) {
        self.known.entry(digest).or_default();
    }

    /// Takes bytes in, if something refers to them. Whether they are new.
    pub(crate) fn supply(&mut self, digest: Digest, value: SaltedValue) -> Option<bool> {
        let entry = self.known.get_mut(&digest)?;
        let new = entry.is_none();
        *entry = Some(value);
        Some(new)
    }

    /// A slot was written.
    pub(crate) fn wrote(&mut self, key: (SlotId, PathId)) {
        self.cells.push(key);
    }

    /// An element was added.
    pub(crate) fn pushed(&mut self, key: (StreamId, PathId), number: u32) {
        self.elements.push((key, number));
    }
}
