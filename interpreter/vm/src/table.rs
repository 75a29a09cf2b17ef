//! Tables: what was met, in the order in which it was met, found in constant time by its key.
//!
//! Keys come in any order and by the ten thousands, so neither a sorted list nor a tree will do:
//! the one moves what stands behind a new key, the other asks the allocator at every few. Nothing
//! is ever taken out. The order is that of coming, so whoever goes through a table sees the same
//! order whenever the same things were done.
//!
//! Up to [`SCANNED`] entries are looked through one by one; beyond, places are found through an
//! open-addressed list of numbers, which is the same code for every kind of key. Whoever makes keys
//! that collide on purpose buys a look at as many entries as it made.

use alloc::boxed::Box;
use alloc::vec::Vec;

use aquac_ir::{Digest, ExprId, NodeId, SlotId, StreamId};

use crate::Iteration;
use crate::activation::ActId;
use crate::few::{room, room_for};
use crate::path::PathId;

/// Entries up to which no index is kept.
const SCANNED: usize = 8;

/// Where entries are, by the hash of their keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// A power of two of them, at most three quarters in use: 0, or the place of an entry plus 1.
    slots: Vec<u32>,
}

impl Index {
    fn first(&self, hash: u32) -> usize {
        // The upper bits of a product depend on all bits of its factors.
        let spread = u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        (spread as usize) & self.slots.len().wrapping_sub(1)
    }

    /// The place of the entry with this hash for which `is` holds, among `count`.
    pub(crate) fn find(
        &self,
        hash: u32,
        count: usize,
        mut is: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        self.look(hash, count, &mut is)
    }

    /// A page loads this once for all kinds of keys; elsewhere each has its own, which is faster.
    #[cfg_attr(target_family = "wasm", inline(never))]
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn look(&self, hash: u32, count: usize, is: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return (0..u32::try_from(count).unwrap_or(u32::MAX)).find(|place| is(*place));
        }
        let mut at = self.first(hash);
        loop {
            let place = self.slots.get(at)?.checked_sub(1)?;
            if is(place) {
                return Some(place);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Makes room for so many in all, of which `there` are there: nothing is placed again then.
    pub(crate) fn reserve(&mut self, there: usize, all: usize, hash_of: impl Fn(u32) -> u32) {
        if all > SCANNED && all * 4 > self.slots.len() * 3 {
            self.grow(all, there, &hash_of);
        }
    }

    /// Adds the entry at the end of `count` that are there with it.
    pub(crate) fn add(&mut self, count: usize, hash_of: impl Fn(u32) -> u32) {
        if count > SCANNED || !self.slots.is_empty() {
            self.place(count, &hash_of);
        }
    }

    #[cfg_attr(target_family = "wasm", inline(never))]
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn place(&mut self, count: usize, hash_of: &dyn Fn(u32) -> u32) {
        let all = u32::try_from(count).expect("a run has fewer than 2^32 things of a kind");
        if count * 4 > self.slots.len() * 3 {
            return self.grow(count, count, hash_of);
        }
        self.put(hash_of(all - 1), all - 1);
    }

    /// Makes room for twice `count` entries, and places those that are `there` again.
    fn grow(&mut self, count: usize, there: usize, hash_of: &dyn Fn(u32) -> u32) {
        self.slots = alloc::vec![0; (count * 2).next_power_of_two()];
        let there = u32::try_from(there).expect("a run has fewer than 2^32 things of a kind");
        (0..there).for_each(|place| self.put(hash_of(place), place));
    }

    fn put(&mut self, hash: u32, place: u32) {
        let (mut at, last) = (self.first(hash), self.slots.len() - 1);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                *slot = place + 1;
                return;
            }
            at = (at + 1) & last;
        }
    }
}

/// What a table may be asked for.
pub(crate) trait Key: Eq {
    /// The same for equal keys, and different for most others.
    fn hash(&self) -> u32;
}

/// Entries with keys. Most tables of a run stay empty, and take the room of a pointer.
#[derive(Debug, Clone)]
pub(crate) struct Table<K, V>(Option<Box<Entries<K, V>>>);

#[derive(Debug, Clone)]
struct Entries<K, V> {
    index: Index,
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: Key, V> Table<K, V> {
    fn entries(&mut self) -> &mut Entries<K, V> {
        let empty = || Box::new(Entries { index: Index::default(), entries: Vec::new() });
        self.0.get_or_insert_with(empty)
    }

    /// Makes room for so many more at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        let Entries { index, entries } = self.entries();
        room_for(entries, count);
        index.reserve(entries.len(), entries.len() + count, |place| {
            entries.get(place as usize).map_or(0, |(key, _)| key.hash())
        });
    }

