//! Five real processes under load, while they are killed, stopped, continued, told to end and cut
//! from each other, as a seed says. Everything heals, so every run must come to its right result;
//! nothing is done twice; and when calm is back, nothing grows.
//!
//! A few seconds unless `AQUAC_CHAOS_SECONDS` says how many: half of them stormy, half calm.
//! `AQUAC_CHAOS_SEED` gives another storm, and `--nocapture` shows the numbers:
//! `AQUAC_CHAOS_SECONDS=900 cargo test -p aquac --test end_to_end chaos -- --nocapture`

mod book;
mod load;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use self::book::Book;
use self::load::{Client, Counted};
use crate::net::Net;

pub(crate) const PEERS: [&str; 5] = ["ann", "bob", "cat", "dan", "eve"];

/// Runs at a time.
const TOGETHER: usize = 12;
/// How long a run may take in the storm.
const PATIENT: u32 = 60_000;
/// How long one may take in the calm: what has ended is forgotten 20 s later.
const BRIEF: u32 = 4_000;
/// Kilobytes by which a process may have grown.
const MOST_GROWTH: u64 = 24 << 10;
/// Files and sockets by which it may have.
const MOST_FILES: usize = 6;
/// Bytes by which the stores of all may have.
const MOST_STORED: u64 = 32 << 20;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("it is a number"))
}

/// Numbers that a seed gives.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn manifest(port: u16) -> String {
    let peer = |name: &&str| {
        format!(
            "[peers.{name}]\n[[peers.{name}.service]]\nid = \"book\"\nkind = \"http\"\n\
             url = \"http://127.0.0.1:{port}\"\n[peers.{name}.service.functions.write]\n\
             args = [\"run\", \"step\"]\nmethod = \"POST\"\npath = \"/{{run}}/{{step}}\"\n"
        )
    };
    PEERS.iter().map(peer).collect()
}

/// What happens to a peer, and for how long.
fn strike(net: &Net, chance: &mut Chance, struck: &mut BTreeMap<&'static str, u64>) {
    let (one, other) = (chance.below(PEERS.len()), 1 + chance.below(PEERS.len() - 1));
    let (one, other) = (PEERS[one], PEERS[(one + other) % PEERS.len()]);
    let a_while = Duration::from_millis(50 + chance.below(900) as u64);
    let kind = match chance.below(5) {
        0 | 1 => {
            net.signal(one, "-KILL");
            net.waits_for_state(one, "died");
            std::thread::sleep(a_while / 3);
            net.works(&["net", "start", one]);
            "killed"
        }
        2 => {
            net.signal(one, "-STOP");
            std::thread::sleep(a_while);
            net.signal(one, "-CONT");
            "stopped and continued"
        }
        3 => {
            net.works(&["net", "cut", one, other]);
            std::thread::sleep(a_while);
            net.works(&["net", "heal"]);
            "cut"
        }
        _ => {
            net.works(&["net", "stop", one]);
            std::thread::sleep(a_while / 3);
            net.works(&["net", "start", one]);
            "drained"
        }
    };
    *struck.entry(kind).or_default() += 1;
}

/// What a process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    kilobytes: u64,
    files: usize,
    /// Bytes of all stores.
    stored: u64,
}

fn held(net: &Net, name: &str) -> Held {
    let process = format!("/proc/{}", net.peer(name)["pid"]);
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes = line.trim().trim_end_matches(" kB").parse().unwrap();
    let files = std::fs::read_dir(format!("{process}/fd")).unwrap().count();
    Held { kilobytes, files, stored: size(&net.folder.path().join(".aquac/net")) }
}

/// Bytes of the files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(data) if data.is_dir() => size(&entry.path()),
        Ok(data) if entry.path().extension().is_some_and(|kind| kind == "redb") => data.len(),
        Ok(_) | Err(_) => 0,
    });
    sizes.sum()
}

fn all_held(net: &Net) -> BTreeMap<&'static str, Held> {
    PEERS.iter().map(|name| (*name, held(net, name))).collect()
}

fn storm(net: &Net, client: &Client, seconds: u64, seed: u64) -> Counted {
    let mut chance = Chance::new(seed);
    let mut struck = BTreeMap::new();
    let load = client.begin(TOGETHER, PATIENT, seed);
    let until = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < until {
        strike(net, &mut chance, &mut struck);
        std::thread::sleep(Duration::from_millis(chance.below(300) as u64));
    }
    let counted = load.end();
    println!("storm {seed}, {seconds} s: {counted}\n  {struck:?}");
    counted
}

/// A load while nothing is wrong: no peer grows.
fn calm(net: &Net, client: &Client, seconds: u64, seed: u64) -> Counted {
    let load = client.begin(TOGETHER, BRIEF, seed);
    // Until what ended first is forgotten, if there is time for that.
    std::thread::sleep(Duration::from_millis(seconds * 400));
    let before = all_held(net);
    std::thread::sleep(Duration::from_millis(seconds * 600));
    let after = all_held(net);
    let counted = load.end();
    println!("calm, {seconds} s: {counted}");
    for name in PEERS {
        let (before, after) = (before[name], after[name]);
        println!("  {name}: {before:?}\n    -> {after:?}");
        assert!(after.kilobytes < before.kilobytes + MOST_GROWTH, "{name} grew: {after:?}");
        assert!(after.files <= before.files + MOST_FILES, "{name} keeps files: {after:?}");
        assert!(after.stored < before.stored + MOST_STORED, "{name} stores too much: {after:?}");
    }
    counted
}

#[test]
fn chaos_costs_no_result_and_does_nothing_twice() {
    let seconds = setting("AQUAC_CHAOS_SECONDS", 8);
    let seed = setting("AQUAC_CHAOS_SEED", 1);
    let book = Book::open();
    let net = Net::of(load::SOURCE, &manifest(book.port));
    net.works(&["net", "up"]);
    let client = Client::start(&net);
    let stormy = storm(&net, &client, seconds.div_ceil(2), seed);
    let calm = calm(&net, &client, seconds / 2, seed + 1);
    assert!(stormy.right > seconds && calm.right > seconds, "there was a load");
    assert_eq!(stormy.wrong, Vec::<String>::new(), "of {} runs", stormy.right);
    assert_eq!(calm.wrong, Vec::<String>::new(), "of {} runs", calm.right);
    client.is_at_rest();
    let told = book.told();
    println!("the book: {told}");
    assert_eq!(told.two_keys, Vec::<String>::new(), "a step has one key, whatever happens");
    assert_eq!(told.both, Vec::<String>::new(), "a step is done or given up and never both");
    assert!(told.steps >= 2 * (stormy.right + calm.right), "{told} for {stormy} and {calm}");
    for name in PEERS {
        let ended = net.works(&["net", "stop", name]);
        assert_eq!(ended.stderr, format!("stopped {name}\n"), "it drains");
    }
}
