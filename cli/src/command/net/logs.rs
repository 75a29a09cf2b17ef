//! `aquac net logs`: what happened in the peers of a local network, in the order of time.

use super::unknown;
use crate::event::Entry;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logbook::entries;
use crate::net::place::Place;
use crate::report::say;

/// What is to be seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// One peer, or all.
    pub(super) peer: Option<&'a str>,
    /// The beginning of a run's id, or all runs and what belongs to none.
    pub(super) particle: Option<&'a str>,
}

/// As JSON lines.
pub(super) fn json(place: &Place, wanted: Wanted<'_>) -> Result<Exit, Failure> {
    for entry in collect(place, wanted)? {
        let line = serde_json::to_string(&entry)
            .map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        say(line);
    }
    Ok(Exit::Success)
}

/// For people.
pub(super) fn text(place: &Place, wanted: Wanted<'_>) -> Result<Exit, Failure> {
    let entries = collect(place, wanted)?;
    let wide = entries.iter().map(|entry| entry.peer.len()).max().unwrap_or(0);
    for entry in &entries {
        say(format!("{}  {:wide$}  {}", clock(entry.at), entry.peer, entry.text()));
    }
    if entries.is_empty() {
        eprintln!(
            "nothing was logged{}",
            if wanted.particle.is_some() { " of that run" } else { "" }
        );
    }
    Ok(Exit::Success)
}

/// Also of a network that is down: its logs stay until the next one.
fn collect(place: &Place, wanted: Wanted<'_>) -> Result<Vec<Entry>, Failure> {
    let state = place.read()?;
    if let (Some(state), Some(peer)) = (&state, wanted.peer)
        && !state.peers.contains_key(peer)
    {
        return Err(unknown(state, peer));
    }
    let folders: Vec<std::path::PathBuf> = match wanted.peer {
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
    let of_run = |entry: &Entry| match wanted.particle {
        None => true,
        Some(start) => entry.particle().is_some_and(|particle| particle.starts_with(start)),
    };
    let mut all: Vec<Entry> =
        folders.iter().flat_map(|folder| entries(&folder.join("log"))).filter(of_run).collect();
    // Entries of one peer stay in their order.
    all.sort_by_key(|entry| entry.at);
    Ok(all)
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
