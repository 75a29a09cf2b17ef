//! `aquac run` towards peers that are not there: said at once and by name, or an error that `try`
//! catches.

use crate::harness::{Ended, Folder, aquac, run};

const SOURCE: &str = r#"aqua Reach declares *

export asked, tried, both

service Credit("credit"):
  check(customer: string) -> u32

service Sms("sms"):
  send(phone: string) -> string

func asked() -> u32:
  on BANK:
    score <- Credit.check("ada")
  <- score

func tried() -> u32:
  score: *u32
  try:
    on BANK:
      score <- Credit.check("ada")
  otherwise:
    score <<- 1
  <- score!

func both() -> u32:
  on TELCO:
    Sms.send("+1")
  on BANK:
    score <- Credit.check("ada")
  <- score
"#;

const MANIFEST: &str = r#"[peers.bank]
[peers.telco]
[[peers.telco.service]]
id = "sms"
kind = "scripted"
[peers.telco.service.functions.send]
answer = { ok = "sent" }
"#;

/// Nobody listens there.
const DEAD: &str = "/ip4/127.0.0.1/tcp/9";

fn calls(call: &str, more: &[&str]) -> Ended {
    let folder = Folder::with(&[("main.aqua", SOURCE), ("aqua.toml", MANIFEST)]);
    let arguments = [&["run", "main.aqua", "-f", call, "--ttl", "30s"], more].concat();
    run(aquac(folder.path(), &arguments), 15)
}

#[test]
fn a_peer_that_cannot_be_dialled_ends_the_run_at_once_with_its_name() {
    let bank = format!("bank={DEAD}");
    for more in [
        &["--at", bank.as_str()][..],
        &["--at", bank.as_str(), "--at", "telco=/ip4/127.0.0.1/tcp/7"],
        &["--at", bank.as_str(), "--relay", "bank"],
    ] {
        let ended = calls("asked()", more);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), ""), "{more:?}: {ended:?}");
        for word in ["cannot reach the network", "bank", "refused"] {
            assert!(ended.stderr.contains(word), "{more:?}: `{word}`: {ended:?}");
        }
    }
    let ended = calls("asked()", &["--at", &bank]);
    assert!(ended.stderr.contains("main.aqua:13:"), "the line that waits: {ended:?}");
    let ended = calls("both()", &["--at", &bank]);
    assert_eq!(ended.code, Some(5), "after what could be done: {ended:?}");
}

#[test]
fn what_can_be_caught_is_caught() {
    let ended = calls("tried()", &["--at", &format!("bank={DEAD}")]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "1\n"), "{ended:?}");
}

#[test]
fn a_relay_that_is_not_there_is_said_at_once() {
    let address = format!("{DEAD}/p2p/12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu");
    let ended = calls("asked()", &["--relay", &address]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), ""), "{ended:?}");
    assert!(ended.stderr.contains("12D3KooWEChV"), "{ended:?}");
}

#[test]
fn an_address_that_nobody_can_dial_is_a_wrong_command() {
    for (address, words) in [
        ("here", "is no address"),
        ("/ip4/127.0.0.1/udp/1", "transport that is not there"),
        ("/ip4/127.0.0.1/tcp/0", "port 0"),
    ] {
        let ended = calls("asked()", &["--at", &format!("bank={address}")]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
}
