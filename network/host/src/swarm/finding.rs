//! Where peers are that nobody told us of: searches in the table of peers, and what others say
//! about their own addresses.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use aquac_ir::PeerId;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, identify, kad};

use super::behaviour::Behaviour;
use crate::address::{to_libp2p, to_ours};

/// Addresses of itself that a peer is believed.
const MAX_CLAIMED: usize = 8;

/// Searches that are under way, and where connections lead.
#[derive(Default)]
pub(super) struct Finding {
    searches: HashMap<kad::QueryId, PeerId>,
    /// The other end's address of each connection: it decides which claims are believed.
    remote: BTreeMap<ConnectionId, Multiaddr>,
}

/// The result of a search.
pub(super) struct Found {
    pub(super) peer: PeerId,
    pub(super) addresses: Vec<Multiaddr>,
}

impl Finding {
    /// Asks others where a peer is. False if nobody can be asked.
    pub(super) fn search(&mut self, behaviour: &mut Behaviour, peer: PeerId) -> bool {
        let (Some(table), Some(id)) = (behaviour.kad.as_mut(), to_libp2p(peer)) else {
            return false;
        };
        if table.kbuckets().next().is_none() {
            return false;
        }
        self.searches.insert(table.get_closest_peers(id), peer);
        true
    }

    pub(super) fn connected(&mut self, connection: ConnectionId, remote: &Multiaddr) {
        self.remote.insert(connection, remote.clone());
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.remote.remove(&connection);
    }

    /// What the table says.
    #[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
    pub(super) fn progressed(&mut self, event: kad::Event) -> Option<Found> {
        match event {
            kad::Event::OutboundQueryProgressed {
                id,
                result: kad::QueryResult::GetClosestPeers(result),
                step,
                ..
            } if step.last => {
                let peer = self.searches.remove(&id)?;
                let wanted = to_libp2p(peer)?;
                let near = match result {
                    Ok(found) => found.peers,
                    Err(kad::GetClosestPeersError::Timeout { peers, .. }) => peers,
                };
                let found = near.into_iter().find(|near| near.peer_id == wanted);
                let addresses = found.map(|found| found.addrs).unwrap_or_default();
                Some(Found { peer, addresses })
            }
            _ => None,
        }
    }

    /// What a peer says about itself: the addresses that are believed, and whether it is in the
    /// table of peers.
    pub(super) fn identified(
        &self,
        connection: ConnectionId,
        info: &identify::Info,
    ) -> Option<(PeerId, Vec<Multiaddr>)> {
        let peer = to_ours(&info.public_key.to_peer_id())?;
        let seen_at = self.remote.get(&connection)?;
        let claimed = info.listen_addrs.iter().filter(|claim| believable(claim, seen_at));
        Some((peer, claimed.take(MAX_CLAIMED).cloned().collect()))
    }
}

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Machine,
    Desk,
    World,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
fn reach(address: &Multiaddr) -> Option<Reach> {
    let of = |ip: IpAddr| {
        let (nowhere, local) = match ip {
            IpAddr::V4(ip) => (
                ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast(),
                ip.is_private() || ip.is_link_local(),
            ),
            IpAddr::V6(ip) => (
                ip.is_unspecified() || ip.is_multicast(),
                ip.is_unique_local() || ip.is_unicast_link_local(),
            ),
        };
        match () {
            () if nowhere => None,
            () if ip.is_loopback() => Some(Reach::Machine),
            () if local => Some(Reach::Desk),
            () => Some(Reach::World),
        }
    };
    match address.iter().next()? {
        Protocol::Ip4(ip) => of(ip.into()),
        Protocol::Ip6(ip) => of(ip.into()),
        Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) => Some(Reach::World),
        _ => None,
    }
}

/// Whether a peer that we see at one address may say that it is also at another: nobody far away
/// makes us dial our own machine or desk.
fn believable(claim: &Multiaddr, seen_at: &Multiaddr) -> bool {
    match (reach(claim), reach(seen_at)) {
        (Some(claim), Some(seen_at)) => claim >= seen_at,
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn believed(claim: &str, seen_at: &str) -> bool {
        believable(&claim.parse().unwrap(), &seen_at.parse().unwrap())
    }

    #[test]
    fn a_peer_far_away_cannot_claim_to_be_near() {
        let (machine, desk, world) =
            ("/ip4/127.0.0.1/tcp/1", "/ip4/192.168.7.7/tcp/1", "/ip4/203.0.113.9/tcp/1/ws");
        assert!(believed(machine, machine) && believed(desk, machine) && believed(world, machine));
        assert!(!believed(machine, desk) && believed(desk, desk) && believed(world, desk));
        assert!(!believed(machine, world) && !believed(desk, world) && believed(world, world));
        assert!(believed("/dns4/example.org/tcp/1", world));
        assert!(!believed("/ip4/0.0.0.0/tcp/1", machine), "no address at all");
        assert!(!believed("/memory/7", machine));
    }
}
