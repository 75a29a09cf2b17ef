//! Every code has a page, and the programs of the page do what it says.

use super::Project;
use crate::codes::{ALL, PAGES};

const LIBRARY: &str = "aqua Builtin declares *

service Peer(\"peer\"):
  timeout(ms: u64, text: string) -> string
";

fn codes_of(text: &str) -> Vec<&'static str> {
    let files = [("@fluencelabs/aqua-lib/builtin.aqua", LIBRARY), ("main.aqua", text)];
    Project { files: &files, constants: &[] }.check().codes()
}

#[test]
fn every_code_has_a_page_in_its_order() {
    let pages: Vec<_> = PAGES.iter().map(|page| page.code).collect();
    assert_eq!(pages, ALL);
}

#[test]
fn the_wrong_program_of_a_page_has_its_code_once_and_no_other() {
    for page in PAGES {
        assert_eq!(codes_of(page.wrong), [page.code.0], "{}", page.wrong);
    }
}

#[test]
fn the_right_program_of_a_page_is_clean() {
    for page in PAGES {
        let none: [&str; 0] = [];
        assert_eq!(codes_of(page.right), none, "{} {}", page.code, page.right);
    }
}
