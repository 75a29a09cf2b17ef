//! `aquac net`: a local network of real processes, kept up between commands.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Ended, Folder, aquac, end, run, start};

const SOURCE: &str = r#"aqua Chain declares *

export pay, ask, slowly, never

service Credit("credit"):
  check(customer: string) -> u32
  slowly(customer: string) -> u32

service Sms("sms"):
  send(phone: string, score: u32) -> string

func ask() -> u32:
  on BANK:
    score <- Credit.check("ada")
  <- score

func slowly() -> u32:
  on BANK:
    score <- Credit.slowly("ada")
  <- score

func pay() -> string:
  on BANK:
    score <- Credit.check("ada")
  on TELCO:
    receipt <- Sms.send("+1", score)
  <- receipt

func never(given: []u32) -> u32:
  values: *u32
  for value <- given:
    values <<- value
  on BANK:
    join values[0]
  <- values!
"#;

/// A bank that answers at once, or slowly.
pub(crate) const BANK: &str = r#"
[peers.bank]
[[peers.bank.service]]
id = "credit"
kind = "scripted"
[peers.bank.service.functions.check]
answer = { ok = 720 }
[peers.bank.service.functions.slowly]
answer = { delay_ms = 1200, then = { ok = 7 } }
"#;

const TELCO: &str = r#"
[peers.telco]
[[peers.telco.service]]
id = "sms"
kind = "scripted"
[peers.telco.service.functions.send]
answer = { ok = "sent" }
"#;

/// A project with a network of its own, which is down when it is dropped.
pub(crate) struct Net {
    pub(crate) folder: Folder,
}

impl Net {
    /// Up already.
    pub(crate) fn up() -> Self {
        let net = Self::of(SOURCE, &format!("{BANK}{TELCO}"));
        net.works(&["net", "up"]);
        net
    }

    /// Not up yet.
    pub(crate) fn of(source: &str, manifest: &str) -> Self {
        Self { folder: Folder::with(&[("src/main.aqua", source), ("aqua.toml", manifest)]) }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        aquac(self.folder.path(), arguments)
    }

