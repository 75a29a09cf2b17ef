//! `aquac net up` and `down`.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use super::tell;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::launch::{self, Stopped};
use crate::net::member::Ready;
use crate::net::place::Place;
use crate::net::state::{Member, State};
use crate::network::plan::own_peers;
use crate::processes::Processes;
use crate::project::{PeerTable, Project};

/// Starts everything. If one thing does not start, nothing stays.
pub(super) async fn up(place: &Place, more: u32) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let project = Project::of(&place.root.join("x.aqua"))?.with_more_peers(more);
    if own_peers(&project).next().is_none() {
        return Err(Failure::command(
            "there is no peer to start: add `[peers.NAME]` to aqua.toml, or say `--peers 3`",
        ));
    }
    place.make()?;
    let _lock = place.lock()?;
    refuse_second(place).await?;
    place.clear()?;
    let mut state = State::new(token()?, more);
    for (name, table) in own_peers(&project) {
        let id = project.peers.get(name).copied();
        let id = id.unwrap_or_else(|| crate::keys::development_peer(name));
        let addresses = table.listen.clone();
        state.peers.insert(name.to_owned(), Member { id, pid: None, control: 0, addresses });
    }
    let started = tokio::select! {
        started = all(place, &project, &mut state) => started,
        _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Interrupted, "interrupted")),
    };
    match started {
        Ok(()) => {
            said(&state, begun.elapsed());
            Ok(Exit::Success)
        }
        Err(failure) => {
            end_all(place, &state).await;
            // What was started and not written down yet.
            launch::stop_unknown(place).await;
            place.forget()?;
            Err(failure)
        }
    }
}

/// A network that is there already is not started again; what is left of a dead one, or of one of
/// which nobody knows any more, is stopped.
async fn refuse_second(place: &Place) -> Result<(), Failure> {
    let (state, why) = match place.read() {
        Ok(state) => (state, "gone"),
        Err(_) => (None, "damaged"),
    };
    let Some(state) = state else {
        if place.is_alive() {
            tell!("what still ran of a network whose net.json was {why} is stopped");
            launch::stop_unknown(place).await;
        }
        return place.forget();
    };
    let alive: Vec<&str> = state.names().filter(|name| place.lives(name)).collect();
    if alive.is_empty() {
        tell!("a network that had died is removed");
        launch::stop_unknown(place).await;
        return place.forget();
    }
    Err(Failure::command(format!(
        "the network `{}` is up already ({}); `aquac net down` stops it",
        place.name,
        alive.join(", ")
    )))
}

async fn all(place: &Place, project: &Project, state: &mut State) -> Result<(), Failure> {
    let tables = &project.manifest.process;
    let (mut processes, ids) = Processes::start_detached(tables, place)?;
    state.processes = ids;
    place.write(state)?;
    // Who is behind a relay must know where the relay is.
    let (behind, dialled): (Vec<_>, Vec<_>) =
        own_peers(project).partition(|(_, table)| table.relay.is_some());
    some(place, state, &dialled).await?;
    some(place, state, &behind).await?;
    let names: Vec<&str> = own_peers(project).map(|(name, _)| name).collect();
    if let Some((name, why)) = tell(state, &names).await.first() {
        return Err(Failure::new(Exit::Network, format!("the peer {name}: {why}")));
    }
    processes.ready(tables).await
}

async fn some(
    place: &Place,
    state: &mut State,
    tables: &[(&str, &PeerTable)],
) -> Result<(), Failure> {
    let mut starting = Vec::new();
    for (name, _) in tables {
        let one = launch::start(place, name)?;
        if let Some(member) = state.peers.get_mut(*name) {
            member.pid = one.pid();
        }
        starting.push(one);
    }
    place.write(state)?;
    let ready = join_all(starting.into_iter().map(|one| one.ready_in_time(place))).await;
    for ((name, _), ready) in tables.iter().zip(ready) {
        let Ready { addresses, control } = ready?;
        if let Some(member) = state.peers.get_mut(*name) {
            member.addresses = addresses;
            member.control = control;
        }
    }
    place.write(state)
}

fn said(state: &State, took: Duration) {
    let names: Vec<&str> = state.names().collect();
    let beside: Vec<&str> = state.processes.keys().map(String::as_str).collect();
    let beside =
        if beside.is_empty() { String::new() } else { format!(" beside {}", beside.join(" ")) };
    tell!("up: {}{beside} ({} ms)", names.join(" "), took.as_millis());
}

/// A secret that only who reads the network's file knows.
fn token() -> Result<String, Failure> {
    Ok(crate::keys::fresh()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Stops everything.
pub(super) async fn down(place: &Place) -> Result<Exit, Failure> {
    if !place.folder().exists() {
        return Err(place.is_not_up());
    }
    let _lock = place.lock()?;
    let known = place.read();
    let Ok(Some(state)) = known else {
        if known.is_ok() && !place.is_alive() {
            return Err(place.is_not_up());
        }
        launch::stop_unknown(place).await;
        place.forget()?;
        tell!("down: what ran of a network whose net.json was gone or damaged");
        return Ok(Exit::Success);
    };
    let ends = end_all(place, &state).await;
    place.forget()?;
    for (name, how) in ends {
        let pid = state.peers.get(&name).and_then(|member| member.pid).unwrap_or_default();
        if how != Stopped::InOrder && pid != 0 {
            tell!("{}", super::stopped(&name, pid, how));
        }
    }
    tell!("down: {}", state.names().collect::<Vec<_>>().join(" "));
    Ok(Exit::Success)
}

/// Stops all processes at once.
async fn end_all(place: &Place, state: &State) -> BTreeMap<String, Stopped> {
    let peers = state.peers.iter().map(|(name, member)| async move {
        (name.clone(), launch::stop(place, name, member.pid).await)
    });
    let ends = join_all(peers).await.into_iter().collect();
    join_all(state.processes.iter().map(|(name, pid)| launch::end(place, name, *pid))).await;
    ends
}
