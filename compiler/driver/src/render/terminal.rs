//! Diagnostics for people at a terminal.

use std::ops::Range;

use aquac_base::{Diagnostic, Label, SourceMap};
use ariadne::{Color, Config, IndexType, Report, ReportKind, sources as texts};

use super::{Colour, severity};

type Place = (String, Range<usize>);

/// The diagnostic with the lines that it speaks of, ending in a line break.
#[must_use]
pub fn terminal(diagnostic: &Diagnostic, sources: &SourceMap, colour: Colour) -> String {
    let Some(primary) = &diagnostic.primary else { return without_place(diagnostic) };
    let (kind, accent) = if diagnostic.is_error() {
        (ReportKind::Custom("error", Color::Red), Color::Red)
    } else {
        (ReportKind::Custom("warning", Color::Yellow), Color::Yellow)
    };
    let mut report = Report::build(kind, place(primary, sources))
        .with_config(config(colour))
        .with_code(diagnostic.code.0)
        .with_message(&diagnostic.message)
        .with_label(label(primary, sources).with_color(accent).with_priority(1));
    for secondary in &diagnostic.secondary {
        report = report.with_label(label(secondary, sources).with_color(Color::Blue));
    }
    for help in &diagnostic.help {
        report = report.with_help(help);
    }
    for note in &diagnostic.notes {
        report = report.with_note(note);
    }
    let mut bytes = Vec::new();
    let all: Vec<(String, String)> =
        sources.iter().map(|(_, source)| (source.name.clone(), source.text.clone())).collect();
    // Writing to memory fails only if a span names a source that is not there; then the message
    // alone still says what is wrong.
    match report.finish().write(texts(all), &mut bytes) {
        Ok(()) => String::from_utf8(bytes).unwrap_or_else(|_| without_place(diagnostic)),
        Err(_) => without_place(diagnostic),
    }
}

fn config(colour: Colour) -> Config {
    Config::new()
        .with_index_type(IndexType::Byte)
        .with_color(colour == Colour::Ansi)
        .with_compact(false)
}

fn place(at: &Label, sources: &SourceMap) -> Place {
    let source = sources.get(at.span.source);
    let name = source.map(|source| source.name.clone()).unwrap_or_default();
    (name, at.span.start as usize..at.span.end as usize)
}

fn label(at: &Label, sources: &SourceMap) -> ariadne::Label<Place> {
    ariadne::Label::new(place(at, sources)).with_message(&at.message)
}

fn without_place(diagnostic: &Diagnostic) -> String {
    let mut text =
        format!("{}[{}]: {}\n", severity(diagnostic), diagnostic.code, diagnostic.message);
    for help in &diagnostic.help {
        text.push_str(&format!("  help: {help}\n"));
    }
    for note in &diagnostic.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    text
}
