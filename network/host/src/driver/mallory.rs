//! A peer that does what it likes on the wire, over real sockets: it has a valid key and a link,
//! runs the real logic of a peer, and changes the frames that leave it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aquac_ir::{CallResult, Limits, Nonce, ParticleId, PeerId, Value};
use aquac_peer::{
    Config as PeerConfig, Durability, Input, Keys, Lane, Output, Peer, Policy, Report,
};
use aquac_services::{Registry, Setup, native};
use tokio::time::{sleep, timeout};

use super::links_on_loopback::{Node, Seen};
use crate::{AddressBook, Config, Event, Handle, Observed, clock, peer_of_seed};

/// What becomes of a frame to a peer.
pub(super) type Tamper = Box<dyn FnMut(PeerId, Vec<u8>) -> Vec<Vec<u8>> + Send>;

pub(super) struct Mallory {
    pub(super) node: Node,
    pub(super) peer: Peer,
    tamper: Tamper,
    /// Frames of the bulk lane as they left.
    pub(super) sent: Vec<(PeerId, Vec<u8>)>,
    nonce: u8,
}

impl Mallory {
    /// With the key of this number.
    pub(super) async fn start(number: u8, book: &AddressBook, tamper: Tamper) -> Self {
        let node = Node::start(number, "", book).await.unwrap();
        let mut config = PeerConfig::new("test");
        config.durability = Durability::Volatile;
        let peer = Peer::new(config, Keys::ed25519([number; 32]));
        Self { node, peer, tamper, sent: Vec::new(), nonce: 0 }
    }

    pub(super) async fn honest(number: u8, book: &AddressBook) -> Self {
        Self::start(number, book, Box::new(|_, bytes| vec![bytes])).await
    }

    /// Makes a link.
    pub(super) async fn link(&mut self, to: PeerId) {
        self.node.links.dial(to).unwrap();
        while !self.node.links.is_up(to) {
            let seen = self.node.next().await;
            self.saw(seen);
        }
    }

    /// Begins a run.
    pub(super) fn begin(&mut self, program: Vec<u8>) -> ParticleId {
        self.nonce += 1;
        let nonce = Nonce([self.nonce; 16]);
        let no_args = Vec::<Value>::new();
        let start =
            self.peer.draft(clock::now(), program, no_args, nonce, 30_000, Limits::default());
        let particle = start.header.header.id();
        self.handle(Input::Start(Box::new(start)));
        particle
    }

    /// Sends bytes as a frame.
    pub(super) fn say(&mut self, to: PeerId, bytes: &[u8]) {
        self.node.links.send(to, Lane::Bulk, bytes).unwrap();
    }

    /// Goes on for this long.
    pub(super) async fn live(&mut self, how_long: Duration) {
        let living = async {
            loop {
                let seen = self.node.next().await;
                self.saw(seen);
            }
        };
        let _over = timeout(how_long, living).await;
    }

    fn saw(&mut self, seen: Seen) {
        match seen {
            Seen::Up(peer) => self.handle(Input::Connected { peer }),
            Seen::Down(peer) => self.handle(Input::Disconnected { peer }),
            Seen::DialFailed(peer, _) => self.handle(Input::DialFailed { peer }),
            Seen::Frame(from, bytes) => self.handle(Input::Frame { from, bytes }),
        }
    }

    fn handle(&mut self, input: Input) {
        self.peer.handle(clock::now(), input);
        while let Some(output) = self.peer.poll() {
            match output {
                Output::Send { to, lane, bytes } => {
                    for bytes in (self.tamper)(to, bytes) {
                        if lane == Lane::Bulk {
                            self.sent.push((to, bytes.clone()));
                        }
                        self.node.links.send(to, lane, &bytes).unwrap();
                    }
                }
                Output::Call { call, .. } => {
                    let result: CallResult = Ok(Value::Null);
                    let input = Input::Answer { particle: call.particle, key: call.key, result };
                    self.peer.handle(clock::now(), input);
                }
                Output::Dial { .. }
                | Output::HangUp { .. }
                | Output::Cancel { .. }
                | Output::Store(_)
                | Output::Finished { .. }
                | Output::Report(_)
                | Output::Ended => {}
            }
        }
    }
}

/// A real host, and what happened in it.
pub(super) struct Victim {
    pub(super) host: Handle,
    seen: Arc<Mutex<Vec<Observed>>>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Victim {
    /// With the key of this number. `echo.say` answers its argument, `slow.say` after a second,
    /// `credit.check` 700, and `sms.send` "sent".
    pub(super) async fn start(
        number: u8,
        book: &AddressBook,
        policy: Option<Box<dyn Policy + Send>>,
    ) -> Self {
        let mut config = Config::new([number; 32], PeerConfig::new("test"));
        config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
        config.book = book.clone();
        let (seen, calls) = (Arc::<Mutex<Vec<Observed>>>::default(), Arc::default());
        let watched = seen.clone();
        config.observer = Some(Arc::new(move |event| watched.lock().unwrap().push(event)));
        config.services = services(&calls);
        if let Some(policy) = policy {
            config.policy = policy;
        }
        Self { host: crate::start(config).await.unwrap(), seen, calls }
    }

    /// `service.function` of each call.
    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    /// The labels of what it dropped.
    pub(super) fn dropped(&self) -> Vec<&'static str> {
        let seen = self.seen.lock().unwrap();
        let labels = seen.iter().filter_map(|seen| {
            let Event::Report(Report::Dropped { reason, .. }) = &seen.event else { return None };
            Some(reason.label())
        });
        labels.collect()
    }

    /// Waits until it dropped something for this reason.
    pub(super) async fn drops(&self, label: &str) {
        let there = async {
            while !self.dropped().contains(&label) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let there = timeout(Duration::from_secs(10), there).await;
        assert!(there.is_ok(), "it drops {:?}, not {label}", self.dropped());
    }

    /// Why its link to a peer went down, when it does.
    pub(super) async fn cuts(&self, other: PeerId) -> String {
        let cut = async {
            loop {
                let seen = self.seen.lock().unwrap().iter().find_map(|seen| {
                    let Event::LinkDown { peer, reason } = &seen.event else { return None };
                    (*peer == other).then(|| reason.clone())
                });
                if let Some(reason) = seen {
                    return reason;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), cut).await.expect("the link is cut")
    }
}

fn services(calls: &Arc<Mutex<Vec<String>>>) -> Registry {
    let answer = |wait: u64, value: Option<Value>| {
        let calls = calls.clone();
        native(move |call| {
            calls.lock().unwrap().push(format!("{}.{}", call.service, call.function));
            let value = value.clone();
            async move {
                sleep(Duration::from_millis(wait)).await;
                let first = call.args.into_iter().next().map(|argument| argument.value);
                Ok(value.or(first).unwrap_or(Value::Null))
            }
        })
    };
    let native = BTreeMap::from([
        ("echo".to_owned(), answer(0, None)),
        ("slow".to_owned(), answer(1000, None)),
        ("credit".to_owned(), answer(0, Some(Value::from(700_i64)))),
        ("sms".to_owned(), answer(0, Some(Value::text("sent")))),
    ]);
    Registry::new(Setup { native, ..Setup::default() }).unwrap()
}

/// The peer with the key of this number.
pub(super) fn id(number: u8) -> PeerId {
    peer_of_seed([number; 32]).unwrap()
}
