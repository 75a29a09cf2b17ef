//! Where results and messages go when nobody takes them.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use crate::harness::{Folder, aquac, end};

const PEER: &str = "[peers.bank]\n[[peers.bank.service]]\nid = \"s\"\nkind = \"scripted\"\n\
                    functions.f = { answer = { ok = 7 } }\n";

/// A project, a file with many mistakes, and a job.
fn folder() -> Folder {
    let source = "aqua P\nexport main\nservice S(\"s\"):\n  f() -> u32\n\
                  func main() -> u32:\n  on BANK:\n    x <- S.f()\n  <- x\n";
    let job = r#"{"init":"A","program":{"air":"(null)"}}"#;
    let bad = "foo\n".repeat(3_000);
    let files =
        [("p.aqua", source), ("aqua.toml", PEER), ("job.json", job), ("bad/bad.aqua", &*bad)];
    Folder::with(&files)
}

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// What prints results, and what prints messages.
const RESULTS: [&[&str]; 7] = [
    &["run", "p.aqua", "-f", "main()"],
    &["sim", "job.json"],
    &["build", "p.aqua", "--emit", "ir"],
    &["check", "p.aqua", "--format", "json"],
    &["receipt", "verify", "r.aqreceipt"],
    &["explain", "AQ0201"],
    &["man"],
];

fn with_receipt() -> Folder {
    let folder = folder();
    let call = ["run", "p.aqua", "-f", "main()", "--receipt", "r.aqreceipt"];
    let ended = crate::harness::run(aquac(folder.path(), &call), 20);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    folder
}

fn started(mut command: Command) -> std::process::Child {
    command.stdin(Stdio::null()).spawn().unwrap()
}

#[test]
fn results_that_cannot_be_written_are_an_error() {
    let folder = with_receipt();
    for arguments in RESULTS {
        let mut command = aquac(folder.path(), arguments);
        command.stdout(full()).stderr(Stdio::piped());
        let ended = end(started(command), 20);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        let words = "error: cannot write to standard output: no space left on device\n";
        assert!(ended.stderr.ends_with(words), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = with_receipt();
    for arguments in RESULTS {
        let mut command = aquac(folder.path(), arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = started(command);
        drop(child.stdout.take());
        let ended = end(child, 20);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
    }
    for format in ["human", "short"] {
        let mut command = aquac(folder.path(), &["check", "bad", "--format", format]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = started(command);
        drop(child.stderr.take());
        assert_eq!(end(child, 20).code, Some(1), "{format}");
    }
    let mut command = aquac(folder.path(), &["check", "bad"]);
    command.stdout(Stdio::null()).stderr(full());
    assert_eq!(end(started(command), 20).code, Some(1));
}
