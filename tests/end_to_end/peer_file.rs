//! The file of `aquac peer --config`: what each table and key does, and what is said when one is
//! wrong. The file below is the one that `RUNNING.md` shows, as far as it fits on one machine.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::{Ended, Folder, aquac, run};
use crate::peers::Peer;

/// Every key has a value that is right.
const RIGHT: &str = r#"name = "bank"
key_file = "bank.key"
data_dir = "data"
programs = "programs"
listen = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"]
bootstrap = ["/dns4/peer.example.org/tcp/4001/p2p/12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu", "/dns4/peer.example.org/tcp/443/wss/p2p/12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu"]
metrics = "127.0.0.1:0"

[network]
name = "shops"
external = ["/dns4/bank.example.org/tcp/4001"]
kademlia = false
mdns = false
allow = ["12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu"]
deny = ["12D3KooWGzBHLLrbhV5vGTDuDs8SqwQUsMFQRxNnDDeydTXm8Xnt"]

[limits]
connections = 100
ttl = "1h"
calls = 7

[[service]]
id = "credit"
kind = "scripted"
timeout = "2s"
max_answer_bytes = 1000
[service.functions.check]
answer = { ok = 720 }

[[service]]
id = "sms"
kind = "http"
url = "http://127.0.0.1:9"
[service.functions.send]
args = ["phone"]
method = "PUT"
path = "/messages/{phone}"
body = { to = "{phone}" }
result = "/id"

[[service]]
id = "sums"
kind = "process"
command = ["cat"]
directory = "."

[[allow]]
call = "credit.check"
initiator = ["12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu"]
args.0.from = { service = "crm", function = "find", path = ".id" }
rate = "10/min"
max_bytes = 4096
"#;

fn folder() -> Folder {
    let folder = Folder::with(&[("right.toml", RIGHT), ("programs/empty", "")]);
    let made = run(aquac(folder.path(), &["key", "new", "./bank.key"]), 5);
    assert_eq!(made.code, Some(0), "{made:?}");
    folder
}

fn check(folder: &Folder, text: &str) -> Ended {
    folder.write("bank.toml", text);
    run(aquac(folder.path(), &["peer", "--config", "bank.toml", "--check"]), 5)
}

#[test]
fn a_file_that_is_right_is_printed_with_its_defaults_and_nothing_is_started() {
    let folder = folder();
    let ended = check(&folder, RIGHT);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let secret = std::fs::read_to_string(folder.path().join("bank.key")).unwrap();
    assert!(!ended.stdout.contains(secret.trim()), "the key stays where it is");
    assert!(ended.stdout.starts_with("# the peer 12D3Koo"), "{}", ended.stdout);
    let table: toml::Table = ended.stdout.parse().unwrap();
    assert_eq!(table["limits"]["calls"].as_integer(), Some(7), "what was written");
    assert_eq!(table["limits"]["fan_out"].as_integer(), Some(10_000), "a default");
    assert_eq!(table["network"]["name"].as_str(), Some("shops"));
    assert!(!folder.path().join("data").exists(), "nothing was made");
    let again = check(&folder, &ended.stdout);
    assert_eq!(again.stdout, ended.stdout, "what is printed is a file that means the same");
}

