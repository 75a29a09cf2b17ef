//! `--trace` and the logs against the table in `cli/FORMATS.md`: every line is one of its rows, and
//! every field is written there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::{Folder, aquac, run, workspace};

const SOURCE: &str = r#"aqua Traced declares *

export works, fails, shows, large

service Credit("credit"):
  check(customer: string) -> u32
  broken(customer: string) -> u32

service Op("op"):
  identity(text: string) -> string

func works() -> u32:
  on BANK via RELAY:
    score <- Credit.check("ada")
  <- score

func fails() -> u32:
  on BANK via RELAY:
    score <- Credit.broken("ada")
  <- score

func shows(show: u32 -> ()) -> u32:
  on BANK via RELAY:
    score <- Credit.check("ada")
    co show(score)
  show(score)
  <- score

func large(text: string) -> u32:
  on BANK via RELAY:
    score <- Credit.check(text)
  <- score
"#;

const MANIFEST: &str = r#"[peers.bank]
relay = "relay"
[peers.relay]
[[peers.bank.service]]
id = "credit"
kind = "scripted"
[peers.bank.service.functions.check]
answer = { ok = 720 }
[peers.bank.service.functions.broken]
answer = { err = [7, "no"] }
"#;

/// The rows of the table: each event and every word of its fields that stands in backticks.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(workspace().join("cli/FORMATS.md")).unwrap();
    let table =
        text.split("| `event` | further fields |").nth(1).unwrap().split("\n\n").next().unwrap();
    let words = |cell: &str| -> BTreeSet<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let rows = table.lines().skip(2).map(|row| {
        let mut cells = row.trim_matches('|').splitn(2, '|');
        let event = words(cells.next().unwrap()).into_iter().next().unwrap();
        (event, words(cells.next().unwrap()))
    });
    rows.collect()
}

/// Fields that every line has.
const ALWAYS: [&str; 3] = ["at", "peer", "event"];

#[track_caller]
fn is_documented(line: &str, rows: &BTreeMap<String, BTreeSet<String>>) -> String {
    let entry: Value = serde_json::from_str(line).unwrap();
    let entry = entry.as_object().unwrap();
    for field in ALWAYS {
        assert!(entry.contains_key(field), "`{field}` is missing in {line}");
    }
    assert!(entry["at"].as_u64().is_some_and(|at| at > 1_600_000_000_000), "{line}");
    let event = entry["event"].as_str().unwrap();
    let fields = rows.get(event).unwrap_or_else(|| panic!("`{event}` is not documented: {line}"));
    for field in entry.keys().filter(|field| !ALWAYS.contains(&field.as_str())) {
        assert!(fields.contains(field), "`{field}` of `{event}` is not documented: {line}");
    }
    event.to_owned()
}

#[test]
fn every_line_of_a_trace_is_a_row_of_the_table() {
    let rows = documented();
    assert!(rows.len() >= 15, "{rows:?}");
    let folder = Folder::with(&[("main.aqua", SOURCE), ("aqua.toml", MANIFEST)]);
    let text = format!("{{\"text\": \"{}\"}}", "x".repeat(5000));
    let mut seen = BTreeSet::new();
    for (call, code) in [("works()", 0), ("fails()", 3), ("shows(print)", 0), ("large(text)", 0)] {
        let data = if call == "large(text)" { &text } else { "{}" };
        let arguments = ["run", "main.aqua", "-f", call, "--trace", "t.jsonl", "--data", data];
        let ended = run(aquac(folder.path(), &arguments), 20);
        assert_eq!(ended.code, Some(code), "{call}: {ended:?}");
        let trace = std::fs::read_to_string(folder.path().join("t.jsonl")).unwrap();
        let mut lines = trace.lines();
        let head: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        assert_eq!((&head["schema"], &head["call"]), (&"aquac.trace/1".into(), &call.into()));
        for line in lines {
            seen.insert(is_documented(line, &rows));
            if line.contains("\"event\":\"called\"") {
                assert!(line.contains("\"source\":\"main.aqua:"), "{line}");
            }
        }
        assert!(trace.contains("\"event\":\"finished\""), "{call}: {trace}");
    }
    let often = ["listening", "link-up", "called", "answered", "sent", "received", "acknowledged"];
    for event in often {
        assert!(seen.contains(event), "no `{event}` in any trace");
    }
    let trace = std::fs::read_to_string(folder.path().join("t.jsonl")).unwrap();
    assert!(trace.contains("\"args\":[{\"bytes\":5002}]"), "a long value is its length: {trace}");
}

#[test]
fn a_trace_is_whole_also_when_the_run_is_stuck_or_late() {
    let rows = documented();
    let source = SOURCE.replace(" via RELAY", "");
    let folder = Folder::with(&[("main.aqua", &source), ("aqua.toml", "[peers.bank]\n")]);
    let arguments = ["run", "main.aqua", "-f", "works()", "--ttl", "1s", "--trace", "-"];
    let at = ["--at", "bank=/ip4/127.0.0.1/tcp/9"];
    let ended = run(aquac(folder.path(), &[&arguments[..], &at].concat()), 20);
    assert_eq!(ended.code, Some(5), "{ended:?}");
    let events: Vec<String> =
        ended.stdout.lines().skip(1).map(|line| is_documented(line, &rows)).collect();
    assert!(events.iter().any(|event| event == "dial-failed"), "{events:?}");
}
