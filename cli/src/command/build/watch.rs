//! `aquac build --watch`: builds again whenever a file that matters has changed.
//!
//! Files are looked at ten times a second and compared by time and size. That costs microseconds
//! for hundreds of files, sees every kind of file system alike, and needs no library; what a
//! notification would bring is a tenth of a second.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use aquac_base::{Diagnostic, Severity};
use aquac_driver::render::Colour;
use aquac_project::{find_manifest, sources_below};

use super::groups::absolute;
use super::{Built, once};
use crate::arguments::BuildArguments;
use crate::command::check::paths_or_here;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::counted;
use crate::project::shorten;
use crate::report::{Format, clear_screen, report};

/// How often files are looked at. After a change, nothing is built before they have stayed the
/// same for so long: editors write in several steps.
const INTERVAL: Duration = Duration::from_millis(100);

/// Time and size of a file; `None` if it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Runs until it is interrupted.
pub(super) fn watch(arguments: &BuildArguments, colour: Colour) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::BadCommand, format!("cannot watch the clock: {error}"))
    })?;
    runtime.block_on(async {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
            failure = rounds(arguments, colour) => Err(failure),
        }
    })
}

/// Builds again and again. Ends only if the very first build shows that the command is wrong.
async fn rounds(arguments: &BuildArguments, colour: Colour) -> Failure {
    let mut changed = Vec::new();
    let mut loaded = Vec::new();
    for round in 1_u32.. {
        // Let an interrupt through before the work starts.
        tokio::task::yield_now().await;
        clear_screen();
        let before = stamps(arguments, &loaded);
        let begin = Instant::now();
        let result = once(arguments);
        let took = begin.elapsed();
        let outcome = match result {
            Ok(built) => {
                loaded = loaded_files(&built);
                built.report(arguments, colour);
                outcome(&built)
            }
            Err(failure) => match shown(failure, round, colour) {
                Ok(words) => words,
                Err(failure) => return failure,
            },
        };
        let after = stamps(arguments, &loaded);
        status(round, &changed, &outcome, took, after.len());
        changed = next_change(arguments, &loaded, before, after).await;
    }
    Failure::Said(Exit::Bug)
}

/// A failure of a later build is shown, and the next change may mend it.
fn shown(failure: Failure, round: u32, colour: Colour) -> Result<String, Failure> {
    match failure {
        Failure::Message { .. } if round == 1 => return Err(failure),
        Failure::Message { text, .. } => tell!("error: {text}"),
        Failure::Diagnostics { diagnostics, sources, .. } => {
            report(&diagnostics, &sources, Format::Human, colour);
        }
        Failure::Said(_) => {}
    }
    Ok("nothing was built".to_owned())
}

/// `2 programs, 1 warning`.
fn outcome(built: &Built) -> String {
    let of = |severity: Severity| {
        let all = built.said.iter().flat_map(|(found, _): &(Vec<Diagnostic>, _)| found);
        all.filter(|found| found.severity == severity).count()
    };
    let mut words = vec![counted(built.programs, "program")];
    for (number, word) in [(of(Severity::Error), "error"), (of(Severity::Warning), "warning")] {
        if number > 0 {
            words.push(counted(number, word));
        }
    }
    words.join(", ")
}

/// The status block.
fn status(round: u32, changed: &[PathBuf], outcome: &str, took: Duration, files: usize) {
    tell!("── build {round}");
    if let [first, more @ ..] = changed {
        let more =
            if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        tell!("   changed   {}{more}", shorten(first));
    }
    tell!("   result    {outcome}, {} ms", took.as_millis());
    tell!("   watching  {}; Ctrl-C ends", counted(files, "file"));
}

/// Waits until something has changed and then stayed the same; says what.
async fn next_change(
    arguments: &BuildArguments,
    loaded: &[PathBuf],
    before: BTreeMap<PathBuf, Stamp>,
    after: BTreeMap<PathBuf, Stamp>,
) -> Vec<PathBuf> {
    // What changed while the build ran counts from before it; what it found is new.
    let mut built = after;
    built.extend(before);
    let mut last = built.clone();
    loop {
        tokio::time::sleep(INTERVAL).await;
        let now = stamps(arguments, loaded);
        let settled = now == last;
        let different: Vec<PathBuf> = differences(&built, &now);
        last = now;
        if settled && !different.is_empty() {
            return different;
        }
    }
}

/// The files that are new, gone, or have another time or size.
fn differences(old: &BTreeMap<PathBuf, Stamp>, new: &BTreeMap<PathBuf, Stamp>) -> Vec<PathBuf> {
    let gone = old.keys().filter(|path| !new.contains_key(*path));
    let other = new.iter().filter(|(path, stamp)| old.get(*path).copied().flatten() != **stamp);
    other.map(|(path, _)| path).chain(gone).cloned().collect()
}

/// The files that matter, with their stamps: every source below what was asked for, those that
/// were imported and those beside them, and the manifests.
fn stamps(arguments: &BuildArguments, loaded: &[PathBuf]) -> BTreeMap<PathBuf, Stamp> {
    let mut files: BTreeMap<PathBuf, Stamp> = BTreeMap::new();
    let mut add = |path: &Path| {
        let path = absolute(path);
        let found = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file);
        let stamp =
            found.map(|found| (found.modified().unwrap_or(SystemTime::UNIX_EPOCH), found.len()));
        files.insert(path, stamp);
    };
    for path in paths_or_here(&arguments.paths) {
        let below =
            if path.is_dir() { sources_below(&path).unwrap_or_default() } else { vec![path] };
        below.iter().chain(loaded).for_each(|file| {
            add(file);
            siblings(file).iter().for_each(|file| add(file));
            if let Some(manifest) = find_manifest(&absolute(file)) {
                add(&manifest);
            }
        });
    }
    files
}

/// Sources beside a file: one that is missing may appear there.
fn siblings(file: &Path) -> Vec<PathBuf> {
    let whole = absolute(file);
    let Some(entries) = whole.parent().and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return Vec::new();
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "aqua")).collect()
}

/// Every file that a build has read.
fn loaded_files(built: &Built) -> Vec<PathBuf> {
    let sources = built.said.iter().flat_map(|(_, sources)| sources.iter());
    let paths = sources.map(|(_, source)| PathBuf::from(source.name.as_str()));
    paths.filter(|path| path.is_file()).collect()
}
