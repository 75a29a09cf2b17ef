//! Text into brackets, keywords and operands. Total: a word that means nothing is an error and a
//! token of its own, and reading goes on behind it.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use aquac_ir::Finite;

use crate::ast::{Kind, Lens, Operand, Register, Variable};
use crate::lens::{is_name, lens};
use crate::{AirError, Problem, Span};

/// The most characters that a number with a fraction may have.
pub(crate) const MAX_FLOAT_CHARS: usize = 11;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token<'a> {
    Open,
    Close,
    OpenSquare,
    CloseSquare,
    Keyword(Keyword),
    Operand(Operand<'a>),
    /// Already reported.
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    Call,
    Canon,
    Ap,
    Seq,
    Par,
    Fail,
    Fold,
    Xor,
    Never,
    New,
    Next,
    Null,
    Match,
    Mismatch,
}

/// The names of all instructions.
pub(crate) const INSTRUCTIONS: [&str; 14] = [
    "ap", "call", "canon", "fail", "fold", "match", "mismatch", "never", "new", "next", "null",
    "par", "seq", "xor",
];

/// The tokens of a script, and what is wrong with its words.
pub(crate) fn lex(text: &str) -> (Vec<(Token<'_>, Span)>, Vec<AirError>) {
    let mut tokens = Vec::new();
    let mut errors = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..) {
        let Some(first) = rest.chars().next() else { break };
        let (length, token) = match first {
            ';' => {
                start += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ if first.is_whitespace() => {
                start += first.len_utf8();
                continue;
            }
            '(' => (1, Ok(Token::Open)),
            ')' => (1, Ok(Token::Close)),
            '[' => (1, Ok(Token::OpenSquare)),
            ']' => (1, Ok(Token::CloseSquare)),
            '"' => text_literal(rest),
            _ => {
                let word = word(rest);
                let token = classify(word)
                    .map_err(|why| Problem::Word { word: word.chars().take(80).collect(), why });
                (word.len(), token)
            }
        };
        let span = Span { start, end: start + length };
        tokens.push((
            token.unwrap_or_else(|problem| {
                errors.push(AirError { span, problem });
                Token::Bad
            }),
            span,
        ));
        start += length;
    }
    (tokens, errors)
}

/// No escapes: a text goes up to the next quote.
fn text_literal(rest: &str) -> (usize, Result<Token<'_>, Problem>) {
    match rest.get(1..).and_then(|inside| inside.split_once('"')) {
        Some((inside, _)) => {
            (inside.len() + 2, Ok(Token::Operand(Operand::Text(Cow::Borrowed(inside)))))
        }
        None => (rest.len(), Err(Problem::OpenText)),
    }
}

/// Up to white space, or to a closing bracket that the word did not open.
fn word(rest: &str) -> &str {
    let (mut round, mut square) = (0_usize, 0_usize);
    let end = rest.char_indices().find_map(|(at, c)| {
        let ends = match c {
            '(' => {
                round += 1;
                false
            }
            '[' => {
                square += 1;
                false
            }
            ')' => round.checked_sub(1).map(|left| round = left).is_none(),
            ']' => square.checked_sub(1).map(|left| square = left).is_none(),
            _ => c.is_whitespace(),
        };
        ends.then_some(at)
    });
    end.and_then(|end| rest.get(..end)).unwrap_or(rest)
}

fn classify(word: &str) -> Result<Token<'_>, &'static str> {
    let keyword = match word {
        "call" => Keyword::Call,
        "canon" => Keyword::Canon,
        "ap" => Keyword::Ap,
        "seq" => Keyword::Seq,
        "par" => Keyword::Par,
        "fail" => Keyword::Fail,
        "fold" => Keyword::Fold,
        "xor" => Keyword::Xor,
        "never" => Keyword::Never,
        "new" => Keyword::New,
        "next" => Keyword::Next,
        "null" => Keyword::Null,
        "match" => Keyword::Match,
        "mismatch" => Keyword::Mismatch,
        _ => return operand(word).map(Token::Operand),
    };
    Ok(Token::Keyword(keyword))
}

fn operand(word: &str) -> Result<Operand<'_>, &'static str> {
    match word {
        "%init_peer_id%" => return Ok(Operand::Initiator),
        "%timestamp%" => return Ok(Operand::Timestamp),
        "%ttl%" => return Ok(Operand::Ttl),
        "true" => return Ok(Operand::Bool(true)),
        "false" => return Ok(Operand::Bool(false)),
        _ => {}
    }
    for (start, register) in [(":error:", Register::Caught), ("%last_error%", Register::Last)] {
        if let Some(path) = word.strip_prefix(start) {
            return Ok(Operand::Error(register, optional_lens(path)?));
        }
    }
    match number(word) {
        Some(number) => number,
        None => variable(word),
    }
}

fn optional_lens(text: &str) -> Result<Option<Lens<'_>>, &'static str> {
    if text.is_empty() { Ok(None) } else { lens(text).map(Some) }
}

/// Nothing if it is not a number but a name.
fn number(word: &str) -> Option<Result<Operand<'_>, &'static str>> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let rest = unsigned.trim_start_matches(char::is_numeric);
    let has_digits = rest.len() < unsigned.len();
    if rest.is_empty() {
        let number = word.parse().map_err(|_| "is no integer of 64 bits");
        return Some(number.map(Operand::Int));
    }
    let fraction = rest.strip_prefix('.')?;
    if !has_digits {
        return Some(Err("begins with a dot"));
    }
    if !fraction.chars().all(char::is_numeric) {
        return Some(Err("is neither a number nor a name"));
    }
    if word.chars().count() > MAX_FLOAT_CHARS {
        return Some(Err("has more digits than a number with a fraction may have"));
    }
    let number = word.parse().ok().and_then(Finite::new);
    Some(number.map(Operand::Float).ok_or("is no number"))
}

