//! Runs a job, and says what came of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use aquac_ir::{Call, Debug, Fault, IdempotencyKey, Origin, ParticleId, PeerId, Value, from_json};
use aquac_peer::Ending;
use aquac_peer::vm::{Iteration, Position, Run, Waiting, WaitsFor};
use serde::Serialize;

use crate::answer::{Said, Script};
use crate::job::{Job, JobError, Source};
use crate::names::Names;
use crate::trace::Message;
use crate::world::{Services, Setup, Signing, Stop, World};

/// Events after which a job gives up, unless it says otherwise.
pub const MAX_EVENTS: u64 = 10_000_000;

/// The name under which AIR programs ask for their relay.
const RELAY_ARGUMENT: &str = "-relay-";

/// What a service was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallLine {
    /// On which peer.
    pub peer: String,
    /// The service.
    pub service: String,
    /// The function.
    pub function: String,
    /// The arguments.
    pub args: Vec<Value>,
    /// Where each comes from: of an AIR program a list of the reference's tetraplets.
    pub origins: Vec<Value>,
    /// `{"ok": value}` or `{"err": [code, message]}`.
    pub result: ResultLine,
}

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultLine {
    /// A value.
    Ok(Value),
    /// A code and a message.
    Err(i64, String),
}

/// A frame that carried a particle over one link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageLine {
    /// Who sent it.
    pub from: String,
    /// Who was to receive it.
    pub to: String,
    /// Its length.
    pub bytes: usize,
}

/// A step that is not finished.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WaitingLine {
    /// Where it happens; if that is not known, who sees it waiting.
    pub peer: String,
    /// Which step: the node and its iterations.
    pub position: String,
    /// The line in the source, if there is a debug table.
    pub line: Option<u32>,
    /// What it waits for.
    pub r#for: String,
}

/// How a run stands at a peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FinalLine {
    /// 0, or the fault's number.
    pub code: i64,
    /// The fault's text, or nothing.
    pub message: String,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The program's results as an array; `null` if it gave none.
    pub response: Option<Value>,
    /// The error that it reported, or that nothing caught.
    pub error: Option<Value>,
    /// Service calls in the order of their records.
    pub calls: Vec<CallLine>,
    /// Frames that carried particles.
    pub messages: Vec<MessageLine>,
    /// Their bytes.
    pub bytes: usize,
    /// Times that a run went on.
    pub steps: u64,
    /// Turns that were signed.
    pub turns: usize,
    /// Their digests, in order.
    pub turn_digests: Vec<String>,
    /// Steps that are not finished.
    pub waiting: Vec<WaitingLine>,
    /// How the run stands at each peer that knows it.
    pub r#final: BTreeMap<String, FinalLine>,
    /// Why it stopped: `quiet`, `time` or `events`.
    pub stopped: &'static str,
    /// Milliseconds of virtual time.
    pub elapsed: u64,
    /// Whether the run ended by itself, with results or an error.
    #[serde(skip)]
    pub ended: bool,
    /// Calls for which a service did something twice.
    #[serde(skip)]
    pub twice: Vec<String>,
    /// Endings beyond the first.
    #[serde(skip)]
    pub more_endings: u64,
}

/// What the initiator's own services were told.
#[derive(Debug, Default)]
struct Told {
    response: Option<Value>,
    error: Option<Value>,
    /// Of an AIR program, where the arguments of each call come from in the reference's words.
    tetraplets: BTreeMap<IdempotencyKey, Value>,
}

/// The services of a job: what every AIR program has, then the script.
struct JobServices {
    init: String,
    args: BTreeMap<String, Value>,
    script: Script,
    told: Rc<RefCell<Told>>,
    is_air: bool,
}

impl Services for JobServices {
    fn answer(&mut self, peer: &str, call: &Call) -> Said {
        self.answer_in(peer, call, None)
    }

    fn answer_in(&mut self, peer: &str, call: &Call, run: Option<&Run>) -> Said {
        let origins = run.filter(|_| self.is_air).and_then(|run| tetraplets(run, call));
        if let Some(origins) = &origins {
            self.told.borrow_mut().tetraplets.insert(call.key, origins.clone());
        }
        if peer == self.init {
            let values = || call.args.iter().map(|argument| argument.value.clone()).collect();
            match (call.service.as_str(), call.function.as_str()) {
                ("getDataSrv", name) => {
                    if let Some(value) = self.args.get(name) {
                        return (0, Ok(value.clone()));
                    }
                }
                ("callbackSrv", "response") => {
                    self.told.borrow_mut().response = Value::array(values()).ok();
                    return (0, Ok(empty_object()));
                }
                ("errorHandlingSrv", "error") => {
                    let mut told = self.told.borrow_mut();
                    let first = call.args.first().map(|argument| argument.value.clone());
                    told.error = told.error.take().or(first);
                    return (0, Ok(empty_object()));
                }
                _ => {}
            }
        }
        self.script.answer_from(peer, call, origins.as_ref())
    }
}

