//! What the reference interpreter did with scripts, and what ours does. The cases are not part of
//! the repository: `AQUAC_CASES=FOLDER cargo test -p aquac-laws -- --ignored`.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_air::read;
use aquac_ir::{CallResult, PeerId, ServiceError, from_json};
use serde_json::Value as Json;

use crate::net::Net;

fn cases() -> std::path::PathBuf {
    let folder = option_env!("AQUAC_CASES");
    std::path::PathBuf::from(folder.expect("AQUAC_CASES names the folder of the recorded cases"))
}

#[expect(clippy::disallowed_methods, reason = "a test reads its cases")]
fn text(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The id of a peer with a name of up to 32 letters.
fn id(name: &str) -> PeerId {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    PeerId(bytes)
}

/// The name of such a peer.
fn name_of(peer: &PeerId) -> String {
    peer.0.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// With ids for the names of the peers.
fn named(text: &str, peers: &[&str]) -> String {
    let mut peers = peers.to_vec();
    peers.sort_by_key(|name| std::cmp::Reverse(name.len()));
    peers.iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("@{name}"), &id(name).to_string())
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), name.split('/').collect());
    pattern.len() == name.len()
        && pattern.iter().zip(&name).all(|(pattern, name)| *pattern == "*" || pattern == name)
}

/// Answers as a vector says, each call of a sequence in turn.
struct Script {
    answers: Vec<(String, Json)>,
    asked: BTreeMap<String, usize>,
    peers: Vec<String>,
}

impl Script {
    fn answer(&mut self, peer: &PeerId, call: &aquac_ir::Call) -> CallResult {
        let name = format!("{}/{}/{}", name_of(peer), call.service, call.function);
        let found = self.answers.iter().find(|(pattern, _)| matches(pattern, &name));
        let Some((pattern, answer)) = found else {
            return Ok(format!("{}.{}", call.service, call.function).as_str().into());
        };
        let mut answer = answer.clone();
        if let Some(all) = answer.get("seq").and_then(Json::as_array).cloned() {
            let asked = self.asked.entry(pattern.clone()).or_default();
            answer = all[(*asked).min(all.len() - 1)].clone();
            *asked += 1;
        }
        self.said(&answer, call)
    }

    fn said(&self, answer: &Json, call: &aquac_ir::Call) -> CallResult {
        let names: Vec<&str> = self.peers.iter().map(String::as_str).collect();
        let value = |json: &Json| from_json(&named(&json.to_string(), &names)).unwrap();
        let first =
            || call.args.first().map(|arg| arg.value.clone()).unwrap_or(aquac_ir::Value::Null);
        match answer {
            Json::String(rule) if rule == "echo" => Ok(first()),
            Json::String(rule) if rule == "args" => {
                Ok(aquac_ir::Value::array(call.args.iter().map(|a| a.value.clone()).collect())
                    .unwrap())
            }
            Json::String(_) => Ok(aquac_ir::Value::Null),
            Json::Object(rule) if rule.contains_key("ok") => Ok(value(&rule["ok"])),
            Json::Object(rule) if rule.contains_key("err") => Err(ServiceError {
                code: rule["err"][0].as_i64().unwrap(),
                message: named(&rule["err"][1].to_string(), &names),
            }),
            Json::Object(rule) if rule.contains_key("raw") => {
                let text = rule["raw"].as_str().unwrap();
                let why = serde_json::from_str::<Json>(text).map(|_| String::new());
                let why = why.unwrap_or_else(|error| error.to_string());
                let message = format!(
                    "call_service result 'ret_code: 0, result: '{text}'' can't be serialized or \
                     deserialized with an error: {why}"
                );
                Err(ServiceError { code: i64::from(i32::MAX), message })
            }
            other => panic!("no such answer: {other}"),
        }
    }
}

