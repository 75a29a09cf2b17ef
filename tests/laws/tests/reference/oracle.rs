//! The reference interpreter, and ours, as two that tell what a script does.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use aquac_ir::encode;
use aquac_sim::{Answer, Job, JobLimits, Names, Outcome, Signing, Source, run_job};
use serde_json::{Value as Json, json};

/// A script with its number.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) services: Json,
}

/// What a script does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Story {
    Refused(String),
    /// The reference broke down, or went on for ever.
    Broken(String),
    Played {
        /// Peer, service, function, arguments; sorted.
        calls: Vec<String>,
        /// Of each peer.
        last: BTreeMap<String, (i64, String)>,
    },
}

/// Error objects by code and message, and `fail` without what it quotes: how an instruction is
/// written and who replays it is not compared.
fn plain(value: &Json) -> Json {
    match value {
        Json::Object(object) => {
            let is_error = object.contains_key("error_code") && object.contains_key("message");
            let left_out = |name: &str| is_error && matches!(name, "instruction" | "peer_id");
            object
                .iter()
                .filter(|(name, _)| !left_out(name))
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect()
        }
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::String(text) if text.starts_with("fail with '") => json!("fail with"),
        // JavaScript has no other numbers.
        Json::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => json!(float as i64),
            Some(_) | None => value.clone(),
        },
        Json::Null | Json::Bool(_) | Json::String(_) => value.clone(),
    }
}

fn call(peer: &str, service: &str, function: &str, args: &Json) -> String {
    format!("{peer} {service}.{function}{}", plain(args))
}

fn message(text: &str) -> String {
    plain(&json!(text)).as_str().unwrap_or_default().to_owned()
}

/// Plays scripts on the reference, in an order of deliveries.
pub(crate) fn reference(scripts: &[Script], order: u32) -> BTreeMap<String, Story> {
    let lines: Vec<String> = scripts
        .iter()
        .map(|script| {
            let Script { name, text, services } = script;
            json!({"name": name, "script": text, "services": services, "order": order}).to_string()
        })
        .collect();
    let answers = node(&lines.join("\n"));
    answers.lines().map(|line| told(&serde_json::from_str(line).unwrap())).collect()
}

/// Which scripts the reference refuses to read, and why. Those at which it breaks down are left
/// out: there are some, for instance with a field that is not of ASCII.
pub(crate) fn refused(scripts: &[Script]) -> BTreeMap<String, Option<String>> {
    let lines: Vec<String> = scripts
        .iter()
        .map(|script| {
            let Script { name, text, .. } = script;
            json!({"name": name, "script": text, "services": {}, "read": true}).to_string()
        })
        .collect();
    let answers = node(&lines.join("\n"));
    let answers = answers.lines().filter_map(|line| {
        let line: Json = serde_json::from_str(line).unwrap();
        let why = line["refused"].as_str().map(str::to_owned);
        let whole = line.get("crash").is_none();
        whole.then(|| (line["name"].as_str().unwrap().to_owned(), why))
    });
    answers.collect()
}

fn told(line: &Json) -> (String, Story) {
    let name = line["name"].as_str().unwrap().to_owned();
    if let Some(why) = line["refused"].as_str() {
        return (name, Story::Refused(why.to_owned()));
    }
    let Some(story) = line["story"].as_object() else {
        return (name, Story::Broken(line.to_string()));
    };
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let mut calls: Vec<String> = story["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|made| call(&text(&made[0]), &text(&made[1]), &text(&made[2]), &made[3]))
        .collect();
    calls.sort();
    let last = story["last"].as_object().unwrap().iter();
    let last = last.map(|(peer, end)| {
        (peer.clone(), (end[0].as_i64().unwrap(), message(end[1].as_str().unwrap())))
    });
    (name, Story::Played { calls, last: last.collect() })
}

/// The packages lie outside of every repository, and Node looks for them beside the file.
fn node(jobs: &str) -> String {
    let folder = option_env!("AQUAC_REFERENCE");
    let folder = PathBuf::from(folder.expect("AQUAC_REFERENCE names the packages' folder"));
    // Two tests at once have a file each.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let host = folder.join(format!("aquac-laws-{}-{number}.mjs", std::process::id()));
    std::fs::File::create(&host)
        .and_then(|mut file| file.write_all(include_bytes!("host.mjs")))
        .unwrap();
    let mut node = Command::new("node");
    node.arg("--stack-size=4000").arg(&host);
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = node.spawn().unwrap();
    child.stdin.take().unwrap().write_all(jobs.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    std::fs::remove_file(&host).unwrap();
    String::from_utf8(ended.stdout).unwrap()
}

/// Events of ours after which a script is taken to go on for ever.
const MOST_EVENTS: u64 = 3_000;

/// What a stream of the reference holds at most.
const MOST_ELEMENTS: u32 = 1_023;

/// The peers that a script names.
const PEERS: [&str; 4] = ["A", "B", "C", "D"];

/// The ids of the peers.
pub(crate) fn names() -> Names {
    let id = |name: &str| (name.to_owned(), Signing::Ed25519.keys(name).signer.peer());
    Names::new(PEERS.map(id))
}

/// Plays a script here.
pub(crate) fn ours(script: &Script, seed: u64) -> Story {
    let reading = match aquac_air::read(&names().expand(&script.text)) {
        Ok(reading) => reading,
        Err(errors) => return Story::Refused(format!("{errors:?}")),
    };
    let program = encode(reading.program.program());
    let outcome = run_job(&job(script, seed), program, Some(&reading.debug)).unwrap();
    let mut calls: Vec<String> = outcome
        .calls
        .iter()
        .map(|made| {
            let args = made.args.iter().map(|arg| serde_json::from_str(&arg.to_string()).unwrap());
            call(&made.peer, &made.service, &made.function, &Json::Array(args.collect()))
        })
        .collect();
    calls.sort();
    let last = outcome.r#final.iter();
    let last = last.map(|(peer, end)| (peer.clone(), (end.code, message(&end.message))));
    Story::Played { calls, last: last.collect() }
}

/// What comes of a script that can be read.
pub(crate) fn outcome(script: &Script, seed: u64) -> Outcome {
    let reading = aquac_air::read(&names().expand(&script.text)).unwrap();
    let program = encode(reading.program.program());
    run_job(&job(script, seed), program, Some(&reading.debug)).unwrap()
}

fn job(script: &Script, seed: u64) -> Job {
    let rules = script.services.as_object().unwrap().iter();
    let mut services: Vec<(String, Answer)> = rules
        .map(|(pattern, answer)| {
            (pattern.clone(), serde_json::from_str(&answer.to_string()).unwrap())
        })
        .collect();
    services.push(("*/*/*".to_owned(), Answer::Name));
    Job {
        peers: PEERS.map(str::to_owned).to_vec(),
        init: "A".to_owned(),
        relay: None,
        program: Source::Air { air: script.text.clone() },
        args: BTreeMap::new(),
        seed,
        timestamp: 1_700_000_000_000,
        ttl: 60_000,
        limits: JobLimits {
            events: Some(MOST_EVENTS),
            stream_elements: Some(MOST_ELEMENTS),
            ..JobLimits::default()
        },
        services,
        faults: Vec::new(),
        expect: None,
    }
}
