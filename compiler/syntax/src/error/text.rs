//! Problems of characters, literals and letters: AQ0003 to AQ0007.

use aquac_base::{Code, Diagnostic, Edit, Fix, Name, Span};

use super::{SHOWN_PLACES, codes, first, replace, slice};
use crate::lex::Tokens;

/// What is wrong with characters and letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextError {
    #[error("this string is never closed")]
    OpenString { span: Span },
    #[error("strings are written with double quotes")]
    ForeignQuotes { span: Span },
    #[error("`{sign}` does not start a comment")]
    ForeignComment { sign: &'static str, spans: Vec<Span> },
    #[error("`{text}` is not a number")]
    BadNumber { span: Span, text: String },
    #[error("names start with a letter")]
    Underscore { span: Span },
    #[error("{} means nothing in Aqua", shown(.text))]
    Unknown { span: Span, text: String },
    #[error("{}", .0.rule.sentence())]
    Letters(Letters),
}

/// Names that begin with the wrong case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letters {
    /// Which rule they break.
    pub(crate) rule: Rule,
    /// Where they are declared, with the better spelling.
    pub(crate) declared: Vec<(Span, Name)>,
    /// Where they are used, with the better spelling.
    pub(crate) used: Vec<(Span, Name)>,
    /// Whether renaming all these places is certain to be right.
    pub(crate) certain: bool,
}

/// What the first letter of a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// `data`, `service`, `ability`, `alias`
    Type,
    /// `const`
    Constant,
    /// `func`
    Function,
    /// Methods of services and abilities.
    Method,
    /// Fields.
    Field,
    /// Parameters.
    Parameter,
    /// Names that are bound in bodies.
    Variable,
}

impl Rule {
    fn sentence(self) -> &'static str {
        match self {
            Self::Type => "type names start with a capital letter",
            Self::Constant => "constant names are upper case",
            Self::Function => "function names start with a lower-case letter",
            Self::Method => "method names start with a lower-case letter",
            Self::Field => "field names start with a lower-case letter",
            Self::Parameter => "argument names start with a lower-case letter",
            Self::Variable => "this name must start with a lower-case letter",
        }
    }

    fn expectation(self) -> &'static str {
        match self {
            Self::Type => "expected a capital letter",
            Self::Constant => "expected upper case",
            Self::Function | Self::Method | Self::Field | Self::Parameter | Self::Variable => {
                "expected a lower-case letter"
            }
        }
    }
}

fn shown(text: &str) -> String {
    match text.chars().next() {
        Some(first) if first.is_control() || first.is_whitespace() => {
            format!("the character U+{:04X}", u32::from(first))
        }
        _ => format!("`{text}`"),
    }
}

impl TextError {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::OpenString { span }
            | Self::ForeignQuotes { span }
            | Self::BadNumber { span, .. }
            | Self::Underscore { span }
            | Self::Unknown { span, .. } => *span,
            Self::ForeignComment { spans, .. } => first(spans),
            Self::Letters(letters) => letters.span(),
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::OpenString { .. } | Self::ForeignQuotes { .. } => codes::STRING,
            Self::ForeignComment { .. } => codes::COMMENT,
            Self::BadNumber { .. } => codes::NUMBER,
            Self::Underscore { .. } | Self::Letters(_) => codes::LETTERS,
            Self::Unknown { .. } => codes::CHARACTER,
        }
    }

    pub(super) fn diagnostic(&self, tokens: &Tokens<'_>) -> Diagnostic {
        let error =
            |label: &str| Diagnostic::error(self.code(), self.to_string(), self.span(), label);
        match self {
            Self::OpenString { span } => {
                let behind = tokens.bytes(span.end, span.end + 1);
                let help = match behind {
                    ")" | "]" | "}" => format!("add `\"` before `{behind}`"),
                    _ => "add `\"` at the end of the string".to_owned(),
                };
                error("opened here, still open at the end of the line")
                    .with_help(help)
                    .with_fix(replace(span.at_end(), "\""))
            }
            Self::ForeignQuotes { span } => {
                let quoted = slice(tokens, *span);
                let mut inner = quoted.chars();
                inner.next();
                inner.next_back();
                let better = format!("\"{}\"", inner.as_str());
                error("these quotes do not start a string")
                    .with_help(format!("write `{better}`"))
                    .with_fix(replace(*span, &better))
            }
            Self::ForeignComment { spans, .. } => foreign_comments(error("here"), tokens, spans),
            Self::BadNumber { text, .. } => bad_number(error("not a number"), text, self.span()),
            Self::Underscore { span } => {
                let name = slice(tokens, *span).trim_start_matches('_');
                let diagnostic = error("starts with an underscore");
                if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    return diagnostic.with_help(format!("rename to `{name}`"));
                }
                diagnostic.with_help("give it a name, `unused` for instance")
            }
            Self::Unknown { span, text } => unknown(error("not expected here"), *span, text),
            Self::Letters(letters) => letters.diagnostic(self.to_string()),
        }
    }
}

