//! One process per peer: what survives when one of them is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::harness::{Folder, aquac, end, run, start};

const SOURCE: &str = r#"aqua CreditSms declares *

export notify

service Credit("credit"):
  check(customer: string) -> u32

service Sms("sms"):
  send(phone: string, score: u32) -> string

func notify(customer: string, phone: string) -> string:
  on BANK:
    score <- Credit.check(customer)
  on TELCO:
    receipt <- Sms.send(phone, score)
  <- receipt
"#;

/// An HTTP API that says "sent" and keeps what it was sent.
struct Sms {
    port: u16,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Sms {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if let Some(body) = stream.ok().and_then(answer) {
                    keep.lock().unwrap().push(body);
                }
            }
        });
        Self { port, sent }
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// Waits until something was sent, at most `seconds`.
    fn wait(&self, seconds: u64) {
        let until = Instant::now() + Duration::from_secs(seconds);
        while self.sent().is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Reads one request whole and answers it; the body.
fn answer(mut stream: TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).ok()?;
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head.to_lowercase();
        let length = length.split("content-length:").nth(1)?.split_whitespace().next()?;
        if read == 0 || body.len() >= length.parse().ok()? {
            let body = body.to_owned();
            let reply = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n\"sent\"";
            stream.write_all(reply.as_bytes()).ok()?;
            return Some(body);
        }
    }
}

/// A running `aquac peer`, killed at the end.
pub(crate) struct Peer {
    pub(crate) child: Child,
    /// Its id and where it can be dialled; no address behind a relay.
    pub(crate) id: String,
    pub(crate) address: Option<String>,
    pub(crate) log: Arc<Mutex<String>>,
}

impl Peer {
    /// Starts a peer with this configuration and waits until it is ready.
    pub(crate) fn start(folder: &Folder, name: &str, config: &str) -> Self {
        Self::logging(folder, name, config, "")
    }

    /// The same, with `AQUAC_LOG` set.
    pub(crate) fn logging(folder: &Folder, name: &str, config: &str, log: &str) -> Self {
        let file = format!("{name}.toml");
        folder.write(&file, &format!("name = \"{name}\"\ndev = true\n{config}"));
        let mut command = aquac(folder.path(), &["peer", "--config", &file]);
        command.env("AQUAC_LOG", log);
        Self::of(command, name)
    }

