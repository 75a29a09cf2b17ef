//! A type behind a name without the colon between them, as other languages write it.

use crate::error::ForeignError;
use crate::line::feed::{Fed, Mode, Tok};
use crate::words;

use super::fields::starts_upper;
use super::{Slip, Slipped};

impl Slipped<'_> {
    /// `results *string`, which would be a product.
    pub(super) fn stream_without_colon(&self) -> Option<Slip> {
        let starts = matches!(self.get(2)?.0, Tok::Star | Tok::Percent);
        let (last, prefixes) = self.fed.get(2..)?.split_last()?;
        let only_prefixes = prefixes.iter().all(|Fed(tok, _)| is_prefix(*tok));
        if starts && only_prefixes && self.names_type(*last) {
            return self.with_colons(&[1]);
        }
        None
    }

    /// `name string` as a member, `(name string, count u32)` as parameters.
    pub(super) fn types_without_colons(&self) -> Option<Slip> {
        let mut names = Vec::new();
        for at in 1..self.fed.len() {
            let before = self.get(at - 1)?.0;
            let member = at == 1 && self.place.mode == Mode::Members;
            let parameter = matches!(before, Tok::LeftParen | Tok::Comma | Tok::ParameterComma);
            let name = self.get(at)?.0 == Tok::Name && (member || parameter);
            if name && self.get(at + 1).is_some_and(|next| self.starts_type(next)) {
                names.push(at);
            }
        }
        if names.is_empty() { None } else { self.with_colons(&names) }
    }

    pub(super) fn starts_type(&self, fed: Fed) -> bool {
        is_prefix(fed.0) || self.names_type(fed)
    }

    /// A scalar, or a capitalised name.
    pub(super) fn names_type(&self, fed: Fed) -> bool {
        let text = self.text(fed);
        fed.0 == Tok::Name && (starts_upper(text) || words::is_scalar(text))
    }

    /// The line with colons behind these names, which are in order.
    fn with_colons(&self, names: &[usize]) -> Option<Slip> {
        let mut fed = Vec::with_capacity(self.fed.len() + names.len());
        let mut places = Vec::new();
        for (at, one) in self.fed.iter().enumerate() {
            let parameter = one.0 == Tok::Comma && names.binary_search(&(at + 1)).is_ok();
            fed.push(if parameter { Fed(Tok::ParameterComma, one.1) } else { *one });
            if names.binary_search(&at).is_ok() {
                fed.push(Fed(Tok::Colon, one.1.at_end()));
                places.push(one.1.at_end());
            }
        }
        let first = self.get(*names.first()?)?;
        let name = self.text(first).to_owned();
        let error = ForeignError::TypeWithoutColon { span: self.span(first), name, places };
        Some(Slip { fed, error, else_if: None, certain: false })
    }
}

/// What a type can start with beside a name.
pub(super) fn is_prefix(tok: Tok) -> bool {
    matches!(tok, Tok::Star | Tok::Percent | Tok::Question | Tok::LeftBracket | Tok::RightBracket)
}
