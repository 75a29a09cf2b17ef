//! Which values are referred to, and the bytes of those that are here.

use alloc::vec::Vec;

use aquac_ir::{Digest, Header, SlotId, StreamId};

use crate::SaltedValue;
use crate::path::PathId;
use crate::table::Table;

/// A value that something refers to, by its number in the order of coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ValueId(u32);

/// A set of values: a bit for each.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValueSet(Vec<u32>);

impl ValueSet {
    pub(crate) fn contains(&self, value: ValueId) -> bool {
        let word = self.0.get((value.0 / u32::BITS) as usize);
        word.is_some_and(|word| word >> (value.0 % u32::BITS) & 1 == 1)
    }

    pub(crate) fn insert(&mut self, value: ValueId) {
        let at = (value.0 / u32::BITS) as usize;
        if self.0.len() <= at {
            if self.0.capacity() <= at {
                self.0.reserve_exact(at + 1 + at / 2 - self.0.len());
            }
            self.0.resize(at + 1, 0);
        }
        if let Some(word) = self.0.get_mut(at) {
            *word |= 1 << (value.0 % u32::BITS);
        }
    }
}

/// The values of a run, by digest.
#[derive(Debug)]
pub(crate) struct Values {
    known: Table<Digest, Option<SaltedValue>>,
    /// Slots and elements that were written and may still be read: candidates for travelling.
    pub(crate) cells: Vec<(SlotId, PathId)>,
    pub(crate) elements: Vec<((StreamId, PathId), u32)>,
    /// What everybody needs: control values and messages of errors.
    pub(crate) kept: Vec<ValueId>,
}

impl Values {
    pub(crate) fn new(header: &Header) -> Self {
        let (cells, elements, kept) = (Vec::new(), Vec::new(), Vec::new());
        let mut values = Self { known: Table::default(), cells, elements, kept };
        header.args.iter().for_each(|digest| values.refer(*digest));
        values
    }

    /// The value, if something refers to it.
    pub(crate) fn id(&self, digest: &Digest) -> Option<ValueId> {
        self.known.place(digest).map(ValueId)
    }

    /// The bytes, if they are here, with their digest.
    pub(crate) fn bytes(&self, value: ValueId) -> Option<(Digest, &SaltedValue)> {
        let (digest, value) = self.known.at(value.0)?;
        value.as_ref().map(|value| (*digest, value))
    }

    /// The value, if its bytes are here.
    pub(crate) fn get(&self, digest: &Digest) -> Option<&SaltedValue> {
        self.known.get(digest)?.as_ref()
    }

    /// Every value whose bytes are here.
    pub(crate) fn present(&self) -> impl Iterator<Item = &SaltedValue> {
        self.known.iter().filter_map(|(_, value)| value.as_ref())
    }

    /// Forgets what was written, not what is known.
    pub(crate) fn start_again(&mut self) {
        self.cells.clear();
        self.elements.clear();
        self.kept.clear();
    }

    /// Makes room for so many more at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.known.reserve(count);
    }

    /// Something refers to this value.
    pub(crate) fn refer(&mut self, digest: Digest) {
        self.known.or_add(digest, || None);
    }

    /// Everybody needs this value.
    pub(crate) fn keep_for_all(&mut self, digest: &Digest) {
        self.kept.extend(self.id(digest));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let mut set = ValueSet::default();
        let inside = [0, 31, 32, 700, 701];
        inside.into_iter().for_each(|value| set.insert(ValueId(value)));
        let found: Vec<u32> = (0..1_000).filter(|value| set.contains(ValueId(*value))).collect();
        assert_eq!(found, inside);
    }
}
