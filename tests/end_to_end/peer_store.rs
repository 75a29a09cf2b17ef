//! A peer whose disk takes nothing any more: it acknowledges nothing, says so everywhere, and goes
//! on when it can.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Folder, aquac, end, start};
use crate::peer_file::get;
use crate::peers::Peer;

const PROGRAM: &str = r#"aqua Shop declares *

export check

service Credit("credit"):
  check(customer: string) -> u32

func check(customer: string) -> u32:
  on BANK:
    score <- Credit.check(customer)
  <- score
"#;

const BANK: &str = r#"name = "bank"
dev = true
listen = ["/ip4/127.0.0.1/tcp/0"]
metrics = "127.0.0.1:0"
data_dir = "data"
[[service]]
id = "credit"
kind = "scripted"
[service.functions.check]
answer = { ok = 720 }
"#;

fn waits_for(peer: &Peer, path: &str, words: &str) -> String {
    let until = Instant::now() + Duration::from_secs(15);
    loop {
        let page = get(peer, path);
        if page.contains(words) {
            return page;
        }
        assert!(Instant::now() < until, "no `{words}` in\n{page}\n{}", peer.log.lock().unwrap());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// `prlimit` of a process that runs.
fn files_may_have(peer: &Peer, bytes: &str) {
    let pid = peer.child.id().to_string();
    let limit = format!("--fsize={bytes}:");
    let done = Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap();
    assert!(done.success());
}

#[test]
fn a_disk_that_is_full_stops_acknowledgements_and_is_said_until_it_is_not() {
    let data = format!("{{\"customer\": \"{}\"}}", "x".repeat(1 << 20));
    let folder = Folder::with(&[
        ("main.aqua", PROGRAM),
        ("aqua.toml", "[peers.bank]\n"),
        ("bank.toml", BANK),
        ("data.json", &data),
    ]);
    let bank = Peer::of(aquac(folder.path(), &["peer", "--config", "bank.toml"]), "bank");
    assert!(get(&bank, "/health").starts_with("HTTP/1.1 200 OK"));
    let length = std::fs::metadata(folder.path().join("data/peer.redb")).unwrap().len();
    files_may_have(&bank, &length.to_string());

    let at = format!("bank={}", bank.at());
    let call = ["run", "main.aqua", "--at", &at, "-f", "check(customer)", "--data", "@data.json"];
    let call = [&call[..], &["--ttl", "60s"]].concat();
    let runs: Vec<_> = (0..4).map(|_| start(aquac(folder.path(), &call))).collect();
    let health = waits_for(&bank, "/health", "\"status\":\"store-failed\"");
    assert!(health.starts_with("HTTP/1.1 503"), "{health}");
    assert!(health.contains("\"reason\":\"cannot write to the store: "), "{health}");
    waits_for(&bank, "/metrics", "aquac_store_failing 1\n");
    bank.waits_until_log_has(" error bank: cannot write to the store");

    files_may_have(&bank, "unlimited");
    for run in runs {
        let ended = end(run, 40);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "720\n"), "{ended:?}");
    }
    bank.waits_until_log_has("the store works again");
    waits_for(&bank, "/health", "\"status\":\"ok\"");
    let page = waits_for(&bank, "/metrics", "aquac_store_failing 0\n");
    assert!(!page.contains("aquac_store_failures_total 0\n"), "{page}");
    let log = bank.log.lock().unwrap();
    assert_eq!(log.matches("asks credit.check").count(), 4, "each once:\n{log}");
}

#[test]
fn a_peer_with_a_full_disk_stops_when_it_is_told_to() {
    let data = format!("{{\"customer\": \"{}\"}}", "x".repeat(3 << 20));
    let folder = Folder::with(&[
        ("main.aqua", PROGRAM),
        ("aqua.toml", "[peers.bank]\n"),
        ("bank.toml", BANK),
        ("data.json", &data),
    ]);
    let mut bank = Peer::of(aquac(folder.path(), &["peer", "--config", "bank.toml"]), "bank");
    let length = std::fs::metadata(folder.path().join("data/peer.redb")).unwrap().len();
    files_may_have(&bank, &length.to_string());
    let at = format!("bank={}", bank.at());
    let call = ["run", "main.aqua", "--at", &at, "-f", "check(customer)", "--data", "@data.json"];
    let call = [&call[..], &["--ttl", "2s"]].concat();
    let runs: Vec<_> = (0..4).map(|_| start(aquac(folder.path(), &call))).collect();
    bank.waits_until_log_has("cannot write to the store");
    for run in runs {
        let ended = end(run, 20);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    }
    let pid = bank.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let until = Instant::now() + Duration::from_secs(20);
    while bank.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "it still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(bank.child.wait().unwrap().code(), Some(0));
}
