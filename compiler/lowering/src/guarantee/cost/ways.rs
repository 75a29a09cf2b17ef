//! How many frames it takes from one place to another.

use crate::plan::{PlaceId, Pools};
use crate::terms::TermId;

/// The frames from one place to another: out through my relays, in through the other's; relays
/// that both have, from the outside, are passed once.
pub(super) fn hops(pools: &Pools, from: PlaceId, to: PlaceId) -> i64 {
    let (from, to) = (&pools.places[from], &pools.places[to]);
    if from.peer == to.peer {
        return 0;
    }
    let shared = from.via.iter().zip(&to.via).take_while(|(mine, theirs)| mine == theirs).count();
    let out = from.via.iter().skip(shared.saturating_sub(1)).rev();
    let mut way: Vec<TermId> = vec![from.peer];
    way.extend(out.chain(to.via.iter().skip(shared)).copied());
    way.push(to.peer);
    way.dedup();
    i64::try_from(way.len()).unwrap_or(i64::MAX) - 1
}
