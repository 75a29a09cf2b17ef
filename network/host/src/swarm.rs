//! libp2p: the transports, and the connections on them. The only module that drives the swarm;
//! the rest of the crate sees [`Command`]s and [`Happening`]s.
//!
//! The swarm runs in a task of its own that does no work of ours, because everything that all
//! connections do waits for it.

pub(crate) mod behaviour;
pub(crate) mod door;
mod finding;
mod named;
mod transport;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use aquac_ir::PeerId;
use futures::{FutureExt, StreamExt};
use libp2p::core::transport::ListenerId;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError, ListenError, Stream, SwarmEvent};
use libp2p::{Multiaddr, StreamProtocol, Swarm, identify, ping};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, timeout};

use self::behaviour::{Behaviour, BehaviourEvent, table_protocol};
use self::door::{Guests, Unwelcome};
use self::finding::{Finding, Found};
use crate::address::{resolve, to_libp2p, to_ours};
use crate::link::behaviour::{End, Opened, Opening};
use crate::{AddressBook, Connections, Discovery, StartError};

/// Dials whose names are being resolved.
const MAX_RESOLVING: usize = 256;
/// How long connections may take to close when the swarm ends.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long it may take until the listeners say their addresses.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// How it is noticed that the other end of a connection is gone without a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Liveness {
    /// How long after an answer the other end is asked again.
    pub(crate) interval: Duration,
    /// How long it may take to answer then; after that the connection is closed.
    pub(crate) patience: Duration,
}

impl Default for Liveness {
    fn default() -> Self {
        Self { interval: Duration::from_secs(10), patience: Duration::from_secs(10) }
    }
}

/// What a swarm is told about itself.
pub(crate) struct Setup {
    /// The peers of other networks are not looked for.
    pub(crate) network: String,
    pub(crate) listen: Vec<Multiaddr>,
    pub(crate) liveness: Liveness,
    pub(crate) connections: Connections,
    pub(crate) guests: Guests,
    pub(crate) discovery: Discovery,
    /// Where addresses that are found are written.
    pub(crate) book: AddressBook,
}

/// What the swarm is told to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Connect to this peer at one of these addresses, or where others know it.
    Dial { peer: PeerId, addresses: Vec<Multiaddr> },
    /// Close a connection that does not count.
    Close(ConnectionId),
}

/// What happened to connections.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A connection has its stream.
    Opened { peer: PeerId, connection: ConnectionId, end: End, stream: Stream },
    /// A connection is gone.
    Closed { peer: PeerId, connection: ConnectionId, reason: String },
    /// Nothing was delivered to this peer.
    DialFailed { peer: PeerId, reason: String },
    /// A connection is there, its handshakes took so long.
    Established { end: End, took: Duration },
    /// A connection was not let in, or broke before it was one.
    TurnedAway { why: &'static str },
}

/// A swarm that listens and does not run yet.
pub(crate) struct Network {
    swarm: Swarm<Behaviour>,
    /// Connections that were dialled and have no stream yet.
    dialled: BTreeMap<ConnectionId, PeerId>,
    /// When the other end of each connection was last heard. Libp2p's ping itself takes long to
    /// call a silent end a failure.
    alive: BTreeMap<ConnectionId, Instant>,
    liveness: Liveness,
    finding: Finding,
    /// Peers that are dialled, and whose addresses were searched for already.
    searched: BTreeSet<PeerId>,
    book: AddressBook,
    /// Who speaks it is in the table of peers.
    table_protocol: StreamProtocol,
    /// Where it listens, with the ports that the system chose.
    pub(crate) addresses: Vec<Multiaddr>,
}

