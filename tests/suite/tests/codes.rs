//! Every code that a program can provoke has a golden case that shows what is said.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite is files, and a test"
)]

use std::path::Path;

/// Codes that no single module shows, and where they are shown instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("AQ0209", "two modules; `compiler/driver/explain`"),
    ("AQ0210", "a file that cannot be read; the end-to-end tests of `aquac check`"),
    ("AQ0810", "aqua.toml; the tests of `aquac-project`"),
    ("AQ0811", "AIR out; the tests of `aquac-driver`"),
    ("AQ0901", "a run; the end-to-end tests of `aquac run`"),
    ("AQ0902", "a run; the end-to-end tests of `aquac run`"),
    ("AQ0903", "a run; the end-to-end tests of `aquac run`"),
];

fn cases() -> String {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let folders = ["diagnostics", "guarantees"].map(|name| cases.join(name));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn every_code_has_a_case() {
    let cases = cases();
    let elsewhere = |code: &str| ELSEWHERE.iter().any(|(other, _)| *other == code);
    let missing: Vec<&str> = aquac_driver::pages()
        .iter()
        .map(|page| page.code.0)
        .filter(|code| !elsewhere(code) && !cases.contains(&format!("[{code}]: ")))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

#[test]
fn nothing_is_exempt_that_is_no_code() {
    for (code, _) in ELSEWHERE {
        assert!(aquac_driver::explain(code).is_some(), "{code} is no code");
    }
}
