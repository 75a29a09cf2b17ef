//! Problems within one line: AQ0102 to AQ0105, AQ0111, AQ0113.

use aquac_base::{Code, Diagnostic, Edit, Fix, Name, Span};

use super::{codes, slice};
use crate::ast::{CollectionKind, Ident};
use crate::lex::Tokens;

/// What is wrong within a line.
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
    #[error("a name is missing after the dot")]
    MissingName { at: Span },
    #[error("`{word}` is not a keyword")]
    ForeignWord {
        span: Span,
        word: String,
        expected: &'static str,
        help: String,
        note: Option<&'static str>,
        better: Option<&'static str>,
    },
    #[error("an import path is a string")]
    ImportPath { path: Span, better: Option<String> },
    #[error("`else` takes no condition")]
    ElseIf { span: Span, condition: Span },
    #[error("`for` uses `<-`, not `{word}`")]
    ForIn { word: &'static str, span: Span, better: String },
    #[error("a condition needs `==`")]
    SingleEquals { span: Span, better: String },
    #[error("`and`, `or`, `not` are written `&&`, `||`, `!`")]
    WordOperators { span: Span, edits: Vec<(Span, &'static str)>, better: String },
    #[error("comparisons do not chain")]
    ChainedComparison { operator: Span },
    #[error("the body of a block starts on the next line")]
    BodyOnSameLine { body: Span },
    #[error("arguments are given by position, not by name")]
    NamedArgument { span: Span, value: Span, function: Name },
    #[error("the fields of a type are given by name")]
    FieldWithoutName { span: Span },
    #[error("a function type needs `->` behind its arguments")]
    SeveralTypes { span: Span },
    #[error("the value of a constant is a literal or a name, not {what}")]
    ConstantValue { span: Span, what: &'static str },
    #[error("an empty collection has no element type to give to a name")]
    EmptyCollection { span: Span, kind: CollectionKind },
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
}

fn unexpected(found: &Option<String>, expected: &str) -> String {
    match found {
        Some(found) => format!("expected {expected}, found `{found}`"),
        None => format!("expected {expected} at the end of this line"),
    }
}

impl LineError {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::UnclosedBracket { span, .. }
            | Self::UnopenedBracket { span }
            | Self::ParameterWithoutName { span }
            | Self::ForeignWord { span, .. }
            | Self::ElseIf { span, .. }
            | Self::ForIn { span, .. }
            | Self::SingleEquals { span, .. }
            | Self::WordOperators { span, .. }
            | Self::NamedArgument { span, .. }
            | Self::FieldWithoutName { span }
            | Self::SeveralTypes { span }
            | Self::ConstantValue { span, .. }
            | Self::EmptyCollection { span, .. }
            | Self::Unexpected { span, .. } => *span,
            Self::MissingColon { at, .. }
            | Self::MissingValue { at }
            | Self::MissingName { at } => *at,
            Self::MissingType { name, .. } => name.span,
            Self::ImportPath { path, .. } => *path,
            Self::ChainedComparison { operator } => *operator,
            Self::BodyOnSameLine { body } => *body,
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
            Self::ForeignWord { .. } | Self::ImportPath { .. } => codes::FOREIGN_WORD,
            Self::ElseIf { .. }
            | Self::ForIn { .. }
            | Self::SingleEquals { .. }
            | Self::WordOperators { .. }
            | Self::ChainedComparison { .. }
            | Self::BodyOnSameLine { .. }
            | Self::NamedArgument { .. }
            | Self::FieldWithoutName { .. } => codes::FOREIGN_FORM,
            Self::SeveralTypes { .. } | Self::Unexpected { .. } => codes::UNEXPECTED,
            Self::ConstantValue { .. } | Self::EmptyCollection { .. } => codes::CONSTANT_VALUE,
        }
    }

    pub(super) fn diagnostic(&self, tokens: &Tokens<'_>) -> Diagnostic {
        match self {
            Self::UnclosedBracket { .. }
            | Self::UnopenedBracket { .. }
            | Self::MissingColon { .. }
            | Self::MissingType { .. }
            | Self::ParameterWithoutName { .. }
            | Self::MissingValue { .. }
            | Self::MissingName { .. }
            | Self::ConstantValue { .. }
            | Self::EmptyCollection { .. }
            | Self::SeveralTypes { .. }
            | Self::Unexpected { .. } => self.missing_or_unexpected(),
            Self::ForeignWord { .. }
            | Self::ImportPath { .. }
            | Self::ElseIf { .. }
            | Self::ForIn { .. }
            | Self::SingleEquals { .. }
            | Self::WordOperators { .. }
            | Self::ChainedComparison { .. }
            | Self::BodyOnSameLine { .. }
            | Self::NamedArgument { .. }
            | Self::FieldWithoutName { .. } => self.foreign(tokens),
        }
    }

    fn error(&self, label: &str) -> Diagnostic {
        Diagnostic::error(self.code(), self.to_string(), self.span(), label)
    }

    /// Something is missing, or something stands where nothing can.
    fn missing_or_unexpected(&self) -> Diagnostic {
        match self {
            Self::UnclosedBracket { at, closing, .. } => self
                .error("opened here")
                .with_label(*at, format!("expected `{closing}` here at the latest"))
                .with_help(format!("add `{closing}`"))
                .with_fix(replace(*at, closing)),
            Self::UnopenedBracket { span } => self
                .error("no bracket to close")
                .with_help("remove it")
                .with_fix(Fix::Suggested(vec![Edit { span: *span, text: String::new() }])),
            Self::MissingColon { at, .. } => self
                .error("expected `:`")
                .with_help("add `:` at the end of the line")
                .with_fix(replace(*at, ":")),
            Self::MissingType { name, what, .. } => {
                self.error("has no type").with_help(match what {
                    Untyped::Stream => {
                        format!("write `{}: *string` for a stream of strings", name.name)
                    }
                    Untyped::Parameter | Untyped::Field => {
                        format!("write `{}: string`, or the type that it has", name.name)
                    }
                })
            }
            Self::ParameterWithoutName { .. } => {
                self.error("a type without a name").with_help("write `name: type`")
            }
            Self::MissingValue { .. } => self.error("expected a value"),
            Self::MissingName { .. } => self.error("expected a name"),
            Self::ConstantValue { .. } => self
                .error("known only when the program runs")
                .with_help("bind it inside the function that needs it"),
            Self::EmptyCollection { kind, .. } => match kind {
                CollectionKind::Stream => self
                    .error("empty")
                    .with_help("declare the stream with its type: `name: *string`"),
                CollectionKind::Array | CollectionKind::Option => {
                    self.error("empty").with_help("write `nil` for an empty array or option")
                }
            },
            _ => self.error("not expected here"),
        }
    }

    /// Forms of other languages.
    fn foreign(&self, tokens: &Tokens<'_>) -> Diagnostic {
        match self {
            Self::ForeignWord { span, expected, help, note, better, .. } => {
                let mut diagnostic = self.error(expected).with_help(help.clone());
                diagnostic.notes.extend(note.map(str::to_owned));
                diagnostic.fix = better.map(|better| replace(*span, better));
                diagnostic
            }
            Self::ImportPath { path, better } => match better {
                Some(better) => self
                    .error("expected a string")
                    .with_help(format!("write `{better}`"))
                    .with_fix(replace(*path, better)),
                None => {
                    self.error("expected a string").with_help("write the path in double quotes")
                }
            },
            Self::ElseIf { condition, .. } => {
                let condition = slice(tokens, *condition);
                self.error("`else if` does not exist").with_help(format!(
                    "nest it:\n    else:\n      if {condition}:\n        ...\n      else:\n        ..."
                ))
            }
            Self::ForIn { span, better, .. } => self
                .error("expected `<-`")
                .with_help(format!("write `{better}`"))
                .with_fix(replace(*span, "<-")),
            Self::SingleEquals { span, better } => self
                .error("`=` gives a name to a value")
                .with_help(format!("write `{better}`"))
                .with_fix(replace(*span, "==")),
            Self::WordOperators { edits, better, .. } => {
                let edits =
                    edits.iter().map(|(span, text)| Edit { span: *span, text: (*text).to_owned() });
                self.error("words are not operators")
                    .with_help(format!("write `{better}`"))
                    .with_fix(Fix::Certain(edits.collect()))
            }
            Self::ChainedComparison { .. } => self
                .error("compares the result of another comparison")
                .with_help("join two comparisons with `&&`: `a < b && b < c`"),
            Self::BodyOnSameLine { .. } => self
                .error("expected the end of the line")
                .with_help("move this to a line of its own, indented"),
            Self::NamedArgument { span, value, function } => self
                .error("remove the name")
                .with_label(*value, format!("an argument of `{function}`"))
                .with_help("only the fields of a type have names: `Point(x = 1)`")
                .with_fix(Fix::Suggested(vec![Edit { span: *span, text: String::new() }])),
            _ => self.error("which field is this?").with_help("write `field = value`"),
        }
    }
}

/// The certain replacement of a place.
fn replace(span: Span, text: &str) -> Fix {
    Fix::Certain(vec![Edit { span, text: text.to_owned() }])
}
