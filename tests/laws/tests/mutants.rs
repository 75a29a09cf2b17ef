//! Whether every planted mutant can still be planted. Patches against code that moves are lost
//! without a word: a mutant that is not planted is not caught.
//!
//! `mutants/run` plants them and runs the laws; here each is only looked for.

use std::path::{Path, PathBuf};

/// What a patch takes away and what it puts there, in one place of one file.
struct Change {
    file: String,
    before: String,
    after: String,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(clippy::disallowed_methods, reason = "the patches and what they change are files")]
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The changes of a patch.
fn changes(patch: &str) -> Vec<Change> {
    let mut file = String::new();
    let mut changes: Vec<Change> = Vec::new();
    for line in patch.lines() {
        let open = changes.last_mut();
        match (line.split_at_checked(1), open) {
            _ if line.starts_with("--- ") => {}
            _ if line.starts_with("+++ b/") => file = line["+++ b/".len()..].to_owned(),
            _ if line.starts_with("@@") => {
                let (before, after) = (String::new(), String::new());
                changes.push(Change { file: file.clone(), before, after });
            }
            (Some(("-", gone)), Some(change)) => change.before += &format!("{gone}\n"),
            (Some(("+", new)), Some(change)) => change.after += &format!("{new}\n"),
            (Some((" ", both)), Some(change)) => {
                change.before += &format!("{both}\n");
                change.after += &format!("{both}\n");
            }
            other => panic!("{line:?} is no line of a patch: {:?}", other.0),
        }
    }
    changes
}

fn patches() -> Vec<PathBuf> {
    let folder = repository().join("tests/laws/mutants");
    let files = std::fs::read_dir(folder).expect("the mutants lie there");
    let is_patch = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "patch");
    let mut patches: Vec<PathBuf> =
        files.map(|file| file.expect("a file has a name").path()).filter(is_patch).collect();
    patches.sort();
    patches
}

/// Why a patch cannot be planted, if it cannot.
fn lost(patch: &Path) -> Option<String> {
    let changes = changes(&text(patch));
    if changes.is_empty() {
        return Some("changes nothing".to_owned());
    }
    changes.iter().find_map(|Change { file, before, after }| {
        let places = text(&repository().join(file)).matches(before.as_str()).count();
        match places {
            _ if before == after => Some("changes nothing".to_owned()),
            1 => None,
            places => Some(format!("fits {places} places in {file}:\n{before}")),
        }
    })
}

#[test]
fn every_mutant_can_still_be_planted() {
    let patches = patches();
    assert!(patches.len() >= FEWEST, "only {} mutants are left", patches.len());
    let lost: Vec<String> = patches
        .iter()
        .filter_map(|patch| Some(format!("{}: {}", patch.display(), lost(patch)?)))
        .collect();
    assert!(lost.is_empty(), "make these again:\n{}", lost.join("\n"));
}

/// Mutants without which the laws would not have been tried.
const FEWEST: usize = 39;
