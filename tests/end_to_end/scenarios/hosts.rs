//! A scenario on real hosts in one process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aquac_host::{
    AddressBook, Config, Event, Handle, Memory, Multiaddr, Observed, Store, StoreError,
    peer_of_seed, quiet, start,
};
use aquac_ir::{Call, CallResult, IdempotencyKey, PeerId, Value, development_seed};
use aquac_peer::{Batch, Config as PeerConfig, Ending, Pairs, Report, Start};
use aquac_services::{Registry, Service, Setup, native};
use aquac_sim::{Fault, Names, Partition, Script, Services, fits};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Came, Scenario};

/// What the simulator calls its network.
const NETWORK: &str = "sim";
/// How long a host that was killed may hold its address.
const HELD: Duration = Duration::from_secs(5);
/// How long nothing must happen until nothing will.
const LULL: Duration = Duration::from_millis(60);

/// How hosts reach each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Memory,
    Tcp,
}

/// A disk that outlives its host. A host that was killed writes no more.
#[derive(Clone, Default)]
struct Disk {
    content: Arc<Mutex<(u32, Memory)>>,
    life: u32,
}

impl Disk {
    /// The disk in the hands of the next host.
    fn inherited(&self) -> Self {
        let mut content = self.content.lock().unwrap();
        content.0 += 1;
        Self { content: self.content.clone(), life: content.0 }
    }
}

impl Store for Disk {
    fn load(&mut self) -> Result<Pairs, StoreError> {
        self.content.lock().unwrap().1.load()
    }

    fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
        let mut content = self.content.lock().unwrap();
        if content.0 != self.life {
            return Err(StoreError::Write { reason: "it is another's now".to_owned() });
        }
        content.1.commit(batches)
    }
}

/// Who answers, and who was asked.
struct Answers {
    script: Script,
    lies: Vec<(String, String)>,
    names: Names,
    /// A call that comes again with its key gets what it got.
    known: BTreeMap<(PeerId, IdempotencyKey), CallResult>,
    calls: Vec<String>,
}

impl Answers {
    fn answer(&mut self, me: PeerId, peer: &str, call: &Call) -> (u64, CallResult) {
        if let Some(known) = self.known.get(&(me, call.key)) {
            return (0, known.clone());
        }
        let (wait, mut result) = self.script.answer(peer, call);
        if self.lies.iter().any(|(who, service)| who == peer && *service == call.service) {
            result = Ok(Value::text("a lie"));
        }
        self.known.insert((me, call.key), result.clone());
        let value =
            |argument: &aquac_ir::Argument| self.names.shorten_value(&argument.value).to_string();
        let args: Vec<String> = call.args.iter().map(value).collect();
        self.calls.push(format!("{peer}/{}.{}({})", call.service, call.function, args.join(", ")));
        (wait, result)
    }
}

/// The hosts of a scenario, and everything around them.
struct Stage {
    over: Transport,
    init: String,
    relay: Option<String>,
    peers: Vec<String>,
    book: AddressBook,
    answers: Arc<Mutex<Answers>>,
    events: Arc<Mutex<Vec<Observed>>>,
    disks: BTreeMap<String, Disk>,
    listens: BTreeMap<String, Multiaddr>,
    hosts: BTreeMap<String, Handle>,
}

fn id(name: &str) -> PeerId {
    peer_of_seed(development_seed(name)).unwrap()
}

impl Stage {
    async fn new(scenario: &Scenario, over: Transport) -> Self {
        let job = &scenario.job;
        let peers = job.all_peers().unwrap();
        let names = Names::new(peers.iter().map(|name| (name.clone(), id(name))));
        let rules = job.services.iter();
        let script = rules.map(|(glob, answer)| (glob.clone(), answer.expand(&names))).collect();
        let lies = job.faults.iter().filter_map(|fault| {
            let Fault::Lie { lie } = fault else { return None };
            Some((lie.peer.clone(), lie.service.clone()))
        });
        let answers = Answers {
            script: Script::new(script),
            lies: lies.collect(),
            names,
            known: BTreeMap::new(),
            calls: Vec::new(),
        };
        let mut stage = Self {
            over,
            init: job.init.clone(),
            relay: job.relay.clone(),
            peers: peers.clone(),
            book: AddressBook::default(),
            answers: Arc::new(Mutex::new(answers)),
            events: Arc::default(),
            disks: BTreeMap::new(),
            listens: BTreeMap::new(),
            hosts: BTreeMap::new(),
        };
        for name in &peers {
            stage.enter(name).await;
        }
        stage
    }

