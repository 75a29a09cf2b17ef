//! A page for each code: what it means, a wrong program, the right one.

use aquac_base::Code;
pub use aquac_base::CodePage;

/// The codes that only the command line or a run can give, and those of finding modules.
const OWN: &[CodePage] = &[
    CodePage {
        code: Code("AQ0205"),
        meaning: "A module that is imported is not there.",
        wrong: include_str!("../explain/AQ0205-wrong.aqua"),
        right: include_str!("../explain/AQ0205-right.aqua"),
    },
    CodePage {
        code: Code("AQ0209"),
        meaning: "Modules import each other in a circle.",
        wrong: include_str!("../explain/AQ0209-wrong.aqua"),
        right: include_str!("../explain/AQ0209-right.aqua"),
    },
    CodePage {
        code: Code("AQ0210"),
        meaning: "A source that was asked for cannot be read: it is not there, or it is not text.",
        wrong: "",
        right: "",
    },
    CodePage {
        code: Code("AQ0810"),
        meaning: "aqua.toml is wrong: it is not TOML, or a field is unknown or of the wrong kind.",
        wrong: "",
        right: "",
    },
    CodePage {
        code: Code("AQ0811"),
        meaning: "A program cannot be written as AIR; our own format can say more.",
        wrong: "",
        right: "",
    },
    CodePage {
        code: Code("AQ0901"),
        meaning: "A run is stuck: nothing is in flight and the program has not returned.",
        wrong: include_str!("../explain/AQ0901-wrong.aqua"),
        right: include_str!("../explain/AQ0901-right.aqua"),
    },
    CodePage {
        code: Code("AQ0902"),
        meaning: "The deadline of a run is over and the program has not returned.",
        wrong: "",
        right: "",
    },
    CodePage {
        code: Code("AQ0903"),
        meaning: "A run failed, and nothing in the program caught that.",
        wrong: include_str!("../explain/AQ0903-wrong.aqua"),
        right: include_str!("../explain/AQ0903-right.aqua"),
    },
];

/// Every page, sorted by code. Where two passes give one code, the earlier pass has the page.
#[must_use]
pub fn pages() -> Vec<&'static CodePage> {
    let passes = [
        aquac_syntax::PAGES,
        aquac_semantics::codes::PAGES,
        aquac_lowering::codes::PAGES,
        aquac_lowering::guarantee::PAGES,
        OWN,
    ];
    let mut pages: Vec<&CodePage> = passes.into_iter().flatten().collect();
    pages.sort_by_key(|page| page.code);
    pages.dedup_by_key(|page| page.code);
    pages
}

/// The page of a code, in any case.
#[must_use]
pub fn explain(code: &str) -> Option<&'static CodePage> {
    pages().into_iter().find(|page| page.code.0.eq_ignore_ascii_case(code.trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Options, Request, build, check};

    /// Codes of what a module cannot show by itself.
    const NEED_MORE_THAN_A_MODULE: &[&str] =
        &["AQ0209", "AQ0210", "AQ0810", "AQ0811", "AQ0901", "AQ0902", "AQ0903"];

    fn codes(text: &str) -> Vec<&'static str> {
        let sources = BTreeMap::from([("main.aqua".to_owned(), text.to_owned())]);
        let request = Request { entries: vec!["main.aqua".to_owned()], ..Request::default() };
        let checked = check(&request, &sources);
        let mut codes: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.0).collect();
        if checked.is_ok()
            && let Err(problems) = build(&checked, &Options::default())
        {
            codes.extend(problems.iter().map(|found| found.code.0));
        }
        codes
    }

    #[test]
    fn the_wrong_program_of_a_page_has_its_problem_and_no_other() {
        for page in pages().iter().filter(|page| !NEED_MORE_THAN_A_MODULE.contains(&page.code.0)) {
            let found = codes(page.wrong);
            assert!(!found.is_empty(), "{}: nothing is wrong", page.code);
            assert!(found.iter().all(|code| *code == page.code.0), "{}: {found:?}", page.code);
        }
    }

    #[test]
    fn the_right_program_of_a_page_has_no_problem() {
        for page in pages().iter().filter(|page| page.code.0 != "AQ0209") {
            if !page.right.is_empty() {
                assert_eq!(codes(page.right), [""; 0], "{}", page.code);
            }
        }
    }
}
