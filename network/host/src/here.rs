//! What a host's builtin services know about it.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use aquac_ir::PeerId;
use aquac_services::Surroundings;
use futures::FutureExt;
use futures::future::BoxFuture;
use libp2p::Multiaddr;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use tokio::sync::{mpsc, oneshot};

use crate::AddressBook;
use crate::handle::Request;

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
    /// Weak, because the host itself holds its services.
    pub(crate) host: mpsc::WeakSender<Request>,
    pub(crate) services: Vec<String>,
}

/// An address without the id at its end, which must be the peer's if it is there.
fn read_address(peer: PeerId, text: &str) -> Result<Multiaddr, String> {
    let mut address: Multiaddr =
        text.parse().map_err(|problem| format!("`{text}` is no address: {problem}"))?;
    if let Some(Protocol::P2p(id)) = address.iter().last() {
        if crate::address::to_ours(&id) != Some(peer) {
            return Err(format!("`{text}` is an address of another peer"));
        }
        address.pop();
    }
    Ok(address)
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

    fn services(&self) -> Vec<String> {
        self.services.clone()
    }

    fn connect(
        &self,
        peer: PeerId,
        addresses: Vec<String>,
    ) -> BoxFuture<'static, Result<bool, String>> {
        let host = self.host.clone();
        async move {
            let read = addresses.iter().map(|text| read_address(peer, text));
            let addresses = read.collect::<Result<Vec<_>, _>>()?;
            let (reply, answer) = oneshot::channel();
            let Some(host) = host.upgrade() else { return Ok(false) };
            let asked = host.send(Request::Connect { peer, addresses, reply }).await;
            Ok(asked.is_ok() && answer.await.unwrap_or(false))
        }
        .boxed()
    }
}
