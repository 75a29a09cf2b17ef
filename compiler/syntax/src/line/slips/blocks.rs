//! Heads of blocks as other languages write them.

use aquac_base::Span;

use crate::error::{ForeignError, Form};
use crate::line::feed::{Fed, Tok};

use super::{Slip, Slipped};

impl Slipped<'_> {
    /// `else if …:` and its relatives.
    pub(super) fn else_if(&self) -> Option<Slip> {
        let first = self.get(1)?;
        let second = self.get(2)?;
        let (condition, keyword) = match first.0 {
            Tok::Else if self.text(second) == "if" => (3, self.span(first).to(self.span(second))),
            Tok::Name if matches!(self.text(first), "elif" | "elsif" | "elseif" | "elsein") => {
                (2, self.span(first))
            }
            _ => return None,
        };
        let mut fed = vec![self.get(0)?, Fed(Tok::If, keyword)];
        fed.extend(self.fed.iter().skip(condition));
        let ends = self.fed.iter().rfind(|Fed(tok, _)| *tok != Tok::Open);
        let end = ends.map_or(keyword.end, |Fed(_, span)| span.end);
        let start = self.get(condition).map_or(end, |Fed(_, span)| span.start);
        let span = Span::new(keyword.source, start, end.max(start));
        let error = ForeignError::ElseIf { span: keyword, condition: span };
        Some(Slip { fed, error, else_if: Some(keyword), certain: true })
    }

    /// `for x in xs:`
    pub(super) fn for_in(&self) -> Option<Slip> {
        let at = self.fed.iter().position(|Fed(tok, _)| *tok == Tok::For)?;
        let behind_item = if self.get(at + 2)?.0 == Tok::Comma { at + 4 } else { at + 2 };
        let found = self.get(behind_item)?;
        let word = match (found.0, self.text(found)) {
            (Tok::Name, "in") => "in",
            (Tok::Name, "of") => "of",
            (Tok::Equals, _) => "=",
            (Tok::Colon, _) => ":",
            _ => return None,
        };
        let span = self.span(found);
        let better = self.rewritten(&[(span, "<-")]);
        let error = ForeignError::ForIn { word, span, better };
        let fed = self.changed(behind_item, Tok::LeftArrow);
        Some(Slip { fed, error, else_if: None, certain: true })
    }

    /// `par:`
    pub(super) fn block_of_branch(&self) -> Option<Slip> {
        let [first, colon] = [self.get(1)?, self.get(2)?];
        let word = match (first.0, colon.0) {
            (Tok::Par, Tok::Colon | Tok::Open) => "par",
            (Tok::Co, Tok::Colon | Tok::Open) => "co",
            _ => return None,
        };
        let error = ForeignError::BlockOfBranch { word, span: self.span(first) };
        Some(Slip { fed: self.fed.to_vec(), error, else_if: None, certain: true })
    }

    /// `if c: x = 1`
    pub(super) fn body_on_same_line(&self) -> Option<Slip> {
        let first = self.get(1)?;
        let head = match first.0 {
            Tok::Name => match self.text(first) {
                "else" => Some(Tok::Else),
                "try" => Some(Tok::Try),
                "otherwise" => Some(Tok::Otherwise),
                _ => None,
            },
            Tok::Alias | Tok::Const => None,
            tok => Some(tok),
        }?;
        let opens = self.body_start()?;
        let mut fed = self.changed(1, head);
        fed.truncate(opens + 1);
        if let Some(last) = fed.last_mut() {
            last.0 = Tok::Open;
        }
        let braces = usize::from(self.tok(opens)? == Tok::LeftBrace);
        let body = self.place(opens + 1..self.fed.len() - braces)?;
        let error = ForeignError::BodyOnSameLine { body };
        Some(Slip { fed, error, else_if: None, certain: false })
    }

    /// The colon, or the brace, that opens a body in the same line.
    fn body_start(&self) -> Option<usize> {
        let mut depth = 0_u32;
        (2..self.fed.len()).find(|at| match self.tok(*at) {
            Some(Tok::LeftBrace) if depth == 0 && self.closed(*at) == Some(self.fed.len() - 1) => {
                true
            }
            Some(Tok::LeftParen | Tok::LeftBracket | Tok::LeftBrace) => {
                depth += 1;
                false
            }
            Some(Tok::RightParen | Tok::RightBracket | Tok::RightBrace) => {
                depth = depth.saturating_sub(1);
                false
            }
            tok => tok == Some(Tok::Colon) && depth == 0,
        })
    }

    /// `for (x <- xs):`
    pub(super) fn loop_in_parentheses(&self) -> Option<Slip> {
        let close = self.closed(2)?;
        if self.tok(1)? != Tok::For || self.tok(2)? != Tok::LeftParen || close + 2 < self.fed.len()
        {
            return None;
        }
        let inner = 3..close;
        let (Fed(_, keyword), Fed(_, end)) = (self.get(1)?, self.get(close)?);
        let better = format!(" {}", self.slice(inner.clone())?);
        let edits = vec![(self.between(keyword.end, end.end), better)];
        let fed = self.spliced(2..close + 1, self.fed.get(inner)?.iter().copied());
        Some(self.form(Form::LoopInParentheses, self.get(2)?.1, edits, fed))
    }

    /// `via r on p:`
    pub(super) fn via_first(&self) -> Option<Slip> {
        let on = (2..self.fed.len()).find(|at| self.name(*at) == Some("on"))?;
        let end = self.fed.len().checked_sub(1).filter(|end| self.tok(*end) == Some(Tok::Open))?;
        if self.name(1)? != "via" || on < 3 || on + 1 >= end {
            return None;
        }
        let (relay, peer) = (2..on, on + 1..end);
        let mut fed = vec![self.get(0)?, Fed(Tok::On, self.get(on)?.1)];
        fed.extend(self.fed.get(peer.clone())?);
        fed.push(Fed(Tok::Via, self.get(1)?.1));
        fed.extend(self.fed.get(relay.clone())?);
        fed.push(self.get(end)?);
        let better = format!("on {} via {}", self.slice(peer)?, self.slice(relay)?);
        let edits = vec![(self.place(1..end)?, better)];
        Some(self.form(Form::ViaFirst, self.get(1)?.1, edits, fed))
    }
}
