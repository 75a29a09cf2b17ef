//! `aquac run`: a function on real peers, and its result.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aquac_base::SourceMap;
use aquac_driver::render::{self, Colour};
use aquac_driver::{Artifact, Call, Checked, Options, build_one, call, check};
use aquac_host::{Event, Job, Multiaddr, Observed, Running};
use aquac_ir::{Node, PeerId, Value, to_json};
use aquac_peer::{Ending, Report};
use aquac_project::DiskSources;
use aquac_services::config::Period;
use tokio::time::{Instant, sleep, timeout};

use super::receipt::DEBUG_EXTENSION;
use crate::arguments::RunArguments;
use crate::diagram::{self, mermaid};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::network::{Network, Plan};
use crate::parameters::Parameters;
use crate::processes::Processes;
use crate::project::{CLIENT, Project};
use crate::report::{Format, report};
use crate::request::request;
use crate::verdict::{Known, Scene};

/// How long a particle lives if nothing else is said.
const DEFAULT_TTL: Period = Period::from_millis(15_000);

/// Nothing happened anywhere for this long and nothing is under way: it is over. Must cover
/// frames between hosts of one process.
const LULL: Duration = Duration::from_millis(120);

/// The same, once the result is there: only detached branches can still be under way.
const SHORT_LULL: Duration = Duration::from_millis(30);

/// How long other branches may go on after the result is there.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// How long the peers get to end in order.
const STOP: Duration = Duration::from_millis(300);

/// Runs the command.
pub(crate) fn run(arguments: &RunArguments, colour: Colour) -> Result<Exit, Failure> {
    let project = Project::of(&arguments.file)?;
    let prepared = Prepared::new(arguments, &project, colour)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Network, format!("cannot start: {error}")))?;
    let exit = runtime.block_on(async {
        tokio::select! {
            exit = prepared.run(arguments, &project, colour) => exit,
            _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Interrupted, "interrupted")),
        }
    });
    // Whatever is still running ends with the process.
    runtime.shutdown_background();
    exit
}

/// A compiled call, before any peer exists.
struct Prepared {
    artifact: Artifact,
    sources: SourceMap,
    args: Vec<Value>,
    ttl: Period,
    relay: Option<PeerId>,
    parameters: Parameters,
    elsewhere: BTreeMap<String, Multiaddr>,
}

impl Prepared {
    fn new(arguments: &RunArguments, project: &Project, colour: Colour) -> Result<Self, Failure> {
        let request = request(std::slice::from_ref(&arguments.file), &arguments.sources, project)?;
        let checked = check(&request, &DiskSources);
        if !checked.is_ok() {
            return Err(Failure::text(checked.diagnostics, checked.sources));
        }
        let data = data(arguments.data.as_deref())?;
        let Call { function, args } = call(&checked, &arguments.call, &data)
            .map_err(|wrong| Failure::text(wrong.diagnostics, wrong.sources))?;
        let artifact = build_one(&checked, function, &Options::default())
            .map_err(|diagnostics| Failure::text(diagnostics, checked.sources.clone()))?;
        warn(&checked, colour);
        Ok(Self {
            artifact,
            sources: checked.sources.clone(),
            args,
            ttl: ttl(arguments, project)?,
            relay: relay(arguments, project)?,
            parameters: Parameters::of_program(&checked),
            elsewhere: elsewhere(arguments)?,
        })
    }

