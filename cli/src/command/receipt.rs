//! `aquac receipt`: what a finished run proves, to anybody, offline.

mod told;

use std::path::Path;

use aquac_ir::{Debug, NodeId, to_json};
use aquac_vm::{Deed, Done, Ed25519Verifier, Proved, Receipt, ReceiptError};
use serde::Serialize;

use self::told::{Refusal, Story, Verdict};
use crate::arguments::{ReceiptArguments, ReceiptCommand, ReceiptFile, Telling};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::say;
use crate::project::Project;

/// The debug table stands beside a receipt under this extension.
pub(crate) const DEBUG_EXTENSION: &str = "aqdbg";

/// Longest value that is shown; longer ones are cut.
const MAX_SHOWN: usize = 60;

/// Runs the command.
pub(crate) fn receipt(arguments: &ReceiptArguments) -> Result<Exit, Failure> {
    let (ReceiptCommand::Verify(of) | ReceiptCommand::Show(of)) = &arguments.command;
    let ReceiptFile { file, format } = of;
    let bytes = crate::files::read(file).map_err(|why| {
        Failure::new(Exit::BadText, format!("cannot read {}: {why}", file.display()))
    })?;
    let refused = |error: ReceiptError| match format {
        Telling::Human => {
            Failure::new(Exit::BadText, format!("{} is refused: {error}", file.display()))
        }
        Telling::Json => {
            say_json(&Refusal::of(&error.to_string()));
            Failure::Said(Exit::BadText)
        }
    };
    let receipt = Receipt::from_bytes(&bytes).map_err(refused)?;
    let proved = receipt.verify(&Ed25519Verifier).map_err(refused)?;
    let scene = Scene { project: Project::of(file)?, debug: debug_beside(file) };
    match (&arguments.command, format) {
        (ReceiptCommand::Verify(_), Telling::Human) => scene.summary(&proved),
        (ReceiptCommand::Verify(_), Telling::Json) => say_json(&Verdict::of(&scene, &proved)),
        (ReceiptCommand::Show(_), Telling::Human) => scene.story(&proved),
        (ReceiptCommand::Show(_), Telling::Json) => say_json(&Story::of(&scene, &proved)),
    }
    Ok(Exit::Success)
}

fn say_json(told: &impl Serialize) {
    let line = serde_json::to_string(told).expect("texts, numbers and values are JSON");
    say(&line);
}

fn debug_beside(file: &Path) -> Option<Debug> {
    let bytes = crate::files::read(&file.with_extension(DEBUG_EXTENSION)).ok()?;
    Debug::from_bytes(&bytes).ok()
}

/// Names of peers, and lines of nodes.
struct Scene {
    project: Project,
    debug: Option<Debug>,
}

impl Scene {
    /// What was proved, and what was not.
    fn summary(&self, proved: &Proved) {
        say(format!("particle {}", proved.particle));
        say(format!("initiator {}", self.project.name(proved.initiator)));
        say(format!("program {}", proved.program));
        say(format!("proved: {} turns, every signature holds", proved.turns));
        say(format!(
            "proved: {} steps, each where the program names it and when its turn had come",
            proved.steps.len()
        ));
        match &proved.result {
            Some(Ok(values)) => {
                let shown: Vec<String> = values.iter().map(to_json).collect();
                say(format!("proved: the result is {}", shown.join(", ")));
            }
            Some(Err(fault)) => say(format!("proved: the run failed: {fault}")),
            None => say("not proved: that there is a result"),
        }
        let believed = proved.arguments_believed.iter().map(|at| (at, "arguments"));
        let snapshots = proved.snapshots_believed.iter().map(|at| (at, "order of elements"));
        for (position, what) in believed.chain(snapshots) {
            say(format!("believed: the {what} of {}", self.line(position.node)));
        }
        for position in &proved.unreachable_believed {
            say(format!(
                "believed: that a peer could not be reached, at {}",
                self.line(position.node)
            ));
        }
        if !proved.open.is_empty() {
            say(format!("open: {} steps were reached and not done", proved.open.len()));
        }
        for peer in &proved.forked {
            say(format!("cheated: {} signed two turns with one number", self.project.name(*peer)));
        }
        say("not proved: that a service told the truth, and that nobody kept back what it did");
        if self.debug.is_some() {
            say("not proved: the numbers of lines; nobody signed the table beside the receipt");
        }
    }

    /// The story, step by step.
    fn story(&self, proved: &Proved) {
        for step in &proved.steps {
            let peer = self.project.name(step.peer);
            say(format!("{peer:<10} {:<12} {}", self.line(step.position.node), deed(step)));
        }
    }

    fn line(&self, node: NodeId) -> String {
        let span = self.debug.as_ref().and_then(|debug| debug.span(node));
        span.map_or_else(|| format!("node {}", node.0), |span| format!("line {}", span.line))
    }
}

fn deed(step: &Done) -> String {
    let outcome = match &step.outcome {
        Ok(Some(value)) => format!(" = {}", cut(&to_json(value))),
        Ok(None) => " = a value that is not in the receipt".to_owned(),
        Err((code, message)) => {
            format!(" failed ({}): {}", code.number(), message.as_deref().unwrap_or("…"))
        }
    };
    match &step.deed {
        Deed::Call { service, function, args } => {
            let shown = |arg: &Option<aquac_ir::Value>| {
                arg.as_ref().map_or_else(|| "…".to_owned(), |value| cut(&to_json(value)))
            };
            let args: Vec<String> = args.iter().map(shown).collect();
            format!("{service}.{function}({}){outcome}", args.join(", "))
        }
        Deed::Snapshot => format!("fixed a stream{outcome}"),
        Deed::Visit => "was visited".to_owned(),
        Deed::Return => "took the result".to_owned(),
        Deed::Unused => "recorded something that the program does not ask for".to_owned(),
    }
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(MAX_SHOWN).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
