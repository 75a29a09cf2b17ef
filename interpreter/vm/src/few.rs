//! Small maps and sets: sorted lists that take no room while they are empty and grow from one
//! entry. Most maps of a run that waits have none or one; a node of a tree has room for eleven.
//!
//! What comes in the order of its keys is appended. Anything else moves what stands behind it, so
//! what is kept here is bounded by the peers of a run, or is small. Everything else has a
//! [`Table`](crate::table::Table).

use alloc::vec::Vec;

use crate::activation::ActId;

/// Makes room for one more, and for half as many again as there are.
#[cfg_attr(target_family = "wasm", inline(never))]
pub(crate) fn room<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        room_for(list, 1);
    }
}

/// Makes room for so many more at once, and for half as many again as there are.
#[cfg_attr(target_family = "wasm", inline(never))]
pub(crate) fn room_for<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact((list.len() / 2).max(more));
    }
}

/// A sorted list of keys with values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Few<K, V>(Vec<(K, V)>);

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Few<K, V> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Makes room for so many more at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        room_for(&mut self.0, count);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the keys.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Key and value, in order.
    pub(crate) fn into_entries(self) -> alloc::vec::IntoIter<(K, V)> {
        self.0.into_iter()
    }
}

impl<K: Ord + Copy, V> Few<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if last < key => Err(self.0.len()),
            Some(_) => self.0.binary_search_by(|(there, _)| there.cmp(key)),
            None => Err(0),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let at = self.find(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// What stands from a key on, in order.
    pub(crate) fn from(&self, key: &K) -> impl Iterator<Item = (&K, &V)> {
        let (Ok(at) | Err(at)) = self.find(key);
        self.0.iter().skip(at).map(|(key, value)| (key, value))
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// The value of a key; a new one if there is none.
    pub(crate) fn or_insert(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                room(&mut self.0);
                self.0.insert(at, (key, new()));
                at
            }
        };
        self.0.get_mut(at).map(|(_, value)| value).expect("it was found or put there")
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let mut value = Some(value);
        let there = self.or_insert(key, || value.take().expect("it is made at most once"));
        if let Some(value) = value {
            *there = value;
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.find(key).ok()?;
        Some(self.0.remove(at).1)
    }
}

/// Activations, in the order of starting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acts(Vec<ActId>);

impl Acts {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn insert(&mut self, id: ActId) {
        let at = match self.0.last() {
            Some(last) if *last < id => Err(self.0.len()),
            Some(_) => self.0.binary_search(&id),
            None => Err(0),
        };
        if let Err(at) = at {
            room(&mut self.0);
            self.0.insert(at, id);
        }
    }

    pub(crate) fn remove(&mut self, id: ActId) {
        self.0.retain(|there| *there != id);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ActId> {
        self.0.iter()
    }

    /// Takes the first one out.
    pub(crate) fn pop(&mut self) -> Option<ActId> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Takes them all out.
    pub(crate) fn take(&mut self) -> alloc::vec::IntoIter<ActId> {
        core::mem::take(&mut self.0).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_order_of_coming_the_order_of_keys_is_kept() {
        let mut few = Few::new();
        for key in [3, 1, 2, 5, 4, 1] {
            *few.or_insert(key, || 0) += key;
        }
        few.insert(5, 0);
        assert_eq!(few.remove(&3), Some(3));
        assert_eq!(few.remove(&3), None);
        assert_eq!(few.into_entries().collect::<Vec<_>>(), [(1, 2), (2, 2), (4, 4), (5, 0)]);
    }

    #[test]
    fn an_activation_is_in_a_set_once() {
        let mut acts = Acts::new();
        [2, 1, 2, 3, 1].into_iter().for_each(|id| acts.insert(ActId(id)));
        assert_eq!(acts.take().collect::<Vec<_>>(), [ActId(1), ActId(2), ActId(3)]);
        assert!(acts.is_empty());
    }
}
