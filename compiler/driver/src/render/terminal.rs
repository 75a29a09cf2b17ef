//! Diagnostics for people at a terminal.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use aquac_base::{Diagnostic, Label, Source, SourceId, SourceMap};
use ariadne::{Cache, Color, Config, IndexType, Report, ReportKind};

use super::{Colour, severity};

type Place = (SourceId, Range<usize>);

/// Shows the diagnostics of one compilation. Finds the lines of a text once, however many
/// diagnostics speak of it.
pub struct Terminal<'a> {
    texts: Texts<'a>,
    colour: Colour,
}

impl<'a> Terminal<'a> {
    /// Shows places in these texts.
    #[must_use]
    pub const fn new(sources: &'a SourceMap, colour: Colour) -> Self {
        Self { texts: Texts { sources, cut: BTreeMap::new() }, colour }
    }

    /// The diagnostic with the lines that it speaks of, ending in a line break.
    #[must_use]
    pub fn show(&mut self, diagnostic: &Diagnostic) -> String {
        let headline = headline(diagnostic, self.colour);
        let Some(primary) = &diagnostic.primary else { return without_place(headline, diagnostic) };
        let report = report(diagnostic, primary, self.colour);
        let mut bytes = Vec::new();
        // Writing to memory fails only if a span names a source that is not there; then the
        // message alone still says what is wrong.
        let drawn = report.write(&mut self.texts, &mut bytes).is_ok();
        let Some(text) = String::from_utf8(bytes).ok().filter(|_| drawn) else {
            return without_place(headline, diagnostic);
        };
        let picture = text.split_once('\n').map_or("", |(_, picture)| picture);
        let mut shown = headline;
        // The picture pads its lines with blanks.
        for line in picture.lines() {
            shown.push('\n');
            shown.push_str(line.trim_end());
        }
        shown.push('\n');
        shown
    }
}

/// One diagnostic with the lines that it speaks of, ending in a line break. For several use
/// [`Terminal`].
#[must_use]
pub fn terminal(diagnostic: &Diagnostic, sources: &SourceMap, colour: Colour) -> String {
    Terminal::new(sources, colour).show(diagnostic)
}

/// The texts, cut into lines when first needed.
struct Texts<'a> {
    sources: &'a SourceMap,
    cut: BTreeMap<SourceId, ariadne::Source<&'a str>>,
}

impl<'a> Cache<SourceId> for Texts<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &SourceId) -> Result<&ariadne::Source<&'a str>, impl fmt::Debug> {
        let Some(source) = self.sources.get(*id) else { return Err("no such source") };
        Ok(self.cut.entry(*id).or_insert_with(|| ariadne::Source::from(source.text.as_str())))
    }

    fn display<'b>(&self, id: &'b SourceId) -> Option<impl fmt::Display + 'b> {
        self.sources.get(*id).map(|source: &Source| source.name.clone())
    }
}

/// The picture of a diagnostic. Labels in the order of the source share one picture.
fn report<'d>(diagnostic: &'d Diagnostic, primary: &'d Label, colour: Colour) -> Report<'d, Place> {
    let accent = if diagnostic.is_error() { Color::Red } else { Color::Yellow };
    let mut labels: Vec<(&Label, Color)> = vec![(primary, accent)];
    labels.extend(diagnostic.secondary.iter().map(|label| (label, Color::Blue)));
    labels.sort_by_key(|(label, _)| (label.span.source != primary.span.source, label.span));
    let mut report = Report::build(ReportKind::Error, place(primary)).with_config(config(colour));
    for (at, colour) in labels {
        let label = ariadne::Label::new(place(at)).with_message(&at.message);
        report = report.with_label(label.with_color(colour));
    }
    for help in &diagnostic.help {
        report = report.with_help(help);
    }
    for note in &diagnostic.notes {
        report = report.with_note(note);
    }
    report.finish()
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

fn place(at: &Label) -> Place {
    (at.span.source, at.span.start as usize..at.span.end as usize)
}

fn without_place(headline: String, diagnostic: &Diagnostic) -> String {
    let mut text = format!("{headline}\n");
    for help in &diagnostic.help {
        text.push_str(&format!("  help: {help}\n"));
    }
    for note in &diagnostic.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    text
}