fn tetraplets(run: &Run, call: &Call) -> Option<Value> {
    let text = serde_json::to_string(&run.tetraplets(&call.key)?).ok()?;
    from_json(&text).ok()
}

fn empty_object() -> Value {
    Value::object(BTreeMap::new()).expect("an empty object is not nested")
}

/// A world in which a job can begin.
struct Prepared {
    world: World,
    init: PeerId,
    args: Vec<Value>,
    told: Rc<RefCell<Told>>,
}

/// Runs a job with its compiled program.
///
/// # Errors
///
/// [`JobError`] if the job contradicts itself.
pub fn run_job(job: &Job, program: Vec<u8>, debug: Option<&Debug>) -> Result<Outcome, JobError> {
    let Prepared { mut world, init, args, told } = prepare(job, debug)?;
    let id = world.run(init, program, args, job.ttl, job.limits.of_header());
    let events = job.limits.events.unwrap_or(MAX_EVENTS);
    // Not beyond the deadline: then the peers have forgotten what they waited for.
    let stop = world.run_until_quiet(u64::from(job.ttl), events);
    let told = std::mem::take(&mut *told.borrow_mut());
    Ok(outcome(&world, id, told, stop, debug))
}

/// What [`run_job`] begins with, for a real network that is to be compared: it needs the key of
/// the initiator's name, the network `sim`, and a timestamp of today.
///
/// # Errors
///
/// [`JobError`] if the job contradicts itself.
pub fn start_of(
    job: &Job,
    program: Vec<u8>,
    debug: Option<&Debug>,
) -> Result<aquac_peer::Start, JobError> {
    let Prepared { mut world, init, args, .. } = prepare(job, debug)?;
    let start = world.draft(init, program, args, job.ttl, job.limits.of_header());
    start.ok_or_else(|| JobError::UnknownPeer(job.init.clone()))
}

fn prepare(job: &Job, debug: Option<&Debug>) -> Result<Prepared, JobError> {
    let peers = job.all_peers()?;
    let setup = Setup {
        peers,
        seed: job.seed,
        start: job.start(),
        signing: Signing::Ed25519,
        faults: job.faults.clone(),
        // As in the reference's runs: the initiator has a relay, and whoever knows its id reaches it.
        clients: BTreeMap::new(),
        relays: job.relay.iter().map(|relay| (job.init.clone(), relay.clone())).collect(),
        volatile: Default::default(),
        limits: Default::default(),
    };
    let names = names_of(&setup);
    let told = Rc::new(RefCell::new(Told::default()));
    let mut args: BTreeMap<String, Value> =
        job.args.iter().map(|(name, value)| (name.clone(), names.expand_value(value))).collect();
    if let Some(relay) = &job.relay {
        let id = names.id(relay).ok_or_else(|| JobError::UnknownPeer(relay.clone()))?;
        args.insert(RELAY_ARGUMENT.to_owned(), Value::text(&id.to_string()));
    }
    let positional = positional(job, debug, &args)?;
    let services = JobServices {
        init: job.init.clone(),
        args,
        script: Script::new(expand_script(job, &names)),
        told: told.clone(),
        is_air: matches!(job.program, Source::Air { .. }),
    };
    let world = World::new(&setup, Box::new(services));
    let init = names.id(&job.init).ok_or_else(|| JobError::UnknownPeer(job.init.clone()))?;
    Ok(Prepared { world, init, args: positional, told })
}

fn names_of(setup: &Setup) -> Names {
    let keys = setup.peers.iter().map(|name| (name.clone(), setup.signing.keys(name)));
    Names::new(keys.map(|(name, keys)| (name, keys.signer.peer())))
}

fn expand_script(job: &Job, names: &Names) -> Vec<(String, crate::Answer)> {
    let rule = |(glob, answer): &(String, crate::Answer)| (glob.clone(), answer.expand(names));
    job.services.iter().map(rule).collect()
}

