//! Where peers are: ids in libp2p's form and ours, the addresses that are known, and names of
//! hosts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
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

/// Addresses of one peer that are learned from others; beyond it the oldest is forgotten.
const MAX_LEARNED_ADDRESSES: usize = 8;
/// Peers whose addresses are learned from others; beyond it those learned first are forgotten.
const MAX_LEARNED_PEERS: usize = 10_000;

/// The addresses that are known. Clones are the same book, so that hosts in one process find each
/// other.
#[derive(Debug, Clone, Default)]
pub struct AddressBook(Arc<RwLock<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    /// By who runs this peer.
    told: BTreeMap<PeerId, Vec<Multiaddr>>,
    /// By others: claims.
    learned: BTreeMap<PeerId, VecDeque<Multiaddr>>,
    /// The peers of `learned`, oldest first.
    order: VecDeque<PeerId>,
}

impl AddressBook {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Pages> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Pages> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds addresses of a peer; ones that are known are not added again.
    pub fn add(&self, peer: PeerId, addresses: impl IntoIterator<Item = Multiaddr>) {
        let mut book = self.write();
        let known = book.told.entry(peer).or_default();
        for address in addresses {
            if !known.contains(&address) {
                known.push(address);
            }
        }
    }

    /// Adds addresses that others claim. They are tried after those that were told, and only so
    /// many are kept.
    pub(crate) fn learn(&self, peer: PeerId, addresses: impl IntoIterator<Item = Multiaddr>) {
        let mut book = self.write();
        for address in addresses {
            if book.told.get(&peer).is_some_and(|told| told.contains(&address)) {
                continue;
            }
            if !book.learned.contains_key(&peer) {
                book.order.push_back(peer);
            }
            let known = book.learned.entry(peer).or_default();
            known.retain(|one| *one != address);
            known.push_front(address);
            known.truncate(MAX_LEARNED_ADDRESSES);
        }
        if book.order.len() > MAX_LEARNED_PEERS
            && let Some(oldest) = book.order.pop_front()
        {
            book.learned.remove(&oldest);
        }
    }

    /// Forgets an address that others claimed.
    #[cfg(feature = "mdns")]
    pub(crate) fn forget(&self, peer: PeerId, address: &Multiaddr) {
        if let Some(known) = self.write().learned.get_mut(&peer) {
            known.retain(|one| one != address);
        }
    }

    /// The addresses of a peer: those that were told, in the order in which they were added, then
    /// those that were learned, the latest first.
    #[must_use]
    pub fn of(&self, peer: PeerId) -> Vec<Multiaddr> {
        let book = self.read();
        let (told, learned) = (book.told.get(&peer), book.learned.get(&peer));
        told.into_iter().flatten().chain(learned.into_iter().flatten()).cloned().collect()
    }

    /// Everybody of whom an address is known.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerId> {
        let book = self.read();
        let told = book.told.iter().filter(|(_, known)| !known.is_empty()).map(|(peer, _)| *peer);
        let learned = book.learned.iter().filter(|(_, known)| !known.is_empty());
        told.chain(learned.map(|(peer, _)| *peer)).collect::<BTreeSet<_>>().into_iter().collect()
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

    #[test]
    fn what_others_claim_comes_last_and_is_bounded() {
        let book = AddressBook::default();
        let address =
            |port: usize| -> Multiaddr { format!("/ip4/203.0.113.1/tcp/{port}").parse().unwrap() };
        let peer = PeerId([1; 32]);
        book.learn(peer, [address(1), address(2), address(1)]);
        book.add(peer, [address(3)]);
        book.learn(peer, [address(3)]);
        assert_eq!(book.of(peer), [address(3), address(1), address(2)]);
        book.learn(peer, (10..100).map(address));
        assert_eq!(book.of(peer).len(), 1 + MAX_LEARNED_ADDRESSES);
        for number in 0..MAX_LEARNED_PEERS {
            let mut bytes = [2; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            book.learn(PeerId(bytes), [address(1)]);
        }
        assert_eq!(book.of(peer), [address(3)], "what was told stays");
        assert_eq!(book.peers().len(), MAX_LEARNED_PEERS + 1);
    }

    #[tokio::test]
    async fn the_name_of_a_host_is_resolved_and_the_rest_stays() {
        let address: Multiaddr = "/dns4/localhost/tcp/81".parse().unwrap();
        assert_eq!(resolve(vec![address]).await, ["/ip4/127.0.0.1/tcp/81".parse().unwrap()]);
        let unknown: Multiaddr = "/dns4/no-such-host.invalid/tcp/81".parse().unwrap();
        assert!(resolve(vec![unknown]).await.is_empty());
    }
}
