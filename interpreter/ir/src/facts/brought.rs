//! What control itself brings: who made a value leads to the step that waits for it.
//!
//! ```text
//! seq
//!   par
//!     call … at a -> $0      whoever sees this complete sees the par complete, and the step below
//!     call … at b            whoever sees only this complete has nothing for c
//!   call … [$0] at c
//! ```
//!
//! Such a step is reached without its value by a branch that has nothing to do with it. Nobody
//! needs to hear of that: who has the value tells the step's peer.

use super::{Facts, Source};
use crate::{Expr, ExprId, Node, NodeId, Place, VerifiedProgram};

/// Whether everybody who knows that the writer is done knows that the reader, which waits for it,
/// is reached, and where it happens; nothing ends it but its own peer. No loop is around them of which several iterations have one
/// instance of what is written; it has `depth` loops around itself.
pub(super) fn is_brought(
    facts: &Facts,
    program: &VerifiedProgram,
    depth: u32,
    writer: NodeId,
    reader: NodeId,
) -> bool {
    let Some(node) = program.program().node(reader) else { return false };
    is_ended_by_its_peer(facts, program, node)
        && [writer, reader].map(|node| facts.loop_depth(node)) == [depth; 2]
        && is_placed_by_header(facts, program, node)
        && what_follows(program, writer).is_some_and(|next| begins_with(program, next, reader))
}

/// Whether a step waits and cannot fail before it is done, wherever its inputs are: it computes
/// nothing from them, and what it calls, or for how many it waits, is known before.
fn is_ended_by_its_peer(facts: &Facts, program: &VerifiedProgram, node: &Node) -> bool {
    let demanded: &[ExprId] = match node {
        Node::Call { service, function, .. } => &[*service, *function],
        Node::Await { count, .. } => &[*count],
        Node::Return { .. } => &[],
        Node::Seq(_)
        | Node::Par(_)
        | Node::Try { .. }
        | Node::If { .. }
        | Node::Match { .. }
        | Node::Never
        | Node::Null
        | Node::Fail { .. }
        | Node::Let { .. }
        | Node::Push { .. }
        | Node::Snapshot { .. }
        | Node::Visit { .. }
        | Node::For { .. }
        | Node::Next { .. }
        | Node::Scope { .. } => return false,
    };
    demanded.iter().all(|expr| is_known_by_header(facts, *expr))
        && node.exprs().all(|expr| is_there(program, expr))
}

/// Whether a value is taken as it is. What is computed may be of a wrong type, or too large.
fn is_there(program: &VerifiedProgram, expr: ExprId) -> bool {
    let expr = program.program().expr(expr);
    matches!(expr, Some(Expr::Slot(_) | Expr::Arg(_) | Expr::Const(_) | Expr::Fact(_)))
}

fn is_placed_by_header(facts: &Facts, program: &VerifiedProgram, node: &Node) -> bool {
    let place = node.place().and_then(|place| program.program().place(place));
    place.into_iter().flat_map(Place::exprs).all(|expr| is_known_by_header(facts, expr))
}

/// Whether a value depends on nothing that happens.
fn is_known_by_header(facts: &Facts, expr: ExprId) -> bool {
    facts.reads(expr).iter().all(|source| matches!(source, Source::Arg(_)))
}

/// What is begun as soon as a node is complete, whatever else is not.
fn what_follows(program: &VerifiedProgram, node: NodeId) -> Option<NodeId> {
    let mut below = node;
    for above in program.ancestors(node).skip(1) {
        match program.program().node(above)? {
            Node::Seq(_) => {
                let next = program.children(above).find(|child| *child > below);
                if next.is_some() {
                    return next;
                }
            }
            Node::Par(_)
            | Node::Try { .. }
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Scope { .. } => {}
            Node::For { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Call { .. }
            | Node::Let { .. }
            | Node::Push { .. }
            | Node::Snapshot { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::Next { .. }
            | Node::Return { .. } => return None,
        }
        below = above;
    }
    None
}

/// Whether a node begins as soon as one around it does.
fn begins_with(program: &VerifiedProgram, around: NodeId, node: NodeId) -> bool {
    let mut below = node;
    for above in program.ancestors(node) {
        let first = above == node
            || match program.program().node(above) {
                Some(Node::Seq(_) | Node::Try { .. } | Node::Scope { .. }) => {
                    below.0 == above.0 + 1
                }
                Some(Node::Par(_)) => true,
                Some(_) | None => false,
            };
        if !first {
            return false;
        }
        if above == around {
            return true;
        }
        below = above;
    }
    false
}
