//! Operators of other languages.

use crate::error::{ForeignError, Form};
use crate::line::feed::{Fed, Tok};
use crate::words;

use super::{Slip, Slipped};

impl Slipped<'_> {
    /// `if a = b:`
    pub(super) fn single_equals(&self) -> Option<Slip> {
        if self.get(1)?.0 != Tok::If {
            return None;
        }
        let condition = self.fed.iter().take_while(|Fed(tok, _)| *tok != Tok::Colon);
        let at = condition.enumerate().find(|(_, Fed(tok, _))| *tok == Tok::Equals)?.0;
        let span = self.span(self.get(at)?);
        let better = self.rewritten(&[(span, "==")]);
        let error = ForeignError::SingleEquals { span, better };
        Some(Slip { fed: self.changed(at, Tok::EqualEqual), error, else_if: None, certain: false })
    }

    /// `a and not b`
    pub(super) fn word_operators(&self) -> Option<Slip> {
        let mut fed = self.fed.to_vec();
        let mut edits = Vec::new();
        let mut operand = false;
        let mut last = self.span(self.get(0)?);
        for at in 0..fed.len() {
            let here = self.get(at)?;
            let next = self.get(at + 1);
            let (tok, sign) = match (here.0, self.text(here)) {
                (Tok::Name, "and") if operand => (Tok::And, "&&"),
                (Tok::Name, "or") if operand => (Tok::Or, "||"),
                (Tok::Name, "not") if !operand && next.is_some_and(starts_value) => {
                    (Tok::Bang, "!")
                }
                _ => {
                    operand = here.0.ends_value();
                    continue;
                }
            };
            operand = false;
            let mut span = self.span(here);
            last = span;
            if let (Tok::Bang, Some(next)) = (tok, next) {
                span.end = next.1.start;
            }
            edits.push((span, sign));
            if let Some(changed) = fed.get_mut(at) {
                changed.0 = tok;
            }
        }
        let (first, _) = *edits.first()?;
        let better = self.rewritten(&edits);
        let negates = edits.iter().any(|(_, sign)| *sign == "!");
        let certain = !negates || !fed.iter().any(|Fed(tok, _)| compares(*tok));
        let span = first.to(last);
        let error = ForeignError::WordOperators { span, edits, better, certain };
        Some(Slip { fed, error, else_if: None, certain: false })
    }

    /// `a === b`
    pub(super) fn triple_equals(&self) -> Option<Slip> {
        let at = self.find(2, Tok::EqualEqual)?;
        if self.tok(at + 1)? != Tok::Equals || !self.touches(at) {
            return None;
        }
        let span = self.place(at..at + 2)?;
        let fed = self.spliced(at + 1..at + 2, []);
        Some(self.form(Form::TripleEquals, span, vec![(span, "==".to_owned())], fed))
    }

    /// `a is b`, `a is not b`
    pub(super) fn is(&self) -> Option<Slip> {
        let at = (2..self.fed.len()).find(|at| {
            self.name(*at) == Some("is") && self.tok(at - 1).is_some_and(Tok::ends_value)
        })?;
        let negates = self.name(at + 1) == Some("not") && self.get(at + 2).is_some();
        let word = at..at + 1 + usize::from(negates);
        let (tok, sign) = if negates { (Tok::NotEqual, "!=") } else { (Tok::EqualEqual, "==") };
        let span = self.place(word.clone())?;
        let fed = self.spliced(word, [Fed(tok, span)]);
        Some(self.form(Form::Is, span, vec![(span, sign.to_owned())], fed))
    }

    /// `xs << x`
    pub(super) fn shift(&self) -> Option<Slip> {
        let pushes = self.tok(1)? == Tok::Name
            && self.tok(2)? == Tok::Less
            && self.tok(3)? == Tok::Less
            && self.touches(2);
        if !pushes {
            return None;
        }
        let span = self.place(2..4)?;
        let fed = self.spliced(2..4, [Fed(Tok::PushArrow, span)]);
        Some(self.form(Form::Shift, span, vec![(span, "<<-".to_owned())], fed))
    }

    /// `"a" ++ b`, `f"a {b}"`
    pub(super) fn text_operator(&self) -> Option<Slip> {
        let found = (2..self.fed.len()).find(|at| {
            let doubled = self.tok(*at) == Some(Tok::Plus)
                && self.tok(at + 1) == Some(Tok::Plus)
                && self.get(at + 2).is_some_and(starts_value);
            let prefixed = self.name(*at).is_some_and(words::is_string_prefix)
                && self.tok(at + 1) == Some(Tok::String);
            (doubled || prefixed) && self.touches(*at)
        })?;
        Some(self.unreadable_form(Form::Text, self.place(found..found + 2)?, None))
    }

    /// `c ? a : b`, `a if c else b`
    pub(super) fn choice(&self) -> Option<Slip> {
        let found = (2..self.fed.len()).find(|at| {
            let behind_value = self.tok(at - 1).is_some_and(Tok::ends_value);
            let mut rest = *at..self.fed.len();
            let chooses = match self.tok(*at) {
                Some(Tok::Question) => self.find(*at, Tok::Colon).is_some(),
                _ => self.name(*at) == Some("if") && rest.any(|at| self.name(at) == Some("else")),
            };
            behind_value && chooses
        })?;
        Some(self.unreadable_form(Form::Choice, self.get(found)?.1, None))
    }

    /// `-x`
    pub(super) fn negation(&self) -> Option<Slip> {
        let at = (2..self.fed.len()).find(|at| {
            self.tok(*at) == Some(Tok::Minus)
                && !self.tok(at - 1).is_some_and(Tok::ends_value)
                && matches!(self.tok(at + 1), Some(Tok::Name | Tok::LeftParen))
        })?;
        let Fed(_, sign) = self.get(at)?;
        let edits = vec![(sign, "0 - ".to_owned())];
        let span = self.place(at..at + 2)?;
        Some(self.form(Form::Negation, span, edits, self.spliced(at..at + 1, [])))
    }
}

fn compares(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::EqualEqual
            | Tok::NotEqual
            | Tok::Less
            | Tok::LessEqual
            | Tok::Greater
            | Tok::GreaterEqual
    )
}

/// Whether a value can start with this.
pub(super) fn starts_value(Fed(tok, _): Fed) -> bool {
    matches!(
        tok,
        Tok::Name
            | Tok::True
            | Tok::False
            | Tok::Unsigned
            | Tok::Signed
            | Tok::Float
            | Tok::String
            | Tok::InitPeer
            | Tok::LeftParen
            | Tok::Bang
    )
}
