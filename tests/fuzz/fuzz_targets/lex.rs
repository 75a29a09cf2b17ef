//! The lexer and the layout: every byte is in one token, every token that says something is in one
//! line, in order.

#![no_main]

use aquac_base::SourceId;
use aquac_syntax::{layout, lex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let tokens = lex(text, SourceId(0));
    let all: String =
        (0..).take_while(|at| tokens.kind(*at).is_some()).map(|at| tokens.slice(at)).collect();
    assert_eq!(all, text, "every byte is in a token");

    let lines = layout(&tokens);
    let mut next = 0;
    for line in lines.as_slice() {
        let (first, end) = (line.first as usize, line.end as usize);
        assert!(next <= first && first < end, "lines follow each other");
        let between = (next..first).filter_map(|at| tokens.kind(at));
        assert!(between.into_iter().all(|kind| kind.is_trivia()), "nothing is between lines");
        next = end;
    }
    let behind = (next..).map_while(|at| tokens.kind(at));
    assert!(behind.into_iter().all(|kind| kind.is_trivia()), "nothing is behind the last line");
});
