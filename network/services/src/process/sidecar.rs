//! Keeps the program of a service running and talks with it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use aquac_ir::{Call, CallResult, FaultCode};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::line;
use crate::error;

/// How often a call is given to a program that dies over it.
const MAX_ATTEMPTS: u32 = 3;
/// How long to wait before the program is started again, the first time; doubled each time up to
/// [`MAX_PAUSE`], and reset when it answers.
const MIN_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// How long a program that has closed its output may take to end; then it is killed.
const MAX_DYING: Duration = Duration::from_millis(100);
/// What a program may take beyond its service's timeout, so that who asked has given up before.
const GRACE: Duration = Duration::from_millis(500);
/// Lines that wait for the program to read them; beyond it calls wait where they come from.
const MAX_LINES: usize = 16;
/// Calls without an answer above which those that nobody waits for are forgotten.
const MAX_PENDING: usize = 1024;
/// Bytes of a line of standard error that are logged.
const MAX_LOG_BYTES: usize = 4096;
/// What a line has beside its answer.
const LINE_OVERHEAD: usize = 4096;

/// A call that waits for its answer.
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) answer: oneshot::Sender<CallResult>,
}

struct Waiting {
    asked: Asked,
    /// When the program got it.
    since: Instant,
    /// How many programs have got it.
    attempts: u32,
}

/// A program to run, and where calls for it come from.
pub(super) struct Sidecar {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
    pub(super) directory: Option<PathBuf>,
    pub(super) answer_bytes: usize,
    /// The longest that any function may take. A program that has been asked and says nothing for
    /// longer hangs, and is killed.
    pub(super) patience: Duration,
    pub(super) asked: mpsc::Receiver<Asked>,
}

/// Why a program is no longer talked with.
enum End {
    /// Nobody will ask any more.
    Closed,
    /// It died, or does not speak the protocol.
    Died(String),
}