impl Network {
    /// Makes the swarm and listens.
    pub(crate) async fn start(key: Keypair, setup: Setup) -> Result<Self, StartError> {
        let behaviour = Behaviour::new(&key, &setup)?;
        let mut swarm = transport::build(key, behaviour)?;
        let mut addresses = Vec::new();
        for address in &setup.listen {
            let failed =
                |reason: String| StartError::CannotListen { address: address.to_string(), reason };
            refuse_taken(address).map_err(|problem| failed(problem.to_string()))?;
            let listener =
                swarm.listen_on(address.clone()).map_err(|problem| failed(problem.to_string()))?;
            let started = timeout(LISTEN_TIMEOUT, listening(&mut swarm, listener));
            let started = started.await.map_err(|_| failed("it takes too long".to_owned()))?;
            addresses.extend(started.map_err(failed)?);
        }
        for address in &setup.discovery.external {
            swarm.add_external_address(address.clone());
        }
        Ok(Self {
            swarm,
            dialled: BTreeMap::new(),
            alive: BTreeMap::new(),
            liveness: setup.liveness,
            finding: Finding::default(),
            searched: BTreeSet::new(),
            book: setup.book,
            table_protocol: table_protocol(&setup.network)?,
            addresses,
        })
    }

    /// Runs until nobody commands any more.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        happenings: mpsc::Sender<Happening>,
    ) {
        // One dial at a time waits for the system's resolver here.
        let (resolved, mut dials) = mpsc::channel(MAX_RESOLVING);
        let mut check = interval(self.liveness.patience / 4);
        loop {
            let happening = tokio::select! {
                _ = check.tick() => {
                    self.close_silent();
                    None
                }
                event = self.swarm.select_next_some() => self.translate(event),
                command = commands.recv() => match command {
                    None => return self.close_all().await,
                    Some(Command::Close(connection)) => {
                        self.swarm.close_connection(connection);
                        None
                    }
                    Some(Command::Dial { peer, addresses }) => {
                        let resolved = resolved.clone();
                        tokio::spawn(async move {
                            let addresses = resolve(addresses).await;
                            let _stopped = resolved.send((peer, addresses)).await;
                        });
                        None
                    }
                },
                Some((peer, addresses)) = dials.recv() => self.reach(peer, addresses),
            };
            if let Some(happening) = happening
                && happenings.send(happening).await.is_err()
            {
                return;
            }
        }
    }

    /// Lets the connections write what they hold.
    async fn close_all(mut self) {
        for peer in self.swarm.connected_peers().copied().collect::<Vec<_>>() {
            let _gone_already = self.swarm.disconnect_peer_id(peer);
        }
        let closed = async {
            while self.swarm.network_info().connection_counters().num_established() > 0 {
                self.swarm.select_next_some().await;
            }
        };
        let _too_slow = timeout(CLOSE_TIMEOUT, closed).await;
    }

    fn close_silent(&mut self) {
        let most = self.liveness.interval + self.liveness.patience;
        let silent = self.alive.iter().filter(|(_, heard)| heard.elapsed() > most);
        for connection in silent.map(|(connection, _)| *connection).collect::<Vec<_>>() {
            self.alive.remove(&connection);
            self.swarm.close_connection(connection);
        }
    }

    /// Dials, or searches first.
    fn reach(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) -> Option<Happening> {
        if !addresses.is_empty() {
            return self.dial(peer, addresses);
        }
        self.searched.insert(peer);
        if self.finding.search(self.swarm.behaviour_mut(), peer) {
            return None;
        }
        self.failed(peer, "no address of it is known".to_owned())
    }

    fn dial(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) -> Option<Happening> {
        let Some(id) = to_libp2p(peer) else {
            return self.failed(peer, "its id is no ed25519 key".to_owned());
        };
        let options = DialOpts::peer_id(id)
            .addresses(addresses)
            // A connection that is there is dying, has no stream yet (see `link::table`), or
            // serves a search.
            .condition(PeerCondition::Always)
            // Reusing the port of the listener makes a quick reconnect collide with the old one.
            .allocate_new_port()
            .build();
        let connection = options.connection_id();
        self.swarm.behaviour_mut().links.expect(connection);
        match self.swarm.dial(options) {
            Ok(()) => {
                self.dialled.insert(connection, peer);
                None
            }
            Err(problem) => self.dial_failed(peer, describe(&problem)),
        }
    }

    /// The addresses that we had do not work: perhaps others know newer ones.
    fn dial_failed(&mut self, peer: PeerId, reason: String) -> Option<Happening> {
        if self.searched.insert(peer) && self.finding.search(self.swarm.behaviour_mut(), peer) {
            return None;
        }
        self.failed(peer, reason)
    }

    fn failed(&mut self, peer: PeerId, reason: String) -> Option<Happening> {
        self.searched.remove(&peer);
        Some(Happening::DialFailed { peer, reason })
    }

    fn found(&mut self, Found { peer, addresses }: Found) -> Option<Happening> {
        if addresses.is_empty() {
            return self.failed(peer, "nobody knows where it is".to_owned());
        }
        self.book.learn(peer, addresses.iter().cloned());
        self.dial(peer, addresses)
    }

    fn identified(&mut self, connection: ConnectionId, info: &identify::Info) {
        let Some((peer, addresses)) = self.finding.identified(connection, info) else { return };
        self.book.learn(peer, addresses.iter().cloned());
        let listed = info.protocols.contains(&self.table_protocol);
        if let Some(table) = self.swarm.behaviour_mut().kad.as_mut().filter(|_| listed) {
            let id = info.public_key.to_peer_id();
            for address in addresses {
                table.add_address(&id, address);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
    fn translate(&mut self, event: SwarmEvent<BehaviourEvent>) -> Option<Happening> {
        match event {
            SwarmEvent::Behaviour(event) => self.behaved(event),
            SwarmEvent::ConnectionEstablished {
                connection_id: connection,
                endpoint,
                established_in: took,
                ..
            } => {
                self.alive.insert(connection, Instant::now());
                self.finding.connected(connection, endpoint.get_remote_address());
                let end = if endpoint.is_dialer() { End::Dialer } else { End::Listener };
                Some(Happening::Established { end, took })
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id: connection, cause, .. } => {
                self.alive.remove(&connection);
                self.finding.closed(connection);
                let peer = to_ours(&peer_id)?;
                let reason = cause.map_or("closed".to_owned(), |cause| cause.to_string());
                match self.dialled.remove(&connection) {
                    None => Some(Happening::Closed { peer, connection, reason }),
                    Some(_) => self.failed(peer, reason),
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.swarm.behaviour_mut().links.forget(connection_id);
                let peer = self.dialled.remove(&connection_id)?;
                self.dial_failed(peer, describe(&error))
            }
            SwarmEvent::IncomingConnectionError { error, .. } => {
                Some(Happening::TurnedAway { why: turned_away(error) })
            }
            // The rest is about listeners.
            _ => None,
        }
    }

    fn behaved(&mut self, event: BehaviourEvent) -> Option<Happening> {
        match event {
            BehaviourEvent::Links(opened) => self.opened(opened),
            BehaviourEvent::Ping(ping::Event { connection, result, .. }) => {
                if result.is_ok() {
                    self.alive.insert(connection, Instant::now());
                }
                None
            }
            BehaviourEvent::Identify(identify::Event::Received { connection_id, info, .. }) => {
                self.identified(connection_id, &info);
                None
            }
            BehaviourEvent::Identify(
                identify::Event::Sent { .. }
                | identify::Event::Pushed { .. }
                | identify::Event::Error { .. },
            ) => None,
            BehaviourEvent::Kad(event) => {
                let found = self.finding.progressed(event)?;
                self.found(found)
            }
            #[cfg(feature = "mdns")]
            BehaviourEvent::Mdns(event) => {
                self.noticed(event);
                None
            }
            BehaviourEvent::Limits(never) | BehaviourEvent::Door(never) => match never {},
        }
    }

    /// Peers on the same desk.
    #[cfg(feature = "mdns")]
    fn noticed(&mut self, event: libp2p::mdns::Event) {
        use libp2p::mdns::Event;
        let (Event::Discovered(peers) | Event::Expired(peers)) = &event;
        for (id, address) in peers {
            let Some(peer) = to_ours(id) else { continue };
            // The other end's id stands at the end of what it announces.
            let address: Multiaddr =
                address.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect();
            match event {
                Event::Discovered(_) => self.book.learn(peer, [address]),
                Event::Expired(_) => self.book.forget(peer, &address),
            }
        }
    }

    fn opened(&mut self, opened: Opened) -> Option<Happening> {
        let Opened { peer, connection, end, opening } = opened;
        let peer = to_ours(&peer)?;
        let dialled = self.dialled.remove(&connection).is_some();
        match opening {
            Opening::Opened(stream) => {
                self.searched.remove(&peer);
                Some(Happening::Opened { peer, connection, end, stream })
            }
            Opening::Failed(reason) => {
                self.swarm.close_connection(connection);
                if dialled { self.failed(peer, reason) } else { None }
            }
        }
    }
}

/// The label of a reason.
#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
fn turned_away(error: ListenError) -> &'static str {
    match error {
        ListenError::Denied { cause } => match cause.downcast::<Unwelcome>() {
            Ok(Unwelcome::AddressFull) => "address-full",
            Ok(Unwelcome::Peer) => "not-admitted",
            Err(_) => "too-many",
        },
        _ => "handshake",
    }
}

/// libp2p listens with `SO_REUSEPORT`, so two processes of one user would share a port and each
/// get half of the connections. A listener without it finds out.
fn refuse_taken(address: &Multiaddr) -> io::Result<()> {
    let mut parts = address.iter();
    let ip = match parts.next() {
        Some(Protocol::Ip4(ip)) => ip.into(),
        Some(Protocol::Ip6(ip)) => std::net::IpAddr::from(ip),
        _ => return Ok(()),
    };
    match parts.next() {
        Some(Protocol::Tcp(port)) if port != 0 => TcpListener::bind((ip, port)).map(drop),
        _ => Ok(()),
    }
}

/// Waits until a listener says where it is: at one address, or at one per interface.
async fn listening(
    swarm: &mut Swarm<Behaviour>,
    listener: ListenerId,
) -> Result<Vec<Multiaddr>, String> {
    let mut addresses = Vec::new();
    loop {
        // The others are told with the first one.
        let event = match addresses.is_empty() {
            true => swarm.select_next_some().await,
            false => match swarm.select_next_some().now_or_never() {
                Some(event) => event,
                None => return Ok(addresses),
            },
        };
        addresses.extend(listens(event, listener)?);
    }
}

/// The address in an event of this listener.
#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
fn listens(
    event: SwarmEvent<BehaviourEvent>,
    listener: ListenerId,
) -> Result<Option<Multiaddr>, String> {
    match event {
        SwarmEvent::NewListenAddr { listener_id, address } if listener_id == listener => {
            Ok(Some(address))
        }
        SwarmEvent::ListenerClosed { listener_id, reason, .. } if listener_id == listener => {
            Err(reason.err().map_or("it was closed".to_owned(), |error| error.to_string()))
        }
        SwarmEvent::ListenerError { listener_id, error } if listener_id == listener => {
            Err(error.to_string())
        }
        _ => Ok(None),
    }
}

/// One line for people: libp2p's own text has one per address.
fn describe(error: &DialError) -> String {
    match error {
        DialError::NoAddresses => "no address of it is known".to_owned(),
        DialError::Transport(tried) => {
            let tried = tried.iter().map(|(address, problem)| {
                let mut last: &dyn std::error::Error = problem;
                while let Some(source) = last.source() {
                    last = source;
                }
                format!("{address}: {last}")
            });
            tried.collect::<Vec<_>>().join("; ")
        }
        DialError::WrongPeerId { obtained, address } => {
            format!("{address} belongs to another peer, {obtained}")
        }
        DialError::LocalPeerId { .. }
        | DialError::DialPeerConditionFalse(_)
        | DialError::Aborted
        | DialError::Denied { .. } => error.to_string(),
    }
}