/// Each replaces a line of [`RIGHT`], by its beginning, and gives one error at this line and
/// column with these words.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("name = \"bank\"", "name = \"a b\"", "1:8", "one word"),
    ("name = \"bank\"", "name = 4", "1:8", "expected a string"),
    ("name = \"bank\"", "nane = \"bank\"", "1:1", "did you mean `name`?"),
    ("key_file", "key_file = \"none.key\"", "2:12", "no such file"),
    ("key_file", "key_file = \"right.toml\"", "2:12", "64 hexadecimal digits"),
    ("data_dir", "data_dir = \"bank.key/x\"", "3:12", "no folder"),
    ("data_dir", "data_dir = \"\"", "3:12", "no folder"),
    ("listen", "listen = \"/ip4/127.0.0.1/tcp/1\"", "5:10", "expected a sequence"),
    ("listen", "listen = [\"/ip4/127.0.0.1/tcp/1\", \"4001\"]", "5:35", "is no address"),
    ("listen", "listen = [\"/ip4/127.0.0.1/tcp/1/wss\"]", "5:11", "a TLS terminator"),
    ("listen", "listen = [\"/dns4/localhost/tcp/1\"]", "5:11", "needs an IP address"),
    ("listen", "listen = [\"/ip4/127.0.0.1/udp/1\"]", "5:11", "transport that is not there"),
    ("bootstrap", "bootstrap = [\"/ip4/127.0.0.1/tcp/1\"]", "6:14", "must end in /p2p/ID"),
    ("bootstrap", "bootstrap = [\"/ip4/127.0.0.1/tcp/1/p2p/me\"]", "6:14", "no peer id"),
    ("bootstrap", "relay = \"me\"", "6:9", "no peer id"),
    ("metrics", "metrics = \"here\"", "7:11", "expected \"IP:PORT\""),
    ("metrics", "metrics = \"0.0.0.0:9100\"", "7:11", "anywhere = true"),
    ("metrics", "metrics = { listen = \"10.0.0.1:9\", anywere = true }", "7:11", "expected"),
    ("metrics", "metrcs = \"127.0.0.1:0\"", "7:1", "did you mean `metrics`?"),
    ("external", "external = [\"/tcp/1\"]", "11:13", "transport that is not there"),
    ("kademlia", "kademlia = \"yes\"", "12:12", "expected a boolean"),
    ("kademlia", "kadmelia = true", "12:1", "did you mean `kademlia`?"),
    ("allow = ", "allow = [\"me\"]", "14:10", "no peer id"),
    (
        "deny",
        "deny = [\"12D3KooWGzBHLLrbhV5vGTDuDs8SqwQUsMFQRxNnDDeydTXm8Xnt\", \"me\"]",
        "15:65",
        "no peer id",
    ),
    ("connections", "connections = -1", "18:15", "integer `-1`"),
    ("connections", "connections = 0", "18:15", "too little"),
    ("connections", "conections = 1", "18:1", "did you mean `connections`?"),
    ("ttl", "ttl = \"5\"", "19:7", "no length of time"),
    ("ttl", "ttl = \"2000h\"", "19:7", "1193h at most"),
    ("kind = \"scripted\"", "kind = \"script\"", "24:8", "unknown variant"),
    ("kind = \"scripted\"", "kind = \"native\"", "28:10", "no meaning"),
    ("kind = \"scripted\"", "kind = \"scripted\"\nurl = \"http://x\"", "25:7", "no meaning"),
    ("timeout", "timeout = \"0s\"", "25:11", "out of its bounds"),
    ("timeout", "timout = \"2s\"", "25:1", "did you mean `timeout`?"),
    ("max_answer_bytes", "max_answer_bytes = 99999999", "26:20", "out of its bounds"),
    ("answer", "answer = { okay = 720 }", "28:10", "is no answer"),
    ("id = \"sms\"", "id = \"credit\"", "31:6", "two services with this id"),
    ("url", "url = \"ftp://127.0.0.1\"", "33:7", "no http address"),
    ("url", "", "30:1", "`url` is missing"),
    ("method", "method = \"NO WAY\"", "36:10", "no HTTP method"),
    ("path = \"/mess", "path = \"messages\"", "37:8", "a path starts with /"),
    ("path = \"/mess", "path = \"/messages/{phon}\"", "37:8", "phon"),
    ("result", "result = \"id\"", "39:10", "no JSON pointer"),
    ("command", "", "41:1", "`command` is missing"),
    ("call = ", "call = \"credit\"", "48:8", "names no call"),
    ("call = ", "", "47:1", "missing field `call`"),
    ("initiator", "initiator = [\"client\"]", "49:14", "no peer id"),
    ("args.0", "args.first.from = { service = \"crm\" }", "50:1", "by their number"),
    ("args.0", "args.0.from = { peer = \"crm\" }", "50:24", "no peer id"),
    ("args.0", "args.0.from = { pear = \"crm\" }", "50:17", "did you mean `peer`?"),
    ("rate", "rate = \"10/day\"", "51:8", "is no rate"),
    ("max_bytes", "max_bytes = -1", "52:13", "integer `-1`"),
    ("[network]", "[netwrk]", "9:2", "did you mean `network`?"),
    ("[limits]", "[limit]", "17:2", "did you mean `limits`?"),
];

