//! `aquac peer`: one peer of a network, until it is told to stop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aquac_base::{Source, SourceMap};
use aquac_host::{AddressBook, Config, Disk, Event, Handle, Multiaddr, Observed};
use aquac_ir::{PeerId, development_seed};
use aquac_peer::{Durability, Report};
use aquac_project::{PeerManifest, read_manifest};
use aquac_services::config::{AllowConfig, ServiceConfig};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::PeerArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::network::{NETWORK, addresses, policy, registry};
use crate::parameters::Parameters;
use crate::project::shorten;

/// The peer's file as this binary reads it.
type Manifest = PeerManifest<ServiceConfig, AllowConfig>;

/// How long a peer that is told to stop may take to finish what it does.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs the command.
pub(crate) fn peer(arguments: &PeerArguments) -> Result<Exit, Failure> {
    let manifest = read(&arguments.config)?;
    let folder = arguments.config.parent().unwrap_or(Path::new(".")).to_path_buf();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Network, format!("cannot start: {error}")))?;
    let exit = runtime.block_on(serve(&manifest, &folder));
    runtime.shutdown_background();
    exit
}

fn read(path: &Path) -> Result<Manifest, Failure> {
    let shown = shorten(path);
    let text = crate::files::read_text(path)
        .map_err(|why| Failure::command(format!("cannot read {shown}: {why}")))?;
    let mut sources = SourceMap::new();
    let source = sources.add(Source::new(shown, text.as_str()));
    read_manifest(source, &text).map_err(|wrong| Failure::manifest(*wrong, sources))
}

async fn serve(manifest: &Manifest, folder: &Path) -> Result<Exit, Failure> {
    let config = config(manifest, folder)?;
    let name = &manifest.name;
    let mut terminate = signal(SignalKind::terminate())
        .map_err(|error| Failure::new(Exit::Network, format!("cannot watch signals: {error}")))?;
    let mut host = aquac_host::start(config)
        .await
        .map_err(|error| Failure::new(Exit::Network, format!("the peer {name}: {error}")))?;
    announce(name, &host);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        // Why, is in what it said before.
        _ = host.wait() => return Err(Failure::Said(Exit::Network)),
    }
    eprintln!("{name}: stopping");
    host.stop(DRAIN).await;
    Ok(Exit::Success)
}

/// One line on standard output when the peer can be reached: `ready NAME ID ADDRESS…`.
fn announce(name: &str, host: &Handle) {
    let id = host.peer();
    let addresses: String =
        host.addresses().iter().map(|address| format!(" {address}/p2p/{id}")).collect();
    println!("ready {name} {id}{addresses}");
}

fn config(manifest: &Manifest, folder: &Path) -> Result<Config, Failure> {
    let name = &manifest.name;
    let mut peer = aquac_peer::Config::new(NETWORK);
    let mut config_store = None;
    match &manifest.data_dir {
        Some(directory) => config_store = Some(disk(&folder.join(directory), name)?),
        None => peer.durability = Durability::Volatile,
    }
    peer.relay = match &manifest.relay {
        Some(text) => Some(text.parse().map_err(|error| {
            Failure::command(format!("`relay = \"{text}\"` is no peer id: {error}"))
        })?),
        None => None,
    };
    let mut config = Config::new(seed(manifest, folder)?, peer);
    if let Some(store) = config_store {
        config.store = store;
    }
    config.listen = addresses(name, &manifest.listen)?;
    (config.book, config.keep) = book(&manifest.bootstrap)?;
    config.services =
        registry(name, &manifest.service, &Parameters::default(), folder, BTreeMap::new())?;
    config.policy = Box::new(policy(name, &manifest.allow, &BTreeMap::new())?);
    let shown = name.clone();
    config.observer = Some(std::sync::Arc::new(move |happened| log(&shown, &happened)));
    Ok(config)
}

fn disk(directory: &Path, name: &str) -> Result<Box<Disk>, Failure> {
    let failed = |why: String| Failure::new(Exit::Network, format!("the peer {name}: {why}"));
    std::fs::create_dir_all(directory)
        .map_err(|error| failed(format!("cannot make {}: {error}", directory.display())))?;
    let path = directory.join("peer.redb");
    Disk::open(&path).map(Box::new).map_err(|error| failed(error.to_string()))
}

/// The secret key: from its file, or the development key of its name.
fn seed(manifest: &Manifest, folder: &Path) -> Result<[u8; 32], Failure> {
    let Some(file) = &manifest.key_file else {
        return if manifest.dev {
            Ok(development_seed(&manifest.name))
        } else {
            Err(Failure::command(
                "the peer has no `key_file`; write one, or `dev = true` for a development key on loopback",
            ))
        };
    };
    let path: PathBuf = folder.join(file);
    let text = crate::files::read_text(&path)
        .map_err(|why| Failure::command(format!("cannot read the key {file}: {why}")))?;
    let seed = crate::keys::parse_seed(&text).ok_or_else(|| {
        Failure::command(format!("the key file {file} does not hold 64 hexadecimal digits"))
    })?;
    let public = manifest.dev || seed != development_seed(&manifest.name);
    if public { Ok(seed) } else { Err(Failure::command("a development key needs `dev = true`")) }
}

/// Addresses of others, each ending in `/p2p/ID`, and whose they are.
fn book(bootstrap: &[String]) -> Result<(AddressBook, Vec<PeerId>), Failure> {
    let book = AddressBook::default();
    let mut peers = Vec::new();
    for text in bootstrap {
        let bad = |why: &str| Failure::command(format!("`{text}` in `bootstrap`: {why}"));
        let (address, id) =
            text.rsplit_once("/p2p/").ok_or_else(|| bad("it must end in /p2p/ID"))?;
        let id: PeerId = id.parse().map_err(|_| bad("what follows /p2p/ is no peer id"))?;
        let address: Multiaddr = address.parse().map_err(|_| bad("it is no address"))?;
        book.add(id, [address]);
        peers.push(id);
    }
    Ok((book, peers))
}

/// What an operator needs to see; the rest is counted.
fn log(name: &str, happened: &Observed) {
    match &happened.event {
        Event::Called { call, .. } => {
            eprintln!("{name}: {} asks {}.{}", call.particle, call.service, call.function);
        }
        Event::Answered { call, result: Err(error), .. } => {
            eprintln!(
                "{name}: {} {}.{} failed: {}",
                call.particle, call.service, call.function, error.message
            );
        }
        Event::Report(Report::Dropped { reason, detail, .. }) => {
            eprintln!("{name}: dropped ({}): {detail}", reason.label());
        }
        Event::DialFailed { peer, reason } => eprintln!("{name}: cannot reach {peer}: {reason}"),
        Event::StoreFailed(error) => eprintln!("{name}: {error}"),
        Event::Listening { .. }
        | Event::LinkUp { .. }
        | Event::LinkDown { .. }
        | Event::Answered { result: Ok(_), .. }
        | Event::Report(_)
        | Event::Finished { .. } => {}
    }
}
