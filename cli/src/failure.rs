//! A command that cannot go on: what to say, and with which exit code.

use aquac_base::{Diagnostic, SourceMap};
use aquac_driver::render::Colour;

use crate::exit::Exit;
use crate::report::{Format, report};

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// One sentence on standard error.
    Message {
        /// The exit code.
        exit: Exit,
        /// What is wrong, and what to do.
        text: String,
    },
    /// Diagnostics with places in texts.
    Diagnostics {
        /// The exit code.
        exit: Exit,
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
        /// The texts.
        sources: Box<SourceMap>,
    },
    /// Everything was said already.
    Said(Exit),
}

impl Failure {
    /// A message with its exit code.
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self::Message { exit, text: text.into() }
    }

    /// The command is wrong.
    pub(crate) fn command(text: impl Into<String>) -> Self {
        Self::new(Exit::BadCommand, text)
    }

    /// `aqua.toml` is wrong.
    pub(crate) fn manifest(diagnostic: Diagnostic, sources: SourceMap) -> Self {
        Self::Diagnostics {
            exit: Exit::BadCommand,
            diagnostics: vec![diagnostic],
            sources: Box::new(sources),
        }
    }

    /// A text is wrong.
    pub(crate) fn text(diagnostics: Vec<Diagnostic>, sources: SourceMap) -> Self {
        Self::Diagnostics { exit: Exit::BadText, diagnostics, sources: Box::new(sources) }
    }

    /// What is wrong, in a line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Said(_) => String::new(),
            Self::Message { text, .. } => text.clone(),
            Self::Diagnostics { diagnostics, sources, .. } => {
                let lines = diagnostics.iter().map(|one| aquac_driver::render::short(one, sources));
                lines.collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// Says it on standard error, and gives the exit code.
    pub(crate) fn say(self, colour: Colour) -> Exit {
        match self {
            Self::Said(exit) => exit,
            Self::Message { exit, text } => {
                tell!("error: {text}");
                exit
            }
            Self::Diagnostics { exit, diagnostics, sources } => {
                report(&diagnostics, &sources, Format::Human, colour);
                exit
            }
        }
    }
}
