//! What happens in a peer, as data: the lines of `--trace` and of the logs of a local network.
//!
//! One JSON object a line. `at` is Unix time in milliseconds by the peer's clock, `peer` its name
//! (or id, if it has none here), `event` what happened, and the rest belongs to the event. The
//! form is an interface, `aquac.trace/1`: `cli/FORMATS.md` lists every event.

use std::time::Duration;

use aquac_base::SourceMap;
use aquac_host::{Event, Observed};
use aquac_ir::{Digest, NodeId, PeerId, ServiceError, Value, to_json};
use aquac_peer::{Attempt, Ending, Report};
use serde::{Deserialize, Serialize};

use crate::log::Level;

/// Longest text of a value in a line, in bytes; of a longer one only its length is there.
const MAX_VALUE_BYTES: usize = 4096;
/// Longest value in a line for people.
const MAX_SHOWN: usize = 60;

/// Something that happened, with where and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Unix time in milliseconds.
    pub(crate) at: u64,
    /// Where.
    pub(crate) peer: String,
    /// What.
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub(crate) enum What {
    /// The peer is reached here.
    Listening { address: String },
    /// A link is up.
    LinkUp { other: String },
    /// A link is down.
    LinkDown { other: String, reason: String },
    /// A peer could not be reached.
    DialFailed { other: String, reason: String },
    /// A service is asked.
    Called {
        particle: String,
        node: u32,
        /// The digest of the program.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        program: Option<String>,
        /// `file:line:column` of the step, where the program's sources are known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        source: Option<String>,
        service: String,
        function: String,
        args: Vec<serde_json::Value>,
        /// Whether the peer may have asked before, with the same key.
        again: bool,
    },
    /// A service has answered: `result`, or `error`.
    Answered {
        particle: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        node: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        program: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        source: Option<String>,
        service: String,
        function: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        result: Option<serde_json::Value>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        error: Option<Wrong>,
        milliseconds: u64,
    },
    /// A frame with a particle left.
    Sent { particle: String, other: String, bytes: usize, forwarded: bool },
    /// A frame with a particle arrived.
    Received { particle: String, other: String, bytes: usize },
    /// A neighbour has what was sent.
    Acknowledged { particle: String, other: String },
    /// The peer signed a turn.
    Sealed { particle: String, turn: String },
    /// Something was not accepted, or given up.
    Dropped {
        reason: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        particle: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        other: Option<String>,
        detail: String,
    },
    /// A neighbour refused something.
    Refused { particle: String, other: String, reason: String },
    /// Something waits for a peer that cannot be reached.
    Unreachable { other: String, parcels: usize },
    /// A neighbour's clock differs too much.
    ClockDiffers { other: String, milliseconds: i64 },
    /// A run that began here has ended: `returned`, `failed` or `expired`.
    Finished { particle: String, ending: String },
    /// The store takes nothing: nothing is acknowledged until it does.
    StoreFailed { reason: String },
    /// The store works again.
    StoreWorks { milliseconds: u64 },
    /// Something that is no event, in words.
    Note { text: String },
}

/// An error of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wrong {
    code: i64,
    message: String,
}

/// What is known beside the events themselves.
pub(crate) trait Names {
    /// What a peer is called.
    fn peer(&self, id: PeerId) -> String;

    /// Where a step of a program stands in the sources.
    fn source(&self, _: Option<Digest>, _: NodeId) -> Option<String> {
        None
    }
}

impl Entry {
    /// An event as data.
    pub(crate) fn of(observed: &Observed, names: &impl Names) -> Self {
        let Observed { host, at, event } = observed;
        Self { at: at.0, peer: names.peer(*host), what: what(event, names) }
    }

    /// Without arguments and answers, which may be anybody's secrets.
    pub(crate) fn discreet(mut self) -> Self {
        if let What::Called { args, .. } = &mut self.what {
            args.clear();
        } else if let What::Answered { result, .. } = &mut self.what {
            *result = None;
        }
        self
    }

