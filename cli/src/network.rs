//! The peers of a project on this machine: one host each, all in this process, on loopback.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aquac_host::{
    AddressBook, Config, Declared, Event, Handle, Multiaddr, Observed, Observer, quiet,
};
use aquac_ir::{ParticleId, PeerId, development_seed};
use aquac_peer::Durability;
use aquac_services::config::{AllowConfig, ServiceConfig, ServiceKind};
use aquac_services::{Policy, Registry, Service, Setup, Unlisted};
use tokio::time::{Instant, sleep};

use crate::callbacks::{self, CALLBACKS};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::parameters::Parameters;
use crate::project::{CLIENT, PeerTable, Project};
use crate::verdict::Known;

/// Peers of this network refuse particles of any other.
pub(crate) const NETWORK: &str = "local";

/// Where a peer listens if the project does not say.
const ANY_PORT: &str = "/ip4/127.0.0.1/tcp/0";

/// Things that are kept of what happened; a run that does more loses the rest of its diagram.
const MAX_OBSERVED: usize = 100_000;

/// How long peers that run elsewhere may take to be reached.
const REACH_WITHIN: Duration = Duration::from_secs(5);

/// How often it is looked whether one is.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// Running peers, the client among them.
#[derive(Debug)]
pub(crate) struct Network {
    hosts: Vec<Handle>,
    client: Handle,
    observed: Arc<Mutex<Vec<Observed>>>,
}

/// How to start the network of a project.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// Names of the functions' parameters, for HTTP templates.
    pub(crate) parameters: &'a Parameters,
    /// The client's relay.
    pub(crate) relay: Option<PeerId>,
    /// Peers that run elsewhere, with their addresses.
    pub(crate) elsewhere: BTreeMap<String, Multiaddr>,
}

impl Plan<'_> {
    fn registry(
        &self,
        name: &str,
        services: &[ServiceConfig],
        native: BTreeMap<String, Arc<dyn Service>>,
    ) -> Result<Registry, Failure> {
        registry(name, services, self.parameters, &self.project.root, native)
    }
}

impl Plan<'_> {
    /// Peers elsewhere of which at least one must be there to begin: the relay, or, if no peer
    /// runs here, anybody.
    fn needed(&self) -> Vec<PeerId> {
        let elsewhere: Vec<PeerId> = self
            .elsewhere
            .keys()
            .filter_map(|name| self.project.peers.get(name))
            .copied()
            .collect();
        let nobody_here = self
            .project
            .manifest
            .peers
            .iter()
            .all(|(name, table)| self.elsewhere.contains_key(name) || table.id.is_some());
        match self.relay {
            Some(relay) if elsewhere.contains(&relay) => vec![relay],
            Some(_) | None if nobody_here => elsewhere,
            Some(_) | None => Vec::new(),
        }
    }
}

impl Network {
    /// Starts every peer of the project that does not run elsewhere, and the client.
    pub(crate) async fn start(plan: &Plan<'_>) -> Result<Self, Failure> {
        let book = AddressBook::default();
        let observed = Arc::new(Mutex::new(Vec::new()));
        for (name, address) in &plan.elsewhere {
            let id = plan.project.peers.get(name).ok_or_else(|| {
                Failure::command(format!("--at {name}=…: aqua.toml has no `[peers.{name}]`"))
            })?;
            book.add(*id, [address.clone()]);
        }
        let mut hosts = Vec::new();
        // Relays first: who is behind one calls it as soon as it starts.
        let mut tables: Vec<_> = plan.project.manifest.peers.iter().collect();
        tables.sort_by_key(|(_, table)| table.relay.is_some());
        for (name, table) in tables {
            if name == CLIENT || plan.elsewhere.contains_key(name) {
                continue;
            }
            if table.id.is_some() {
                add_remote(&book, plan.project, name, table)?;
                continue;
            }
            let config = host_config(plan, name, table, &book, &observed)?;
            hosts.push(start(name, config).await?);
        }
        let mut config = client_config(plan, &book, &observed)?;
        if plan.relay.is_none() {
            // Nobody can dial the client: whoever ends the run answers over a link that is there.
            config.keep = plan.project.peers.values().copied().collect();
        }
        let client = start(CLIENT, config).await?;
        let network = Self { hosts, client, observed };
        network.reach(&plan.needed(), plan.project).await?;
        Ok(network)
    }

    /// Waits for a link to one of these peers. If none can be dialled, that is the whole answer.
    async fn reach(&self, needed: &[PeerId], project: &Project) -> Result<(), Failure> {
        let me = self.client.peer();
        let until = Instant::now() + REACH_WITHIN;
        let mut failures: BTreeMap<PeerId, String> = BTreeMap::new();
        while !needed.is_empty() {
            for happened in self.observed().into_iter().filter(|happened| happened.host == me) {
                match happened.event {
                    Event::LinkUp { peer } if needed.contains(&peer) => return Ok(()),
                    Event::DialFailed { peer, reason } if needed.contains(&peer) => {
                        failures.insert(peer, reason);
                    }
                    Event::Listening { .. }
                    | Event::LinkUp { .. }
                    | Event::LinkDown { .. }
                    | Event::DialFailed { .. }
                    | Event::Called { .. }
                    | Event::Answered { .. }
                    | Event::Report(_)
                    | Event::Finished { .. }
                    | Event::StoreFailed(_) => {}
                }
            }
            if failures.len() == needed.len() || Instant::now() >= until {
                let lines = failures
                    .iter()
                    .map(|(peer, reason)| format!("\n  {}: {reason}", project.name(*peer)));
                let text = format!("cannot reach the network{}", lines.collect::<String>());
                return Err(Failure::new(Exit::Network, text));
            }
            sleep(ASK_EVERY).await;
        }
        Ok(())
    }

