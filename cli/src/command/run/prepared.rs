//! A compiled call, and what becomes of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aquac_base::SourceMap;
use aquac_driver::render::{self, Colour};
use aquac_driver::{Artifact, Call, Checked, Options, build_one, call, check};
use aquac_host::{Job, Running};
use aquac_ir::{Digest, Domain, Limits, Node, Value, to_json};
use aquac_peer::Ending;
use aquac_project::DiskSources;
use aquac_services::config::Period;
use tokio::time::{Instant, timeout};

use super::STOP;
use super::told::Told;
use super::wait::{End, Patience, Waited};
use crate::arguments::RunArguments;
use crate::command::receipt::DEBUG_EXTENSION;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::network::Network;
use crate::network::elsewhere::Elsewhere;
use crate::network::plan::Plan;
use crate::output::say;
use crate::parameters::Parameters;
use crate::processes::Processes;
use crate::progress::Progress;
use crate::project::{CLIENT, Project};
use crate::report::{Format, report};
use crate::request::request;
use crate::verdict::Scene;
use crate::waiting::View;

/// How long a particle lives if nothing else is said.
const DEFAULT_TTL: Period = Period::from_millis(15_000);

/// The same as [`super::wait::LULL`], once the result is there: only detached branches can still
/// be under way.
const SHORT_LULL: Duration = Duration::from_millis(30);

/// How long other branches may go on after the result is there.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// Nobody said what to call: the functions that could be.
fn which(checked: &Checked, file: &Path) -> Failure {
    let shown = file.display();
    let calls = checked
        .exported_functions()
        .map(|exported| format!("\n  aquac run {shown} -f '{}'", checked.called(&exported)));
    match calls.collect::<String>() {
        none if none.is_empty() => {
            Failure::command(format!("{shown} exports no function: add `export NAME`"))
        }
        calls => Failure::command(format!(
            "which function? Say it with -f and a value for each argument:{calls}"
        )),
    }
}

