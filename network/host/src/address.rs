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

/// What an address is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To listen there.
    Listen,
    /// To reach somebody there.
    Dial,
}

/// Why a text is no address that a host can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address at all.
    #[error("is no address ({0}); write for instance \"/ip4/127.0.0.1/tcp/4001\"")]
    Syntax(String),
    /// It is one of a transport that there is not.
    #[error(
        "is an address of a transport that is not there; there are /tcp/PORT, /tcp/PORT/ws and /tcp/PORT/wss behind /ip4/…, /ip6/… or /dns…/…"
    )]
    Transport,
    /// This program was built without it.
    #[error("is an address of QUIC, and this program was built without the feature `quic`")]
    Quic,
    /// A listener has no certificate.
    #[error("cannot be listened on: listen with /ws, and put a TLS terminator before it")]
    ListenTls,
    /// A listener needs an address.
    #[error("cannot be listened on: a listener needs an IP address, not a name")]
    ListenName,
    /// Nobody is at port 0.
    #[error("has port 0, at which nobody can be reached")]
    NoPort,
}

/// Reads an address, and says whether this host can use it.
///
/// # Errors
///
/// [`AddressError`].
pub fn read_address(text: &str, purpose: Purpose) -> Result<Multiaddr, AddressError> {
    let address: Multiaddr = text
        .parse()
        .map_err(|why: libp2p::multiaddr::Error| AddressError::Syntax(why.to_string()))?;
    check_address(&address, purpose)?;
    Ok(address)
}

/// Whether this host can use an address.
///
/// # Errors
///
/// [`AddressError`], never its [`AddressError::Syntax`].
#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
pub fn check_address(address: &Multiaddr, purpose: Purpose) -> Result<(), AddressError> {
    let mut parts: Vec<_> = address.iter().collect();
    if matches!(parts.last(), Some(Protocol::P2p(_))) && purpose == Purpose::Dial {
        parts.pop();
    }
    if let [Protocol::Memory(_)] = parts.as_slice() {
        return Ok(());
    }
    let (host, rest) = parts.split_first().ok_or(AddressError::Transport)?;
    match host {
        Protocol::Ip4(_) | Protocol::Ip6(_) => {}
        Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) => {
            if purpose == Purpose::Listen {
                return Err(AddressError::ListenName);
            }
        }
        _ => return Err(AddressError::Transport),
    }
    let port = match rest {
        [Protocol::Tcp(port)] | [Protocol::Tcp(port), Protocol::Ws(_)] => port,
        [Protocol::Tcp(port), Protocol::Wss(_)]
        | [Protocol::Tcp(port), Protocol::Tls, Protocol::Ws(_)]
        | [Protocol::Tcp(port), Protocol::Tls, Protocol::Sni(_), Protocol::Ws(_)] => {
            if purpose == Purpose::Listen {
                return Err(AddressError::ListenTls);
            }
            port
        }
        [Protocol::Udp(port), Protocol::QuicV1] if cfg!(feature = "quic") => port,
        [Protocol::Udp(_), Protocol::QuicV1] => return Err(AddressError::Quic),
        _ => return Err(AddressError::Transport),
    };
    if *port == 0 && purpose == Purpose::Dial { Err(AddressError::NoPort) } else { Ok(()) }
}

/// Replaces names of hosts by what the system's resolver says. Names that it does not know are
/// left out. Addresses of WebSocket keep theirs: see [`crate::swarm`].
pub(crate) async fn resolve(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
    let web = |part: Protocol<'_>| matches!(part, Protocol::Ws(_) | Protocol::Wss(_));
    let (kept, rest): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.iter().any(web));
    let mut resolved = resolve_all(rest).await;
    resolved.extend(kept);
    resolved
}

/// The same, of all addresses.
pub(crate) async fn resolve_all(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
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

    #[test]
    fn an_address_that_nobody_can_use_is_refused_with_the_reason() {
        let read = |text: &str, purpose| read_address(text, purpose).map(drop);
        use AddressError as Error;
        for (text, listen, dial) in [
            ("/ip4/127.0.0.1/tcp/0", Ok(()), Err(Error::NoPort)),
            ("/ip6/::1/tcp/4001", Ok(()), Ok(())),
            ("/ip4/0.0.0.0/tcp/4002/ws", Ok(()), Ok(())),
            ("/dns4/example.org/tcp/4001", Err(Error::ListenName), Ok(())),
            ("/ip4/192.0.2.1/tcp/443/wss", Err(Error::ListenTls), Ok(())),
            ("/ip4/192.0.2.1/tcp/443/tls/ws", Err(Error::ListenTls), Ok(())),
            ("/ip4/192.0.2.1/tcp/443/tls/sni/a.example/ws", Err(Error::ListenTls), Ok(())),
            ("/ip4/192.0.2.1/udp/4001", Err(Error::Transport), Err(Error::Transport)),
            ("/unix/tmp", Err(Error::Transport), Err(Error::Transport)),
            ("/tcp/4001", Err(Error::Transport), Err(Error::Transport)),
            ("/memory/7", Ok(()), Ok(())),
        ] {
            assert_eq!(read(text, Purpose::Listen), listen, "{text}");
            assert_eq!(read(text, Purpose::Dial), dial, "{text}");
        }
        assert!(matches!(read("4001", Purpose::Dial), Err(Error::Syntax(_))));
        let quic = read("/ip4/127.0.0.1/udp/4001/quic-v1", Purpose::Listen);
        assert_eq!(quic.is_ok(), cfg!(feature = "quic"));
    }

    #[tokio::test]
    async fn the_name_of_a_host_is_resolved_and_the_rest_stays() {
        let address: Multiaddr = "/dns4/localhost/tcp/81".parse().unwrap();
        assert_eq!(resolve(vec![address]).await, ["/ip4/127.0.0.1/tcp/81".parse().unwrap()]);
        let web: Multiaddr = "/dns4/localhost/tcp/81/wss".parse().unwrap();
        assert_eq!(resolve(vec![web.clone()]).await, [web], "the name is in the certificate");
        let unknown: Multiaddr = "/dns4/no-such-host.invalid/tcp/81".parse().unwrap();
        assert!(resolve(vec![unknown]).await.is_empty());
    }
}