    /// In the order of coming.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let entries = self.0.as_ref().map_or(&[][..], |all| &all.entries);
        entries.iter().map(|(key, value)| (key, value))
    }

    /// The place of a key in the order of coming: it stays the same.
    pub(crate) fn place(&self, key: &K) -> Option<u32> {
        let all = self.0.as_ref()?;
        let is =
            |place: u32| all.entries.get(place as usize).is_some_and(|(there, _)| there == key);
        all.index.find(key.hash(), all.entries.len(), is)
    }

    /// The entry at a place.
    pub(crate) fn at(&self, place: u32) -> Option<&(K, V)> {
        self.0.as_ref()?.entries.get(place as usize)
    }

    /// The value at a place.
    pub(crate) fn at_mut(&mut self, place: u32) -> Option<&mut V> {
        self.0.as_mut()?.entries.get_mut(place as usize).map(|(_, value)| value)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.at(self.place(key)?).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.place(key)?;
        self.at_mut(place)
    }

    /// The place of a key, which is added if it is new.
    pub(crate) fn or_add(&mut self, key: K, new: impl FnOnce() -> V) -> u32 {
        if let Some(place) = self.place(&key) {
            return place;
        }
        let Entries { index, entries } = self.entries();
        room(entries);
        entries.push((key, new()));
        index.add(entries.len(), |place| {
            entries.get(place as usize).map_or(0, |(key, _)| key.hash())
        });
        u32::try_from(entries.len() - 1).unwrap_or(u32::MAX)
    }

    /// The value of a key; a new one if there is none.
    pub(crate) fn or_insert(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        let place = self.or_add(key, new);
        self.at_mut(place).expect("it was found or put there")
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let mut value = Some(value);
        let there = self.or_insert(key, || value.take().expect("it is made at most once"));
        if let Some(value) = value {
            *there = value;
        }
    }
}

/// One hash of two.
pub(crate) const fn both(one: u32, other: u32) -> u32 {
    one.rotate_left(16).wrapping_mul(0x85EB_CA6B) ^ other.wrapping_mul(0xC2B2_AE35)
}

/// The hash of bytes that are themselves a hash or a key: their first four.
pub(crate) fn first_bytes(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |hash, byte| hash << 8 | u32::from(*byte))
}

impl Key for Digest {
    fn hash(&self) -> u32 {
        first_bytes(&self.0)
    }
}

impl Key for [u8; 16] {
    fn hash(&self) -> u32 {
        first_bytes(self)
    }
}

impl Key for ExprId {
    fn hash(&self) -> u32 {
        self.0
    }
}

impl Key for ActId {
    fn hash(&self) -> u32 {
        self.0
    }
}

impl Key for (NodeId, PathId) {
    fn hash(&self) -> u32 {
        both(self.0.0, self.1.number())
    }
}

impl Key for (SlotId, PathId) {
    fn hash(&self) -> u32 {
        both(self.0.0, self.1.number())
    }
}

impl Key for (StreamId, PathId) {
    fn hash(&self) -> u32 {
        both(self.0.0, self.1.number())
    }
}

/// The n-th of several at one place.
impl Key for (NodeId, PathId, u32) {
    fn hash(&self) -> u32 {
        both(both(self.0.0, self.1.number()), self.2)
    }
}

impl Key for (PathId, Iteration) {
    fn hash(&self) -> u32 {
        let step = match &self.1 {
            Iteration::Index(index) => *index,
            Iteration::Named(name) => first_bytes(name),
        };
        both(self.0.number(), step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_keeps_its_place() {
        let mut table = Table::default();
        for number in 0..5_000_u32 {
            let key = ExprId(number.wrapping_mul(0x9E37_79B9));
            assert_eq!(table.or_add(key, || number), number);
            assert_eq!(table.or_add(key, || 0), number);
        }
        for number in 0..5_000_u32 {
            assert_eq!(table.get(&ExprId(number.wrapping_mul(0x9E37_79B9))), Some(&number));
            let other = ExprId(number.wrapping_mul(0x9E37_79B9) ^ (1 << 31));
            assert_eq!(table.get(&other), None);
        }
        table.insert(ExprId(0), 7);
        assert_eq!((table.get(&ExprId(0)), table.iter().count()), (Some(&7), 5_000));
    }

    #[test]
    fn room_that_is_made_early_changes_nothing() {
        for (before, more) in [(0, 3), (0, 9), (3, 5), (3, 6), (8, 1), (20, 4), (20, 400)] {
            let mut table = Table::default();
            (0..before).for_each(|number| table.insert(ExprId(number), number));
            table.reserve(more as usize);
            (before..before + more + 2).for_each(|number| table.insert(ExprId(number), number));
            for number in 0..before + more + 2 {
                assert_eq!(table.get(&ExprId(number)), Some(&number));
            }
            assert_eq!(table.get(&ExprId(before + more + 2)), None);
        }
    }

    #[test]
    fn keys_that_collide_are_told_apart() {
        let mut table = Table::default();
        for number in 0..100_u8 {
            let mut key = [0; 16];
            key[15] = number;
            table.insert(key, number);
        }
        for number in 0..100_u8 {
            let mut key = [0; 16];
            key[15] = number;
            assert_eq!(table.get(&key), Some(&number));
        }
    }
}
