//! `aquac test`: the `*_test.toml` files beside the sources, in the simulator.

mod judge;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_base::{Source, SourceMap};
use aquac_driver::render::Colour;
use aquac_driver::{Artifact, Call, Checked, Options, build_one, call, check};
use aquac_ir::Value;
use aquac_project::{DiskSources, read_manifest};
use aquac_services::config::{Answer, Period};
use aquac_sim::{Delay, Fault};

use super::check::paths_or_here;
use crate::arguments::{SourceArguments, TestArguments};
use crate::diagram::mermaid;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{counted, say};
use crate::project::{Project, shorten};
use crate::request::request;
use crate::simulation::{Played, Scenario};
use crate::test_file::{SUFFIX, TestFile, TestTable, pattern};
use crate::verdict::Scene;

/// Seeds of a test that does not say how many.
const SEEDS: u32 = 20;

/// How long a particle lives if nothing is said.
const DEFAULT_TTL: Period = Period::from_millis(15_000);

/// Frames take so long where a test says nothing, so that seeds make different orders.
const FRAME_MS: (u64, u64) = (1, 20);

/// Folders that are looked into, one below the other.
const MAX_DEPTH: usize = 32;

/// Runs the command.
pub(crate) fn test(arguments: &TestArguments, colour: Colour) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in paths_or_here(&arguments.paths) {
        find(&path, 0, &mut files)?;
    }
    files.sort();
    files.dedup();
    if files.is_empty() {
        return Err(Failure::new(Exit::BadText, format!("there is no *{SUFFIX} here")));
    }
    let mut tally = Tally::default();
    for path in &files {
        Suite::read(path)?.run(arguments, colour, &mut tally)?;
    }
    if tally.ran == 0 {
        return Err(Failure::command("no test has this name"));
    }
    say(format!("{}, {} failed", counted(tally.ran, "test"), tally.failed));
    Ok(if tally.failed == 0 { Exit::Success } else { Exit::BadText })
}

/// How many so far.
#[derive(Debug, Default)]
struct Tally {
    ran: usize,
    failed: usize,
}

