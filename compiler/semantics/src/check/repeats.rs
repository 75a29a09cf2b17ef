//! The same mistake in several places is one diagnostic: later places become labels of the first.

use aquac_base::{Edit, Fix, Span};

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
}

impl Checker<'_> {
    /// Whether the mistake was reported before; then the place is added to that report. If not,
    /// the caller reports it next.
    pub(super) fn said_before(&mut self, same: Same, span: Span) -> bool {
        let Some(at) = self.module.said.get(&same).copied() else {
            self.module.said.insert(same, self.diagnostics.len());
            return false;
        };
        let Some(first) = self.diagnostics.get_mut(at) else { return true };
        if first.primary.as_ref().is_some_and(|label| label.span == span) {
            return true;
        }
        if first.secondary.iter().filter(|label| label.message == AGAIN).count() < MOST_LABELS {
            let found = first.clone().with_label(span, AGAIN);
            *first = found;
        }
        if let Some(Fix::Certain(edits) | Fix::Suggested(edits)) = &mut first.fix
            && let Some(text) = edits.first().map(|edit| edit.text.clone())
        {
            edits.push(Edit { span, text });
        }
        true
    }
}

const AGAIN: &str = "and here";
