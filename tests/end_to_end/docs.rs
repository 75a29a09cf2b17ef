//! Every command in README.md and CONTRIBUTING.md is run, and what they show is what one sees.
//!
//! In a `console` block a line that starts with `$ ` is a command; the lines behind it must come,
//! in this order, on standard output and then standard error. `[..]` stands for anything.

use crate::console::{Block, Shown, blocks, words};
use crate::harness::{Ended, aquac, run, workspace};
use crate::story::one_at_a_time;

/// Commands that are run by other means, with the reason.
const EXEMPT: &[(&str, &str)] = &[
    ("cargo test --workspace", "it contains this test; .ci/run runs it"),
    ("cargo test -p aquac-ir", "a part of the command above"),
    (".ci/run", "it contains this test"),
];

/// Every command that a document shows.
fn shown(document: &str) -> Vec<Shown> {
    let text = std::fs::read_to_string(workspace().join(document)).unwrap();
    blocks(&text).into_iter().flat_map(Block::into_commands).collect()
}

fn execute(command: &str) -> Ended {
    let words = words(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cargo", "run", "--", arguments @ ..] | ["aquac", arguments @ ..] => {
            let _ports = one_at_a_time();
            run(aquac(&workspace(), arguments), 120)
        }
        _ => panic!("`{command}` is neither run here nor exempt"),
    }
}

/// Whether a line looks like what is shown, in which `[..]` stands for anything.
fn matches(line: &str, shown: &str) -> bool {
    let mut parts = shown.split("[..]");
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || shown.ends_with("[..]")
}

fn check(document: &str) -> usize {
    let mut ran = 0;
    for Shown { command, output } in shown(document) {
        if EXEMPT.iter().any(|(exempt, _)| *exempt == command) {
            continue;
        }
        let ended = execute(&command);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        let mut seen = said.lines();
        for line in output.lines().filter(|line| !line.trim().is_empty()) {
            assert!(
                seen.any(|seen| matches(seen.trim_end(), line.trim_end())),
                "{document}: `{command}` does not show\n{line}\nbut\n{said}"
            );
        }
        ran += 1;
    }
    ran
}

#[test]
fn what_the_readme_shows_is_what_one_sees() {
    assert!(check("README.md") >= 4);
}

#[test]
fn commands_for_contributors_are_known() {
    check("CONTRIBUTING.md");
    assert!(!shown("CONTRIBUTING.md").is_empty());
}

#[test]
fn a_shown_line_may_leave_out_what_varies() {
    assert!(matches("finished: 3 hops, 17 bytes, 4 ms", "finished: 3 hops, [..] bytes, [..] ms"));
    assert!(!matches("finished: 4 hops, 17 bytes", "finished: 3 hops, [..]"));
}
