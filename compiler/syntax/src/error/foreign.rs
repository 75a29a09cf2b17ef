//! Words and forms of other languages: AQ0104, AQ0105.

use aquac_base::{Code, Diagnostic, Edit, Fix, Name, Span};

use super::form::Form;
use super::{SHOWN_PLACES, codes, first, replace, slice};
use crate::lex::Tokens;

/// A word or a form of another language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ForeignError {
    #[error("`{word}` is not a keyword")]
    ForeignWord {
        span: Span,
        word: String,
        expected: &'static str,
        help: String,
        note: Option<&'static str>,
        edits: Vec<(Span, &'static str)>,
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
    WordOperators {
        span: Span,
        edits: Vec<(Span, &'static str)>,
        better: String,
        /// Not if `not` stands before a comparison, which binds less than `!`.
        certain: bool,
    },
    #[error("`{name}` needs a `:` before its type")]
    TypeWithoutColon { span: Span, name: String, places: Vec<Span> },
    #[error("comparisons do not chain")]
    ChainedComparison { operator: Span },
    #[error("a block is opened by `:` and ends with its indentation")]
    BlockBraces { opened: Vec<Span>, places: Vec<(Span, &'static str)> },
    #[error("{}", .form.words().title)]
    Form {
        form: Form,
        span: Span,
        /// The line as it was meant, if that is known.
        better: Option<String>,
        edits: Vec<(Span, String)>,
    },
    #[error("the body of a block starts on the next line")]
    BodyOnSameLine { body: Span },
    #[error("`{word}` has no block of its own")]
    BlockOfBranch { word: &'static str, span: Span },
    #[error("arguments are given by position, not by name")]
    NamedArgument { span: Span, value: Span, function: Name },
    #[error("the fields of a type are given by name")]
    FieldWithoutName { span: Span },
}

impl ForeignError {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::ForeignWord { span, .. }
            | Self::ElseIf { span, .. }
            | Self::ForIn { span, .. }
            | Self::SingleEquals { span, .. }
            | Self::WordOperators { span, .. }
            | Self::BlockOfBranch { span, .. }
            | Self::TypeWithoutColon { span, .. }
            | Self::NamedArgument { span, .. }
            | Self::Form { span, .. }
            | Self::FieldWithoutName { span } => *span,
            Self::BlockBraces { opened, .. } => first(opened),
            Self::ImportPath { path, .. } => *path,
            Self::ChainedComparison { operator } => *operator,
            Self::BodyOnSameLine { body } => *body,
        }
    }

    /// The same, where more is wrong with the line than this.
    pub(crate) fn without_line(mut self) -> Self {
        if let Self::Form { better, .. } = &mut self {
            *better = None;
        }
        self
    }

    fn code(&self) -> Code {
        match self {
            Self::ForeignWord { .. } | Self::ImportPath { .. } => codes::FOREIGN_WORD,
            Self::TypeWithoutColon { .. } => codes::MISSING_PART,
            Self::ElseIf { .. }
            | Self::ForIn { .. }
            | Self::SingleEquals { .. }
            | Self::WordOperators { .. }
            | Self::ChainedComparison { .. }
            | Self::BodyOnSameLine { .. }
            | Self::BlockBraces { .. }
            | Self::Form { .. }
            | Self::BlockOfBranch { .. }
            | Self::NamedArgument { .. }
            | Self::FieldWithoutName { .. } => codes::FOREIGN_FORM,
        }
    }

    pub(super) fn diagnostic(&self, tokens: &Tokens<'_>) -> Diagnostic {
        let error =
            |label: &str| Diagnostic::error(self.code(), self.to_string(), self.span(), label);
        match self {
            Self::ForeignWord { expected, help, note, edits, .. } => {
                let mut diagnostic = error(expected).with_help(help.clone());
                diagnostic.notes.extend(note.map(str::to_owned));
                diagnostic.fix = certain(edits);
                diagnostic
            }
            Self::ImportPath { path, better } => match better {
                Some(better) => error("expected a string")
                    .with_help(format!("write `{better}`"))
                    .with_fix(replace(*path, better)),
                None => error("expected a string").with_help("write the path in double quotes"),
            },
            Self::ElseIf { condition, .. } => {
                error("`else if` does not exist").with_help(nested(slice(tokens, *condition)))
            }
            Self::ForIn { span, better, .. } => error("expected `<-`")
                .with_help(format!("write `{better}`"))
                .with_fix(replace(*span, "<-")),
            Self::SingleEquals { span, better } => error("`=` gives a name to a value")
                .with_help(format!("write `{better}`"))
                .with_fix(replace(*span, "==")),
            Self::WordOperators { edits, better, certain: sure, .. } => {
                let mut diagnostic = error("words are not operators");
                diagnostic.fix = certain(edits).filter(|_| *sure);
                diagnostic.with_help(format!("write `{better}`"))
            }
            Self::TypeWithoutColon { name, places, .. } => {
                let colon = |span: &Span| Edit { span: *span, text: ":".to_owned() };
                error("a name and a type")
                    .with_help(format!("write `{name}: type`"))
                    .with_fix(Fix::Certain(places.iter().map(colon).collect()))
            }
            Self::ChainedComparison { .. } => error("compares the result of another comparison")
                .with_help("join two comparisons with `&&`: `a < b && b < c`"),
            Self::BlockBraces { opened, places } => {
                block_braces(error("expected `:`"), opened, places)
            }
            Self::Form { form, better, edits, .. } => {
                of_form(error(form.words().label), *form, better.as_deref(), certain(edits))
            }
            Self::BodyOnSameLine { .. } => error("expected the end of the line")
                .with_help("move this to a line of its own, indented"),
            Self::BlockOfBranch { word, .. } => {
                block_of_branch(error("expected what it runs"), word)
            }
            Self::NamedArgument { span, value, function } => error("remove the name")
                .with_label(*value, format!("an argument of `{function}`"))
                .with_help("only the fields of a type have names: `Point(x = 1)`")
                .with_fix(Fix::Suggested(vec![Edit { span: *span, text: String::new() }])),
            Self::FieldWithoutName { .. } => {
                error("which field is this?").with_help("write `field = value`")
            }
        }
    }
}

/// What `else if` is, in the words of the language.
fn nested(condition: &str) -> String {
    format!("nest it:\n    else:\n      if {condition}:\n        ...\n      else:\n        ...")
}

/// The other braces of the text, and how all of them go.
fn block_braces(
    mut found: Diagnostic,
    opened: &[Span],
    places: &[(Span, &'static str)],
) -> Diagnostic {
    for span in opened.iter().skip(1).take(SHOWN_PLACES) {
        found = found.with_label(*span, "and here");
    }
    found.fix = certain(places);
    found.with_help("write `:` instead of `{`, and nothing instead of `}`")
}

/// What to write for a form, as exactly as it is known.
fn of_form(
    mut found: Diagnostic,
    form: Form,
    better: Option<&str>,
    fix: Option<Fix>,
) -> Diagnostic {
    let better = better.map(|better| format!("write `{better}`"));
    found.help.extend(better.or(form.words().help.map(str::to_owned)));
    found.fix = fix.map(|fix| form.trusted(fix));
    found
}

/// How `par` or `co` is said of several lines.
fn block_of_branch(found: Diagnostic, word: &str) -> Diagnostic {
    let beside = if word == "par" { "the line above" } else { "what follows" };
    found
        .with_help(format!("write `{word}` before each line that runs beside {beside}"))
        .with_help(format!("several lines are one branch in `{word} on PEER:`"))
}

/// All these replacements, if there are any.
fn certain<Text: AsRef<str>>(edits: &[(Span, Text)]) -> Option<Fix> {
    let edit = |(span, text): &(Span, Text)| Edit { span: *span, text: text.as_ref().to_owned() };
    let edits: Vec<Edit> = edits.iter().map(edit).collect();
    (!edits.is_empty()).then_some(Fix::Certain(edits))
}
