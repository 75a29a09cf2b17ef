//! Where peers are: ids in libp2p's form and ours, the addresses that are known, and names of
//! hosts.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use aquac_ir::PeerId;
use libp2p::Multiaddr;
use libp2p::identity::{PublicKey, ed25519};
use libp2p::multiaddr::Protocol;

/// Addresses that one name of a host may have; the rest are not tried.
const MAX_RESOLVED: usize = 8;

/// libp2p's form of an id; `None` if the bytes are no key.
pub(crate) fn to_libp2p(peer: PeerId) -> Option<libp2p::PeerId> {
    let key = ed25519::PublicKey::try_from_bytes(&peer.0).ok()?;
    Some(PublicKey::from(key).to_peer_id())
}

/// Our form of an id; `None` for keys that are not ed25519.
pub(crate) fn to_ours(peer: &libp2p::PeerId) -> Option<PeerId> {
    peer.to_string().parse().ok()
}

/// The addresses that are known. Clones are the same book, so that hosts in one process find each
/// other.
#[derive(Debug, Clone, Default)]
pub struct AddressBook(Arc<RwLock<BTreeMap<PeerId, Vec<Multiaddr>>>>);

impl AddressBook {
    /// Adds addresses of a peer; ones that are known are not added again.
    pub fn add(&self, peer: PeerId, addresses: impl IntoIterator<Item = Multiaddr>) {
        let mut book = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = book.entry(peer).or_default();
        for address in addresses {
            if !known.contains(&address) {
                known.push(address);
            }
        }
    }

    /// The addresses of a peer, in the order in which they were added.
    #[must_use]
    pub fn of(&self, peer: PeerId) -> Vec<Multiaddr> {
        let book = self.0.read().unwrap_or_else(PoisonError::into_inner);
        book.get(&peer).cloned().unwrap_or_default()
    }

    /// Everybody of whom an address is known.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerId> {
        let book = self.0.read().unwrap_or_else(PoisonError::into_inner);
        book.iter().filter(|(_, known)| !known.is_empty()).map(|(peer, _)| *peer).collect()
    }
}

/// Replaces names of hosts by what the system's resolver says. Names that it does not know are
/// left out.
pub(crate) async fn resolve(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
    let mut resolved = Vec::new();
    for address in addresses {
        let mut parts = address.iter();
        let (name, wanted) = match parts.next() {
            Some(Protocol::Dns(name)) => (name, (true, true)),
            Some(Protocol::Dns4(name)) => (name, (true, false)),
            Some(Protocol::Dns6(name)) => (name, (false, true)),
            _ => {
                resolved.push(address);
                continue;
            }
        };
        let rest: Multiaddr = parts.collect();
        let Ok(found) = tokio::net::lookup_host((name.as_ref(), 0)).await else { continue };
        let found = found.map(|socket| socket.ip()).filter(|ip| match ip {
            std::net::IpAddr::V4(_) => wanted.0,
            std::net::IpAddr::V6(_) => wanted.1,
        });
        for ip in found.take(MAX_RESOLVED) {
            resolved.push(Multiaddr::from(ip).iter().chain(rest.iter()).collect());
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_to_libp2p_and_back() {
        let key = libp2p::identity::Keypair::ed25519_from_bytes([7; 32]).unwrap();
        let theirs = key.public().to_peer_id();
        let ours = to_ours(&theirs).unwrap();
        assert_eq!(to_libp2p(ours), Some(theirs));
    }

    #[tokio::test]
    async fn the_name_of_a_host_is_resolved_and_the_rest_stays() {
        let address: Multiaddr = "/dns4/localhost/tcp/81".parse().unwrap();
        assert_eq!(resolve(vec![address]).await, ["/ip4/127.0.0.1/tcp/81".parse().unwrap()]);
        let unknown: Multiaddr = "/dns4/no-such-host.invalid/tcp/81".parse().unwrap();
        assert!(resolve(vec![unknown]).await.is_empty());
    }
}
