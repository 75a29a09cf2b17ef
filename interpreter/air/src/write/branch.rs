//! What must come home from a branch: the reference reports only branches whose results somebody
//! needs.

use aquac_ir::{Iterable, Last, LoopMode, Node, NodeId, Output, Variable};

use crate::write::Writer;

/// How control leaves a branch of a parallel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// It stays where it ends.
    Nothing,
    /// It goes towards home, because the workflow goes on behind the branch.
    Towards,
    /// It goes home, because what it made is read outside.
    Report,
}

impl Writer<'_> {
    /// How control leaves a branch of `parallel`, which is a `Par` or a loop.
    pub(super) fn exit(&self, parallel: NodeId, branch: NodeId) -> Exit {
        if self.is_read_outside(branch) {
            Exit::Report
        } else if self.goes_on(parallel, branch) {
            Exit::Towards
        } else {
            Exit::Nothing
        }
    }

    fn below(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        (node.0..self.verified.end(node).0).map(NodeId)
    }

    fn is_read_outside(&self, branch: NodeId) -> bool {
        self.below(branch).any(|node| {
            let Some(content) = self.program.node(node) else { return false };
            let stream = if let Node::Push { stream, .. }
            | Node::Call { output: Output::Stream(stream), .. } = content
            {
                Some(*stream)
            } else {
                None
            };
            let slot = content.written_slot().map(Variable::Slot);
            let mut written = slot.into_iter().chain(stream.map(Variable::Stream));
            written.any(|variable| {
                let readers = &self.verified.facts().variable(variable).readers;
                readers.iter().any(|reader| !self.verified.contains(branch, *reader))
            })
        })
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
