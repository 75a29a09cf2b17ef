//! Takes a run as far as it goes: steps, turns, calls, and what others must be told.

use aquac_ir::{Fault, FaultCode, IdempotencyKey};
use aquac_vm::{PendingCall, Run, SignedTurn, Status};

use crate::deliver::deliver;
use crate::particle::{Particle, UnderWay};
use crate::policy::Verdict;
use crate::shared::Core;
use crate::{Attempt, Ending, Output, Report, keep};

/// What a settled run leaves to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Nothing happened.
    Quiet,
    /// Something did.
    Moved,
    /// Its fuel is used up: others first, then again.
    Hungry,
}

/// Goes on with a particle whose run has got something new.
pub(crate) fn settle(core: &mut Core, particle: &mut Particle) -> Settled {
    let Some(mut run) = particle.run.take() else { return Settled::Quiet };
    let mut settled = Settled::Quiet;
    loop {
        core.counters.steps += 1;
        let outcome = run.step(core.config.limits.fuel);
        let denied = admit_calls(core, particle, &mut run, outcome.calls);
        let sealed = seal(core, particle, &mut run);
        if sealed || denied || !particle.queued.is_empty() {
            settled = Settled::Moved;
        }
        if outcome.status == Status::OutOfFuel {
            settled = Settled::Hungry;
            break;
        }
        if !sealed && !denied {
            break;
        }
    }
    let departures = run.forward();
    if !departures.is_empty() && settled == Settled::Quiet {
        settled = Settled::Moved;
    }
    let result = if particle.done { None } else { run.result() };
    let at = run.failed_at();
    particle.run = Some(run);
    deliver(core, particle, departures);
    make_calls(core, particle);
    if let Some(result) = result.filter(|_| particle.header.header.initiator == core.me) {
        let ending = result.map_or_else(|fault| Ending::Failed { fault, at }, Ending::Returned);
        finish(core, particle, ending);
    }
    settled
}

/// Says the result, once.
pub(crate) fn finish(core: &mut Core, particle: &mut Particle, ending: Ending) {
    particle.done = true;
    core.change(keep::done(&particle.id));
    core.gate.say(Output::Finished { particle: particle.id, ending });
}

/// Asks the policy about each call. Says whether one was denied: the run goes on then.
fn admit_calls(
    core: &mut Core,
    particle: &mut Particle,
    run: &mut Run,
    calls: Vec<PendingCall>,
) -> bool {
    let mut denied = false;
    for pending in calls {
        match core.policy.check(core.me, &pending.call) {
            Verdict::Allow => {
                core.open_calls += 1;
                particle.queued.push_back(pending);
            }
            Verdict::Deny(why) => {
                let fault = Fault::new(FaultCode::Denied, why);
                if let Err(error) = run.fail(&pending.position, fault, &*core.keys.signer) {
                    let detail = error.to_string();
                    core.dropped(crate::Reason::Denied, Some(particle.id), None, detail);
                }
                denied = true;
            }
        }
    }
    denied
}

/// Signs and stores what was recorded since the last turn.
fn seal(core: &mut Core, particle: &mut Particle, run: &mut Run) -> bool {
    let Some(body) = run.seal() else { return false };
    let turn = SignedTurn::sign(body, &*core.keys.signer);
    core.change(keep::turn(&turn));
    for record in turn.body.records() {
        let digest = match &record.outcome {
            Ok(digest) => digest,
            Err(fault) => &fault.message,
        };
        if let Some(value) = run.value(digest) {
            core.change(keep::value(&particle.id, &value));
        }
        let key = record.position.idempotency_key(&particle.id);
        if particle.intents.remove(&key) {
            core.change(keep::no_intent(&particle.id, &key));
        }
    }
    core.counters.turns += 1;
    core.report(Report::Sealed { particle: particle.id, turn: turn.body.digest() });
    run.add_own(turn);
    true
}

/// Hands calls to their services, as many as may be under way.
pub(crate) fn make_calls(core: &mut Core, particle: &mut Particle) {
    while particle.calls.len() < core.config.limits.calls_per_particle {
        let Some(PendingCall { position, call }) = particle.queued.pop_front() else { return };
        let key: IdempotencyKey = call.key;
        let again = !particle.intents.insert(key);
        let attempt = if again { Attempt::Again } else { Attempt::First };
        if !again {
            core.change(keep::intent(&particle.id, &key));
        }
        core.counters.calls += 1;
        let node = position.node;
        particle.calls.insert(key, UnderWay { position });
        core.gate.say(Output::Call { node, attempt, call: Box::new(call) });
    }
}
