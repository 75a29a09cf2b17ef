//! Who may connect at all: lists of peers, and how many connections one address may hold.
//!
//! Pending connections count from the first packet, so that handshakes that are never finished
//! fill nobody's place but their own address's.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use aquac_ir::PeerId as AquaPeer;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};

use crate::address::to_ours;
use crate::{Admission, Connections};

/// Why a connection was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unwelcome {
    /// Its address holds as many as it may.
    #[error("too many connections from one address")]
    AddressFull,
    /// The peer is denied, or not among those that are allowed.
    #[error("this peer is not admitted")]
    Peer,
}

/// With whom the host connects, as it is now. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guests(Arc<RwLock<Admission>>);

impl Guests {
    pub(crate) fn new(admission: Admission) -> Self {
        Self(Arc::new(RwLock::new(admission)))
    }

    /// From the next connection on.
    pub(crate) fn replace(&self, admission: Admission) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = admission;
    }

    pub(crate) fn admits(&self, peer: AquaPeer) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).admits(peer)
    }
}

/// The door.
pub(crate) struct Behaviour {
    guests: Guests,
    connections: Connections,
    /// Connections from outside.
    inbound: BTreeMap<ConnectionId, Guest>,
    held: BTreeMap<IpAddr, Held>,
}

/// A connection from outside.
struct Guest {
    address: IpAddr,
    pending: bool,
}

/// What one address holds.
#[derive(Default)]
struct Held {
    all: u32,
    pending: u32,
}

impl Behaviour {
    pub(crate) fn new(guests: Guests, connections: Connections) -> Self {
        Self { guests, connections, inbound: BTreeMap::new(), held: BTreeMap::new() }
    }

    fn enter(&mut self, connection: ConnectionId, remote: &Multiaddr) -> Result<(), Unwelcome> {
        let Some(address) = address_of(remote) else { return Ok(()) };
        let held = self.held.entry(address).or_default();
        let Connections { per_address, pending_per_address, .. } = self.connections;
        if held.all >= per_address || held.pending >= pending_per_address {
            return Err(Unwelcome::AddressFull);
        }
        held.all += 1;
        held.pending += 1;
        self.inbound.insert(connection, Guest { address, pending: true });
        Ok(())
    }

    /// The handshakes are over.
    fn settle(&mut self, connection: ConnectionId) {
        let Some(guest) = self.inbound.get_mut(&connection).filter(|guest| guest.pending) else {
            return;
        };
        guest.pending = false;
        if let Some(held) = self.held.get_mut(&guest.address) {
            held.pending = held.pending.saturating_sub(1);
        }
    }

    fn leave(&mut self, connection: ConnectionId) {
        self.settle(connection);
        let Some(guest) = self.inbound.remove(&connection) else { return };
        let Some(held) = self.held.get_mut(&guest.address) else { return };
        held.all = held.all.saturating_sub(1);
        if held.all == 0 {
            self.held.remove(&guest.address);
        }
    }

    fn admit(&self, peer: &PeerId) -> Result<(), Unwelcome> {
        let admitted = to_ours(peer).is_some_and(|peer| self.guests.admits(peer));
        admitted.then_some(()).ok_or(Unwelcome::Peer)
    }
}

/// The address by which connections are counted: of IPv6 the half that one customer has.
#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
fn address_of(remote: &Multiaddr) -> Option<IpAddr> {
    remote.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(match ip.segments() {
            [0, 0, 0, 0, ..] => ip,
            [a, b, c, d, ..] => Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0),
        })),
        _ => None,
    })
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.enter(connection, remote).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit(&peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        peer.map_or(Ok(()), |peer| self.admit(&peer)).map_err(ConnectionDenied::new)?;
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit(&peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(there) => self.settle(there.connection_id),
            FromSwarm::ConnectionClosed(closed) => self.leave(closed.connection_id),
            FromSwarm::ListenFailure(failed) => self.leave(failed.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(per_address: u32, pending_per_address: u32) -> Behaviour {
        let connections =
            Connections { per_address, pending_per_address, ..Connections::default() };
        Behaviour::new(Guests::default(), connections)
    }

    fn entering(door: &mut Behaviour, number: usize, from: &str) -> Result<(), Unwelcome> {
        door.enter(ConnectionId::new_unchecked(number), &from.parse().unwrap())
    }

    #[test]
    fn an_address_holds_so_many_and_a_place_becomes_free_again() {
        let mut door = door(2, 9);
        let (one, other) = ("/ip4/192.0.2.1/tcp/5", "/ip4/192.0.2.2/tcp/5/ws");
        assert_eq!(entering(&mut door, 1, one), Ok(()));
        assert_eq!(entering(&mut door, 2, one), Ok(()));
        assert_eq!(entering(&mut door, 3, one), Err(Unwelcome::AddressFull));
        assert_eq!(entering(&mut door, 4, other), Ok(()));
        door.leave(ConnectionId::new_unchecked(3));
        assert_eq!(entering(&mut door, 5, one), Err(Unwelcome::AddressFull), "3 held nothing");
        door.leave(ConnectionId::new_unchecked(1));
        assert_eq!(entering(&mut door, 6, one), Ok(()));
    }

    #[test]
    fn handshakes_that_are_never_finished_fill_only_so_much() {
        let mut door = door(9, 2);
        let one = "/ip4/192.0.2.1/tcp/5";
        assert_eq!(entering(&mut door, 1, one), Ok(()));
        assert_eq!(entering(&mut door, 2, one), Ok(()));
        assert_eq!(entering(&mut door, 3, one), Err(Unwelcome::AddressFull));
        door.settle(ConnectionId::new_unchecked(1));
        door.settle(ConnectionId::new_unchecked(1));
        assert_eq!(entering(&mut door, 4, one), Ok(()));
        assert_eq!(entering(&mut door, 5, one), Err(Unwelcome::AddressFull));
        door.leave(ConnectionId::new_unchecked(2));
        door.leave(ConnectionId::new_unchecked(1));
        assert_eq!(entering(&mut door, 6, one), Ok(()));
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_are_counted_together() {
        let mut door = door(1, 9);
        assert_eq!(entering(&mut door, 1, "/ip6/2001:db8::1/tcp/5"), Ok(()));
        assert_eq!(entering(&mut door, 2, "/ip6/2001:db8::2/tcp/5"), Err(Unwelcome::AddressFull));
        assert_eq!(entering(&mut door, 3, "/ip6/2001:db8:0:1::2/tcp/5"), Ok(()));
        assert_eq!(entering(&mut door, 4, "/ip6/::1/tcp/5"), Ok(()));
    }
}