    /// Starts this command, which is a peer of this name.
    pub(crate) fn of(mut command: std::process::Command, name: &str) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let keep = Arc::clone(&log);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                keep.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let words: Vec<&str> = ready.split_whitespace().collect();
        assert_eq!(words[..2], ["ready", name], "{:?}", log.lock().unwrap());
        let address = words.get(3).map(|address| (*address).to_owned());
        Self { child, id: words[2].to_owned(), address, log }
    }

    /// `/ip4/…/tcp/…` without the id.
    pub(crate) fn at(&self) -> String {
        self.address.as_ref().unwrap().split("/p2p/").next().unwrap().to_owned()
    }

    pub(crate) fn waits_until_log_has(&self, words: &str) {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.log.lock().unwrap().contains(words) {
            assert!(Instant::now() < until, "no `{words}` in\n{}", self.log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn bank(delay_ms: u64, telco: &str) -> String {
    format!(
        "listen = [\"/ip4/127.0.0.1/tcp/0\"]\nbootstrap = [{telco}]\n[[service]]\nid = \"credit\"\n\
         kind = \"scripted\"\n[service.functions.check]\n\
         answer = {{ delay_ms = {delay_ms}, then = {{ ok = 720 }} }}\n"
    )
}

fn telco(port: u16, first: &str) -> String {
    format!(
        "{first}\n[[service]]\nid = \"sms\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{port}\"\n\
         [service.functions.send]\nargs = [\"phone\", \"score\"]\npath = \"/messages\"\n\
         body = {{ to = \"{{phone}}\", score = \"{{score}}\" }}\n"
    )
}

const LISTEN: &str = "listen = [\"/ip4/127.0.0.1/tcp/0\"]";

fn project() -> Folder {
    Folder::with(&[("main.aqua", SOURCE), ("aqua.toml", "[peers.bank]\n[peers.telco]\n")])
}

const NOTIFY: [&str; 4] = ["run", "main.aqua", "-f", "notify(\"alice\", \"+15550100\")"];

fn quoted(peer: &Peer) -> String {
    format!("\"{}\"", peer.address.as_ref().unwrap())
}

#[test]
fn the_story_with_a_process_for_each_peer() {
    let folder = project();
    let sms = Sms::start();
    let telco = Peer::start(&folder, "telco", &telco(sms.port, LISTEN));
    let bank = Peer::start(&folder, "bank", &bank(0, &quoted(&telco)));
    let (at_bank, at_telco) = (format!("bank={}", bank.at()), format!("telco={}", telco.at()));
    let client = [&NOTIFY[..], &["--at", &at_bank, "--at", &at_telco]].concat();
    let ended = run(aquac(folder.path(), &client), 20);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "\"sent\"\n"), "{ended:?}");
    assert_eq!(sms.sent(), ["{\"score\":720,\"to\":\"+15550100\"}"]);
    assert!(ended.stderr.starts_with("finished: 1 hop"), "the client sends once: {ended:?}");
}

#[test]
fn a_client_that_is_killed_after_its_particle_is_acknowledged_is_not_needed() {
    let folder = project();
    let sms = Sms::start();
    let telco = Peer::start(&folder, "telco", &telco(sms.port, LISTEN));
    let bank = Peer::start(&folder, "bank", &bank(700, &quoted(&telco)));
    let (at_bank, at_telco) = (format!("bank={}", bank.at()), format!("telco={}", telco.at()));
    let client = [&NOTIFY[..], &["--at", &at_bank, "--at", &at_telco]].concat();
    let mut client = start(aquac(folder.path(), &client));
    // A peer acknowledges before it asks a service.
    bank.waits_until_log_has("asks credit.check");
    client.kill().unwrap();
    client.wait().unwrap();
    assert_eq!(sms.sent(), [""; 0], "the client was killed before the bank had answered");
    sms.wait(10);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(sms.sent().len(), 1, "sent once: {:?}", sms.sent());
}

#[test]
fn a_peer_that_is_killed_in_the_middle_is_named_at_the_deadline() {
    let folder = project();
    let sms = Sms::start();
    let telco = Peer::start(&folder, "telco", &telco(sms.port, LISTEN));
    let mut bank = Peer::start(&folder, "bank", &bank(60_000, &quoted(&telco)));
    let (at_bank, at_telco) = (format!("bank={}", bank.at()), format!("telco={}", telco.at()));
    let client = [&NOTIFY[..], &["--ttl", "3s", "--at", &at_bank, "--at", &at_telco]].concat();
    let client = start(aquac(folder.path(), &client));
    bank.waits_until_log_has("asks credit.check");
    bank.child.kill().unwrap();
    let ended = end(client, 10);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    for word in ["deadline", "main.aqua:13:", "waits for `bank`"] {
        assert!(ended.stderr.contains(word), "`{word}` is missing in\n{}", ended.stderr);
    }
}

#[test]
fn a_peer_without_an_address_is_reached_through_its_relay() {
    let folder = project();
    folder.write(
        "main.aqua",
        &SOURCE
            .replace("  on TELCO:", "  on TELCO via RELAY:")
            .replace("on BANK:", "on BANK via RELAY:"),
    );
    folder.write("aqua.toml", "[peers.bank]\n[peers.telco]\n[peers.relay]\n");
    let sms = Sms::start();
    let relay = Peer::start(&folder, "relay", LISTEN);
    let behind = format!("relay = \"{}\"\nbootstrap = [{}]", relay.id, quoted(&relay));
    let telco = Peer::start(&folder, "telco", &telco(sms.port, &behind));
    let bank = Peer::start(
        &folder,
        "bank",
        &bank(0, &quoted(&relay)).replace(LISTEN, &format!("relay = \"{}\"", relay.id)),
    );
    assert_eq!((&telco.address, &bank.address), (&None, &None), "nobody can dial them");
    let at = format!("relay={}", relay.at());
    let client = [&NOTIFY[..], &["--relay", "relay", "--at", &at]].concat();
    let ended = run(aquac(folder.path(), &client), 20);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "\"sent\"\n"), "{ended:?}");
    assert_eq!(sms.sent().len(), 1);
}

