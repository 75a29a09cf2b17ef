//! Control values: what decides which steps there are. A peer follows a run by walking its tree,
//! so it needs them all, for ever; any other value it needs only for steps of its own.

use alloc::vec::Vec;

use super::{Facts, Source};
use crate::{ExprId, Iterable, Node, VerifiedProgram};

/// Rounds after which everything counts as control, which is always safe. Programs in which values
/// are computed before they are used need one or two.
const MAX_ROUNDS: usize = 64;

pub(super) fn find_control(facts: &mut Facts, program: &VerifiedProgram) {
    facts.args_control = alloc::vec![false; program.program().parameters.len()];
    let mut deciding: Vec<ExprId> = Vec::new();
    for (id, node) in super::nodes(program) {
        deciding.extend(
            deciding_exprs(node)
                .filter(|(expr, always)| *always || facts.is_fallible(*expr))
                .map(|(expr, _)| expr),
        );
        for place in node.place().into_iter().chain(program.home(id)) {
            deciding
                .extend(program.program().place(place).into_iter().flat_map(crate::Place::exprs));
        }
    }
    mark(facts, &deciding);
    for _ in 0..MAX_ROUNDS {
        if !spread(facts, program) {
            return;
        }
    }
    for facts in facts.slots.iter_mut().chain(&mut facts.streams) {
        facts.control = true;
    }
    facts.args_control.fill(true);
}

/// The expressions of a node, each with whether its value decides control even if it cannot fail.
fn deciding_exprs(node: &Node) -> impl Iterator<Item = (ExprId, bool)> {
    let always = matches!(
        node,
        Node::If { .. }
            | Node::Match { .. }
            | Node::Fail { .. }
            | Node::Await { .. }
            | Node::For { iterable: Iterable::Array(_) | Iterable::Entries(_), .. }
    );
    // The names of a call must be texts, and the key of a map a text or an integer.
    let named = if matches!(node, Node::Call { .. }) {
        2
    } else {
        usize::from(matches!(node, Node::Push { key: Some(_), .. }))
    };
    node.exprs().enumerate().map(move |(at, expr)| (expr, always || at < named))
}

fn mark(facts: &mut Facts, exprs: &[ExprId]) -> bool {
    let mut changed = false;
    for expr in exprs {
        let sources: Vec<Source> = facts.reads(*expr).to_vec();
        for source in sources {
            let entry = match source {
                Source::Slot(slot) => {
                    facts.slots.get_mut(slot.index()).map(|facts| &mut facts.control)
                }
                Source::Arg(arg) => facts.args_control.get_mut(arg.index()),
            };
            if let Some(control) = entry {
                changed |= !core::mem::replace(control, true);
            }
        }
    }
    changed
}

/// One round: from slots that are control to what they are computed from, backwards, so that one
/// round is enough for values that are computed before they are used.
fn spread(facts: &mut Facts, program: &VerifiedProgram) -> bool {
    let mut changed = false;
    for node in program.program().nodes.iter().rev() {
        if let Node::Let { slot, expr } = node
            && facts.slot(*slot).control
        {
            changed |= mark(facts, &[*expr]);
        } else if let Node::For { iterable: Iterable::Live(stream), item, .. } = node
            && facts.slot(*item).control
        {
            if let Some(facts) = facts.streams.get_mut(stream.index()) {
                changed |= !core::mem::replace(&mut facts.control, true);
            }
        } else if let Node::Push { stream, key, value } = node
            && facts.stream(*stream).control
        {
            changed |= mark(facts, &[*value]);
            changed |= key.is_some_and(|key| mark(facts, &[key]));
        }
    }
    changed
}
