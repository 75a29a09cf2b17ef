//! Somebody on the wire between two hosts: everything that passes can be read, and says nothing;
//! and what is changed on the way ends the link.

use std::sync::{Arc, Mutex};

use aquac_host::{AddressBook, Multiaddr};
use aquac_ir::Value;
use aquac_peer::Ending;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{End, chain, on};

/// Sees what passes, and may change it.
#[derive(Clone, Default)]
struct Wire {
    seen: Arc<Mutex<Vec<u8>>>,
    changes: Arc<Mutex<bool>>,
}

impl Wire {
    /// A port behind which this one is.
    async fn before(&self, port: u16) -> Multiaddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let wire = self.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(wire.clone().carry(near_in, far_out));
                tokio::spawn(wire.clone().carry(far_in, near_out));
            }
        });
        format!("/ip4/127.0.0.1/tcp/{own}").parse().unwrap()
    }

    fn pass(&self, bytes: &mut [u8]) {
        self.seen.lock().unwrap().extend_from_slice(bytes);
        let mut changes = self.changes.lock().unwrap();
        if *changes && bytes.len() > 20 {
            bytes[bytes.len() / 2] ^= 1;
            *changes = false;
        }
    }

    async fn carry(self, mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin) {
        let mut bytes = vec![0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            self.pass(&mut bytes[..count]);
            if to.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    }
}

/// A bank that the client reaches over the wire only.
async fn behind(wire: &Wire) -> Network {
    let mut network = Network::default();
    network.listening("bank").await;
    let address = network.hosts["bank"].addresses()[0].to_string();
    let port: u16 = address.rsplit('/').next().unwrap().parse().unwrap();
    let over_the_wire = wire.before(port).await;
    network
        .add("client", |shape| {
            shape.config.book = AddressBook::default();
            shape.config.book.add(id("bank"), [over_the_wire]);
            shape.config.keep = vec![id("bank")];
        })
        .await;
    network
}

fn program() -> Vec<u8> {
    chain(vec![on(id("bank"), "echo.say")], End::Return)
}

#[tokio::test]
async fn who_reads_the_wire_reads_nothing() {
    let wire = Wire::default();
    let network = behind(&wire).await;
    let ending = network.ending(program()).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
    let seen = wire.seen.lock().unwrap();
    assert!(seen.len() > 1_000, "it passes here: {} bytes", seen.len());
    let reads = |text: &[u8]| seen.windows(text.len()).any(|part| part == text);
    assert!(reads(b"/noise"), "what is said before there is a key");
    for text in ["echo", "start", "bank("] {
        assert!(!reads(text.as_bytes()), "`{text}` is on the wire");
    }
    assert!(!reads(&id("client").0), "nor who it is");
}

#[tokio::test]
async fn who_changes_a_byte_on_the_wire_ends_the_link_and_the_run_goes_on_over_another() {
    let wire = Wire::default();
    let network = behind(&wire).await;
    network.ending(program()).await;
    *wire.changes.lock().unwrap() = true;
    let mut running = network.run(program(), TTL).await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
    let down = network.hosts["bank"].counters().await.unwrap().links_down;
    assert!(down > 0, "the link with the changed byte is gone");
    assert_eq!(network.seen.calls().len(), 2, "two runs, two calls");
}
