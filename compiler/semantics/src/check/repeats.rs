//! The same mistake in several places is one diagnostic: later places become labels of the first.

use aquac_base::{Diagnostic, Edit, Fix, Label, Span};

use super::Checker;
use crate::hir::LocalId;
use crate::symbols::Symbol;
use crate::types::{RecordId, TypeId};

/// Later places that are shown; a fix repairs all of them.
const MOST_LABELS: usize = 5;

/// What makes two mistakes the same, within one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Same {
    /// An unknown value, in the function that begins with this local.
    Value(Symbol, usize),
    /// An unknown type or service.
    Type(Symbol),
    /// The unknown types of the declaration with this position.
    TypesOf(usize),
    /// An unknown member of a type.
    Member(RecordId, Symbol),
    /// A push into something that is no stream.
    Push(LocalId),
    /// A local whose type does not fit another one.
    Mismatch(LocalId, TypeId),
    /// Values of one type for the parameter that is declared there.
    Argument(Span, TypeId),
    /// Calls of one function with this number of arguments.
    Count(Symbol, usize),
    /// Calls of a method whose answer is no data.
    Answer(Symbol),
}

impl Checker<'_> {
    /// Whether the mistake was reported before; then the place is added to that report. If not,
    /// the caller reports it next.
    pub(super) fn said_before(&mut self, same: Same, span: Span) -> bool {
        let Some(first) = self.first_report(same) else { return false };
        if first.primary.as_ref().is_some_and(|label| label.span == span) {
            return true;
        }
        show_again(first, span);
        if let Some(Fix::Certain(edits) | Fix::Suggested(edits)) = &mut first.fix
            && let Some(text) = edits.first().map(|edit| edit.text.clone())
        {
            edits.push(Edit { span, text });
        }
        true
    }

    /// The same for mistakes whose repair differs from place to place.
    pub(super) fn shown_before(&mut self, same: Same, span: Span) -> bool {
        let Some(first) = self.first_report(same) else { return false };
        if first.primary.as_ref().is_none_or(|label| label.span != span) {
            show_again(first, span);
        }
        true
    }

    /// The first report of a mistake; if there is none, the next report is it.
    fn first_report(&mut self, same: Same) -> Option<&mut Diagnostic> {
        let next = self.diagnostics.len();
        let at = *self.module.said.entry(same).or_insert(next);
        self.diagnostics.get_mut(at)
    }
}

const AGAIN: &str = "and here";

fn show_again(first: &mut Diagnostic, span: Span) {
    let again = first.secondary.iter().filter(|label| label.message == AGAIN).count();
    if again < MOST_LABELS {
        first.secondary.push(Label { span, message: AGAIN.to_owned() });
    }
}