    fn service(&self, name: &str) -> Arc<dyn Service> {
        let (answers, name, me) = (self.answers.clone(), name.to_owned(), id(name));
        native(move |call: Call| {
            let (wait, result) = answers.lock().unwrap().answer(me, &name, &call);
            async move {
                sleep(Duration::from_millis(wait)).await;
                result
            }
        })
    }

    /// A host starts, with the disk and the address that it had.
    async fn enter(&mut self, name: &str) {
        let listen = self.listens.get(name).cloned().unwrap_or_else(|| {
            let anywhere = match self.over {
                Transport::Memory => "/memory/0",
                Transport::Tcp => "/ip4/127.0.0.1/tcp/0",
            };
            anywhere.parse().unwrap()
        });
        let until = Instant::now() + HELD;
        let host = loop {
            match start(self.config(name, listen.clone())).await {
                Ok(host) => break host,
                Err(error) => assert!(Instant::now() < until, "{name}: {error}"),
            }
            sleep(Duration::from_millis(10)).await;
        };
        // A number of the memory transport is not free again when its host is gone.
        if self.over == Transport::Tcp {
            self.listens.insert(name.to_owned(), host.addresses()[0].clone());
        }
        self.hosts.insert(name.to_owned(), host);
    }

    fn config(&mut self, name: &str, listen: Multiaddr) -> Config {
        let mut peer = PeerConfig::new(NETWORK);
        if name == self.init {
            peer.relay = self.relay.as_deref().map(id);
        }
        let mut config = Config::new(development_seed(name), peer);
        config.listen = vec![listen];
        config.book = self.book.clone();
        let otherwise = Some(self.service(name));
        config.services = Registry::new(Setup { otherwise, ..Setup::default() }).unwrap();
        let disk = self.disks.entry(name.to_owned()).or_default();
        config.store = Box::new(disk.inherited());
        let events = self.events.clone();
        config.observer = Some(Arc::new(move |seen| events.lock().unwrap().push(seen)));
        config
    }

    fn members(&self, globs: &[String]) -> Vec<&String> {
        self.peers.iter().filter(|name| globs.iter().any(|glob| fits(glob, name))).collect()
    }

    /// Cuts links as the partitions that hold now say.
    async fn part(&self, partitions: &[Partition], since: u64) {
        for name in self.hosts.keys() {
            let mut denied = BTreeSet::new();
            for rule in partitions {
                if since < rule.at || rule.until.is_some_and(|until| until <= since) {
                    continue;
                }
                for (one, other) in [(&rule.from, &rule.to), (&rule.to, &rule.from)] {
                    if self.members(one).contains(&name) {
                        denied.extend(self.members(other).into_iter().map(|other| id(other)));
                    }
                }
            }
            denied.remove(&id(name));
            self.hosts[name].deny(denied).await;
        }
    }

    fn ending(&self) -> Option<Ending> {
        let client = id(&self.init);
        let events = self.events.lock().unwrap();
        events.iter().filter(|seen| seen.host == client).find_map(|seen| {
            let Event::Finished { ending, .. } = &seen.event else { return None };
            Some(ending.clone())
        })
    }

    fn turns(&self) -> BTreeSet<String> {
        let events = self.events.lock().unwrap();
        let turn = |seen: &Observed| {
            let Event::Report(Report::Sealed { turn, .. }) = &seen.event else { return None };
            Some(turn.to_string())
        };
        events.iter().filter_map(turn).collect()
    }
}

/// What happens to the hosts, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stroke {
    Kill(String),
    Start(String),
    Part,
}

