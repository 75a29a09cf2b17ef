//! A map for few entries: a sorted list that takes no room when it is empty, and grows from one.
//!
//! A particle that waits holds a dozen maps of which most are empty and the rest have one entry;
//! the node of a tree has room for eleven. Inserting costs the entries behind it, so what grows
//! here is bounded by the peers of a run or the calls of an initiator.

use std::collections::BTreeSet;

/// A sorted list of keys with values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Few<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Ord + Copy, V> Few<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        self.entries.binary_search_by(|(there, _)| there.cmp(key))
    }

    fn put(&mut self, at: usize, key: K, value: V) {
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(self.entries.len().max(1));
        }
        self.entries.insert(at, (key, value));
    }

    /// Makes room for so many in all.
    pub(crate) fn expect(&mut self, all: usize) {
        self.entries.reserve_exact(all.saturating_sub(self.entries.len()));
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Replaces what is there, and gives it.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(there) = self.get_mut(&key) {
            return Some(std::mem::replace(there, value));
        }
        let (Ok(at) | Err(at)) = self.find(&key);
        self.put(at, key, value);
        None
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.find(key).ok()?;
        let (_, value) = self.entries.remove(at);
        if self.entries.is_empty() {
            self.entries = Vec::new();
        }
        Some(value)
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }
}

impl<K: Ord + Copy, V: Default> Few<K, V> {
    /// What is there, or something new.
    #[expect(clippy::indexing_slicing, reason = "the entry was found or put at this place")]
    pub(crate) fn or_default(&mut self, key: K) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                self.put(at, key, V::default());
                at
            }
        };
        &mut self.entries[at].1
    }
}

impl<K: Ord + Copy> Few<K, u32> {
    /// Raises a number, if it is less.
    pub(crate) fn raise(&mut self, key: K, number: u32) {
        let there = self.or_default(key);
        *there = number.max(*there);
    }
}

impl<K: Ord + Copy> FromIterator<K> for Few<K, ()> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let sorted: BTreeSet<K> = keys.into_iter().collect();
        Self { entries: sorted.into_iter().map(|key| (key, ())).collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_does_what_a_map_does_and_takes_no_more_room_than_twice_its_entries() {
        let (mut few, mut map) = (Few::default(), BTreeMap::new());
        let mut next = 1_u32;
        for _ in 0..2_000 {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (key, value) = ((next >> 8) % 40, next >> 20);
            match next % 5 {
                0 | 1 => assert_eq!(few.insert(key, value), map.insert(key, value)),
                2 => *few.or_default(key) = *map.entry(key).or_default(),
                3 => assert_eq!(few.get_mut(&key), map.get_mut(&key)),
                _ => assert_eq!(few.remove(&key), map.remove(&key)),
            }
            assert_eq!(few.entries, map.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>());
            assert_eq!((few.len(), few.get(&key)), (map.len(), map.get(&key)));
        }
        for key in few.iter().map(|(key, _)| *key).collect::<Vec<_>>() {
            few.remove(&key);
        }
        assert_eq!(few.entries.capacity(), 0);
        few.insert(1, 1);
        assert_eq!(few.entries.capacity(), 1);
    }
}
