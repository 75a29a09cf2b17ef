//! From the cost of a function to what stands beside the steps of its route.

use std::collections::HashMap;

use aquac_base::Span;

use super::{Route, RouteStep};
use crate::guarantee::cost::{Cost, LineCost};

/// The lines whose cost has not been shown yet.
pub(super) struct Costs<'a>(HashMap<Span, &'a LineCost>);

impl<'a> Costs<'a> {
    pub(super) fn of(route: &'a Route) -> Self {
        let lines = route.cost.iter().flat_map(|cost| &cost.lines);
        Self(lines.map(|line| (line.span, line)).collect())
    }

    /// `+2 hops, 766 bytes` at the first step of a line that costs something.
    pub(super) fn take(&mut self, step: &RouteStep) -> Option<String> {
        let line = self.0.remove(&step.span)?;
        Some(format!("+{}, {}", line.hops.plain("hop"), line.bytes.plain("byte")))
    }
}

/// `4 hops, 2 round trips, about 1366 + 2 * |x| bytes`.
pub(super) fn total(cost: &Cost) -> String {
    let (hops, trips) = (cost.hops.counted("hop"), cost.trips().counted("round trip"));
    format!("{hops}, {trips}, about {}", cost.bytes.plain("byte"))
}