/// The program's own arguments, in the order of its parameters. A list names them by number.
fn positional(
    job: &Job,
    debug: Option<&Debug>,
    args: &BTreeMap<String, Value>,
) -> Result<Vec<Value>, JobError> {
    let parameters = debug.map_or(&[][..], |debug| &debug.parameters);
    let listed = (0..).take_while(|number| args.contains_key(&number.to_string())).count();
    if listed > parameters.len() {
        return Err(match job.program {
            Source::Air { .. } => JobError::ArgumentsByNumber,
            Source::Aqua { .. } => JobError::TooManyArguments(listed, parameters.len()),
        });
    }
    if debug.is_some() && matches!(job.program, Source::Aqua { .. }) {
        all_known(job, parameters)?;
    }
    let value = |(number, name): (usize, &String)| {
        let value = args.get(name).or_else(|| args.get(&number.to_string()));
        value.cloned().ok_or_else(|| JobError::MissingArgument(name.clone()))
    };
    parameters.iter().enumerate().map(value).collect()
}

/// A function has all the arguments that the job names. AIR programs ask for theirs while they
/// run.
fn all_known(job: &Job, parameters: &[String]) -> Result<(), JobError> {
    let known = |name: &String| {
        let number = name.parse::<usize>();
        parameters.contains(name) || number.is_ok_and(|number| number < parameters.len())
    };
    let Some(name) = job.args.keys().find(|name| !known(name)) else { return Ok(()) };
    let quoted: Vec<String> = parameters.iter().map(|name| format!("\"{name}\"")).collect();
    let known = if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") };
    Err(JobError::UnknownArgument { name: name.clone(), known })
}

fn outcome(
    world: &World,
    id: Option<ParticleId>,
    told: Told,
    stop: Stop,
    debug: Option<&Debug>,
) -> Outcome {
    let names = &world.names;
    let (response, error) = ending(id.and_then(|id| world.trace.endings.get(&id)));
    let shorten = |value: Value| names.shorten_value(&value);
    Outcome {
        response: told.response.clone().or(response).map(shorten),
        error: told.error.clone().or(error).map(shorten),
        calls: world.trace.calls.iter().map(|asked| call_line(names, asked, &told)).collect(),
        messages: world.trace.messages.iter().map(|m| message_line(names, m)).collect(),
        bytes: world.trace.bytes(),
        steps: world.peers().map(|peer| peer.counters().steps).sum(),
        turns: world.trace.turns.len(),
        turn_digests: world.trace.turns.iter().map(|(_, digest)| digest.to_string()).collect(),
        waiting: id.map(|id| waiting_lines(world, id, debug)).unwrap_or_default(),
        r#final: id.map(|id| final_lines(world, id)).unwrap_or_default(),
        stopped: match stop {
            Stop::Quiet => "quiet",
            Stop::Time => "time",
            Stop::Events => "events",
        },
        elapsed: world.elapsed(),
        ended: id.is_some_and(|id| has_ended(world, id)),
        twice: twice(world),
        more_endings: world.trace.more_endings,
    }
}

fn has_ended(world: &World, id: ParticleId) -> bool {
    matches!(world.trace.endings.get(&id), Some(Ending::Returned(_) | Ending::Failed { .. }))
}

/// The calls for which a service did something twice.
fn twice(world: &World) -> Vec<String> {
    let done_twice = |peer: PeerId, call: &Call| {
        world.trace.effects.get(&(peer, call.key)).is_some_and(|times| *times > 1)
    };
    let calls = world.trace.calls.iter().filter(|asked| done_twice(asked.peer, &asked.call));
    calls
        .map(|asked| {
            let (name, call) = (world.names.name(asked.peer), &asked.call);
            format!("{name}/{}/{}", call.service, call.function)
        })
        .collect()
}

/// The results and the error of a run that ended by itself.
fn ending(ending: Option<&Ending>) -> (Option<Value>, Option<Value>) {
    match ending {
        Some(Ending::Returned(values)) if !values.is_empty() => {
            (Value::array(values.clone()).ok(), None)
        }
        Some(Ending::Failed { fault, .. }) => (None, Some(fault_object(fault))),
        Some(Ending::Returned(_) | Ending::Expired { .. }) | None => (None, None),
    }
}

fn message_line(names: &Names, message: &Message) -> MessageLine {
    MessageLine { from: names.name(message.from), to: names.name(message.to), bytes: message.bytes }
}

