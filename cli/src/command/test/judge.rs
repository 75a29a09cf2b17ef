//! What came of a simulated run, held against what a test expects.

use aquac_base::Diagnostic;
use aquac_ir::{Value, to_json};
use aquac_peer::Ending;
use aquac_sim::{Asked, Trace, fits};

use crate::diagram::Event;
use crate::project::Project;
use crate::simulation::Outcome;
use crate::test_file::{Expect, pattern};
use crate::verdict::Scene;

/// Calls of a failed test that are shown.
const MAX_CALLS: usize = 20;

/// What is not as expected, in a sentence.
pub(super) fn wrong(
    expect: &Expect,
    outcome: &Outcome,
    trace: &Trace,
    project: &Project,
) -> Option<String> {
    wrong_end(expect, outcome)
        .or_else(|| wrong_calls(expect, trace, project))
        .or_else(|| wrong_hops(expect, trace.messages.len()))
}

fn wrong_end(expect: &Expect, outcome: &Outcome) -> Option<String> {
    let is = match outcome {
        Outcome::Returned(values) => {
            let result = result(values);
            let wanted = expect.error.is_none() && !expect.stuck;
            if wanted && expect.result.as_ref().is_none_or(|value| *value == result) {
                return None;
            }
            format!("it returned {}", to_json(&result))
        }
        Outcome::Failed(Ending::Failed { fault, .. }) => {
            if expect.error.as_ref().is_some_and(|part| fault.message.contains(part)) {
                return None;
            }
            format!("it failed: {}", fault.message)
        }
        Outcome::Unfinished { .. } if expect.stuck => return None,
        Outcome::Failed(Ending::Returned(_) | Ending::Expired { .. })
        | Outcome::Unfinished { .. } => "it gave no result".to_owned(),
    };
    Some(format!("expected {}, but {is}", wanted(expect)))
}

fn wanted(expect: &Expect) -> String {
    match expect {
        Expect { stuck: true, .. } => "a run without a result".to_owned(),
        Expect { error: Some(part), .. } => format!("a failure with `{part}`"),
        Expect { result: Some(value), .. } => format!("the result {}", to_json(value)),
        Expect { .. } => "a result".to_owned(),
    }
}

/// One value as itself, several as an array.
fn result(values: &[Value]) -> Value {
    match values {
        [] => Value::Null,
        [one] => one.clone(),
        several => Value::array(several.to_vec()).unwrap_or(Value::Null),
    }
}

fn wrong_calls(expect: &Expect, trace: &Trace, project: &Project) -> Option<String> {
    expect.calls.iter().find_map(|(written, times)| {
        let glob = pattern(written);
        let found = trace.calls.iter().filter(|asked| fits(&glob, &name(asked, project))).count();
        let differs = found != *times;
        differs.then(|| format!("expected {times} calls of {written}, but there were {found}"))
    })
}

fn wrong_hops(expect: &Expect, hops: usize) -> Option<String> {
    match (expect.hops, expect.max_hops) {
        (Some(exactly), _) if hops != exactly => {
            Some(format!("expected {exactly} hops, but there were {hops}"))
        }
        (_, Some(most)) if hops > most => {
            Some(format!("expected at most {most} hops, but there were {hops}"))
        }
        (_, _) => None,
    }
}

fn name(asked: &Asked, project: &Project) -> String {
    format!("{}/{}/{}", project.name(asked.peer), asked.call.service, asked.call.function)
}

/// The report of a run that gave no result.
pub(super) fn diagnostic(scene: &Scene<'_>, outcome: &Outcome, ttl: u32) -> Option<Diagnostic> {
    match outcome {
        Outcome::Failed(Ending::Failed { fault, at }) => Some(scene.failed(fault, *at)),
        Outcome::Unfinished { known, expired: true } => Some(scene.expired(known, ttl.into())),
        Outcome::Unfinished { known, expired: false } => Some(scene.stuck(known)),
        Outcome::Returned(_) | Outcome::Failed(Ending::Returned(_) | Ending::Expired { .. }) => {
            None
        }
    }
}

/// The first calls, a line each.
pub(super) fn calls(trace: &Trace, project: &Project) -> Vec<String> {
    let line = |asked: &Asked| {
        let args: Vec<String> =
            asked.call.args.iter().map(|argument| to_json(&argument.value)).collect();
        let answer = match &asked.result {
            Ok(value) => format!("= {}", to_json(value)),
            Err(error) => format!("failed, {}", error.message),
        };
        let (peer, call) = (project.name(asked.peer), &asked.call);
        format!(
            "{:>5} ms  {peer}: {}.{}({}) {answer}",
            asked.at,
            call.service,
            call.function,
            args.join(", ")
        )
    };
    trace.calls.iter().take(MAX_CALLS).map(line).collect()
}

/// What happened, for a diagram: by time, answers before the frames that they cause.
pub(super) fn events(trace: &Trace, project: &Project) -> Vec<Event> {
    let mut timed: Vec<(u64, u8, Event)> = Vec::new();
    for asked in &trace.calls {
        let peer = project.name(asked.peer);
        let function = format!("{}.{}", asked.call.service, asked.call.function);
        let args = asked.call.args.iter().map(|argument| argument.value.clone()).collect();
        let call = Event::Call { peer: peer.clone(), function: function.clone(), args };
        let result = asked.result.clone().map_err(|error| error.message);
        timed.push((asked.at, 0, call));
        timed.push((asked.at, 0, Event::Answer { peer, function, result }));
    }
    for message in &trace.messages {
        let (from, to) = (project.name(message.from), project.name(message.to));
        timed.push((message.at, 1, Event::Hop { from, to, forwarded: message.forwarded }));
    }
    timed.sort_by_key(|(at, kind, _)| (*at, *kind));
    timed.into_iter().map(|(_, _, event)| event).collect()
}
