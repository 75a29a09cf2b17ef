//! Conditions: a function is followed once for each way in which those can turn out that do not
//! change while it runs, so that `if c` here and `if !c` there are never both taken.

use std::collections::HashMap;

use super::MAX_NAMES;
use crate::guarantee::steps::{StepId, Steps};
use crate::placed::PlacedKind;
use crate::terms::{Term, TermId};

/// So many conditions are followed both ways. Of others both arms are followed at once.
const MAX_CONDITIONS: usize = 6;
/// Steps that are followed in all, about. A long function is followed in fewer ways.
const MAX_STEPS: usize = 1 << 17;

/// How conditions turn out.
pub(super) type World = HashMap<TermId, bool>;

/// Every way in which the conditions of a function can turn out.
pub(super) fn worlds(steps: &Steps<'_>) -> Vec<World> {
    let mut conditions: Vec<TermId> = Vec::new();
    for id in steps.all() {
        let PlacedKind::If { condition, .. } = steps.kind(id) else { continue };
        let mut found = Vec::new();
        parts(steps, *condition, MAX_NAMES, &mut found);
        found.retain(|part| is_fixed(steps, id, *part) && !conditions.contains(part));
        conditions.extend(found);
    }
    let affordable = (MAX_STEPS / steps.len().max(1)).checked_ilog2().unwrap_or_default() as usize;
    conditions.truncate(MAX_CONDITIONS.min(affordable));
    let number = 1_usize << conditions.len();
    let world = |number: usize| {
        let way = |(at, part): (usize, &TermId)| (*part, number >> at & 1 == 1);
        conditions.iter().enumerate().map(way).collect()
    };
    (0..number).map(world).collect()
}

/// What a condition is made of.
fn parts(steps: &Steps<'_>, term: TermId, names: u32, found: &mut Vec<TermId>) {
    let terms = &steps.pools().terms;
    match (terms.get(term), names.checked_sub(1)) {
        (Term::Not(of), Some(names)) => parts(steps, *of, names, found),
        (Term::And(left, right) | Term::Or(left, right), Some(names)) => {
            parts(steps, *left, names, found);
            parts(steps, *right, names, found);
        }
        _ if found.contains(&term) || terms.constant(term).is_some() => {}
        _ => found.push(term),
    }
}

/// Whether it is the same in every round of the loops around.
fn is_fixed(steps: &Steps<'_>, at: StepId, term: TermId) -> bool {
    let mut loops =
        steps.around(at).filter(|around| matches!(steps.kind(*around), PlacedKind::For(_)));
    loops.all(|each| steps.is_fixed_in(each, term))
}

/// How a condition turns out; `None` if that is not said.
pub(super) fn decide(steps: &Steps<'_>, world: &World, term: TermId, names: u32) -> Option<bool> {
    let terms = &steps.pools().terms;
    match (terms.get(term), names.checked_sub(1)) {
        (Term::Not(of), Some(names)) => decide(steps, world, *of, names).map(|is| !is),
        (Term::And(left, right), Some(names)) => {
            let sides = [*left, *right].map(|side| decide(steps, world, side, names));
            if sides.contains(&Some(false)) { Some(false) } else { sides[0].and(sides[1]) }
        }
        (Term::Or(left, right), Some(names)) => {
            let sides = [*left, *right].map(|side| decide(steps, world, side, names));
            if sides.contains(&Some(true)) { Some(true) } else { sides[0].and(sides[1]) }
        }
        _ => match terms.constant(term) {
            Some(aquac_ir::Value::Bool(is)) => Some(*is),
            Some(_) | None => world.get(&term).copied(),
        },
    }
}
