//! `aquac net`: a local network of real processes.

mod links;
mod logs;
mod ps;
mod up;

pub(crate) use self::logs::line;

use std::fs::File;

use crate::arguments::{NetArguments, NetCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::control::{self, Ask, NoAnswer, Reply};
use crate::net::place::Place;
use crate::net::state::State;
use crate::net::{launch, member};

/// Runs the command.
pub(crate) fn net(arguments: &NetArguments) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Network, format!("cannot start: {error}")))?;
    let exit = runtime.block_on(perform(arguments));
    runtime.shutdown_background();
    exit
}

async fn perform(arguments: &NetArguments) -> Result<Exit, Failure> {
    let place = || Place::here(&arguments.name);
    match &arguments.command {
        NetCommand::Up { peers } => up::up(&place()?, peers.unwrap_or(0)).await,
        NetCommand::Down => up::down(&place()?).await,
        NetCommand::Ps { json: false } => ps::table(&place()?).await,
        NetCommand::Ps { json: true } => ps::json(&place()?).await,
        NetCommand::Logs { peer, particle, follow, json } => {
            let wanted = logs::Wanted { peer: peer.as_deref(), particle: particle.as_deref() };
            let form = if *json { logs::Form::Json } else { logs::Form::Text };
            if *follow {
                logs::follow(&place()?, wanted, form).await
            } else {
                logs::all(&place()?, wanted, form)
            }
        }
        NetCommand::Cut { one, other } => links::cut(&place()?, one, other).await,
        NetCommand::Heal { one, other } => {
            links::heal(&place()?, one.as_deref().zip(other.as_deref())).await
        }
        NetCommand::Stop { peer } => stop(&place()?, peer).await,
        NetCommand::Start { peer } => start(&place()?, peer).await,
        NetCommand::Member { folder, peer } => {
            let place = Place::at(folder).ok_or_else(|| {
                Failure::command(format!("{} is no network's folder", folder.display()))
            })?;
            member::serve(&place, peer).await
        }
    }
}

/// A network that is up and that nobody else changes until the lock is dropped.
fn locked(place: &Place) -> Result<(File, State), Failure> {
    if place.read()?.is_none() {
        return Err(place.is_not_up());
    }
    let lock = place.lock()?;
    Ok((lock, place.read_up()?))
}

/// There is no such peer.
fn unknown(state: &State, name: &str) -> Failure {
    let known: Vec<&str> = state.names().collect();
    let close = aquac_base::did_you_mean(name, known.iter().copied());
    Failure::command(match close {
        Some(close) => format!("there is no peer `{name}`; did you mean `{close}`?"),
        None => format!("there is no peer `{name}`; there are: {}", known.join(", ")),
    })
}

async fn stop(place: &Place, name: &str) -> Result<Exit, Failure> {
    let (_lock, mut state) = locked(place)?;
    let Some(member) = state.peers.get_mut(name) else { return Err(unknown(&state, name)) };
    let Some(pid) = member.pid else {
        return Err(Failure::command(format!("`{name}` is stopped already")));
    };
    let how = launch::stop(place, name, Some(pid)).await;
    member.pid = None;
    place.write(&state)?;
    tell!("{}", stopped(name, pid, how));
    Ok(Exit::Success)
}

/// How it went, in words.
fn stopped(name: &str, pid: u32, how: launch::Stopped) -> String {
    match how {
        launch::Stopped::InOrder => format!("stopped {name}"),
        launch::Stopped::WasGone => format!("{name} had died: its process {pid} is gone"),
        launch::Stopped::Killed => format!("killed {name}: it did not end when it was told to"),
    }
}

async fn start(place: &Place, name: &str) -> Result<Exit, Failure> {
    let (_lock, mut state) = locked(place)?;
    if !state.peers.contains_key(name) {
        return Err(unknown(&state, name));
    }
    if place.lives(name) {
        return Err(Failure::command(format!("`{name}` runs already")));
    }
    let starting = launch::start(place, name)?;
    let pid = starting.pid();
    let ready = starting.ready_in_time(place).await?;
    if let Some(member) = state.peers.get_mut(name) {
        member.pid = pid;
        member.control = ready.control;
        member.addresses = ready.addresses;
    }
    place.write(&state)?;
    let others: Vec<&str> = state.names().filter(|other| *other != name).collect();
    tell(&state, &others).await;
    tell!("started {name}");
    Ok(Exit::Success)
}

/// Tells peers that `net.json` has changed. Gives those who did not take it, with the reason.
async fn tell<'a>(state: &State, names: &[&'a str]) -> Vec<(&'a str, NoAnswer)> {
    let told = names.iter().filter_map(|name| {
        let member = state.peers.get(*name).filter(|member| member.pid.is_some())?;
        Some(async move { (*name, control::ask(member, &state.token, Ask::Reload).await) })
    });
    let answers = futures::future::join_all(told).await;
    let failed = |answer: Result<Reply, NoAnswer>| match answer {
        Ok(Reply::Done | Reply::Status(_) | Reply::Waiting(_)) => None,
        Ok(Reply::Refused(why)) => Some(NoAnswer::Refused(why)),
        Err(why) => Some(why),
    };
    answers.into_iter().filter_map(|(name, answer)| Some((name, failed(answer)?))).collect()
}
