//! What runs on every connection.

use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::kad::store::{MemoryStore, MemoryStoreConfig};
#[cfg(feature = "mdns")]
use libp2p::mdns;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{StreamProtocol, identify, kad, ping};

use super::{Liveness, Setup, door};
use crate::link::behaviour as links;
use crate::{Connections, StartError};

/// What identify calls us.
const PROTOCOL: &str = "/aquac/1";
/// How long a search for a peer may take.
const SEARCH_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
/// Bytes of one message of a search.
const MAX_SEARCH_BYTES: usize = 16 << 10;

/// All of it. Limits come first, so that nothing is made for a connection that is refused.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(super) limits: connection_limits::Behaviour,
    pub(super) door: door::Behaviour,
    pub(super) ping: ping::Behaviour,
    pub(super) links: links::Behaviour,
    pub(super) identify: Toggle<identify::Behaviour>,
    pub(super) kad: Toggle<kad::Behaviour<MemoryStore>>,
    #[cfg(feature = "mdns")]
    pub(super) mdns: Toggle<mdns::tokio::Behaviour>,
}

impl Behaviour {
    pub(super) fn new(key: &Keypair, setup: &Setup) -> Result<Self, StartError> {
        let discovery = &setup.discovery;
        let identified = discovery.kademlia.then(|| {
            let config = identify::Config::new(PROTOCOL.to_owned(), key.public())
                .with_agent_version(concat!("aquac/", env!("CARGO_PKG_VERSION")).to_owned());
            identify::Behaviour::new(config)
        });
        Ok(Self {
            limits: connection_limits::Behaviour::new(limits(&setup.connections)),
            door: door::Behaviour::new(setup.guests.clone(), setup.connections),
            ping: pinging(setup.liveness),
            links: links::Behaviour::default(),
            identify: identified.into(),
            kad: discovery.kademlia.then(|| kademlia(key, setup)).transpose()?.into(),
            #[cfg(feature = "mdns")]
            mdns: discovery.mdns.then(|| local(key)).transpose()?.into(),
        })
    }
}

fn limits(connections: &Connections) -> ConnectionLimits {
    ConnectionLimits::default()
        .with_max_pending_incoming(Some(connections.pending))
        .with_max_pending_outgoing(Some(connections.pending))
        .with_max_established(Some(connections.total))
        .with_max_established_per_peer(Some(connections.per_peer))
}

fn pinging(liveness: Liveness) -> ping::Behaviour {
    ping::Behaviour::new(
        ping::Config::new().with_interval(liveness.interval).with_timeout(liveness.patience),
    )
}

/// The name of the table's protocol: peers of other networks are not in it.
pub(super) fn table_protocol(network: &str) -> Result<StreamProtocol, StartError> {
    StreamProtocol::try_from_owned(format!("/aquac/kad/{network}/1"))
        .map_err(|problem| StartError::Transport { reason: problem.to_string() })
}

/// Only the table of peers is used: nothing that others want stored is stored.
fn kademlia(key: &Keypair, setup: &Setup) -> Result<kad::Behaviour<MemoryStore>, StartError> {
    let me = key.public().to_peer_id();
    let mut config = kad::Config::new(table_protocol(&setup.network)?);
    config
        .set_query_timeout(SEARCH_TIMEOUT)
        .set_max_packet_size(MAX_SEARCH_BYTES)
        .set_record_filtering(kad::StoreInserts::FilterBoth)
        .set_kbucket_inserts(kad::BucketInserts::Manual)
        .set_replication_interval(None)
        .set_publication_interval(None)
        .set_provider_publication_interval(None);
    let nothing = MemoryStoreConfig {
        max_records: 0,
        max_value_bytes: 0,
        max_providers_per_key: 0,
        max_provided_keys: 0,
    };
    let store = MemoryStore::with_config(me, nothing);
    let mut table = kad::Behaviour::with_config(me, store, config);
    // Who cannot be dialled is in nobody's table.
    let mode = if setup.listen.is_empty() { kad::Mode::Client } else { kad::Mode::Server };
    table.set_mode(Some(mode));
    Ok(table)
}

#[cfg(feature = "mdns")]
fn local(key: &Keypair) -> Result<mdns::tokio::Behaviour, StartError> {
    mdns::tokio::Behaviour::new(mdns::Config::default(), key.public().to_peer_id())
        .map_err(|problem| StartError::Transport { reason: problem.to_string() })
}
