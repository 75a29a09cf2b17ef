//! What a run tells beside its result: one line of cost, the diagram, the trace, the counters.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aquac_base::SourceMap;
use aquac_driver::Artifact;
use aquac_host::{Event, Observed, Observer};
use aquac_ir::{Debug, Digest, NodeId, PeerId};
use aquac_peer::Report;

use crate::arguments::RunArguments;
use crate::diagram::{self, mermaid};
use crate::event::{Entry, Names, place};
use crate::failure::Failure;
use crate::network::Network;
use crate::output::counted;
use crate::project::{PeerNames, Project};
use crate::stats;

/// Where a trace goes; `None` once it could not be written.
type Out = Arc<Mutex<Option<Box<dyn Write + Send>>>>;

/// What is told, and where.
pub(super) struct Told<'a> {
    arguments: &'a RunArguments,
    project: &'a Project,
    trace: Option<(Out, Arc<Steps>)>,
}

/// Names of peers, and lines of steps.
struct Steps {
    peers: PeerNames,
    debug: Debug,
    sources: SourceMap,
}

impl Names for Steps {
    fn peer(&self, id: PeerId) -> String {
        self.peers.peer(id)
    }

    fn source(&self, _: Option<Digest>, node: NodeId) -> Option<String> {
        let span = self.debug.span(node)?;
        place(&self.sources, &self.debug.sources.get(span.source as usize)?.name, span.start)
    }
}

impl<'a> Told<'a> {
    /// Opens what is written while the run goes on.
    pub(super) fn new(
        arguments: &'a RunArguments,
        project: &'a Project,
        artifact: &Artifact,
        sources: &SourceMap,
    ) -> Result<Self, Failure> {
        let trace = match &arguments.trace {
            None => None,
            Some(path) => {
                let mut out = open(path)?;
                let head = serde_json::json!({
                    "schema": "aquac.trace/1",
                    "call": arguments.call,
                    "function": artifact.function,
                });
                let _full = writeln!(out, "{head}");
                let steps = Steps {
                    peers: project.names(),
                    debug: artifact.debug.clone(),
                    sources: sources.clone(),
                };
                Some((Arc::new(Mutex::new(Some(out))), Arc::new(steps)))
            }
        };
        Ok(Self { arguments, project, trace })
    }

    /// Writes the trace while things happen.
    pub(super) fn observer(&self) -> Option<Observer> {
        let (out, steps) = self.trace.clone()?;
        Some(Arc::new(move |happened| {
            let Ok(line) = serde_json::to_string(&Entry::of(&happened, &*steps)) else { return };
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            let written = out.as_mut().is_none_or(|out| writeln!(out, "{line}").is_ok());
            if !written {
                *out = None;
            }
        }))
    }

    /// When the run is over and its peers are still there.
    pub(super) async fn afterwards(
        &self,
        network: &Network,
        took: Duration,
    ) -> Result<(), Failure> {
        let observed = network.observed();
        summary(&observed, took);
        if self.arguments.stats {
            tell_part!("{}", stats::table(&network.counters().await));
        }
        match &self.arguments.diagram {
            Some(path) => draw(path, &observed, self.project),
            None => Ok(()),
        }
    }

    /// When nothing happens any more.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        let Some((out, _)) = &self.trace else { return Ok(()) };
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = out.as_mut().is_some_and(|out| out.flush().is_ok());
        let path = self.arguments.trace.as_deref().unwrap_or(Path::new("-"));
        if whole || path == Path::new("-") {
            return Ok(());
        }
        Err(Failure::command(format!("the trace {} is not whole: cannot write", path.display())))
    }
}

fn open(path: &Path) -> Result<Box<dyn Write + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdout()));
    }
    let file = File::create(path).map_err(|error| {
        let why = crate::files::reason(&error);
        Failure::command(format!("cannot write {}: {why}", path.display()))
    })?;
    Ok(Box::new(BufWriter::new(file)))
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
    tell!("finished: {}, {total} bytes, {} ms", counted(hops, "hop"), took.as_millis());
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
        | Event::StoreFailed(_)
        | Event::StoreWorks { .. } => None,
    }
}
