//! What could have stood where the grammar stopped, in words.

use aquac_base::Span;
use lalrpop_util::ParseError;

use crate::error::LineError;
use crate::lex::Tokens;

use super::feed::{Fed, Place};

/// The problem of a line that nothing else explains.
pub(super) fn unexpected<E>(
    tokens: &Tokens<'_>,
    place: Place,
    problem: &ParseError<(), Fed, E>,
) -> LineError {
    let (found, expected): (Option<Fed>, &[String]) = match problem {
        ParseError::UnrecognizedToken { token, expected } => (Some(token.1), expected),
        ParseError::UnrecognizedEof { expected, .. } => (None, expected),
        ParseError::ExtraToken { token } => (Some(token.1), &[]),
        ParseError::InvalidToken { .. } | ParseError::User { .. } => (None, &[]),
    };
    let found = found.map(|Fed(_, span)| span).filter(|span| span.start < span.end);
    let expected = described(expected);
    let source = tokens.source();
    let line_end = place.line.end_byte(tokens);
    match found {
        Some(span) => LineError::Unexpected {
            span,
            found: Some(shortened(tokens.bytes(span.start, span.end))),
            expected,
        },
        None => LineError::Unexpected {
            span: Span::new(source, line_end, line_end),
            found: None,
            expected,
        },
    }
}

/// The first line of a token, cut to a readable length.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut cut: String = line.chars().take(MAX_SHOWN).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// Characters of the found text that a message shows.
const MAX_SHOWN: usize = 30;

/// Expectations in words, from the general to the particular.
fn described(expected: &[String]) -> String {
    let has = |terminal: &str| expected.iter().any(|one| one.trim_matches('"') == terminal);
    let closers: Vec<String> = [")", "]", "}"]
        .into_iter()
        .filter(|closer| has(closer))
        .map(|closer| format!("`{closer}`"))
        .collect();
    if has("func") && has("data") {
        return "a declaration".to_owned();
    }
    if has("string") && has("name") && has("[") {
        return "a value".to_owned();
    }
    if has("name") && has("⊤") {
        return "a type".to_owned();
    }
    if has("on") && !has("if") {
        return "`on` and a peer".to_owned();
    }
    if let [closer] = closers.as_slice() {
        return if has(",") { format!("`,` or {closer}") } else { closer.clone() };
    }
    if has("name") {
        return "a name".to_owned();
    }
    for terminal in ["<-", "open", ":", "(", "=", "string", "->"] {
        // Behind a value many things can stand, but a block that is announced has to be opened.
        if has(terminal) && (terminal == "open" || !has("==")) {
            return format!("`{}`", if terminal == "open" { ":" } else { terminal });
        }
    }
    "the end of the line".to_owned()
}
