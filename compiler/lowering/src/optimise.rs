//! From placed to placed: the same effects with less.
//!
//! 1. [`tidy`] removes what does nothing: empty bodies, branches that a constant rules out,
//!    sequences of one;
//! 2. [`gates`] waits once for what a place has already waited for;
//! 3. [`snapshots`] freezes a stream once as long as it is the same;
//! 4. [`names`] removes names that nobody reads and puts values read once where they are read;
//! 5. [`scopes`] makes streams live no longer and no farther out than they are used, so that
//!    what is written to them is reported to the nearest meeting place.

mod gates;
mod names;
mod scopes;
mod snapshots;
mod tidy;

use crate::placed::Placed;
use crate::plan::Pools;

/// Does all of it.
pub(crate) fn optimise(placed: Placed, pools: &mut Pools) -> Placed {
    let placed = tidy::tidy(placed, &pools.terms);
    let placed = gates::gates(placed, &mut pools.terms);
    let placed = snapshots::snapshots(placed, &mut pools.terms);
    let placed = names::names(placed, pools);
    let placed = tidy::tidy(placed, &pools.terms);
    scopes::narrow(placed)
}
