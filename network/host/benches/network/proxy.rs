//! A link that takes its time: everything that goes through a port comes out later, in order.

use std::time::Duration;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Pieces that are on their way at a time.
const MAX_PIECES: usize = 4096;

/// An address that leads to this one, `delay` away.
pub(crate) async fn before(address: &Multiaddr, delay: Duration) -> Multiaddr {
    if delay.is_zero() {
        return address.clone();
    }
    let port = address.iter().find_map(|part| {
        let Protocol::Tcp(port) = part else { return None };
        Some(port)
    });
    let port = port.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            tokio::spawn(async move {
                let there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                here.set_nodelay(true).unwrap();
                there.set_nodelay(true).unwrap();
                let ((from_here, to_here), (from_there, to_there)) =
                    (here.into_split(), there.into_split());
                tokio::join!(later(from_here, to_there, delay), later(from_there, to_here, delay));
            });
        }
    });
    format!("/ip4/127.0.0.1/tcp/{own}").parse().unwrap()
}

async fn later(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, delay: Duration) {
    let (pieces, mut due) = mpsc::channel::<(Instant, Vec<u8>)>(MAX_PIECES);
    let reading = async move {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length) = from.read(&mut buffer).await {
            let piece = (Instant::now() + delay, buffer[..length].to_vec());
            if length == 0 || pieces.send(piece).await.is_err() {
                return;
            }
        }
    };
    let writing = async move {
        while let Some((then, bytes)) = due.recv().await {
            sleep_until(then).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(reading, writing);
}
