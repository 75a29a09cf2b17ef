//! A checked receipt as JSON: `aquac.receipt/1` and `aquac.story/1`, described in `FORMATS.md`.

use aquac_ir::{Fault, Value};
use aquac_sim::position;
use aquac_vm::{Deed, Done, Position, Proved};
use serde::Serialize;

use super::Scene;

/// What `receipt verify` says of a receipt that holds.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    schema: &'static str,
    refused: Option<String>,
    particle: String,
    initiator: String,
    program: String,
    turns: usize,
    steps: usize,
    result: Option<Outcome>,
    believed: Vec<Believed>,
    open: usize,
    forked: Vec<String>,
    /// Whether lines are known; nobody signed the table that says them.
    lines: bool,
}

/// What it says of one that is refused.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    schema: &'static str,
    refused: String,
}

/// The story of a run.
#[derive(Debug, Serialize)]
pub(super) struct Story {
    schema: &'static str,
    particle: String,
    steps: Vec<StoryStep>,
}

#[derive(Debug, Serialize)]
struct Believed {
    what: &'static str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Debug, Serialize)]
struct Place {
    position: String,
    line: Option<u32>,
}

#[derive(Debug, Serialize)]
struct StoryStep {
    peer: String,
    turn: u32,
    #[serde(flatten)]
    place: Place,
    did: &'static str,
    service: Option<String>,
    function: Option<String>,
    args: Vec<Known>,
    result: Outcome,
}

/// A value, or that its bytes are not in the receipt.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Known {
    Value(Value),
    Absent(bool),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Ok(Value),
    Err(i64, Option<String>),
    Absent(bool),
}

const RECEIPT: &str = "aquac.receipt/1";
const STORY: &str = "aquac.story/1";

impl Refusal {
    pub(super) fn of(why: &str) -> Self {
        Self { schema: RECEIPT, refused: why.to_owned() }
    }
}

impl Verdict {
    pub(super) fn of(scene: &Scene, proved: &Proved) -> Self {
        let believed = |positions: &[Position], what| {
            positions.iter().map(|at| Believed { what, place: place(scene, at) }).collect()
        };
        let believed: [Vec<Believed>; 3] = [
            believed(&proved.arguments_believed, "arguments"),
            believed(&proved.snapshots_believed, "order"),
            believed(&proved.unreachable_believed, "unreachable"),
        ];
        Self {
            schema: RECEIPT,
            refused: None,
            particle: proved.particle.to_string(),
            initiator: scene.project.name(proved.initiator),
            program: proved.program.to_string(),
            turns: proved.turns,
            steps: proved.steps.len(),
            result: proved.result.as_ref().map(result),
            believed: believed.into_iter().flatten().collect(),
            open: proved.open.len(),
            forked: proved.forked.iter().map(|peer| scene.project.name(*peer)).collect(),
            lines: scene.debug.is_some(),
        }
    }
}

fn result(result: &Result<Vec<Value>, Fault>) -> Outcome {
    match result {
        Ok(values) => Outcome::Ok(Value::array(values.clone()).unwrap_or(Value::Null)),
        Err(fault) => Outcome::Err(fault.code.number(), Some(fault.message.clone())),
    }
}

impl Story {
    pub(super) fn of(scene: &Scene, proved: &Proved) -> Self {
        let steps = proved.steps.iter().map(|done| step(scene, done)).collect();
        Self { schema: STORY, particle: proved.particle.to_string(), steps }
    }
}

fn step(scene: &Scene, done: &Done) -> StoryStep {
    let (did, called) = match &done.deed {
        Deed::Call { service, function, args } => ("call", Some((service, function, args))),
        Deed::Snapshot => ("snapshot", None),
        Deed::Visit => ("visit", None),
        Deed::Return => ("return", None),
        Deed::Unused => ("unused", None),
    };
    let known = |value: &Option<Value>| value.clone().map_or(Known::Absent(true), Known::Value);
    StoryStep {
        peer: scene.project.name(done.peer),
        turn: done.turn,
        place: place(scene, &done.position),
        did,
        service: called.map(|(service, ..)| service.clone()),
        function: called.map(|(_, function, _)| function.clone()),
        args: called.map(|(.., args)| args.iter().map(known).collect()).unwrap_or_default(),
        result: match &done.outcome {
            Ok(Some(value)) => Outcome::Ok(value.clone()),
            Ok(None) => Outcome::Absent(true),
            Err((code, message)) => Outcome::Err(code.number(), message.clone()),
        },
    }
}

fn place(scene: &Scene, at: &Position) -> Place {
    let span = scene.debug.as_ref().and_then(|debug| debug.span(at.node));
    Place { position: position(at), line: span.map(|span| span.line) }
}
