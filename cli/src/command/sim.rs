//! `aquac sim`: a simulation that is written down as data, and what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_driver::{Checked, Options, build_one, call, check};
use aquac_ir::{Debug, Value};
use aquac_project::DiskSources;
use aquac_sim::{Failing, Job, Names, Outcome, Source, judge, shrink};
use serde::Serialize;

use crate::arguments::{SimArguments, SourceArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::say;
use crate::project::Project;
use crate::request::request;

/// Runs the command.
pub(crate) fn sim(arguments: &SimArguments) -> Result<Exit, Failure> {
    let path = &arguments.job;
    let bad = |why: String| Failure::command(format!("{}: {why}", path.display()));
    let text = crate::files::read_text(path).map_err(bad)?;
    let mut job = Job::from_json(&text)
        .map_err(|error| Failure::command(format!("{}:{error}", path.display())))?;
    for name in job.only_in_faults() {
        tell!("note: {}: only a fault names the peer \"{name}\"", path.display());
    }
    let (program, debug) = compile(&mut job, path, &arguments.sources)?;
    let first = job.seed;
    for number in 0..arguments.seeds.unwrap_or(1) {
        job.seed = first.wrapping_add(number);
        let (outcome, broken) =
            judge(&job, &program, Some(&debug)).map_err(|error| bad(error.to_string()))?;
        let line = match arguments.seeds {
            None => serde_json::to_string(&outcome),
            Some(_) => serde_json::to_string(&Seeded { seed: job.seed, outcome: &outcome }),
        };
        say(line.map_err(|error| bad(error.to_string()))?);
        if let Some(broken) = broken {
            let failing = shrink(&job, &broken, &program, Some(&debug));
            return Err(broken_expectation(path, &failing));
        }
    }
    Ok(Exit::Success)
}

/// The first seed that breaks an expectation, and the smallest job that breaks the same.
fn broken_expectation(path: &Path, failing: &Failing) -> Failure {
    let Failing { seed, broken, job, still } = failing;
    let job = job.to_json().unwrap_or_else(|error| error.to_string());
    let text = format!(
        "{}: seed {seed}: {broken}\n  the smallest job that breaks the same ({still}):\n{job}",
        path.display()
    );
    Failure::new(Exit::BadText, text)
}

/// What came of one seed of several.
#[derive(Serialize)]
struct Seeded<'a> {
    seed: u64,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// The program of a job. Paths in the job become such that the job runs from here, wherever it
/// is kept.
fn compile(
    job: &mut Job,
    path: &Path,
    sources: &SourceArguments,
) -> Result<(Vec<u8>, Debug), Failure> {
    match &mut job.program {
        Source::Air { air } if is_path(air) => {
            let file = beside(path, air.trim());
            let text = crate::files::read_text(&file)
                .map_err(|why| Failure::new(Exit::BadText, format!("{}: {why}", file.display())))?;
            *air = text.clone();
            air_program(job, path, &file.display().to_string(), &text)
        }
        Source::Air { air } => {
            let text = air.clone();
            air_program(job, path, &format!("{}: program.air", path.display()), &text)
        }
        Source::Aqua { aqua, function } => {
            let file = beside(path, aqua);
            if file.is_dir() {
                let why = "program.aqua should be a module, and this is a folder";
                return Err(Failure::command(format!("{}: {why}: {aqua}", path.display())));
            }
            *aqua = file.display().to_string();
            aqua_program(&file, function, sources, &mut job.args)
        }
    }
}

/// AIR begins with a bracket or a comment, a path does not.
fn is_path(air: &str) -> bool {
    let text = air.trim();
    !text.is_empty() && !text.contains('(') && text.lines().count() == 1
}

fn air_program(job: &Job, path: &Path, file: &str, air: &str) -> Result<(Vec<u8>, Debug), Failure> {
    let peers = job
        .all_peers()
        .map_err(|error| Failure::command(format!("{}: {error}", path.display())))?;
    let ids = peers.into_iter().map(|name| {
        let id = crate::keys::development_peer(&name);
        (name, id)
    });
    let names = Names::new(ids);
    let text = names.expand(air);
    let reading = aquac_air::read(&text).map_err(|errors| {
        let lines: Vec<String> = errors
            .iter()
            .map(|error| {
                // As the author wrote it: ids are longer than names.
                let before = names.shorten(text.get(..error.span.start).unwrap_or_default());
                let line = 1 + before.matches('\n').count();
                let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
                format!("{file}:{line}:{column}: {}", names.shorten(&error.problem.to_string()))
            })
            .collect();
        Failure::new(Exit::BadText, lines.join("\n"))
    })?;
    Ok((aquac_ir::encode(reading.program.program()), reading.debug))
}

fn aqua_program(
    file: &Path,
    function: &str,
    sources: &SourceArguments,
    args: &mut BTreeMap<String, Value>,
) -> Result<(Vec<u8>, Debug), Failure> {
    let project = Project::of(file)?;
    let checked = check(&request(&[file.to_path_buf()], sources, &project)?, &DiskSources);
    if !checked.is_ok() {
        return Err(Failure::text(checked.diagnostics, checked.sources));
    }
    let own = |module| checked.graph.get(module).is_some_and(|module| module.entry);
    let mut exported = checked.exported_functions().filter(|export| export.name == function);
    let mut declared = checked.typed.program.functions.iter();
    let found = exported.next().map(|export| export.id).or_else(|| {
        declared.find(|(_, one)| own(one.module) && *one.name == *function).map(|(id, _)| id)
    });
    let id = found.ok_or_else(|| {
        let text = format!("{}: there is no function `{function}`", file.display());
        Failure::new(Exit::BadText, text)
    })?;
    let artifact = build_one(&checked, id, &Options::default())
        .map_err(|diagnostics| Failure::text(diagnostics, checked.sources.clone()))?;
    let program = &checked.typed.program;
    let parameters = program.functions[id].parameters.iter();
    let parameters: Vec<&str> = parameters.map(|local| &*program.locals[*local].name).collect();
    let text = format!("{function}({})", parameters.join(", "));
    check_arguments(&checked, &text, &artifact.debug.parameters, args)?;
    Ok((aquac_ir::encode(&artifact.program), artifact.debug))
}

/// Arguments become as `run` would give them to the function, or are refused as it would refuse
/// them. Of those that are not there the job's own check speaks.
fn check_arguments(
    checked: &Checked,
    text: &str,
    names: &[String],
    args: &mut BTreeMap<String, Value>,
) -> Result<(), Failure> {
    let key = |(at, name): (usize, &String)| {
        let keys = [name.clone(), at.to_string()];
        keys.into_iter().find(|key| args.contains_key(key))
    };
    let Some(keys) = names.iter().enumerate().map(key).collect::<Option<Vec<String>>>() else {
        return Ok(());
    };
    let given = names.iter().zip(&keys);
    let given = given.filter_map(|(name, key)| Some((name.clone(), args.get(key)?.clone())));
    let call = call(checked, text, &given.collect())
        .map_err(|wrong| Failure::text(wrong.diagnostics, wrong.sources))?;
    args.extend(keys.into_iter().zip(call.args));
    Ok(())
}

/// A path in a job is meant from the job's folder, else from here.
fn beside(job: &Path, file: &str) -> PathBuf {
    let near = job.parent().unwrap_or(Path::new("")).join(file);
    if near.is_file() { near } else { PathBuf::from(file) }
}
