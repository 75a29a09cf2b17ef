//! Diagnostics as data: one JSON object a line, schema `aquac.diagnostic/1`.
//!
//! Every field is always there. Bytes are half-open; lines and columns start at 1, columns count
//! Unicode scalar values.

use aquac_base::{Diagnostic, Fix, Label, LineColumn, SourceMap};
use serde::Serialize;

use super::{place, severity};

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    schema: &'static str,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    primary: Option<JsonLabel<'a>>,
    secondary: Vec<JsonLabel<'a>>,
    help: &'a [String],
    notes: &'a [String],
    fix: Option<JsonFix<'a>>,
    /// A page about the code on the web. There is none yet: `aquac explain` has all pages.
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    file: &'a str,
    byte: [u32; 2],
    start: JsonPosition,
    end: JsonPosition,
    label: &'a str,
}

#[derive(Serialize)]
struct JsonPosition {
    line: u32,
    col: u32,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    safe: bool,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    byte: [u32; 2],
    text: &'a str,
}

#[derive(Serialize)]
struct JsonSummary {
    schema: &'static str,
    errors: usize,
    warnings: usize,
}

/// One diagnostic as one line, without a line break.
#[must_use]
pub fn json_diagnostic(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    line(&JsonDiagnostic {
        schema: "aquac.diagnostic/1",
        severity: severity(diagnostic),
        code: diagnostic.code.0,
        message: &diagnostic.message,
        primary: diagnostic.primary.as_ref().and_then(|at| label(at, sources)),
        secondary: diagnostic.secondary.iter().filter_map(|at| label(at, sources)).collect(),
        help: &diagnostic.help,
        notes: &diagnostic.notes,
        fix: diagnostic.fix.as_ref().map(|repair| fix(repair, sources)),
        url: None,
    })
}

/// The last line: how many errors and warnings there were.
#[must_use]
pub fn json_summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    line(&JsonSummary { schema: "aquac.summary/1", errors, warnings: diagnostics.len() - errors })
}

fn line(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("texts and numbers have a JSON form")
}

fn label<'a>(at: &'a Label, sources: &'a SourceMap) -> Option<JsonLabel<'a>> {
    let (file, start, end) = place(at.span, sources)?;
    Some(JsonLabel {
        file,
        byte: [at.span.start, at.span.end],
        start: position(start),
        end: position(end),
        label: &at.message,
    })
}

const fn position(at: LineColumn) -> JsonPosition {
    JsonPosition { line: at.line, col: at.column }
}

fn fix<'a>(repair: &'a Fix, sources: &'a SourceMap) -> JsonFix<'a> {
    let (safe, edits) = match repair {
        Fix::Certain(edits) => (true, edits),
        Fix::Suggested(edits) => (false, edits),
    };
    let edits = edits
        .iter()
        .filter_map(|edit| {
            let file = &sources.get(edit.span.source)?.name;
            Some(JsonEdit { file, byte: [edit.span.start, edit.span.end], text: &edit.text })
        })
        .collect();
    JsonFix { safe, edits }
}
