//! Named hosts that know each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aquac_host::{
    AddressBook, Config, Event, Handle, Job, LinkCounters, Observed, Running, peer_of_seed, start,
};
use aquac_ir::{Call, CallResult, PeerId, Value, development_seed};
use aquac_peer::{Config as PeerConfig, Durability, Ending, Report};
use aquac_services::{Registry, Setup, native};
use tokio::time::timeout;

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// How long a run lives if the test does not say.
pub(crate) const TTL: u32 = 60_000;

pub(crate) fn id(name: &str) -> PeerId {
    peer_of_seed(development_seed(name)).unwrap()
}

/// What services were asked, and what happened.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    calls: Arc<Mutex<Vec<String>>>,
    pub(crate) events: Arc<Mutex<Vec<Observed>>>,
}

impl Seen {
    /// `peer: service.function(argument)`, sorted.
    pub(crate) fn calls(&self) -> Vec<String> {
        let mut calls = self.calls.lock().unwrap().clone();
        calls.sort();
        calls
    }

    pub(crate) fn has(&self, wanted: impl Fn(&Observed) -> bool) -> bool {
        self.events.lock().unwrap().iter().any(wanted)
    }

    pub(crate) async fn wait(&self, wanted: impl Fn(&Observed) -> bool) {
        let there = async {
            while !self.has(&wanted) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, there).await.expect("it happens in time");
    }

    /// Waits until a peer has written down what the host sent it.
    pub(crate) async fn acknowledged(&self, host: PeerId) {
        self.wait(|seen| {
            let acknowledged = matches!(seen.event, Event::Report(Report::Acknowledged { .. }));
            seen.host == host && acknowledged
        })
        .await;
    }
}

/// How a host differs from the usual one.
pub(crate) struct Shape {
    pub(crate) config: Config,
}

/// Everything that the tests share.
#[derive(Default)]
pub(crate) struct Network {
    pub(crate) book: AddressBook,
    pub(crate) seen: Seen,
    pub(crate) hosts: BTreeMap<&'static str, Handle>,
}

impl Network {
    /// Starts hosts that listen and store in memory, and a client that does neither. The client
    /// keeps links to all, because nobody can dial it.
    pub(crate) async fn start(names: &[&'static str]) -> Self {
        let mut network = Self::default();
        for name in names {
            network.listening(name).await;
        }
        let keep = names.iter().map(|name| id(name)).collect();
        network
            .add("client", |shape| {
                shape.config.keep = keep;
                shape.config.peer.durability = Durability::Volatile;
            })
            .await;
        network
    }

    pub(crate) async fn listening(&mut self, name: &'static str) {
        let any = "/ip4/127.0.0.1/tcp/0".parse().unwrap();
        self.add(name, |shape| shape.config.listen = vec![any]).await;
    }

    pub(crate) async fn add(&mut self, name: &'static str, change: impl FnOnce(&mut Shape)) {
        let mut config = Config::new(development_seed(name), PeerConfig::new("test"));
        config.book = self.book.clone();
        config.services = services(name, &self.seen);
        let events = self.seen.events.clone();
        config.observer = Some(Arc::new(move |seen| events.lock().unwrap().push(seen)));
        let mut shape = Shape { config };
        change(&mut shape);
        self.hosts.insert(name, start(shape.config).await.unwrap());
    }

    /// Ends a host as a crash would.
    pub(crate) fn kill(&mut self, name: &str) {
        drop(self.hosts.remove(name).unwrap());
    }

    pub(crate) async fn run(&self, program: Vec<u8>, ttl: u32) -> Running {
        self.hosts["client"].run(Job::new(program, Vec::new(), ttl)).await.unwrap()
    }

    /// Runs to the end.
    pub(crate) async fn ending(&self, program: Vec<u8>) -> Ending {
        let mut running = self.run(program, TTL).await;
        timeout(PATIENCE, running.ended()).await.expect("it ends in time").unwrap()
    }

    /// What a host counted about one of its links.
    pub(crate) async fn link(&self, host: &str, other: &str) -> LinkCounters {
        let counters = self.hosts[host].counters().await.unwrap();
        counters.links.get(&id(other)).copied().unwrap_or_default()
    }
}

/// `big.say` answers a long text, `big.length` the length of one.
async fn big(call: Call) -> CallResult {
    let given = call.args[0].value.as_text().unwrap_or_default();
    Ok(Value::text(&match call.function.as_str() {
        "say" => "y".repeat(3_000_000),
        _ => given.len().to_string(),
    }))
}

/// `echo.say` answers `PEER(ARGUMENT)`; `slow.say` does after a second.
fn services(name: &'static str, seen: &Seen) -> Registry {
    let answer = |wait: Duration| {
        let calls = seen.calls.clone();
        native(move |call| {
            let calls = calls.clone();
            async move {
                let argument = call.args[0].value.as_text().unwrap_or("?").to_owned();
                let called = format!("{name}: {}.{}({argument})", call.service, call.function);
                calls.lock().unwrap().push(called);
                tokio::time::sleep(wait).await;
                Ok(Value::text(&format!("{name}({argument})")))
            }
        })
    };
    let native = BTreeMap::from([
        ("echo".to_owned(), answer(Duration::ZERO)),
        ("slow".to_owned(), answer(Duration::from_secs(1))),
        ("big".to_owned(), native(big)),
    ]);
    Registry::new(Setup { native, ..Setup::default() }).unwrap()
}
