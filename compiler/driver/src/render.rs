//! Diagnostics as text: for a terminal, one line each, or JSON.

mod json;
mod terminal;

use aquac_base::{Diagnostic, LineColumn, SourceMap, Span};

pub use json::{json_diagnostic, json_summary};
pub use terminal::{Terminal, terminal};

/// Whether a renderer may use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Escape codes for a terminal.
    Ansi,
    /// Plain text.
    Plain,
}

/// One line: `file:line:col: error[AQ0201]: message`, for editors and grep.
#[must_use]
pub fn short(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let place = diagnostic
        .primary
        .as_ref()
        .and_then(|label| place(label.span, sources))
        .map(|(file, at, _)| format!("{file}:{}:{}: ", at.line, at.column))
        .unwrap_or_default();
    format!("{place}{}[{}]: {}", severity(diagnostic), diagnostic.code, diagnostic.message)
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    if diagnostic.is_error() { "error" } else { "warning" }
}

/// File, start and end of a span.
fn place(span: Span, sources: &SourceMap) -> Option<(&str, LineColumn, LineColumn)> {
    let source = sources.get(span.source)?;
    Some((&source.name, source.line_column(span.start), source.line_column(span.end)))
}
