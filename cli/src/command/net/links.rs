//! `aquac net cut` and `heal`.

use std::collections::BTreeSet;

use super::{locked, tell, unknown};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::place::Place;
use crate::net::state::{Pair, State};
use crate::project::CLIENT;

/// No link between these two from now on, whoever wants one.
pub(super) async fn cut(place: &Place, one: &str, other: &str) -> Result<Exit, Failure> {
    let (_lock, mut state) = locked(place)?;
    let pair = pair(&state, one, other)?;
    if !state.cuts.insert(pair.clone()) {
        return Err(Failure::command(format!("{one} and {other} are cut from each other already")));
    }
    changed(place, &state, &BTreeSet::from([pair])).await?;
    tell!("cut: {one} and {other}");
    Ok(Exit::Success)
}

/// Links between these two, or between all, are allowed again.
pub(super) async fn heal(place: &Place, pair_of: Option<(&str, &str)>) -> Result<Exit, Failure> {
    let (_lock, mut state) = locked(place)?;
    let healed = match pair_of {
        None => std::mem::take(&mut state.cuts),
        Some((one, other)) => {
            let pair = pair(&state, one, other)?;
            if !state.cuts.remove(&pair) {
                return Err(Failure::command(format!("{one} and {other} are not cut")));
            }
            BTreeSet::from([pair])
        }
    };
    changed(place, &state, &healed).await?;
    if healed.is_empty() {
        tell!("nothing was cut");
    }
    for Pair(one, other) in healed {
        tell!("healed: {one} and {other}");
    }
    Ok(Exit::Success)
}

fn pair(state: &State, one: &str, other: &str) -> Result<Pair, Failure> {
    for name in [one, other] {
        if name != CLIENT && !state.peers.contains_key(name) {
            return Err(unknown(state, name));
        }
    }
    if one == other {
        return Err(Failure::command(format!("`{one}` has no link with itself")));
    }
    Ok(Pair::of(one, other))
}

/// Writes it down and tells both ends of every pair. A peer that runs and does not take it now
/// does so when it can; until then the other end keeps to it alone.
async fn changed(place: &Place, state: &State, pairs: &BTreeSet<Pair>) -> Result<(), Failure> {
    place.write(state)?;
    let ends: BTreeSet<&str> =
        pairs.iter().flat_map(|Pair(one, other)| [one.as_str(), other.as_str()]).collect();
    let ends: Vec<&str> = ends.into_iter().filter(|name| place.lives(name)).collect();
    for (name, why) in tell(state, &ends).await {
        tell!("warning: {name}: {why}; it keeps to this as soon as it reads it");
    }
    Ok(())
}