fn variable(word: &str) -> Result<Operand<'_>, &'static str> {
    let (name, path) = word.find('.').map_or((word, ""), |dot| word.split_at(dot));
    let (kind, bare) = if let Some(bare) = name.strip_prefix("#%") {
        (Kind::CanonMap, bare)
    } else if let Some(bare) = name.strip_prefix("#$").or_else(|| name.strip_prefix('#')) {
        (Kind::Canon, bare)
    } else if let Some(bare) = name.strip_prefix('$') {
        (Kind::Stream, bare)
    } else if let Some(bare) = name.strip_prefix('%') {
        (Kind::Map, bare)
    } else {
        (Kind::Scalar, name)
    };
    if !is_name(bare) {
        return Err(why_no_name(word));
    }
    let variable = Variable { kind, name: Cow::Borrowed(name) };
    Ok(Operand::Variable(variable, optional_lens(path)?))
}

/// Why a word is no variable, and what was probably meant.
fn why_no_name(word: &str) -> &'static str {
    if word.contains(',') {
        "has a comma, which separates nothing here: white space does"
    } else if word.contains(['\'', '“', '”', '‘', '’', '`']) {
        "is no text: those stand in straight double quotes"
    } else if word.contains(['{', '}']) {
        "is no value: there are no objects here, and instructions stand in `(` and `)`"
    } else if word.starts_with("//") || word == "#" {
        "begins no comment: `;` does"
    } else if word.starts_with('\u{feff}') {
        "begins with a byte order mark"
    } else if word.starts_with(':') || word.starts_with('%') {
        "is no variable; of the interpreter there are `%init_peer_id%`, `%timestamp%`, `%ttl%`, `%last_error%` and `:error:`"
    } else {
        "is not made of letters, digits, `_` and `-`"
    }
}

impl Token<'_> {
    /// The opening brackets minus the closing ones.
    pub(crate) const fn depth(&self) -> isize {
        match self {
            Self::Open | Self::OpenSquare => 1,
            Self::Close | Self::CloseSquare => -1,
            Self::Keyword(_) | Self::Operand(_) | Self::Bad => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn shown(text: &str) -> String {
        let (tokens, errors) = lex(text);
        let tokens: Vec<String> = tokens.iter().map(|(token, _)| format!("{token:?}")).collect();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        format!("{}\n{}", tokens.join(" "), errors.join("\n"))
    }

    fn fine(word: &str) -> bool {
        lex(word).1.is_empty()
    }

    #[test]
    fn a_word_ends_where_a_bracket_closes_that_it_did_not_open() {
        insta::assert_snapshot!(shown("[x]y a.$.[0]) ; (\n\"\n;\""), @r#"OpenSquare Operand(Variable(Variable { kind: Scalar, name: "x" }, None)) CloseSquare Operand(Variable(Variable { kind: Scalar, name: "y" }, None)) Operand(Variable(Variable { kind: Scalar, name: "a" }, Some(Path([Index(0)])))) Close Operand(Text("\n;"))"#);
    }

    #[test]
    fn numbers_are_what_the_reference_reads_as_numbers() {
        for number in ["1", "-1", "+7", "1.", "-0.5", "12345678.12", "1a", "-relay-", "-1x", "_c"] {
            assert!(fine(number), "{number}");
        }
        for wrong in [".5", "+.5", "1.5x", "-", "+", "1234567890.12", "9223372036854775808", "٣"] {
            assert!(!fine(wrong), "{wrong}");
        }
    }

    #[test]
    fn paths_have_at_least_one_step_and_a_mark_only_at_the_end() {
        for path in
            ["x.length", "x.$.a", "x.$.a[1]", "x.$.a.[1]!", "x.$[k]", "x.$.a.length", "#c.$.[0]"]
        {
            assert!(fine(path), "{path}");
        }
        for wrong in [
            "x.$",
            "x.",
            "x.a",
            "x.$.a!.b",
            "x.$.1a",
            "x.$[\"k\"]",
            "x.length.a",
            "x.$.[4294967296]",
            "a%c",
        ] {
            assert!(!fine(wrong), "{wrong}");
        }
    }
}
