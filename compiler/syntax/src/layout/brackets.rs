//! Which brackets of a line are open.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use crate::lex::{Kind, Tokens};

/// The brackets that are open at a place in a line.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    open: Vec<Open>,
    mismatched: bool,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    kind: Kind,
    /// The token before the bracket.
    before: usize,
}

impl Brackets {
    /// Starts a new line.
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.mismatched = false;
    }

    /// Takes the next token that is not trivia; `before` is the one before it.
    pub(super) fn see(&mut self, kind: Kind, before: usize) {
        if matches!(kind, Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace) {
            self.open.push(Open { kind, before });
        } else if let Some(opener) = opener(kind) {
            match self.open.pop() {
                Some(open) if open.kind == opener => {}
                Some(_) | None => self.mismatched = true,
            }
        }
    }

    /// Whether any bracket is open.
    pub(super) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether every bracket so far has found its partner.
    pub(super) fn balanced(&self) -> bool {
        self.open.is_empty() && !self.mismatched
    }

    /// Whether the innermost bracket holds the arguments of a call, so that `name =` cannot be
    /// one of them: the name before it starts with a lower-case letter and is not `copy`.
    pub(super) fn in_call(&self, tokens: &Tokens<'_>) -> bool {
        self.open.last().is_some_and(|open| {
            let name = tokens.slice(open.before);
            open.kind == Kind::LeftParen
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name != "copy"
        })
    }
}

/// The bracket that a closing one belongs to.
pub(crate) const fn opener(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::RightParen => Some(Kind::LeftParen),
        Kind::RightBracket => Some(Kind::LeftBracket),
        Kind::RightBrace => Some(Kind::LeftBrace),
        _ => None,
    }
}
