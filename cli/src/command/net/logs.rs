//! `aquac net logs`: what happened in the peers of a local network, in the order of time, and with
//! `--follow` what happens from now on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use aquac_ir::{Debug, NodeId};
use tokio::time::sleep;

use super::unknown;
use crate::event::{Entry, What};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logbook::{Tail, entries};
use crate::net::place::Place;
use crate::output::say;

/// How often a log that is followed is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What is to be seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// One peer, or all.
    pub(super) peer: Option<&'a str>,
    /// The beginning of a run's id, or all runs and what belongs to none.
    pub(super) particle: Option<&'a str>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// JSON lines.
    Json,
}

impl Wanted<'_> {
    fn is(&self, entry: &Entry) -> bool {
        self.particle.is_none_or(|start| {
            entry.particle().is_some_and(|particle| particle.starts_with(start))
        })
    }
}

/// What happened until now.
pub(super) fn all(place: &Place, wanted: Wanted<'_>, form: Form) -> Result<Exit, Failure> {
    let folders = folders(place, wanted)?;
    let mut all: Vec<Entry> =
        folders.iter().flat_map(|folder| entries(&folder.join("log"))).collect();
    all.retain(|entry| wanted.is(entry));
    let mut teller = Teller::new(place, form);
    teller.tell(&mut all)?;
    if all.is_empty() && form == Form::Text {
        tell!("nothing was logged{}", if wanted.particle.is_some() { " of that run" } else { "" });
    }
    Ok(Exit::Success)
}

/// What happened, and what happens, until the network is down.
pub(super) async fn follow(place: &Place, wanted: Wanted<'_>, form: Form) -> Result<Exit, Failure> {
    let mut tails: BTreeMap<PathBuf, Tail> = BTreeMap::new();
    let mut teller = Teller::new(place, form);
    loop {
        // Asked first, so that the last words are still read.
        let up = matches!(place.read(), Ok(Some(_)) | Err(_));
        for folder in folders(place, wanted)? {
            let path = folder.join("log");
            tails.entry(path.clone()).or_insert_with(|| Tail::of(&path));
        }
        let mut new: Vec<Entry> = tails.values_mut().flat_map(Tail::read).collect();
        new.retain(|entry| wanted.is(entry));
        teller.tell(&mut new)?;
        if !up {
            tell!("the network `{}` is down", place.name);
            return Ok(Exit::Success);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// The folders of the peers that are wanted. Also of a network that is down: its logs stay until
/// the next one.
fn folders(place: &Place, wanted: Wanted<'_>) -> Result<Vec<PathBuf>, Failure> {
    let state = place.read()?;
    if let (Some(state), Some(peer)) = (&state, wanted.peer)
        && !state.peers.contains_key(peer)
    {
        return Err(unknown(state, peer));
    }
    let folders: Vec<PathBuf> = match wanted.peer {
        Some(peer) => vec![place.of_peer(peer)],
        None => std::fs::read_dir(place.folder().join("peers"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect(),
    };
    if state.is_none() && !folders.iter().any(|folder| folder.join("log").exists()) {
        return Err(place.is_not_up());
    }
    Ok(folders)
}

/// Writes entries, with the lines of steps of programs that were run here.
struct Teller {
    form: Form,
    programs: PathBuf,
    /// By digest; none where nobody wrote the table down.
    known: BTreeMap<String, Option<Debug>>,
    wide: usize,
}

impl Teller {
    fn new(place: &Place, form: Form) -> Self {
        Self { form, programs: place.programs(), known: BTreeMap::new(), wide: 0 }
    }

    /// In the order of time; entries of one peer stay in their order.
    fn tell(&mut self, entries: &mut [Entry]) -> Result<(), Failure> {
        entries.sort_by_key(|entry| entry.at);
        let widest = entries.iter().map(|entry| entry.peer.len()).max().unwrap_or(0);
        self.wide = self.wide.max(widest);
        for entry in entries {
            self.add_line(entry);
            match self.form {
                Form::Text => {
                    let (at, peer, text) = (clock(entry.at), &entry.peer, entry.text());
                    say(format!("{at}  {peer:wide$}  {text}", wide = self.wide));
                }
                Form::Json => say(serde_json::to_string(entry)
                    .map_err(|error| Failure::new(Exit::Bug, error.to_string()))?),
            }
        }
        Ok(())
    }

    fn add_line(&mut self, entry: &mut Entry) {
        let (program, node, source) =
            if let What::Called { program, node, source, .. } = &mut entry.what {
                (program, Some(*node), source)
            } else if let What::Answered { program, node, source, .. } = &mut entry.what {
                (program, *node, source)
            } else {
                return;
            };
        let (Some(program), Some(node), None) = (program, node, &source) else { return };
        let programs = &self.programs;
        let debug = self.known.entry(program.clone()).or_insert_with_key(|digest| {
            let bytes = std::fs::read(programs.join(digest)).ok()?;
            Debug::from_bytes(&bytes).ok()
        });
        *source = debug.as_ref().and_then(|debug| line(debug, NodeId(node)));
    }
}

/// `file:line` of a step.
pub(crate) fn line(debug: &Debug, node: NodeId) -> Option<String> {
    let span = debug.span(node)?;
    let name = &debug.sources.get(span.source as usize)?.name;
    Some(format!("{name}:{}", span.line))
}

/// The time of day, in UTC.
fn clock(at: u64) -> String {
    let (seconds, millis) = (at / 1000, at % 1000);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    format!("{:02}:{:02}:{:02}.{millis:03}", hours % 24, minutes % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn the_time_of_day_has_milliseconds() {
        assert_eq!(clock(0), "00:00:00.000");
        assert_eq!(clock(1_700_000_000_123), "22:13:20.123");
    }
}
