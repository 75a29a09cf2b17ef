//! `aquac peer`: one peer of a network, until it is told to stop.

mod log;

use std::collections::BTreeMap;
use std::path::Path;

use aquac_base::{Source, SourceMap};
use aquac_host::{AddressBook, Config, Disk, Handle, LimitsTable, MetricsTable, NetworkTable};
use aquac_ir::{PeerId, development_seed};
use aquac_peer::Durability;
use aquac_project::{PeerManifest, read_manifest};
use aquac_services::Unlisted;
use aquac_services::config::{AllowConfig, ServiceConfig};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::PeerArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::member::DRAIN;
use crate::network::NETWORK;
use crate::network::elsewhere::{is_loopback, peer_address};
use crate::network::plan::{addresses, policy, registry};
use crate::parameters::Parameters;
use crate::project::{CLIENT, shorten};

/// The peer's file as this binary reads it.
type Manifest = PeerManifest<ServiceConfig, AllowConfig, NetworkTable, LimitsTable, MetricsTable>;

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
    if let Some(address) = host.monitor() {
        eprintln!("{name}: metrics at http://{address}/metrics, health at http://{address}/health");
    }
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
    if manifest.dev && !config.listen.iter().all(is_loopback) {
        return Err(Failure::command(
            "`dev = true` is for this machine only: everybody has the development keys, so such a peer listens on 127.0.0.1 or ::1; make a key with `aquac key new` for other addresses",
        ));
    }
    (config.book, config.keep) = book(&manifest.bootstrap)?;
    let applied = manifest.network.apply(&mut config);
    applied.map_err(|error| Failure::command(format!("`[network]`: {error}")))?;
    manifest.limits.apply(&mut config);
    config.monitor = manifest.metrics.as_ref().map(MetricsTable::monitor);
    config.services =
        registry(name, &manifest.service, &Parameters::default(), folder, BTreeMap::new())?;
    let without_rules = if manifest.dev { Unlisted::Allow } else { Unlisted::Deny };
    let rules = policy(name, &manifest.allow, &BTreeMap::new(), without_rules)?;
    config.policy = Box::new(rules);
    config.observer = Some(log::observer(name, crate::keys::peer_of(config.seed)));
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
    let name = manifest.name.as_str();
    let Some(file) = &manifest.key_file else {
        return if manifest.dev {
            Ok(development_seed(name))
        } else {
            Err(Failure::command(
                "the peer has no `key_file`; make one with `aquac key new FILE`, or write `dev = true` for a development key on loopback",
            ))
        };
    };
    let path = folder.join(file);
    let seed = crate::keys::read(&path)?;
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    match crate::keys::derived(seed, [name, stem, CLIENT].into_iter()) {
        Some(of) if !manifest.dev => Err(Failure::command(format!(
            "{file} holds the development key of `{of}`, which everybody has; make one with `aquac key new FILE`, or write `dev = true` on loopback"
        ))),
        Some(_) | None => Ok(seed),
    }
}

/// Addresses of others, each ending in `/p2p/ID`, and whose they are.
fn book(bootstrap: &[String]) -> Result<(AddressBook, Vec<PeerId>), Failure> {
    let book = AddressBook::default();
    let mut peers = Vec::new();
    for text in bootstrap {
        let bad = |why: String| Failure::command(format!("`{text}` in `bootstrap`: {why}"));
        let (id, address) = peer_address(text).map_err(bad)?;
        book.add(id, [address]);
        peers.push(id);
    }
    Ok((book, peers))
}
