//! Braces around blocks, as other languages write them: read as the colon and the indentation
//! that were meant, so that the lines in them keep their meaning.

use aquac_base::Span;

use crate::words;

use super::{Kind, Token, Tokens};

/// Which braces are open, while a text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brace {
    /// Of a block.
    Block,
    /// Around abilities.
    Other,
}

/// Makes a colon of every `{` that opens a block, and trivia of the `}` that ends it.
pub(super) fn read_blocks(tokens: &mut Tokens<'_>) {
    let mut open: Vec<Brace> = Vec::new();
    for at in 0..tokens.len() {
        match tokens.kind(at) {
            Some(Kind::LeftBrace) => {
                let brace = if opens_block(tokens, at) { Brace::Block } else { Brace::Other };
                open.push(brace);
                if brace == Brace::Block {
                    tokens.become_colon(at);
                }
            }
            Some(Kind::RightBrace) if open.pop() == Some(Brace::Block) => {
                tokens.become_kind(at, Kind::ClosingBrace);
            }
            Some(_) | None => {}
        }
    }
}

/// Whether this `{` is the last of its line, behind the head of a block or alone below it.
fn opens_block(tokens: &Tokens<'_>, at: usize) -> bool {
    let next = tokens.next_in_line(at + 1);
    if !matches!(tokens.kind(next), Some(Kind::Newline) | None) {
        return false;
    }
    let Some(last) = tokens.last_significant(at) else { return false };
    match tokens.kind(last) {
        Some(Kind::RightParen) => true,
        Some(Kind::Colon) | None => false,
        Some(_) => last + 1 < at && is_head(tokens, last),
    }
}

/// Whether the line that ends with this token can be one that opens a block: it starts with a
/// word that does, or with the end of a list of parameters, and has no bracket open.
fn is_head(tokens: &Tokens<'_>, last: usize) -> bool {
    let start = (0..=last).rev().take_while(|at| tokens.kind(*at) != Some(Kind::Newline)).last();
    let Some(start) = start else { return false };
    let depth = (start..=last).fold(0_i32, |depth, at| match tokens.kind(at) {
        Some(Kind::LeftParen | Kind::LeftBracket) => depth + 1,
        Some(Kind::RightParen | Kind::RightBracket) => depth - 1,
        Some(_) | None => depth,
    });
    let first = tokens.next_significant(start);
    depth <= 0
        && match tokens.kind(first) {
            Some(Kind::Ident) => {
                let words = (first..=last).filter(|at| tokens.kind(*at) == Some(Kind::Ident));
                words.take(2).any(|at| words::opens_braces(tokens.slice(at)))
            }
            Some(Kind::RightParen | Kind::ClosingBrace) => true,
            Some(_) | None => false,
        }
}

impl Tokens<'_> {
    /// The braces that were read as blocks.
    pub(crate) fn block_braces(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|at| match self.kind(*at) {
            Some(Kind::ClosingBrace) => true,
            Some(Kind::Colon) => self.slice(*at) == "{",
            Some(_) | None => false,
        })
    }

    /// What is written instead of a brace that was read as a block: the place, with the blanks
    /// and line ends that go with it, and the text.
    pub(crate) fn brace_place(&self, at: usize) -> (Span, &'static str) {
        let before = self.last_significant(at).map_or(0, |last| self.end(last));
        if self.kind(at) == Some(Kind::Colon) {
            return (Span::new(self.source, before, self.end(at)), ":");
        }
        let mut first = at;
        while first > 0 && self.kind(first - 1) == Some(Kind::Blank) {
            first -= 1;
        }
        let next = self.next_in_line(at + 1);
        let leads = first == 0 || self.kind(first - 1) == Some(Kind::Newline);
        let (start, end) = match self.kind(next) {
            Some(Kind::Newline) if leads => (self.start(first), self.end(next)),
            Some(Kind::Newline) | None => (self.start(first), self.end(at)),
            Some(_) => (self.start(at), self.start(next)),
        };
        (Span::new(self.source, start, end), "")
    }

    /// The last token before a position that is not trivia.
    pub(crate) fn last_significant(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|before| self.kind(*before).is_some_and(|kind| !kind.is_trivia()))
    }

    /// A colon at the end of the line above, if it stands alone in its own.
    fn become_colon(&mut self, at: usize) {
        self.become_kind(at, Kind::Colon);
        let from = self.last_significant(at).map_or(at, |last| last + 1);
        for between in from..at {
            if self.kind(between) == Some(Kind::Newline) {
                self.become_kind(between, Kind::Blank);
            }
        }
    }

    fn become_kind(&mut self, at: usize, kind: Kind) {
        if let Some(token) = self.tokens.get_mut(at) {
            *token = Token { kind, ..*token };
        }
    }
}
