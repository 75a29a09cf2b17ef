//! `aquac check`: what is wrong with a program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aquac_base::{Diagnostic, Edit, Fix, SourceMap};
use aquac_driver::render::Colour;
use aquac_driver::{Checked, Options, Relay, check as compile, cost_json, cost_text, costs};
use aquac_project::{DiskSources, find_manifest};

use crate::arguments::CheckArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{counted, say};
use crate::project::Project;
use crate::report::{Format, report_all};
use crate::request::{files, request};

/// Runs the command. What lies below a folder can be several projects: each is checked by itself,
/// with its own constants and imports.
pub(crate) fn check(arguments: &CheckArguments, colour: Colour) -> Result<Exit, Failure> {
    let paths = paths_or_here(&arguments.paths);
    let mut all = Vec::new();
    for files in by_project(&paths)? {
        let project = Project::of(files.first().unwrap_or(&PathBuf::new()))?;
        let request = request(&files, &arguments.sources, &project)?;
        let mut checked = compile(&request, &DiskSources);
        if arguments.fix && fix(&checked)? > 0 {
            checked = compile(&request, &DiskSources);
        }
        all.push(checked);
    }
    let groups: Vec<(&[Diagnostic], &SourceMap)> =
        all.iter().map(|checked| (&*checked.diagnostics, &checked.sources)).collect();
    report_all(&groups, arguments.format, colour);
    if arguments.cost {
        let relay = if arguments.no_relay { Relay::Unused } else { Relay::Used };
        let options = Options { relay };
        all.iter().for_each(|checked| say_costs(checked, &options, arguments.format));
    }
    let good = all.iter().all(|checked| {
        checked.is_ok() && (arguments.deny.is_none() || checked.diagnostics.is_empty())
    });
    Ok(if good { Exit::Success } else { Exit::BadText })
}

/// Prints what the exported functions cost. What stands in the way has been reported.
fn say_costs(checked: &Checked, options: &Options, format: Format) {
    for cost in costs(checked, options).unwrap_or_default() {
        match format {
            Format::Human | Format::Short => say(cost_text(&cost, &checked.sources)),
            Format::Json => say(cost_json(&cost, &checked.sources)),
        }
    }
}

/// The files at or below the paths, those of one manifest together.
fn by_project(paths: &[PathBuf]) -> Result<Vec<Vec<PathBuf>>, Failure> {
    let mut groups: BTreeMap<Option<PathBuf>, Vec<PathBuf>> = BTreeMap::new();
    for path in paths {
        for file in files(path)? {
            let absolute = std::path::absolute(&file).unwrap_or_else(|_| file.clone());
            groups.entry(find_manifest(&absolute)).or_default().push(file);
        }
    }
    Ok(groups.into_values().collect())
}

/// The paths, or the current folder if there is none.
pub(crate) fn paths_or_here(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() }
}

/// Applies the fixes that are certain, and says how many. A fix that overlaps one already taken
/// is left for the next time.
fn fix(checked: &Checked) -> Result<usize, Failure> {
    let mut fixed = 0;
    for (id, source) in checked.sources.iter() {
        let mut edits: Vec<&Edit> = Vec::new();
        for repair in checked.diagnostics.iter().filter_map(certain) {
            let apart = repair.iter().all(|edit| {
                edits.iter().all(|taken| {
                    edit.span.end <= taken.span.start || taken.span.end <= edit.span.start
                })
            });
            if apart && repair.iter().all(|edit| edit.span.source == id) {
                edits.extend(repair);
                fixed += 1;
            }
        }
        if edits.is_empty() {
            continue;
        }
        let text = edited(&mut edits, &source.text);
        crate::files::write(source.name.as_ref(), text.as_bytes())?;
    }
    if fixed > 0 {
        tell!("fixed {}", counted(fixed, "problem"));
    }
    Ok(fixed)
}

fn certain(diagnostic: &Diagnostic) -> Option<&[Edit]> {
    match &diagnostic.fix {
        Some(Fix::Certain(edits)) => Some(edits),
        Some(Fix::Suggested(_)) | None => None,
    }
}

/// The text after the edits, which do not overlap.
fn edited(edits: &mut [&Edit], text: &str) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.span.start as usize).unwrap_or_default());
        result.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}
