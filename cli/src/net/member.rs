//! What the process of one peer does in a local network: it is a peer like any other, it knows
//! the others from `net.json`, keeps to the cuts that stand there, and takes commands.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aquac_host::{AddressBook, Config, Disk, Handle, Observer};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use super::control::{self, Commanded};
use super::place::{Place, open_private};
use super::state::State;
use crate::event::Entry;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logbook::Logbook;
use crate::network::plan::Plan;
use crate::parameters::Parameters;
use crate::project::Project;

/// How long a peer that is told to stop may take to finish what it does.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
/// How often the peer's lock is asked for: somebody may just look whether it is held.
const TRIES: u32 = 50;
/// See [`TRIES`].
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The one line that the process prints when it can be reached.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// Where it can be dialled; nowhere behind a relay.
    pub(crate) addresses: Vec<String>,
    /// The port on loopback where it takes commands.
    pub(crate) control: u16,
}

/// Is this peer until it is told to stop.
pub(crate) async fn serve(place: &Place, name: &str) -> Result<Exit, Failure> {
    let failed = |why: String| Failure::new(Exit::Network, format!("the peer {name}: {why}"));
    let _held = hold(place, name).await?;
    let state = place.read_up()?;
    let project = Project::of(&place.root.join("x.aqua"))?.with_more_peers(state.more);
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|error| failed(error.to_string()))?;
    // A terminal that is closed ends what belongs to it. This does not.
    let _hangup = signal(SignalKind::hangup()).map_err(|error| failed(error.to_string()))?;
    // A file that may not become larger is an error of the write, as a full disk is.
    let too_large = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    let _too_large = signal(too_large).map_err(|error| failed(error.to_string()))?;
    let book = AddressBook::default();
    let member = Member { place: place.clone(), name: name.to_owned(), book: book.clone() };
    member.learn(&state);
    let config = member.config(&project, &state)?;
    let host = aquac_host::start(config).await.map_err(|error| failed(error.to_string()))?;
    host.deny(state.cut_from(name)).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(|error| failed(error.to_string()))?;
    let control = listener.local_addr().map_err(|error| failed(error.to_string()))?.port();
    announce(&Ready {
        addresses: host.addresses().iter().map(ToString::to_string).collect(),
        control,
    })?;
    let host = Arc::new(host);
    let commands =
        tokio::spawn(control::serve(listener, state.token, host.clone(), Arc::new(member)));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tell!("{name}: stopping");
    commands.abort();
    let _aborted = commands.await;
    stop(host).await;
    Ok(Exit::Success)
}

/// Answers that are on their way still hold the host.
async fn stop(mut host: Arc<Handle>) {
    loop {
        match Arc::try_unwrap(host) {
            Ok(alone) => {
                alone.stop(DRAIN).await;
                return;
            }
            Err(shared) => host = shared,
        }
        sleep(BETWEEN_TRIES).await;
    }
}

fn announce(ready: &Ready) -> Result<(), Failure> {
    let line =
        serde_json::to_string(ready).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    crate::output::say(line);
    Ok(())
}

/// The lock that says that this peer lives.
async fn hold(place: &Place, name: &str) -> Result<File, Failure> {
    let failed =
        |error: std::io::Error| Failure::new(Exit::Network, format!("the peer {name}: {error}"));
    let mut file = open_private(&place.of_peer(name).join("lock"))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).map_err(failed)?;
                writeln!(file, "{}", std::process::id()).map_err(failed)?;
                return Ok(file);
            }
            Err(TryLockError::WouldBlock) => sleep(BETWEEN_TRIES).await,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(Failure::command(format!("the peer {name} runs already")))
}

/// One peer of the network, seen from its process.
struct Member {
    place: Place,
    name: String,
    book: AddressBook,
}

impl Member {
    /// The addresses that `net.json` has.
    fn learn(&self, state: &State) {
        for member in state.peers.values() {
            self.book.add(member.id, member.addresses.iter().filter_map(|text| text.parse().ok()));
        }
    }

    fn config(&self, project: &Project, state: &State) -> Result<Config, Failure> {
        let name = &self.name;
        let table = project.manifest.peers.get(name).ok_or_else(|| {
            Failure::command(format!("aqua.toml has no `[peers.{name}]` any more"))
        })?;
        let folder = self.place.of_peer(name);
        let failed = |why: String| Failure::new(Exit::Network, format!("the peer {name}: {why}"));
        let parameters = Parameters::of_project(project);
        let plan = Plan { project, parameters: &parameters };
        let mut config = plan.stored(name, table, &self.book)?;
        config.observer = Some(log(&folder, project).map_err(|error| failed(error.to_string()))?);
        let disk =
            Disk::open(&folder.join("peer.redb")).map_err(|error| failed(error.to_string()))?;
        config.store = Box::new(disk);
        let before = state.peers.get(name).map_or(&[][..], |member| &member.addresses);
        if !before.is_empty() {
            config.listen = before.iter().filter_map(|text| text.parse().ok()).collect();
        }
        Ok(config)
    }
}

fn log(folder: &Path, project: &Project) -> std::io::Result<Observer> {
    let logbook = Logbook::open(&folder.join("log"))?;
    let names = project.names();
    Ok(Arc::new(move |happened| logbook.add(&Entry::of(&happened, &names))))
}

impl Commanded for Member {
    async fn reload(&self, host: &Handle) -> Result<(), String> {
        let state = self.place.read().ok().flatten().ok_or("net.json cannot be read")?;
        self.learn(&state);
        host.deny(state.cut_from(&self.name)).await;
        Ok(())
    }
}
