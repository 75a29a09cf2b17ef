//! What can be wrong with a text before its meaning is asked for, and how it is said.
//!
//! Five families, each with its own file: characters and letters, layout, one line, forms of
//! other languages, and how lines stand to each other.

mod foreign;
mod form;
mod layout;
mod line;
mod pages;
mod structure;
mod text;

use aquac_base::{Diagnostic, Edit, Fix, Span};

use crate::lex::Tokens;

pub(crate) use foreign::ForeignError;
pub(crate) use form::Form;
pub(crate) use layout::LayoutError;
pub(crate) use line::{LineError, Untyped};
pub use pages::PAGES;
pub(crate) use structure::StructureError;
pub(crate) use text::{Letters, Rule, TextError};

/// The stable codes of the parser.
pub(crate) mod codes {
    use aquac_base::Code;

    pub(crate) const MISALIGNED: Code = Code("AQ0001");
    pub(crate) const MIXED_BLANKS: Code = Code("AQ0002");
    pub(crate) const STRING: Code = Code("AQ0003");
    pub(crate) const COMMENT: Code = Code("AQ0004");
    pub(crate) const LETTERS: Code = Code("AQ0005");
    pub(crate) const NUMBER: Code = Code("AQ0006");
    pub(crate) const CHARACTER: Code = Code("AQ0007");
    pub(crate) const TOO_DEEP: Code = Code("AQ0008");
    pub(crate) const NO_HEADER: Code = Code("AQ0101");
    pub(crate) const BRACKET: Code = Code("AQ0102");
    pub(crate) const MISSING_PART: Code = Code("AQ0103");
    pub(crate) const FOREIGN_WORD: Code = Code("AQ0104");
    pub(crate) const FOREIGN_FORM: Code = Code("AQ0105");
    pub(crate) const RETURN_PLACE: Code = Code("AQ0106");
    pub(crate) const ALTERNATIVE_PLACE: Code = Code("AQ0107");
    pub(crate) const PAR_FIRST: Code = Code("AQ0108");
    pub(crate) const NO_BODY: Code = Code("AQ0110");
    pub(crate) const UNEXPECTED: Code = Code("AQ0111");
    pub(crate) const WRONG_PLACE: Code = Code("AQ0112");
    pub(crate) const CONSTANT_VALUE: Code = Code("AQ0113");
}

/// One problem of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    /// Characters and letters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Indentation and nesting.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Within one line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Words and forms of other languages.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// How lines stand to each other.
    #[error(transparent)]
    Structure(#[from] StructureError),
}

impl SyntaxError {
    /// The place that it is sorted by.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Text(error) => error.span(),
            Self::Layout(error) => error.span(),
            Self::Line(error) => error.span(),
            Self::Foreign(error) => error.span(),
            Self::Structure(error) => error.span(),
        }
    }

    /// The problem as people and tools read it.
    pub(crate) fn diagnostic(&self, tokens: &Tokens<'_>) -> Diagnostic {
        match self {
            Self::Text(error) => error.diagnostic(tokens),
            Self::Layout(error) => error.diagnostic(tokens),
            Self::Line(error) => error.diagnostic(),
            Self::Foreign(error) => error.diagnostic(tokens),
            Self::Structure(error) => error.diagnostic(tokens),
        }
    }
}

/// At most this many labels of one kind; the fix still covers all places.
const SHOWN_PLACES: usize = 4;

/// The first of some places.
fn first(spans: &[Span]) -> Span {
    spans.first().copied().unwrap_or(Span::new(aquac_base::SourceId(0), 0, 0))
}

/// The text at a place.
fn slice<'text>(tokens: &Tokens<'text>, span: Span) -> &'text str {
    tokens.bytes(span.start, span.end)
}

/// The certain replacement of a place.
fn replace(span: Span, text: &str) -> Fix {
    Fix::Certain(vec![Edit { span, text: text.to_owned() }])
}
