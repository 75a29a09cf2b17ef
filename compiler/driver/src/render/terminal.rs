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
    let accent = if diagnostic.is_error() { Color::Red } else { Color::Yellow };
    // Labels in the order of the source share one picture.
    let mut labels: Vec<(&Label, Color)> = vec![(primary, accent)];
    labels.extend(diagnostic.secondary.iter().map(|label| (label, Color::Blue)));
    labels.sort_by_key(|(label, _)| (label.span.source != primary.span.source, label.span));
    let mut report =
        Report::build(ReportKind::Error, place(primary, sources)).with_config(config(colour));
    for (at, colour) in labels {
        report = report.with_label(label(at, sources).with_color(colour));
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
    let drawn = report.finish().write(texts(all), &mut bytes).is_ok();
    match String::from_utf8(bytes).ok().filter(|_| drawn) {
        Some(text) => {
            let picture = text.split_once('\n').map_or("", |(_, picture)| picture);
            let mut shown = headline(diagnostic, colour);
            // The picture pads its lines with blanks.
            for line in picture.lines() {
                shown.push('\n');
                shown.push_str(line.trim_end());
            }
            shown.push('\n');
            shown
        }
        None => without_place(diagnostic),
    }
}

/// `error[AQ0201]: message`
fn headline(diagnostic: &Diagnostic, colour: Colour) -> String {
    let word = format!("{}[{}]", severity(diagnostic), diagnostic.code);
    let number = if diagnostic.is_error() { "31" } else { "33" };
    match colour {
        Colour::Ansi => format!("\u{1b}[1;{number}m{word}\u{1b}[0m: {}", diagnostic.message),
        Colour::Plain => format!("{word}: {}", diagnostic.message),
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
    let mut text = format!("{}\n", headline(diagnostic, Colour::Plain));
    for help in &diagnostic.help {
        text.push_str(&format!("  help: {help}\n"));
    }
    for note in &diagnostic.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    text
}