    async fn run(
        &self,
        arguments: &RunArguments,
        project: &Project,
        colour: Colour,
    ) -> Result<Exit, Failure> {
        let _processes = Processes::start(&project.manifest.process, &project.root).await?;
        let plan = Plan {
            project,
            parameters: &self.parameters,
            relay: self.relay,
            elsewhere: self.elsewhere.clone(),
        };
        let network = Network::start(&plan).await?;
        let started = Instant::now();
        let program = aquac_ir::encode(&self.artifact.program);
        let ttl = u32::try_from(self.ttl.millis()).unwrap_or(u32::MAX);
        let job = Job::new(program, self.args.clone(), ttl);
        let mut running = network
            .client()
            .run(job)
            .await
            .map_err(|error| Failure::new(Exit::Network, error.to_string()))?;
        let end = self.wait(&network, &mut running).await;
        let took = started.elapsed();
        let exit = self.show(&end, &network, &running, project, colour).await;
        if self.all_here() {
            let _late = timeout(AFTERWARDS, network.quiet(SHORT_LULL)).await;
        }
        let observed = network.observed();
        summary(&observed, took);
        if let Some(path) = &arguments.diagram {
            draw(path, &observed, project)?;
        }
        if let Some(path) = &arguments.receipt {
            self.write_receipt(path, &network, &running).await?;
        }
        network.stop(STOP).await;
        Ok(exit)
    }

    /// The receipt, and beside it the debug table that gives its steps their lines.
    async fn write_receipt(
        &self,
        path: &Path,
        network: &Network,
        running: &Running,
    ) -> Result<(), Failure> {
        let receipt = network.client().receipt(running.particle).await.ok_or_else(|| {
            Failure::new(Exit::Stuck, "there is no receipt: the run is over and forgotten")
        })?;
        crate::files::write(path, &receipt.to_bytes())?;
        let debug = path.with_extension(DEBUG_EXTENSION);
        crate::files::write(&debug, &self.artifact.debug.to_bytes())
    }

    /// Whether every peer of the run is in this process, so that quiet means the end.
    fn all_here(&self) -> bool {
        self.elsewhere.is_empty()
    }

    /// Prints the result, or says what went wrong.
    async fn show(
        &self,
        end: &End,
        network: &Network,
        running: &Running,
        project: &Project,
        colour: Colour,
    ) -> Exit {
        let scene = Scene { artifact: &self.artifact, sources: &self.sources, project };
        let (exit, diagnostic) = match end {
            End::Said(Ending::Returned(values)) => {
                print(values);
                return Exit::Success;
            }
            End::Quiet if !self.returns() => return Exit::Success,
            End::Said(Ending::Failed { fault, at }) => {
                (Exit::ProgramFailed, scene.failed(fault, *at))
            }
            End::Said(Ending::Expired { waiting }) => {
                let unreached = network.known(running.particle).await.unreached;
                let known = Known { waiting: waiting.clone(), unreached };
                (Exit::Stuck, scene.expired(&known, self.ttl.millis()))
            }
            End::Quiet => (Exit::Stuck, scene.stuck(&network.known(running.particle).await)),
        };
        eprint!("{}", render::terminal(&diagnostic, &self.sources, colour));
        exit
    }

    /// Whether the program has a result to wait for.
    fn returns(&self) -> bool {
        self.artifact.program.nodes.iter().any(|node| matches!(node, Node::Return { .. }))
    }

    async fn wait(&self, network: &Network, running: &mut Running) -> End {
        let quiet = async {
            if self.all_here() {
                network.quiet(LULL).await;
            } else {
                // The client itself says when the deadline is over; this is for its silence.
                sleep(Duration::from_millis(self.ttl.millis()) + AFTERWARDS).await;
            }
        };
        tokio::select! {
            biased;
            ending = running.ended() => match ending {
                Ok(ending) => End::Said(ending),
                Err(_) => End::Quiet,
            },
            () = quiet => End::Quiet,
        }
    }
}

/// How a run ended, as the client sees it.
enum End {
    /// The client was told.
    Said(Ending),
    /// Nothing is under way any more, and the client was told nothing.
    Quiet,
}

/// Prints results: nothing, one value, or an array of several.
fn print(values: &[Value]) {
    let texts: Vec<String> = values.iter().map(to_json).collect();
    match texts.as_slice() {
        [] => {}
        [one] => println!("{one}"),
        several => println!("[{}]", several.join(",")),
    }
}

