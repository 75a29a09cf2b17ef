//! Known slips: what people type who come from other languages, put right.
//!
//! Each slip rewrites the fed line into what was meant; if that can be read, the slip is
//! reported and the line keeps its meaning, so that nothing else is reported because of it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

mod bindings;
mod blocks;
mod colons;
mod fields;
mod headers;
mod operators;
mod types;
mod words;

use std::ops::Range;

use aquac_base::Span;

use crate::error::{ForeignError, Form, StructureError, SyntaxError};
use crate::lex::Tokens;

use super::feed::{Fed, Mode, Place, Tok};
use super::item::Item;

/// A line with one slip put right.
#[derive(Debug)]
pub(super) struct Slip {
    /// The line as it was meant.
    pub(super) fed: Vec<Fed>,
    /// What was wrong.
    pub(super) error: ForeignError,
    /// The place of `else` if an `else if` has become an `if`.
    pub(super) else_if: Option<Span>,
    /// Whether it is this slip even if the rest of the line cannot be read.
    pub(super) certain: bool,
}

/// A fed line and its text.
struct Slipped<'a> {
    tokens: &'a Tokens<'a>,
    place: Place,
    fed: &'a [Fed],
}

/// A slip that the grammar would read as something else.
pub(super) fn before(tokens: &Tokens<'_>, place: Place, fed: &[Fed]) -> Option<Slip> {
    let Fed(first, _) = fed.get(1)?;
    let line = Slipped { tokens, place, fed };
    match (place.mode, first) {
        (Mode::Top, Tok::Import | Tok::Use) => line.import_path(),
        (Mode::Body, Tok::Name) => line
            .call_like_return()
            .or_else(|| line.unknown_block())
            .or_else(|| line.stream_without_colon()),
        _ => None,
    }
}

/// The slips that may be in a line, the likely ones first.
pub(super) fn candidates(tokens: &Tokens<'_>, place: Place, fed: &[Fed]) -> Vec<Slip> {
    let line = Slipped { tokens, place, fed };
    let found = match place.mode {
        Mode::Top => line.in_declaration(),
        Mode::Members => line.in_member(),
        Mode::Body => line.in_statement(),
    };
    found.into_iter().flatten().collect()
}

impl Slipped<'_> {
    /// What may be wrong in a header line or a declaration.
    fn in_declaration(&self) -> Vec<Option<Slip>> {
        vec![
            self.modifier(),
            self.foreign_declaration(),
            self.exported_declaration(),
            self.import_behind(),
            self.import_in_braces(),
            self.import_of_all(),
            self.alias_equals(),
            self.typed_binding(),
            self.service_id(),
            self.type_parameters(),
            self.collection_by_name(),
            self.collection_sign_behind(),
            self.type_arguments(),
            self.result_type(),
            self.type_first(),
            self.types_without_colons(),
            self.body_on_same_line(),
        ]
    }

    /// What may be wrong in a field of a data type or a function of a service.
    fn in_member(&self) -> Vec<Option<Slip>> {
        vec![
            self.comma_behind_member(),
            self.collection_by_name(),
            self.collection_sign_behind(),
            self.type_arguments(),
            self.result_type(),
            self.type_first(),
            self.types_without_colons(),
            self.foreign_declaration(),
        ]
    }

    /// What may be wrong in a statement.
    fn in_statement(&self) -> Vec<Option<Slip>> {
        vec![
            self.else_if(),
            self.for_in(),
            self.loop_in_parentheses(),
            self.via_first(),
            self.word_operators(),
            self.single_equals(),
            self.triple_equals(),
            self.is(),
            self.colon_equals(),
            self.typed_binding(),
            self.names_in_parentheses(),
            self.change(),
            self.awaited(),
            self.bound_behind(),
            self.shift(),
            self.text_operator(),
            self.choice(),
            self.negation(),
            self.lambda(),
            self.fields(),
            self.nameless_fields(),
            self.collection_by_name(),
            self.collection_sign_behind(),
            self.foreign_statement(),
            self.block_of_branch(),
            self.body_on_same_line(),
            self.head_behind(),
        ]
    }
}

