//! What a peer does when it is told something while it runs.

use std::process::Command;

use crate::harness::{Folder, aquac, run};
use crate::peer_file::get;
use crate::peers::Peer;

const PROGRAM: &str = r#"aqua Shop declares *

export check

service Credit("credit"):
  check(customer: string) -> u32

func check() -> u32:
  on BANK:
    score <- Credit.check("ada")
  <- score
"#;

const BANK: &str = r#"listen = ["/ip4/127.0.0.1/tcp/0"]
metrics = "127.0.0.1:0"
[[service]]
id = "credit"
kind = "scripted"
[service.functions.check]
answer = { ok = 720 }
[[allow]]
call = "credit.check"
"#;

fn shop() -> Folder {
    Folder::with(&[("main.aqua", PROGRAM), ("aqua.toml", "[peers.bank]\n")])
}

fn check(folder: &Folder, bank: &Peer) -> (Option<i32>, String) {
    let at = format!("bank={}", bank.at());
    let arguments = ["run", "main.aqua", "--at", &at, "-f", "check()", "--ttl", "5s"];
    let ended = run(aquac(folder.path(), &arguments), 20);
    (ended.code, ended.stderr)
}

fn rewrite(folder: &Folder, text: &str) {
    folder.write("bank.toml", &format!("name = \"bank\"\ndev = true\n{text}"));
}

fn hangup(bank: &Peer) {
    let pid = bank.child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
}

#[test]
fn sighup_reads_the_rules_again_and_says_what_needs_a_restart() {
    let folder = shop();
    let bank = Peer::start(&folder, "bank", BANK);
    assert_eq!(check(&folder, &bank).0, Some(0));
    rewrite(&folder, &BANK.replace("credit.check", "other.thing"));
    hangup(&bank);
    bank.waits_until_log_has("SIGHUP: rules, lists of peers and limits are read again");
    let (code, said) = check(&folder, &bank);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("no rule allows it"), "{said}");

    rewrite(&folder, &format!("{BANK}[limits]\ncalls = 0\ncalls_waiting = 0\n"));
    hangup(&bank);
    let full = || check(&folder, &bank).0 != Some(0);
    assert!(full(), "a peer that may make no call makes none");

    rewrite(&folder, &format!("{BANK}[limits]\nconnections = 99\n"));
    hangup(&bank);
    bank.waits_until_log_has("a restart is needed for what has changed in: limits");
    assert_eq!(check(&folder, &bank).0, Some(0), "the rules hold all the same");
}

#[test]
fn sighup_with_a_file_that_is_wrong_changes_nothing_and_says_where() {
    let folder = shop();
    let bank = Peer::start(&folder, "bank", BANK);
    rewrite(&folder, &BANK.replace("call = ", "cal = "));
    hangup(&bank);
    bank.waits_until_log_has("SIGHUP: nothing is changed: bank.toml:11:1: error[AQ0810]");
    assert_eq!(check(&folder, &bank).0, Some(0));
}

#[test]
fn sighup_cuts_the_links_of_who_is_not_admitted_any_more() {
    let folder = shop();
    let other = Peer::start(&folder, "other", "listen = [\"/ip4/127.0.0.1/tcp/0\"]\n");
    let known = format!("bootstrap = [\"{}\"]\n{BANK}", other.address.clone().unwrap());
    let bank = Peer::start(&folder, "bank", &known);
    bank.waits_until_log_has("is linked with");
    rewrite(&folder, &format!("{known}[network]\ndeny = [\"{}\"]\n", other.id));
    hangup(&bank);
    bank.waits_until_log_has("this peer is not admitted any more");
    assert!(get(&bank, "/metrics").contains("aquac_links 0\n"));
    rewrite(&folder, &known);
    let links = || bank.log.lock().unwrap().matches("is linked with").count();
    let before = links();
    hangup(&bank);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while links() == before {
        assert!(std::time::Instant::now() < until, "it is admitted again, and not dialled");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_log_that_cannot_be_written_is_no_end() {
    let folder = shop();
    rewrite(&folder, BANK);
    let mut command = aquac(folder.path(), &["peer", "--config", "bank.toml"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    command.stderr(full).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut ready = String::new();
    let stdout = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut ready).unwrap();
    assert!(ready.starts_with("ready bank"), "{ready}");
    assert!(
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn how_much_is_said_is_a_flag_or_the_environment() {
    let folder = shop();
    rewrite(&folder, BANK);
    let mut loud = aquac(folder.path(), &["peer", "--config", "bank.toml", "--log", "loud"]);
    loud.env_remove("AQUAC_LOG");
    let ended = run(loud, 5);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let mut command = aquac(folder.path(), &["peer", "--config", "bank.toml"]);
    command.env("AQUAC_LOG", "loud");
    let ended = run(command, 5);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("AQUAC_LOG: `loud` is neither a level"), "{ended:?}");
    let flags = ["peer", "--config", "bank.toml", "--log", "debug", "--log-format", "json"];
    let mut command = aquac(folder.path(), &flags);
    command.env("AQUAC_LOG", "error");
    let bank = Peer::of(command, "bank");
    assert_eq!(check(&folder, &bank).0, Some(0));
    bank.waits_until_log_has("\"event\":\"acknowledged\"");
    for line in bank.log.lock().unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["peer"] == "bank", "{line}");
    }
}
