//! A peer in a process of its own that is killed with SIGKILL before every single thing that its
//! store does to its file: before each write, each resize and each flush. Whatever the moment,
//! what it has acknowledged goes on when it is started again, and no call is made under two keys.
//!
//! This program is both: without arguments, or with the test runner's, it is the test; with
//! `peer …` it is the peer that gets killed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and a process has files"
)]
#![allow(dead_code, reason = "the modules are those of the other tests")]

#[path = "../hosts/network.rs"]
mod network;
mod peer;
#[path = "../hosts/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use aquac_host::{Event, Observed};
use aquac_peer::Report;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::network::{Network, PATIENCE, TTL, id};
use self::peer::{Died, Process};
use self::program::{End, chain, on};

/// Stories at a time: they mostly wait.
const TOGETHER: u64 = 6;
/// More boundaries than a story has: then something is wrong.
const MOST: u64 = 2000;

const NAME: &str = "a_peer_that_is_killed_at_any_write_loses_nothing_and_calls_nobody_twice";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("peer") {
        return peer::run(arguments.collect());
    }
    // The test runner's flags: a word without dashes is a filter.
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    let lists = std::env::args().any(|word| word == "--list");
    if lists || (words.peek().is_some() && !words.any(|word| NAME.contains(&word))) {
        if lists {
            println!("{NAME}: test");
        }
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let boundaries = runtime.block_on(all());
    println!("test {NAME} ... ok ({boundaries} boundaries)");
    ExitCode::SUCCESS
}

/// Tells the story again and again, with the peer killed one boundary later each time, until it
/// ends before it is killed.
async fn all() -> u64 {
    let mut stories = JoinSet::new();
    let mut next = 1;
    let mut last = None;
    loop {
        while last.is_none() && stories.len() < TOGETHER as usize {
            let at = next;
            next += 1;
            assert!(next < MOST, "the story never ends before boundary {at}");
            stories.spawn(async move { (at, story(at).await) });
        }
        match stories.join_next().await {
            None => return last.unwrap_or_default(),
            Some(told) => {
                let (at, died) = told.unwrap();
                if died == Died::No {
                    last = Some(last.unwrap_or(at).min(at));
                }
            }
        }
    }
}

/// A folder that goes with the story.
struct Folder(PathBuf);

impl Folder {
    fn new(at: u64) -> Self {
        let path = std::env::temp_dir().join(format!("aquac-kill-{}-{at}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// The client asks the bank, which is killed before its `at`-th boundary and started again, and
/// the bank asks the telco. The client is killed as soon as the bank has acknowledged.
async fn story(at: u64) -> Died {
    let folder = Folder::new(at);
    let mut network = Network::default();
    network.listening("telco").await;
    let telco = network.hosts["telco"].addresses()[0].clone();
    let mut bank = Process::start(&folder.0, "/ip4/127.0.0.1/tcp/0", &telco, at).await;
    let mut died = Died::No;
    if bank.address.is_none() {
        died = Died::Yes;
        bank = Process::start(&folder.0, "/ip4/127.0.0.1/tcp/0", &telco, 0).await;
    }
    let address = bank.address.clone().expect("a peer that is not killed starts");
    network.book.add(id("bank"), [address.parse().unwrap()]);
    network.add("client", |shape| shape.config.keep = vec![id("bank")]).await;
    let steps = vec![on(id("bank"), "ledger.say"), on(id("telco"), "echo.say")];
    let running = network.run(chain(steps, End::Never), TTL).await;

    let acknowledged = |seen: &Observed| {
        let by_bank = matches!(
            seen.event,
            Event::Report(Report::Acknowledged { by, .. }) if by == id("bank")
        );
        seen.host == id("client") && by_bank
    };
    let done = |network: &Network| !network.seen.calls().is_empty();
    let told = async {
        loop {
            if died == Died::No && bank.has_died() {
                died = Died::Yes;
                bank = Process::start(&folder.0, &address, &telco, 0).await;
            }
            if network.hosts.contains_key("client") && network.seen.has(acknowledged) {
                network.kill("client");
            }
            if done(&network) {
                // What would be wrong would come now.
                sleep(Duration::from_millis(50)).await;
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    let told = timeout(PATIENCE, told).await;
    let ledger = std::fs::read_to_string(folder.0.join("ledger")).unwrap_or_default();
    assert!(told.is_ok(), "boundary {at}: the telco is never asked; the bank's calls:\n{ledger}");
    drop(running);
    assert_eq!(network.seen.calls(), ["telco: echo.say(bank(start))"], "boundary {at}");
    let keys: BTreeSet<&str> = ledger.lines().collect();
    assert_eq!(keys.len(), 1, "boundary {at}: one call has one key: {ledger}");
    assert!(ledger.lines().count() <= 2, "boundary {at}: asked again only after the crash");
    died
}
