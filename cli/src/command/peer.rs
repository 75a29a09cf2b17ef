//! `aquac peer`: one peer of a network, until it is told to stop.

mod config;
mod effective;
mod file;
mod programs;

use std::path::Path;

use aquac_host::{Config, Disk, Handle, StartError, StopReason};
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::file::PeerFile;
use self::programs::Known;
use crate::arguments::PeerArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::located::Step::Key;
use crate::log::{Level, Log};
use crate::net::member::DRAIN;
use crate::output::say;

/// Runs the command.
pub(crate) fn peer(arguments: &PeerArguments) -> Result<Exit, Failure> {
    let file = PeerFile::read(&arguments.config)?;
    let config = config::config(&file)?;
    if arguments.check {
        crate::output::print(&effective::text(&file, &config)?);
        return Ok(Exit::Success);
    }
    let log = Log::of(&file.manifest.name, arguments.log, arguments.log_format)?;
    log.install();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Network, format!("cannot start: {error}")))?;
    let exit = runtime.block_on(serve(&arguments.config, file, config, &log));
    runtime.shutdown_background();
    exit
}

async fn serve(
    path: &Path,
    mut file: PeerFile,
    mut config: Config,
    log: &Log,
) -> Result<Exit, Failure> {
    let mut signals = Signals::watch()?;
    if let Some(directory) = &file.manifest.data_dir {
        config.store = disk(&file, directory)?;
    }
    config.observer = Some(log.observer(known(&file, &config, log)?));
    let mut now = config::config(&file)?;
    let name = file.manifest.name.clone();
    let mut host = aquac_host::start(config).await.map_err(|error| not_started(&file, &error))?;
    announce(&name, &host);
    if let Some(address) = host.monitor() {
        let text =
            format!("metrics at http://{address}/metrics, health at http://{address}/health");
        log.note(Level::Info, text);
    }
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => break,
            _ = tokio::signal::ctrl_c() => break,
            _ = signals.hangup.recv() => {
                if let Some((again, config)) = reload(path, (&file, &now), &host, log).await {
                    (file, now) = (again, config);
                }
            }
            // Why, is in what it said before.
            _ = host.wait() => return Err(Failure::Said(Exit::Network)),
        }
    }
    log.note(Level::Info, "stopping");
    match host.stop(DRAIN).await {
        StopReason::Finished => Ok(Exit::Success),
        StopReason::Overdue => {
            log.note(
                Level::Warn,
                "not everything was finished in time; what is stored goes on at the next start",
            );
            Ok(Exit::Success)
        }
        StopReason::StoreFailed | StopReason::Crashed => Err(Failure::Said(Exit::Network)),
    }
}

/// What a peer is told by signals.
struct Signals {
    terminate: Signal,
    hangup: Signal,
    /// A file that would become larger than this process may make it is an error of the write, as
    /// a full disk is; without this it would be the end.
    _too_large: Signal,
}

impl Signals {
    fn watch() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(Exit::Network, format!("cannot watch signals: {error}"))
        };
        let too_large = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            hangup: signal(SignalKind::hangup()).map_err(failed)?,
            _too_large: signal(too_large).map_err(failed)?,
        })
    }
}

/// One line on standard output when the peer can be reached: `ready NAME ID ADDRESS…`.
fn announce(name: &str, host: &Handle) {
    let id = host.peer();
    let addresses: String =
        host.addresses().iter().map(|address| format!(" {address}/p2p/{id}")).collect();
    say(format!("ready {name} {id}{addresses}"));
}

fn disk(file: &PeerFile, directory: &str) -> Result<Box<Disk>, Failure> {
    let folder = file.folder.join(directory);
    std::fs::create_dir_all(&folder).map_err(|error| {
        let why = crate::files::reason(&error);
        file.wrong(&[Key("data_dir")], format!("cannot make {}: {why}", folder.display()))
    })?;
    let name = &file.manifest.name;
    Disk::open(&folder.join("peer.redb"))
        .map(Box::new)
        .map_err(|error| Failure::new(Exit::Network, format!("the peer {name}: {error}")))
}

fn known(file: &PeerFile, config: &Config, log: &Log) -> Result<Known, Failure> {
    let mut known = Known::new(crate::keys::peer_of(config.seed), &file.manifest.name);
    if let Some(written) = &file.manifest.programs {
        let count = known.read(&file.folder.join(written)).map_err(|error| {
            let why = crate::files::reason(&error);
            file.wrong(&[Key("programs")], format!("cannot read the folder `{written}`: {why}"))
        })?;
        log.note(Level::Debug, format!("{count} programs with lines in {written}"));
    }
    Ok(known)
}

fn not_started(file: &PeerFile, error: &StartError) -> Failure {
    Failure::new(Exit::Network, format!("the peer {}: {error}", file.manifest.name))
}

/// Reads the file again. The rules, the lists of peers and what the peer takes hold from now on;
/// what else has changed is said. A file that is wrong changes nothing.
async fn reload(
    path: &Path,
    now: (&PeerFile, &Config),
    host: &Handle,
    log: &Log,
) -> Option<(PeerFile, Config)> {
    let read = PeerFile::read(path).and_then(|file| Ok((config::config(&file)?, file)));
    let (config, file) = match read {
        Ok(read) => read,
        Err(failure) => {
            let why = failure.line();
            log.note(Level::Error, format!("SIGHUP: nothing is changed: {why}"));
            return None;
        }
    };
    match config::policy(&file) {
        Ok(policy) => host.set_policy(Box::new(policy)),
        Err(failure) => {
            log.note(Level::Error, format!("SIGHUP: nothing is changed: {}", failure.line()));
            return None;
        }
    }
    host.admit(config.admission.clone()).await;
    host.set_limits(config.peer.limits.clone()).await;
    log.note(Level::Info, "SIGHUP: rules, lists of peers and limits are read again");
    let rest = effective::differences(now, (&file, &config));
    if rest.is_empty() {
        return Some((file, config));
    }
    let rest = rest.join(", ");
    log.note(Level::Warn, format!("SIGHUP: a restart is needed for what has changed in: {rest}"));
    // What runs is still as it was: the next time it is said again.
    None
}
