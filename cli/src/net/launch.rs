//! Starting and stopping the processes of a local network.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures::future::join_all;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::member::{DRAIN, Ready};
use super::place::{Place, is_held, make_folder, open_private};
use crate::exit::Exit;
use crate::failure::Failure;

/// How long a peer may take until it can be reached.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long a peer that is told to stop may take beyond what it gives itself.
const GRACE: Duration = Duration::from_secs(3);
/// How often it is looked whether a process has ended.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Bytes of what a process said before it ended that are shown.
const SHOWN: usize = 2000;

/// A peer's process that is not ready yet.
pub(crate) struct Starting {
    name: String,
    child: Child,
}

/// Starts the process of a peer. It goes on when this process ends.
pub(crate) fn start(place: &Place, name: &str) -> Result<Starting, Failure> {
    let failed = |why: String| Failure::new(Exit::Network, format!("the peer {name}: {why}"));
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let folder = place.of_peer(name);
    make_folder(&folder)?;
    let said = File::create(folder.join("stderr")).map_err(|error| failed(error.to_string()))?;
    let child = Command::new(program)
        .args(["net", "member"])
        .arg(place.folder())
        .arg(name)
        .current_dir(&place.root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(said)
        .process_group(0)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    Ok(Starting { name: name.to_owned(), child })
}

impl Starting {
    /// Its process id.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it can be reached.
    pub(crate) async fn ready(mut self, place: &Place) -> Result<Ready, Failure> {
        let mut line = String::new();
        if let Some(stdout) = self.child.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line).await;
            drop(read);
        }
        serde_json::from_str(&line).map_err(|_| {
            let said = last_words(&place.of_peer(&self.name).join("stderr"));
            Failure::new(Exit::Network, format!("the peer {} did not start\n{said}", self.name))
        })
    }

    /// The same, for so long at most.
    pub(crate) async fn ready_in_time(self, place: &Place) -> Result<Ready, Failure> {
        let name = self.name.clone();
        timeout(READY_WITHIN, self.ready(place)).await.unwrap_or_else(|_| {
            let seconds = READY_WITHIN.as_secs();
            let text = format!("the peer {name} is not ready after {seconds} s");
            Err(Failure::new(Exit::Network, text))
        })
    }
}

/// What a process said last.
pub(crate) fn last_words(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let start = text.len().saturating_sub(SHOWN);
    let start = (start..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let tail = text.get(start..).unwrap_or_default();
    tail.lines().map(|line| format!("  {line}\n")).collect()
}

/// How a process was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It did not run.
    WasGone,
    /// It ended by itself when it was told to.
    InOrder,
    /// It took too long, or was stopped by a signal, and was killed.
    Killed,
}

/// Tells the process of a peer to finish, and kills it if it does not.
pub(crate) async fn stop(place: &Place, name: &str, pid: Option<u32>) -> Stopped {
    let Some(pid) = pid.filter(|_| place.lives(name)).and_then(as_pid) else {
        return Stopped::WasGone;
    };
    let _gone = kill_process(pid, Signal::TERM);
    // One that was stopped by a signal hears the other signal only when it goes on.
    let _gone = kill_process(pid, Signal::CONT);
    if ends(|| place.lives(name), DRAIN + GRACE).await {
        return Stopped::InOrder;
    }
    let _gone = kill_process(pid, Signal::KILL);
    ends(|| place.lives(name), GRACE).await;
    Stopped::Killed
}

/// Stops the peers and processes of a network of which only their locks are known.
pub(crate) async fn stop_unknown(place: &Place) {
    let tell = |signal| {
        for pid in place.living().into_iter().filter_map(as_pid) {
            let _gone = kill_process(pid, signal);
        }
    };
    tell(Signal::TERM);
    tell(Signal::CONT);
    let processes = place.living_processes();
    join_all(processes.iter().map(|(voice, id)| async {
        if let Some(leader) = Leader::read(id) {
            end_group(leader, || is_held(voice)).await;
        }
    }))
    .await;
    let lives = || !place.living().is_empty();
    if !ends(lives, DRAIN + GRACE).await {
        tell(Signal::KILL);
        ends(lives, GRACE).await;
    }
}

/// Ends a `[[process]]` with all processes that it started.
pub(crate) async fn end(place: &Place, name: &str, pid: u32) {
    let leader = Leader::read(&place.id_of_process(name)).unwrap_or(Leader { pid, began: None });
    end_group(leader, || place.process_lives(name)).await;
}

async fn end_group(leader: Leader, lives: impl Fn() -> bool) {
    let Some(pid) = as_pid(leader.pid).filter(|_| lives() && leader.is_itself()) else { return };
    let _gone = kill_process_group(pid, Signal::TERM);
    let _gone = kill_process_group(pid, Signal::CONT);
    if !ends(&lives, GRACE).await {
        let _gone = kill_process_group(pid, Signal::KILL);
        ends(&lives, GRACE).await;
    }
}

/// The first process of a group, and when it began: process ids are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leader {
    pid: u32,
    /// In ticks since the machine began; none where that is not known.
    began: Option<u64>,
}

impl Leader {
    fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let mut words = text.split_whitespace();
        let pid = words.next()?.parse().ok()?;
        Some(Self { pid, began: words.next().and_then(|word| word.parse().ok()) })
    }

    /// Whether the process with this id, if there is one, is still the one that was meant.
    fn is_itself(self) -> bool {
        match (self.began, began(self.pid)) {
            (Some(then), Some(now)) => then == now,
            // It is gone and its group is not: nobody else can have the id.
            (Some(_) | None, None) | (None, Some(_)) => true,
        }
    }
}

/// When a process began, where the system says so.
fn began(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in brackets and may have any letters.
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

/// Writes down which process a `[[process]]` is.
pub(crate) fn note_process(place: &Place, name: &str, pid: u32) -> Result<(), Failure> {
    let began = began(pid).map_or(String::new(), |began| format!(" {began}"));
    crate::files::write(&place.id_of_process(name), format!("{pid}{began}\n").as_bytes())
}

fn as_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

async fn ends(lives: impl Fn() -> bool, within: Duration) -> bool {
    let until = Instant::now() + within;
    while lives() {
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
    true
}

/// The file that a `[[process]]` writes to. It is held as long as the process, or one that it
/// started, has it open.
pub(crate) fn voice(place: &Place, name: &str) -> Result<File, Failure> {
    let path = place.of_process(name);
    let file = open_private(&path)?;
    file.try_lock().map_err(|_| {
        let text = format!("the process {name} of an earlier network still runs");
        Failure::command(text)
    })?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_id_that_is_used_again_is_somebody_else_s() {
        let me = std::process::id();
        let began = began(me);
        assert!(began.is_some(), "/proc says when this process began");
        assert!(Leader { pid: me, began }.is_itself());
        assert!(!Leader { pid: me, began: began.map(|began| began - 1) }.is_itself());
        assert!(Leader { pid: u32::MAX, began }.is_itself(), "there is no such process");
    }
}
