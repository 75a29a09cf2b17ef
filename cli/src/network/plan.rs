//! From a project to the configurations of its hosts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use aquac_host::{AddressBook, Config, Declared, Multiaddr, Observer};
use aquac_ir::{PeerId, development_seed};
use aquac_peer::Durability;
use aquac_services::config::{AllowConfig, ServiceConfig, ServiceKind};
use aquac_services::{Policy, Registry, Service, Setup, Unlisted};

use super::NETWORK;
use super::elsewhere::Elsewhere;
use crate::callbacks::{self, CALLBACKS};
use crate::failure::Failure;
use crate::parameters::Parameters;
use crate::progress::Progress;
use crate::project::{CLIENT, PeerTable, Project};

/// Where a peer listens if the project does not say.
const ANY_PORT: &str = "/ip4/127.0.0.1/tcp/0";

/// How to start the network of a project.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// Names of the functions' parameters, for HTTP templates.
    pub(crate) parameters: &'a Parameters,
}

impl Plan<'_> {
    /// Names of the peers that start here, relays first: who is behind one calls it as soon as it
    /// starts. Neither the client, nor peers elsewhere, nor one with an id of its own.
    pub(crate) fn here(&self, elsewhere: &Elsewhere) -> Vec<(&str, &PeerTable)> {
        let mut tables: Vec<_> = own_peers(self.project)
            .filter(|(name, _)| !elsewhere.peers.contains_key(*name))
            .collect();
        tables.sort_by_key(|(_, table)| table.relay.is_some());
        tables
    }

    /// A host of a run: it forgets everything when it ends.
    pub(crate) fn passing(
        &self,
        name: &str,
        table: &PeerTable,
        book: &AddressBook,
        observer: Observer,
    ) -> Result<Config, Failure> {
        let mut config = self.stored(name, table, book)?;
        config.peer.durability = Durability::Volatile;
        config.observer = Some(observer);
        Ok(config)
    }

    /// A host that stores what it is given; where, its caller says.
    pub(crate) fn stored(
        &self,
        name: &str,
        table: &PeerTable,
        book: &AddressBook,
    ) -> Result<Config, Failure> {
        let peer = aquac_peer::Config::new(NETWORK);
        let mut config = Config::new(development_seed(name), peer);
        config.book = book.clone();
        config.services = self.registry(name, &table.service, BTreeMap::new())?;
        config.policy = Box::new(policy(name, &table.allow, &self.project.peers, Unlisted::Allow)?);
        match &table.relay {
            Some(relay) => config.peer.relay = Some(peer_named(self.project, name, relay)?),
            None if table.listen.is_empty() => {
                config.listen = ANY_PORT.parse().into_iter().collect();
            }
            None => config.listen = addresses(name, &table.listen)?,
        }
        Ok(config)
    }

    /// The host that starts runs.
    pub(crate) fn client(
        &self,
        elsewhere: &Elsewhere,
        book: &AddressBook,
        observer: Observer,
        progress: &Arc<Progress>,
    ) -> Result<Config, Failure> {
        let mut peer = aquac_peer::Config::new(NETWORK);
        peer.durability = Durability::Volatile;
        peer.relay = elsewhere.relay;
        let mut config = Config::new(elsewhere.client.seed, peer);
        config.observer = Some(observer);
        config.book = book.clone();
        config.admission.deny = elsewhere.cut();
        if elsewhere.relay.is_none() {
            // Nobody can dial the client: whoever ends the run answers over a link that is there.
            config.keep = self.project.peers.values().copied().collect();
        }
        let own = self.project.manifest.peers.get(CLIENT).map_or(&[][..], |table| &table.service);
        let mut native = BTreeMap::new();
        if !own.iter().any(|service| service.id == CALLBACKS) {
            native.insert(CALLBACKS.to_owned(), callbacks::shown(progress.clone()));
        }
        config.services = self.registry(CLIENT, own, native)?;
        Ok(config)
    }

    fn registry(
        &self,
        name: &str,
        services: &[ServiceConfig],
        native: BTreeMap<String, Arc<dyn Service>>,
    ) -> Result<Registry, Failure> {
        registry(name, services, self.parameters, &self.project.root, native)
    }
}

