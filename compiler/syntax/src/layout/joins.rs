//! Whether a logical line goes on behind a line end.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use crate::lex::{Kind, Tokens};
use crate::words;

use super::brackets::Brackets;

/// A line end inside a logical line.
pub(super) struct Join<'a, 'text> {
    /// All tokens.
    pub(super) tokens: &'a Tokens<'text>,
    /// First token of the logical line.
    pub(super) first: usize,
    /// Last token before the line end that is not trivia.
    pub(super) last: usize,
    /// The line end.
    pub(super) newline: usize,
    /// Bytes of indentation of the logical line.
    pub(super) indent: u32,
}

impl Join<'_, '_> {
    /// The token at which the line goes on, unless it ends here.
    pub(super) fn next_part(&self, brackets: &Brackets) -> Option<usize> {
        let next = self.tokens.next_significant(self.newline);
        let kind = self.kind(next)?;
        let last = self.kind(self.last)?;
        let continues = if brackets.any_open() {
            last != Kind::Colon && !self.ends_brackets(brackets, next)
        } else if waits(last) && !self.declares_all() && !self.opens_body(last) {
            self.is_deeper(next)
                || (self.indent_of(next) == 0 && !self.declares_at(next))
                || (kind == Kind::Bang && last.is_binary_operator())
        } else {
            let from_margin = kind.is_binary_operator() && self.indent_of(next) == 0;
            leads(kind) && last != Kind::Colon && (self.is_deeper(next) || from_margin)
        };
        continues.then_some(next)
    }

    /// Whether the line that starts here is indented deeper than the logical line.
    pub(super) fn is_deeper(&self, at: usize) -> bool {
        self.indent_of(at) > self.indent
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.kind(at)
    }

    /// `declares *` ends with a star that is no operator.
    fn declares_all(&self) -> bool {
        self.kind(self.last) == Some(Kind::Star)
            && matches!(self.tokens.slice(self.first), "aqua" | "module")
    }

    /// A line that opens a body goes on with a value or a type, never behind these: they are
    /// slips of the colon.
    fn opens_body(&self, last: Kind) -> bool {
        matches!(last, Kind::Equals | Kind::LeftArrow | Kind::PushArrow | Kind::Dot)
            && words::opens_body(self.tokens.slice(self.first))
            && self.kind(self.tokens.next_in_line(self.first + 1)).is_some_and(|behind| {
                !matches!(behind, Kind::Equals | Kind::LeftArrow | Kind::PushArrow | Kind::Dot)
            })
    }

    /// Bytes of blanks between the start of its physical line and this token.
    fn indent_of(&self, at: usize) -> u32 {
        match at.checked_sub(1).and_then(|before| self.tokens.get(before)) {
            Some(token) if token.kind == Kind::Blank => self.tokens.start(at) - token.start,
            _ => 0,
        }
    }

    /// Whether a declaration or header line starts here.
    fn declares_at(&self, at: usize) -> bool {
        self.indent_of(at) == 0
            && words::starts_declaration(self.tokens.slice(at))
            && matches!(
                self.kind(self.tokens.next_in_line(at + 1)),
                Some(Kind::Ident | Kind::String | Kind::OpenString)
            )
    }

    /// Whether the next line starts something that cannot stand inside brackets.
    fn ends_brackets(&self, brackets: &Brackets, next: usize) -> bool {
        let Some(kind) = self.kind(next) else { return true };
        let behind = self.tokens.next_in_line(next + 1);
        match kind {
            Kind::LeftArrow | Kind::PushArrow => true,
            Kind::Ident => {
                (self.after_operand() && !self.is_deeper(next))
                    || self.starts_statement(next, behind)
                    || (self.kind(behind) == Some(Kind::Equals) && brackets.in_call(self.tokens))
            }
            Kind::Integer | Kind::Float | Kind::String | Kind::OpenString => {
                self.after_operand() && !self.is_deeper(next)
            }
            _ => false,
        }
    }

    /// Whether the line end stands behind a complete value.
    fn after_operand(&self) -> bool {
        self.kind(self.last).is_some_and(Kind::ends_operand)
    }

    /// Whether the word here starts a statement; `behind` is the token behind it in its line.
    fn starts_statement(&self, word: usize, behind: usize) -> bool {
        match self.kind(behind) {
            Some(Kind::Ident | Kind::String | Kind::OpenString) => true,
            Some(Kind::LeftArrow | Kind::PushArrow) => true,
            Some(Kind::Colon) => self.ends_line(behind + 1),
            Some(Kind::Comma) => self.binds_several(behind),
            Some(Kind::LeftParen | Kind::Bang | Kind::LeftBracket) => {
                behind > word + 1 && words::takes_value(self.tokens.slice(word))
            }
            _ => false,
        }
    }

    /// Whether the names and commas from here on lead to a `<-` in the same line.
    fn binds_several(&self, mut at: usize) -> bool {
        while matches!(self.kind(at), Some(Kind::Ident | Kind::Comma)) {
            at = self.tokens.next_in_line(at + 1);
        }
        matches!(self.kind(at), Some(Kind::LeftArrow))
    }

    fn ends_line(&self, at: usize) -> bool {
        matches!(self.kind(self.tokens.next_in_line(at)), Some(Kind::Newline) | None)
    }
}

/// Whether something must follow, possibly on the next line.
fn waits(kind: Kind) -> bool {
    kind.is_binary_operator()
        || matches!(
            kind,
            Kind::Comma
                | Kind::Equals
                | Kind::QuestionEquals
                | Kind::LeftArrow
                | Kind::PushArrow
                | Kind::RightArrow
                | Kind::Dot
        )
}

/// Whether a line that starts with this continues the one above.
fn leads(kind: Kind) -> bool {
    kind.is_binary_operator() || matches!(kind, Kind::Comma | Kind::Dot | Kind::RightArrow)
}
