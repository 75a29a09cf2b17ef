//! What must come home from a branch: the reference reports only branches whose results somebody
//! needs.

use alloc::vec::Vec;

use aquac_ir::{Iterable, Last, LoopMode, Node, NodeId, Output, Variable};

use crate::write::Writer;

/// How control leaves a branch of a parallel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exit {
    /// It stays where it ends.
    Nothing,
    /// It goes towards home, because the workflow goes on behind the branch.
    Towards,
    /// It goes to the homes of these parallels, because what it made is read there.
    Report(Vec<NodeId>),
}

impl Writer<'_> {
    /// How control leaves a branch of `parallel`, which is a `Par` or a loop.
    pub(super) fn exit(&self, parallel: NodeId, branch: NodeId) -> Exit {
        let homes = self.read_at(parallel, branch);
        let is_loop = matches!(self.program.node(parallel), Some(Node::For { .. }));
        // Where every iteration goes on behind its loop, each brings along what it made.
        let goes_on = self.goes_on(parallel, branch);
        match (homes.is_empty(), goes_on) {
            (false, true) if is_loop => Exit::Towards,
            (false, _) => Exit::Report(homes),
            (true, true) => Exit::Towards,
            (true, false) => Exit::Nothing,
        }
    }

    fn below(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        (node.0..self.verified.end(node).0).map(NodeId)
    }

    /// The parallels, from the inside out, behind which something that the branch makes is first
    /// read. Whoever goes on behind an inner one does so once, with what came first; so each
    /// branch goes as far as its own results must.
    fn read_at(&self, parallel: NodeId, branch: NodeId) -> Vec<NodeId> {
        let levels = self.levels(parallel, branch);
        let mut needed = alloc::vec![false; levels.len()];
        for node in self.below(branch) {
            for variable in self.written(node) {
                let readers = &self.verified.facts().variable(variable).readers;
                let behind = |within: &NodeId| {
                    readers.iter().any(|reader| !self.verified.contains(*within, *reader))
                };
                // The first level whose surroundings, up to the next one, hold a reader.
                let level = levels.iter().enumerate().position(|(at, (_, within))| {
                    let outside = |reader: &NodeId| !self.verified.contains(*within, *reader);
                    let inside = |reader: &NodeId| {
                        levels
                            .get(at + 1)
                            .is_none_or(|(_, next)| self.verified.contains(*next, *reader))
                    };
                    behind(within) && readers.iter().any(|reader| outside(reader) && inside(reader))
                });
                if let Some(needed) = level.and_then(|level| needed.get_mut(level)) {
                    *needed = true;
                }
            }
        }
        let homes = levels.into_iter().zip(needed).filter(|(_, needed)| *needed);
        homes.map(|((parallel, _), _)| parallel).collect()
    }

    /// The pushes at the end of a branch, to streams that the branch does not read. They can wait
    /// until control is where the streams are read, so that nobody is told on the way.
    pub(super) fn last_pushes(&self, branch: NodeId) -> Vec<NodeId> {
        let mut steps = alloc::vec![branch];
        while let Some(Node::Seq(_)) = steps.last().and_then(|step| self.program.node(*step)) {
            let Some(seq) = steps.pop() else { break };
            steps.extend(self.verified.children(seq));
        }
        let mut pushes = Vec::new();
        for step in steps.into_iter().rev() {
            let Some(node) = self.program.node(step) else { break };
            if let Node::Let { expr, .. } = node
                && !self.verified.facts().is_fallible(*expr)
            {
                continue;
            }
            let is_call = matches!(node, Node::Call { output: Output::Stream(_), .. });
            if !is_call && !matches!(node, Node::Push { .. }) {
                break;
            }
            let Some(stream) = node.used_stream() else { break };
            let readers = &self.verified.facts().stream(stream).readers;
            if readers.iter().any(|reader| self.verified.contains(branch, *reader)) {
                break;
            }
            pushes.push(step);
            if is_call {
                break;
            }
        }
        pushes
    }

    /// The parallels around a branch, from the inside out, each with its branch that holds it.
    fn levels(&self, parallel: NodeId, branch: NodeId) -> Vec<(NodeId, NodeId)> {
        let mut levels = alloc::vec![(parallel, branch)];
        let mut inner = parallel;
        while let Some(outer) = self.verified.parent(inner) {
            let is_parallel = matches!(
                self.program.node(outer),
                Some(Node::Par(_) | Node::For { mode: LoopMode::Parallel, .. })
            );
            if is_parallel {
                levels.push((outer, inner));
            }
            inner = outer;
        }
        levels
    }

    fn written(&self, node: NodeId) -> impl Iterator<Item = Variable> + use<> {
        let content = self.program.node(node);
        let stream = if let Some(
            Node::Push { stream, .. } | Node::Call { output: Output::Stream(stream), .. },
        ) = content
        {
            Some(Variable::Stream(*stream))
        } else {
            None
        };
        let slot = content.and_then(Node::written_slot).map(Variable::Slot);
        slot.into_iter().chain(stream)
    }

    /// Whether something behind a parallel waits for this branch.
    fn goes_on(&self, parallel: NodeId, branch: NodeId) -> bool {
        if let Some(Node::Par(_)) = self.program.node(parallel)
            && self.verified.children(parallel).any(|other| other != branch && self.stays(other))
        {
            return false;
        }
        self.has_next(parallel)
    }

    /// Whether something comes after a node.
    fn has_next(&self, node: NodeId) -> bool {
        let mut inner = node;
        while let Some(outer) = self.verified.parent(inner) {
            let last = self.verified.end(outer) == self.verified.end(inner);
            match self.program.node(outer) {
                Some(Node::Seq(_)) if !last => return true,
                Some(Node::Par(_)) => {
                    if self
                        .verified
                        .children(outer)
                        .any(|other| other != inner && self.stays(other))
                    {
                        return false;
                    }
                }
                Some(Node::For { mode: LoopMode::Parallel, last: Last::Complete, .. }) => {
                    return false;
                }
                Some(Node::For { mode, .. }) if *mode != LoopMode::Parallel => return true,
                Some(_) | None => {}
            }
            inner = outer;
        }
        false
    }

    /// Whether a branch is over without leaving its home, so that what follows the parallel need
    /// not wait for the others.
    fn stays(&self, branch: NodeId) -> bool {
        let home = self.location(self.verified.home(branch));
        match self.program.node(branch) {
            Some(Node::For { mode: LoopMode::Parallel, last: Last::Complete, .. }) => return true,
            Some(Node::Never) => return false,
            Some(_) | None => {}
        }
        self.below(branch).all(|node| match self.program.node(node) {
            Some(Node::Never) => false,
            Some(Node::For { last: Last::Never, .. }) => false,
            Some(Node::For { iterable: Iterable::Live(_), .. }) => false,
            Some(node) => {
                node.place().is_none_or(|place| self.location(Some(place)).peer == home.peer)
            }
            None => true,
        })
    }

    /// Whether anything below a node happens at a place.
    pub(super) fn moves(&self, node: NodeId) -> bool {
        self.below(node).any(|node| {
            self.program.node(node).is_some_and(|content| {
                content.place().is_some()
                    || matches!(content, Node::Return { .. })
                    || content.exprs().any(|expr| self.needs_peer(expr))
            })
        })
    }
}
