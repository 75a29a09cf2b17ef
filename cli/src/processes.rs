//! What a run or a local network starts and stops beside its peers: the `[[process]]` tables of
//! `aqua.toml`.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aquac_project::ProcessTable;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::{Instant, sleep};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::launch;
use crate::net::place::Place;

/// How long a process may take to be ready: the first time, it may have to be compiled.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// Lines of a process's messages that are kept, to show why it ended.
const KEPT_LINES: usize = 20;

/// Running processes. Dropping it kills them.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    name: String,
    child: Child,
    messages: Messages,
}

/// Where the last messages of a process are.
#[derive(Debug)]
enum Messages {
    /// Here.
    Kept(Arc<Mutex<VecDeque<String>>>),
    /// In a file.
    Written(PathBuf),
}

impl Processes {
    /// Starts them all for this process, then waits until each says that it is ready.
    pub(crate) async fn start(tables: &[ProcessTable], folder: &Path) -> Result<Self, Failure> {
        let mut processes = Self::default();
        for table in tables {
            let command = command(table, folder)?;
            processes.running.push(Running::attached(table, command)?);
        }
        processes.ready(tables).await?;
        Ok(processes)
    }

    /// Starts them all for a local network, which they outlive this process with. Gives their
    /// process ids by name.
    pub(crate) fn start_detached(
        tables: &[ProcessTable],
        place: &Place,
    ) -> Result<(Self, BTreeMap<String, u32>), Failure> {
        let mut processes = Self::default();
        let mut ids = BTreeMap::new();
        for table in tables {
            let command = command(table, &place.root)?;
            let running = Running::detached(table, command, place)?;
            if let Some(id) = running.child.id() {
                launch::note_process(place, &table.name, id)?;
                ids.insert(table.name.clone(), id);
            }
            processes.running.push(running);
        }
        Ok((processes, ids))
    }

    /// Waits until each says that it is ready.
    pub(crate) async fn ready(&mut self, tables: &[ProcessTable]) -> Result<(), Failure> {
        for (running, table) in self.running.iter_mut().zip(tables) {
            if let Some(url) = &table.ready {
                running.wait(url).await?;
            }
        }
        Ok(())
    }
}

fn command(table: &ProcessTable, folder: &Path) -> Result<Command, Failure> {
    let (program, arguments) = table.command.split_first().ok_or_else(|| {
        Failure::command(format!("aqua.toml: the process {} has an empty command", table.name))
    })?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    Ok(command)
}

impl Running {
    /// It ends with this process.
    fn attached(table: &ProcessTable, mut command: Command) -> Result<Self, Failure> {
        command.stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = spawn(table, command)?;
        let messages = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(keep_lines(stderr, Arc::clone(&messages)));
        }
        Ok(Self { name: table.name.clone(), child, messages: Messages::Kept(messages) })
    }

    /// It goes on when this process ends.
    fn detached(
        table: &ProcessTable,
        mut command: Command,
        place: &Place,
    ) -> Result<Self, Failure> {
        command.stderr(launch::voice(place, &table.name)?).process_group(0);
        let child = spawn(table, command)?;
        let messages = Messages::Written(place.of_process(&table.name));
        Ok(Self { name: table.name.clone(), child, messages })
    }

    async fn wait(&mut self, url: &str) -> Result<(), Failure> {
        let until = Instant::now() + READY_WITHIN;
        let client = aquac_services::web_client().map_err(|error| {
            Failure::new(Exit::Network, format!("cannot ask whether {url} is ready: {error}"))
        })?;
        loop {
            if let Some(why) = self.ended() {
                return Err(Failure::new(Exit::Network, why));
            }
            let answer = client.get(url).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) && self.ended().is_none() {
                return Ok(());
            }
            if Instant::now() >= until {
                let text = format!(
                    "the process {} is not ready: {url} gave no answer for {} s",
                    self.name,
                    READY_WITHIN.as_secs()
                );
                return Err(Failure::new(Exit::Network, text));
            }
            sleep(ASK_EVERY).await;
        }
    }

    fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(format!("the process {} ended ({status})\n{}", self.name, self.messages.last()))
    }
}

impl Messages {
    fn last(&self) -> String {
        match self {
            Self::Kept(lines) => {
                let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
            }
            Self::Written(path) => launch::last_words(path),
        }
    }
}

fn spawn(table: &ProcessTable, mut command: Command) -> Result<Child, Failure> {
    command.spawn().map_err(|error| {
        let program = table.command.first().map_or("", String::as_str);
        Failure::command(format!("cannot start the process {} (`{program}`): {error}", table.name))
    })
}

async fn keep_lines(stderr: ChildStderr, messages: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut kept = messages.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(format!("  {line}"));
    }
}
