//! Takes a run as far as it goes: steps, turns, calls, and what others must be told.
//!
//! Only what leaves is signed. A record on which a call of this peer rests is stored at once, and
//! signed with those that follow it when somebody must be told, or when nothing is under way.

use std::mem;

use aquac_ir::{Fault, IdempotencyKey, PeerId};
use aquac_vm::{Entry, NamedTurn, PendingCall, Run, Status};

use crate::deliver::deliver;
use crate::particle::{Particle, UnderWay};
use crate::policy::Verdict;
use crate::reach::{self, Asked};
use crate::shared::Core;
use crate::wire::{turn_bytes, value_bytes};
use crate::{Attempt, Ending, Output, Reason, Report, Time, keep};

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

/// Records that may wait for a signature. More are signed although nothing leaves.
const MOST_UNSEALED: usize = 256;

/// Goes on with a particle whose run has got something new.
pub(crate) fn settle(core: &mut Core, particle: &mut Particle) -> Settled {
    let Some(mut run) = particle.run.take() else { return Settled::Quiet };
    let (records, calls) = (run.unsealed().len(), particle.open_calls().1);
    let mine = particle.initiator() == core.me && !particle.done;
    let (status, asked, result, sealed) = loop {
        let status = go_on(core, particle, &mut run);
        let result = if mine { run.result() } else { None };
        // Before anything is said to have to leave: what is given up need not.
        let asked = match status {
            Status::OutOfFuel => Asked::Nothing,
            Status::Waiting | Status::Complete | Status::Failed => {
                reach::ask(core, particle, &mut run)
            }
        };
        if asked == Asked::GaveUp {
            continue;
        }
        let ended = result.is_some();
        if asked == Asked::Nothing && is_time(core.now, particle, &mut run, status, ended) {
            break (status, asked, result, seal(core, particle, &mut run));
        }
        note(core, particle, &run);
        break (status, asked, None, false);
    };
    let moved = run.unsealed().len() > records || particle.open_calls().1 > calls;
    let departures = if asked == Asked::Waits { Vec::new() } else { run.forward() };
    let at = run.failed_at();
    particle.run = Some(run);
    let settled = match status {
        Status::OutOfFuel => Settled::Hungry,
        _ if moved || sealed || !departures.is_empty() => Settled::Moved,
        Status::Waiting | Status::Complete | Status::Failed => Settled::Quiet,
    };
    deliver(core, particle, departures);
    if let Some(result) = result {
        let ending = result.map_or_else(|fault| Ending::Failed { fault, at }, Ending::Returned);
        finish(core, particle, ending);
    }
    settled
}

/// Steps until nothing is left to do, or the fuel is used up.
fn go_on(core: &mut Core, particle: &mut Particle, run: &mut Run) -> Status {
    loop {
        core.counters.steps += 1;
        let before = run.work().events;
        let outcome = run.step(core.config.limits.fuel);
        let used = run.work().events - before;
        core.accounts.burn(particle.initiator(), core.now, used, &core.config.limits);
        let refused = admit_calls(core, particle, run, outcome.calls);
        if outcome.status == Status::OutOfFuel || !refused {
            return outcome.status;
        }
    }
}

/// Whether what was recorded is signed now: somebody must be told, the run has ended, nothing here
/// will add to it by itself, or there is much of it. Answers of the same instant leave as one.
fn is_time(now: Time, particle: &Particle, run: &mut Run, status: Status, ended: bool) -> bool {
    let much = run.unsealed().len() >= MOST_UNSEALED;
    let at_rest = particle.open_calls() == (0, 0);
    match status {
        Status::OutOfFuel => much,
        Status::Waiting | Status::Complete | Status::Failed => {
            let gathers = particle.gathers.is_some_and(|until| now < until);
            ended || at_rest || much || (!gathers && run.has_departures())
        }
    }
}

/// Says the result. That it was said is stored when the host has it: a peer that stops in between
/// says it again.
pub(crate) fn finish(core: &mut Core, particle: &mut Particle, ending: Ending) {
    particle.done = true;
    core.gate.say(Output::Finished { particle: particle.id, ending });
}

