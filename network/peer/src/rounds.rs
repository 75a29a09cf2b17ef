//! Taking turns: of several who want something, whoever was served last comes last.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use aquac_ir::PeerId;

/// What waits, by whom it is for. Within one, the smallest first.
#[derive(Debug)]
pub(crate) struct Rounds<T> {
    waiting: BTreeMap<PeerId, BTreeSet<T>>,
    served: Option<PeerId>,
    len: usize,
}

impl<T> Default for Rounds<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), served: None, len: 0 }
    }
}

impl<T: Ord + Copy> Rounds<T> {
    pub(crate) fn insert(&mut self, of: PeerId, what: T) {
        self.len += usize::from(self.waiting.entry(of).or_default().insert(what));
    }

    pub(crate) fn remove(&mut self, of: PeerId, what: &T) {
        let Some(waiting) = self.waiting.get_mut(&of) else { return };
        self.len -= usize::from(waiting.remove(what));
        if waiting.is_empty() {
            self.waiting.remove(&of);
        }
    }

    /// Forgets what does not count any more.
    pub(crate) fn retain(&mut self, of: PeerId, keep: impl Fn(&T) -> bool) {
        let Some(waiting) = self.waiting.get_mut(&of) else { return };
        let before = waiting.len();
        waiting.retain(keep);
        self.len -= before - waiting.len();
        if waiting.is_empty() {
            self.waiting.remove(&of);
        }
    }

    /// The next, of those who may be served.
    pub(crate) fn peek(&self, may: impl Fn(&PeerId) -> bool) -> Option<(PeerId, T)> {
        if self.waiting.is_empty() {
            return None; // As it mostly is.
        }
        let from = self.served.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.waiting.range((from, Bound::Unbounded));
        let until = self.served.map_or(Bound::Excluded(PeerId([0; 32])), Bound::Included);
        let before = self.waiting.range((Bound::Unbounded, until));
        let next = behind.chain(before).find(|(of, _)| may(of));
        next.and_then(|(of, waiting)| Some((*of, *waiting.first()?)))
    }

    /// Takes one out; its owner was served.
    pub(crate) fn serve(&mut self, of: PeerId, what: &T) {
        self.remove(of, what);
        self.served = Some(of);
    }

    /// How many wait for this one.
    pub(crate) fn of(&self, of: &PeerId) -> usize {
        self.waiting.get(of).map_or(0, BTreeSet::len)
    }

    /// For whom something waits.
    pub(crate) fn owners(&self) -> impl Iterator<Item = &PeerId> {
        self.waiting.keys()
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_wants_much_waits_for_one_who_wants_little() {
        let [much, little] = [PeerId([1; 32]), PeerId([2; 32])];
        let mut rounds = Rounds::default();
        (0..10).for_each(|what| rounds.insert(much, what));
        (0..2).for_each(|what| rounds.insert(little, what));
        let mut served = Vec::new();
        while let Some((of, what)) = rounds.peek(|_| true) {
            rounds.serve(of, &what);
            served.push((of, what));
        }
        assert_eq!(served[..4], [(much, 0), (little, 0), (much, 1), (little, 1)]);
        assert_eq!((served.len(), rounds.len()), (12, 0));
    }

    #[test]
    fn one_who_may_not_is_passed_over() {
        let [one, two] = [PeerId([1; 32]), PeerId([2; 32])];
        let mut rounds = Rounds::default();
        rounds.insert(one, 1);
        rounds.insert(two, 2);
        assert_eq!(rounds.peek(|of| *of == two), Some((two, 2)));
        assert_eq!(rounds.peek(|_| false), None);
    }
}
