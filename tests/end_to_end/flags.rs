//! What can be said to `aquac run` beside what to call: where the peers are, and what is told.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Ended, Folder, aquac, end, run, start};

const SOURCE: &str = r#"aqua Flags declares *

export ask, told

service Credit("credit"):
  check(customer: string) -> u32

service Op("op"):
  noop()

func ask() -> u32:
  on BANK:
    score <- Credit.check("ada")
  <- score

func told(seen: string -> ()) -> u32:
  seen("first")
  on BANK:
    score <- Credit.check("ada")
  seen("second")
  <- score
"#;

fn project(answer: &str) -> Folder {
    let manifest = format!(
        "[peers.bank]\n[[peers.bank.service]]\nid = \"credit\"\nkind = \"scripted\"\n\
         [peers.bank.service.functions.check]\nanswer = {answer}\n"
    );
    Folder::with(&[("main.aqua", SOURCE), ("aqua.toml", &manifest)])
}

fn ask(folder: &Folder, more: &[&str]) -> Ended {
    run(aquac(folder.path(), &[&["run", "main.aqua", "-f", "ask()"], more].concat()), 20)
}

#[track_caller]
fn works(ended: &Ended) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "720\n"), "{ended:?}");
}

#[test]
fn peers_that_the_project_does_not_have() {
    let folder = Folder::with(&[(
        "main.aqua",
        "aqua Peers declares *\n\nexport names\n\nservice Op(\"op\"):\n  noop()\n\n\
         func names() -> string, string:\n  on PEER1:\n    Op.noop()\n  on PEER3:\n    Op.noop()\n  <- PEER1, PEER3\n",
    )]);
    let names = ["run", "main.aqua", "-f", "names()"];
    let ended = run(aquac(folder.path(), &[&names[..], &["--peers", "3"]].concat()), 20);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let ids: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
    assert!(ids.iter().all(|id| id.starts_with("12D3Koo")) && ids[0] != ids[1], "{ids:?}");
    let fewer = run(aquac(folder.path(), &[&names[..], &["--peers", "2"]].concat()), 20);
    assert_eq!(fewer.code, Some(1), "there is no PEER3: {fewer:?}");
    let none = run(aquac(folder.path(), &[&names[..], &["--peers", "0"]].concat()), 20);
    assert_eq!(none.code, Some(2), "{none:?}");
}

#[test]
fn callbacks_are_lines_in_the_order_in_which_they_come() {
    let folder = project("{ ok = 720 }");
    let ended = run(aquac(folder.path(), &["run", "main.aqua", "-f", "told(seen)"]), 20);
    works(&ended);
    assert!(ended.stderr.starts_with("seen(\"first\")\nseen(\"second\")\n"), "{ended:?}");
    assert!(!ended.stderr.contains('\x1b'), "no terminal, no progress: {ended:?}");
}

