//! From a peer's file to the configuration of its host. Every value that cannot be is said at its
//! place; nothing is opened or started here.

use std::collections::BTreeMap;

use aquac_host::{AddressBook, Config, Declared, MetricsTable, Multiaddr, Purpose, read_address};
use aquac_ir::{PeerId, development_seed};
use aquac_peer::Durability;
use aquac_services::config::{AllowConfig, ArgumentConfig, ConfigError, ConfigErrorReason};
use aquac_services::{Policy, PolicyError, Registry, Setup, Unlisted};

use super::file::PeerFile;
use crate::failure::Failure;
use crate::located::Step::{self, Index, Key};
use crate::network::NETWORK;
use crate::network::elsewhere::{is_loopback, peer_address};
use crate::network::plan::complete;
use crate::parameters::Parameters;
use crate::project::CLIENT;

/// What the file says, with the defaults of what it does not say. It stores in memory: opening
/// the store is for who starts the host.
pub(super) fn config(file: &PeerFile) -> Result<Config, Failure> {
    let manifest = &file.manifest;
    named(file)?;
    let seed = seed(file)?;
    let mut peer = aquac_peer::Config::new(NETWORK);
    if manifest.data_dir.is_none() {
        peer.durability = Durability::Volatile;
    }
    stored(file)?;
    let me = crate::keys::peer_of(seed);
    peer.relay = relay(file, me)?;
    let mut config = Config::new(seed, peer);
    config.listen = listen(file)?;
    (config.book, config.keep) = bootstrap(file)?;
    let network = manifest.network.apply(&mut config);
    network.map_err(|error| file.wrong_setting(&[Key("network")], &error))?;
    let limits = manifest.limits.check();
    limits.map_err(|error| file.wrong_setting(&[Key("limits")], &error))?;
    manifest.limits.apply(&mut config);
    let monitor = manifest.metrics.as_ref().map(MetricsTable::checked).transpose();
    config.monitor = monitor.map_err(|error| file.wrong_setting(&[], &error))?;
    config.services = services(file)?;
    config.policy = Box::new(policy(file)?);
    Ok(config)
}

/// A name is a word: it stands in logs and in the line that says that the peer is ready.
fn named(file: &PeerFile) -> Result<(), Failure> {
    let name = &file.manifest.name;
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let text = format!("`{name}` is no name of a peer: it is one word");
        return Err(file.wrong(&[Key("name")], text));
    }
    Ok(())
}

/// The secret key: from its file, or the development key of its name.
fn seed(file: &PeerFile) -> Result<[u8; 32], Failure> {
    let manifest = &file.manifest;
    let name = manifest.name.as_str();
    let Some(written) = &manifest.key_file else {
        return if manifest.dev {
            Ok(development_seed(name))
        } else {
            Err(Failure::command(
                "the peer has no `key_file`; make one with `aquac key new FILE`, or write `dev = true` for a development key on loopback",
            ))
        };
    };
    let path = file.folder.join(written);
    let seed = crate::keys::read(&path).map_err(|failure| match failure {
        Failure::Message { text, .. } => file.wrong(&[Key("key_file")], text),
        Failure::Diagnostics { .. } | Failure::Said(_) => failure,
    })?;
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    match crate::keys::derived(seed, [name, stem, CLIENT].into_iter()) {
        Some(of) if !manifest.dev => Err(file.wrong(&[Key("key_file")], format!(
            "{written} holds the development key of `{of}`, which everybody has; make one with `aquac key new FILE`, or write `dev = true` on loopback"
        ))),
        Some(_) | None => Ok(seed),
    }
}

/// Whether there can be a folder to store in.
fn stored(file: &PeerFile) -> Result<(), Failure> {
    let Some(written) = &file.manifest.data_dir else { return Ok(()) };
    let path = file.folder.join(written);
    let there = path.ancestors().find(|path| path.exists());
    if written.is_empty() || there.is_some_and(|there| !there.is_dir()) {
        let text = format!("`{written}` in `data_dir` is no folder, and cannot be made one");
        return Err(file.wrong(&[Key("data_dir")], text));
    }
    Ok(())
}

fn relay(file: &PeerFile, me: PeerId) -> Result<Option<PeerId>, Failure> {
    let Some(text) = &file.manifest.relay else { return Ok(None) };
    let wrong = |why: String| file.wrong(&[Key("relay")], format!("`{text}` in `relay` {why}"));
    let id: PeerId = text.parse().map_err(|error| wrong(format!("is no peer id: {error}")))?;
    if id == me { Err(wrong("is this peer itself".to_owned())) } else { Ok(Some(id)) }
}