    /// How much an event matters to whoever runs the peer.
    pub(crate) const fn level(event: &Event) -> Level {
        match event {
            Event::StoreFailed(_) => Level::Error,
            Event::DialFailed { .. }
            | Event::StoreWorks { .. }
            | Event::Answered { result: Err(_), .. }
            | Event::Report(
                Report::Dropped { .. } | Report::Refused { .. } | Report::ClockDiffers { .. },
            ) => Level::Warn,
            Event::Listening { .. }
            | Event::LinkUp { .. }
            | Event::LinkDown { .. }
            | Event::Called { .. }
            | Event::Finished { .. } => Level::Info,
            Event::Answered { result: Ok(_), .. }
            | Event::Report(
                Report::Sent { .. }
                | Report::Received { .. }
                | Report::Acknowledged { .. }
                | Report::Sealed { .. }
                | Report::Unreachable { .. },
            ) => Level::Debug,
        }
    }

    /// The run that it belongs to.
    pub(crate) fn particle(&self) -> Option<&str> {
        match &self.what {
            What::Called { particle, .. }
            | What::Answered { particle, .. }
            | What::Sent { particle, .. }
            | What::Received { particle, .. }
            | What::Acknowledged { particle, .. }
            | What::Sealed { particle, .. }
            | What::Refused { particle, .. }
            | What::Finished { particle, .. } => Some(particle),
            What::Dropped { particle, .. } => particle.as_deref(),
            What::Listening { .. }
            | What::LinkUp { .. }
            | What::LinkDown { .. }
            | What::DialFailed { .. }
            | What::Unreachable { .. }
            | What::ClockDiffers { .. }
            | What::StoreFailed { .. }
            | What::StoreWorks { .. }
            | What::Note { .. } => None,
        }
    }

    /// For people, without time and peer.
    pub(crate) fn text(&self) -> String {
        match &self.what {
            What::Listening { address } => format!("listens on {address}"),
            What::LinkUp { other } => format!("is linked with {other}"),
            What::LinkDown { other, reason } => format!("has lost the link with {other}: {reason}"),
            What::DialFailed { other, reason } => format!("cannot reach {other}: {reason}"),
            What::Called { particle, source, service, function, args, again, .. } => {
                let args = if args.is_empty() { String::new() } else { shown(args) };
                let (again, at) = (if *again { " again" } else { "" }, at(source.as_ref()));
                format!("{particle} asks {service}.{function}{args}{again}{at}")
            }
            What::Answered {
                particle,
                service,
                function,
                source,
                result,
                error,
                milliseconds,
                ..
            } => {
                let what = match (result, error) {
                    (_, Some(wrong)) => format!("failed: {}", wrong.message),
                    (Some(value), None) => format!("= {}", cut(&value.to_string())),
                    (None, None) => "answered".to_owned(),
                };
                format!(
                    "{particle} {service}.{function} {what} ({milliseconds} ms){}",
                    at(source.as_ref())
                )
            }
            What::Sent { particle, other, bytes, forwarded } => {
                let how = if *forwarded { "is passed on" } else { "goes" };
                format!("{particle} {how} to {other}, {bytes} bytes")
            }
            What::Received { particle, other, bytes } => {
                format!("{particle} comes from {other}, {bytes} bytes")
            }
            What::Acknowledged { particle, other } => format!("{particle} is kept by {other}"),
            What::Sealed { particle, turn } => format!("{particle} signed {turn}"),
            What::Dropped { reason, particle, other, detail } => {
                dropped(reason, particle.as_deref(), other.as_deref(), detail)
            }
            What::Refused { particle, other, reason } => {
                format!("{particle} is refused by {other} ({reason})")
            }
            What::Unreachable { other, parcels } => {
                format!("{parcels} parcels wait for {other}, which cannot be reached")
            }
            What::ClockDiffers { other, milliseconds: ms } => {
                format!("the clock of {other} is {ms} ms ahead")
            }
            What::Finished { particle, ending } => format!("{particle} {ending}"),
            What::StoreFailed { reason } => {
                format!("{reason}; nothing is acknowledged until it works, it is tried again")
            }
            What::StoreWorks { milliseconds: ms } => {
                format!("the store works again, after {ms} ms")
            }
            What::Note { text } => text.clone(),
        }
    }
}

