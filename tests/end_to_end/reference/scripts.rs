//! AIR that the reference compiler or its authors wrote, in `aquac sim`, beside what the reference interpreter did.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::table::different;
use super::{Case, PEERS, Story, cases, folder, recorded, services, timestamp};
use crate::harness::{Ended, Folder, aquac, run};

/// Schedules in which each recorded script is played.
const SCHEDULES: u64 = 5;

/// Errors from here on cannot be caught.
const UNCATCHABLE: i64 = 20_000;

/// How long the recorded runs lived.
const TTL: u64 = 7_000;

fn simulated(folder: &Folder, job: &Json) -> Ended {
    folder.write("job.json", &job.to_string());
    run(aquac(folder.path(), &["sim", "job.json"]), 60)
}

/// A value with error objects by code and message only.
fn plain(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(fields) => {
            let is_error = fields.contains_key("error_code");
            let ours = |name: &str| is_error && matches!(name, "instruction" | "peer_id");
            let fields = fields.iter().filter(|(name, _)| !ours(name));
            fields
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.clone(),
    }
}

fn call_line(peer: &Json, call: &Json) -> String {
    format!("{peer}: {} {} {}", call["service"], call["function"], plain(&call["args"]))
}

/// What each peer was asked, and the last code and message of each.
#[derive(Debug, Default, PartialEq)]
struct Play {
    calls: Vec<String>,
    last: BTreeMap<String, (i64, String)>,
}

fn theirs(vector: &Json) -> Play {
    let mut play = Play::default();
    for run in vector["expected_runs"].as_array().unwrap() {
        let calls = run["calls"].as_array().unwrap().iter();
        play.calls.extend(calls.map(|call| call_line(&run["peer"], call)));
        // Of an error that no script can catch, only the code is recorded.
        let message = run["message"].as_str().unwrap_or_default().to_owned();
        let peer = run["peer"].as_str().unwrap().to_owned();
        play.last.insert(peer, (run["ret_code"].as_i64().unwrap(), message));
    }
    play.calls.sort();
    play
}

fn ours(outcome: &Json, peers: impl Iterator<Item = String>) -> Play {
    let calls = outcome["calls"].as_array().unwrap().iter();
    let mut calls: Vec<String> = calls.map(|call| call_line(&call["peer"], call)).collect();
    calls.sort();
    let end = |peer: String| {
        let end = &outcome["final"][&peer];
        let code = end["code"].as_i64().unwrap_or_default();
        let message = if code < UNCATCHABLE { end["message"].as_str() } else { None };
        (peer, (code, message.unwrap_or_default().to_owned()))
    };
    Play { calls, last: peers.map(end).collect() }
}

/// How a script comes out differently, if it does.
fn difference(vector: &Json, seed: u64, folder: &Folder) -> Option<String> {
    let answers = vector["services"].as_object().unwrap().iter();
    let answers = answers.map(|(name, answer)| json!([name, answer]));
    let answers: Vec<Json> = answers.chain([json!(["*", "name"])]).collect();
    let job = json!({
        "peers": vector["peers"], "init": vector["init"], "program": { "air": vector["script"] },
        "services": answers, "seed": seed, "ttl": TTL,
    });
    let ended = simulated(folder, &job);
    let refused = vector["expected_runs"][0]["ret_code"] == 1;
    if refused || ended.code != Some(0) {
        return (!(refused && ended.code == Some(1))).then(|| format!("{ended:?}"));
    }
    let theirs = theirs(vector);
    let ours = ours(&serde_json::from_str(&ended.stdout).unwrap(), theirs.last.keys().cloned());
    (ours != theirs).then(|| format!("{ours:?}\n  not {theirs:?}"))
}

/// What differs is named, and what is named differs, but for what does so in some orders only.
fn agree(wrong: &BTreeMap<String, String>, heading: &str) {
    let named = different(heading);
    let names: BTreeSet<&str> = named.iter().map(|(name, _)| *name).collect();
    let unnamed: Vec<String> = wrong
        .iter()
        .filter(|(name, _)| !names.contains(name.as_str()))
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert!(unnamed.is_empty(), "{} differ\n{}", unnamed.len(), unnamed.join("\n"));
    for (name, why) in named.iter().filter(|(_, why)| !why.starts_with("in some orders")) {
        assert!(wrong.contains_key(*name), "{name} does not differ any more, although {why}");
    }
}