/// Asks the policy about each call. Says whether one was refused: the run goes on then.
fn admit_calls(
    core: &mut Core,
    particle: &mut Particle,
    run: &mut Run,
    calls: Vec<PendingCall>,
) -> bool {
    let initiator = particle.initiator();
    let mut refused = false;
    for pending in calls {
        let (under_way, queued) = particle.open_calls();
        let refusal = match run.lacks_room(under_way + queued) {
            Some(fault) => Some((Reason::Quota, fault.message)),
            None => refusal_of(core, &initiator, &pending),
        };
        match refusal {
            None => {
                core.calls.wait(initiator, particle.id);
                particle.calls().queued.push_back(pending);
            }
            Some((reason, why)) => {
                let fault = Fault::new(reason.fault(), why.as_str());
                // The step is pending: it was handed out just now.
                drop(run.fail(&pending.position, fault, &*core.keys.signer));
                core.dropped(reason, Some(particle.id), Some(initiator), why);
                refused = true;
            }
        }
    }
    refused
}

/// Why a call does not reach its service, if it does not.
fn refusal_of(
    core: &mut Core,
    initiator: &PeerId,
    pending: &PendingCall,
) -> Option<(Reason, String)> {
    match core.policy.check(core.me, &pending.call) {
        Verdict::Deny(why) => Some((Reason::Denied, why)),
        Verdict::Allow if core.calls.has_room(initiator, &core.config.limits) => None,
        Verdict::Allow => {
            let why = format!("too many calls of {initiator} wait here");
            Some((Reason::Overloaded, why))
        }
    }
}

/// Stores what was recorded and is not signed yet: calls may rest on it.
fn note(core: &mut Core, particle: &mut Particle, run: &Run) {
    let new = run.unsealed().get(particle.noted..).unwrap_or_default();
    keep_outcomes(core, particle, run, new);
    for entry in new {
        let id = &particle.id;
        let change = core.keeps(|| keep::entry(id, particle.noted, entry));
        change.into_iter().for_each(|change| core.change(change));
        particle.noted += 1;
    }
}

/// Stores the values of records; their calls are not under way any more.
fn keep_outcomes(core: &mut Core, particle: &mut Particle, run: &Run, entries: &[Entry]) {
    let records = entries.iter().filter_map(|entry| match entry {
        Entry::Record(record) => Some(record),
        Entry::Saw { .. } => None,
    });
    for record in records {
        let digest = match &record.outcome {
            Ok(digest) => digest,
            Err(fault) => &fault.message,
        };
        if let Some(Some(value)) = core.keeps(|| run.value(digest)) {
            core.change(keep::value(&particle.id, digest, value_bytes(&value)));
        }
        let id = particle.id;
        if let Some(calls) = particle.made_calls().filter(|calls| !calls.intents.is_empty()) {
            let key = record.position.idempotency_key(&id);
            if calls.intents.remove(&key).is_some() {
                core.change(keep::no_intent(&id, &key));
            }
        }
    }
}

/// Signs and stores what was recorded since the last turn.
fn seal(core: &mut Core, particle: &mut Particle, run: &mut Run) -> bool {
    particle.gathers = None;
    let noted = mem::take(&mut particle.noted);
    let Some(body) = run.seal() else { return false };
    if noted > 0 {
        core.change(keep::no_entries(&particle.id));
    }
    keep_outcomes(core, particle, run, body.entries.get(noted..).unwrap_or_default());
    let turn = NamedTurn::sign(body, &*core.keys.signer);
    let change = core.keeps(|| keep::turn(turn.turn(), turn_bytes(turn.turn())));
    change.into_iter().for_each(|change| core.change(change));
    core.counters.turns += 1;
    core.report(Report::Sealed { particle: particle.id, turn: turn.digest() });
    run.add_own(turn);
    true
}

/// Hands the call that waited longest to its service.
pub(crate) fn make_call(core: &mut Core, particle: &mut Particle) {
    let next = particle.calls().queued.pop_front();
    let Some(PendingCall { position, mut call }) = next else { return };
    let key: IdempotencyKey = call.key;
    let again = particle.calls().intents.insert(key, ()).is_some();
    let attempt = if again { Attempt::Again } else { Attempt::First };
    if !again {
        core.change(keep::intent(&particle.id, &key));
    }
    core.counters.calls += 1;
    let node = position.node;
    let end = core.now.after(core.config.limits.call_time);
    let ends = (end.0 < call.deadline).then_some(end);
    if let Some(end) = ends {
        call.deadline = end.0;
        core.calls.ends_at(end, particle.id, key);
    }
    particle.calls().under_way.insert(key, UnderWay { position, ends });
    core.gate.say(Output::Call { node, attempt, call: Box::new(call) });
}