fn listen(file: &PeerFile) -> Result<Vec<Multiaddr>, Failure> {
    let mut addresses = Vec::new();
    for (index, text) in file.manifest.listen.iter().enumerate() {
        let wrong = |why: String| file.wrong(&[Key("listen"), Index(index)], why);
        let address = read_address(text, Purpose::Listen)
            .map_err(|why| wrong(format!("`{text}` in `listen` {why}")))?;
        if file.manifest.dev && !is_loopback(&address) {
            return Err(wrong(
                "`dev = true` is for this machine only: everybody has the development keys, so such a peer listens on 127.0.0.1 or ::1; make a key with `aquac key new` for other addresses".to_owned(),
            ));
        }
        addresses.push(address);
    }
    Ok(addresses)
}

/// Addresses of others, each ending in `/p2p/ID`, and whose they are.
fn bootstrap(file: &PeerFile) -> Result<(AddressBook, Vec<PeerId>), Failure> {
    let book = AddressBook::default();
    let mut peers = Vec::new();
    for (index, text) in file.manifest.bootstrap.iter().enumerate() {
        let bad = |why: String| {
            file.wrong(&[Key("bootstrap"), Index(index)], format!("`{text}` in `bootstrap`: {why}"))
        };
        let (id, address) = peer_address(text).map_err(bad)?;
        book.add(id, [address]);
        peers.push(id);
    }
    Ok((book, peers))
}

fn services(file: &PeerFile) -> Result<Registry, Failure> {
    let configured = complete(&file.manifest.service, &Parameters::default(), &file.folder);
    Registry::new(Setup { configured, native: BTreeMap::new(), otherwise: None })
        .map_err(|error| wrong_service(file, &error))
}

fn wrong_service(file: &PeerFile, error: &ConfigError) -> Failure {
    let mut same =
        file.manifest.service.iter().enumerate().filter(|(_, it)| it.id == error.service);
    let first = same.next().map_or(0, |(index, _)| index);
    let second = if error.reason == ConfigErrorReason::Twice { same.next() } else { None };
    let index = second.map_or(first, |(index, _)| index);
    let mut path = vec![Key("service"), Index(index)];
    if let Some(function) = &error.function {
        path.extend([Key("functions"), Key(function)]);
    }
    path.extend(
        match (&error.reason, &error.function) {
            // A path that is no path is an address that is none.
            (ConfigErrorReason::Url { .. }, Some(_)) => Some("path"),
            (reason, _) => reason.field(),
        }
        .map(Key),
    );
    file.wrong(&path, error.to_string())
}

/// Who may call what. Without rules a deployed peer denies everything that has an effect.
pub(super) fn policy(file: &PeerFile) -> Result<Declared, Failure> {
    let manifest = &file.manifest;
    let open = manifest.dev && manifest.allow.is_empty();
    let unlisted = if open { Unlisted::Allow } else { Unlisted::Deny };
    Policy::new(&manifest.allow, unlisted, |_| None).map(Declared).map_err(|bad| {
        let mut path = vec![Key("allow"), Index(bad.rule)];
        match (&bad.problem, manifest.allow.get(bad.rule)) {
            (PolicyError::UnknownPeer(name), Some(rule)) => {
                path.extend(peer_in(rule, name));
                let text = format!("\"{name}\" is no peer id; a peer's own file knows no names");
                file.wrong(&path, text)
            }
            (problem, _) => {
                path.extend(problem.field().map(Key));
                file.wrong(&path, bad.to_string())
            }
        }
    })
}

/// Where a rule names this peer.
fn peer_in<'a>(rule: &'a AllowConfig, name: &str) -> Vec<Step<'a>> {
    let mut initiators = rule.initiator.iter().flatten();
    if let Some(index) = initiators.position(|initiator| initiator == name) {
        return vec![Key("initiator"), Index(index)];
    }
    let from = |argument: &ArgumentConfig| argument.from.as_ref()?.peer.clone();
    let argument = rule.args.iter().find(|(_, argument)| from(argument).as_deref() == Some(name));
    argument
        .map_or(Vec::new(), |(number, _)| vec![Key("args"), Key(number), Key("from"), Key("peer")])
}
