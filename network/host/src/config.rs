//! What a host is told about itself.

use aquac_ir::PeerId;
use aquac_peer::{AllowAll, Config as PeerConfig, Policy};
use aquac_services::Registry;
use libp2p::Multiaddr;

use crate::{AddressBook, Observer, Store};

/// What a host is told about itself.
pub struct Config {
    /// The secret seed of its ed25519 key.
    pub seed: [u8; 32],
    /// What its peer is told: network, relay, limits.
    pub peer: PeerConfig,
    /// Who may call what.
    pub policy: Box<dyn Policy + Send>,
    /// Where it listens; nowhere for a client. Port 0 lets the system choose.
    pub listen: Vec<Multiaddr>,
    /// Where others are. Hosts in one process share one.
    pub book: AddressBook,
    /// Peers to which a link is kept up beside the relay: those who must be able to answer a host
    /// that nobody can dial.
    pub keep: Vec<PeerId>,
    /// Who answers the calls of programs. The builtins are added.
    pub services: Registry,
    /// Where it stores.
    pub store: Box<dyn Store>,
    /// Who watches.
    pub observer: Option<Observer>,
}

impl Config {
    /// A host with the builtin services that allows every call, listens nowhere and stores in memory.
    #[must_use]
    pub fn new(seed: [u8; 32], peer: PeerConfig) -> Self {
        Self {
            seed,
            peer,
            policy: Box::new(AllowAll),
            listen: Vec::new(),
            book: AddressBook::default(),
            keep: Vec::new(),
            services: Registry::default(),
            store: Box::new(crate::Memory::default()),
            observer: None,
        }
    }
}