/// The test files at or below a path.
fn find(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable = |error| crate::files::unreadable(path, &error);
    if !path.is_dir() {
        std::fs::metadata(path).map_err(unreadable)?;
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let passed_over = name.starts_with('.') || name == "node_modules" || name == "target";
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !passed_over && depth < MAX_DEPTH {
            find(&entry.path(), depth + 1, files)?;
        } else if !is_folder && name.ends_with(SUFFIX) {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// One file of tests, and its program.
struct Suite {
    shown: String,
    file: TestFile,
    project: Project,
    checked: Checked,
}

/// One test, ready to be played.
struct Case<'a> {
    table: &'a TestTable,
    scenario: Scenario<'a>,
    artifact: Artifact,
    args: Vec<Value>,
}

impl Suite {
    fn read(path: &Path) -> Result<Self, Failure> {
        let shown = shorten(path);
        let text = crate::files::read_text(path)
            .map_err(|why| Failure::new(Exit::BadText, format!("cannot read {shown}: {why}")))?;
        let mut sources = SourceMap::new();
        let source = sources.add(Source::new(shown.as_str(), text.as_str()));
        let file: TestFile =
            read_manifest(source, &text).map_err(|wrong| Failure::text(vec![*wrong], sources))?;
        let program = match &file.program {
            Some(program) => path.with_file_name(program),
            None => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                path.with_file_name(format!("{}.aqua", name.trim_end_matches(SUFFIX)))
            }
        };
        let project = Project::of(&program)?;
        let checked =
            check(&request(&[program], &SourceArguments::default(), &project)?, &DiskSources);
        if !checked.is_ok() {
            return Err(Failure::text(checked.diagnostics, checked.sources));
        }
        Ok(Self { shown, file, project, checked })
    }

    fn run(
        &self,
        arguments: &TestArguments,
        colour: Colour,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        say(&self.shown);
        for table in &self.file.test {
            if arguments.only.as_ref().is_some_and(|only| *only != table.name) {
                continue;
            }
            tally.ran += 1;
            tally.failed += usize::from(!self.hold(table, arguments, colour)?);
        }
        Ok(())
    }

    /// Plays a test with all its seeds, and says how it went.
    fn hold(
        &self,
        table: &TestTable,
        arguments: &TestArguments,
        colour: Colour,
    ) -> Result<bool, Failure> {
        let mut case = self.case(table)?;
        let seeds = match arguments.seed {
            Some(seed) => seed..=seed,
            None => 1..=u64::from(arguments.seeds.or(table.seeds).unwrap_or(SEEDS)),
        };
        let all = seeds.clone().count();
        for seed in seeds {
            case.scenario.seed = seed;
            let played = case.scenario.play(&case.artifact, case.args.clone());
            if let Some(path) = &arguments.diagram {
                crate::files::write_or_print(
                    path,
                    &mermaid(&judge::events(&played.trace, &self.project)),
                )?;
            }
            if let Some(wrong) =
                judge::wrong(&case.table.expect, &played.outcome, &played.trace, &self.project)
            {
                say(format!("  FAILED  {}, with seed {seed}", table.name));
                self.explain(&case, &wrong, &played, colour);
                say(format!("          again: {}", self.again(table, seed)));
                return Ok(false);
            }
        }
        say(format!("  ok      {} ({})", table.name, counted(all, "seed")));
        Ok(true)
    }

    fn explain(&self, case: &Case<'_>, wrong: &str, played: &Played, colour: Colour) {
        say(format!("          {wrong}"));
        let scene = Scene {
            artifact: &case.artifact,
            sources: &self.checked.sources,
            project: &self.project,
        };
        if let Some(diagnostic) = judge::diagnostic(&scene, &played.outcome, case.scenario.ttl) {
            let text = aquac_driver::render::terminal(&diagnostic, &self.checked.sources, colour);
            text.lines().for_each(|line| say(format!("          {line}")));
        }
        let calls = judge::calls(&played.trace, &self.project);
        calls.iter().for_each(|line| say(format!("          {line}")));
    }

    /// The command that plays the same again.
    fn again(&self, table: &TestTable, seed: u64) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let path =
            if self.shown.contains([' ', '\'']) { quoted(&self.shown) } else { self.shown.clone() };
        format!("aquac test {path} --only {} --seed {seed}", quoted(&table.name))
    }

    fn case<'a>(&'a self, table: &'a TestTable) -> Result<Case<'a>, Failure> {
        let Call { function, args } = call(&self.checked, &table.call, &table.data)
            .map_err(|wrong| Failure::text(wrong.diagnostics, wrong.sources))?;
        let artifact = build_one(&self.checked, function, &Options::default())
            .map_err(|diagnostics| Failure::text(diagnostics, self.checked.sources.clone()))?;
        let run = &self.project.manifest.run;
        let ttl = table.ttl.or(run.ttl).unwrap_or(DEFAULT_TTL).millis();
        let scenario = Scenario {
            project: &self.project,
            relay: table.relay.clone().or_else(|| run.relay.clone()),
            mocks: mocks(&table.mock),
            faults: faults(&table.faults),
            ttl: u32::try_from(ttl).unwrap_or(u32::MAX),
            seed: 1,
        };
        let peers = scenario.peers();
        let named = scenario.faults.iter().filter_map(peer_of).chain(scenario.relay.as_ref());
        for name in named {
            if !peers.contains(name) {
                return Err(Failure::new(
                    Exit::BadText,
                    format!("{}: \"{}\": there is no peer `{name}`", self.shown, table.name),
                ));
            }
        }
        Ok(Case { table, scenario, artifact, args })
    }
}

/// The rules in the order in which they count: those that say more first.
fn mocks(written: &BTreeMap<String, Answer>) -> Vec<(String, Answer)> {
    let mut rules: Vec<(String, Answer)> =
        written.iter().map(|(key, answer)| (pattern(key), answer.clone())).collect();
    rules.sort_by_key(|(pattern, _)| pattern.matches(['*', '?']).count());
    rules
}

fn faults(written: &[Fault]) -> Vec<Fault> {
    let (from, to) = ("*".to_owned(), "*".to_owned());
    let usual = Fault::Delay { delay: Delay { from, to, ms: FRAME_MS } };
    written.iter().cloned().chain([usual]).collect()
}

/// The one peer that a fault names.
fn peer_of(fault: &Fault) -> Option<&String> {
    match fault {
        Fault::Crash { crash: peer, .. }
        | Fault::Restart { restart: peer, .. }
        | Fault::TornWrite { torn_write: peer }
        | Fault::Equivocate { equivocate: peer } => Some(peer),
        Fault::Skew { skew } => Some(&skew.peer),
        Fault::Lie { lie } => Some(&lie.peer),
        Fault::Drop { .. }
        | Fault::Duplicate { .. }
        | Fault::Delay { .. }
        | Fault::Partition { .. } => None,
    }
}