fn strings(json: &Json) -> Vec<&str> {
    json.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

/// Per peer the calls, sorted; and the last code.
type Story = BTreeMap<String, (Vec<String>, i64)>;

fn expected(vector: &Json) -> Story {
    let peers = strings(&vector["peers"]);
    let mut story = Story::new();
    for run in vector["expected_runs"].as_array().unwrap() {
        let entry = story.entry(run["peer"].as_str().unwrap().to_owned()).or_default();
        for call in run["calls"].as_array().unwrap() {
            let args = from_json(&named(&call["args"].to_string(), &peers)).unwrap();
            let (service, function) = (&call["service"], &call["function"]);
            let name = format!("{}.{}", service.as_str().unwrap(), function.as_str().unwrap());
            entry.0.push(format!("{name}{}", plain(&args)));
        }
        entry.0.sort();
        entry.1 = run["ret_code"].as_i64().unwrap();
    }
    story
}

fn ours(vector: &Json, net: &Net) -> Story {
    let mut story = Story::new();
    for name in strings(&vector["peers"]) {
        let Some(host) = net.hosts.get(&id(name)) else { continue };
        let calls = net.calls.iter().filter(|(peer, ..)| *peer == id(name));
        let mut calls: Vec<String> = calls
            .map(|(_, _, call)| {
                let args = call.args.iter().map(|arg| arg.value.clone()).collect();
                let args = aquac_ir::Value::array(args).unwrap();
                format!("{}.{}{}", call.service, call.function, plain(&args))
            })
            .collect();
        calls.sort();
        let code = match host.run.result() {
            Some(Err(fault)) => fault.code.number(),
            Some(Ok(_)) | None => 0,
        };
        story.insert(name.to_owned(), (calls, code));
    }
    story
}

fn played(vector: &Json) -> Result<Net, String> {
    let peers = strings(&vector["peers"]);
    let script = named(vector["script"].as_str().unwrap(), &peers);
    let reading = read(&script).map_err(|errors| format!("{errors:?}"))?;
    let answers = vector["services"].as_object().unwrap();
    let mut script = Script {
        answers: answers.iter().map(|(name, answer)| (name.clone(), answer.clone())).collect(),
        asked: BTreeMap::new(),
        peers: peers.iter().map(|name| (*name).to_owned()).collect(),
    };
    let initiator = id(vector["init"].as_str().unwrap());
    let mut net = Net::with_ttl(Arc::new(reading.program), initiator, None, &[], (7_000, 1));
    net.services = Box::new(move |peer, call| script.answer(peer, call));
    net.go();
    Ok(net)
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

/// Programs of which the calls differ, each with the reason.
const OTHER_CALLS: [&str; 4] = [
    "008_constants",                // the timestamp of that run
    "068_par_in_on",                // the reference loses the response
    "082_for_expr",                 // the error object says `for`, not `fold ret m-0`
    "145_refbug_arrow_two_results", // refused by the reference interpreter as well
];

/// Programs that pass more links than with the reference, each with the reason.
const MORE_LINKS: [&str; 6] = [
    "038_parseq",                     // the element that comes late is reported home
    "068_par_in_on",                  // the reference loses a branch
    "094_parseq_in_on",               // as 038
    "095_nested_parseq", // a branch that has met two peers tells each what the other did
    "147_refbug_join_scalar_ignored", // the reference goes past a relay
    "150_refbug_par_no_return", // as 147
];

/// How many links frames passed; what leaves a peer at once for several shares the way.
fn links(net: &Net) -> usize {
    let mut links = std::collections::BTreeSet::new();
    for frame in &net.frames {
        let from = std::iter::once(&frame.from).chain(&frame.route);
        links.extend(from.zip(&frame.route).map(|(a, b)| (frame.batch, *a, *b)));
    }
    links.len()
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

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn what_the_reference_compiler_made_runs_as_on_the_reference_interpreter() {
    let runs: Json = serde_json::from_str(&text(&cases().join("programs/RUNS.json"))).unwrap();
    let mut wrong = Vec::new();
    for (name, run) in runs.as_object().unwrap() {
        let script = &program_texts(name)[0];
        let reading = match read(script) {
            Ok(reading) => reading,
            Err(_) if OTHER_CALLS.contains(&name.as_str()) => continue,
            Err(errors) => {
                wrong.push(format!("{name}: refused: {errors:?}"));
                continue;
            }
        };
        let mut net =
            Net::with_args(Arc::new(reading.program), id("init"), Some(id("relay")), &[], 7);
        let args = run["args"].clone();
        net.services = Box::new(move |_, call| usual(&args, call));
        net.go();
        let mut ours: Vec<String> = net
            .calls
            .iter()
            .filter(|(_, _, call)| call.service != "getDataSrv")
            .map(|(peer, _, call)| {
                let args: Vec<String> = call.args.iter().map(|arg| arg.value.to_string()).collect();
                let (service, function) = (&call.service, &call.function);
                let text = format!("{}: {service}.{function}({})", name_of(peer), args.join(","));
                unnamed(&text)
            })
            .collect();
        let mut theirs: Vec<String> = run["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call.as_str().unwrap().replace('@', ""))
            .collect();
        ours.sort();
        theirs.sort();
        if ours != theirs && !OTHER_CALLS.contains(&name.as_str()) {
            let more: Vec<_> = ours.iter().filter(|call| !theirs.contains(call)).collect();
            let less: Vec<_> = theirs.iter().filter(|call| !ours.contains(call)).collect();
            wrong.push(format!("{name}: more {more:?} less {less:?}"));
        }
        let hops = links(&net);
        let most = run["messages"].as_array().unwrap().len();
        if hops > most && !MORE_LINKS.contains(&name.as_str()) {
            let routes: Vec<String> = net
                .frames
                .iter()
                .map(|f| {
                    let route: Vec<String> = f.route.iter().map(name_of).collect();
                    format!("{}>{}", name_of(&f.from), route.join(">"))
                })
                .collect();
            wrong.push(format!("{name}: {hops} hops, not {most}: {}", routes.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// Vectors that differ on purpose, each with the reason.
const DIFFERENT: [&str; 4] = [
    "d_remote_join",  // the order of delivery is not specified, and C gets further here
    "e24_shadow",     // a name that is set again in an iteration does not hide the outer one
    "m_tetr",         // keys 1 and "1" of a map are grouped together, as for D4
    "x_par_call_err", // an error is read where it was caught; there is no register for swallowed ones
];

/// Error objects by code and message: how a step is written and who replays it is ours.
fn plain(value: &aquac_ir::Value) -> aquac_ir::Value {
    match value {
        aquac_ir::Value::Array(array) => {
            aquac_ir::Value::array(array.items().iter().map(plain).collect()).unwrap()
        }
        aquac_ir::Value::Object(object) => {
            let is_error = object.get("error_code").is_some() && object.get("message").is_some();
            let left_out = |name: &str| is_error && matches!(name, "instruction" | "peer_id");
            let fields = object.fields().iter().filter(|(name, _)| !left_out(name));
            let fields = fields.map(|(name, value)| (name.clone(), plain(value)));
            aquac_ir::Value::object(fields.collect()).unwrap()
        }
        other => other.clone(),
    }
}

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn the_vectors_of_the_reference_do_the_same_here() {
    let mut wrong = Vec::new();
    for line in text(&cases().join("vectors/air.jsonl")).lines() {
        let vector: Json = serde_json::from_str(line).unwrap();
        let name = vector["name"].as_str().unwrap();
        let refused = vector["expected_runs"][0]["ret_code"] == 1;
        if vector.get("reference_defect").is_some() || DIFFERENT.contains(&name) {
            continue;
        }
        match played(&vector) {
            Err(_) if refused => {}
            Err(errors) => wrong.push(format!("{name}: refused: {errors}")),
            Ok(_) if refused => wrong.push(format!("{name}: should be refused")),
            Ok(net) => {
                let (ours, theirs) = (ours(&vector, &net), expected(&vector));
                for (peer, theirs) in &theirs {
                    let empty = (Vec::new(), 0);
                    let ours = ours.get(peer).unwrap_or(&empty);
                    if ours != theirs {
                        wrong.push(format!("{name} at {peer}: {ours:?} not {theirs:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
