//! The formatter: what it writes it leaves alone, and no token is changed.

#![no_main]

use aquac_base::SourceId;
use aquac_syntax::{Kind, format, lex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    assert_eq!(words(text), words(&once), "the same tokens in the same order");
    let twice = format(&once);
    assert_eq!(twice.as_ref(), Ok(&once), "formatting again changes nothing");
});

/// Everything but blanks and line ends.
fn words(text: &str) -> Vec<(Kind, &str)> {
    let tokens = lex(text, SourceId(0));
    let found = (0..).map_while(|at| Some((tokens.kind(at)?, tokens.slice(at))));
    let words = found.map(|(kind, written)| (kind, written.trim_end()));
    words.filter(|(_, written)| !written.trim().is_empty()).collect()
}
