//! The same machine without us: TCP, and streams of libp2p.

use std::time::{Duration, Instant};

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::core::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, noise, tcp, yamux};
use tokio::net::{TcpListener, TcpStream};

use super::{Times, worked};

const ECHO: StreamProtocol = StreamProtocol::new("/bench/echo/1");
/// Trips that are not measured.
const WARM: usize = 50;

async fn trips<S: futures::AsyncRead + futures::AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: usize,
    count: usize,
) -> Times {
    let (message, mut answer) = (vec![7; bytes], vec![0; bytes]);
    let mut times = Vec::with_capacity(count);
    for trip in 0..WARM + count {
        let began = Instant::now();
        stream.write_all(&message).await.unwrap();
        stream.flush().await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        if trip >= WARM {
            times.push(began.elapsed());
        }
    }
    Times::of(times)
}

/// Round trips of so many bytes over bare TCP.
pub(crate) async fn tcp(bytes: usize, count: usize) -> Times {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut read, mut write) = stream.split();
        let _closed = tokio::io::copy(&mut read, &mut write).await;
    });
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (message, mut answer) = (vec![7; bytes], vec![0; bytes]);
    let (mut stream, mut times) = (stream, Vec::with_capacity(count));
    for trip in 0..WARM + count {
        let began = Instant::now();
        stream.write_all(&message).await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        if trip >= WARM {
            times.push(began.elapsed());
        }
    }
    Times::of(times)
}

/// A swarm that echoes, or asks one that does.
pub(crate) struct Raw {
    pub(crate) id: PeerId,
    pub(crate) address: Multiaddr,
    pub(crate) control: libp2p_stream::Control,
}

fn swarm() -> Swarm<libp2p_stream::Behaviour> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| libp2p_stream::Behaviour::new())
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build()
}

impl Raw {
    /// It listens on loopback and echoes every stream.
    pub(crate) async fn start() -> Self {
        let mut swarm = swarm();
        swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
        let address = loop {
            let event = swarm.select_next_some().await;
            if let libp2p::swarm::SwarmEvent::NewListenAddr { address, .. } = event {
                break address;
            }
        };
        let (id, mut control) = (*swarm.local_peer_id(), swarm.behaviour().new_control());
        let mut streams = control.accept(ECHO).unwrap();
        tokio::spawn(async move {
            while let Some((_, stream)) = streams.next().await {
                tokio::spawn(async move {
                    let (read, mut write) = stream.split();
                    let _closed = futures::io::copy(read, &mut write).await;
                });
            }
        });
        let asks = swarm.behaviour().new_control();
        tokio::spawn(async move {
            loop {
                swarm.select_next_some().await;
            }
        });
        Self { id, address, control: asks }
    }

    /// A swarm that has connections to these.
    pub(crate) async fn client(others: &[(PeerId, Multiaddr)]) -> Self {
        let mut swarm = swarm();
        for (id, address) in others {
            swarm.dial(address.clone().with(Protocol::P2p(*id))).unwrap();
        }
        let mut connected = 0;
        while connected < others.len() {
            let event = swarm.select_next_some().await;
            if let libp2p::swarm::SwarmEvent::ConnectionEstablished { .. } = event {
                connected += 1;
            }
        }
        let (id, control) = (*swarm.local_peer_id(), swarm.behaviour().new_control());
        tokio::spawn(async move {
            loop {
                swarm.select_next_some().await;
            }
        });
        Self { id, address: Multiaddr::empty(), control }
    }

    pub(crate) async fn open(&mut self, to: PeerId) -> libp2p::Stream {
        self.control.open_stream(to, ECHO).await.unwrap()
    }
}

/// Round trips of so many bytes over one stream of libp2p: TCP, Noise, Yamux.
pub(crate) async fn stream(bytes: usize, count: usize) -> Times {
    let server = Raw::start().await;
    let mut client = Raw::client(&[(server.id, server.address.clone())]).await;
    let mut stream = client.open(server.id).await;
    trips(&mut stream, bytes, count).await
}

/// What one message of so many bytes costs at both ends of a stream when many are under way, in
/// microseconds of the processor.
pub(crate) async fn message(bytes: usize, count: usize) -> f64 {
    let server = Raw::start().await;
    let mut client = Raw::client(&[(server.id, server.address.clone())]).await;
    let (mut read, mut write) = client.open(server.id).await.split();
    let total = bytes * count;
    let began = worked();
    let writing = async {
        let message = vec![7; bytes];
        for _ in 0..count {
            write.write_all(&message).await.unwrap();
            write.flush().await.unwrap();
        }
    };
    let reading = async {
        let (mut buffer, mut seen) = (vec![0; 64 << 10], 0);
        while seen < total {
            seen += read.read(&mut buffer).await.unwrap();
        }
    };
    tokio::join!(writing, reading);
    // There and back.
    (worked() - began).as_nanos() as f64 / 1000.0 / (2 * count) as f64
}

/// Asks each in turn over its stream. How long all take together.
pub(crate) async fn in_turn(streams: &mut [libp2p::Stream], bytes: usize, count: usize) -> Times {
    let (message, mut answer) = (vec![7; bytes], vec![0; bytes]);
    let mut times = Vec::with_capacity(count);
    for round in 0..count + 2 {
        let began = Instant::now();
        for stream in &mut *streams {
            stream.write_all(&message).await.unwrap();
            stream.flush().await.unwrap();
            stream.read_exact(&mut answer).await.unwrap();
        }
        if round >= 2 {
            times.push(began.elapsed());
        }
    }
    Times::of(times)
}