#[test]
#[ignore = "needs the recorded cases in AQUAC_CASES: see tests/end_to_end/reference/README.md"]
fn recorded_scripts_do_in_a_simulation_what_they_did_there() {
    let here = Folder::with(&[]);
    let all = std::fs::read_to_string(folder("AQUAC_CASES").join("vectors/air.jsonl")).unwrap();
    let mut wrong = BTreeMap::new();
    for line in all.lines() {
        let vector: Json = serde_json::from_str(line).unwrap();
        if let Some(why) = (0..SCHEDULES).find_map(|seed| difference(&vector, seed, &here)) {
            wrong.insert(vector["name"].as_str().unwrap().to_owned(), why);
        }
    }
    agree(&wrong, "Recorded scripts");
}

/// What the services that compute answered, each in turn, by the arguments that they got.
fn computed(case: &Case) -> Vec<Json> {
    let mut answers: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for line in case.recorded["calls"].as_array().unwrap() {
        let Some((peer, call)) = line.as_str().unwrap().split_once(": ") else { continue };
        let Some((name, args)) = call.trim_end_matches(" FAIL").split_once('(') else { continue };
        let Some((service, function)) = name.split_once('.') else { continue };
        if !matches!((service, function), ("math" | "cmp", _) | ("op", "concat_strings")) {
            continue;
        }
        let args = format!("[{}]", args.strip_suffix(')').unwrap());
        let args: Json = serde_json::from_str(&args).unwrap();
        let number = |at: usize| args[at].as_i64().unwrap();
        let answer = match (service, function) {
            ("math", "add") => json!(number(0) + number(1)),
            ("math", "sub") => json!(number(0) - number(1)),
            ("math", "mul") => json!(number(0) * number(1)),
            ("math", "div") => json!(number(0) / number(1)),
            ("math", "rem") => json!(number(0) % number(1)),
            ("cmp", "lt") => json!(number(0) < number(1)),
            ("cmp", "gt") => json!(number(0) > number(1)),
            ("cmp", "gte") => json!(number(0) >= number(1)),
            ("op", _) => {
                let texts = args.as_array().unwrap().iter();
                json!(texts.map(|text| text.as_str().unwrap()).collect::<String>())
            }
            _ => panic!("{call}: say what it computes"),
        };
        let peer = peer.trim_start_matches('@');
        let asked = format!("{peer}/{service}/{function}");
        answers.entry(asked).or_default().push(json!({ "ok": answer }));
    }
    answers.into_iter().map(|(asked, seq)| json!([asked, { "seq": seq }])).collect()
}

/// The script of `main`, the first in its file.
fn script(case: &Case, extension: &str) -> String {
    let text = std::fs::read_to_string(case.file.with_extension(extension)).unwrap();
    let (_, rest) = text.split_once("; function: main\n").unwrap();
    rest.split("\n; function:").next().unwrap().to_owned()
}

/// What came of a program's script, or why it is refused.
fn played(case: &Case, extension: &str, folder: &Folder) -> Result<Story, String> {
    let mut peers = PEERS.to_vec();
    peers.push("relay");
    let answers = [computed(case), services()].concat();
    let mut job = json!({
        "peers": peers, "init": "init", "program": { "air": script(case, extension) },
        "args": case.recorded["args"], "timestamp": timestamp(case), "seed": 1,
        "services": answers,
    });
    if extension == "air" {
        job["relay"] = json!("relay");
    }
    let ended = simulated(folder, &job);
    let outcome = serde_json::from_str(&ended.stdout).map_err(|_| ended.stderr)?;
    Ok(super::told(&outcome, |call| call["result"].get("err").is_some()))
}

#[test]
#[ignore = "needs the recorded cases in AQUAC_CASES: see tests/end_to_end/reference/README.md"]
fn what_the_reference_compiler_made_does_in_a_simulation_what_was_recorded() {
    let here = Folder::with(&[]);
    for (extension, heading) in [
        ("air", "AIR of the reference compiler"),
        ("norelay.air", "AIR of the reference compiler without a relay"),
    ] {
        let differs = |case: Case| {
            let why = match played(&case, extension, &here) {
                Ok(ours) => super::difference(&ours, &recorded(&case)),
                Err(refused) => Some(refused),
            };
            why.map(|why| (case.name, why))
        };
        agree(&cases().into_iter().filter_map(differs).collect(), heading);
    }
}