/// A compiled call, before any peer exists.
pub(super) struct Prepared<'a> {
    arguments: &'a RunArguments,
    project: &'a Project,
    elsewhere: Elsewhere,
    colour: Colour,
    artifact: Artifact,
    sources: SourceMap,
    args: Vec<Value>,
    ttl: Period,
    parameters: Parameters,
    progress: Arc<Progress>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(
        arguments: &'a RunArguments,
        project: &'a Project,
        elsewhere: Elsewhere,
        colour: Colour,
    ) -> Result<Self, Failure> {
        let request = request(std::slice::from_ref(&arguments.file), &arguments.sources, project)?;
        let checked = check(&request, &DiskSources);
        if !checked.is_ok() {
            return Err(Failure::text(checked.diagnostics, checked.sources));
        }
        let data = data(arguments.data.as_deref())?;
        let asked = arguments.call.as_deref().filter(|asked| !asked.trim().is_empty());
        let asked = asked.ok_or_else(|| which(&checked, &arguments.file))?;
        let Call { function, args } = call(&checked, asked, &data)
            .map_err(|wrong| Failure::text(wrong.diagnostics, wrong.sources))?;
        bounded(&args)?;
        let artifact = build_one(&checked, function, &Options::default())
            .map_err(|diagnostics| Failure::text(diagnostics, checked.sources.clone()))?;
        warn(&checked, colour);
        Ok(Self {
            arguments,
            project,
            elsewhere,
            colour,
            artifact,
            args,
            ttl: ttl(arguments, project)?,
            parameters: Parameters::of_program(&checked),
            progress: Arc::new(Progress::new()),
            sources: checked.sources,
        })
    }

    /// Nobody watches any more.
    pub(super) fn end_progress(&self) {
        self.progress.clear();
    }

    /// Starts what has to be started, runs, and says what came of it.
    pub(super) async fn run(&self) -> Result<Exit, Failure> {
        let progress = &self.progress;
        let client = &self.elsewhere.client.name;
        if client != CLIENT {
            progress.say(&format!(
                "note: another run is the client of this network; this one is `{client}`"
            ));
        }
        let told = Told::new(self.arguments, self.project, &self.artifact, &self.sources)?;
        let _processes = match &self.elsewhere.net {
            Some(_) => Processes::default(),
            None => Processes::start(&self.project.manifest.process, &self.project.root).await?,
        };
        let plan = Plan { project: self.project, parameters: &self.parameters };
        let network = Network::start(&plan, &self.elsewhere, told.observer(), progress).await?;
        let exit = self.on(&network, &told, progress).await;
        progress.clear();
        network.stop(STOP).await;
        told.finish().and(exit)
    }

    async fn on(
        &self,
        network: &Network,
        told: &Told<'_>,
        progress: &Progress,
    ) -> Result<Exit, Failure> {
        let started = Instant::now();
        let program = aquac_ir::encode(&self.artifact.program);
        if let Some(net) = &self.elsewhere.net {
            let digest = Digest::of(Domain::Program, &[&program]);
            crate::files::write(
                &net.place.programs().join(digest.to_string()),
                &self.artifact.debug.to_bytes(),
            )?;
        }
        let ttl = u32::try_from(self.ttl.millis()).unwrap_or(u32::MAX);
        let mut running = network
            .client()
            .run(Job::new(program, self.args.clone(), ttl))
            .await
            .map_err(|error| Failure::new(Exit::Network, error.to_string()))?;
        let all_here = self.elsewhere.is_nowhere();
        let patience = Patience { network, project: self.project, all_here, ttl: self.ttl };
        let waited = patience.wait(&mut running, progress).await;
        let took = started.elapsed();
        progress.clear();
        let exit = self.show(&waited, network, &running).await;
        if all_here {
            let _late = timeout(AFTERWARDS, network.quiet(SHORT_LULL)).await;
        }
        told.afterwards(network, took).await?;
        if let Some(path) = &self.arguments.receipt {
            self.write_receipt(path, network, &running).await?;
        }
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

    /// Prints the result, or says what went wrong.
    async fn show(&self, waited: &Waited, network: &Network, running: &Running) -> Exit {
        let scene =
            Scene { artifact: &self.artifact, sources: &self.sources, project: self.project };
        let (exit, diagnostic) = match &waited.end {
            End::Said(Ending::Returned(values)) => {
                print(values);
                return Exit::Success;
            }
            End::Quiet if !self.returns() => return Exit::Success,
            End::Said(Ending::Failed { fault, at }) => {
                (Exit::ProgramFailed, scene.failed(fault, *at))
            }
            End::Said(Ending::Expired { waiting }) => {
                let own = [View::alone(network.client().peer(), waiting)];
                let views = if waited.views.is_empty() { &own[..] } else { &waited.views };
                let known = network.known(views).await.and_away(&waited.away);
                (Exit::Stuck, scene.expired(&known, self.ttl.millis()))
            }
            End::OutOfReach(reasons) => {
                let views = network.views(running.particle).await;
                let known = network.known(&views).await;
                let reasons: Vec<_> =
                    reasons.iter().map(|(peer, why)| (*peer, why.as_str())).collect();
                (Exit::Network, scene.out_of_reach(&known, &reasons))
            }
            End::Quiet => {
                let views = network.views(running.particle).await;
                (Exit::Stuck, scene.stuck(&network.known(&views).await))
            }
        };
        tell_part!("{}", render::terminal(&diagnostic, &self.sources, self.colour));
        exit
    }

    /// Whether the program has a result to wait for.
    fn returns(&self) -> bool {
        self.artifact.program.nodes.iter().any(|node| matches!(node, Node::Return { .. }))
    }
}

/// Prints results: nothing, one value, or an array of several.
fn print(values: &[Value]) {
    let texts: Vec<String> = values.iter().map(to_json).collect();
    match texts.as_slice() {
        [] => {}
        [one] => say(one),
        several => say(format!("[{}]", several.join(","))),
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

/// Peers do not take larger values: the run would only wait for one.
fn bounded(args: &[Value]) -> Result<(), Failure> {
    let most = Limits::default().value_bytes as usize;
    for (number, bytes) in (1..).zip(args.iter().map(|arg| arg.to_bytes().len())) {
        if bytes > most {
            let text = format!(
                "argument {number} of the call has {bytes} bytes; a value may have {most} at most"
            );
            return Err(Failure::new(Exit::BadText, text));
        }
    }
    Ok(())
}

fn ttl(arguments: &RunArguments, project: &Project) -> Result<Period, Failure> {
    match &arguments.ttl {
        Some(text) => {
            text.parse().map_err(|error| Failure::command(format!("--ttl {text}: {error}")))
        }
        None => Ok(project.manifest.run.ttl.unwrap_or(DEFAULT_TTL)),
    }
}
