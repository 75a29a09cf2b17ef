//! Where a string ends, also when its closing quote is missing.
//!
//! Strings may contain line ends, so a forgotten quote could swallow the file up to the next
//! string. A quote on a later line is taken as the closing one only if its line then adds up:
//! an even number of quotes behind it, and no word glued to it. Otherwise the string ends with
//! its own line, before brackets that were opened before it.

use logos::Lexer;

use super::Kind;

/// Takes the rest of a string after its first quote. Always succeeds.
pub(super) fn take_string(lexer: &mut Lexer<'_, Kind>) {
    let rest = lexer.remainder();
    match closing_quote(rest) {
        Some(end) => lexer.bump(end),
        None => {
            let before = lexer.source().get(..lexer.span().start).unwrap_or_default();
            let own_line = before.rsplit('\n').next().unwrap_or_default();
            lexer.bump(unclosed_string_end(own_line, rest));
        }
    }
}

/// Bytes up to and including the closing quote, if there is one that belongs to this string.
fn closing_quote(rest: &str) -> Option<usize> {
    let quote = rest.bytes().position(|byte| byte == b'"' || byte == b'\n')?;
    if rest.as_bytes().get(quote) == Some(&b'"') {
        return Some(quote + 1);
    }
    let quote = rest.find('"')?;
    let behind = rest.get(quote + 1..).unwrap_or_default();
    let line = behind.split(['\n', '\r']).next().unwrap_or_default();
    let glued = line.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let even = line.bytes().filter(|byte| *byte == b'"').count() % 2 == 0;
    (even && !glued).then_some(quote + 1)
}

/// Bytes of a string without a closing quote: its line, without trailing blanks, the colon of a
/// block, and as many closing brackets as `own_line`, the text before the string, has open.
fn unclosed_string_end(own_line: &str, rest: &str) -> usize {
    let line = rest.split(['\n', '\r']).next().unwrap_or_default().trim_end();
    let opened = own_line.bytes().filter(|b| matches!(b, b'(' | b'[' | b'{')).count();
    let closed = own_line.bytes().filter(|b| matches!(b, b')' | b']' | b'}')).count();
    let mut open = opened.saturating_sub(closed);
    let mut end = line;
    if open > 0 {
        end = end.strip_suffix(':').map_or(end, str::trim_end);
    }
    while open > 0 {
        let Some(shorter) = end.strip_suffix([')', ']', '}']) else { break };
        end = shorter.trim_end();
        open -= 1;
    }
    end.len()
}

#[cfg(test)]
mod tests {
    use crate::lex::{Kind, lex};
    use aquac_base::SourceId;

    fn strings(text: &str) -> Vec<(Kind, &str)> {
        let tokens = lex(text, SourceId(0));
        tokens.iter().filter(|(k, _)| matches!(k, Kind::String | Kind::OpenString)).collect()
    }

    #[test]
    fn a_string_may_contain_line_ends_and_backslashes() {
        assert_eq!(strings("x = \"a\nb\" "), [(Kind::String, "\"a\nb\"")]);
        assert_eq!(strings(r#"f("a\", b)"#), [(Kind::String, r#""a\""#)]);
    }

    #[test]
    fn a_missing_quote_costs_its_own_line_only() {
        let text = "  f(\"hello)\n  g(\"x\")\n";
        assert_eq!(strings(text), [(Kind::OpenString, "\"hello"), (Kind::String, "\"x\"")]);
    }

    #[test]
    fn brackets_inside_an_unclosed_string_stay_in_it() {
        assert_eq!(strings("x = \"smile :)\n"), [(Kind::OpenString, "\"smile :)")]);
    }
}
