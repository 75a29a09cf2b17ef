//! What is missing within a line, or stands where nothing can: AQ0102, AQ0103, AQ0111, AQ0113.

use aquac_base::{Code, Diagnostic, Edit, Fix, Span};

use super::{codes, replace};
use crate::ast::{CollectionKind, Ident};

/// What is missing or unexpected within a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    #[error("this `{bracket}` is never closed")]
    UnclosedBracket { span: Span, at: Span, bracket: &'static str, closing: &'static str },
    #[error("this bracket closes nothing")]
    UnopenedBracket { span: Span },
    #[error("expected `:` to open the body of {what}")]
    MissingColon { at: Span, what: String },
    #[error("{} `{}` needs a type", .what.word(), .name.name)]
    MissingType { name: Ident, at: Span, what: Untyped },
    #[error("an argument needs a name before its type")]
    ParameterWithoutName { span: Span },
    #[error("a value is missing here")]
    MissingValue { at: Span },
    #[error("a name is missing {what}")]
    MissingName { at: Span, what: &'static str },
    #[error("a function type needs `->` behind its arguments")]
    SeveralTypes { span: Span },
    #[error("the value of a constant is a literal or a name, not {what}")]
    ConstantValue { span: Span, what: &'static str },
    #[error("an empty collection has no element type to give to a name")]
    EmptyCollection { span: Span, kind: CollectionKind },
    #[error("`join` waits for elements of streams, not for a computation")]
    JoinedComputation { span: Span },
    #[error("{}", unexpected(.found, .expected))]
    Unexpected { span: Span, found: Option<String>, expected: String },
}

/// What lacks its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untyped {
    Parameter,
    Field,
    Stream,
}

impl Untyped {
    fn word(self) -> &'static str {
        match self {
            Self::Parameter => "argument",
            Self::Field => "field",
            Self::Stream => "stream",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Parameter | Self::Field => "string",
            Self::Stream => "*string",
        }
    }
}

fn unexpected(found: &Option<String>, expected: &str) -> String {
    match found {
        Some(found) => format!("expected {expected}, found `{found}`"),
        None => format!("expected {expected} at the end of this line"),
    }
}

/// What to do instead of what other languages have and this one has not.
fn instead_of(found: &str) -> Option<&'static str> {
    match found {
        "in" => Some("to look for an element, go through the list with `for`, or ask a service"),
        "for" => Some("to build a list, push to a stream in a `for` of its own: `found <- …`"),
        "?" => Some("`x!` takes the value of an option, `x != nil` asks whether it has one"),
        _ => None,
    }
}

impl LineError {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::UnclosedBracket { span, .. }
            | Self::UnopenedBracket { span }
            | Self::ParameterWithoutName { span }
            | Self::SeveralTypes { span }
            | Self::ConstantValue { span, .. }
            | Self::EmptyCollection { span, .. }
            | Self::JoinedComputation { span }
            | Self::Unexpected { span, .. } => *span,
            Self::MissingColon { at, .. }
            | Self::MissingValue { at }
            | Self::MissingName { at, .. } => *at,
            Self::MissingType { name, .. } => name.span,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::UnclosedBracket { .. } | Self::UnopenedBracket { .. } => codes::BRACKET,
            Self::MissingColon { .. }
            | Self::MissingType { .. }
            | Self::ParameterWithoutName { .. }
            | Self::MissingValue { .. }
            | Self::MissingName { .. } => codes::MISSING_PART,
            Self::SeveralTypes { .. }
            | Self::JoinedComputation { .. }
            | Self::Unexpected { .. } => codes::UNEXPECTED,
            Self::ConstantValue { .. } | Self::EmptyCollection { .. } => codes::CONSTANT_VALUE,
        }
    }

    pub(super) fn diagnostic(&self) -> Diagnostic {
        let error =
            |label: &str| Diagnostic::error(self.code(), self.to_string(), self.span(), label);
        match self {
            Self::UnclosedBracket { at, closing, .. } => error("opened here")
                .with_help(format!("add `{closing}`"))
                .with_fix(replace(*at, closing)),
            Self::UnopenedBracket { span } => error("no bracket to close")
                .with_help("remove it")
                .with_fix(Fix::Suggested(vec![Edit { span: *span, text: String::new() }])),
            Self::MissingColon { at, .. } => error("expected `:`")
                .with_help("add `:` at the end of the line")
                .with_fix(replace(*at, ":")),
            Self::MissingType { name, what, .. } => {
                error("has no type").with_help(format!("write `{}: {}`", name.name, what.example()))
            }
            Self::ParameterWithoutName { .. } => {
                error("a type without a name").with_help("write `name: type`")
            }
            Self::MissingValue { .. } => error("expected a value"),
            Self::MissingName { .. } => error("expected a name"),
            Self::ConstantValue { .. } => error("known only when the program runs")
                .with_help("bind it inside the function that needs it"),
            Self::EmptyCollection { kind, .. } => error("empty").with_help(match kind {
                CollectionKind::Stream => "declare the stream with its type: `name: *string`",
                CollectionKind::Array | CollectionKind::Option => {
                    "write `nil` for an empty array or option"
                }
            }),
            Self::JoinedComputation { .. } => error("an operator")
                .with_help("write the elements to wait for: `join results[n], other!`"),
            Self::SeveralTypes { .. } => error("not expected here"),
            Self::Unexpected { found, .. } => {
                let mut diagnostic = error("not expected here");
                let instead = found.as_deref().and_then(instead_of);
                diagnostic.help.extend(instead.map(str::to_owned));
                diagnostic
            }
        }
    }
}
