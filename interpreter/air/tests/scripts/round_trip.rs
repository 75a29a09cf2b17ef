//! What is printed reads back, whatever white space and comments are put into it.

use aquac_air::{Frame, parse, print, read, write};
use proptest::prelude::*;

use crate::random;

fn choices(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_script_reads_back_from_its_text(bytes in choices(300), spaces in choices(300)) {
        let script = random::script(&bytes);
        let text = print(&script);
        let parsed = parse(&text);
        prop_assert!(parsed.is_ok(), "{:?}\n{text}", parsed.err());
        prop_assert_eq!(parsed.as_ref(), Ok(&script));
        let respaced = random::respaced(&text, &spaces);
        let reread = parse(&respaced);
        prop_assert_eq!(reread.as_ref(), Ok(&script), "{}", respaced);
    }

    #[test]
    fn space_and_comments_mean_nothing_to_the_program(
        bytes in choices(300),
        spaces in choices(300),
    ) {
        let text = print(&random::script(&bytes));
        let program = read(&text).map(|reading| reading.program);
        prop_assert!(program.is_ok(), "{:?}\n{text}", program.err());
        let respaced = random::respaced(&text, &spaces);
        prop_assert_eq!(read(&respaced).map(|reading| reading.program), program);
    }

    #[test]
    fn a_program_that_was_a_script_is_one_again(bytes in choices(300)) {
        let text = print(&random::script(&bytes));
        let program = read(&text).unwrap().program;
        let written = write(&program, Frame::Bare);
        prop_assert!(written.is_ok(), "{:?}\n{text}", written.err());
        let again = read(&written.unwrap());
        prop_assert!(again.is_ok(), "{:?}", again.err());
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(
        text in "([()\\[\\]\";]|[ \n.$%#:!a-z0-9-]{1,3}|call |canon |ap |seq |fold |next |new ){0,60}",
    ) {
        let _ = read(&text);
    }
}

#[test]
fn deep_and_long_scripts_are_read_or_refused_without_harm() {
    let deep =
        |open: &str, count: usize| format!("{}(null){}", open.repeat(count), ")".repeat(count));
    assert!(read(&deep("(seq (null) ", 100_000)).is_ok());
    assert!(parse(&deep("(match 1 1 ", 100_000)).is_ok());
    let errors = read(&deep("(match 1 1 ", 100_000)).unwrap_err();
    assert_eq!(errors[0].to_string(), "the script is nested too deeply");
    assert!(parse(&"(seq ".repeat(100_000)).is_err());
    assert!(parse(&"(fold $s i ".repeat(10_000)).is_err());
}
