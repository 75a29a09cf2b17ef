//! What a host's builtin services know about it.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use aquac_ir::PeerId;
use aquac_services::Surroundings;
use libp2p::Multiaddr;
use libp2p::identity::Keypair;

use crate::AddressBook;

/// The peers with a link. Clones are the same set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connected(Arc<RwLock<BTreeSet<PeerId>>>);

impl Connected {
    pub(crate) fn up(&self, peer: PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(peer);
    }

    pub(crate) fn down(&self, peer: PeerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&peer);
    }

    fn all(&self) -> BTreeSet<PeerId> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A host, as its builtin services see it.
pub(crate) struct Here {
    pub(crate) me: PeerId,
    pub(crate) key: Keypair,
    pub(crate) addresses: Vec<Multiaddr>,
    pub(crate) book: AddressBook,
    pub(crate) connected: Connected,
}

impl Surroundings for Here {
    fn me(&self) -> PeerId {
        self.me
    }

    fn addresses(&self) -> Vec<String> {
        self.addresses.iter().map(Multiaddr::to_string).collect()
    }

    fn known(&self) -> Vec<PeerId> {
        let mut known = self.connected.all();
        known.extend(self.book.peers());
        known.into_iter().collect()
    }

    fn is_connected(&self, peer: PeerId) -> bool {
        peer == self.me || self.connected.all().contains(&peer)
    }

    fn contact(&self, peer: PeerId) -> Vec<String> {
        self.book.of(peer).iter().map(Multiaddr::to_string).collect()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).expect("an ed25519 key signs everything")
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.public().verify(message, signature)
    }
}
