//! Random programs through both compilers and on both interpreters; off by default, because the
//! reference is no part of this repository. `tests/end_to_end/reference/README.md` says what
//! `AQUAC_REFERENCE` holds; for this test it holds `@fluencelabs/aqua-api` too.
//!
//! ```sh
//! AQUAC_REFERENCE=… AQUAC_PROGRAMS=100 cargo test -p aquac-laws --test programs -- --ignored
//! ```
//!
//! The program itself says what is due, so it is known who is wrong. Of the reference nothing is
//! asked; where it does what is due, ours must get along with as many messages. Some programs need
//! more here, where a branch tells what it has before it goes on; some wait for ever as AIR, where
//! a detached branch adds to a stream that is read outside of its `on`. How many that may be is
//! bounded, and each is listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use aquac_air::{Frame, Relay};
use aquac_ir::VerifiedProgram;
use aquac_lowering::Lowered;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

use crate::random::{PEERS, RELAYS, bodies};
use crate::writer::{Due, INITIATOR, write};
use crate::{compiled, happened, run};

/// The same answers as those of [`crate::job`], in the words of `host.mjs`.
const ANSWERS: &str = r#"[
    ["tool", "fail", {"err": "no"}],
    ["tool", "ask", {"ok": true}],
    ["tool", "get", {"first": "v"}],
    ["callbackSrv", "*", {"first": "v"}],
    ["*", "*", {"ok": null}]
]"#;

/// Schedules of ours.
const SCHEDULES: u64 = 3;

/// Of a hundred programs: how many may need more messages here, and how many may wait as AIR.
const MOST_LONGER: usize = 10;
const MOST_WAITING: usize = 5;

#[expect(clippy::disallowed_methods, reason = "what is compared is said where the test is started")]
fn told(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// A random program.
struct Case {
    name: String,
    text: String,
    due: Due,
    lowered: Lowered,
}

fn cases() -> Vec<Case> {
    let count = told("AQUAC_PROGRAMS").and_then(|text| text.parse().ok()).unwrap_or(100);
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), chance);
    let mut cases = Vec::new();
    while cases.len() < count {
        let tree = bodies(2).new_tree(&mut runner).unwrap();
        let (text, due) = write(&tree.current());
        if due.happening().len() <= Due::MOST {
            let lowered = compiled(&text);
            cases.push(Case { name: cases.len().to_string(), text, due, lowered });
        }
    }
    cases
}

/// What became of a program: where which call happened, and how many messages that took.
#[derive(Debug, Clone, PartialEq)]
struct Story {
    calls: Vec<String>,
    error: bool,
    messages: usize,
}

impl Story {
    /// What is different from what is due.
    fn wrong(&self, due: &Due) -> Option<String> {
        let due = due.happening();
        if self.error {
            return Some("it fails".to_owned());
        }
        (self.calls != due).then(|| format!("calls {:?}, due {due:?}", self.calls))
    }
}

/// What ours makes of it in the schedule that takes most messages.
fn ours(case: &Case) -> Story {
    let stories = (0..SCHEDULES).map(|seed| {
        let outcome = run(&case.lowered, seed);
        let mut calls: Vec<String> = happened(&outcome).into_iter().map(|(said, _)| said).collect();
        calls.sort();
        Story { calls, error: outcome.error.is_some(), messages: outcome.messages.len() }
    });
    stories.max_by_key(|story| story.messages).unwrap()
}

/// A story as `host.mjs` tells it; nothing if the reference compiler has none.
fn theirs(line: &Json) -> Option<Story> {
    let frame = ["getDataSrv", "errorHandlingSrv", "math", "cmp", "op"];
    let own = |call: &&Json| {
        let service = call["service"].as_str().unwrap();
        !frame.contains(&service) && call["function"] != "response"
    };
    let calls = line["calls"].as_array()?.iter().filter(own);
    let said = |call: &Json| {
        let said = call["args"][0].as_str().unwrap_or_default().trim_start_matches('@').to_owned();
        let peer = call["peer"].as_str().unwrap();
        let peer = if peer == "init" { INITIATOR } else { peer };
        let said = if said == "init" { INITIATOR.to_owned() } else { said };
        if said == peer { said } else { format!("{said} at {peer}") }
    };
    let mut calls: Vec<String> = calls.map(said).collect();
    calls.sort();
    let messages = line["messages"].as_array().unwrap().len();
    Some(Story { calls, error: line["error"] != Json::Null, messages })
}

