//! The table of failures: each row a command, its exit code, a bound in seconds, and the one
//! error with its place.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::harness::{Ended, Folder, aquac, end, run, start};

const SOURCE: &str = r#"aqua Story declares *

export ask, never, slowly, late, anywhere, apart

service Credit("credit"):
  check(customer: string) -> u32

func ask(customer: string) -> u32:
  on BANK:
    score <- Credit.check(customer)
  <- score

func never(given: []u32) -> u32:
  values: *u32
  for value <- given:
    values <<- value
  join values[0]
  <- values!

func slowly(customer: string) -> u32:
  on BANK:
    score <- Credit.check(customer)
  <- score

func late(given: []u32) -> u32:
  values: *u32
  on BANK:
    score <- Credit.check("a")
  for value <- given:
    values <<- value
  on TELCO:
    join values[1]
    values <<- score
  <- values!

func anywhere(peer: string, customer: string) -> u32:
  on peer:
    score <- Credit.check(customer)
  <- score

service Op("op"):
  noop()

func apart(customer: string) -> u32:
  on BANK:
    score <- Credit.check(customer)
  par on TELCO:
    Op.noop()
  <- score
"#;

/// A project whose one service answers like this.
fn scripted(answer: &str) -> Folder {
    let manifest = format!(
        "[peers.bank]\n[[peers.bank.service]]\nid = \"credit\"\nkind = \"scripted\"\n\
         [peers.bank.service.functions.check]\nanswer = {answer}\n[peers.telco]\n"
    );
    Folder::with(&[("story.aqua", SOURCE), ("aqua.toml", &manifest)])
}

/// A project whose one service is an HTTP API on this port.
fn http(port: u16, timeout: &str) -> Folder {
    let manifest = format!(
        "[peers.bank]\n[[peers.bank.service]]\nid = \"credit\"\nkind = \"http\"\n\
         url = \"http://127.0.0.1:{port}\"\n[peers.bank.service.functions.check]\n\
         path = \"/score/{{customer}}\"\nresult = \"/score\"\ntimeout = \"{timeout}\"\n[peers.telco]\n"
    );
    Folder::with(&[("story.aqua", SOURCE), ("aqua.toml", &manifest)])
}

/// An HTTP server that gives every request this answer; `None` never answers.
fn server(answer: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut silent: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let Some(answer) = answer else {
                silent.push(stream);
                continue;
            };
            let mut request = [0; 4096];
            let _read = stream.read(&mut request);
            let _sent = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[track_caller]
fn call(folder: &Folder, arguments: &[&str], seconds: u64) -> Ended {
    let mut all = vec!["run", "story.aqua"];
    all.extend(arguments);
    run(aquac(folder.path(), &all), seconds)
}

/// The exit code, one error that contains these words, and nothing on standard output.
#[track_caller]
fn fails(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert_eq!(ended.stdout, "", "{ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "`{word}` is missing in\n{}", ended.stderr);
    }
    let errors = ended.stderr.lines().filter(|line| line.starts_with("error"));
    assert_eq!(errors.count(), 1, "not one error:\n{}", ended.stderr);
}

#[test]
fn a_missing_file() {
    let folder = Folder::with(&[]);
    let ended = run(aquac(folder.path(), &["run", "nowhere.aqua", "-f", "main()"]), 5);
    fails(&ended, 1, &["nowhere.aqua", "no such file"]);
}

#[test]
fn a_syntax_error() {
    let folder = scripted("{ ok = 1 }");
    folder.write("story.aqua", &SOURCE.replace("on BANK:", "on BANK"));
    let ended = call(&folder, &["-f", "ask(\"a\")"], 5);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("story.aqua:9:"), "{ended:?}");
}

#[test]
fn an_unknown_function() {
    let ended = call(&scripted("{ ok = 1 }"), &["-f", "aks(\"a\")"], 5);
    fails(&ended, 1, &["aks", "-f:1:1", "did you mean `ask`?"]);
}

#[test]
fn a_wrong_argument() {
    let ended = call(&scripted("{ ok = 1 }"), &["-f", "ask(7)"], 5);
    fails(&ended, 1, &["-f:1:5", "string"]);
}

#[test]
fn a_bad_manifest() {
    let folder = scripted("{ ok = 1 }");
    folder.write("aqua.toml", "[peers.bank]\nlisten = 7\n");
    fails(&call(&folder, &["-f", "ask(\"a\")"], 5), 2, &["aqua.toml:2:10"]);
}

#[test]
fn a_service_that_answers_with_an_error() {
    let port = server(Some("HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nno balance"));
    let ended = call(&http(port, "2s"), &["-f", "ask(\"a\")"], 5);
    fails(&ended, 3, &["500", "no balance", "story.aqua:10:"]);
}

