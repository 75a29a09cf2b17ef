//! `aquac check` and `aquac build`, as a user starts them.

use crate::harness::{Folder, aquac, run};

const HELLO: &str = "aqua Hello declares *

export hello

service Greeter(\"greeter\"):
  greet(name: string) -> string

func hello(name: string) -> string:
  text <- Greeter.greet(name)
  <- text
";

#[test]
fn a_good_program_is_accepted_in_silence() {
    let folder = Folder::with(&[("hello.aqua", HELLO)]);
    let ended = run(aquac(folder.path(), &["check", "hello.aqua"]), 20);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn a_misspelt_name_is_one_error_with_its_place_and_no_colour_in_a_pipe() {
    let folder = Folder::with(&[("hello.aqua", &HELLO.replace("<- text", "<- txet"))]);
    let ended = run(aquac(folder.path(), &["check", "--format", "short", "hello.aqua"]), 20);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "hello.aqua:10:6: error[AQ0201]: cannot find `txet` in this scope\n");
}

#[test]
fn diagnostics_as_json_end_with_their_number() {
    let folder = Folder::with(&[("hello.aqua", &HELLO.replace("<- text", "<- txet"))]);
    let ended = run(aquac(folder.path(), &["check", "--format", "json", "hello.aqua"]), 20);
    let lines: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["code"], "AQ0201");
    assert_eq!(lines[0]["primary"]["start"], serde_json::json!({ "line": 10, "col": 6 }));
    assert_eq!(
        lines[1],
        serde_json::json!({ "schema": "aquac.summary/1", "errors": 1, "warnings": 0 })
    );
}

#[test]
fn a_missing_file_is_named() {
    let folder = Folder::with(&[]);
    let ended = run(aquac(folder.path(), &["check", "nowhere.aqua"]), 20);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("cannot read `nowhere.aqua`: there is no such file"),
        "{ended:?}"
    );
}

#[test]
fn an_unknown_field_in_the_manifest_is_shown_at_its_place() {
    let folder = Folder::with(&[("hello.aqua", HELLO), ("aqua.toml", "[run]\ntll = \"1s\"\n")]);
    let ended = run(aquac(folder.path(), &["check", "hello.aqua"]), 20);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("unknown field `tll`"), "{ended:?}");
    assert!(ended.stderr.contains("aqua.toml:2:1"), "{ended:?}");
}

#[test]
fn every_project_below_a_folder_has_its_own_constants() {
    let source = HELLO.replace(
        "  text <- Greeter.greet(name)\n",
        "  on PEER:\n    text <- Greeter.greet(name)\n",
    );
    let of = |peer: &str| source.replace("PEER", peer);
    let folder = Folder::with(&[
        ("one/aqua.toml", "[peers.anna]\n"),
        ("one/main.aqua", &of("ANNA")),
        ("two/aqua.toml", "[peers.boris]\n"),
        ("two/main.aqua", &of("BORIS")),
    ]);
    let ended = run(aquac(folder.path(), &["check"]), 20);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    folder.write("two/main.aqua", &of("ANNA"));
    let ended = run(aquac(folder.path(), &["check", "--format", "json"]), 20);
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(1), 2), "{ended:?}");
    assert!(ended.stdout.contains("\"two/main.aqua\""), "{ended:?}");
}

#[test]
fn what_is_no_file_or_folder_is_told() {
    let folder = Folder::with(&[("a.aqua", "aqua A\nexport f\nfunc f() -> u8:\n  <- 1\n")]);
    let ended = run(aquac(folder.path(), &["check", "a.aqua", "--import", "nowhere"]), 20);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stderr, "note: --import nowhere: there is no such folder\n");
    let ended = run(aquac(folder.path(), &["check", "/dev/zero"]), 20);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let words = "cannot read `/dev/zero`: it is a device or a pipe, not a file";
    assert!(ended.stderr.contains(words), "{ended:?}");
}
