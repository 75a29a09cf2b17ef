//! The scenarios of `tests/suite` once more, on real hosts in one process: over libp2p's memory
//! transport and over TCP. The same header, signed once, begins all three runs; what comes of them
//! is the same, and where a turn is a function of the program, the turns are the same, digest by
//! digest.

mod hosts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use aquac_driver::{Options, Request, build_one, check};
use aquac_ir::{Debug, Value, encode};
use aquac_sim::{Expectation, Fault, Job, Outcome, Source, run_job, start_of};

use crate::harness::workspace;

/// What came of a scenario, in words that do not depend on where it was played.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) response: Option<String>,
    pub(crate) error: Option<String>,
    /// `peer/service.function(arguments)`, sorted.
    pub(crate) calls: Vec<String>,
    /// Digests of all turns.
    pub(crate) turns: BTreeSet<String>,
    /// Whether the run ended by itself.
    pub(crate) ended: bool,
}

/// A scenario with its compiled program.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) job: Job,
    program: Vec<u8>,
    debug: Debug,
}

fn folder() -> PathBuf {
    workspace().join("tests/suite/scenarios")
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

fn scenario(file: &Path) -> Scenario {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let job = Job::from_json(&std::fs::read_to_string(file).unwrap()).unwrap();
    let Source::Aqua { aqua, function } = &job.program else { panic!("{name} is in Aqua") };
    let text = std::fs::read_to_string(folder().join(aqua)).unwrap();
    let sources = BTreeMap::from([(aqua.clone(), text)]);
    let request = Request { entries: vec![aqua.clone()], ..Request::default() };
    let checked = check(&request, &sources);
    let id = checked.exported_functions().find(|export| export.name == *function).unwrap().id;
    let artifact = build_one(&checked, id, &Options::default()).unwrap();
    Scenario { name, job, program: encode(&artifact.program), debug: artifact.debug }
}

fn scenarios() -> Vec<Scenario> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().map(|file| scenario(file)).collect()
}

/// Why a fault exists in the simulator only. A delay is no such fault: real links have their own.
fn only_simulated(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Drop { .. } | Fault::Duplicate { .. } => {
            Some("a stream over a real transport loses and doubles nothing")
        }
        Fault::Skew { .. } => Some("the hosts of one process have one clock"),
        Fault::TornWrite { .. } => {
            Some("network/host/tests/boundaries kills a process at every write")
        }
        Fault::Equivocate { .. } => Some("driver::mallory_on_loopback does it on real links"),
        Fault::Crash { .. }
        | Fault::Restart { .. }
        | Fault::Partition { .. }
        | Fault::Delay { .. }
        | Fault::Lie { .. } => None,
    }
}

/// Programs in which time decides what a peer knows when it signs: their results and calls are
/// compared, not their turns. By function, with the reason.
const TIME_DECIDES: &[(&str, &str)] = &[
    ("gather", "the meeting place signs what it saw, in the batches in which it came"),
    ("each", "the same, at two levels"),
    ("sorted", "the same"),
    ("gathered", "the client signs what it saw of three peers, as it came"),
    ("crowd", "the same, of a hundred"),
    ("enough", "whose answer is third decides whether it is seen before the result"),
    ("handled", "two branches meet at the client as they come"),
    ("both", "two branches meet at the client as they come"),
    ("branches", "an error and a value meet at the client as they come"),
    ("signed", "two branches meet at the client as they come"),
    ("meets", "the reader signs when the first of two elements has come, or both"),
    ("patient", "a timer and a peer race"),
    ("detached", "the client may be told of the result or of the other branch first"),
    ("grow", "elements and the calls that they lead to come together or apart"),
];

/// Scenarios with a crash or a cut have the time of the real machine in them: what is in whose
/// batch when it strikes is not the program's doing.
fn turns_follow_from_the_program(scenario: &Scenario) -> bool {
    let Source::Aqua { function, .. } = &scenario.job.program else { return false };
    let by_time = TIME_DECIDES.iter().any(|(name, _)| name == function);
    let strikes = scenario.job.faults.iter().any(|fault| !matches!(fault, Fault::Lie { .. }));
    !by_time && !strikes
}

fn text(value: Option<&Value>) -> Option<String> {
    value.map(ToString::to_string)
}

fn in_the_simulator(outcome: &Outcome) -> Came {
    let call = |call: &aquac_sim::CallLine| {
        let args: Vec<String> = call.args.iter().map(ToString::to_string).collect();
        format!("{}/{}.{}({})", call.peer, call.service, call.function, args.join(", "))
    };
    let mut calls: Vec<String> = outcome.calls.iter().map(call).collect();
    calls.sort();
    let error = outcome.error.clone().filter(|_| outcome.ended);
    Came {
        response: text(outcome.response.as_ref()),
        error: text(error.as_ref()),
        calls,
        turns: outcome.turn_digests.iter().cloned().collect(),
        ended: outcome.ended,
    }
}

/// What is wrong with what came over a real transport.
fn wrong(scenario: &Scenario, simulated: &Came, real: &Came) -> Option<String> {
    let expect = scenario.job.expect.clone().unwrap_or_default();
    let Expectation { response, error, calls, ends, within: _ } = &expect;
    if response.is_some() && real.response != text(response.as_ref()) {
        return Some(format!("the response is {:?}", real.response));
    }
    if error.is_some() && real.error != text(error.as_ref()) {
        return Some(format!("the error is {:?}", real.error));
    }
    if ends.is_some_and(|ends| ends != real.ended) {
        return Some(format!("it ends: {}", real.ended));
    }
    if calls.is_some() && real.calls != simulated.calls {
        return Some(format!("calls: {:#?} and not {:#?}", real.calls, simulated.calls));
    }
    if turns_follow_from_the_program(scenario) && real.turns != simulated.turns {
        return Some(format!("turns: {:#?} and not {:#?}", real.turns, simulated.turns));
    }
    None
}

fn compared(over: hosts::Transport) {
    let (mut wrongs, mut played, mut digests, mut left_out) = (Vec::new(), 0, 0, 0);
    for mut scenario in scenarios() {
        if let Some(why) = scenario.job.faults.iter().find_map(only_simulated) {
            println!("{}: only simulated: {why}", scenario.name);
            left_out += 1;
            continue;
        }
        scenario.job.timestamp = now();
        let (job, program, debug) = (&scenario.job, &scenario.program, &scenario.debug);
        let simulated = run_job(job, program.clone(), Some(debug)).unwrap();
        let simulated = in_the_simulator(&simulated);
        let start = start_of(job, program.clone(), Some(debug)).unwrap();
        let real = hosts::play(&scenario, start, over);
        played += 1;
        digests += usize::from(turns_follow_from_the_program(&scenario)) * real.turns.len();
        wrongs.extend(
            wrong(&scenario, &simulated, &real).map(|why| format!("{}: {why}", scenario.name)),
        );
    }
    println!("{played} scenarios over {over:?}, {digests} turns equal; {left_out} only simulated");
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    assert!(played >= 35 && digests >= 20, "{played} scenarios, {digests} turns");
}

#[test]
fn the_scenarios_come_to_the_same_over_the_memory_transport() {
    compared(hosts::Transport::Memory);
}

#[test]
fn the_scenarios_come_to_the_same_over_tcp() {
    compared(hosts::Transport::Tcp);
}
