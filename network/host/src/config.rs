//! What a host is told about itself.

use std::collections::BTreeSet;

use aquac_ir::PeerId;
use aquac_peer::{AllowAll, Config as PeerConfig, Policy};
use aquac_services::Registry;
use libp2p::Multiaddr;

use crate::{AddressBook, Monitor, Observer, Store};

/// What a host is told about itself.
pub struct Config {
    /// The secret seed of its ed25519 key.
    pub seed: [u8; 32],
    /// What its peer is told: network, relay, limits.
    pub peer: PeerConfig,
    /// Who may call what.
    pub policy: Box<dyn Policy + Send>,
    /// Where it listens; nowhere for a client. Port 0 lets the system choose. `/tcp/PORT` speaks
    /// TCP, `/tcp/PORT/ws` WebSocket, `/udp/PORT/quic-v1` QUIC where that is built in, and
    /// `/memory/NUMBER` reaches hosts of the same process without a socket.
    pub listen: Vec<Multiaddr>,
    /// How many connections it holds.
    pub connections: Connections,
    /// With whom it connects at all.
    pub admission: Admission,
    /// How it finds peers that nobody told it of.
    pub discovery: Discovery,
    /// Where others are. Hosts in one process share one.
    pub book: AddressBook,
    /// Peers to which a link is kept up beside the relay: those who must be able to answer a host
    /// that nobody can dial, and those who know others.
    pub keep: Vec<PeerId>,
    /// Who answers the calls of programs. The builtins are added.
    pub services: Registry,
    /// Where it stores.
    pub store: Box<dyn Store>,
    /// Who watches.
    pub observer: Option<Observer>,
    /// Where it tells its metrics and its health.
    pub monitor: Option<Monitor>,
}

impl Config {
    /// A host with the builtin services that allows every call, listens nowhere, looks for nobody
    /// and stores in memory.
    #[must_use]
    pub fn new(seed: [u8; 32], peer: PeerConfig) -> Self {
        Self {
            seed,
            peer,
            policy: Box::new(AllowAll),
            listen: Vec::new(),
            connections: Connections::default(),
            admission: Admission::default(),
            discovery: Discovery::default(),
            book: AddressBook::default(),
            keep: Vec::new(),
            services: Registry::default(),
            store: Box::new(crate::Memory::default()),
            observer: None,
            monitor: None,
        }
    }
}

/// How many connections a host holds. Beyond a bound new ones are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// All of them.
    pub total: u32,
    /// From one address, those that are being made included; of IPv6 from one /64.
    pub per_address: u32,
    /// With one peer: one that works, its successor, and both of a simultaneous dial.
    pub per_peer: u32,
    /// Those that are being made, in each direction.
    pub pending: u32,
    /// Those of them from one address, as in `per_address`: who never finishes handshakes keeps
    /// nobody else out.
    pub pending_per_address: u32,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            total: 4096,
            per_address: 1024,
            per_peer: 4,
            pending: 1024,
            pending_per_address: 256,
        }
    }
}

/// With whom a host connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admission {
    /// Only these, if there are any here.
    pub allow: Option<BTreeSet<PeerId>>,
    /// Never these.
    pub deny: BTreeSet<PeerId>,
}

impl Admission {
    /// Whether there may be a connection with this peer.
    #[must_use]
    pub fn admits(&self, peer: PeerId) -> bool {
        let allowed = self.allow.as_ref().is_none_or(|allowed| allowed.contains(&peer));
        allowed && !self.deny.contains(&peer)
    }
}

/// How a host finds peers that nobody told it of. By default it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// It asks the peers that it knows, in a Kademlia table, and answers others if it listens.
    pub kademlia: bool,
    /// It announces itself on the local network and listens for others there. Without effect
    /// where the feature `mdns` is not built in.
    pub mdns: bool,
    /// Where it is reached from outside, beside the addresses on which it listens.
    pub external: Vec<Multiaddr>,
}
