//! From *scopes* to *places*: takes every `on` away and writes its place on the steps inside.
//!
//! There is nothing else to it. How the particle gets from one place to the next is not part of
//! the program: peers find the route from the two places.

use crate::placed::{Placed, PlacedKind};
use crate::plan::{Loop, PlaceId, Plan, PlanKind};

/// Places a plan whose outside is at home at `home`.
pub(crate) fn place(plan: Plan, home: PlaceId) -> Placed {
    let span = plan.span;
    let inside = |plan: Box<Plan>| Box::new(place(*plan, home));
    let all = |plans: Vec<Plan>| plans.into_iter().map(|plan| place(plan, home)).collect();
    let kind = match plan.kind {
        PlanKind::On { place: there, body } => return place(*body, there),
        PlanKind::Seq(steps) => PlacedKind::Seq(all(steps)),
        PlanKind::Par(branches) => PlacedKind::Par(all(branches)),
        PlanKind::Try { error, body, handler } => {
            PlacedKind::Try { error: Some(error), body: inside(body), handler: inside(handler) }
        }
        PlanKind::If { condition, then, otherwise } => {
            PlacedKind::If { condition, then: inside(then), otherwise: inside(otherwise) }
        }
        PlanKind::Call(call) => PlacedKind::Call { place: home, call },
        PlanKind::Let { slot, value } => PlacedKind::Let { slot, value },
        PlanKind::Wait(value) => PlacedKind::Wait(value),
        PlanKind::Push { stream, key, value } => PlacedKind::Push { stream, key, value },
        PlanKind::Snapshot { stream, slot } => PlacedKind::Snapshot { place: home, stream, slot },
        PlanKind::Await { stream, count, slot } => {
            PlacedKind::Await { place: home, stream, count, slot }
        }
        PlanKind::For(each) => {
            let Loop { over, item, mode, last, body } = *each;
            PlacedKind::For(Box::new(Loop { over, item, mode, last, body: place(body, home) }))
        }
        PlanKind::Scope { streams, body } => PlacedKind::Scope { streams, body: inside(body) },
        PlanKind::Return(values) => PlacedKind::Return(values),
    };
    Placed { kind, home, span }
}
