//! What people and editors see of diagnostics.

use std::io::IsTerminal;

use aquac_base::{Diagnostic, Severity, SourceMap};
use aquac_driver::render::{self, Colour};
use clap::ValueEnum;

use crate::output::{counted, say};

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the lines that are meant; on standard error.
    #[default]
    Human,
    /// One line each, on standard error.
    Short,
    /// One JSON object a line, on standard output.
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColourChoice {
    /// Whether standard error gets colour.
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line is where the environment is read"
    )]
    pub(crate) fn on_stderr(self) -> Colour {
        let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let wanted = match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                !set("NO_COLOR")
                    && (set("CLICOLOR_FORCE") || (!dumb && std::io::stderr().is_terminal()))
            }
        };
        if wanted { Colour::Ansi } else { Colour::Plain }
    }
}

/// Writes diagnostics in their order, and a closing line.
pub(crate) fn report(
    diagnostics: &[Diagnostic],
    sources: &SourceMap,
    format: Format,
    colour: Colour,
) {
    report_all(&[(diagnostics, sources)], format, colour);
}

/// Writes the diagnostics of several programs, each with its own texts, and one closing line.
pub(crate) fn report_all(groups: &[(&[Diagnostic], &SourceMap)], format: Format, colour: Colour) {
    for (diagnostics, sources) in groups {
        let mut terminal = render::Terminal::new(sources, colour);
        for diagnostic in *diagnostics {
            match format {
                Format::Human => tell_part!("{}", terminal.show(diagnostic)),
                Format::Short => tell!("{}", render::short(diagnostic, sources)),
                Format::Json => {
                    say(render::json_diagnostic(diagnostic, sources));
                }
            }
        }
    }
    let all: Vec<Diagnostic> =
        groups.iter().flat_map(|(diagnostics, _)| diagnostics.iter().cloned()).collect();
    match format {
        Format::Human => {
            if let Some(summary) = summary(&all) {
                tell!("{summary}");
            }
        }
        Format::Short => {}
        Format::Json => say(render::json_summary(&all)),
    }
}

/// Empties the terminal; standard error that is none stays as it is.
pub(crate) fn clear_screen() {
    if std::io::stderr().is_terminal() {
        tell_part!("\u{1b}[2J\u{1b}[H");
    }
}

fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let count = |severity, word: &str| {
        let number = diagnostics.iter().filter(|found| found.severity == severity).count();
        (number > 0).then(|| counted(number, word))
    };
    let parts: Vec<String> = [count(Severity::Error, "error"), count(Severity::Warning, "warning")]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