#[test]
fn a_relay_that_is_down_is_said_at_once() {
    let folder = project();
    folder.write("aqua.toml", "[peers.bank]\n[peers.telco]\n[peers.relay]\n");
    let at = "relay=/ip4/127.0.0.1/tcp/9";
    let client = [&NOTIFY[..], &["--relay", "relay", "--at", at]].concat();
    let ended = run(aquac(folder.path(), &client), 10);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), ""), "{ended:?}");
    assert!(ended.stderr.contains("relay"), "{ended:?}");
}

#[test]
fn a_peer_that_is_told_to_stop_finishes_what_it_does_and_passes_it_on() {
    let folder = project();
    let sms = Sms::start();
    let telco = Peer::start(&folder, "telco", &telco(sms.port, LISTEN));
    let mut bank = Peer::start(&folder, "bank", &bank(700, &quoted(&telco)));
    let (at_bank, at_telco) = (format!("bank={}", bank.at()), format!("telco={}", telco.at()));
    let client = [&NOTIFY[..], &["--at", &at_bank, "--at", &at_telco]].concat();
    let client = start(aquac(folder.path(), &client));
    bank.waits_until_log_has("asks credit.check");
    let id = bank.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ended = end(client, 10);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "\"sent\"\n"), "{ended:?}");
    assert_eq!(bank.child.wait().unwrap().code(), Some(0));
    assert_eq!(sms.sent().len(), 1);
}

#[test]
fn a_peer_logs_for_people_for_programs_and_for_debugging() {
    let folder = project();
    let sms = Sms::start();
    let telco = Peer::logging(&folder, "telco", &telco(sms.port, LISTEN), "debug,json");
    let bank = Peer::logging(&folder, "bank", &bank(0, &quoted(&telco)), "info");
    let (at_bank, at_telco) = (format!("bank={}", bank.at()), format!("telco={}", telco.at()));
    let client = [&NOTIFY[..], &["--at", &at_bank, "--at", &at_telco]].concat();
    assert_eq!(run(aquac(folder.path(), &client), 20).code, Some(0));
    telco.waits_until_log_has("\"event\":\"answered\"");
    bank.waits_until_log_has("credit.check");
    for line in telco.log.lock().unwrap().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["peer"], "telco", "{line}");
        assert!(entry.get("result").is_none(), "{line}");
        assert!(entry.get("args").is_none_or(|args| args == &serde_json::json!([])), "{line}");
        assert!(entry["at"].is_u64() && entry["level"].is_string(), "{line}");
    }
    let bank = bank.log.lock().unwrap();
    assert!(bank.contains("Z info  bank: "), "time, level and peer: {bank}");
    for log in [&*bank, &*telco.log.lock().unwrap()] {
        // Digests and times may have these digits as well.
        let said = ["+15550100", "= 720", "[720", "(720"];
        assert!(!said.iter().any(|secret| log.contains(secret)), "somebody's secret:\n{log}");
    }
}

#[test]
fn sigterm_ends_a_peer_in_order() {
    let folder = project();
    let mut peer = Peer::start(&folder, "bank", LISTEN);
    let id = peer.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let until = Instant::now() + Duration::from_secs(5);
    while peer.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "it still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(peer.child.wait().unwrap().code(), Some(0));
}
