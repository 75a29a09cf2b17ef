//! `aquac fmt` with everything that people keep in files.

use std::io::Write;
use std::process::Stdio;

use crate::harness::{Ended, Folder, aquac, run};

const UGLY: &str = "aqua   A\r\n-- a comment\r\nfunc  f( x:u8 )->u8 :\r\n\t-- inside\r\n\t<-  x";
const GOOD: &str = "aqua A\n\n-- a comment\nfunc f(x: u8) -> u8:\n  -- inside\n  <- x\n";

fn fmt(folder: &Folder, arguments: &[&str]) -> Ended {
    let mut all = vec!["fmt"];
    all.extend(arguments);
    run(aquac(folder.path(), &all), 60)
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

/// With this on standard input.
fn piped(arguments: &[&str], text: &str) -> (Option<i32>, String, String) {
    let folder = Folder::with(&[]);
    let mut command = aquac(folder.path(), arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn line_ends_tabs_and_a_missing_last_line_end_become_one_style() {
    let folder = Folder::with(&[("a.aqua", UGLY)]);
    let ended = fmt(&folder, &["a.aqua"]);
    assert_eq!((ended.code, ended.stdout + &ended.stderr), (Some(0), String::new()));
    assert_eq!(read(&folder, "a.aqua"), GOOD);
}

#[test]
fn check_lists_what_would_change_and_changes_nothing() {
    let folder = Folder::with(&[("good.aqua", GOOD), ("deep/er/ugly.aqua", UGLY), ("x.txt", UGLY)]);
    let ended = fmt(&folder, &["--check"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "deep/er/ugly.aqua\n"));
    assert_eq!(read(&folder, "deep/er/ugly.aqua"), UGLY);
    assert_eq!(fmt(&folder, &["--check", "good.aqua"]).code, Some(0));
}

#[test]
fn several_files_and_folders_are_formatted_and_nothing_else() {
    let files = [("a.aqua", UGLY), ("b/c.aqua", UGLY), ("b/d/e.aqua", UGLY), ("f/g.aqua", UGLY)];
    let folder = Folder::with(&files);
    assert_eq!(fmt(&folder, &["b", "a.aqua"]).code, Some(0));
    let now = files.map(|(name, _)| read(&folder, name));
    assert_eq!(now, [GOOD, GOOD, GOOD, UGLY].map(str::to_owned));
}

#[test]
fn a_text_with_mistakes_is_reported_and_not_touched_and_the_others_are_formatted() {
    for mistake in ["x = = 3", "y <- ", "f(", "x = \"open", "for a in b:", "else:", "a @ b"] {
        let wrong = format!("aqua   A\n\nfunc f():\n    {mistake}\n");
        let folder = Folder::with(&[("a.aqua", &wrong), ("b.aqua", UGLY)]);
        let ended = fmt(&folder, &[]);
        assert_eq!(ended.code, Some(1), "{mistake}: {ended:?}");
        assert!(ended.stderr.contains("a.aqua:4:"), "{mistake}: {ended:?}");
        assert_eq!(read(&folder, "a.aqua"), wrong, "{mistake}");
        assert_eq!(read(&folder, "b.aqua"), GOOD);
    }
}

#[test]
fn what_is_formatted_is_not_written_again() {
    let folder = Folder::with(&[("a.aqua", GOOD)]);
    let changed = || std::fs::metadata(folder.path().join("a.aqua")).unwrap().modified().unwrap();
    let before = changed();
    assert_eq!(fmt(&folder, &[]).code, Some(0));
    assert_eq!(changed(), before);
}

#[test]
fn editors_pipe_the_text_through() {
    assert_eq!(piped(&["fmt", "--stdin"], UGLY), (Some(0), GOOD.to_owned(), String::new()));
    assert_eq!(piped(&["fmt", "--stdin", "--check"], GOOD).0, Some(0));
    assert_eq!(piped(&["fmt", "--stdin", "--check"], UGLY).0, Some(1));
    let (code, out, why) = piped(&["fmt", "--stdin"], "aqua A\n\nfunc f(:\n");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(why.contains("<stdin>:3:"), "{why}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let ended = fmt(&Folder::with(&[]), &["nowhere.aqua"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("nowhere.aqua"), "{ended:?}");
}
