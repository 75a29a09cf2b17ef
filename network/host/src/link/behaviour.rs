//! The part of the swarm that opens one stream per connection and hands it over.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, Stream, StreamProtocol, SubstreamProtocol, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};

/// What the two ends agree on when the stream is opened.
const PROTOCOL: StreamProtocol = StreamProtocol::new("/aquac/link/1");
/// How long that may take; then the connection is closed.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Which end of a connection this peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It dialled, and opens the stream.
    Dialer,
    /// It was dialled.
    Listener,
}

/// What happened to the stream of a connection.
#[derive(Debug)]
pub(crate) enum Opening {
    /// Here it is.
    Opened(Stream),
    /// The other end does not speak the protocol, or not in time.
    Failed(String),
}

/// An [`Opening`] and the connection that it is about.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) peer: PeerId,
    pub(crate) connection: ConnectionId,
    pub(crate) end: End,
    pub(crate) opening: Opening,
}

/// Hands streams from connections to the swarm's owner.
#[derive(Default)]
pub(crate) struct Behaviour {
    opened: VecDeque<Opened>,
    /// Connections that are dialled for a link. Others serve searches, and get no stream.
    expected: BTreeSet<ConnectionId>,
}

impl Behaviour {
    /// This connection, which is about to be dialled, gets a stream.
    pub(crate) fn expect(&mut self, connection: ConnectionId) {
        self.expected.insert(connection);
    }

    /// The dial has failed.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.expected.remove(&connection);
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Opened;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(End::Listener, true))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let expected = self.expected.remove(&connection);
        Ok(Handler::new(End::Dialer, expected))
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        (end, opening): THandlerOutEvent<Self>,
    ) {
        // Bounded: one per connection, and the connections are limited.
        self.opened.push_back(Opened { peer, connection, end, opening });
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Opened, THandlerInEvent<Self>>> {
        // The swarm polls again after every event of a handler, which is the only source.
        self.opened
            .pop_front()
            .map_or(Poll::Pending, |opened| Poll::Ready(ToSwarm::GenerateEvent(opened)))
    }
}

/// One connection's part: asks for the stream, or waits for it.
pub(crate) struct Handler {
    end: End,
    state: State,
}

enum State {
    /// The dialer has not asked yet.
    Ask,
    /// It is being opened.
    Waiting,
    /// It is to be handed over.
    Ready(Opening),
    /// It was; further streams are refused.
    Done,
}

impl Handler {
    fn new(end: End, expected: bool) -> Self {
        let state = match end {
            End::Dialer if expected => State::Ask,
            End::Dialer => State::Done,
            End::Listener => State::Waiting,
        };
        Self { end, state }
    }

    fn settle(&mut self, opening: Opening) {
        if matches!(self.state, State::Waiting) {
            self.state = State::Ready(opening);
        }
    }
}

type Protocol = ReadyUpgrade<StreamProtocol>;

fn protocol() -> SubstreamProtocol<Protocol> {
    SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ()).with_timeout(OPEN_TIMEOUT)
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = (End, Opening);
    type InboundProtocol = Protocol;
    type OutboundProtocol = Protocol;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Protocol> {
        protocol()
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Protocol, (), (End, Opening)>> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Ask => {
                self.state = State::Waiting;
                Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                    protocol: protocol(),
                })
            }
            State::Ready(opening) => {
                Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour((self.end, opening)))
            }
            other @ (State::Waiting | State::Done) => {
                self.state = other;
                Poll::Pending
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Protocol, Protocol>) {
        match event {
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol, ..
            }) => self.settle(Opening::Opened(protocol)),
            // Only the listener takes one: the dialer opens.
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol, ..
            }) if self.end == End::Listener => self.settle(Opening::Opened(protocol)),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                self.settle(Opening::Failed(error.to_string()));
            }
            // Nothing else is about our stream.
            _ => {}
        }
    }
}