fn foreign_comments(mut diagnostic: Diagnostic, tokens: &Tokens<'_>, spans: &[Span]) -> Diagnostic {
    for span in spans.iter().skip(1).take(SHOWN_PLACES) {
        diagnostic = diagnostic.with_label(*span, "and here");
    }
    // What stands behind `*/` would become a part of the comment.
    let edits = spans.iter().filter_map(|span| {
        let sign = slice(tokens, *span);
        let width = match sign.as_bytes() {
            [b'#', ..] => 1,
            [b'/', b'/', ..] => 2,
            _ => return None,
        };
        let span = Span::new(span.source, span.start, span.start + width);
        Some(Edit { span, text: "--".to_owned() })
    });
    let edits: Vec<Edit> = edits.collect();
    diagnostic = diagnostic.with_help("comments start with `--` and end with their line");
    diagnostic.fix = (!edits.is_empty()).then_some(Fix::Certain(edits));
    diagnostic
}

fn bad_number(diagnostic: Diagnostic, text: &str, span: Span) -> Diagnostic {
    let digits = text.trim_start_matches('0');
    let plain = digits.replace('_', "");
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let fix = Fix::Certain(vec![Edit { span, text: plain.clone() }]);
        return diagnostic.with_help(format!("write `{plain}`")).with_fix(fix);
    }
    diagnostic.with_help("numbers are decimal: `12`, `-12`, `1.5`")
}

fn unknown(diagnostic: Diagnostic, span: Span, text: &str) -> Diagnostic {
    let remove = || Fix::Certain(vec![Edit { span, text: String::new() }]);
    match text {
        ";" => diagnostic.with_help("a line ends without `;`").with_fix(remove()),
        "\"" | "'" | "`" => diagnostic.with_help("strings are written `\"like this\"`"),
        "&" => diagnostic.with_help("write `&&` for \"and\"").with_fix(replace(span, "&&")),
        "|" => diagnostic.with_help("write `||` for \"or\"").with_fix(replace(span, "||")),
        "\r" => diagnostic
            .with_help("end lines with a line feed")
            .with_fix(Fix::Certain(vec![Edit { span, text: "\n".to_owned() }])),
        "\u{a0}" => diagnostic
            .with_help("use an ordinary space")
            .with_fix(Fix::Certain(vec![Edit { span, text: " ".to_owned() }])),
        _ => diagnostic.with_help("names use the letters `a` to `z`, digits and `_`"),
    }
}

impl Letters {
    /// Adds others that break the same rule.
    pub(crate) fn join(&mut self, other: Self) {
        self.declared.extend(other.declared);
        self.used.extend(other.used);
        self.certain &= other.certain;
    }

    fn span(&self) -> Span {
        let place = self.declared.first().map(|(span, _)| *span);
        place.unwrap_or(Span::new(aquac_base::SourceId(0), 0, 0))
    }

    fn diagnostic(&self, message: String) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::error(codes::LETTERS, message, self.span(), self.rule.expectation());
        for (span, _) in self.declared.iter().skip(1).take(SHOWN_PLACES) {
            diagnostic = diagnostic.with_label(*span, "and here");
        }
        for (span, _) in self.used.iter().take(SHOWN_PLACES) {
            diagnostic = diagnostic.with_label(*span, "used here");
        }
        let names: Vec<String> =
            self.declared.iter().map(|(_, name)| format!("`{name}`")).collect();
        let edits = self
            .declared
            .iter()
            .chain(&self.used)
            .map(|(span, name)| Edit { span: *span, text: name.to_string() });
        let edits: Vec<Edit> = edits.collect();
        let fix = if self.certain { Fix::Certain(edits) } else { Fix::Suggested(edits) };
        diagnostic.with_help(format!("rename to {}", names.join(", "))).with_fix(fix)
    }
}
