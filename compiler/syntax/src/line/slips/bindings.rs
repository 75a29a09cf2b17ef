//! Names that are bound as other languages bind them.

use crate::error::Form;
use crate::line::feed::{Fed, Tok};

use super::{Slip, Slipped};

impl Slipped<'_> {
    /// `x := 1`
    pub(super) fn colon_equals(&self) -> Option<Slip> {
        let colon = self.find(2, Tok::Colon)?;
        if self.tok(colon + 1)? != Tok::Equals || !self.touches(colon) {
            return None;
        }
        let span = self.place(colon..colon + 2)?;
        let fed = self.spliced(colon..colon + 1, []);
        Some(self.form(Form::ColonEquals, span, vec![(span, "=".to_owned())], fed))
    }

    /// `x: T = 1`, `x: T <- f()`, `const X: T = 1`
    pub(super) fn typed_binding(&self) -> Option<Slip> {
        let name = if self.tok(1)? == Tok::Const { 2 } else { 1 };
        if self.tok(name)? != Tok::Name || self.tok(name + 1)? != Tok::Colon {
            return None;
        }
        let sign = (name + 2..self.fed.len())
            .find(|at| matches!(self.tok(*at), Some(Tok::Equals | Tok::LeftArrow)))?;
        let typed = name + 1..sign;
        if typed.len() < 2 {
            return None;
        }
        let span = self.place(typed.clone())?;
        let fed = self.spliced(typed, []);
        Some(self.form(Form::TypedBinding, span, vec![(span, String::new())], fed))
    }

    /// `(a, b) <- f()`, `(a, b) = f()`
    pub(super) fn names_in_parentheses(&self) -> Option<Slip> {
        let close = self.closed(1)?;
        let names = |at| matches!(self.tok(at), Some(Tok::Name | Tok::Comma));
        if self.tok(1)? != Tok::LeftParen
            || !matches!(self.tok(close + 1)?, Tok::LeftArrow | Tok::Equals)
            || !(2..close).all(names)
        {
            return None;
        }
        let (span, Fed(_, sign)) = (self.place(1..close + 1)?, self.get(close + 1)?);
        let edits = vec![(span, self.slice(2..close)?.to_owned()), (sign, "<-".to_owned())];
        let mut fed = self.changed(close + 1, Tok::LeftArrow);
        fed.splice(1..close + 1, self.fed.get(2..close)?.iter().copied());
        Some(self.form(Form::NamesInParentheses, span, edits, fed))
    }

    /// `x += 1`, `x++`, `x.y++`
    pub(super) fn change(&self) -> Option<Slip> {
        let path = |at: &usize| matches!(self.tok(*at), Some(Tok::Name | Tok::Dot));
        let at = 1 + (1..self.fed.len()).take_while(path).count();
        let sign = self.tok(at)?;
        let operates =
            matches!(sign, Tok::Plus | Tok::Minus | Tok::Star | Tok::Slash | Tok::Percent);
        let added = match self.tok(at + 1)? {
            Tok::Equals if operates => self.slice(at + 2..self.fed.len())?,
            Tok::Plus if sign == Tok::Plus && self.get(at + 2).is_none() => "1",
            _ => return None,
        };
        if at == 1 || !self.touches(at) {
            return None;
        }
        let (changed, sign) = (self.slice(1..at)?, self.slice(at..at + 1)?);
        let better = Some(format!("next = {changed} {sign} {added}"));
        Some(self.unreadable_form(Form::Change, self.place(at..at + 2)?, better))
    }

    /// `x <- await f()`
    pub(super) fn awaited(&self) -> Option<Slip> {
        let at = (2..self.fed.len()).find(|at| self.name(*at) == Some("await"))?;
        let awaits = matches!(self.tok(at - 1)?, Tok::LeftArrow | Tok::Equals);
        let (Fed(_, word), Fed(next, called)) = (self.get(at)?, self.get(at + 1)?);
        if !awaits || next != Tok::Name {
            return None;
        }
        let edits = vec![(self.between(word.start, called.start), String::new())];
        Some(self.form(Form::Awaited, word, edits, self.spliced(at..at + 1, [])))
    }

    /// `f() -> x`
    pub(super) fn bound_behind(&self) -> Option<Slip> {
        let arrow = self.find(2, Tok::RightArrow)?;
        let names = arrow + 1..self.fed.len();
        let bound = |at| matches!(self.tok(at), Some(Tok::Name | Tok::Comma));
        let called = match self.tok(arrow - 1)? {
            Tok::RightParen => "",
            Tok::Name => "()",
            _ => return None,
        };
        if names.is_empty() || !names.clone().all(bound) || self.tok(1)? != Tok::Name {
            return None;
        }
        let mut fed = self.fed.get(..1)?.to_vec();
        fed.extend(self.fed.get(names.clone())?);
        fed.push(Fed(Tok::LeftArrow, self.get(arrow)?.1));
        fed.extend(self.fed.get(1..arrow)?);
        let end = self.get(arrow - 1)?.1.at_end();
        if !called.is_empty() {
            fed.extend([Fed(Tok::LeftParen, end), Fed(Tok::RightParen, end)]);
        }
        let call = self.slice(1..arrow)?;
        let better = format!("{} <- {call}{called}", self.slice(names.clone())?);
        let edits = vec![(self.place(1..self.fed.len())?, better)];
        Some(self.form(Form::BoundBehind, self.place(names)?, edits, fed))
    }

    /// `x = (y: string) => y`, `x = lambda y: y`
    pub(super) fn lambda(&self) -> Option<Slip> {
        let arrow = (2..self.fed.len()).find(|at| {
            self.tok(*at) == Some(Tok::Equals)
                && self.tok(at + 1) == Some(Tok::Greater)
                && self.touches(*at)
        });
        let word = (1..self.fed.len()).find(|at| {
            self.name(*at) == Some("lambda")
                && matches!(self.tok(at + 1), Some(Tok::Name | Tok::Colon))
        });
        let span = match (arrow, word) {
            (Some(arrow), _) => self.place(arrow..arrow + 2)?,
            (None, word) => self.get(word?)?.1,
        };
        Some(self.unreadable_form(Form::Lambda, span, None))
    }

    /// `f() if c`, `f() on p`
    pub(super) fn head_behind(&self) -> Option<Slip> {
        let at = (2..self.fed.len()).find(|at| {
            matches!(self.name(*at), Some("if" | "on" | "for" | "while" | "unless"))
                && self.tok(at - 1).is_some_and(Tok::ends_value)
        })?;
        let span = self.place(at..self.fed.len())?;
        let fed = self.fed.get(..at)?.to_vec();
        Some(self.form(Form::HeadBehind, span, Vec::new(), fed))
    }
}
