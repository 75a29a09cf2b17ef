//! Removes what does nothing.

use aquac_ir::Value;

use crate::placed::{Placed, PlacedKind};
use crate::plan::Over;
use crate::terms::{Risk, Terms};

/// Tidies a construct and everything inside, from the inside out.
pub(super) fn tidy(mut placed: Placed, terms: &Terms) -> Placed {
    for child in placed.children_mut() {
        let home = child.home;
        let span = child.span;
        let taken = std::mem::replace(child, Placed { kind: PlacedKind::Null, home, span });
        *child = tidy(taken, terms);
    }
    match placed.kind {
        PlacedKind::Seq(steps) => sequence(steps, placed.home, placed.span),
        PlacedKind::Par(branches) if branches.iter().all(Placed::is_null) => {
            Placed { kind: PlacedKind::Null, home: placed.home, span: placed.span }
        }
        PlacedKind::Try { body, .. } if !can_fail(&body, terms) => *body,
        PlacedKind::If { condition, then, otherwise } => match terms.constant(condition) {
            Some(Value::Bool(true)) => *then,
            Some(Value::Bool(false)) => *otherwise,
            Some(_) | None => {
                let empty = then.is_null() && otherwise.is_null();
                let kind = if empty && terms.risk(condition) != Risk::Calculates {
                    PlacedKind::Null
                } else {
                    PlacedKind::If { condition, then, otherwise }
                };
                Placed { kind, home: placed.home, span: placed.span }
            }
        },
        PlacedKind::For(each) if each.body.is_null() || is_empty(each.over, terms) => {
            Placed { kind: PlacedKind::Null, home: placed.home, span: placed.span }
        }
        PlacedKind::Scope { streams, body } if streams.is_empty() || body.is_null() => *body,
        kind @ (PlacedKind::Null
        | PlacedKind::Par(_)
        | PlacedKind::Try { .. }
        | PlacedKind::Call { .. }
        | PlacedKind::Let { .. }
        | PlacedKind::Wait(_)
        | PlacedKind::Push { .. }
        | PlacedKind::Snapshot { .. }
        | PlacedKind::Await { .. }
        | PlacedKind::For(_)
        | PlacedKind::Scope { .. }
        | PlacedKind::Return(_)) => Placed { kind, home: placed.home, span: placed.span },
    }
}

/// Steps without those that do nothing; a sequence with the same home inside is part of this one.
fn sequence(steps: Vec<Placed>, home: crate::plan::PlaceId, span: aquac_base::Span) -> Placed {
    let mut flat = Vec::with_capacity(steps.len());
    for step in steps {
        if step.is_null() {
            continue;
        }
        match step {
            Placed { kind: PlacedKind::Seq(inner), home: inside, .. } if inside == home => {
                flat.extend(inner);
            }
            other => flat.push(other),
        }
    }
    match (flat.pop(), flat.is_empty()) {
        (None, _) => Placed { kind: PlacedKind::Null, home, span },
        (Some(only), true) => only,
        (Some(last), false) => {
            flat.push(last);
            Placed { kind: PlacedKind::Seq(flat), home, span }
        }
    }
}

/// Whether there is certainly nothing to run over.
fn is_empty(over: Over, terms: &Terms) -> bool {
    match over {
        Over::Array(value) => {
            terms.constant(value).and_then(Value::as_array).is_some_and(<[Value]>::is_empty)
        }
        Over::Entries(_) | Over::Live(_) => false,
    }
}

/// Whether something can fail, so that a handler around it matters.
fn can_fail(placed: &Placed, terms: &Terms) -> bool {
    let risky = |value: &crate::terms::TermId| terms.risk(*value) != Risk::None;
    let own = match &placed.kind {
        PlacedKind::Call { .. } => true,
        PlacedKind::Let { value, .. } | PlacedKind::Wait(value) => risky(value),
        PlacedKind::Push { key, value, .. } => risky(value) || key.as_ref().is_some_and(risky),
        PlacedKind::Await { count, .. } => risky(count),
        PlacedKind::If { condition, .. } => risky(condition),
        PlacedKind::For(each) => match &each.over {
            Over::Array(value) | Over::Entries(value) => risky(value),
            // Errors in iterations over a live stream are theirs alone.
            Over::Live(_) => return false,
        },
        PlacedKind::Return(values) => values.iter().any(risky),
        PlacedKind::Try { handler, .. } => return can_fail(handler, terms),
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Par(_)
        | PlacedKind::Snapshot { .. }
        | PlacedKind::Scope { .. } => false,
    };
    own || placed.children().any(|child| can_fail(child, terms))
}
