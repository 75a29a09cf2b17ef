//! Before and after, for certain: which nodes are over when another begins, in every run.

use crate::facts::is_concurrent;
use crate::{Iterable, LoopMode, Node, NodeId, VerifiedProgram};

/// The tree, asked about two nodes.
#[derive(Clone, Copy)]
pub(super) struct Order<'a>(pub(super) &'a VerifiedProgram);

/// How two nodes part.
#[derive(Clone, Copy)]
enum Fork {
    /// They stand in this sequence, or body and handler; the first is over before the second.
    Ordered(NodeId),
    /// They stand in different arms.
    Arms(NodeId),
    /// Neither waits for the other.
    Beside,
}

impl<'a> Order<'a> {
    pub(super) fn node(self, id: NodeId) -> Option<&'a Node> {
        self.0.program().node(id)
    }

    /// Whether the first is over, or will never be, whenever the second begins: by the sequence
    /// or the choice in which both stand. `once` says of a loop around it whether its iterations
    /// do not mix.
    pub(super) fn is_over(
        self,
        first: NodeId,
        second: NodeId,
        once: impl Fn(NodeId) -> bool,
    ) -> bool {
        let fork = match self.fork(first, second) {
            Fork::Ordered(fork) if !self.runs_on(first, fork) => fork,
            Fork::Arms(fork) => fork,
            Fork::Ordered(_) | Fork::Beside => return false,
        };
        self.loops_around(fork).all(once)
    }

    fn fork(self, first: NodeId, second: NodeId) -> Fork {
        if self.0.contains(first, second) {
            return Fork::Beside;
        }
        let mut below = first;
        for above in self.0.ancestors(first).skip(1) {
            if self.0.contains(above, second) {
                return match self.node(above) {
                    Some(Node::Seq(_) | Node::Try { .. }) if self.0.end(below) <= second => {
                        Fork::Ordered(above)
                    }
                    Some(Node::If { .. }) if above != second => Fork::Arms(above),
                    Some(_) | None => Fork::Beside,
                };
            }
            below = above;
        }
        Fork::Beside
    }

    /// Whether something from the node up to, not with, the outer one may go on when control has
    /// gone past it. In an explicit loop the next iteration can stand anywhere.
    pub(super) fn runs_on(self, node: NodeId, outer: NodeId) -> bool {
        self.0.ancestors(node).take_while(|above| *above != outer).any(|above| self.is_open(above))
    }

    /// Whether what is inside may go on when control has gone past it.
    pub(super) fn is_open(self, id: NodeId) -> bool {
        self.node(id).is_some_and(|node| is_concurrent(node) || is_explicit(node))
    }

    /// The loops around a node, from the inside.
    pub(super) fn loops_around(self, node: NodeId) -> impl Iterator<Item = NodeId> + use<'a> {
        let facts = self.0.facts();
        core::iter::successors(facts.innermost_loop(node), |inner| facts.innermost_loop(*inner))
    }

    /// Whether the iterations of a loop come one after the other.
    pub(super) fn is_sequential(self, each: NodeId) -> bool {
        !self.is_open(each)
    }

    /// Whether the reader cannot be reached without the writer having written.
    pub(super) fn dominates(self, writer: NodeId, reader: NodeId) -> bool {
        if self.0.contains(writer, reader) {
            // The item of a loop; the error of an attempt, in the handler.
            let attempt = matches!(self.node(writer), Some(Node::Try { .. }));
            return !attempt || self.0.end(NodeId(writer.0 + 1)) <= reader;
        }
        let mut below = writer;
        for above in self.0.ancestors(writer).skip(1) {
            match self.node(above) {
                Some(Node::Seq(_)) if self.0.contains(above, reader) => {
                    return self.0.end(below) <= reader;
                }
                Some(Node::Seq(_) | Node::Scope { .. }) => below = above,
                Some(_) | None => return false,
            }
        }
        false
    }

    /// Whether control that fails here does not come to the other node: it stands further down
    /// in the same sequence, below all that catches, with no loop around.
    pub(super) fn skips(self, failing: NodeId, node: NodeId) -> bool {
        if self.loops_around(failing).next().is_some() {
            return false;
        }
        let mut below = failing;
        for above in self.0.ancestors(failing).skip(1) {
            let inside = self.0.contains(above, node);
            match self.node(above) {
                Some(Node::Seq(_)) if inside => return self.0.end(below) <= node,
                Some(Node::Seq(_) | Node::Scope { .. } | Node::If { .. } | Node::Match { .. })
                    if !inside => {}
                // In the handler; a body is caught.
                Some(Node::Try { .. }) if !inside && below.0 != above.0 + 1 => {}
                Some(_) | None => return false,
            }
            below = above;
        }
        false
    }

    /// Whether a node itself can fail: what happens at a peer always can, and so can what asks for
    /// a value of some type.
    pub(super) fn can_fail(self, id: NodeId) -> bool {
        self.node(id).is_some_and(|node| {
            let fallible = |expr| self.0.facts().is_fallible(expr);
            let demands = matches!(
                node,
                Node::Fail { .. }
                    | Node::If { .. }
                    | Node::Match { .. }
                    | Node::Push { key: Some(_), .. }
                    | Node::For { iterable: Iterable::Array(_) | Iterable::Entries(_), .. }
            );
            node.place().is_some() || demands || node.exprs().any(fallible)
        })
    }
}

const fn is_explicit(node: &Node) -> bool {
    matches!(
        node,
        Node::For { mode: LoopMode::Explicit | LoopMode::InOrder, .. }
            | Node::For { iterable: Iterable::Live(_), .. }
    )
}
