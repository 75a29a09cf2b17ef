//! One line of text into its words, numbers, constants and signs.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{TextError, TextProblem};
use crate::{Value, from_json};

/// The smallest thing that means something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    /// Digits, perhaps with sign, fraction and exponent.
    Number(&'a str),
    Text(Arc<str>),
    /// A constant array or object, written behind `'`.
    Quoted(Value),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: [&str; 30] = [
    "->", "==", "!=", "<=", ">=", "**", "*.", "[", "]", "(", ")", "{", "}", ",", ":", ".", "$",
    "&", "?", "=", "<", ">", "+", "-", "*", "/", "%", "'", "!", ";",
];

/// The tokens of a line, and where each begins.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    line: u32,
    tokens: Vec<(u32, Token<'a>)>,
    at: usize,
    end: u32,
}

impl<'a> Cursor<'a> {
    /// Splits a line. `text` begins behind the indentation, at `column`.
    pub(super) fn new(line: u32, column: u32, text: &'a str) -> Result<Self, TextError> {
        let mut scanner = Scanner { line, column, rest: text };
        let mut tokens = Vec::new();
        while let Some(token) = scanner.token()? {
            tokens.push(token);
        }
        Ok(Self { line, tokens, at: 0, end: scanner.column })
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The next token, which is used up.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let (_, token) = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token.clone())
    }

    /// Uses up this sign if it is next.
    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(there);
        there
    }

    /// Uses up this word if it is next.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(next)) if *next == word);
        self.at += usize::from(there);
        there
    }

    pub(super) fn expect(&mut self, sign: &'static str) -> Result<(), TextError> {
        if self.eat(sign) { Ok(()) } else { Err(self.expected(sign)) }
    }

    pub(super) fn expect_word(&mut self, word: &'static str) -> Result<(), TextError> {
        if self.eat_word(word) { Ok(()) } else { Err(self.expected(word)) }
    }

    pub(super) fn number(&mut self) -> Result<u32, TextError> {
        if let Some(Token::Number(digits)) = self.peek() {
            let digits = *digits;
            let number = digits.parse();
            return match number {
                Ok(number) => {
                    self.at += 1;
                    Ok(number)
                }
                Err(_) => Err(self.error(TextProblem::Number(digits.to_string()))),
            };
        }
        Err(self.expected("a number"))
    }

    pub(super) fn done(&self) -> Result<(), TextError> {
        if self.is_at_end() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    pub(super) fn expected(&self, what: &'static str) -> TextError {
        self.error(TextProblem::Expected(what))
    }

    /// An error at the next token.
    pub(super) fn error(&self, problem: TextProblem) -> TextError {
        let column = self.tokens.get(self.at).map_or(self.end, |(column, _)| *column);
        TextError { line: self.line, column, problem }
    }
}

struct Scanner<'a> {
    line: u32,
    column: u32,
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn token(&mut self) -> Result<Option<(u32, Token<'a>)>, TextError> {
        let spaces = self.rest.len() - self.rest.trim_start_matches(' ').len();
        self.take(spaces);
        if self.rest.starts_with("//") {
            self.rest = "";
        }
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        let column = self.column;
        let after_sign = self
            .rest
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
        let token = if first.is_ascii_digit() || after_sign {
            Token::Number(self.take(number_length(self.rest)))
        } else if first.is_ascii_alphabetic() || first == '_' {
            Token::Word(self.take(word_length(self.rest)))
        } else if first == '"' {
            Token::Text(self.json(0)?.as_text().map_or_else(|| Arc::from(""), Arc::from))
        } else if first == '\'' {
            self.take(1);
            Token::Quoted(self.json(1)?)
        } else {
            let sign = SIGNS.iter().find(|sign| self.rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| self.error(TextProblem::Character(first)))?;
            self.take(sign.len());
            Token::Sign(sign)
        };
        Ok(Some((column, token)))
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.column += u32::try_from(taken.chars().count()).unwrap_or(u32::MAX);
        taken
    }

    /// One JSON text or, behind a quote, array or object.
    fn json(&mut self, least: usize) -> Result<Value, TextError> {
        let length = json_length(self.rest).filter(|length| *length > least);
        let bad = |scanner: &Self, why: String| scanner.error(TextProblem::Json(why));
        let Some(length) = length else { return Err(bad(self, "it has no end".to_string())) };
        let start = (self.column, self.rest);
        let text = self.take(length);
        from_json(text).map_err(|why| {
            (self.column, self.rest) = start;
            bad(self, why.to_string())
        })
    }

    fn error(&self, problem: TextProblem) -> TextError {
        TextError { line: self.line, column: self.column, problem }
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// A sign, digits, a fraction if a digit follows the dot, an exponent if a digit follows it.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        text.get(from..).map_or(from, |rest| {
            from + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
        })
    };
    let mut end = digits(usize::from(text.starts_with('-')));
    let part = |end: usize, lead: &[&str]| {
        let rest = text.get(end..)?;
        let lead = lead.iter().find(|lead| rest.starts_with(**lead))?;
        let behind = digits(end + lead.len());
        (behind > end + lead.len()).then_some(behind)
    };
    end = part(end, &["."]).unwrap_or(end);
    part(end, &["e+", "e-", "E+", "E-", "e", "E"]).unwrap_or(end)
}

/// Up to the end of a text, or of the outermost bracket.
fn json_length(text: &str) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '[' | '{' if !in_text => depth += 1,
            ']' | '}' if !in_text => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 && !in_text && !escaped {
            return Some(at + c.len_utf8());
        }
    }
    None
}