#[test]
fn a_service_that_answers_garbage() {
    let port = server(Some("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{garbag"));
    let ended = call(&http(port, "2s"), &["-f", "ask(\"a\")"], 5);
    fails(&ended, 3, &["JSON", "story.aqua:10:"]);
}

#[test]
fn a_service_whose_answer_does_not_fit_its_type() {
    let ended = call(&scripted("{ ok = \"many\" }"), &["-f", "ask(\"a\")"], 5);
    fails(&ended, 3, &["story.aqua:10:", "11006"]);
}

#[test]
fn a_service_that_never_answers() {
    let ended = call(&http(server(None), "300ms"), &["-f", "ask(\"a\")"], 5);
    fails(&ended, 3, &["300", "story.aqua:10:"]);
}

#[test]
fn a_peer_that_is_down_at_the_start() {
    // Port 9 of loopback: nobody listens there.
    let nowhere = "/ip4/127.0.0.1/tcp/9";
    let (bank, telco) = (format!("bank={nowhere}"), format!("telco={nowhere}"));
    let at = ["--at", &bank, "--at", &telco];
    let ended = call(&scripted("{ ok = 1 }"), &[&at[..], &["-f", "ask(\"a\")"]].concat(), 10);
    fails(&ended, 5, &["bank", "/ip4/127.0.0.1/tcp/9"]);
}

#[test]
fn a_place_that_no_peer_can_be() {
    let ended = call(&scripted("{ ok = 1 }"), &["-f", "anywhere(\"bank\", \"a\")"], 5);
    fails(&ended, 4, &["stuck", "story.aqua:38:", "`bank`, and no peer can have that id"]);
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = scripted("{ ok = 1 }");
    folder.write(
        "aqua.toml",
        &format!("[peers.bank]\nlisten = [\"/ip4/127.0.0.1/tcp/{port}\"]\n[peers.telco]\n"),
    );
    let ended = call(&folder, &["-f", "ask(\"a\")"], 5);
    fails(&ended, 5, &["bank", &port.to_string()]);
}

#[test]
fn an_interrupt() {
    let folder = scripted("{ delay_ms = 10000, then = { ok = 1 } }");
    let child = start(aquac(folder.path(), &["run", "story.aqua", "-f", "slowly(\"a\")"]));
    std::thread::sleep(Duration::from_millis(700));
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended = end(child, 3);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{ended:?}");
}

#[test]
fn a_deadline_that_is_over() {
    let folder = scripted("{ delay_ms = 20000, then = { ok = 1 } }");
    let ended = call(&folder, &["--ttl", "700ms", "-f", "slowly(\"a\")"], 5);
    fails(&ended, 4, &["deadline", "story.aqua:22:", "bank"]);
}

#[test]
fn a_value_that_nobody_makes_is_told_at_once() {
    let folder = scripted("{ ok = 1 }");
    let begin = Instant::now();
    let ended = call(&folder, &["--ttl", "60s", "-f", "never([])"], 5);
    fails(&ended, 4, &["stuck", "story.aqua:17:", "none has arrived"]);
    assert!(begin.elapsed() < Duration::from_secs(2), "it took {:?}", begin.elapsed());
}

#[test]
fn what_is_waited_for_is_told_as_the_peers_know_it_and_not_as_the_client_does() {
    let ended = call(&scripted("{ ok = 1 }"), &["--ttl", "60s", "-f", "late([])"], 5);
    fails(&ended, 4, &["stuck", "story.aqua:32:", "waits on `telco` for 2 values"]);
    assert!(!ended.stderr.contains("`bank`"), "bank has done its part: {ended:?}");
    let slow = scripted("{ delay_ms = 300, then = { ok = 1 } }");
    let ended = call(&slow, &["--ttl", "300ms", "-f", "late([])"], 5);
    fails(&ended, 4, &["story.aqua:28:", "waits for `bank`"]);
}

#[test]
fn a_branch_that_failed_is_shown_where_what_it_makes_is_missing() {
    let refuses = scripted("{ err = [7, \"no such customer\"] }");
    let ended = call(&refuses, &["--ttl", "60s", "-f", "apart(\"a\")"], 5);
    fails(&ended, 4, &["stuck", "failed: no such customer", "waits on `client` for a value"]);
    assert!(!ended.stderr.contains("has not answered"), "all have: {ended:?}");
}

#[test]
fn a_slow_service_is_not_called_stuck() {
    let folder = scripted("{ delay_ms = 3000, then = { ok = 7 } }");
    let ended = call(&folder, &["-f", "slowly(\"a\")"], 10);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "7\n"), "{ended:?}");
}
