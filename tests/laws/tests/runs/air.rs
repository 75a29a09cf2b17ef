//! Scripts in AIR, run by peers whose services answer as a table says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aquac_air::read;
use aquac_ir::{CallResult, PeerId, ServiceError, from_json};
use serde_json::Value as Json;

use crate::net::Net;

/// The id of a peer with a name of up to 32 letters.
pub(crate) fn id(name: &str) -> PeerId {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    PeerId(bytes)
}

/// The name of such a peer.
pub(crate) fn name_of(peer: &PeerId) -> String {
    peer.0.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// With ids for the names of the peers.
pub(crate) fn named(text: &str, peers: &[&str]) -> String {
    let mut peers = peers.to_vec();
    peers.sort_by_key(|name| std::cmp::Reverse(name.len()));
    peers.iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("@{name}"), &id(name).to_string())
    })
}

/// A script and those who run it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Their names; in the script each stands behind an `@`.
    pub(crate) peers: Vec<String>,
    pub(crate) initiator: String,
    pub(crate) script: String,
    /// Answers, by `peer/service/function`; `*` stands for every one.
    pub(crate) answers: Vec<(String, Json)>,
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

/// Per peer the calls, sorted; and the last code.
pub(crate) type Story = BTreeMap<String, (Vec<String>, i64)>;

/// What was seen of these peers.
pub(crate) fn seen(peers: &[String], net: &Net) -> Story {
    let mut story = Story::new();
    for name in peers {
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
        story.insert(name.clone(), (calls, code));
    }
    story
}

/// Plays a case, unless it is refused.
pub(crate) fn played(case: &Case) -> Result<Net, String> {
    let names: Vec<&str> = case.peers.iter().map(String::as_str).collect();
    let reading = read(&named(&case.script, &names)).map_err(|errors| format!("{errors:?}"))?;
    let mut script =
        Script { answers: case.answers.clone(), asked: BTreeMap::new(), peers: case.peers.clone() };
    let initiator = id(&case.initiator);
    let mut net = Net::with_ttl(Arc::new(reading.program), initiator, None, &[], (7_000, 1));
    net.services = Box::new(move |peer, call| script.answer(peer, call));
    net.go();
    Ok(net)
}

/// Error objects by code and message: how a step is written and who replays it is ours.
pub(crate) fn plain(value: &aquac_ir::Value) -> aquac_ir::Value {
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

/// How many links frames passed; what leaves a peer at once for several shares the way.
pub(crate) fn links(net: &Net) -> usize {
    let mut links = BTreeSet::new();
    for frame in &net.frames {
        let from = std::iter::once(&frame.from).chain(&frame.route);
        links.extend(from.zip(&frame.route).map(|(a, b)| (frame.batch, *a, *b)));
    }
    links.len()
}
