//! Laws of texts that nobody would write.

use aquac_base::SourceId;
use aquac_syntax::{emit_ast, format, highlight, lex, parse};
use proptest::prelude::*;

/// A module with every construct, to be damaged.
const WHOLE: &str = r#"aqua Lib.Sub declares f, g
import a, B as C from "b"
use "c" as M.N
export main, f as g
-- doc
data Point:
  x: u8
  ys: []?string
service Srv("id"):
  put(key: string, value: string)
  get: string -> ?string
ability Ab:
  prefix: string
  write(line: string) -> bool, u8
alias Cb: u32, string -> u32
const N ?= -1.5
func g{Ab}(cb: u8, string -> u8, last: *string) -> (u8 -> u8), u8:
  Srv "id"
  s: *string
  s <<- "x"
  a, b <- f(1, 2)
  x = !a.b!1 && c[i + 1]! || [1, 2][0] == -3 ** 2
  p = Point(x = 1, y).copy(
    x = 2
  )
  on peer via r via s:
    if (a + 1) == 2:
      co f()
    else:
      join s[1], t!
  for x <- xs par:
    try:
      f("multi
line")
    catch e:
      g()
  otherwise:
    parseq y <- ys on y:
      h()
  par f()
  cl = func (s: string) -> u32:
    <- 1
  <- cl, 1
"#;

/// The lines that are no part of the one with this number.
fn without_line(text: &str, number: usize) -> String {
    let lines = text.lines().enumerate().filter(|(at, _)| *at != number);
    lines.map(|(_, line)| format!("{line}\n")).collect()
}

/// What the parser must keep of any text.
fn holds(text: &str) {
    let tokens = lex(text, SourceId(0));
    let joined: String = tokens.iter().map(|(_, slice)| slice).collect();
    assert_eq!(joined, text, "tokens lose nothing");
    let mut end = 0;
    for piece in highlight(SourceId(0), text) {
        let between = text.get(end..piece.span.start as usize).expect("pieces do not overlap");
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{feff}');
        assert!(between.chars().all(blank), "{between:?} has no class in\n{text}");
        end = piece.span.end as usize;
    }
    let parsed = parse(SourceId(0), text);
    let _ = emit_ast(&parsed.module);
    for diagnostic in &parsed.diagnostics {
        let label = diagnostic.primary.as_ref().expect("a problem of a text has a place");
        let place = label.span.start as usize..label.span.end as usize;
        assert!(text.get(place).is_some(), "{diagnostic:?} is not in\n{text}");
    }
    if let Ok(formatted) = format(text) {
        assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "formatting is stable");
        if parsed.diagnostics.is_empty() {
            let again = parse(SourceId(0), &formatted);
            assert_eq!(emit_ast(&again.module), emit_ast(&parsed.module), "of\n{formatted}");
            assert_eq!(again.diagnostics, [], "in\n{formatted}");
        }
    }
}

#[test]
fn a_comment_behind_garbage_is_moved_at_once() {
    holds("  --''1.5[]%='{']'])%->!é)]⊤if é,'?,,<-<-->⊤(é->=)[\n--]({}?\n");
}

#[test]
fn without_any_one_line_at_most_the_lines_below_it_change_their_meaning() {
    assert!(parse(SourceId(0), WHOLE).diagnostics.is_empty());
    let count = WHOLE.lines().count();
    for number in 0..count {
        let text = without_line(WHOLE, number);
        holds(&text);
        let problems = parse(SourceId(0), &text).diagnostics.len();
        assert!(problems <= 2, "{problems} problems without line {number}");
    }
}

#[test]
fn longer_identifiers_and_more_lines_change_no_code() {
    let damaged = WHOLE.replace("a, b <- f(1, 2)", "a, b <- f(1 2)");
    let renamed = damaged.replace("Point", "LongerPoint");
    let moved = renamed.replace("-- doc", "-- doc\n-- more\n-- and more\n-- doc");
    let codes = |text: &str| -> Vec<_> {
        parse(SourceId(0), text).diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    };
    assert_eq!(codes(&damaged).len(), 1);
    assert_eq!(codes(&damaged), codes(&moved));
}

/// Bits that mean something to the parser.
const BITS: [&str; 34] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    ":",
    ",",
    "<-",
    "<<-",
    "->",
    " ",
    "\n",
    "\t",
    "\r",
    "#",
    "--",
    "par ",
    "if ",
    "else:",
    "=",
    "!",
    "%",
    "?",
    "é",
    "⊤",
    "1.5",
    "func f():\n",
    "func f() {\n",
    "if a {\n",
    "\n}\n",
    "/* a */",
];

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC*") {
        holds(&text);
    }

    #[test]
    fn any_bits_are_read(bits in proptest::collection::vec(0..BITS.len(), 0..60)) {
        let text: String = bits.iter().filter_map(|bit| BITS.get(*bit)).copied().collect();
        holds(&text);
    }

    #[test]
    fn blanks_anywhere_change_no_meaning(places in proptest::collection::vec(0..WHOLE.len(), 1..20)) {
        // Behind a comma or an opening bracket blanks mean nothing.
        let mut text = WHOLE.to_owned();
        let mut places = places;
        places.sort_unstable();
        for place in places.into_iter().rev() {
            let behind = text.as_bytes().get(place).copied();
            if matches!(behind, Some(b',' | b'(' | b'=')) && text.as_bytes().get(place + 1) == Some(&b' ') {
                text.insert_str(place + 1, "   ");
            }
        }
        holds(&text);
        let trees = [WHOLE, &text].map(|text| emit_ast(&parse(SourceId(0), text).module));
        assert_eq!(trees[0], trees[1]);
    }

    #[test]
    fn damage_anywhere_is_survived(
        at in 0..WHOLE.len(),
        length in 0..9_usize,
        bit in 0..BITS.len(),
        line in 0..60_usize,
    ) {
        let mut text = WHOLE.to_owned();
        let end = (at + length).min(text.len());
        text.replace_range(at..end, BITS.get(bit).copied().unwrap_or_default());
        holds(&text);
        holds(&without_line(&text, line));
    }
}
