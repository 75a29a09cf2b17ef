//! Waits for elements of a stream that are certainly there already.
//!
//! What a peer has fixed of a stream stays: a later wait at the same place, for no more elements,
//! gives the same ones. So it becomes another name for what the earlier one got.

use aquac_ir::Value;

use crate::placed::{Placed, PlacedKind};
use crate::plan::{PlaceId, StreamId};
use crate::terms::{SlotId, TermId, Terms};

/// A wait that is over when control gets here.
#[derive(Debug, Clone, Copy)]
struct Gate {
    place: PlaceId,
    stream: StreamId,
    count: TermId,
    slot: SlotId,
}

/// Replaces waits by names.
pub(super) fn gates(mut placed: Placed, terms: &mut Terms) -> Placed {
    walk(&mut placed, &mut Vec::new(), terms);
    placed
}

/// Leaves in `passed` the waits that are certainly over when this is complete.
fn walk(placed: &mut Placed, passed: &mut Vec<Gate>, terms: &mut Terms) {
    if let PlacedKind::Await { place, stream, count, slot } = placed.kind {
        let gate = Gate { place, stream, count, slot };
        if let Some(before) = passed.iter().find(|before| covers(before, &gate, terms)) {
            let value = terms.read(before.slot);
            placed.kind = PlacedKind::Let { slot, value };
        } else {
            passed.push(gate);
        }
        return;
    }
    // Only these certainly complete everything in them.
    let keeps = matches!(placed.kind, PlacedKind::Seq(_) | PlacedKind::Scope { .. });
    for child in placed.children_mut() {
        let before = passed.len();
        walk(child, passed, terms);
        if !keeps {
            passed.truncate(before);
        }
    }
}

/// Whether one wait is for at least as many elements of the same stream at the same place.
fn covers(before: &Gate, gate: &Gate, terms: &Terms) -> bool {
    let count = |gate: &Gate| terms.constant(gate.count).and_then(Value::as_integer);
    let enough = before.count == gate.count
        || count(before).zip(count(gate)).is_some_and(|(before, now)| before >= now);
    before.place == gate.place && before.stream == gate.stream && enough
}