fn what(event: &Event, names: &impl Names) -> What {
    match event {
        Event::Listening { address } => What::Listening { address: address.to_string() },
        Event::LinkUp { peer } => What::LinkUp { other: names.peer(*peer) },
        Event::LinkDown { peer, reason } => {
            What::LinkDown { other: names.peer(*peer), reason: reason.clone() }
        }
        Event::DialFailed { peer, reason } => {
            What::DialFailed { other: names.peer(*peer), reason: reason.clone() }
        }
        Event::Called { node, attempt, program, call } => What::Called {
            particle: call.particle.to_string(),
            node: node.0,
            program: program.map(|digest| digest.to_string()),
            source: names.source(*program, *node),
            service: call.service.clone(),
            function: call.function.clone(),
            args: call.args.iter().map(|argument| bounded(&argument.value)).collect(),
            again: *attempt == Attempt::Again,
        },
        Event::Answered { node, program, call, result, took } => What::Answered {
            particle: call.particle.to_string(),
            node: Some(node.0),
            program: program.map(|digest| digest.to_string()),
            source: names.source(*program, *node),
            service: call.service.clone(),
            function: call.function.clone(),
            result: result.as_ref().ok().map(bounded),
            error: result.as_ref().err().map(wrong),
            milliseconds: millis(*took),
        },
        Event::Report(report) => reported(report, names),
        Event::Finished { particle, ending } => {
            What::Finished { particle: particle.to_string(), ending: ended(ending).to_owned() }
        }
        Event::StoreFailed(error) => What::StoreFailed { reason: error.to_string() },
        Event::StoreWorks { after } => What::StoreWorks { milliseconds: millis(*after) },
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn wrong(error: &ServiceError) -> Wrong {
    Wrong { code: error.code, message: error.message.clone() }
}

fn reported(report: &Report, names: &impl Names) -> What {
    let name = |peer: &PeerId| names.peer(*peer);
    match report {
        Report::Dropped { reason, particle, from, detail } => What::Dropped {
            reason: reason.label().to_owned(),
            particle: particle.map(|id| id.to_string()),
            other: from.as_ref().map(name),
            detail: detail.clone(),
        },
        Report::Refused { by, reason, particle } => What::Refused {
            particle: particle.to_string(),
            other: name(by),
            reason: reason.label().to_owned(),
        },
        Report::Sent { to, particle, bytes, forwarded } => What::Sent {
            particle: particle.to_string(),
            other: name(to),
            bytes: *bytes,
            forwarded: *forwarded,
        },
        Report::Received { from, particle, bytes } => {
            What::Received { particle: particle.to_string(), other: name(from), bytes: *bytes }
        }
        Report::Acknowledged { by, particle } => {
            What::Acknowledged { particle: particle.to_string(), other: name(by) }
        }
        Report::Sealed { particle, turn } => {
            What::Sealed { particle: particle.to_string(), turn: turn.to_string() }
        }
        Report::Unreachable { peer, parcels } => {
            What::Unreachable { other: name(peer), parcels: *parcels }
        }
        Report::ClockDiffers { peer, milliseconds } => {
            What::ClockDiffers { other: name(peer), milliseconds: *milliseconds }
        }
    }
}

const fn ended(ending: &Ending) -> &'static str {
    match ending {
        Ending::Returned(_) => "returned",
        Ending::Failed { .. } => "failed",
        Ending::Expired { .. } => "expired",
    }
}

/// The value, or of one that is too long its length: `{"bytes": n}`.
fn bounded(value: &Value) -> serde_json::Value {
    let bytes = to_json(value).len();
    if bytes > MAX_VALUE_BYTES {
        return serde_json::json!({ "bytes": bytes });
    }
    serde_json::to_value(value).unwrap_or_default()
}

fn dropped(reason: &str, particle: Option<&str>, other: Option<&str>, detail: &str) -> String {
    let whose = particle.map(|id| format!("{id} ")).unwrap_or_default();
    let from = other.map(|id| format!(" of {id}")).unwrap_or_default();
    format!("{whose}dropped{from} ({reason}): {detail}")
}

fn at(source: Option<&String>) -> String {
    source.map(|place| format!(" at {place}")).unwrap_or_default()
}

fn shown(args: &[serde_json::Value]) -> String {
    let texts: Vec<String> = args.iter().map(|value| cut(&value.to_string())).collect();
    format!("({})", texts.join(", "))
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(MAX_SHOWN).collect();
    if short.len() == text.len() { short } else { format!("{short}…") }
}

/// `file:line:column` of a byte of a source, both counted from 1.
pub(crate) fn place(sources: &SourceMap, name: &str, start: u32) -> Option<String> {
    let (_, source) = sources.iter().find(|(_, source)| source.name == *name)?;
    let at = source.line_column(start);
    Some(format!("{name}:{}:{}", at.line, at.column))
}