fn strokes(faults: &[Fault]) -> (Vec<(u64, Stroke)>, Vec<Partition>) {
    let (mut strokes, mut partitions) = (Vec::new(), Vec::new());
    for fault in faults {
        match fault {
            Fault::Crash { at, crash } => strokes.push((*at, Stroke::Kill(crash.clone()))),
            Fault::Restart { at, restart } => strokes.push((*at, Stroke::Start(restart.clone()))),
            Fault::Partition { partition } => {
                strokes.push((partition.at, Stroke::Part));
                strokes.extend(partition.until.map(|until| (until, Stroke::Part)));
                partitions.push(partition.clone());
            }
            Fault::Drop { .. }
            | Fault::Duplicate { .. }
            | Fault::Delay { .. }
            | Fault::Skew { .. }
            | Fault::TornWrite { .. }
            | Fault::Lie { .. }
            | Fault::Equivocate { .. } => {}
        }
    }
    strokes.sort();
    (strokes, partitions)
}

impl Stage {
    async fn strike(&mut self, at: u64, stroke: &Stroke, partitions: &[Partition]) {
        match stroke {
            Stroke::Kill(name) => drop(self.hosts.remove(name)),
            Stroke::Start(name) => {
                self.enter(name).await;
                self.part(partitions, at).await;
            }
            Stroke::Part => self.part(partitions, at).await,
        }
    }

    /// Waits until nothing is under way, or the deadline is over.
    async fn rest(&self, deadline: Instant) {
        let hosts: Vec<&Handle> = self.hosts.values().collect();
        let _deadline = timeout(deadline - Instant::now(), async {
            quiet(&hosts, LULL).await;
        })
        .await;
    }
}

async fn played(scenario: &Scenario, start: Start, over: Transport) -> Came {
    let mut stage = Stage::new(scenario, over).await;
    let (strokes, partitions) = strokes(&scenario.job.faults);
    let began = Instant::now();
    let deadline = began + Duration::from_millis(u64::from(scenario.job.ttl));
    let mut strokes = strokes.into_iter().peekable();
    // What holds from the beginning holds before anything has left.
    while let Some((at, stroke)) = strokes.next_if(|(at, _)| *at == 0) {
        stage.strike(at, &stroke, &partitions).await;
    }
    let mut running = None;
    if let Some(client) = stage.hosts.get(&stage.init) {
        running = Some(client.begin(start).await.unwrap());
    }
    for (at, stroke) in strokes {
        sleep_until(began + Duration::from_millis(at)).await;
        stage.strike(at, &stroke, &partitions).await;
    }
    stage.rest(deadline).await;
    if scenario.job.expect.as_ref().and_then(|expect| expect.ends) == Some(true) {
        // A dial that failed waits for its next try, and nothing is under way meanwhile.
        while stage.ending().is_none() && Instant::now() < deadline {
            sleep(Duration::from_millis(5)).await;
        }
        stage.rest(deadline).await;
    }
    drop(running);
    came(&stage)
}

fn came(stage: &Stage) -> Came {
    let answers = stage.answers.lock().unwrap();
    let mut calls = answers.calls.clone();
    calls.sort();
    let shorten = |value: &Value| answers.names.shorten_value(value).to_string();
    let (mut response, mut error, mut ended) = (None, None, false);
    match stage.ending() {
        Some(Ending::Returned(values)) => {
            ended = true;
            if !values.is_empty() {
                response = Some(shorten(&Value::array(values).unwrap()));
            }
        }
        Some(Ending::Failed { fault, .. }) => {
            ended = true;
            let message = answers.names.shorten(&fault.message);
            let text = Value::text(&message);
            let code = fault.code.number();
            error = Some(format!("{{\"error_code\":{code},\"message\":{text}}}"));
        }
        Some(Ending::Expired { .. }) | None => {}
    }
    Came { response, error, calls, turns: stage.turns(), ended }
}

/// Plays a scenario on real hosts.
pub(crate) fn play(scenario: &Scenario, start: Start, over: Transport) -> Came {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(played(scenario, start, over))
}
