//! Hosts for measurements, and programs for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aquac_host::{AddressBook, Config, Handle, Job, Running, peer_of_seed, start};
use aquac_ir::{Builder, Expr, Node, Output, PeerId, Place, Value, development_seed, encode};
use aquac_peer::{Config as PeerConfig, Durability};
use aquac_services::{Registry, Setup, native};
use tokio::sync::Notify;

/// How long runs live if the measurement does not say.
pub(crate) const TTL: u32 = 120_000;

pub(crate) fn id(name: &str) -> PeerId {
    peer_of_seed(development_seed(name)).unwrap()
}

/// How many calls `sink.take` got.
#[derive(Clone, Default)]
pub(crate) struct Taken {
    count: Arc<AtomicU64>,
    changed: Arc<Notify>,
}

impl Taken {
    pub(crate) fn now(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) async fn reach(&self, count: u64) {
        loop {
            let changed = self.changed.notified();
            if self.now() >= count {
                return;
            }
            changed.await;
        }
    }
}

/// `sink.take` counts, `echo.say` answers its argument, `slow.say` after 100 ms.
pub(crate) fn services(taken: &Taken) -> Registry {
    let taken = taken.clone();
    let sink = native(move |_| {
        taken.count.fetch_add(1, Ordering::Relaxed);
        taken.changed.notify_one();
        std::future::ready(Ok(Value::Null))
    });
    let echo = |wait: u64| {
        native(move |call| async move {
            if wait > 0 {
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let first = call.args.into_iter().next();
            Ok(first.map_or(Value::Null, |argument| argument.value))
        })
    };
    let native = BTreeMap::from([
        ("sink".to_owned(), sink),
        ("echo".to_owned(), echo(0)),
        ("slow".to_owned(), echo(100)),
    ]);
    Registry::new(Setup { native, ..Setup::default() }).unwrap()
}

/// A host that listens and stores nothing, changed.
pub(crate) async fn host(
    name: &str,
    book: &AddressBook,
    taken: &Taken,
    change: impl FnOnce(&mut Config),
) -> Handle {
    let mut peer = PeerConfig::new("bench");
    peer.durability = Durability::Volatile;
    let mut config = Config::new(development_seed(name), peer);
    config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
    config.book = book.clone();
    config.services = services(taken);
    change(&mut config);
    start(config).await.unwrap()
}

/// A step of a program.
pub(crate) enum Step {
    /// Only be there.
    Visit(PeerId),
    /// A call with the result of the one before.
    Call(PeerId, &'static str),
    /// Return the last result.
    Return,
    /// Nothing more ever.
    Never,
}

pub(crate) fn program(first: Value, steps: impl IntoIterator<Item = Step>) -> Vec<u8> {
    let mut builder = Builder::new();
    let seq = builder.open(Node::Seq(0));
    let mut last = builder.constant(first);
    for step in steps {
        match step {
            Step::Visit(peer) => {
                let peer = builder.constant(Value::text(&peer.to_string()));
                let place = builder.place(Place { peer, via: Box::new([]) });
                builder.leaf(Node::Visit { place });
            }
            Step::Call(peer, call) => {
                let (service, function) = call.split_once('.').unwrap();
                let peer = builder.constant(Value::text(&peer.to_string()));
                let place = builder.place(Place { peer, via: Box::new([]) });
                let service = builder.constant(Value::text(service));
                let function = builder.constant(Value::text(function));
                let slot = builder.slot();
                let (args, output) = ([last].into(), Output::Slot(slot));
                let call = Node::Call { place, service, function, args, output, returns: None };
                builder.leaf(call);
                last = builder.expr(Expr::Slot(slot));
            }
            Step::Return => {
                builder.leaf(Node::Return { values: [last].into() });
            }
            Step::Never => {
                builder.leaf(Node::Never);
            }
        }
    }
    builder.close(seq);
    encode(&builder.finish())
}

pub(crate) async fn run(host: &Handle, program: &[u8], ttl: u32) -> Running {
    host.run(Job::new(program.to_vec(), Vec::new(), ttl)).await.unwrap()
}
