//! Links between real sockets on loopback, without a peer's logic: frames in, frames out.

use std::pin::pin;
use std::time::Duration;

use aquac_ir::PeerId;
use aquac_peer::Lane;
use aquac_peer::wire::MAX_FRAME_BYTES;
use libp2p::Multiaddr;
use libp2p::identity::Keypair;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::links::{Admitted, Links, Search};
use crate::address::{AddressBook, to_ours};
use crate::here::Connected;
use crate::link::pipe::{Arrival, Arrived};
use crate::swarm::door::Guests;
use crate::swarm::{Happening, Liveness, Network, Setup};
use crate::{Connections, Discovery, Multiaddr as Address, StartError};

const LIVENESS: Liveness =
    Liveness { interval: Duration::from_millis(200), patience: Duration::from_millis(1500) };
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Node {
    pub(super) me: PeerId,
    pub(super) links: Links,
    arrivals: mpsc::Receiver<Arrived>,
    happenings: mpsc::Receiver<Happening>,
    address: Option<Address>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    Up(PeerId),
    Down(PeerId),
    DialFailed(PeerId, String),
    Frame(PeerId, Vec<u8>),
}

impl Node {
    pub(super) async fn start(
        name: u8,
        listen: &str,
        book: &AddressBook,
    ) -> Result<Self, StartError> {
        let key = Keypair::ed25519_from_bytes([name; 32]).unwrap();
        let me = to_ours(&key.public().to_peer_id()).unwrap();
        let listen: Vec<Multiaddr> =
            listen.split_whitespace().map(|a| a.parse().unwrap()).collect();
        let setup = Setup {
            network: "test".to_owned(),
            listen,
            liveness: LIVENESS,
            connections: Connections::default(),
            guests: Guests::default(),
            discovery: Discovery::default(),
            book: book.clone(),
        };
        let network = Network::start(key, setup).await?;
        let address = network.addresses.first().cloned();
        book.add(me, address.clone());
        let (commands, commanded) = mpsc::channel(16);
        let (happened, happenings) = mpsc::channel(16);
        let (arrive, arrivals) = mpsc::channel(16);
        tokio::spawn(network.run(commanded, happened));
        let links =
            Links::new(me, book.clone(), Search::Nobody, Connected::default(), commands, arrive);
        Ok(Self { me, links, arrivals, happenings, address })
    }

    async fn listening(name: u8, book: &AddressBook) -> Self {
        Self::start(name, "/ip4/127.0.0.1/tcp/0", book).await.unwrap()
    }

    fn port(&self) -> u16 {
        let address = self.address.clone().unwrap();
        let Some(libp2p::multiaddr::Protocol::Tcp(port)) = address.iter().nth(1) else { panic!() };
        port
    }

    fn send(&mut self, to: &Self, frame: &[u8]) {
        self.links.send(to.me, Lane::Bulk, frame).unwrap();
    }

    /// The next thing that a driver would tell its peer.
    pub(super) async fn next(&mut self) -> Seen {
        loop {
            let seen = tokio::select! {
                Some(arrived) = self.arrivals.recv() => self.arrived(arrived),
                Some(happening) = self.happenings.recv() => self.happened(happening),
                () = tokio::time::sleep(PATIENCE) => panic!("nothing happens"),
            };
            if let Some(seen) = seen {
                return seen;
            }
        }
    }

    fn arrived(&mut self, Arrived { peer, connection, arrival, .. }: Arrived) -> Option<Seen> {
        match arrival {
            Arrival::Frame(bytes) => {
                self.links.counts(peer, connection).then_some(Seen::Frame(peer, bytes))
            }
            Arrival::Closed(_) | Arrival::Broken(_) => {
                self.links.drop_link(peer, connection).then_some(Seen::Down(peer))
            }
        }
    }

