//! `aquac run --watch`: again whenever a source changes, until interrupted.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aquac_driver::render::Colour;
use aquac_project::sources_below;
use tokio::time::sleep;

use super::{Interruption, once, runtime};
use crate::arguments::RunArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;

/// How often it is looked whether something has changed.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The files that matter, with their times and sizes.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Runs until interrupted. A run that fails is no end.
pub(super) fn watch(arguments: &RunArguments, colour: Colour) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    // One for all runs and all pauses between them: a signal must not fall between two.
    let mut interruption = runtime.block_on(async { Interruption::watch() })?;
    loop {
        let before = seen(arguments);
        match once(arguments, colour) {
            Err(failure @ Failure::Message { exit: Exit::Interrupted, .. }) => return Err(failure),
            Err(failure) => {
                failure.say(colour);
            }
            Ok(_) => {}
        }
        tell!("waiting for a change");
        runtime.block_on(async {
            tokio::select! {
                interrupted = interruption.comes() => interrupted,
                () = change(arguments, before) => Ok(()),
            }
        })?;
    }
}

/// Until the files are not what they were, and have stopped changing.
async fn change(arguments: &RunArguments, before: Seen) {
    let mut last = before.clone();
    loop {
        sleep(LOOK_EVERY).await;
        let now = seen(arguments);
        if now != before && now == last {
            return;
        }
        last = now;
    }
}

fn seen(arguments: &RunArguments) -> Seen {
    let mut files = vec![arguments.file.clone()];
    // One that cannot be read now is one that changes.
    let root = Project::of(&arguments.file).map(|project| project.root);
    let above = arguments.file.parent().map(PathBuf::from).unwrap_or_default();
    let root = root.unwrap_or(above);
    files.push(root.join("aqua.toml"));
    files.extend(sources_below(&root).unwrap_or_default());
    files
        .into_iter()
        .map(|file| {
            let data = std::fs::metadata(&file).ok();
            let size = data.as_ref().map_or(0, std::fs::Metadata::len);
            (file, (data.and_then(|data| data.modified().ok()), size))
        })
        .collect()
}
