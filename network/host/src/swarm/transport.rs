//! How bytes get to other peers: TCP and WebSocket, and the memory that hosts of one process
//! share, each encrypted by Noise and multiplexed by Yamux; QUIC where it is built in.

use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::transport::MemoryTransport;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, Swarm, SwarmBuilder, Transport, noise, tcp, yamux};

use super::behaviour::Behaviour;
use super::named::Named;
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

/// WebSocket: dialled with and without TLS, whose certificate must be one that browsers take;
/// listened on without, because in the open web a TLS terminator stands before it. Noise is inside
/// either way.
fn websocket() -> libp2p_websocket::Config<Named> {
    let mut transport = libp2p_websocket::Config::new(Named::new(tcp_config()));
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use futures::StreamExt;
    use libp2p::Multiaddr;
    use libp2p::core::transport::{DialOpts, ListenerId, PortUse, TransportEvent};
    use libp2p::core::{Endpoint, muxing::StreamMuxerBox};
    use libp2p::multiaddr::Protocol;
    use libp2p_websocket::tls;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;

    fn file(name: &str) -> std::path::PathBuf {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/tests/answers/tls");
        tests.join(name)
    }

    fn certificate(name: &str) -> tls::Certificate {
        let der = CertificateDer::from_pem_file(file(name)).unwrap();
        tls::Certificate::new(der.as_ref().to_vec())
    }

    /// A listener behind TLS, as behind a terminator: where, and it says what it reads.
    async fn behind_tls() -> Multiaddr {
        let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
        let key = tls::PrivateKey::new(key.secret_der().to_vec());
        let mut transport = websocket();
        transport.set_tls_config(tls::Config::new(key, [certificate("server.pem")]).unwrap());
        let identity = Keypair::generate_ed25519();
        let secured = secured(transport, &identity).unwrap();
        let mut transport = secured.map(|(_, muxer), _| StreamMuxerBox::new(muxer)).boxed();
        let any = "/ip4/127.0.0.1/tcp/0/wss".parse().unwrap();
        transport.listen_on(ListenerId::next(), any).unwrap();
        let address = loop {
            if let Some(TransportEvent::NewAddress { listen_addr, .. }) = transport.next().await {
                break listen_addr;
            }
        };
        tokio::spawn(async move {
            while let Some(event) = transport.next().await {
                if let TransportEvent::Incoming { upgrade, .. } = event {
                    tokio::spawn(upgrade);
                }
            }
        });
        address
    }

    async fn dialled(trust: &[&str], address: Multiaddr) -> Result<(), String> {
        let mut builder = tls::Config::builder();
        for name in trust {
            builder.add_trust(&certificate(name)).map_err(|problem| problem.to_string())?;
        }
        let mut transport = websocket();
        transport.set_tls_config(builder.finish());
        let mut secured = secured(transport, &Keypair::generate_ed25519()).unwrap();
        let options = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
        let dial = secured.dial(address, options).map_err(|problem| problem.to_string())?;
        dial.await.map(drop).map_err(|problem| format!("{problem:?}"))
    }

    #[tokio::test]
    async fn a_websocket_behind_tls_is_dialled_by_name_and_its_certificate_checked() {
        let address = behind_tls().await;
        let port = address.iter().find(|part| matches!(part, Protocol::Tcp(_))).unwrap();
        let named = |host: &str, end: &str| -> Multiaddr {
            format!("{host}{}{end}", Multiaddr::from(port.clone())).parse().unwrap()
        };
        for end in ["/wss", "/tls/ws"] {
            dialled(&["ca.pem"], named("/dns4/localhost", end)).await.unwrap();
            dialled(&["ca.pem"], named("/ip4/127.0.0.1", end)).await.unwrap();
        }
        dialled(&["ca.pem"], named("/ip4/127.0.0.1", "/tls/sni/localhost/ws")).await.unwrap();
        let other = named("/ip4/127.0.0.1", "/tls/sni/example.org/ws");
        assert!(dialled(&["ca.pem"], other).await.is_err(), "the certificate is another's");
        let unknown = dialled(&[], named("/dns4/localhost", "/wss")).await.unwrap_err();
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        let plain = dialled(&["ca.pem"], named("/ip4/127.0.0.1", "/ws")).await;
        assert!(plain.is_err(), "there is TLS");
    }
}
