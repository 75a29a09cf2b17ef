//! `aquac fmt`: sources in the one style.

use std::io::Read;
use std::path::Path;

use aquac_base::{Source, SourceMap};
use aquac_driver::render::Colour;

use super::check::paths_or_here;
use crate::arguments::FmtArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::say;
use crate::project::shorten;
use crate::report::{Format, report};

/// Runs the command.
pub(crate) fn fmt(arguments: &FmtArguments, colour: Colour) -> Result<Exit, Failure> {
    if arguments.stdin {
        return stdin(arguments, colour);
    }
    let mut exit = Exit::Success;
    for path in paths_or_here(&arguments.paths) {
        for file in crate::files::sources(&path)? {
            let shown = shorten(&file);
            let text = crate::files::read_text(&file).map_err(|why| {
                Failure::new(Exit::BadText, format!("cannot read {shown}: {why}"))
            })?;
            match formatted(&shown, &text, colour) {
                None => exit = Exit::BadText,
                Some(new) if new == text => {}
                Some(_) if arguments.check => {
                    say(shown);
                    exit = Exit::BadText;
                }
                Some(new) => crate::files::write(&file, new.as_bytes())?,
            }
        }
    }
    Ok(exit)
}

fn stdin(arguments: &FmtArguments, colour: Colour) -> Result<Exit, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Exit::BadText, format!("standard input: {error}")))?;
    let Some(new) = formatted("<stdin>", &text, colour) else { return Ok(Exit::BadText) };
    if arguments.check {
        return Ok(if new == text { Exit::Success } else { Exit::BadText });
    }
    crate::files::write_or_print(Path::new("-"), &new)?;
    Ok(Exit::Success)
}

/// The text in the one style; if it has mistakes, they are reported instead.
fn formatted(name: &str, text: &str, colour: Colour) -> Option<String> {
    match aquac_syntax::format_correct(text) {
        Ok(new) => Some(new),
        Err(diagnostics) => {
            let mut sources = SourceMap::new();
            sources.add(Source::new(name, text));
            report(&diagnostics, &sources, Format::Human, colour);
            None
        }
    }
}