    #[track_caller]
    pub(crate) fn says(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments), 30)
    }

    #[track_caller]
    pub(crate) fn works(&self, arguments: &[&str]) -> Ended {
        let ended = self.says(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended
    }

    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let ended = self.says(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        for word in words {
            assert!(ended.stderr.contains(word), "`{word}` is missing in\n{}", ended.stderr);
        }
    }

    pub(crate) fn calls<'a>(&self, call: &'a str, more: &[&'a str]) -> Command {
        let begin = ["run", "src/main.aqua", "--net", "local", "-f", call];
        self.command(&[&begin[..], more].concat())
    }

    /// What `ps` says of a peer.
    #[track_caller]
    pub(crate) fn peer(&self, name: &str) -> Value {
        let listing: Value =
            serde_json::from_str(&self.works(&["net", "ps", "--json"]).stdout).unwrap();
        let peers = listing["peers"].as_array().unwrap();
        peers.iter().find(|peer| peer["name"] == name).unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn signal(&self, name: &str, signal: &str) {
        let pid = self.peer(name)["pid"].as_u64().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    #[track_caller]
    pub(crate) fn waits_for_state(&self, name: &str, state: &str) {
        let until = Instant::now() + Duration::from_secs(10);
        while self.peer(name)["state"] != state {
            assert!(Instant::now() < until, "{name} is never {state}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn waits_until_logs_have(&self, words: &str) {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.says(&["net", "logs"]).stdout.contains(words) {
            assert!(Instant::now() < until, "`{words}` is never logged");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let entries = std::fs::read_dir(self.folder.path().join(".aquac/net"));
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let _was_down = self.command(&["net", "down", "--name", &name]).output();
        }
    }
}

#[track_caller]
pub(crate) fn returns(ended: &Ended, result: &str) {
    assert_eq!((ended.code, ended.stdout.trim()), (Some(0), result), "{ended:?}");
}

/// Waits until a process is gone. What nobody has asked about is there, with nothing in it.
#[track_caller]
fn ends(pid: u64) {
    let until = Instant::now() + Duration::from_secs(5);
    let command = format!("/proc/{pid}/cmdline");
    while std::fs::read_to_string(&command).is_ok_and(|text| !text.is_empty()) {
        assert!(Instant::now() < until, "the process {pid} still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_network_goes_up_runs_and_goes_down() {
    let net = Net::of(SOURCE, &format!("{BANK}{TELCO}"));
    let begun = Instant::now();
    let ended = net.works(&["net", "up"]);
    assert!(begun.elapsed() < Duration::from_secs(3), "it took {:?}", begun.elapsed());
    assert!(ended.stderr.starts_with("up: bank telco ("), "{ended:?}");
    let first = net.peer("bank");
    assert_eq!(first["state"], "up");
    returns(&run(net.calls("pay()", &[]), 10), "\"sent\"");
    returns(&run(net.calls("pay()", &[]), 10), "\"sent\"");
    let ended = net.works(&["net", "down"]);
    assert_eq!(ended.stderr, "down: bank telco\n");
    let pid = first["pid"].as_u64().unwrap();
    ends(pid);
    net.works(&["net", "up"]);
    assert_eq!(net.peer("bank")["id"], first["id"], "the same name is the same peer");
}

#[test]
fn what_makes_no_sense_is_said_with_what_does() {
    let net = Net::of(SOURCE, &format!("{BANK}{TELCO}"));
    for command in [
        &["ps"][..],
        &["logs"],
        &["cut", "bank", "telco"],
        &["heal"],
        &["stop", "bank"],
        &["start", "bank"],
        &["down"],
    ] {
        net.fails(&[&["net"], command].concat(), 2, &["`local` is not up", "aquac net up"]);
    }
    let ended = run(net.calls("pay()", &[]), 10);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("`local` is not up"), "{ended:?}");
    net.works(&["net", "up"]);
    net.fails(&["net", "up"], 2, &["is up already (bank, telco)", "aquac net down"]);
    net.fails(&["net", "stop", "bnak"], 2, &["did you mean `bank`?"]);
    net.fails(&["net", "cut", "bank", "nobody"], 2, &["`nobody`", "bank, telco"]);
    net.fails(&["net", "cut", "bank", "bank"], 2, &["no link with itself"]);
    net.fails(&["net", "heal", "bank", "telco"], 2, &["are not cut"]);
    net.fails(&["net", "start", "bank"], 2, &["runs already"]);
    net.works(&["net", "stop", "bank"]);
    net.fails(&["net", "stop", "bank"], 2, &["is stopped already"]);
    net.fails(&["net", "up", "--name", "../x"], 2, &["no name of a network"]);
    let empty = Folder::with(&[]);
    let ended = run(aquac(empty.path(), &["net", "up"]), 10);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("no peer to start"), "{ended:?}");
}

#[test]
fn a_peer_that_does_not_start_leaves_nothing_behind() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let listen = format!("[peers.telco]\nlisten = [\"/ip4/127.0.0.1/tcp/{port}\"]\n");
    let net = Net::of(SOURCE, &format!("[peers.bank]\n{listen}"));
    net.fails(&["net", "up"], 5, &["telco did not start", &port.to_string()]);
    net.fails(&["net", "ps"], 2, &["is not up"]);
}

#[test]
fn a_peer_that_is_killed_is_known_and_started_again_where_it_was() {
    let net = Net::up();
    let before = net.peer("bank");
    net.signal("bank", "-KILL");
    net.waits_for_state("bank", "died");
    net.works(&["net", "start", "bank"]);
    assert_eq!(net.peer("bank")["addresses"], before["addresses"]);
    returns(&run(net.calls("pay()", &[]), 10), "\"sent\"");
}

#[test]
fn what_is_left_of_a_network_that_died_is_no_obstacle() {
    let net = Net::up();
    for name in ["bank", "telco"] {
        net.signal(name, "-KILL");
        net.waits_for_state(name, "died");
    }
    let ended = net.works(&["net", "up"]);
    assert!(ended.stderr.contains("had died"), "{ended:?}");
    returns(&run(net.calls("pay()", &[]), 10), "\"sent\"");
}

#[test]
fn peers_of_a_network_that_nobody_knows_any_more_are_found_and_stopped() {
    let net = Net::up();
    let pid = net.peer("bank")["pid"].as_u64().unwrap();
    let file = ".aquac/net/local/net.json";
    net.folder.write(file, "{ damaged");
    net.fails(&["net", "ps"], 2, &["net.json is damaged", "aquac net down"]);
    std::fs::remove_file(net.folder.path().join(file)).unwrap();
    let ended = net.works(&["net", "down"]);
    assert!(ended.stderr.contains("gone or damaged"), "{ended:?}");
    ends(pid);
    net.fails(&["net", "down"], 2, &["is not up"]);
    net.works(&["net", "up"]);
}

#[test]
fn a_cut_between_two_peers_stops_what_goes_between_them_and_nothing_else() {
    let net = Net::up();
    net.works(&["net", "cut", "telco", "bank"]);
    assert!(net.works(&["net", "ps"]).stdout.contains("cut: bank and telco"));
    returns(&run(net.calls("ask()", &[]), 10), "720");
    let ended = run(net.calls("pay()", &["--ttl", "2s"]), 10);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    let seen_by_bank = "waits for `telco`, which cannot be reached";
    for word in ["deadline", "note: `telco` cannot be reached", "main.aqua:26:", seen_by_bank] {
        assert!(ended.stderr.contains(word), "`{word}` is missing in\n{}", ended.stderr);
    }
}

#[test]
fn what_waited_goes_on_when_the_cut_is_healed() {
    let net = Net::up();
    net.works(&["net", "cut", "bank", "telco"]);
    let waits = start(net.calls("pay()", &["--ttl", "20s"]));
    net.waits_until_logs_have("wait for telco");
    net.works(&["net", "heal"]);
    let ended = end(waits, 10);
    returns(&ended, "\"sent\"");
}

#[test]
fn a_cut_outlives_a_restart_of_both_ends() {
    let net = Net::up();
    net.works(&["net", "cut", "bank", "telco"]);
    for name in ["bank", "telco"] {
        net.works(&["net", "stop", name]);
        net.works(&["net", "start", name]);
    }
    let ended = run(net.calls("pay()", &["--ttl", "1s"]), 10);
    assert_eq!(ended.code, Some(4), "{ended:?}");
}

#[test]
fn a_run_survives_that_a_peer_is_killed_in_the_middle_and_started_again() {
    let net = Net::up();
    let slow = start(net.calls("slowly()", &["--ttl", "20s"]));
    net.waits_until_logs_have("asks credit.slowly");
    net.signal("bank", "-KILL");
    net.waits_for_state("bank", "died");
    net.works(&["net", "start", "bank"]);
    returns(&end(slow, 15), "7");
    let logs = net.works(&["net", "logs", "bank"]).stdout;
    let asked = logs.lines().filter(|line| line.contains("asks credit.slowly"));
    let again: Vec<bool> = asked.map(|line| line.contains(") again")).collect();
    assert_eq!(again, [false, true], "asked again with the same key\n{logs}");
}

#[test]
fn a_peer_that_was_started_again_during_a_run_is_asked_where_it_is_now() {
    let net = Net::up();
    net.signal("bank", "-KILL");
    net.waits_for_state("bank", "died");
    let begun = Instant::now();
    let stuck = start(net.calls("never([])", &["--ttl", "60s"]));
    net.works(&["net", "start", "bank"]);
    let ended = end(stuck, 30);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    assert!(ended.stderr.contains("stuck"), "{ended:?}");
    assert!(!ended.stderr.contains("no sign of life"), "{ended:?}");
    assert!(begun.elapsed() < Duration::from_secs(25), "it took {:?}", begun.elapsed());
}

#[test]
fn a_peer_that_stands_still_is_named_and_does_not_stop_the_others() {
    let net = Net::up();
    net.signal("bank", "-STOP");
    let ended = run(net.calls("ask()", &["--ttl", "3s"]), 15);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    for word in ["deadline", "`bank`, which gives no sign of life", "main.aqua:14:"] {
        assert!(ended.stderr.contains(word), "`{word}` is missing in\n{}", ended.stderr);
    }
    assert_eq!(net.peer("bank")["state"], "silent");
    assert_eq!(net.peer("telco")["state"], "up");
    net.signal("bank", "-CONT");
    net.waits_for_state("bank", "up");
    returns(&run(net.calls("ask()", &[]), 10), "720");
}

#[test]
fn a_run_that_is_stuck_is_told_at_once_on_real_processes_too() {
    let net = Net::up();
    let begun = Instant::now();
    let ended = run(net.calls("never([])", &["--ttl", "60s"]), 20);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    assert!(ended.stderr.contains("stuck"), "{ended:?}");
    assert!(begun.elapsed() < Duration::from_secs(3), "it took {:?}", begun.elapsed());
    returns(&run(net.calls("slowly()", &[]), 10), "7");
}

#[test]
fn the_log_of_one_run_is_its_own() {
    let net = Net::up();
    run(net.calls("ask()", &[]), 10);
    run(net.calls("pay()", &[]), 10);
    let all = net.works(&["net", "logs", "--json"]).stdout;
    let entries: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sms = entries.iter().find(|entry| entry["event"] == "called" && entry["service"] == "sms");
    let particle = sms.unwrap()["particle"].as_str().unwrap();
    let one = net.works(&["net", "logs", "--particle", &particle[..8]]).stdout;
    assert!(one.contains("asks credit.check(\"ada\")") && one.contains("asks sms.send"), "{one}");
    assert_eq!(one.matches("asks credit.check").count(), 1, "{one}");
    assert!(one.lines().all(|line| line.contains(particle)), "{one}");
    let bank = net.works(&["net", "logs", "bank", "--particle", particle]).stdout;
    assert!(!bank.contains("sms.send("), "{bank}");
    net.works(&["net", "down"]);
    let later = net.works(&["net", "logs", "--particle", particle]).stdout;
    assert_eq!(later, one, "logs stay until the next network");
}

#[test]
fn two_runs_at_once_are_two_clients() {
    let net = Net::up();
    let slow = start(net.calls("slowly()", &[]));
    net.waits_until_logs_have("asks credit.slowly");
    let ended = run(net.calls("pay()", &[]), 10);
    returns(&ended, "\"sent\"");
    assert!(ended.stderr.contains("this one is `client-2`"), "{ended:?}");
    returns(&end(slow, 10), "7");
}

#[test]
fn peers_without_a_project_and_a_second_network() {
    let net = Net::of(
        "aqua Peers declares *\n\nexport where\n\nservice Op(\"op\"):\n  noop()\n\n\
         func where() -> string:\n  on PEER2:\n    Op.noop()\n  <- PEER2\n",
        "[project]\nname = \"towns\"\n",
    );
    net.works(&["net", "up", "--peers", "3"]);
    net.works(&["net", "up", "--peers", "2", "--name", "other"]);
    net.works(&["run", "src/main.aqua", "-f", "where()", "--net", "towns"]);
    let ended = run(net.calls("where()", &[]), 10);
    let id = net.peer("peer2")["id"].to_string();
    returns(&ended, &id);
    net.fails(&["run", "src/main.aqua", "-f", "where()", "--net", "none"], 2, &["local, other"]);
}

#[test]
fn processes_beside_the_peers_start_and_stop_with_them() {
    let manifest =
        format!("{BANK}{TELCO}\n[[process]]\nname = \"beside\"\ncommand = [\"sleep\", \"600\"]\n");
    let net = Net::of(SOURCE, &manifest);
    let ended = net.works(&["net", "up"]);
    assert!(ended.stderr.contains("beside beside"), "{ended:?}");
    let listing: Value = serde_json::from_str(&net.works(&["net", "ps", "--json"]).stdout).unwrap();
    let process = &listing["processes"][0];
    assert_eq!((&process["name"], &process["state"]), (&"beside".into(), &"up".into()));
    net.works(&["net", "down"]);
    ends(process["pid"].as_u64().unwrap());
}
