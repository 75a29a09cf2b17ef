//! What a local network leaves behind when it is not taken down in order, what is found of it, and
//! its logs while they are written.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::run;
use crate::net::{BANK, Net, returns};

const SOURCE: &str = r#"aqua Chain declares *

export ask

service Credit("credit"):
  check(customer: string) -> u32

func ask() -> u32:
  on BANK:
    score <- Credit.check("ada")
  <- score
"#;

/// Something beside the peers that starts something itself.
const BESIDE: &str = r#"
[[process]]
name = "beside"
command = ["sh", "-c", "sleep 600 & echo $! > child; exec sleep 600"]
"#;

const FILE: &str = ".aquac/net/local/net.json";

fn up() -> Net {
    let net = Net::of(SOURCE, &format!("{BANK}{BESIDE}"));
    net.works(&["net", "up"]);
    net
}

/// The process beside the peers, and the one that it started.
fn beside(net: &Net) -> [u32; 2] {
    let until = Instant::now() + Duration::from_secs(5);
    let child = loop {
        let text = std::fs::read_to_string(net.folder.path().join("child")).unwrap_or_default();
        if let Ok(pid) = text.trim().parse() {
            break pid;
        }
        assert!(Instant::now() < until, "it never starts");
        std::thread::sleep(Duration::from_millis(5));
    };
    let file = net.folder.path().join(".aquac/net/local/processes/beside.pid");
    let id = std::fs::read_to_string(file).unwrap();
    [id.split_whitespace().next().unwrap().parse().unwrap(), child]
}

/// Whether a process runs; one that has ended and that nobody has asked about does not.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[track_caller]
fn end(pids: &[u32]) {
    let until = Instant::now() + Duration::from_secs(10);
    while pids.iter().any(|pid| runs(*pid)) {
        assert!(Instant::now() < until, "they still run");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn processes_of_a_network_whose_file_is_lost_or_torn_are_stopped_by_down() {
    for torn in [None, Some("{ \"schema\": \"aquac.ne")] {
        let net = up();
        let pids = beside(&net);
        assert!(pids.iter().all(|pid| runs(*pid)), "{pids:?}");
        match torn {
            None => std::fs::remove_file(net.folder.path().join(FILE)).unwrap(),
            Some(text) => net.folder.write(FILE, text),
        }
        let ended = net.works(&["net", "down"]);
        assert!(ended.stderr.contains("gone or damaged"), "{ended:?}");
        end(&pids);
        net.fails(&["net", "down"], 2, &["is not up"]);
    }
}

#[test]
fn up_stops_what_is_left_and_starts_a_new_network() {
    for torn in [None, Some("")] {
        let net = up();
        let pids = beside(&net);
        match torn {
            None => std::fs::remove_file(net.folder.path().join(FILE)).unwrap(),
            Some(text) => net.folder.write(FILE, text),
        }
        std::fs::remove_file(net.folder.path().join("child")).unwrap();
        let ended = net.works(&["net", "up"]);
        assert!(ended.stderr.contains("what still ran of a network"), "{ended:?}");
        end(&pids);
        assert!(beside(&net).iter().all(|pid| runs(*pid)));
        returns(&run(net.calls("ask()", &[]), 10), "720");
    }
}

#[test]
fn a_process_that_cannot_be_started_leaves_nothing_of_the_others() {
    let missing = "[[process]]\nname = \"missing\"\ncommand = [\"./no-such-program\"]\n";
    let net = Net::of(SOURCE, &format!("{BANK}{BESIDE}{missing}"));
    net.fails(&["net", "up"], 2, &["cannot start the process missing", "no-such-program"]);
    std::thread::sleep(Duration::from_millis(100));
    if net.folder.path().join("child").exists() {
        end(&[beside(&net)[1]]);
    }
    net.fails(&["net", "down"], 2, &["is not up"]);
}

#[test]
fn two_networks_of_one_project_know_nothing_of_each_other() {
    let net = Net::of(SOURCE, BANK);
    net.works(&["net", "up"]);
    net.works(&["net", "up", "--name", "other"]);
    let listing = net.works(&["net", "ps", "--json", "--name", "other"]).stdout;
    let other: serde_json::Value = serde_json::from_str(&listing).unwrap();
    assert_ne!(other["peers"][0]["pid"], net.peer("bank")["pid"]);
    net.works(&["net", "down"]);
    let call = ["run", "src/main.aqua", "--net", "other", "-f", "ask()"];
    returns(&net.says(&call), "720");
    net.fails(&["net", "ps"], 2, &["is not up", "other"]);
    net.works(&["net", "down", "--name", "other"]);
}

#[test]
fn logs_can_be_followed_until_the_network_is_down_and_have_the_lines_of_the_source() {
    let net = Net::of(SOURCE, BANK);
    net.works(&["net", "up"]);
    let mut command = net.command(&["net", "logs", "-f"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut following = command.spawn().unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut first = lines.next().unwrap().unwrap();
    returns(&run(net.calls("ask()", &[]), 10), "720");
    while !first.contains("asks credit.check") {
        first = lines.next().expect("it goes on").unwrap();
    }
    assert!(first.contains("src/main.aqua:10"), "{first}");
    returns(&run(net.calls("ask()", &[]), 10), "720");
    let asked = lines.by_ref().map(Result::unwrap).find(|line| line.contains("asks credit.check"));
    assert!(asked.is_some());
    net.works(&["net", "down"]);
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(following.wait().unwrap().code(), Some(0), "{rest:?}");
    let json = net.works(&["net", "logs", "--json"]).stdout;
    assert!(json.contains("\"source\":\"src/main.aqua:10\""), "{json}");
}

#[test]
fn a_network_starts_all_its_peers_at_once() {
    let net = Net::of(SOURCE, BANK);
    net.works(&["net", "up", "--peers", "8"]);
    let began = |name: &str| -> u64 {
        let pid = net.peer(name)["pid"].as_u64().unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let (_, rest) = stat.rsplit_once(')').unwrap();
        rest.split_whitespace().nth(19).unwrap().parse().unwrap()
    };
    let first_words = |name: &str| -> u64 {
        let log = net.works(&["net", "logs", name, "--json"]).stdout;
        let line: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
        line["at"].as_u64().unwrap()
    };
    // All nine processes are there before the first of them listens: none waits for another.
    let names: Vec<String> =
        (1..=8).map(|n| format!("peer{n}")).chain(["bank".to_owned()]).collect();
    let ticks: Vec<u64> = names.iter().map(|name| began(name)).collect();
    let words: Vec<u64> = names.iter().map(|name| first_words(name)).collect();
    let spread = |all: &[u64]| all.iter().max().unwrap() - all.iter().min().unwrap();
    // A hundredth of a second is a tick.
    assert!(
        spread(&ticks) * 10 <= spread(&words) + 200,
        "they start one after the other: {ticks:?} {words:?}"
    );
}
