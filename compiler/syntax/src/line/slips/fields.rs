//! Values with fields, and lines of types, as other languages write them.

use aquac_base::Span;

use crate::error::Form;
use crate::line::feed::{Fed, Tok};

use super::{Slip, Slipped};

impl Slipped<'_> {
    /// `P { x: 1 }`, `P{x = 1}`, `P(x: 1)`
    pub(super) fn fields(&self) -> Option<Slip> {
        let mut fed = self.fed.to_vec();
        let mut edits: Vec<(Span, String)> = Vec::new();
        let mut place: Option<Span> = None;
        for open in 2..self.fed.len() {
            let braces = self.tok(open)? == Tok::LeftBrace;
            let opens = braces || self.tok(open)? == Tok::LeftParen;
            let named = self.name(open - 1).is_some_and(starts_upper);
            let given = self.tok(open + 1) == Some(Tok::Name)
                && matches!(self.tok(open + 2), Some(Tok::Colon | Tok::Equals));
            let wrong = braces || self.tok(open + 2) == Some(Tok::Colon);
            if !(opens && named && given && wrong) {
                continue;
            }
            let close = self.closed(open)?;
            place = place.or(self.place(open - 1..close + 1));
            if braces {
                let (start, first) = (self.get(open - 1)?.1.end, self.get(open + 1)?.1.start);
                edits.push((self.between(start, first), "(".to_owned()));
                let (last, end) = (self.get(close - 1)?.1.end, self.get(close)?.1.end);
                edits.push((self.between(last, end), ")".to_owned()));
                set(&mut fed, open, Tok::LeftParen);
                set(&mut fed, close, Tok::RightParen);
            }
            for at in self.field_signs(open, close) {
                if self.tok(at)? == Tok::Colon {
                    edits.push((self.get(at)?.1, " =".to_owned()));
                    set(&mut fed, at, Tok::Equals);
                }
                if self.tok(at - 2)? == Tok::ParameterComma {
                    set(&mut fed, at - 2, Tok::Comma);
                }
            }
        }
        edits.sort_by_key(|(span, _)| span.start);
        Some(self.form(Form::Fields, place?, edits, fed))
    }

    /// What stands behind the names of the fields between two brackets.
    fn field_signs(&self, open: usize, close: usize) -> Vec<usize> {
        let mut signs = Vec::new();
        let mut depth = 0_u32;
        for at in open..close {
            match self.tok(at) {
                Some(Tok::LeftParen | Tok::LeftBracket | Tok::LeftBrace) => depth += 1,
                Some(Tok::RightParen | Tok::RightBracket | Tok::RightBrace) => {
                    depth = depth.saturating_sub(1);
                }
                Some(Tok::Colon | Tok::Equals) if depth == 1 => signs.push(at),
                _ => {}
            }
        }
        signs
    }

    /// `{ x: 1 }`
    pub(super) fn nameless_fields(&self) -> Option<Slip> {
        let open = self.find(2, Tok::LeftBrace)?;
        let before = self.tok(open - 1)?;
        let is_value = matches!(before, Tok::Equals | Tok::LeftArrow | Tok::LeftParen | Tok::Comma);
        let sign = self.tok(open + 2)?;
        (is_value && matches!(sign, Tok::Colon | Tok::Equals))
            .then(|| self.place(open..self.closed(open)? + 1))
            .flatten()
            .map(|span| self.unreadable_form(Form::NamelessFields, span, None))
    }

    /// `x: T,`
    pub(super) fn comma_behind_member(&self) -> Option<Slip> {
        let last = self.fed.len().checked_sub(1)?;
        let Fed(tok, span) = self.get(last)?;
        (tok == Tok::Comma).then(|| {
            let fed = self.spliced(last..last + 1, []);
            self.form(Form::CommaBehindMember, span, vec![(span, String::new())], fed)
        })
    }
}

fn set(fed: &mut [Fed], at: usize, tok: Tok) {
    if let Some(fed) = fed.get_mut(at) {
        fed.0 = tok;
    }
}

/// Whether a word starts like the name of a type.
pub(super) fn starts_upper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
}