    /// The peer that starts runs.
    pub(crate) const fn client(&self) -> &Handle {
        &self.client
    }

    /// Waits until nothing is under way on any peer and nothing has happened for a while.
    pub(crate) async fn quiet(&self, lull: Duration) {
        let all: Vec<&Handle> = self.hosts.iter().chain([&self.client]).collect();
        quiet(&all, lull).await;
    }

    /// What the client knows of a run that gives no result.
    pub(crate) async fn known(&self, particle: ParticleId) -> Known {
        let waiting = self.client.waiting(particle).await;
        let mut unreached = Vec::new();
        for host in self.hosts.iter().chain([&self.client]) {
            let status = host.status().await.unwrap_or_default();
            unreached.extend(status.unreached.into_iter().map(|(peer, _)| peer));
        }
        unreached.sort_unstable();
        unreached.dedup();
        Known { waiting, unreached }
    }

    /// What happened so far, in the order in which it was seen.
    pub(crate) fn observed(&self) -> Vec<Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops every peer.
    pub(crate) async fn stop(self, within: Duration) {
        self.client.stop(within).await;
        for host in self.hosts {
            host.stop(within).await;
        }
    }
}

async fn start(name: &str, config: Config) -> Result<Handle, Failure> {
    aquac_host::start(config)
        .await
        .map_err(|error| Failure::new(Exit::Network, format!("the peer {name}: {error}")))
}

/// A peer with an id of its own is somebody else's: it only has addresses.
fn add_remote(
    book: &AddressBook,
    project: &Project,
    name: &str,
    table: &PeerTable,
) -> Result<(), Failure> {
    let addresses = addresses(name, &table.listen)?;
    if let Some(id) = project.peers.get(name) {
        book.add(*id, addresses);
    }
    Ok(())
}

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

fn host_config(
    plan: &Plan<'_>,
    name: &str,
    table: &PeerTable,
    book: &AddressBook,
    observed: &Arc<Mutex<Vec<Observed>>>,
) -> Result<Config, Failure> {
    let mut config = plain_config(name, observed);
    config.book = book.clone();
    config.services = plan.registry(name, &table.service, BTreeMap::new())?;
    config.policy = Box::new(policy(name, &table.allow, &plan.project.peers)?);
    match &table.relay {
        Some(relay) => config.peer.relay = Some(peer_named(plan.project, name, relay)?),
        None if table.listen.is_empty() => {
            config.listen = ANY_PORT.parse().into_iter().collect();
        }
        None => config.listen = addresses(name, &table.listen)?,
    }
    Ok(config)
}

fn client_config(
    plan: &Plan<'_>,
    book: &AddressBook,
    observed: &Arc<Mutex<Vec<Observed>>>,
) -> Result<Config, Failure> {
    let mut config = plain_config(CLIENT, observed);
    config.book = book.clone();
    config.peer.relay = plan.relay;
    let own = plan.project.manifest.peers.get(CLIENT).map_or(&[][..], |table| &table.service);
    let mut native = BTreeMap::new();
    if !own.iter().any(|service| service.id == CALLBACKS) {
        native.insert(CALLBACKS.to_owned(), callbacks::shown());
    }
    config.services = plan.registry(CLIENT, own, native)?;
    Ok(config)
}

fn plain_config(name: &str, observed: &Arc<Mutex<Vec<Observed>>>) -> Config {
    let mut peer = aquac_peer::Config::new(NETWORK);
    peer.durability = Durability::Volatile;
    let mut config = Config::new(development_seed(name), peer);
    config.observer = Some(keep(Arc::clone(observed)));
    config
}

fn keep(observed: Arc<Mutex<Vec<Observed>>>) -> Observer {
    Arc::new(move |happened| {
        let mut kept = observed.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MAX_OBSERVED {
            kept.push(happened);
        }
    })
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
    let mut configured = services.to_vec();
    for service in &mut configured {
        if service.kind == ServiceKind::Process {
            service.directory = Some(folder.join(service.directory.take().unwrap_or_default()));
        }
        for (function, config) in &mut service.functions {
            if config.args.is_none() {
                config.args = parameters.of(&service.id, function).map(<[String]>::to_vec);
            }
        }
    }
    Registry::new(Setup { configured, native, otherwise: None })
        .map_err(|error| Failure::command(format!("aqua.toml: `[peers.{name}]`: {error}")))
}

/// Who may call what. Without any rule everything is allowed: development networks are on
/// loopback. With rules, what they do not name is denied.
pub(crate) fn policy(
    name: &str,
    rules: &[AllowConfig],
    peers: &BTreeMap<String, PeerId>,
) -> Result<Declared, Failure> {
    let unlisted = if rules.is_empty() { Unlisted::Allow } else { Unlisted::Deny };
    let find = |text: &str| peers.get(text).copied();
    Policy::new(rules, unlisted, find)
        .map(Declared)
        .map_err(|error| Failure::command(format!("`[peers.{name}]` allow: {error}")))
}

/// The peer that `[peers.NAME]` or a flag names as somebody's relay.
fn peer_named(project: &Project, of: &str, relay: &str) -> Result<PeerId, Failure> {
    project.peers.get(relay).copied().or_else(|| relay.parse().ok()).ok_or_else(|| {
        Failure::command(format!(
            "aqua.toml: `[peers.{of}] relay = \"{relay}\"` names no peer; add `[peers.{relay}]`"
        ))
    })
}
