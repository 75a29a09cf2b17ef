//! Starts a host: swarm, store, peer, and the tasks that run them.

use std::sync::Arc;

use aquac_ir::PeerId;
use aquac_peer::{Keys, Peer};
use aquac_services::builtins;
use libp2p::identity::Keypair;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::address::to_ours;
use crate::clock;
use crate::counters::Counters;
use crate::driver::calls::Calls;
use crate::driver::connecting::Connecting;
use crate::driver::kept::KeptLinks;
use crate::driver::links::{Links, Search};
use crate::driver::runs::Runs;
use crate::driver::{Driver, Sources};
use crate::handle::Handle;
use crate::here::{Connected, Here};
use crate::monitor::{Asked, Monitor, Server};
use crate::policy::{Counted, Denials, Replaceable};
use crate::store::writer::{Teller, Writer};
use crate::swarm::door::Guests;
use crate::swarm::{Liveness, Network, Setup};
use crate::{Config, StartError};

/// Frames that were read and not yet handled; while it is full nothing is read from any link.
const MAX_ARRIVALS: usize = 256;
/// Happenings that the swarm has not told yet; while it is full the swarm waits.
const MAX_HAPPENINGS: usize = 256;
/// Commands that the swarm has not taken yet; beyond it dials fail.
const MAX_COMMANDS: usize = 1024;
/// Requests that wait; beyond it who asks waits.
const MAX_REQUESTS: usize = 256;

/// The peer that a seed makes.
///
/// # Errors
///
/// [`StartError::BadKey`], which no seed of 32 bytes gives.
pub fn peer_of_seed(seed: [u8; 32]) -> Result<PeerId, StartError> {
    to_ours(&key_of_seed(seed)?.public().to_peer_id()).ok_or(StartError::BadKey)
}

fn key_of_seed(seed: [u8; 32]) -> Result<Keypair, StartError> {
    Keypair::ed25519_from_bytes(seed).map_err(|_| StartError::BadKey)
}

/// Starts a host. When it returns, the host listens.
///
/// # Errors
///
/// [`StartError`]: a taken port, a store that does not open.
pub async fn start(config: Config) -> Result<Handle, StartError> {
    let me = peer_of_seed(config.seed)?;
    let key = key_of_seed(config.seed)?;
    let (requests, requested) = mpsc::channel(MAX_REQUESTS);
    let guests = Guests::new(config.admission.clone());
    let network = Network::start(key.clone(), setup(&config, &guests)).await?;
    let addresses = network.addresses.clone();
    let Config { seed, peer, policy, book, keep, discovery, mut services, mut store, .. } = config;
    let connected = Connected::default();
    let own: Vec<_> = addresses.iter().chain(&discovery.external).cloned().collect();
    book.add(me, own.iter().cloned());
    let here = Here {
        me,
        key,
        addresses: own,
        book: book.clone(),
        connected: connected.clone(),
        host: requests.downgrade(),
        services: services.ids().map(str::to_owned).collect(),
    };
    services.add_missing(builtins(Arc::new(here)));
    let kept = peer.relay.into_iter().chain(keep).filter(|peer| *peer != me);
    let kept = KeptLinks::new(kept);
    let denied = Denials::default();
    let policy = Replaceable::new(policy);
    let counted = Box::new(Counted { policy: policy.clone(), denied: denied.clone() });
    let peer = Peer::restore(peer, Keys::ed25519(seed), counted, clock::now(), store.load()?)?;

    let (commands, commanded) = mpsc::channel(MAX_COMMANDS);
    let (happened, happenings) = mpsc::channel(MAX_HAPPENINGS);
    let (arrive, arrivals) = mpsc::channel(MAX_ARRIVALS);
    let wanted = peer.neighbours_wanted();
    let search = if discovery.kademlia { Search::Others } else { Search::Nobody };
    let mut driver = Driver {
        me,
        peer,
        links: Links::new(me, book, search, connected, commands, arrive),
        network: tokio::spawn(network.run(commanded, happened)),
        kept,
        calls: Calls::new(services),
        writer: Writer::start(store, Teller { host: me, observer: config.observer.clone() }),
        observer: config.observer,
        guests,
        counters: Counters::default(),
        denied,
        began: Instant::now(),
        runs: Runs::default(),
        connecting: Connecting::default(),
        happened: 0,
        stop_by: None,
    };
    driver.begin(&addresses, wanted);
    let asked = Asked { host: requests.downgrade(), store: driver.writer.so_far().clone() };
    let monitor = monitored(config.monitor, asked).await?;
    let driver = tokio::spawn(driver.run(Sources { arrivals, happenings, requests: requested }));
    Ok(Handle { peer: me, addresses, requests, driver, monitor, policy })
}

async fn monitored(monitor: Option<Monitor>, asked: Asked) -> Result<Option<Server>, StartError> {
    match monitor {
        Some(monitor) => Server::start(monitor, asked).await.map(Some),
        None => Ok(None),
    }
}

fn setup(config: &Config, guests: &Guests) -> Setup {
    Setup {
        network: config.peer.network.clone(),
        listen: config.listen.clone(),
        liveness: Liveness::default(),
        connections: config.connections,
        guests: guests.clone(),
        discovery: config.discovery.clone(),
        book: config.book.clone(),
    }
}
