//! `aquac build`: a program's exported functions as files, as text, or as the way that they go.
//!
//! What lies below a folder can be several projects: each is built by itself, with its own
//! manifest. `groups` sorts the files, `files` writes programs, `text` reads a program that is
//! text already, `watch` does it all again whenever something changes.

mod files;
mod groups;
mod text;
mod watch;

use std::path::{Path, PathBuf};

use aquac_base::{Diagnostic, SourceMap};
use aquac_driver::render::Colour;
use aquac_driver::{Checked, Options, Relay, check, emit, routes};
use aquac_project::DiskSources;

use super::check::paths_or_here;
use crate::arguments::{BuildArguments, RouteForm};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::project::Project;
use crate::report::report_all;
use crate::request::request;
use files::Output;
use groups::{Group, groups};

/// Runs the command.
pub(crate) fn build(arguments: &BuildArguments, colour: Colour) -> Result<Exit, Failure> {
    if arguments.watch {
        return watch::watch(arguments, colour);
    }
    let built = once(arguments)?;
    built.report(arguments, colour);
    Ok(if built.is_good() { Exit::Success } else { Exit::BadText })
}

/// What one build came to.
#[derive(Default)]
struct Built {
    /// What was said of each project, with its texts.
    said: Vec<(Vec<Diagnostic>, SourceMap)>,
    /// Programs that were written.
    programs: usize,
    /// Projects, and programs that are text already.
    projects: usize,
}

impl Built {
    fn is_good(&self) -> bool {
        !self.said.iter().any(|(found, _)| found.iter().any(Diagnostic::is_error))
    }

    fn report(&self, arguments: &BuildArguments, colour: Colour) {
        let groups: Vec<(&[Diagnostic], &SourceMap)> =
            self.said.iter().map(|(found, sources)| (&**found, sources)).collect();
        report_all(&groups, arguments.format, colour);
    }
}

/// Builds everything that was asked for.
fn once(arguments: &BuildArguments) -> Result<Built, Failure> {
    let paths = paths_or_here(&arguments.paths);
    let (texts, sources): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| text::is_program(path));
    let mut output = Output::new(&arguments.output);
    let mut built = Built::default();
    let groups = groups(&sources)?;
    let several = groups.len() > 1;
    for group in &groups {
        let said = project(group, several, arguments, &mut output)?;
        built.said.push(said);
    }
    for text in &texts {
        text::build(text, arguments, &mut output)?;
    }
    built.programs = output.programs();
    built.projects = groups.len() + texts.len();
    Ok(built)
}

/// Builds one project; says what is to be said of it.
fn project(
    group: &Group,
    several: bool,
    arguments: &BuildArguments,
    output: &mut Output,
) -> Result<(Vec<Diagnostic>, SourceMap), Failure> {
    let project = Project::of(group.files.first().map_or(Path::new(""), PathBuf::as_path))?;
    let request = request(&group.files, &arguments.sources, &project)?;
    let checked = check(&request, &DiskSources);
    let options = options(arguments);
    let outcome = if let Some(form) = arguments.route {
        routes(&checked, &options).map(|routes| print(&route_text(&routes, form)))
    } else if let Some(rung) = arguments.emit {
        emit(&checked, rung.into(), &options).map(|text| print(&text))
    } else {
        let sources = group.root.join(&project.manifest.project.src);
        let roots = files::Roots { sources: &sources, root: &group.root, several };
        output.artifacts(arguments.target, &checked, &options, &roots)?
    };
    let Checked { mut diagnostics, sources, .. } = checked;
    if let Err(found) = outcome {
        let new: Vec<_> = found.into_iter().filter(|one| !diagnostics.contains(one)).collect();
        diagnostics.extend(new);
    }
    Ok((diagnostics, sources))
}

fn options(arguments: &BuildArguments) -> Options {
    Options { relay: if arguments.no_relay { Relay::Unused } else { Relay::Used } }
}

/// The ways of several functions, one below the other.
fn route_text(routes: &[aquac_driver::Route], form: RouteForm) -> String {
    let each = routes.iter().map(|route| match form {
        RouteForm::Text => route.text(),
        RouteForm::Mermaid => route.mermaid(),
    });
    each.collect::<Vec<_>>().join("\n")
}
