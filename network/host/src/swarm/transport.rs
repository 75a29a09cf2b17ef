//! How bytes get to other peers: TCP and WebSocket, and the memory that hosts of one process
//! share, each encrypted by Noise and multiplexed by Yamux; QUIC where it is built in.

use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::transport::MemoryTransport;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, Swarm, SwarmBuilder, Transport, noise, tcp, yamux};

use super::behaviour::Behaviour;
use crate::StartError;

/// How long a dial may take, handshakes included.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may have no stream.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of one WebSocket message; a longer one ends the connection. Noise writes far shorter
/// ones.
const MAX_WEBSOCKET_BYTES: usize = 1 << 20;

fn tcp_config() -> tcp::Config {
    tcp::Config::default().nodelay(true)
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// WebSocket without TLS of its own: in the open web a TLS terminator stands before it, and Noise
/// is inside either way.
fn websocket() -> libp2p_websocket::Config<tcp::tokio::Transport> {
    let mut transport = libp2p_websocket::Config::new(tcp::tokio::Transport::new(tcp_config()));
    transport.set_max_data_size(MAX_WEBSOCKET_BYTES).set_max_redirects(0);
    transport
}

/// Noise and Yamux over something that carries bytes.
fn secured<T>(
    bytes: T,
    key: &Keypair,
) -> Result<
    impl Transport<
        Output = (
            PeerId,
            impl libp2p::core::StreamMuxer<Substream: Send, Error: Send + Sync> + Send + use<T>,
        ),
        Error: Send + Sync,
        Dial: Send,
        ListenerUpgrade: Send,
    > + Send
    + Unpin
    + use<T>,
    Failed,
>
where
    T: Transport<Dial: Send, ListenerUpgrade: Send, Error: Send + Sync> + Send + Unpin + 'static,
    T::Output: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    Ok(bytes
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(key)?)
        .multiplex(yamux::Config::default()))
}

/// A swarm with these behaviours.
pub(super) fn build(key: Keypair, behaviour: Behaviour) -> Result<Swarm<Behaviour>, StartError> {
    let failed = |reason: String| StartError::Transport { reason };
    let builder = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp_config(), noise::Config::new, yamux::Config::default)
        .map_err(|problem| failed(problem.to_string()))?;
    #[cfg(feature = "quic")]
    let builder = builder.with_quic();
    let swarm = builder
        .with_other_transport(|key| secured(websocket(), key))
        .map_err(|problem| failed(problem.to_string()))?
        .with_other_transport(|key| secured(MemoryTransport::default(), key))
        .map_err(|problem| failed(problem.to_string()))?
        .with_behaviour(|_| behaviour)
        .map_err(|problem| failed(problem.to_string()))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
        .with_connection_timeout(DIAL_TIMEOUT)
        .build();
    Ok(swarm)
}