    fn happened(&mut self, happening: Happening) -> Option<Seen> {
        match happening {
            Happening::Opened { peer, connection, end, stream } => {
                match self.links.opened(peer, connection, end, stream) {
                    Admitted::New | Admitted::Replaced => Some(Seen::Up(peer)),
                    Admitted::Refused | Admitted::Denied => None,
                }
            }
            Happening::Closed { peer, connection, reason } => {
                self.links.closing(peer, connection, reason);
                None
            }
            Happening::DialFailed { peer, reason } => {
                self.links.dial_failed(peer).then_some(Seen::DialFailed(peer, reason))
            }
            Happening::Established { .. } | Happening::TurnedAway { .. } => None,
        }
    }
}

async fn linked(book: &AddressBook) -> (Node, Node) {
    let mut client = Node::start(1, "", book).await.unwrap();
    let mut server = Node::listening(2, book).await;
    client.links.dial(server.me).unwrap();
    assert_eq!(client.next().await, Seen::Up(server.me));
    // The stream is announced to the other end with the first bytes.
    client.send(&server, b"first");
    assert_eq!(server.next().await, Seen::Up(client.me));
    assert_eq!(server.next().await, Seen::Frame(client.me, b"first".to_vec()));
    (client, server)
}

#[tokio::test]
async fn frames_go_both_ways_over_one_stream_in_order() {
    let (mut client, mut server) = linked(&AddressBook::default()).await;
    for number in 0..200_u8 {
        client.send(&server, &[number]);
        server.send(&client, &[number, number]);
    }
    for number in 0..200_u8 {
        assert_eq!(server.next().await, Seen::Frame(client.me, vec![number]));
        assert_eq!(client.next().await, Seen::Frame(server.me, vec![number, number]));
    }
    assert_eq!(client.links.unsent(), 0);
}