/// One line: what the run cost.
fn summary(observed: &[Observed], took: Duration) {
    let (mut hops, mut total) = (0, 0);
    for happened in observed {
        if let Event::Report(Report::Sent { bytes, .. }) = &happened.event {
            hops += 1;
            total += bytes;
        }
    }
    eprintln!("finished: {hops} hops, {total} bytes, {} ms", took.as_millis());
}

fn draw(path: &Path, observed: &[Observed], project: &Project) -> Result<(), Failure> {
    let events: Vec<diagram::Event> =
        observed.iter().filter_map(|happened| drawn(happened, project)).collect();
    crate::files::write_or_print(path, &mermaid(&events))
}

fn drawn(happened: &Observed, project: &Project) -> Option<diagram::Event> {
    let here = project.name(happened.host);
    match &happened.event {
        Event::Report(Report::Sent { to, forwarded, .. }) => {
            Some(diagram::Event::Hop { from: here, to: project.name(*to), forwarded: *forwarded })
        }
        Event::Called { call, .. } => Some(diagram::Event::Call {
            peer: here,
            function: format!("{}.{}", call.service, call.function),
            args: call.args.iter().map(|argument| argument.value.clone()).collect(),
        }),
        Event::Answered { call, result, .. } => Some(diagram::Event::Answer {
            peer: here,
            function: format!("{}.{}", call.service, call.function),
            result: result.clone().map_err(|error| error.message),
        }),
        Event::Listening { .. }
        | Event::LinkUp { .. }
        | Event::LinkDown { .. }
        | Event::DialFailed { .. }
        | Event::Report(_)
        | Event::Finished { .. }
        | Event::StoreFailed(_) => None,
    }
}

/// Warnings are shown, and nobody is stopped by them.
fn warn(checked: &Checked, colour: Colour) {
    report(&checked.diagnostics, &checked.sources, Format::Human, colour);
}

/// `--data`: a JSON object, or the file that holds one.
fn data(given: Option<&str>) -> Result<BTreeMap<String, Value>, Failure> {
    let Some(given) = given else { return Ok(BTreeMap::new()) };
    let text = match given.strip_prefix('@') {
        Some(file) => crate::files::read_text(Path::new(file))
            .map_err(|why| Failure::command(format!("--data: cannot read {file}: {why}")))?,
        None => given.to_owned(),
    };
    match aquac_ir::from_json(&text) {
        Ok(Value::Object(object)) => Ok(object
            .fields()
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect()),
        Ok(_) => Err(Failure::command("--data: it must be a JSON object, for instance {\"x\": 1}")),
        Err(error) => Err(Failure::command(format!("--data: {error}"))),
    }
}

fn ttl(arguments: &RunArguments, project: &Project) -> Result<Period, Failure> {
    match &arguments.ttl {
        Some(text) => {
            text.parse().map_err(|error| Failure::command(format!("--ttl {text}: {error}")))
        }
        None => Ok(project.manifest.run.ttl.unwrap_or(DEFAULT_TTL)),
    }
}

fn relay(arguments: &RunArguments, project: &Project) -> Result<Option<PeerId>, Failure> {
    let Some(name) = arguments.relay.as_ref().or(project.manifest.run.relay.as_ref()) else {
        return Ok(None);
    };
    match project.peers.get(name).filter(|_| name != CLIENT) {
        Some(id) => Ok(Some(*id)),
        None => Err(Failure::command(format!(
            "the relay `{name}` is no peer of the project; add `[peers.{name}]` to aqua.toml"
        ))),
    }
}

fn elsewhere(arguments: &RunArguments) -> Result<BTreeMap<String, Multiaddr>, Failure> {
    arguments
        .at
        .iter()
        .map(|text| {
            let bad = |why: String| Failure::command(format!("--at {text}: {why}"));
            let (name, address) =
                text.split_once('=').ok_or_else(|| bad("write NAME=ADDRESS".to_owned()))?;
            let address = address.parse().map_err(|error| bad(format!("no address: {error}")))?;
            Ok((name.to_owned(), address))
        })
        .collect()
}
