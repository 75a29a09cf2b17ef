//! A client in this process that keeps so many runs under way, and knows what each must give.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aquac_driver::{Options, Request, build_one, check};
use aquac_host::{AddressBook, Config, Handle, Job, start};
use aquac_ir::{PeerId, Value, encode};
use aquac_peer::{Config as PeerConfig, Durability, Ending};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Chance, PEERS};
use crate::net::Net;

pub(crate) const SOURCE: &str = r#"aqua Chaos declares *

export chain, fan, careful

service Book("book"):
  write(run: string, step: string) -> string

func chain(run: string, one: string, two: string, three: string) -> string:
  on one:
    a <- Book.write(run, "one")
  on two:
    b <- Book.write(run, "two")
  on three:
    c <- Book.write(run, "three")
  <- c

func fan(run: string, one: string, two: string, three: string) -> string:
  done: *string
  on one:
    done <- Book.write(run, "one")
  par on two:
    done <- Book.write(run, "two")
  par on three:
    done <- Book.write(run, "three")
  join done[2]
  <- done[2]

func careful(run: string, one: string, two: string, three: string) -> string:
  done: *string
  on one:
    first <- Book.write(run, "one")
    try:
      on two:
        done <- Book.write(run, "first")
    otherwise:
      on three:
        done <- Book.write(run, "second")
  <- done!
"#;

/// What the networks of `aquac net` call themselves.
const NETWORK: &str = "local";
/// How much longer than its time a run may take to say so.
const GRACE: Duration = Duration::from_secs(10);

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Runs that gave what they must.
    pub(crate) right: u64,
    /// What the others gave.
    pub(crate) wrong: Vec<String>,
    /// Of them all, the one that took longest.
    slowest: Duration,
    took: Duration,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, wrong, slowest, took } = self;
        let rate = *right as f64 / took.as_secs_f64();
        write!(f, "{right} runs right, {} wrong, {rate:.0} a second, ", wrong.len())?;
        write!(f, "the slowest {slowest:.1?}")
    }
}

/// A peer in this process, linked with all others.
pub(crate) struct Client {
    runtime: Runtime,
    host: Arc<Handle>,
    programs: Arc<Vec<(&'static str, Vec<u8>)>>,
    ids: Arc<Vec<PeerId>>,
    number: Arc<AtomicU64>,
}

fn programs() -> Vec<(&'static str, Vec<u8>)> {
    let sources = BTreeMap::from([("chaos.aqua".to_owned(), SOURCE.to_owned())]);
    let request = Request { entries: vec!["chaos.aqua".to_owned()], ..Request::default() };
    let checked = check(&request, &sources);
    let program = |name: &'static str| {
        let id = checked.exported_functions().find(|export| export.name == name).unwrap().id;
        (name, encode(&build_one(&checked, id, &Options::default()).unwrap().program))
    };
    ["chain", "fan", "careful"].map(program).into()
}

impl Client {
    pub(crate) fn start(net: &Net) -> Self {
        let book = AddressBook::default();
        let mut ids = Vec::new();
        for name in PEERS {
            let peer = net.peer(name);
            let id: PeerId = peer["id"].as_str().unwrap().parse().unwrap();
            book.add(id, [peer["addresses"][0].as_str().unwrap().parse().unwrap()]);
            ids.push(id);
        }
        let mut config = Config::new([77; 32], PeerConfig::new(NETWORK));
        config.peer.durability = Durability::Volatile;
        config.book = book;
        config.keep = ids.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let host = Arc::new(runtime.block_on(start(config)).unwrap());
        let (ids, programs) = (Arc::new(ids), Arc::new(programs()));
        Self { runtime, host, programs, ids, number: Arc::default() }
    }

    /// Keeps so many runs under way until [`Load::end`].
    pub(crate) fn begin(&self, together: usize, ttl: u32, seed: u64) -> Load<'_> {
        let over = Arc::new(AtomicBool::new(false));
        let worker = |number: usize| {
            let worker = Worker {
                host: self.host.clone(),
                programs: self.programs.clone(),
                ids: self.ids.clone(),
                number: self.number.clone(),
                chance: Chance::new(seed * 1000 + number as u64),
                ttl,
            };
            self.runtime.spawn(worker.work(over.clone()))
        };
        Load {
            client: self,
            workers: (0..together).map(worker).collect(),
            over,
            began: Instant::now(),
        }
    }

    /// Nothing waits for anybody.
    #[track_caller]
    pub(crate) fn is_at_rest(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let status = self.runtime.block_on(self.host.status()).unwrap();
            if status.unacknowledged.is_empty() && status.unreached.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "it still waits: {status:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Runs that are under way.
pub(crate) struct Load<'a> {
    client: &'a Client,
    workers: Vec<JoinHandle<Counted>>,
    over: Arc<AtomicBool>,
    began: Instant,
}

impl Load<'_> {
    /// Begins no more, waits for those that are under way, and says what came of all.
    pub(crate) fn end(self) -> Counted {
        self.over.store(true, Ordering::Relaxed);
        let mut all = Counted::default();
        for worker in self.workers {
            let one = self.client.runtime.block_on(worker).unwrap();
            all.right += one.right;
            all.wrong.extend(one.wrong);
            all.slowest = all.slowest.max(one.slowest);
        }
        all.took = self.began.elapsed();
        all
    }
}

struct Worker {
    host: Arc<Handle>,
    programs: Arc<Vec<(&'static str, Vec<u8>)>>,
    ids: Arc<Vec<PeerId>>,
    number: Arc<AtomicU64>,
    chance: Chance,
    ttl: u32,
}

impl Worker {
    async fn work(mut self, over: Arc<AtomicBool>) -> Counted {
        let mut counted = Counted::default();
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            match self.run().await {
                Ok(()) => counted.right += 1,
                Err(wrong) => counted.wrong.push(wrong),
            }
            counted.slowest = counted.slowest.max(began.elapsed());
        }
        counted
    }

    /// One run over three peers.
    async fn run(&mut self) -> Result<(), String> {
        let run = format!("r{}", self.number.fetch_add(1, Ordering::Relaxed));
        let (name, program) = self.programs[self.chance.below(self.programs.len())].clone();
        let first = self.chance.below(PEERS.len());
        let peers = [0, 1, 2].map(|next| self.ids[(first + next) % PEERS.len()].to_string());
        let args = [run.clone()].into_iter().chain(peers).map(|text| Value::text(&text));
        let job = Job::new(program, args.collect(), self.ttl);
        let mut running = self.host.run(job).await.map_err(|error| format!("{run}: {error}"))?;
        let most = Duration::from_millis(u64::from(self.ttl)) + GRACE;
        let ending = timeout(most, running.ended()).await;
        let ending = ending.map_err(|_| format!("{run} {name}: it never ends"))?;
        let values = match ending.map_err(|error| format!("{run} {name}: {error}"))? {
            Ending::Returned(values) => values,
            other @ (Ending::Failed { .. } | Ending::Expired { .. }) => {
                return Err(format!("{run} {name}: {other:?}"));
            }
        };
        let steps: &[&str] = match name {
            "chain" => &["three"],
            "fan" => &["one", "two", "three"],
            _ => &["first", "second"],
        };
        let right = |step: &&str| values == [Value::text(&format!("{run}/{step}"))];
        let is_right = steps.iter().any(right);
        is_right.then_some(()).ok_or_else(|| format!("{run} {name} gives {values:?}"))
    }
}