#[test]
fn each_value_that_is_wrong_is_one_error_at_its_line_and_column() {
    let folder = folder();
    for (begin, line, place, words) in WRONG {
        let mut found = false;
        let text: String = RIGHT
            .lines()
            .map(|old| {
                let here = !found && old.starts_with(begin);
                found |= here;
                format!("{}\n", if here { line } else { old })
            })
            .collect();
        assert!(found, "no line begins with {begin}");
        let ended = check(&folder, &text);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{line}: {ended:?}");
        let at = format!("bank.toml:{place} ]");
        for word in [at.as_str(), words, "1 error\n"] {
            assert!(
                ended.stderr.contains(word),
                "{line}: `{word}` is missing in\n{}",
                ended.stderr
            );
        }
        assert_eq!(ended.stderr.matches("error[").count(), 1, "{line}: {}", ended.stderr);
        // Without --check it is the same.
        let started = run(aquac(folder.path(), &["peer", "--config", "bank.toml"]), 5);
        assert_eq!((started.code, &started.stderr), (Some(2), &ended.stderr), "{line}");
    }
}

#[test]
fn only_the_file_of_a_project_is_called_so() {
    let folder = folder();
    for (text, is_project) in [("", false), ("[peers.bank]\n", true)] {
        let ended = check(&folder, text);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert_eq!(ended.stderr.contains("the file of a project"), is_project, "{ended:?}");
    }
    let ended = run(aquac(folder.path(), &["peer", "--config", "."]), 5);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("cannot read .: is a directory"), "{ended:?}");
}

const PROGRAM: &str = r#"aqua Shop declares *

export check, sum, send

service Credit("credit"):
  check(customer: string) -> u32

service Sums("sums"):
  sum(a: u32, b: u32) -> u32

service Sms("sms"):
  send(phone: string) -> string

func check() -> u32:
  on BANK:
    score <- Credit.check("ada")
  <- score

func sum() -> u32:
  on BANK:
    all <- Sums.sum(2, 3)
  <- all

func send() -> string:
  on BANK:
    id <- Sms.send("+1")
  <- id
"#;

/// A process in the language of the shell that adds the two numbers of every call.
const SUMS: &str = r#"#!/bin/sh
while read -r line; do
  id=$(printf %s "$line" | sed 's/.*"id":\([^,]*\),.*/\1/')
  a=$(printf %s "$line" | sed 's/.*"args":\[\([0-9]*\),\([0-9]*\)\].*/\1/')
  b=$(printf %s "$line" | sed 's/.*"args":\[\([0-9]*\),\([0-9]*\)\].*/\2/')
  printf '{"id":%s,"ok":%d}\n' "$id" $((a + b))
  echo "added $a and $b" >&2
done
"#;

const SERVICES: &str = r#"listen = ["/ip4/127.0.0.1/tcp/0"]
metrics = "127.0.0.1:0"
[[service]]
id = "credit"
kind = "scripted"
[service.functions.check]
answer = { ok = 720 }
[[service]]
id = "sums"
kind = "process"
command = ["sh", "sums.sh"]
"#;

fn shop() -> Folder {
    Folder::with(&[("main.aqua", PROGRAM), ("aqua.toml", "[peers.bank]\n"), ("sums.sh", SUMS)])
}

fn calls(folder: &Folder, bank: &Peer, call: &str, more: &[&str]) -> Ended {
    let at = format!("bank={}", bank.at());
    let arguments = [&["run", "main.aqua", "--at", &at, "-f", call], more].concat();
    run(aquac(folder.path(), &arguments), 20)
}

