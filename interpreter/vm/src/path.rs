//! Iteration paths as numbers: a path that was met once is a node of a tree, and compares and
//! extends in constant time.

use alloc::vec::Vec;

use crate::Iteration;
use crate::table::Table;

/// A path, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathId(u32);

impl PathId {
    /// Outside all loops.
    pub(crate) const ROOT: Self = Self(0);

    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

/// All paths that were met.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// Path `n` is at place `n - 1`: the path around it with its last step, and how many loops it
    /// goes through.
    links: Table<(PathId, Iteration), u32>,
}

impl Paths {
    /// Makes room for so many more at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.links.reserve(count);
    }

    fn link(&self, path: PathId) -> Option<&((PathId, Iteration), u32)> {
        self.links.at(path.0.checked_sub(1)?)
    }

    /// How many loops it goes through.
    pub(crate) fn depth(&self, path: PathId) -> u32 {
        self.link(path).map_or(0, |(_, depth)| *depth)
    }

    /// The path without its last step.
    pub(crate) fn parent(&self, path: PathId) -> PathId {
        self.link(path).map_or(PathId::ROOT, |((parent, _), _)| *parent)
    }

    /// The last step.
    pub(crate) fn last(&self, path: PathId) -> Option<Iteration> {
        self.link(path).map(|((_, step), _)| *step)
    }

    /// One step further.
    pub(crate) fn child(&mut self, parent: PathId, step: Iteration) -> PathId {
        let depth = self.depth(parent) + 1;
        PathId(self.links.or_add((parent, step), || depth) + 1)
    }

    /// The path with these steps.
    pub(crate) fn intern(&mut self, steps: &[Iteration]) -> PathId {
        steps.iter().fold(PathId::ROOT, |path, step| self.child(path, *step))
    }

    /// The path with these steps, if it was ever met.
    pub(crate) fn find(&self, steps: &[Iteration]) -> Option<PathId> {
        let next = |path, step: &Iteration| Some(PathId(self.links.place(&(path, *step))? + 1));
        steps.iter().try_fold(PathId::ROOT, next)
    }

    /// The first `depth` steps.
    pub(crate) fn prefix(&self, path: PathId, depth: u32) -> PathId {
        let mut path = path;
        while self.depth(path) > depth {
            path = self.parent(path);
        }
        path
    }

    /// The steps.
    pub(crate) fn steps(&self, path: PathId) -> Vec<Iteration> {
        let mut steps: Vec<Iteration> =
            core::iter::successors(Some(path), |path| Some(self.parent(*path)))
                .map_while(|path| self.last(path))
                .collect();
        steps.reverse();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_number_whenever_it_is_met() {
        let mut paths = Paths::default();
        let steps = [Iteration::Index(3), Iteration::Named([7; 16]), Iteration::Index(0)];
        let path = paths.intern(&steps);
        assert_eq!(paths.intern(&steps), path);
        assert_eq!(paths.find(&steps), Some(path));
        assert_eq!(paths.steps(path), steps);
        assert_eq!(paths.steps(paths.prefix(path, 1)), steps[..1]);
        assert_eq!(paths.find(&steps[1..]), None);
    }
}
