//! What the reference interpreter did with scripts and programs, and what ours does. The recorded
//! cases are not part of the repository: `AQUAC_CASES=FOLDER cargo test -p aquac-laws -- --ignored`.
//! What differs is named in `tests/end_to_end/reference/README.md`, each with its reason, or here if it is not about
//! what a script does; a difference that goes away is noticed as well.

use std::collections::BTreeSet;
use std::sync::Arc;

use aquac_air::read;
use aquac_ir::{CallResult, from_json};
use serde_json::Value as Json;

use crate::air::{Case, Story, id, links, name_of, named, plain, played, seen};
use crate::net::Net;
use crate::table::different;

fn cases() -> std::path::PathBuf {
    let folder = option_env!("AQUAC_CASES");
    std::path::PathBuf::from(folder.expect("AQUAC_CASES names the folder of the recorded cases"))
}

#[expect(clippy::disallowed_methods, reason = "a test reads its cases")]
fn text(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn strings(json: &Json) -> Vec<String> {
    json.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn expected(vector: &Json) -> Story {
    let peers = strings(&vector["peers"]);
    let names: Vec<&str> = peers.iter().map(String::as_str).collect();
    let mut story = Story::new();
    for run in vector["expected_runs"].as_array().unwrap() {
        let entry = story.entry(run["peer"].as_str().unwrap().to_owned()).or_default();
        for call in run["calls"].as_array().unwrap() {
            let args = from_json(&named(&call["args"].to_string(), &names)).unwrap();
            let (service, function) = (&call["service"], &call["function"]);
            let name = format!("{}.{}", service.as_str().unwrap(), function.as_str().unwrap());
            entry.0.push(format!("{name}{}", plain(&args)));
        }
        entry.0.sort();
        entry.1 = run["ret_code"].as_i64().unwrap();
    }
    story
}

fn case_of(vector: &Json) -> Case {
    let answers = vector["services"].as_object().unwrap();
    Case {
        peers: strings(&vector["peers"]),
        initiator: vector["init"].as_str().unwrap().to_owned(),
        script: vector["script"].as_str().unwrap().to_owned(),
        answers: answers.iter().map(|(name, answer)| (name.clone(), answer.clone())).collect(),
    }
}

/// How a vector comes out differently, if it does.
fn difference(vector: &Json) -> Option<String> {
    let case = case_of(vector);
    let refused = vector["expected_runs"][0]["ret_code"] == 1;
    match played(&case) {
        Err(_) if refused => None,
        Err(errors) => Some(format!("refused: {errors}")),
        Ok(_) if refused => Some("should be refused".to_owned()),
        Ok(net) => {
            let (ours, theirs) = (seen(&case.peers, &net), expected(vector));
            let empty = (Vec::new(), 0);
            let differs = |(peer, theirs): &(&String, &(Vec<String>, i64))| {
                ours.get(*peer).unwrap_or(&empty) != *theirs
            };
            let (peer, theirs) = theirs.iter().find(differs)?;
            Some(format!("at {peer}: {:?} not {theirs:?}", ours.get(peer).unwrap_or(&empty)))
        }
    }
}

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn the_vectors_of_the_reference_do_the_same_here() {
    let named = different("Recorded scripts");
    let mut wrong = Vec::new();
    let mut differ = BTreeSet::new();
    for line in text(&cases().join("vectors/air.jsonl")).lines() {
        let vector: Json = serde_json::from_str(line).unwrap();
        let name = vector["name"].as_str().unwrap().to_owned();
        let on_purpose = named.iter().any(|(different, _)| *different == name);
        match difference(&vector) {
            Some(_) if on_purpose => drop(differ.insert(name)),
            Some(why) => wrong.push(format!("{name}: {why}")),
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    for (name, why) in named {
        assert!(differ.contains(name), "{name} does not differ any more, although {why}");
    }
}

const PEERS: [&str; 14] =
    ["init", "relay", "p", "q", "r", "a", "b", "c", "ra", "rb", "rc", "r1", "r2", "rq"];

/// With names for the ids of the peers.
fn unnamed(text: &str) -> String {
    PEERS.iter().fold(text.to_owned(), |text, name| text.replace(&id(name).to_string(), name))
}

/// Answers as `RUNS.json` was made.
fn usual(args: &Json, call: &aquac_ir::Call) -> CallResult {
    let value = |json: &str| Ok(from_json(json).unwrap());
    let text = |text: &str| Ok(aquac_ir::Value::text(text));
    let first = call.args.first().map(|arg| arg.value.clone());
    let number = |at: usize| call.args[at].value.as_integer().unwrap();
    let int = |number: i128| Ok(aquac_ir::Value::from(i64::try_from(number).unwrap()));
    match (call.service.as_str(), call.function.as_str()) {
        ("getDataSrv", "-relay-") => text(&id("relay").to_string()),
        ("getDataSrv", name) => value(&named(&args[name].to_string(), &PEERS)),
        ("callbackSrv", "list") => value(r#"["l1","l2"]"#),
        ("callbackSrv", "two") if first.is_none() => value(r#"["l1","l2"]"#),
        ("callbackSrv", "opt") if first.is_none() => value("[7]"),
        ("callbackSrv", _) => first.map_or_else(|| text("cbv"), Ok),
        ("math", "add") => int(number(0) + number(1)),
        ("math", "sub") => int(number(0) - number(1)),
        ("math", "mul") => int(number(0) * number(1)),
        ("math", "div") => int(number(0) / number(1)),
        ("math", "rem") => int(number(0) % number(1)),
        ("cmp", "lt") => Ok((number(0) < number(1)).into()),
        ("cmp", "gte") => Ok((number(0) >= number(1)).into()),
        ("cmp", "gt") => Ok((number(0) > number(1)).into()),
        ("op", "concat_strings") => {
            let parts = call.args.iter().filter_map(|arg| arg.value.as_text());
            text(&parts.collect::<String>())
        }
        ("db", "echo" | "run" | "get") => value(r#"{"name":"n","tags":["t0","t1"]}"#),
        (_, "echo" | "run" | "get") => first.map_or_else(|| text("v"), Ok),
        (_, name) if name.starts_with("id_") => first.map_or_else(|| text("v"), Ok),
        (_, "names" | "lines") => text("n1"),
        (_, "maybe" | "opt") => value(r#"["m"]"#),
        _ => value("{}"),
    }
}

/// Programs of which the calls differ, each with its reason.
const OTHER_CALLS: [(&str, &str); 4] = [
    ("008_constants", "the timestamp of that run"),
    ("068_par_in_on", "the reference loses the response"),
    ("082_for_expr", "the error object says `for`, not `fold ret m-0`"),
    ("145_refbug_arrow_two_results", "refused by the reference interpreter as well"),
];

/// Programs that pass more links than with the reference, each with its reason.
const MORE_LINKS: [(&str, &str); 1] = [("068_par_in_on", "the reference loses a branch")];

/// How many links the reference needs if nobody goes past the client's relay: in its runs every peer
/// reaches every other, but a client is reached through its relay only.
fn links_through_the_relay(messages: &Json) -> usize {
    let past = |message: &&Json| {
        message.as_str().unwrap().split_once("->").is_some_and(|(from, to)| {
            to == "init" && from != "relay" || from == "init" && to != "relay"
        })
    };
    let messages = messages.as_array().unwrap();
    messages.len() + messages.iter().filter(past).count()
}

fn program_texts(name: &str) -> Vec<String> {
    let text = text(&cases().join("programs").join(format!("{name}.air")));
    let starts: Vec<usize> = text
        .match_indices("\n(")
        .map(|(at, _)| at + 1)
        .chain(text.starts_with('(').then_some(0))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| text[*start..end].to_owned()).collect()
}

fn run_program(script: &str, args: &Json, seed: u64) -> Result<Net, String> {
    let reading = read(script).map_err(|errors| format!("refused: {errors:?}"))?;
    let relay = Some(id("relay"));
    let mut net = Net::with_args(Arc::new(reading.program), id("init"), relay, &[], seed);
    let args = args.clone();
    net.services = Box::new(move |_, call| usual(&args, call));
    net.go();
    Ok(net)
}

/// What was called, sorted, but for the arguments of the program.
fn calls(net: &Net) -> Vec<String> {
    let calls = net.calls.iter().filter(|(_, _, call)| call.service != "getDataSrv");
    let mut calls: Vec<String> = calls
        .map(|(peer, _, call)| {
            let args: Vec<String> = call.args.iter().map(|arg| arg.value.to_string()).collect();
            let (service, function) = (&call.service, &call.function);
            unnamed(&format!("{}: {service}.{function}({})", name_of(peer), args.join(",")))
        })
        .collect();
    calls.sort();
    calls
}

fn same_calls(ours: &[String], run: &Json) -> Option<String> {
    let theirs = run["calls"].as_array().unwrap().iter();
    let mut theirs: Vec<String> =
        theirs.map(|call| call.as_str().unwrap().replace('@', "")).collect();
    theirs.sort();
    let more: Vec<_> = ours.iter().filter(|call| !theirs.contains(call)).collect();
    let less: Vec<_> = theirs.iter().filter(|call| !ours.contains(call)).collect();
    (ours != theirs).then(|| format!("more {more:?} less {less:?}"))
}

/// Schedules in which a program is played to count its links.
const SCHEDULES: u64 = 10;

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn what_the_reference_compiler_made_runs_as_on_the_reference_interpreter() {
    let runs: Json = serde_json::from_str(&text(&cases().join("programs/RUNS.json"))).unwrap();
    let mut wrong = Vec::new();
    let mut differ = BTreeSet::new();
    for (name, run) in runs.as_object().unwrap() {
        let script = &program_texts(name)[0];
        let other = match run_program(script, &run["args"], 7) {
            Ok(net) => same_calls(&calls(&net), run),
            Err(errors) => Some(errors),
        };
        match other {
            Some(_) if OTHER_CALLS.iter().any(|(other, _)| other == name) => {
                differ.insert(name.clone());
            }
            Some(why) => wrong.push(format!("{name}: {why}")),
            None => {}
        }
        let schedules =
            (0..SCHEDULES).filter_map(|seed| run_program(script, &run["args"], seed).ok());
        let mut hops = 0;
        for net in schedules {
            hops = hops.max(links(&net));
            wrong.extend(net.stuck().first().map(|why| format!("{name} is stuck: {why}")));
        }
        let most = links_through_the_relay(&run["messages"]);
        if hops > most && !MORE_LINKS.iter().any(|(more, _)| more == name) {
            wrong.push(format!("{name}: {hops} links, not {most}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    for (name, why) in OTHER_CALLS {
        assert!(differ.contains(name), "{name} does not differ any more, although {why}");
    }
}
