//! The functions of the standard library, played with peers that are down, slow, lying or refusing.
//!
//! `library/` is a project whose tests are `*_test.toml` files, as anybody would write them.

use crate::harness::{aquac, run, workspace};

#[test]
fn the_standard_library_keeps_its_promises() {
    let ended = run(aquac(&workspace(), &["test", "tests/end_to_end/library"]), 120);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let played = ended.stdout.lines().filter(|line| line.starts_with("  ok ")).count();
    assert!(played >= 37, "{}", ended.stdout);
}

#[test]
fn every_source_that_people_are_given_is_formatted_and_without_warnings() {
    for given in ["stdlib", "examples", "cli/templates", "tests/end_to_end/library"] {
        let ended = run(aquac(&workspace(), &["fmt", "--check", given]), 60);
        assert_eq!((ended.code, ended.stdout), (Some(0), String::new()), "{given}");
    }
    for given in ["stdlib", "tests/end_to_end/library"] {
        let ended = run(aquac(&workspace(), &["check", "--deny", "warnings", given]), 60);
        assert_eq!((ended.code, ended.stderr), (Some(0), String::new()), "{given}");
    }
}