fn fault_object(fault: &Fault) -> Value {
    let text = format!(
        r#"{{"error_code":{},"message":{}}}"#,
        fault.code.number(),
        Value::text(&fault.message)
    );
    from_json(&text).unwrap_or(Value::Null)
}

fn call_line(names: &Names, asked: &crate::Asked, told: &Told) -> CallLine {
    let tetraplets = told.tetraplets.get(&asked.call.key).and_then(Value::as_array);
    let origin = |origin: &Origin| {
        let text = serde_json::to_string(origin).unwrap_or_default();
        names.shorten_value(&from_json(&text).unwrap_or(Value::Null))
    };
    CallLine {
        peer: names.name(asked.peer),
        service: names.shorten(&asked.call.service),
        function: names.shorten(&asked.call.function),
        args: asked.call.args.iter().map(|arg| names.shorten_value(&arg.value)).collect(),
        origins: match tetraplets {
            Some(each) => each.iter().map(|all| names.shorten_value(all)).collect(),
            None => asked.call.args.iter().map(|arg| origin(&arg.origin)).collect(),
        },
        result: match &asked.result {
            Ok(value) => ResultLine::Ok(names.shorten_value(value)),
            Err(error) => ResultLine::Err(error.code, names.shorten(&error.message)),
        },
    }
}

/// What waits, as the peers see it together: each step once.
fn waiting_lines(world: &World, id: ParticleId, debug: Option<&Debug>) -> Vec<WaitingLine> {
    let mut lines = BTreeMap::new();
    let mut seen: Seen = BTreeMap::new();
    for peer in world.peers().filter(|peer| peer.run(&id).is_some()) {
        let here = seen.entry(peer.id()).or_default();
        for waiting in peer.waiting(&id) {
            here.insert(waiting.position.clone());
            let at = waiting.place.unwrap_or(peer.id());
            // Who is to do it knows best what it waits for.
            if at == peer.id() || !lines.contains_key(&(at, waiting.position.clone())) {
                let line = waiting_line(world, at, &waiting, debug);
                lines.insert((at, waiting.position), line);
            }
        }
    }
    lines
        .into_iter()
        .filter(|((at, position), _)| !done_there(&seen, *at, position))
        .map(|(_, line)| line)
        .collect()
}

/// What each peer sees waiting.
type Seen = BTreeMap<PeerId, BTreeSet<Position>>;

/// A step that another peer sees waiting may be done where it happens.
fn done_there(seen: &Seen, at: PeerId, position: &Position) -> bool {
    seen.get(&at).is_some_and(|here| !here.contains(position))
}

fn waiting_line(
    world: &World,
    at: PeerId,
    waiting: &Waiting,
    debug: Option<&Debug>,
) -> WaitingLine {
    let r#for = match &waiting.waits_for {
        WaitsFor::Place => "an answer".to_owned(),
        WaitsFor::Value => "a value".to_owned(),
        WaitsFor::Elements { have, need, .. } => format!("{need} elements, {have} are there"),
        WaitsFor::Element => "another element".to_owned(),
        WaitsFor::Bytes(digest) => format!("the bytes of {digest}"),
        WaitsFor::NoPeer(text) => format!("`{text}`, which can be the id of no peer"),
        WaitsFor::Forever => "nothing: it never ends".to_owned(),
    };
    WaitingLine {
        peer: world.names.name(at),
        position: position(&waiting.position),
        line: debug.and_then(|debug| debug.span(waiting.position.node)).map(|span| span.line),
        r#for,
    }
}

/// A position as text: the node, then its iterations.
#[must_use]
pub fn position(position: &Position) -> String {
    let mut text = position.node.0.to_string();
    for iteration in &position.path {
        text.push('/');
        match iteration {
            Iteration::Index(index) => text.push_str(&index.to_string()),
            Iteration::Named(name) => {
                name.iter().take(4).for_each(|byte| text.push_str(&format!("{byte:02x}")));
            }
        }
    }
    text
}

fn final_lines(world: &World, id: ParticleId) -> BTreeMap<String, FinalLine> {
    let mut lines = BTreeMap::new();
    for peer in world.peers() {
        let Some(run) = peer.run(&id) else { continue };
        let line = match run.result() {
            Some(Err(fault)) => {
                let message = world.names.shorten(&fault.message);
                FinalLine { code: fault.code.number(), message }
            }
            Some(Ok(_)) | None => FinalLine { code: 0, message: String::new() },
        };
        lines.insert(world.names.name(peer.id()), line);
    }
    lines
}