/// What to say about a line that can be read, but not where it stands.
pub(super) fn misplaced(item: &Item, mode: Mode, span: Span) -> Option<SyntaxError> {
    let (what, help) = match item {
        Item::Header(_) | Item::Head(_) => ("a header line", "move it to the top of the file"),
        Item::Declaration(..) => ("a declaration", "start it in the first column"),
        Item::Statement(..)
        | Item::Else(_)
        | Item::ElseIf(..)
        | Item::Otherwise(_)
        | Item::Catch(..) => ("a statement", "move it into the body of a function"),
        Item::Member(_) => return None,
    };
    let place = match mode {
        Mode::Top => "outside of a function",
        Mode::Body => "in the body of a function",
        Mode::Members => "in the body of a type",
    };
    Some(StructureError::Misplaced { span, what, place, help }.into())
}

impl Slipped<'_> {
    fn span(&self, fed: Fed) -> Span {
        fed.1
    }

    fn text(&self, fed: Fed) -> &str {
        self.tokens.bytes(fed.1.start, fed.1.end)
    }

    fn get(&self, at: usize) -> Option<Fed> {
        self.fed.get(at).copied()
    }

    fn tok(&self, at: usize) -> Option<Tok> {
        self.get(at).map(|Fed(tok, _)| tok)
    }

    /// The word at a place, if a name stands there.
    fn name(&self, at: usize) -> Option<&str> {
        self.get(at).filter(|Fed(tok, _)| *tok == Tok::Name).map(|fed| self.text(fed))
    }

    /// The first of these terminals from a place on.
    fn find(&self, from: usize, tok: Tok) -> Option<usize> {
        (from..self.fed.len()).find(|at| self.tok(*at) == Some(tok))
    }

    /// Whether nothing stands between a terminal and the next one.
    fn touches(&self, at: usize) -> bool {
        self.get(at).zip(self.get(at + 1)).is_some_and(|(Fed(_, a), Fed(_, b))| a.end == b.start)
    }

    /// Where the bracket that is opened here is closed.
    fn closed(&self, open: usize) -> Option<usize> {
        let mut depth = 0_u32;
        for at in open..self.fed.len() {
            match self.tok(at)? {
                Tok::LeftParen | Tok::LeftBracket | Tok::LeftBrace => depth += 1,
                Tok::RightParen | Tok::RightBracket | Tok::RightBrace => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// From the first of these terminals to the last.
    fn place(&self, fed: Range<usize>) -> Option<Span> {
        let first = self.get(fed.start)?;
        let last = self.get(fed.end.checked_sub(1)?)?;
        Some(first.1.to(last.1))
    }

    /// The text from the first of these terminals to the last.
    fn slice(&self, fed: Range<usize>) -> Option<&str> {
        self.place(fed).map(|span| self.tokens.bytes(span.start, span.end))
    }

    /// Where one terminal ends to where another starts or ends.
    fn between(&self, start: u32, end: u32) -> Span {
        Span::new(self.tokens.source(), start, end)
    }

    /// The line with some places, which are in order, replaced.
    fn rewritten(&self, edits: &[(Span, impl AsRef<str>)]) -> String {
        let mut text = String::new();
        let mut at = self.place.line.start;
        for (span, better) in edits {
            text.push_str(self.tokens.bytes(at, span.start));
            text.push_str(better.as_ref());
            at = span.end;
        }
        text.push_str(self.tokens.bytes(at, self.place.line.end_byte(self.tokens)));
        text
    }

    /// The line with one terminal changed.
    fn changed(&self, at: usize, tok: Tok) -> Vec<Fed> {
        let mut fed = self.fed.to_vec();
        if let Some(changed) = fed.get_mut(at) {
            changed.0 = tok;
        }
        fed
    }

    /// The line with other terminals in a place.
    fn spliced(&self, place: Range<usize>, with: impl IntoIterator<Item = Fed>) -> Vec<Fed> {
        let mut fed = self.fed.to_vec();
        if place.start <= place.end && place.end <= fed.len() {
            fed.splice(place, with);
        }
        fed
    }

    /// A form of another language, and the line as it was meant. Without edits it is not known
    /// how it was meant.
    fn form(&self, form: Form, span: Span, edits: Vec<(Span, String)>, fed: Vec<Fed>) -> Slip {
        let better = (!edits.is_empty()).then(|| self.rewritten(&edits));
        let error = ForeignError::Form { form, span, better, edits };
        Slip { fed, error, else_if: None, certain: false }
    }

    /// A form that has no counterpart, and what may be written instead.
    fn unreadable_form(&self, form: Form, span: Span, better: Option<String>) -> Slip {
        let fed = self.fed.iter().take(1).copied().collect();
        let error = ForeignError::Form { form, span, better, edits: Vec::new() };
        Slip { fed, error, else_if: None, certain: true }
    }
}
