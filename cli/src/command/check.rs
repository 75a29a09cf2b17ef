//! `aquac check`: what is wrong with a program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aquac_base::{Diagnostic, SourceMap, repair};
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
        if arguments.fix {
            checked = fix_all(checked, || compile(&request, &DiskSources))?;
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

/// How often the fixes are applied: one may lie in the way of another, or show what was hidden.
const FIX_ROUNDS: usize = 8;

/// Applies the fixes that are certain until there is none left, and says how many there were.
fn fix_all(mut checked: Checked, again: impl Fn() -> Checked) -> Result<Checked, Failure> {
    let mut all = 0;
    for _ in 0..FIX_ROUNDS {
        let fixed = fix(&checked)?;
        if fixed == 0 {
            break;
        }
        all += fixed;
        checked = again();
    }
    if all > 0 {
        tell!("fixed {}", counted(all, "problem"));
    }
    Ok(checked)
}

/// Applies the fixes that are certain, and says how many.
fn fix(checked: &Checked) -> Result<usize, Failure> {
    let mut fixed = 0;
    for (id, source) in checked.sources.iter() {
        let repaired = repair(id, &source.text, &checked.diagnostics);
        if repaired.fixed > 0 {
            crate::files::write(source.name.as_ref(), repaired.text.as_bytes())?;
            fixed += repaired.fixed;
        }
    }
    Ok(fixed)
}