impl Sidecar {
    /// Until nobody can ask any more.
    pub(super) async fn run(mut self) {
        let mut pending = Pending::default();
        let mut pause = MIN_PAUSE;
        loop {
            let first = match pending.calls.is_empty() {
                true => self.asked.recv().await,
                false => None,
            };
            if first.is_none() && pending.calls.is_empty() {
                return;
            }
            let reason = match self.start() {
                Ok(child) => match self.talk(child, first, &mut pending, &mut pause).await {
                    End::Closed => return,
                    End::Died(reason) => reason,
                },
                Err(problem) => {
                    let reason = format!("cannot start {}: {problem}", self.program);
                    first
                        .into_iter()
                        .for_each(|asked| fail(asked, FaultCode::Unreachable, &reason));
                    reason
                }
            };
            tracing::warn!(program = self.program, reason, "a service's process has ended");
            pending.give_up(&reason);
            sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    /// Until the program dies.
    async fn talk(
        &mut self,
        mut child: Child,
        first: Option<Asked>,
        pending: &mut Pending,
        pause: &mut Duration,
    ) -> End {
        let (Some(input), Some(output), Some(log)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return End::Died("its standard streams are missing".to_owned());
        };
        let (lines, to_write) = mpsc::channel(MAX_LINES);
        tokio::spawn(write(input, to_write));
        tokio::spawn(log_lines(self.program.clone(), BufReader::new(log)));
        let again = pending.again();
        let mut unsent = first.map(|asked| pending.add(asked)).unwrap_or_default();
        unsent.extend(again);
        if lines.try_send(unsent).is_err() {
            return End::Died("it does not read its input".to_owned());
        }
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        let mut next = None;
        let mut heard = Instant::now();
        loop {
            // Reading goes on while the program does not take its input: it may be busy writing.
            // `read_line` keeps what it has read in `line`, so it may be dropped and called again.
            tokio::select! {
                asked = self.asked.recv(), if next.is_none() => match asked {
                    None => return End::Closed,
                    asked => next = asked,
                },
                room = lines.reserve(), if next.is_some() => match (room, next.take()) {
                    (Ok(room), Some(asked)) => room.send(pending.add(asked)),
                    (Err(_), asked) => {
                        asked.map(|asked| pending.add(asked));
                        return End::Died("it closed its input".to_owned());
                    }
                    (Ok(_), None) => {}
                },
                read = read_line(&mut output, &mut line, self.answer_bytes + LINE_OVERHEAD) => {
                    if let Err(reason) = read {
                        return End::Died(how_it_ended(&mut child).await.unwrap_or(reason));
                    }
                    if let Err(reason) = pending.answer(&line) {
                        return End::Died(reason);
                    }
                    *pause = MIN_PAUSE;
                    heard = Instant::now();
                    line.clear();
                }
                // Dropping the child kills it.
                () = at(pending.oldest().map(|oldest| oldest.max(heard) + self.patience + GRACE)) => {
                    let seconds = self.patience.as_secs_f64();
                    return End::Died(format!("it said nothing for {seconds} s and was killed"));
                }
            }
        }
    }
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Its exit status, if it has ended by itself.
async fn how_it_ended(child: &mut Child) -> Option<String> {
    let status = timeout(MAX_DYING, child.wait()).await.ok()?.ok()?;
    let forgot =
        if status.success() { ": it has to stay, and answer each line it reads" } else { "" };
    Some(format!("it ended ({status}){forgot}"))
}

/// Writes lines until the program does not read them any more.
async fn write(mut input: ChildStdin, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if input.write_all(&line).await.is_err() {
            return;
        }
    }
}

/// The calls that the program has got and not answered.
#[derive(Default)]
struct Pending {
    next_id: u64,
    calls: BTreeMap<u64, Waiting>,
}

impl Pending {
    /// Takes a call in and gives its line.
    fn add(&mut self, asked: Asked) -> Vec<u8> {
        if self.calls.len() >= MAX_PENDING {
            self.calls.retain(|_, waiting| !waiting.asked.answer.is_closed());
        }
        let id = self.next_id;
        self.next_id += 1;
        let line = line::request(id, &asked.call);
        self.calls.insert(id, Waiting { asked, since: Instant::now(), attempts: 1 });
        line
    }

    /// The lines of all calls, for a program that starts again.
    fn again(&mut self) -> Vec<u8> {
        let mut lines = Vec::new();
        for (id, waiting) in &mut self.calls {
            waiting.attempts += 1;
            waiting.since = Instant::now();
            lines.extend(line::request(*id, &waiting.asked.call));
        }
        lines
    }

    /// When the program got the oldest call that it has not answered.
    fn oldest(&self) -> Option<Instant> {
        self.calls.values().map(|waiting| waiting.since).min()
    }

    /// Gives an answer to who asked. One that nobody waits for any more is dropped.
    fn answer(&mut self, line: &[u8]) -> Result<(), String> {
        let (id, result) = line::response(line).map_err(|problem| {
            format!("it wrote a line that is no answer, like `{{\"id\":1,\"ok\":…}}`: {problem}")
        })?;
        if let Some(waiting) = self.calls.remove(&id) {
            let _nobody_waits = waiting.asked.answer.send(result);
        }
        Ok(())
    }

    /// After a death: forgets the calls that nobody waits for, and fails those that were tried
    /// enough.
    fn give_up(&mut self, reason: &str) {
        for (id, waiting) in std::mem::take(&mut self.calls) {
            if waiting.asked.answer.is_closed() {
                continue;
            }
            if waiting.attempts < MAX_ATTEMPTS {
                self.calls.insert(id, waiting);
            } else {
                fail(waiting.asked, FaultCode::Service, reason);
            }
        }
    }
}

fn fail(asked: Asked, code: FaultCode, reason: &str) {
    let name = format!("{}.{}", asked.call.service, asked.call.function);
    let message = format!("the process behind {name}: {reason}");
    let _nobody_waits = asked.answer.send(Err(error(code, message)));
}

/// Reads up to the end of a line, which is not kept. May be called again after it was dropped.
async fn read_line(
    from: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    most: usize,
) -> Result<(), String> {
    loop {
        let bytes = from.fill_buf().await.map_err(|problem| problem.to_string())?;
        if bytes.is_empty() {
            return Err("it closed its output".to_owned());
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(bytes.len());
        if line.len() + taken > most {
            return Err(format!("it wrote a line of more than {most} bytes"));
        }
        line.extend(bytes.iter().take(taken));
        from.consume(end.map_or(taken, |end| end + 1));
        if end.is_some() {
            return Ok(());
        }
    }
}

async fn log_lines(program: String, mut from: impl AsyncBufRead + Unpin) {
    let mut line = Vec::new();
    // A line that is too long ends the log; closing the pipe is the program's business then.
    while read_line(&mut from, &mut line, MAX_LOG_BYTES).await.is_ok() {
        tracing::info!(program, line = %String::from_utf8_lossy(&line), "a service's process says");
        line.clear();
    }
}