#[test]
fn services_and_rules_are_what_the_file_says() {
    let folder = shop();
    let rules =
        "[[allow]]\ncall = \"credit.check\"\nrate = \"1/h\"\n[[allow]]\ncall = \"sums.*\"\n";
    let bank = Peer::start(&folder, "bank", &format!("{SERVICES}{rules}"));
    let sum = calls(&folder, &bank, "sum()", &[]);
    assert_eq!((sum.code, sum.stdout.as_str()), (Some(0), "5\n"), "{sum:?}");
    bank.waits_until_log_has("added 2 and 3");
    let first = calls(&folder, &bank, "check()", &[]);
    assert_eq!((first.code, first.stdout.as_str()), (Some(0), "720\n"), "{first:?}");
    let second = calls(&folder, &bank, "check()", &[]);
    assert_eq!(second.code, Some(3), "once an hour: {second:?}");
    let denied = calls(&folder, &bank, "send()", &[]);
    assert_eq!(denied.code, Some(3), "what no rule names is denied: {denied:?}");
    assert!(denied.stderr.contains("no rule allows it"), "{denied:?}");
}

#[test]
fn a_limit_holds_and_what_it_refuses_is_counted() {
    let folder = shop();
    let bank = Peer::start(&folder, "bank", &format!("{SERVICES}[limits]\nttl = \"5s\"\n"));
    assert_eq!(calls(&folder, &bank, "check()", &["--ttl", "4s"]).code, Some(0));
    let long = calls(&folder, &bank, "check()", &["--ttl", "7s"]);
    assert_ne!(long.code, Some(0), "it lives longer than it may: {long:?}");
    let page = get(&bank, "/metrics");
    assert!(page.contains("aquac_dropped_total{reason="), "{page}");
}

#[test]
fn another_network_s_particles_are_refused() {
    let folder = shop();
    let bank = Peer::start(&folder, "bank", &format!("{SERVICES}[network]\nname = \"other\"\n"));
    let ended = calls(&folder, &bank, "check()", &["--ttl", "2s"]);
    assert_ne!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn who_is_denied_is_not_let_in() {
    let folder = shop();
    let client = aquac_ir_peer("client");
    for list in [format!("deny = [\"{client}\"]"), format!("allow = [\"{}\"]", aquac_ir_peer("x"))]
    {
        let bank = Peer::start(&folder, "bank", &format!("{SERVICES}[network]\n{list}\n"));
        let ended = calls(&folder, &bank, "check()", &["--ttl", "3s"]);
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert!(get(&bank, "/metrics").contains("reason=\"not-admitted\""));
    }
    let allowed = format!("{SERVICES}[network]\nallow = [\"{client}\"]\n");
    let bank = Peer::start(&folder, "bank", &allowed);
    assert_eq!(calls(&folder, &bank, "check()", &[]).code, Some(0));
}

#[test]
fn websocket_is_listened_on_and_dialled() {
    let folder = shop();
    let ws = SERVICES.replace("tcp/0\"]", "tcp/0/ws\"]");
    let bank = Peer::start(&folder, "bank", &ws);
    assert!(bank.at().ends_with("/ws"), "{}", bank.at());
    assert_eq!(calls(&folder, &bank, "check()", &[]).code, Some(0));
}

#[test]
fn what_is_stored_is_in_the_folder_that_the_file_names() {
    let folder = shop();
    let _bank = Peer::start(&folder, "bank", &format!("data_dir = \"kept/here\"\n{SERVICES}"));
    assert!(folder.path().join("kept/here/peer.redb").is_file());
}

#[test]
fn a_step_has_its_line_where_the_programs_are_known() {
    let folder = shop();
    let built = run(aquac(folder.path(), &["build", "main.aqua", "-o", "programs"]), 10);
    assert_eq!(built.code, Some(0), "{built:?}");
    let bank = Peer::start(&folder, "bank", &format!("programs = \"programs\"\n{SERVICES}"));
    assert_eq!(calls(&folder, &bank, "check()", &[]).code, Some(0));
    bank.waits_until_log_has("main.aqua:16");
}

/// The id of the development peer of this name.
fn aquac_ir_peer(name: &str) -> String {
    let folder = Folder::with(&[]);
    let seed = aquac_ir::development_seed(name);
    let digits: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    folder.write("x.key", &digits);
    run(aquac(folder.path(), &["key", "show", "x.key"]), 5).stdout.trim().to_owned()
}

/// A page of the peer's monitor, with its head.
pub(crate) fn get(peer: &Peer, path: &str) -> String {
    peer.waits_until_log_has("metrics at http://");
    let log = peer.log.lock().unwrap().clone();
    let address = log.split("metrics at http://").nth(1).unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}
