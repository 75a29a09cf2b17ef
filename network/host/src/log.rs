//! Events as records of `tracing`, with fields: `peer`, `event`, and where they are known
//! `particle`, `step` and `line`. A subscriber writes them as text or as JSON.
//!
//! Arguments and answers are never in them: they may be anybody's secrets.

use aquac_ir::{Call, NodeId, ParticleId, PeerId};
use aquac_peer::{Attempt, Ending, Report};

use crate::{Event, Observed};

/// How things are called in records.
pub struct Naming<'a> {
    /// The name of a peer, if it has one.
    pub peer: &'a dyn Fn(PeerId) -> Option<String>,
    /// Where a step stands in the source, if that is known.
    pub line: &'a dyn Fn(ParticleId, NodeId) -> Option<String>,
}

impl Naming<'_> {
    /// Ids, and no lines.
    pub const PLAIN: Self = Naming { peer: &|_| None, line: &|_, _| None };

    fn name(&self, peer: PeerId) -> String {
        (self.peer)(peer).unwrap_or_else(|| peer.to_string())
    }
}

/// How much an event matters to who runs the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Something did not work.
    Warning,
    /// What the peer does.
    Information,
    /// How it does it.
    Detail,
}

/// What is written of an event.
#[derive(Debug, PartialEq, Eq)]
struct Record {
    weight: Weight,
    event: &'static str,
    particle: Option<ParticleId>,
    step: Option<NodeId>,
    detail: String,
}

/// Writes one event: what does not work as a warning, what runs do as information, the rest for
/// debugging.
pub fn log(observed: &Observed, naming: &Naming<'_>) {
    let Record { weight, event, particle, step, detail } = record(&observed.event, naming);
    let peer = naming.name(observed.host);
    let line = particle.zip(step).and_then(|(particle, step)| (naming.line)(particle, step));
    let particle = particle.map(|particle| particle.to_string());
    let (particle, line, step) = (particle.as_deref(), line.as_deref(), step.map(|step| step.0));
    match weight {
        Weight::Warning => {
            tracing::warn!(target: "aquac", peer, event, particle, step, line, "{detail}");
        }
        Weight::Information => {
            tracing::info!(target: "aquac", peer, event, particle, step, line, "{detail}");
        }
        Weight::Detail => {
            tracing::debug!(target: "aquac", peer, event, particle, step, line, "{detail}");
        }
    }
}

fn record(event: &Event, naming: &Naming<'_>) -> Record {
    let plain = |weight, event, detail: String| Record {
        weight,
        event,
        particle: None,
        step: None,
        detail,
    };
    let name = |peer: &PeerId| naming.name(*peer);
    match event {
        Event::Listening { address } => {
            plain(Weight::Information, "listening", address.to_string())
        }
        Event::LinkUp { peer } => plain(Weight::Information, "link-up", name(peer)),
        Event::LinkDown { peer, reason } => {
            plain(Weight::Information, "link-down", format!("{}: {reason}", name(peer)))
        }
        Event::DialFailed { peer, reason } => {
            plain(Weight::Warning, "dial-failed", format!("{}: {reason}", name(peer)))
        }
        Event::Called { node, attempt, call } => {
            let again = match attempt {
                Attempt::First => "",
                Attempt::Again => ", again after a restart",
            };
            let detail = format!("{} for {}{again}", called(call), name(&call.initiator));
            Record { step: Some(*node), ..about(Weight::Information, "called", call, detail) }
        }
        Event::Answered { call, result, took } => {
            let took = took.as_micros();
            match result {
                Ok(_) => {
                    let detail = format!("{} in {took} µs", called(call));
                    about(Weight::Detail, "answered", call, detail)
                }
                Err(error) => {
                    let detail = format!("{} failed: {}", called(call), error.message);
                    about(Weight::Warning, "call-failed", call, detail)
                }
            }
        }
        Event::Report(report) => reported(report, naming),
        Event::Finished { particle, ending } => {
            let (step, detail) = match ending {
                Ending::Returned(_) => (None, "returned".to_owned()),
                Ending::Failed { fault, at } => (*at, format!("failed: {}", fault.message)),
                Ending::Expired { .. } => (None, "expired".to_owned()),
            };
            let finished = plain(Weight::Information, "finished", detail);
            Record { particle: Some(*particle), step, ..finished }
        }
        Event::StoreFailed(error) => plain(Weight::Warning, "store-failed", error.to_string()),
    }
}

