//! Makes the brackets of a fed line match, and reports the first that does not.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use aquac_base::Span;

use crate::error::{LineError, SyntaxError};

use super::{Fed, Tok};

/// Adds what is missing before the colon at the end, drops what closes nothing.
pub(super) fn balance(fed: &mut Vec<Fed>, errors: &mut Vec<SyntaxError>) {
    let mut balanced: Vec<Fed> = Vec::with_capacity(fed.len() + 4);
    let mut open: Vec<Fed> = Vec::new();
    let mut problem = None;
    for token in fed.drain(..) {
        let Fed(tok, span) = token;
        if closer(tok).is_some() {
            open.push(token);
        } else if is_closer(tok) {
            let partner = open.iter().rposition(|Fed(opener, _)| closer(*opener) == Some(tok));
            let Some(partner) = partner else {
                problem = problem.or(Some(LineError::UnopenedBracket { span }));
                continue;
            };
            let unclosed = open.split_off(partner + 1);
            open.pop();
            problem = problem.or(close(&unclosed, span.at_start(), &mut balanced));
        } else if tok == Tok::Open {
            let unclosed = std::mem::take(&mut open);
            problem = problem.or(close(&unclosed, span.at_start(), &mut balanced));
        }
        balanced.push(token);
    }
    if let Some(Fed(_, last)) = balanced.last().copied() {
        problem = problem.or(close(&open, last.at_end(), &mut balanced));
    }
    errors.extend(problem.map(SyntaxError::from));
    *fed = balanced;
}

/// Closes brackets at a place; the innermost is the one to report.
fn close(unclosed: &[Fed], at: Span, out: &mut Vec<Fed>) -> Option<LineError> {
    let Fed(tok, span) = *unclosed.last()?;
    // A comma in the air would be a second problem for the same mistake.
    if matches!(out.last(), Some(Fed(Tok::Comma, _))) {
        out.pop();
    }
    out.extend(unclosed.iter().rev().filter_map(|Fed(tok, _)| Some(Fed(closer(*tok)?, at))));
    let closing = closer(tok).map_or("", spelling);
    Some(LineError::UnclosedBracket { span, at, bracket: spelling(tok), closing })
}

const fn closer(tok: Tok) -> Option<Tok> {
    match tok {
        Tok::LeftParen => Some(Tok::RightParen),
        Tok::LeftBracket => Some(Tok::RightBracket),
        Tok::LeftBrace => Some(Tok::RightBrace),
        _ => None,
    }
}

const fn is_closer(tok: Tok) -> bool {
    matches!(tok, Tok::RightParen | Tok::RightBracket | Tok::RightBrace)
}

const fn spelling(tok: Tok) -> &'static str {
    match tok {
        Tok::LeftParen => "(",
        Tok::RightParen => ")",
        Tok::LeftBracket => "[",
        Tok::RightBracket => "]",
        Tok::LeftBrace => "{",
        Tok::RightBrace => "}",
        _ => "",
    }
}
