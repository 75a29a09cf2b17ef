//! Every command in README.md and CONTRIBUTING.md is run, and what they show is what one sees.
//!
//! In a `console` block a line that starts with `$ ` is a command; the lines behind it must come,
//! in this order, on standard output and then standard error. `[..]` stands for anything. `aquac`
//! works in a folder of its own, which the commands of a document share; `cargo run --` at the top.

use crate::console::{Block, Shown, blocks, words};
use crate::harness::{Ended, Folder, aquac, run, workspace};
use crate::story::one_at_a_time;

/// Commands that are run by other means, with the reason.
const EXEMPT: &[(&str, &str)] = &[
    ("cargo test --workspace", "it contains this test; .ci/run runs it"),
    ("cargo test -p aquac-ir", "a part of the command above"),
    (".ci/run", "it contains this test"),
    ("cargo install --path cli", "it builds for minutes; what it installs is what is run here"),
];

/// Every command that a document shows.
fn shown(document: &str) -> Vec<Shown> {
    let text = std::fs::read_to_string(workspace().join(document)).unwrap();
    blocks(&text).into_iter().flat_map(Block::into_commands).collect()
}

fn execute(command: &str, own: &Folder) -> Ended {
    let words = words(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cargo", "run", "--", arguments @ ..] => {
            let _ports = one_at_a_time();
            run(aquac(&workspace(), arguments), 120)
        }
        ["aquac", arguments @ ..] => {
            let _ports = one_at_a_time();
            run(aquac(own.path(), arguments), 120)
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
    let own = Folder::with(&[]);
    for Shown { command, output } in shown(document) {
        if EXEMPT.iter().any(|(exempt, _)| *exempt == command) {
            continue;
        }
        let ended = execute(&command, &own);
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
    assert!(check("README.md") >= 8);
}

#[test]
fn commands_for_contributors_are_known() {
    check("CONTRIBUTING.md");
    assert!(!shown("CONTRIBUTING.md").is_empty());
}

/// The program and the diagram of the README are those of the example.
#[test]
fn the_first_program_is_the_one_of_the_example() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let example = workspace().join("examples/credit-sms");
    let source = std::fs::read_to_string(example.join("src/main.aqua")).unwrap();
    let program = readme.split("```aqua\n").nth(1).and_then(|rest| rest.split("```").next());
    let program = program.unwrap().split("\n\n").map(str::trim_end);
    program.for_each(|part| assert!(source.contains(part), "{part}"));
    let golden = std::fs::read_to_string(example.join("expected/1.diagram.mmd")).unwrap();
    let drawn: Vec<String> =
        blocks(&readme).iter().filter_map(|block| block.diagram().map(str::to_owned)).collect();
    assert_eq!(drawn, [golden]);
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let documents = ["README.md", "CONTRIBUTING.md", "examples/README.md", "editors/README.md"];
    for document in documents.map(|document| workspace().join(document)) {
        let text = std::fs::read_to_string(&document).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let leads = document.with_file_name(target).exists();
            assert!(leads, "{}: {target} is not there", document.display());
        }
    }
}

/// An example that nobody is led to is not read.
#[test]
fn every_example_is_in_both_lists() {
    for list in ["README.md", "examples/README.md"] {
        let text = std::fs::read_to_string(workspace().join(list)).unwrap();
        for entry in std::fs::read_dir(workspace().join("examples")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(!path.is_dir() || text.contains(&format!("[{name}](")), "{list}: {name}");
        }
    }
}

#[test]
fn a_shown_line_may_leave_out_what_varies() {
    assert!(matches("finished: 3 hops, 17 bytes, 4 ms", "finished: 3 hops, [..] bytes, [..] ms"));
    assert!(!matches("finished: 4 hops, 17 bytes", "finished: 3 hops, [..]"));
}
