//! What a run starts and stops beside its peers: the `[[process]]` tables of `aqua.toml`.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aquac_project::ProcessTable;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::{Instant, sleep};

use crate::exit::Exit;
use crate::failure::Failure;

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
    messages: Arc<Mutex<VecDeque<String>>>,
}

impl Processes {
    /// Starts them all, then waits until each says that it is ready.
    pub(crate) async fn start(tables: &[ProcessTable], folder: &Path) -> Result<Self, Failure> {
        let mut processes = Self::default();
        for table in tables {
            processes.running.push(Running::start(table, folder)?);
        }
        for (running, table) in processes.running.iter_mut().zip(tables) {
            if let Some(url) = &table.ready {
                running.wait(url).await?;
            }
        }
        Ok(processes)
    }
}

impl Running {
    fn start(table: &ProcessTable, folder: &Path) -> Result<Self, Failure> {
        let name = table.name.clone();
        let (program, arguments) = table.command.split_first().ok_or_else(|| {
            Failure::command(format!("aqua.toml: the process {name} has an empty command"))
        })?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                Failure::command(format!("cannot start the process {name} (`{program}`): {error}"))
            })?;
        let messages = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(keep_lines(stderr, Arc::clone(&messages)));
        }
        Ok(Self { name, child, messages })
    }

    async fn wait(&mut self, url: &str) -> Result<(), Failure> {
        let until = Instant::now() + READY_WITHIN;
        loop {
            if let Some(why) = self.ended() {
                return Err(Failure::new(Exit::Network, why));
            }
            let answer = reqwest::get(url).await;
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
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<&str> = messages.iter().map(String::as_str).collect();
        Some(format!("the process {} ended ({status})\n{}", self.name, last.join("\n")))
    }
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
