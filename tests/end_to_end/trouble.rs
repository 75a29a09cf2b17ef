//! Trouble on a local network of real processes: floods, garbage, dead services, orders to stop.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::harness::{end, run, start};
use crate::net::{BANK, Net, returns};

const SOURCE: &str = r#"aqua Trouble declares *

export ask, flood, size, slowly, broken

service Credit("credit"):
  check(customer: string) -> u32
  slowly(customer: string) -> u32

service Broken("broken"):
  answer() -> string

func ask() -> u32:
  on BANK via RELAYED:
    score <- Credit.check("ada")
  <- score

func slowly() -> u32:
  on BANK:
    score <- Credit.slowly("ada")
  <- score

func flood(customers: []string) -> u32:
  scores: *u32
  for customer <- customers par:
    on BANK:
      scores <- Credit.slowly(customer)
  join scores[customers.length - 1]
  <- scores.length

func size(text: string) -> u32:
  on BANK:
    score <- Credit.check(text)
  <- score

func broken() -> string:
  on BANK:
    text <- Broken.answer()
  <- text
"#;

/// Behind [`BANK`].
const BROKEN: &str = r#"
[[peers.bank.service]]
id = "broken"
kind = "process"
command = ["sh", "-c", "exit 1"]
"#;

fn up() -> Net {
    let net = Net::of(&SOURCE.replace(" via RELAYED", ""), &format!("{BANK}{BROKEN}"));
    net.works(&["net", "up"]);
    net
}

/// `--data` with a list of so many texts.
fn many(count: usize) -> String {
    let texts: Vec<String> = (0..count).map(|number| format!("\"c{number}\"")).collect();
    format!("{{\"customers\": [{}]}}", texts.join(","))
}

#[test]
fn one_initiator_s_flood_does_not_keep_another_from_finishing() {
    let net = up();
    for name in ["noisy", "other"] {
        net.works(&["key", "new", name]);
    }
    let data = many(300);
    let noisy = [".aquac/keys/noisy.key", ".aquac/keys/other.key"];
    let flood = |ttl| ["--data", data.as_str(), "--key", noisy[0], "--ttl", ttl];
    let one = start(net.calls("flood(customers)", &flood("30s")));
    std::thread::sleep(Duration::from_millis(400));
    let begun = Instant::now();
    returns(&run(net.calls("ask()", &["--key", noisy[1]]), 10), "720");
    assert!(begun.elapsed() < Duration::from_secs(4), "it took {:?}", begun.elapsed());
    returns(&end(one, 40), "300");
}

#[test]
fn an_argument_that_is_too_large_is_an_error_and_no_wait() {
    let net = up();
    for megabytes in [5, 20] {
        let text = "x".repeat(megabytes << 20);
        net.folder.write("large.json", &format!("{{\"text\": \"{text}\"}}"));
        let begun = Instant::now();
        let ended = run(net.calls("size(text)", &["--data", "@large.json"]), 30);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("argument 1 of the call has"), "{}", ended.stderr);
        assert!(ended.stderr.len() < 400, "the text itself is not shown");
        assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
    }
    let large = "x".repeat(3 << 20);
    net.folder.write("large.json", &format!("{{\"text\": \"{large}\"}}"));
    returns(&run(net.calls("size(text)", &["--data", "@large.json"]), 30), "720");
}

#[test]
fn a_service_whose_program_dies_fails_and_takes_nothing_with_it() {
    let net = up();
    let ended = run(net.calls("broken()", &[]), 20);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{ended:?}");
    assert!(ended.stderr.contains("main.aqua:37:"), "{ended:?}");
    returns(&run(net.calls("ask()", &[]), 10), "720");
}

#[test]
fn garbage_and_silence_on_its_port_do_not_disturb_a_peer() {
    let net = up();
    let address = net.peer("bank")["addresses"][0].as_str().unwrap().to_owned();
    let port: u16 = address.rsplit('/').next().unwrap().parse().unwrap();
    let mut silent = Vec::new();
    for round in 0..40_usize {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let garbage: Vec<u8> = (0..round * 977).map(|at| (at * 31 + round) as u8).collect();
        let _closed_already = stream.write_all(&garbage);
        if round % 4 == 0 {
            silent.push(stream);
        }
    }
    returns(&run(net.calls("ask()", &[]), 10), "720");
    assert_eq!(net.peer("bank")["state"], "up");
}

#[test]
fn nobody_commands_a_peer_without_the_secret_of_its_network() {
    let net = up();
    let state = net.folder.path().join(".aquac/net/local/net.json");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&state).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "the secret is for its owner");
    let state: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(state).unwrap()).unwrap();
    let port = u16::try_from(state["peers"]["bank"]["control"].as_u64().unwrap()).unwrap();
    for request in ["{\"token\":\"guessed\",\"ask\":\"status\"}\n", "GET / HTTP/1.1\r\n\r\n", "\n"]
    {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.contains("refused"), "{answer}");
    }
}

#[test]
fn a_peer_that_is_told_to_stop_finishes_its_call_and_does_not_make_it_again() {
    let net = up();
    let slow = start(net.calls("slowly()", &["--ttl", "20s"]));
    let until = Instant::now() + Duration::from_secs(10);
    while !net.says(&["net", "logs"]).stdout.contains("asks credit.slowly") {
        assert!(Instant::now() < until, "it is never asked");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(net.works(&["net", "stop", "bank"]).stderr, "stopped bank\n");
    assert_eq!(net.peer("bank")["state"], "stopped");
    net.works(&["net", "start", "bank"]);
    returns(&end(slow, 15), "7");
    let logs = net.works(&["net", "logs", "bank"]).stdout;
    assert_eq!(logs.matches("asks credit.slowly").count(), 1, "{logs}");
}

#[test]
fn a_peer_that_stands_still_is_killed_when_it_is_to_stop() {
    let net = up();
    net.signal("bank", "-STOP");
    net.waits_for_state("bank", "silent");
    assert_eq!(
        net.works(&["net", "stop", "bank"]).stderr,
        "stopped bank\n",
        "it hears both signals"
    );
}

#[test]
fn a_relay_s_address_is_enough_to_reach_those_behind_it() {
    let source = SOURCE.replace("RELAYED", "HOST_PEER_ID");
    let manifest = format!(
        "[peers.relay]\n{}",
        BANK.replace("[peers.bank]\n", "[peers.bank]\nrelay = \"relay\"\n")
    );
    let net = Net::of(&source, &manifest);
    net.works(&["net", "up"]);
    let relay = net.peer("relay");
    assert_eq!(net.peer("bank")["addresses"].as_array().unwrap().len(), 0, "nobody can dial it");
    let address = format!(
        "{}/p2p/{}",
        relay["addresses"][0].as_str().unwrap(),
        relay["id"].as_str().unwrap()
    );
    let ask = ["run", "src/main.aqua", "-f", "ask()", "--relay"];
    returns(&net.says(&[&ask[..], &[&address]].concat()), "720");
    net.fails(&[&ask[..], &["/ip4/127.0.0.1/tcp/9"]].concat(), 2, &["must end in /p2p/ID"]);
    net.fails(&[&ask[..], &[&address, "--peers", "2"]].concat(), 2, &["excludes --peers"]);
    net.works(&["net", "down"]);
    net.fails(&[&ask[..], &[&address]].concat(), 5, &["cannot reach the network"]);
}
