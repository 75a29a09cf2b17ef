//! `aquac run`: a function on real peers, and its result.

mod prepared;
mod told;
mod wait;
mod watch;

use std::time::Duration;

use aquac_driver::render::Colour;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::prepared::Prepared;
use crate::arguments::RunArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::network::elsewhere::Elsewhere;
use crate::project::Project;

/// How long the peers get to end in order.
const STOP: Duration = Duration::from_millis(300);

/// Runs the command.
pub(crate) fn run(arguments: &RunArguments, colour: Colour) -> Result<Exit, Failure> {
    if arguments.watch { watch::watch(arguments, colour) } else { once(arguments, colour) }
}

/// One run, from the sources to the result.
fn once(arguments: &RunArguments, colour: Colour) -> Result<Exit, Failure> {
    let project = Project::of(&arguments.file)?;
    let mut project = project.with_more_peers(arguments.peers.unwrap_or(0));
    let elsewhere = Elsewhere::of(arguments, &mut project)?;
    let prepared = Prepared::new(arguments, &project, elsewhere, colour)?;
    let runtime = runtime()?;
    let exit = runtime.block_on(async {
        let mut interruption = Interruption::watch()?;
        tokio::select! {
            exit = prepared.run() => exit,
            interrupted = interruption.comes() => interrupted,
        }
    });
    prepared.end_progress();
    // Whatever is still running ends with the process.
    runtime.shutdown_background();
    exit
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Network, format!("cannot start: {error}")))
}

/// Watches for somebody who wants this to end. What was started beside the peers ends with it.
struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    /// From now on; whatever has to be stopped in order is started later.
    fn watch() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(Exit::Network, format!("cannot watch signals: {error}"))
        };
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Self { interrupt, terminate })
    }

    /// Waits for it.
    async fn comes<T>(&mut self) -> Result<T, Failure> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        Err(Failure::new(Exit::Interrupted, "interrupted"))
    }
}
