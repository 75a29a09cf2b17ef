//! What programs do that a compiler wrote in AIR: of our own, in `tests/laws/vectors/programs.txt`,
//! where their form is written down. Each is played in many schedules.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_air::read;
use aquac_ir::{Call, CallResult, PeerId, ServiceError, Value, from_json};

use crate::air::{id, links, name_of, named};
use crate::net::Net;

const PROGRAMS: &str = include_str!("../../vectors/programs.txt");
const PEERS: [&str; 5] = ["init", "relay", "p", "q", "r"];
const SCHEDULES: u64 = 40;

/// A program, and what is to be seen.
struct Program {
    name: &'static str,
    script: String,
    calls: Vec<String>,
    links: usize,
}

fn program(text: &'static str) -> Program {
    let (name, rest) = text.split_once('\n').unwrap();
    let mut program = Program { name, script: String::new(), calls: Vec::new(), links: 0 };
    for line in rest.lines() {
        if let Some(links) = line.strip_prefix("> links ") {
            program.links = links.parse().unwrap();
        } else if let Some(call) = line.strip_prefix("> ") {
            let (call, args) = call.split_at(call.find('[').unwrap());
            program.calls.push(format!("{call}{}", from_json(&named(args, &PEERS)).unwrap()));
        } else {
            program.script.push_str(line);
            program.script.push('\n');
        }
    }
    program.calls.sort();
    program.script = named(&with_hops(&program.script), &PEERS);
    program
}

/// A hop is the snapshot of an empty stream.
fn with_hops(script: &str) -> String {
    let mut parts = script.split("HOP(");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (place, rest) = part.split_once(')').unwrap();
        text.push_str(&format!("(new $hop (new #hops (canon {place} $hop #hops))){rest}"));
    }
    text
}

fn service(peer: &PeerId, call: &Call) -> CallResult {
    let me = name_of(peer);
    let refuse = || Err(ServiceError { code: 1, message: "\"no\"".to_owned() });
    match (call.service.as_str(), call.function.as_str()) {
        ("getDataSrv", _) => {
            let peers = ["p", "q", "r"].map(|name| Value::text(&id(name).to_string()));
            Ok(Value::array(peers.to_vec()).unwrap())
        }
        (_, "bad") => refuse(),
        (_, "only_q") if me != "q" => refuse(),
        _ => Ok(call.args.first().map_or_else(|| Value::text(&me), |arg| arg.value.clone())),
    }
}

fn played(script: &str, seed: u64) -> Net {
    let reading = read(script).unwrap_or_else(|errors| panic!("{script}\n{errors:?}"));
    let relay = Some(id("relay"));
    let mut net = Net::with_args(Arc::new(reading.program), id("init"), relay, &[], seed);
    net.services = Box::new(service);
    net.go();
    net
}

fn calls(net: &Net) -> Vec<String> {
    let made = net.calls.iter().filter(|(_, _, call)| call.service != "getDataSrv");
    let mut calls: Vec<String> = made
        .map(|(peer, _, call)| {
            let args: Vec<Value> = call.args.iter().map(|arg| arg.value.clone()).collect();
            let args = Value::array(args).unwrap();
            format!("{} {}.{}{args}", name_of(peer), call.service, call.function)
        })
        .collect();
    calls.sort();
    calls
}

#[test]
fn programs_do_the_same_in_every_schedule_and_send_no_more_than_they_must() {
    let mut wrong: BTreeMap<&str, String> = BTreeMap::new();
    for program in PROGRAMS.split("\n# ").skip(1).map(program) {
        let mut most = 0;
        for seed in 0..SCHEDULES {
            let net = played(&program.script, seed);
            let calls = calls(&net);
            if calls != program.calls {
                wrong.insert(program.name, format!("{calls:?} not {:?}", program.calls));
            }
            if let Some(stuck) = net.stuck().first() {
                wrong.insert(program.name, format!("stuck: {stuck}"));
            }
            most = most.max(links(&net));
        }
        if most != program.links {
            wrong.entry(program.name).or_insert(format!("{most} links, not {}", program.links));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
