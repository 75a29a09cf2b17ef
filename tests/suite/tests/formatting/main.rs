//! What the formatter may change: blanks, line ends and indentation, and nothing else.
//!
//! Over every program of the repository, as it stands, made ugly, and with comments wherever a
//! line ends: the tokens and comments of the result are those of the text, in order; the programs
//! that peers get are the same; formatting again changes nothing; and however ugly the text, there
//! is one result.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the suite is files, and a test"
)]

mod corpus;
mod ugly;

use aquac_base::SourceId;
use aquac_driver::{Options, Rung, emit};
use aquac_syntax::{Kind, format, format_correct, lex};

use corpus::Text;
use ugly::{Chance, commented, ugly};

/// Ugly variants of each text.
const VARIANTS: u64 = 12;

/// Everything but blanks and line ends.
fn tokens(text: &str) -> Vec<String> {
    let tokens = lex(text, SourceId(0));
    let trivia = [Some(Kind::Blank), Some(Kind::Newline), Some(Kind::Mark)];
    let kept = (0..tokens.len()).filter(|at| !trivia.contains(&tokens.kind(*at)));
    kept.map(|at| tokens.slice(at).trim_end().to_owned()).collect()
}

/// What peers get, and the codes of what is said.
fn meaning(program: &Text, text: &str) -> (Option<String>, Vec<&'static str>) {
    let checked = program.check(text);
    let mut codes: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.0).collect();
    codes.sort_unstable();
    (emit(&checked, Rung::Ir, &Options::default()).ok(), codes)
}

/// Formats a text, and holds what must be true of the result. `None` if it cannot be formatted.
fn held(program: &Text, text: &str) -> Option<String> {
    let formatted = format(text).ok()?;
    let name = &program.name;
    assert_eq!(tokens(&formatted), tokens(text), "{name}: the tokens\n{text}");
    assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "{name}: again\n{text}");
    let before = meaning(program, text);
    // Misaligned lines are what a formatter repairs.
    if !before.1.iter().any(|code| ["AQ0001", "AQ0002"].contains(code)) {
        assert_eq!(meaning(program, &formatted), before, "{name}: meaning\n{text}");
    }
    assert!(!formatted.contains(" \n") && !formatted.contains("\n\n\n"), "{name}\n{formatted}");
    Some(formatted)
}

#[test]
fn formatting_changes_no_program() {
    let mut programs = 0;
    for program in corpus::texts() {
        let formatted = held(&program, &program.text);
        programs +=
            usize::from(formatted.is_some() && meaning(&program, &program.text).0.is_some());
    }
    assert!(programs > 150, "only {programs} programs");
}

#[test]
fn there_is_one_result_however_ugly_the_text() {
    for program in corpus::texts() {
        let Ok(formatted) = format(&program.text) else { continue };
        for seed in 1..=VARIANTS {
            let text = ugly(&formatted, &mut Chance(seed));
            let again =
                format(&text).unwrap_or_else(|wrong| panic!("{}: {wrong:?}\n{text}", program.name));
            assert_eq!(again, formatted, "{} with seed {seed}\n{text}", program.name);
        }
    }
}

#[test]
fn comments_stay_wherever_they_stand() {
    for program in corpus::texts() {
        for seed in 1..=VARIANTS / 4 {
            let text = commented(&program.text, &mut Chance(seed));
            let formatted = held(&program, &text);
            let correct = format_correct(&program.text).is_ok();
            assert!(formatted.is_some() || !correct, "{}\n{text}", program.name);
        }
    }
}
