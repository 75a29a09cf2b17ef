//! The recorded scripts of the reference, which are not part of the repository. With the folder
//! that holds `programs` and `vectors`:
//! `AQUAC_CASES=FOLDER cargo test -p aquac-air -- --ignored`.

use std::path::{Path, PathBuf};

use aquac_air::{parse, print};

fn cases() -> PathBuf {
    let folder = option_env!("AQUAC_CASES");
    PathBuf::from(folder.expect("AQUAC_CASES names the folder of the recorded cases"))
}

#[expect(clippy::disallowed_methods, reason = "a test reads its cases")]
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn programs() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["programs", "programs/hand-derived"] {
        for entry in std::fs::read_dir(cases().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "air") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                // A file holds a script for each exported function.
                let text = text(&path);
                let starts = text.match_indices("\n(").map(|(at, _)| at + 1);
                let starts: Vec<usize> = starts.chain(text.starts_with('(').then_some(0)).collect();
                let ends = starts.iter().skip(1).copied().chain([text.len()]);
                let scripts = starts.iter().zip(ends).map(|(start, end)| &text[*start..end]);
                found.extend(scripts.map(|script| (name.clone(), script.to_owned())));
            }
        }
    }
    found.sort();
    assert!(found.len() > 100, "only {} scripts", found.len());
    found
}

fn vectors() -> Vec<serde_json::Value> {
    let all = text(&cases().join("vectors/air.jsonl"));
    all.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The script with every `@Name` replaced by some text.
fn script(vector: &serde_json::Value) -> String {
    vector["script"].as_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn every_script_of_the_reference_compiler_reads_and_prints_back() {
    for (name, text) in programs() {
        // The reference refuses this one as well.
        if name.starts_with("145_") {
            continue;
        }
        let script = parse(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let printed = print(&script);
        assert_eq!(parse(&printed).as_ref(), Ok(&script), "{name}");
    }
}

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn every_vector_is_read_or_refused_as_by_the_reference() {
    for vector in vectors() {
        let name = vector["name"].as_str().unwrap();
        // Slips of its lexer, which nothing relies on.
        if vector["reference_defect"].as_str().is_some_and(|id| id.contains("D12")) {
            continue;
        }
        let refused = vector["expected_runs"][0]["ret_code"] == 1;
        let text = script(&vector);
        assert_eq!(parse(&text).is_err(), refused, "{name}: {text}\n{:?}", parse(&text).err());
    }
}

#[test]
#[ignore = "needs the recorded cases, in AQUAC_CASES"]
fn every_script_becomes_a_program() {
    for (name, text) in programs() {
        if !name.starts_with("145_") {
            aquac_air::read(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        }
    }
    for vector in vectors() {
        let text = script(&vector);
        if parse(&text).is_ok() {
            aquac_air::read(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        }
    }
}
