//! `aquac net ps`: what runs, where, and which links are cut.

use futures::future::join_all;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::control::{self, Ask, NoAnswer, Reply, Working};
use crate::net::place::Place;
use crate::net::state::{Member, Pair, State};
use crate::output::say;

/// How a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Health {
    /// It answers.
    Up,
    /// It was stopped with `aquac net stop`.
    Stopped,
    /// Its process is gone, and nobody stopped it.
    Died,
    /// Its process is there and does not answer.
    Silent,
}

impl Health {
    const fn label(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Stopped => "stopped",
            Self::Died => "died",
            Self::Silent => "silent",
        }
    }
}

/// One line.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    state: Health,
    pid: Option<u32>,
    id: String,
    addresses: &'a [String],
    working: Option<Working>,
}

/// The answer as data. Its form is an interface.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    schema: &'static str,
    name: &'a str,
    peers: Vec<Row<'a>>,
    processes: Vec<Beside<'a>>,
    cuts: Vec<[&'a str; 2]>,
}

#[derive(Debug, Serialize)]
struct Beside<'a> {
    name: &'a str,
    state: Health,
    pid: u32,
}

/// As a table.
pub(super) async fn table(place: &Place) -> Result<Exit, Failure> {
    let state = place.read_up()?;
    let listing = listing(place, &state).await;
    let width = |names: &mut dyn Iterator<Item = &str>| names.map(str::len).max().unwrap_or(0);
    let peers = &mut listing.peers.iter().map(|row| row.name);
    let beside = &mut listing.processes.iter().map(|one| one.name);
    let wide = width(peers).max(width(beside)).max(4);
    say(format!("{:wide$}  {:7}  {:>7}  {:24}  {}", "NAME", "STATE", "PID", "ADDRESS", "ID"));
    for Row { name, state, pid, id, addresses, .. } in &listing.peers {
        let pid = pid.map(|pid| pid.to_string()).unwrap_or_else(|| "-".to_owned());
        let address = addresses.first().map_or("-", String::as_str);
        say(format!("{name:wide$}  {:7}  {pid:>7}  {address:24}  {id}", state.label()));
    }
    for Beside { name, state, pid } in &listing.processes {
        say(format!("{name:wide$}  {:7}  {pid:>7}", state.label()));
    }
    for [one, other] in &listing.cuts {
        say(format!("cut: {one} and {other}"));
    }
    Ok(Exit::Success)
}

/// As JSON.
pub(super) async fn json(place: &Place) -> Result<Exit, Failure> {
    let state = place.read_up()?;
    let listing = listing(place, &state).await;
    let text = serde_json::to_string(&listing)
        .map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    say(text);
    Ok(Exit::Success)
}

async fn listing<'a>(place: &'a Place, state: &'a State) -> Listing<'a> {
    let rows = state.peers.iter().map(|(name, member)| row(place, &state.token, name, member));
    let processes = state.processes.iter().map(|(name, pid)| {
        let health = if place.process_lives(name) { Health::Up } else { Health::Died };
        Beside { name, state: health, pid: *pid }
    });
    Listing {
        schema: "aquac.net.ps/1",
        name: &place.name,
        peers: join_all(rows).await,
        processes: processes.collect(),
        cuts: state.cuts.iter().map(|Pair(one, other)| [one.as_str(), other.as_str()]).collect(),
    }
}

async fn row<'a>(place: &Place, token: &str, name: &'a str, member: &'a Member) -> Row<'a> {
    let (state, working) = match member.pid {
        None => (Health::Stopped, None),
        Some(_) if !place.lives(name) => (Health::Died, None),
        Some(_) => match control::ask(member, token, Ask::Status).await {
            Ok(Reply::Status(working)) => (Health::Up, Some(working)),
            Ok(Reply::Done | Reply::Waiting(_) | Reply::Refused(_))
            | Err(NoAnswer::Gone | NoAnswer::Silent | NoAnswer::Refused(_)) => {
                (Health::Silent, None)
            }
        },
    };
    let Member { id, pid, addresses, .. } = member;
    Row { name, state, pid: *pid, id: id.to_string(), addresses, working }
}