#[tokio::test]
async fn the_largest_frame_arrives_while_its_reader_is_slow() {
    let (mut client, mut server) = linked(&AddressBook::default()).await;
    let frame = vec![7; MAX_FRAME_BYTES];
    // More than all buffers on the way hold.
    for _ in 0..40 {
        client.send(&server, &frame);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(client.links.unsent() > 0, "the sender holds what the receiver does not take");
    for _ in 0..40 {
        assert_eq!(server.next().await, Seen::Frame(client.me, frame.clone()));
    }
}

#[tokio::test]
async fn what_was_sent_before_the_end_arrives() {
    for _ in 0..20 {
        let (mut client, mut server) = linked(&AddressBook::default()).await;
        let frame = vec![7; MAX_FRAME_BYTES];
        for _ in 0..5 {
            client.links.send(server.me, Lane::Bulk, &frame).unwrap();
        }
        let me = client.me;
        let Node { links, arrivals: _arrivals, happenings: _happenings, .. } = client;
        let (flushed, read) = tokio::join!(
            async {
                links.flush(PATIENCE).await;
                drop(links);
            },
            async {
                for _ in 0..5 {
                    assert_eq!(server.next().await, Seen::Frame(me, frame.clone()));
                }
                server.next().await
            }
        );
        assert_eq!((flushed, read), ((), Seen::Down(me)));
    }
}

#[tokio::test]
async fn a_link_comes_back_after_the_other_end_starts_again() {
    let book = AddressBook::default();
    let (mut client, server) = linked(&book).await;
    let address = server.address.clone().unwrap().to_string();
    let me = server.me;
    drop(server);
    assert_eq!(client.next().await, Seen::Down(me));
    client.links.dial(me).unwrap();
    let Seen::DialFailed(_, reason) = client.next().await else { panic!("nobody listens") };
    assert!(reason.contains(&address) && reason.contains("refused"), "{reason}");
    let mut server = Node::start(2, &address, &book).await.unwrap();
    client.links.dial(me).unwrap();
    assert_eq!(client.next().await, Seen::Up(me));
    client.send(&server, b"again");
    assert_eq!(server.next().await, Seen::Up(client.me));
    assert_eq!(server.next().await, Seen::Frame(client.me, b"again".to_vec()));
}

#[tokio::test]
async fn two_peers_that_dial_each_other_at_once_end_with_one_link() {
    for _ in 0..10 {
        let book = AddressBook::default();
        let mut a = Node::listening(1, &book).await;
        let mut b = Node::listening(2, &book).await;
        a.links.dial(b.me).unwrap();
        b.links.dial(a.me).unwrap();
        // Say something at each start of a link, as peers do, and something last.
        let both = async {
            let (mut of_a, mut of_b) = (0, 0);
            while of_a == 0 || of_b == 0 {
                tokio::select! {
                    seen = a.next() => match seen {
                        Seen::Up(_) => a.links.send(b.me, Lane::Control, b"a").unwrap(),
                        Seen::Frame(..) => of_a += 1,
                        Seen::Down(_) => of_a = 0,
                        Seen::DialFailed(..) => panic!("{seen:?}"),
                    },
                    seen = b.next() => match seen {
                        Seen::Up(_) => b.links.send(a.me, Lane::Control, b"b").unwrap(),
                        Seen::Frame(..) => of_b += 1,
                        Seen::Down(_) => of_b = 0,
                        Seen::DialFailed(..) => panic!("{seen:?}"),
                    },
                }
            }
        };
        timeout(PATIENCE, both).await.unwrap();
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_with_the_address() {
    let book = AddressBook::default();
    let first = Node::listening(1, &book).await;
    let address = first.address.clone().unwrap().to_string();
    let second = Node::start(2, &address, &book).await;
    let Err(StartError::CannotListen { address: named, reason }) = second else {
        panic!("two listeners on one port")
    };
    assert_eq!(named, address);
    assert!(reason.contains("in use"), "{reason}");
}

#[tokio::test]
async fn a_dial_that_cannot_work_says_why() {
    let book = AddressBook::default();
    let mut client = Node::start(1, "", &book).await.unwrap();
    let nobody = PeerId([9; 32]);
    assert_eq!(client.links.dial(nobody), Err("no address of it is known".to_owned()));

    let server = Node::listening(2, &book).await;
    let other = Node::start(3, "", &book).await.unwrap();
    book.add(other.me, server.address.clone());
    client.links.dial(other.me).unwrap();
    let Seen::DialFailed(peer, reason) = client.next().await else { panic!("the wrong peer") };
    assert_eq!(peer, other.me);
    assert!(reason.contains("another peer"), "{reason}");
}

#[tokio::test]
async fn a_stranger_who_speaks_something_else_does_no_harm() {
    let book = AddressBook::default();
    let (mut client, mut server) = linked(&book).await;
    let mut stranger = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stranger, &[0xff; 4096]).await.unwrap();
    client.send(&server, b"still here");
    assert_eq!(server.next().await, Seen::Frame(client.me, b"still here".to_vec()));
}

/// Forwards connections to a port, until it is frozen: then everything stays open and silent.
async fn proxy(port: u16) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let (freeze, frozen) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let mut frozen = frozen.clone();
            tokio::spawn(async move {
                let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let mut copying = pin!(tokio::io::copy_bidirectional(&mut here, &mut there));
                let freezing = async { frozen.wait_for(|frozen| *frozen).await.is_ok() };
                tokio::select! {
                    _ = &mut copying => {}
                    _ = freezing => std::future::pending().await,
                }
            });
        }
    });
    (own, freeze)
}

#[tokio::test]
async fn a_link_whose_other_end_is_silent_is_dropped() {
    let book = AddressBook::default();
    let mut server = Node::listening(2, &book).await;
    let (port, freeze) = proxy(server.port()).await;
    let book = AddressBook::default();
    book.add(server.me, [format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()]);
    let mut client = Node::start(1, "", &book).await.unwrap();
    client.links.dial(server.me).unwrap();
    assert_eq!(client.next().await, Seen::Up(server.me));
    client.send(&server, b"first");
    assert_eq!(server.next().await, Seen::Up(client.me));
    assert_eq!(server.next().await, Seen::Frame(client.me, b"first".to_vec()));
    let quiet = timeout(2 * LIVENESS.patience, client.next()).await;
    assert!(quiet.is_err(), "a link with nothing to say stays: {quiet:?}");
    freeze.send_replace(true);
    assert_eq!(client.next().await, Seen::Down(server.me));
    assert_eq!(server.next().await, Seen::Down(client.me));
}
