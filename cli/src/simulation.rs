//! A compiled call in the simulator, with the peers and services of its project.
//!
//! Peers have the names and keys that they have in `run`. Services answer what the test says, then
//! what `aqua.toml` scripts; the builtins without effects are there, and nothing else is: a test
//! never reaches beyond its process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use aquac_driver::Artifact;
use aquac_ir::{Call, FaultCode, Limits, Node, PeerId, ServiceError, Value};
use aquac_peer::{Ending, Report};
use aquac_services::config::{Answer as Configured, ServiceKind};
use aquac_services::{Service, Surroundings, builtins};
use aquac_sim::{
    Answer, Fault, MAX_EVENTS, Said, Script, Services, Setup, Trace, World, error, fits,
};

use crate::callbacks::CALLBACKS;
use crate::project::{CLIENT, Project};
use crate::verdict::Known;
use crate::waiting::{View, failures, together};

/// What a simulation needs beside the program.
#[derive(Debug)]
pub(crate) struct Scenario<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// The client's relay.
    pub(crate) relay: Option<String>,
    /// Patterns of `peer/service/function` with answers; the first that fits counts.
    pub(crate) mocks: Vec<(String, Configured)>,
    /// What goes wrong.
    pub(crate) faults: Vec<Fault>,
    /// How long the particle lives, in milliseconds.
    pub(crate) ttl: u32,
    /// Everything that is left to chance comes from it.
    pub(crate) seed: u64,
}

/// How a simulated run ended, as the client sees it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// With results; none for a function that has none.
    Returned(Vec<Value>),
    /// With a failure.
    Failed(Ending),
    /// With neither.
    Unfinished {
        /// What the client knows.
        known: Known,
        /// Whether the deadline passed.
        expired: bool,
    },
}

/// What came of it.
pub(crate) struct Played {
    /// The end.
    pub(crate) outcome: Outcome,
    /// Everything that happened.
    pub(crate) trace: Trace,
}

impl Scenario<'_> {
    /// Names of the peers that run here. One with an id of its own is somebody else's.
    pub(crate) fn peers(&self) -> Vec<String> {
        let tables = self.project.manifest.peers.iter();
        let own = tables.filter(|(_, table)| table.id.is_none()).map(|(name, _)| name.clone());
        own.filter(|name| name != CLIENT).chain([CLIENT.to_owned()]).collect()
    }

    /// Plays the run to its end.
    pub(crate) fn play(&self, artifact: &Artifact, args: Vec<Value>) -> Played {
        let tables = self.project.manifest.peers.iter();
        let behind = tables.filter_map(|(name, table)| Some((name.clone(), table.relay.clone()?)));
        let mut clients: BTreeMap<String, String> = behind.collect();
        clients.extend(self.relay.iter().map(|relay| (CLIENT.to_owned(), relay.clone())));
        let setup = Setup { faults: self.faults.clone(), clients, ..self.empty() };
        let mut world = World::new(&setup, Box::new(self.services()));
        let program = aquac_ir::encode(&artifact.program);
        let me = crate::keys::development_peer(CLIENT);
        let run = world.run(me, program, args, self.ttl, Limits::default());
        world.run_until_quiet(u64::from(self.ttl) + 1, MAX_EVENTS);
        let ending = run.and_then(|run| world.trace.endings.get(&run)).cloned();
        let outcome = match ending {
            Some(Ending::Returned(values)) => Outcome::Returned(values),
            Some(failed @ Ending::Failed { .. }) => Outcome::Failed(failed),
            None if !returns(artifact) => Outcome::Returned(Vec::new()),
            Some(Ending::Expired { waiting }) => {
                let view = View::alone(me, &waiting);
                Outcome::Unfinished { known: known(&[view], &world.trace), expired: true }
            }
            None => {
                let peers =
                    self.peers().into_iter().map(|name| crate::keys::development_peer(&name));
                let views = run.map(|run| {
                    let view = |id| Some(View::new(id, &world.peer(id)?.standing(&run)));
                    peers.filter_map(view).collect::<Vec<_>>()
                });
                let known = known(&views.unwrap_or_default(), &world.trace);
                Outcome::Unfinished { known, expired: false }
            }
        };
        Played { outcome, trace: world.trace }
    }

    fn empty(&self) -> Setup {
        Setup { peers: self.peers(), ..Setup::new(&[], self.seed) }
    }

    fn services(&self) -> TestServices {
        let mut rules: Vec<(String, Configured)> = self.mocks.clone();
        let mut elsewhere = BTreeMap::new();
        for (peer, table) in &self.project.manifest.peers {
            for service in &table.service {
                elsewhere.insert((peer.clone(), service.id.clone()), service.kind);
                let functions = service.functions.iter();
                rules.extend(functions.filter_map(|(function, config)| {
                    let answer = config.answer.clone()?;
                    Some((format!("{peer}/{}/{function}", service.id), answer))
                }));
            }
        }
        let rules: Vec<(String, Answer)> = rules
            .into_iter()
            .filter_map(|(pattern, answer)| Some((pattern, played(&answer)?)))
            .collect();
        TestServices {
            patterns: rules.iter().map(|(pattern, _)| pattern.clone()).collect(),
            script: Script::new(rules),
            elsewhere,
            builtins: builtins(Arc::new(Nobody)),
            ttl: u64::from(self.ttl),
        }
    }
}

