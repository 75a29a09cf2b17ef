//! libp2p: TCP, Noise, Yamux, and the connections on them. The only file that drives the swarm;
//! the rest of the crate sees [`Command`]s and [`Happening`]s.
//!
//! The swarm runs in a task of its own that does no work of ours, because everything that all
//! connections do waits for it.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use aquac_ir::PeerId;
use futures::StreamExt;
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::core::transport::ListenerId;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError, NetworkBehaviour, Stream, SwarmEvent};
use libp2p::{Multiaddr, Swarm, SwarmBuilder, noise, ping, tcp, yamux};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, timeout};

use crate::StartError;
use crate::address::{resolve, to_libp2p, to_ours};
use crate::link::behaviour::{self, End, Opened, Opening};

/// Connections that are being made, in each direction; beyond it they are refused.
const MAX_PENDING: u32 = 256;
/// Connections; beyond it new ones are refused.
const MAX_CONNECTIONS: u32 = 4096;
/// Connections to one peer: one that works, its successor, and both of a simultaneous dial.
const MAX_PER_PEER: u32 = 4;
/// How long a dial may take, handshakes included.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may have no stream.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
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

/// What the swarm is told to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Connect to this peer at one of these addresses.
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
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    limits: connection_limits::Behaviour,
    ping: ping::Behaviour,
    links: behaviour::Behaviour,
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
    /// Where it listens, with the ports that the system chose.
    pub(crate) addresses: Vec<Multiaddr>,
}

impl Network {
    /// Makes the swarm and listens.
    pub(crate) async fn start(
        key: Keypair,
        listen: &[Multiaddr],
        liveness: Liveness,
    ) -> Result<Self, StartError> {
        let mut swarm = build(key, liveness)?;
        let mut addresses = Vec::new();
        for address in listen {
            let failed =
                |reason: String| StartError::CannotListen { address: address.to_string(), reason };
            refuse_taken(address).map_err(|problem| failed(problem.to_string()))?;
            let listener =
                swarm.listen_on(address.clone()).map_err(|problem| failed(problem.to_string()))?;
            let started = timeout(LISTEN_TIMEOUT, listening(&mut swarm, listener));
            let started = started.await.map_err(|_| failed("it takes too long".to_owned()))?;
            addresses.push(started.map_err(failed)?);
        }
        let (dialled, alive) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { swarm, dialled, alive, liveness, addresses })
    }

    /// Runs until nobody commands any more.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        happenings: mpsc::Sender<Happening>,
    ) {
        // One dial at a time waits for the system's resolver here.
        let (resolved, mut dials) = mpsc::channel(MAX_PENDING as usize);
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
                Some((peer, addresses)) = dials.recv() => self.dial(peer, addresses),
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

    fn dial(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) -> Option<Happening> {
        let failed = |reason: String| Some(Happening::DialFailed { peer, reason });
        let Some(id) = to_libp2p(peer) else {
            return failed("its id is no ed25519 key".to_owned());
        };
        let options = DialOpts::peer_id(id)
            .addresses(addresses)
            // A connection that is there is dying, or has no stream yet: see `link::table`.
            .condition(PeerCondition::NotDialing)
            // Reusing the port of the listener makes a quick reconnect collide with the old one.
            .allocate_new_port()
            .build();
        let connection = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => {
                self.dialled.insert(connection, peer);
                None
            }
            // Another dial is under way: its outcome will be told.
            Err(DialError::DialPeerConditionFalse(_)) => None,
            Err(problem) => failed(describe(&problem)),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
    fn translate(&mut self, event: SwarmEvent<BehaviourEvent>) -> Option<Happening> {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Links(opened)) => {
                let Opened { peer, connection, end, opening } = opened;
                let peer = to_ours(&peer)?;
                let dialled = self.dialled.remove(&connection).is_some();
                match opening {
                    Opening::Opened(stream) => {
                        Some(Happening::Opened { peer, connection, end, stream })
                    }
                    Opening::Failed(reason) => {
                        self.swarm.close_connection(connection);
                        dialled.then_some(Happening::DialFailed { peer, reason })
                    }
                }
            }
            SwarmEvent::ConnectionEstablished { connection_id: connection, .. }
            | SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
                connection,
                result: Ok(_),
                ..
            })) => {
                self.alive.insert(connection, Instant::now());
                None
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id: connection, cause, .. } => {
                self.alive.remove(&connection);
                let peer = to_ours(&peer_id)?;
                let reason = cause.map_or("closed".to_owned(), |cause| cause.to_string());
                Some(match self.dialled.remove(&connection) {
                    None => Happening::Closed { peer, connection, reason },
                    Some(_) => Happening::DialFailed { peer, reason },
                })
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                let peer = self.dialled.remove(&connection_id)?;
                Some(Happening::DialFailed { peer, reason: describe(&error) })
            }
            // The rest is about listeners and strangers.
            _ => None,
        }
    }
}

fn build(key: Keypair, liveness: Liveness) -> Result<Swarm<Behaviour>, StartError> {
    let failed = |reason: String| StartError::Transport { reason };
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(MAX_PENDING))
        .with_max_pending_outgoing(Some(MAX_PENDING))
        .with_max_established(Some(MAX_CONNECTIONS))
        .with_max_established_per_peer(Some(MAX_PER_PEER));
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|problem| failed(problem.to_string()))?
        .with_behaviour(|_| Behaviour {
            limits: connection_limits::Behaviour::new(limits),
            ping: ping::Behaviour::new(
                ping::Config::new()
                    .with_interval(liveness.interval)
                    .with_timeout(liveness.patience),
            ),
            links: behaviour::Behaviour::default(),
        })
        .map_err(|problem| failed(problem.to_string()))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
        .with_connection_timeout(DIAL_TIMEOUT)
        .build();
    Ok(swarm)
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

/// Waits until a listener says where it is.
#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p's enum may grow")]
async fn listening(
    swarm: &mut Swarm<Behaviour>,
    listener: ListenerId,
) -> Result<Multiaddr, String> {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::NewListenAddr { listener_id, address } if listener_id == listener => {
                return Ok(address);
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } if listener_id == listener => {
                return Err(reason.err().map_or("it was closed".to_owned(), |e| e.to_string()));
            }
            SwarmEvent::ListenerError { listener_id, error } if listener_id == listener => {
                return Err(error.to_string());
            }
            _ => {}
        }
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