fn called(call: &Call) -> String {
    format!("{}.{}", call.service, call.function)
}

fn about(weight: Weight, event: &'static str, call: &Call, detail: String) -> Record {
    Record { weight, event, particle: Some(call.particle), step: None, detail }
}

fn reported(report: &Report, naming: &Naming<'_>) -> Record {
    let record = |weight, event, particle: Option<&ParticleId>, detail: String| Record {
        weight,
        event,
        particle: particle.copied(),
        step: None,
        detail,
    };
    let name = |peer: &PeerId| naming.name(*peer);
    match report {
        Report::Dropped { reason, particle, from, detail } => {
            let from = from.map(|from| format!(", from {}", name(&from))).unwrap_or_default();
            let detail = format!("{reason}: {detail}{from}");
            record(Weight::Warning, "dropped", particle.as_ref(), detail)
        }
        Report::Refused { by, reason, particle } => {
            let detail = format!("{reason}, by {}", name(by));
            record(Weight::Warning, "refused", Some(particle), detail)
        }
        Report::Sent { to, particle, bytes, forwarded } => {
            let forwarded = if *forwarded { ", forwarded" } else { "" };
            let detail = format!("{bytes} bytes to {}{forwarded}", name(to));
            record(Weight::Detail, "sent", Some(particle), detail)
        }
        Report::Received { from, particle, bytes } => {
            let detail = format!("{bytes} bytes from {}", name(from));
            record(Weight::Detail, "received", Some(particle), detail)
        }
        Report::Acknowledged { by, particle } => {
            record(Weight::Detail, "acknowledged", Some(particle), name(by))
        }
        Report::Sealed { particle, turn } => {
            record(Weight::Detail, "sealed", Some(particle), turn.to_string())
        }
        Report::Unreachable { peer, parcels } => {
            let detail = format!("{parcels} parcels wait for {}", name(peer));
            record(Weight::Detail, "unreachable", None, detail)
        }
        Report::ClockDiffers { peer, milliseconds } => {
            let detail = format!("the clock of {} differs by {milliseconds} ms", name(peer));
            record(Weight::Warning, "clock-differs", None, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use aquac_ir::{Argument, Digest, FaultCode, IdempotencyKey, Origin, ServiceError, Value};

    use super::*;

    const BANK: PeerId = PeerId([2; 32]);

    fn call() -> Arc<Call> {
        let origin = Origin::Literal { peer: BANK };
        Arc::new(Call {
            particle: ParticleId(Digest([0; 32])),
            initiator: BANK,
            service: "credit".to_owned(),
            function: "check".to_owned(),
            args: vec![Argument { value: Value::text("confidential"), origin }],
            deadline: 9,
            key: IdempotencyKey(Digest([0; 32])),
        })
    }

    fn written(event: &Event) -> Record {
        let bank = |peer| (peer == BANK).then(|| "bank".to_owned());
        record(event, &Naming { peer: &bank, line: &|_, _| None })
    }

    #[test]
    fn a_record_says_what_and_never_with_which_values() {
        let called = Event::Called { node: NodeId(4), attempt: Attempt::Again, call: call() };
        let expected = Record {
            weight: Weight::Information,
            event: "called",
            particle: Some(ParticleId(Digest([0; 32]))),
            step: Some(NodeId(4)),
            detail: "credit.check for bank, again after a restart".to_owned(),
        };
        assert_eq!(written(&called), expected);
        let took = Duration::from_micros(15);
        let answered =
            Event::Answered { call: call(), result: Ok(Value::text("confidential")), took };
        assert_eq!(written(&answered).detail, "credit.check in 15 µs");
        let error = ServiceError { code: FaultCode::Expired.number(), message: "late".to_owned() };
        let failed = written(&Event::Answered { call: call(), result: Err(error), took });
        assert_eq!(
            (failed.weight, failed.detail),
            (Weight::Warning, "credit.check failed: late".to_owned())
        );
    }
}