/// The peers of a project that run with it: not the client, and not one with an id of its own,
/// which is somebody else's.
pub(crate) fn own_peers(project: &Project) -> impl Iterator<Item = (&str, &PeerTable)> {
    let tables = project.manifest.peers.iter();
    tables
        .filter(|(name, table)| *name != CLIENT && table.id.is_none())
        .map(|(name, table)| (name.as_str(), table))
}

/// Everybody who is somebody else's, with the addresses that `aqua.toml` gives.
pub(crate) fn add_strangers(book: &AddressBook, project: &Project) -> Result<(), Failure> {
    for (name, table) in project.manifest.peers.iter().filter(|(_, table)| table.id.is_some()) {
        if let Some(id) = project.peers.get(name) {
            book.add(*id, addresses(name, &table.listen)?);
        }
    }
    Ok(())
}

/// Addresses as a peer's table has them.
pub(crate) fn addresses(name: &str, texts: &[String]) -> Result<Vec<Multiaddr>, Failure> {
    texts
        .iter()
        .map(|text| {
            text.parse().map_err(|error| {
                Failure::command(format!(
                    "aqua.toml: `{text}` in `[peers.{name}] listen` is no address ({error}); write for instance \"/ip4/127.0.0.1/tcp/4001\""
                ))
            })
        })
        .collect()
}

/// The services of a peer, with the names of their parameters filled in from the program.
/// Programs beside the peer run in the folder of the file that names them.
pub(crate) fn registry(
    name: &str,
    services: &[ServiceConfig],
    parameters: &Parameters,
    folder: &Path,
    native: BTreeMap<String, Arc<dyn Service>>,
) -> Result<Registry, Failure> {
    let configured = complete(services, parameters, folder);
    Registry::new(Setup { configured, native, otherwise: None })
        .map_err(|error| Failure::command(format!("aqua.toml: `[peers.{name}]`: {error}")))
}

/// Services with what the program and the place of their file add.
pub(crate) fn complete(
    services: &[ServiceConfig],
    parameters: &Parameters,
    folder: &Path,
) -> Vec<ServiceConfig> {
    let mut configured = services.to_vec();
    for service in &mut configured {
        if service.kind == ServiceKind::Process {
            service.directory = Some(folder.join(service.directory.take().unwrap_or_default()));
        }
        service.ca = service.ca.take().map(|file| folder.join(file));
        for (function, config) in &mut service.functions {
            if config.args.is_none() {
                config.args = parameters.of(&service.id, function).map(<[String]>::to_vec);
            }
        }
    }
    configured
}

/// Who may call what. What no rule names is denied. Only where there is no rule at all, it is as
/// `without_rules` says: development networks on loopback allow everything.
pub(crate) fn policy(
    name: &str,
    rules: &[AllowConfig],
    peers: &BTreeMap<String, PeerId>,
    without_rules: Unlisted,
) -> Result<Declared, Failure> {
    let unlisted = if rules.is_empty() { without_rules } else { Unlisted::Deny };
    let find = |text: &str| peers.get(text).copied();
    Policy::new(rules, unlisted, find)
        .map(Declared)
        .map_err(|error| Failure::command(format!("`[peers.{name}]` allow: {error}")))
}

/// The peer that `[peers.NAME]` names as its relay.
fn peer_named(project: &Project, of: &str, relay: &str) -> Result<PeerId, Failure> {
    project.peers.get(relay).copied().or_else(|| relay.parse().ok()).ok_or_else(|| {
        Failure::command(format!(
            "aqua.toml: `[peers.{of}] relay = \"{relay}\"` names no peer; add `[peers.{relay}]`"
        ))
    })
}

/// Ids of peers, without those that are there twice.
pub(crate) fn distinct(peers: impl IntoIterator<Item = PeerId>) -> Vec<PeerId> {
    peers.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}
