//! What comes after what by the text of the program alone, whatever happens at run time.

use aquac_ir::{Iterable, LoopMode, Node, NodeId};

use crate::state::State;

impl State {
    /// Whether `later` comes in sequence after `step`, which cannot be passed over: whatever comes
    /// of it, the peer that does it is the one that goes on.
    pub(crate) fn comes_after(&self, step: NodeId, later: NodeId) -> bool {
        let program = &self.program;
        let mut below = step;
        for above in program.ancestors(step).skip(1) {
            let node = program.program().node(above);
            if program.contains(above, later) {
                return matches!(node, Some(Node::Seq(_))) && below < later;
            }
            let one_way = matches!(
                node,
                Some(
                    Node::Seq(_)
                        | Node::Scope { .. }
                        | Node::Try { .. }
                        | Node::If { .. }
                        | Node::Match { .. }
                )
            );
            if !one_way && !node.is_some_and(is_one_by_one) {
                return false;
            }
            below = above;
        }
        false
    }

    /// Whether the iterations of the loops around a node, below the outermost `depth`, come one
    /// after the other.
    pub(crate) fn is_in_sequence(&self, node: NodeId, depth: u32) -> bool {
        let facts = self.program.facts();
        let around = |each: NodeId| facts.innermost_loop(each);
        core::iter::successors(around(node), |each| around(*each))
            .take_while(|each| facts.loop_depth(*each) >= depth)
            .all(|each| self.program.program().node(each).is_some_and(is_one_by_one))
    }
}

/// Whether a node is a loop of which an iteration begins when the one before is over.
const fn is_one_by_one(node: &Node) -> bool {
    matches!(
        node,
        Node::For {
            mode: LoopMode::Sequential | LoopMode::UntilSuccess,
            iterable: Iterable::Array(_) | Iterable::Entries(_),
            ..
        }
    )
}