#[test]
fn counters_of_every_peer() {
    let ended = ask(&project("{ ok = 720 }"), &["--stats"]);
    works(&ended);
    let row = |name: &str| -> Vec<String> {
        let line = ended.stderr.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(row("bank")[..4], ["bank", "1", "0", "1"], "{ended:?}");
    assert_eq!(row("client")[..3], ["client", "0", "0"], "{ended:?}");
}

#[test]
fn a_trace_is_json_lines_that_say_where_each_step_stands() {
    let folder = project("{ ok = 720 }");
    works(&ask(&folder, &["--trace", "run.trace"]));
    let text = std::fs::read_to_string(folder.path().join("run.trace")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["schema"], "aquac.trace/1");
    assert!(lines[1..].iter().all(|line| {
        line["at"].is_u64() && line["peer"].is_string() && line["event"].is_string()
    }));
    let called = lines.iter().find(|line| line["event"] == "called").unwrap();
    assert_eq!(called["source"], "main.aqua:13:14", "{called}");
    assert_eq!((&called["peer"], &called["args"]), (&"bank".into(), &serde_json::json!(["ada"])));
    let answered = lines.iter().find(|line| line["event"] == "answered").unwrap();
    assert_eq!(answered["result"], 720);
    assert!(lines.iter().any(|line| line["event"] == "finished" && line["ending"] == "returned"));
    let both = ask(&folder, &["--trace", "-"]);
    assert!(both.stdout.contains("\n720\n") && both.stdout.starts_with("{\"call\""), "{both:?}");
    let nowhere = ask(&folder, &["--trace", "no/such/folder"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
}

#[test]
fn a_run_goes_again_when_a_source_changes_until_it_is_interrupted() {
    let folder = project("{ ok = 720 }");
    let mut command = aquac(folder.path(), &["run", "main.aqua", "-f", "ask()", "--watch"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut results = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut next = move || results.next().unwrap().unwrap();
    let mut until = move |words: &str| while !said.next().unwrap().unwrap().contains(words) {};
    assert_eq!(next(), "720");
    until("waiting for a change");
    folder.write("main.aqua", &SOURCE.replace("  <- score\n\nfunc told", "  <- scor\n\nfunc told"));
    until("did you mean `score`");
    until("waiting for a change");
    let manifest = std::fs::read_to_string(folder.path().join("aqua.toml")).unwrap();
    folder.write("main.aqua", SOURCE);
    folder.write("aqua.toml", &manifest.replace("720", "7"));
    assert_eq!(next(), "7");
    until("waiting for a change");
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let until = Instant::now() + Duration::from_secs(5);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "it still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_termination_is_an_interruption_and_takes_what_runs_beside_with_it() {
    let folder = project("{ delay_ms = 10000, then = { ok = 1 } }");
    let manifest = std::fs::read_to_string(folder.path().join("aqua.toml")).unwrap();
    let beside = "\n[[process]]\nname = \"beside\"\ncommand = [\"sh\", \"-c\", \"echo $$ > pid; exec sleep 600\"]\n";
    folder.write("aqua.toml", &(manifest + beside));
    let child = start(aquac(folder.path(), &["run", "main.aqua", "-f", "ask()"]));
    let file = folder.path().join("pid");
    let until = Instant::now() + Duration::from_secs(10);
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
        assert!(Instant::now() < until, "it never starts");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ended = end(child, 5);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{ended:?}");
    let command = format!("/proc/{pid}/cmdline");
    let until = Instant::now() + Duration::from_secs(5);
    while std::fs::read_to_string(&command).is_ok_and(|text| !text.is_empty()) {
        assert!(Instant::now() < until, "what ran beside it still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn who_names_no_function_is_told_which_there_are() {
    let folder = project("{ ok = 720 }");
    let said =
        |more: &[&str]| run(aquac(folder.path(), &[&["run", "main.aqua"], more].concat()), 20);
    for more in [&[][..], &["-f", ""], &["-f", " "]] {
        let ended = said(more);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{more:?}: {ended:?}");
        let shown = "which function? Say it with -f and a value for each argument:\n  aquac run main.aqua -f 'ask()'\n";
        assert!(ended.stderr.contains(shown), "{more:?}: {ended:?}");
    }
    let ended = said(&["-f", "told"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("Help: expected `told(seen: string -> ())`"), "{ended:?}");
}

#[test]
fn a_flag_that_is_not_there_is_named_with_the_one_that_is() {
    let folder = project("{ ok = 720 }");
    for (arguments, words) in [
        (&["run", "main.aqua", "-f", "ask()", "--diagramm", "-"][..], "'--diagram'"),
        (&["run", "main.aqua", "-f", "ask()", "--peer", "3"], "'--peers'"),
        (&["nett", "up"], "'net'"),
        (&["net", "hael"], "'heal'"),
        (&["key", "shwo", "x"], "'show'"),
        (&["run", "main.aqua", "-f", "ask()", "--net", "a", "--peers", "2"], "cannot be used with"),
        (&["run", "main.aqua"], "\n  aquac run main.aqua -f 'ask("),
    ] {
        let ended = run(aquac(folder.path(), arguments), 5);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "`{words}` is missing in\n{}", ended.stderr);
    }
}

#[test]
fn every_command_has_a_help_with_examples() {
    let folder = Folder::with(&[]);
    let help = run(aquac(folder.path(), &["--help"]), 5);
    let commands: Vec<&str> = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 12 && commands.contains(&"net"), "{commands:?}");
    for command in commands {
        for help in ["--help", "-h"] {
            let ended = run(aquac(folder.path(), &[command, help]), 5);
            assert_eq!(ended.code, Some(0), "{ended:?}");
            let shown = format!("  aquac {command}");
            assert!(ended.stdout.contains(&shown), "{command} {help}:\n{}", ended.stdout);
        }
    }
}