fn known(views: &[View], trace: &Trace) -> Known {
    let (waiting, failed) = (together(views), failures(views));
    Known { waiting, failed, unreached: unreached(trace), silent: Vec::new() }
}

/// Peers that somebody could not reach.
fn unreached(trace: &Trace) -> Vec<PeerId> {
    let peers: BTreeSet<PeerId> = trace
        .reports
        .iter()
        .filter_map(|(_, report)| match report {
            Report::Unreachable { peer, .. } => Some(*peer),
            Report::Dropped { .. }
            | Report::Refused { .. }
            | Report::Sent { .. }
            | Report::Received { .. }
            | Report::Acknowledged { .. }
            | Report::Sealed { .. }
            | Report::ClockDiffers { .. } => None,
        })
        .collect();
    peers.into_iter().collect()
}

/// Both notations are one: what the one writes the other reads.
fn played(answer: &Configured) -> Option<Answer> {
    serde_json::to_value(answer).ok().and_then(|text| serde_json::from_value(text).ok())
}

fn returns(artifact: &Artifact) -> bool {
    artifact.program.nodes.iter().any(|node| matches!(node, Node::Return { .. }))
}

/// The services of all peers in a test.
struct TestServices {
    patterns: Vec<String>,
    script: Script,
    /// Services that `aqua.toml` gives to peers, and of which kind.
    elsewhere: BTreeMap<(String, String), ServiceKind>,
    builtins: BTreeMap<String, Arc<dyn Service>>,
    ttl: u64,
}

impl Services for TestServices {
    fn answer(&mut self, peer: &str, call: &Call) -> Said {
        let asked = format!("{peer}/{}/{}", call.service, call.function);
        if self.patterns.iter().any(|pattern| fits(pattern, &asked)) {
            let (wait, result) = self.script.answer(peer, call);
            return (wait, result.map_err(as_in_run));
        }
        if call.service == CALLBACKS {
            return (0, Ok(Value::Null));
        }
        match self.elsewhere.get(&(peer.to_owned(), call.service.clone())) {
            Some(kind) => (0, Err(unmocked(call, *kind))),
            None => self.builtin(call),
        }
    }
}

impl TestServices {
    /// What every peer answers by itself. Time is the simulator's.
    fn builtin(&self, call: &Call) -> Said {
        let start = i64::try_from(call.deadline.saturating_sub(self.ttl)).unwrap_or(i64::MAX);
        match (call.service.as_str(), call.function.as_str()) {
            ("peer", "timeout") => {
                let argument = |at: usize| call.args.get(at).map(|argument| &argument.value);
                let wait = argument(0).and_then(Value::as_integer).unwrap_or_default();
                let message = argument(1).cloned().unwrap_or_else(|| Value::text(""));
                return (u64::try_from(wait).unwrap_or_default(), Ok(message));
            }
            ("peer", "timestamp_ms") => return (0, Ok(Value::Int(start))),
            ("peer", "timestamp_sec") => return (0, Ok(Value::Int(start / 1000))),
            _ => {}
        }
        let missing = || {
            let message = format!("no such service: {}.{}", call.service, call.function);
            (0, Err(error(FaultCode::Service.number(), message)))
        };
        let needs_a_key = call.service == "sig";
        let Some(service) = self.builtins.get(&call.service).filter(|_| !needs_a_key) else {
            return missing();
        };
        let mut answer = service.call(call.clone());
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => (0, result),
            Poll::Pending => missing(),
        }
    }
}

/// The simulator gives a message as JSON; a scripted service of a real peer gives its text.
fn as_in_run(error: ServiceError) -> ServiceError {
    let text = aquac_ir::from_json(&error.message).ok();
    match text.as_ref().and_then(Value::as_text) {
        Some(text) => ServiceError { message: text.to_owned(), ..error },
        None => error,
    }
}

fn unmocked(call: &Call, kind: ServiceKind) -> ServiceError {
    let kind = match kind {
        ServiceKind::Http => "an HTTP API",
        ServiceKind::Process => "a program",
        ServiceKind::Native => "native",
        ServiceKind::Scripted => "scripted without this function",
    };
    let message = format!(
        "{0}.{1} is {kind}; a test needs `mock.\"{0}.{1}\" = …`",
        call.service, call.function
    );
    error(FaultCode::Service.number(), message)
}

/// What a simulated peer knows about the network: nothing.
struct Nobody;

impl Surroundings for Nobody {
    fn me(&self) -> PeerId {
        crate::keys::development_peer(CLIENT)
    }

    fn addresses(&self) -> Vec<String> {
        Vec::new()
    }

    fn known(&self) -> Vec<PeerId> {
        Vec::new()
    }

    fn is_connected(&self, _: PeerId) -> bool {
        false
    }

    fn contact(&self, _: PeerId) -> Vec<String> {
        Vec::new()
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn verify(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}
