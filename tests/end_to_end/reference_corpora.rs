//! What the checker says of Aqua that others wrote: how many findings of the guarantees there are
//! for how many functions. Off by default, because those programs are not part of this repository.
//!
//! ```sh
//! AQUAC_CORPORA=… cargo test -p aquac --test end_to_end -- --ignored --nocapture corpora
//! ```
//!
//! `AQUAC_CORPORA` is a folder with `.aqua` files anywhere below it. A `node_modules` right in it is where imports are
//! looked up. Every finding is printed with its place, to be judged by a person: the test only fails if there are so
//! many that some must be false, or if the checker breaks down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::harness::{Folder, aquac, run};

/// Findings in a hundred functions.
const MOST: usize = 2;

/// The families that say how a run may go wrong.
const FAMILIES: [&str; 2] = ["AQ05", "AQ06"];

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "aqua") {
            found.push(path);
        }
    }
}

/// What the checker says of one file.
fn said(file: &Path, imports: &[String], folder: &Folder) -> Vec<Json> {
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(imports.iter().map(String::as_str));
    arguments.push(file.to_str().unwrap());
    let ended = run(aquac(folder.path(), &arguments), 60);
    assert!(matches!(ended.code, Some(0 | 1)), "{}: {ended:?}", file.display());
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
#[ignore = "needs a folder with Aqua files in AQUAC_CORPORA"]
fn corpora_have_few_findings() {
    let root = std::env::var_os("AQUAC_CORPORA").expect("AQUAC_CORPORA names no folder");
    let root = PathBuf::from(root).canonicalize().unwrap();
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let packages = root.join("node_modules");
    let imports: Vec<String> = ["", "@fluencelabs"]
        .iter()
        .map(|below| packages.join(below))
        .filter(|import| import.is_dir())
        .flat_map(|import| ["--import".to_owned(), import.display().to_string()])
        .collect();
    let folder = Folder::with(&[]);
    let (mut functions, mut findings) = (0, BTreeSet::new());
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let said = said(file, &imports, &folder);
        let error = said.iter().find(|one| one["severity"] == "error");
        // Of what does not compile, nothing more is known.
        if let Some(error) = error {
            let why = format!("{} {}", error["code"], error["message"]);
            refused.insert(file.display().to_string(), why);
            continue;
        }
        functions += text.lines().filter(|line| line.starts_with("func ")).count();
        let family = |one: &&Json| {
            let code = one["code"].as_str().unwrap_or_default();
            FAMILIES.iter().any(|family| code.starts_with(family))
        };
        let place = |one: &Json| {
            let line = &one["primary"]["start"]["line"];
            format!("{}:{line}: {} {}", file.display(), one["code"], one["message"])
        };
        findings.extend(said.iter().filter(family).map(place));
    }
    for (file, why) in &refused {
        println!("refused: {file}: {why}");
    }
    for finding in &findings {
        println!("{finding}");
    }
    let count = findings.len();
    println!(
        "{} files, {} refused; {functions} functions, {count} findings",
        files.len(),
        refused.len()
    );
    assert!(functions > 0, "no functions below {}", root.display());
    assert!(count * 100 <= functions * MOST, "{count} findings in {functions} functions");
}