/// Plays every program on the reference interpreter: first what its own compiler makes of it, then
/// what ours does.
fn on_the_reference(cases: &[Case]) -> BTreeMap<String, Json> {
    let packages = PathBuf::from(told("AQUAC_REFERENCE").expect("AQUAC_REFERENCE: see above"));
    let folder = Folder(packages.join(format!("aquac-programs-{}", std::process::id())));
    std::fs::create_dir(&folder.0).unwrap();
    let jobs: Vec<String> = cases.iter().flat_map(|case| jobs(case, &folder.0)).collect();
    let files = [
        ("jobs.jsonl", jobs.join("\n")),
        ("rules.json", ANSWERS.to_owned()),
        ("host.mjs", HOST.to_owned()),
    ];
    for (name, text) in files {
        put(&folder.0.join(name), &text);
    }
    let mut node = Command::new("node");
    node.current_dir(&folder.0).args(["--stack-size=4000", "host.mjs", "jobs.jsonl", "rules.json"]);
    let ended = node.output().unwrap();
    let lines = String::from_utf8(ended.stdout).unwrap();
    let stories = lines.lines().map(|line| {
        let story: Json = serde_json::from_str(line).unwrap();
        (story["name"].as_str().unwrap().to_owned(), story)
    });
    stories.collect()
}

#[expect(clippy::disallowed_methods, reason = "the reference reads files")]
fn put(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
}

const HOST: &str = include_str!("../../../end_to_end/reference/host.mjs");

fn jobs(case: &Case, folder: &Path) -> [String; 2] {
    let file = folder.join(format!("{}.aqua", case.name));
    put(&file, &case.text);
    let program = VerifiedProgram::new(case.lowered.program.clone()).unwrap();
    let parameters = &case.lowered.debug.parameters;
    let frame = Frame::Function { parameters, relay: Relay::Loaded };
    let air = aquac_air::write(&program, frame).unwrap();
    let peers = PEERS.iter().chain(&RELAYS);
    let mut args: Json =
        peers.map(|peer| ((*peer).to_owned(), json!(format!("@{peer}")))).collect();
    args["xs"] = json!(["x", "y", "z"]);
    let theirs = json!({ "name": case.name, "file": file, "args": args });
    let ours = json!({ "name": format!("{} ours", case.name), "air": air, "args": args });
    [theirs.to_string(), ours.to_string()]
}

/// A folder beside the packages, because Node looks for them there; removed at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// What is found.
#[derive(Default)]
struct Found {
    wrong: Vec<String>,
    /// Our AIR does not do what is due on the reference interpreter.
    as_air: Vec<String>,
    /// More messages here.
    longer: Vec<String>,
    wrong_there: usize,
    not_compiled: usize,
    judged: usize,
    shorter: usize,
    messages: (usize, usize),
}

impl Found {
    fn judge(&mut self, case: &Case, stories: &BTreeMap<String, Json>) {
        let ours = ours(case);
        let named = |what: &str| format!("{} {what}\n{}", case.name, case.text);
        if let Some(why) = ours.wrong(&case.due) {
            self.wrong.push(named(&format!("here: {why}")));
        }
        let air = stories.get(&format!("{} ours", case.name)).and_then(theirs);
        match air.map(|story| story.wrong(&case.due)) {
            Some(Some(why)) => self.as_air.push(named(&format!("our AIR there: {why}"))),
            None => self.wrong.push(named("our AIR is not played")),
            Some(None) => {}
        }
        let Some(theirs) = stories.get(&case.name).and_then(theirs) else {
            self.not_compiled += 1;
            return;
        };
        if theirs.wrong(&case.due).is_some() {
            self.wrong_there += 1;
            return;
        }
        if ours.messages > theirs.messages {
            let more = format!("{} messages here, {} there", ours.messages, theirs.messages);
            self.longer.push(named(&more));
        }
        self.judged += 1;
        self.shorter += usize::from(ours.messages < theirs.messages);
        self.messages.0 += ours.messages;
        self.messages.1 += theirs.messages;
    }
}

#[test]
#[ignore = "needs npm packages in AQUAC_REFERENCE: see tests/end_to_end/reference/README.md"]
fn random_programs_do_here_what_is_due_with_no_more_messages_than_there() {
    let cases = cases();
    let stories = on_the_reference(&cases);
    let mut found = Found::default();
    cases.iter().for_each(|case| found.judge(case, &stories));
    for listed in found.longer.iter().chain(&found.as_air) {
        println!("{listed}");
    }
    let (all, judged) = (cases.len(), found.judged);
    println!(
        "{all} programs: there {} not compiled, {} wrong",
        found.not_compiled, found.wrong_there
    );
    let (here, there) = found.messages;
    println!("{judged} right there: {here} messages here, {there} there");
    println!("fewer here in {}, more in {}", found.shorter, found.longer.len());
    println!("our AIR there: {} of {all} do not do what is due", found.as_air.len());
    assert!(found.wrong.is_empty(), "{} wrong\n{}", found.wrong.len(), found.wrong.join("\n"));
    assert!(here <= there && found.longer.len() * 100 <= judged * MOST_LONGER, "more messages");
    assert!(found.as_air.len() * 100 <= all * MOST_WAITING, "as AIR, too many wait");
}
