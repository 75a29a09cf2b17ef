//! Problems of indentation, bodies and nesting: AQ0001, AQ0002, AQ0008, AQ0110.

use aquac_base::{Code, Diagnostic, Edit, Fix, Span};

use super::{codes, slice};
use crate::lex::Tokens;

/// What is wrong with indentation and nesting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LayoutError {
    #[error("this line is indented {}", difference(*.found, *.expected))]
    Misaligned {
        /// The blanks before the line.
        indent: Span,
        /// The line without its blanks.
        line: Span,
        /// A line of the same block that is aligned.
        block: Span,
        /// The blanks before that line.
        block_indent: Span,
        found: u32,
        expected: u32,
    },
    #[error("this line is indented, but no line above it opens a block")]
    Stray { indent: Span, line: Span },
    #[error("this block mixes tabs and spaces")]
    MixedBlanks { indent: Span, line: Span, block: Span, block_indent: Span },
    #[error("{what} has no body")]
    NoBody { head: Span, what: String },
    #[error("this line nests more than {limit} levels deep")]
    NestsTooDeep { line: Span, limit: u32 },
    #[error("blocks are nested more than {limit} levels deep")]
    TooManyBlocks { line: Span, limit: usize },
    #[error("more than {limit} alternatives and branches build on each other")]
    TooManyGroups { line: Span, limit: usize },
    #[error("this text is longer than {limit} bytes")]
    TooLong { start: Span, limit: usize },
}

fn difference(found: u32, expected: u32) -> String {
    let by = found.abs_diff(expected);
    let count = match by {
        1 => "one column".to_owned(),
        _ => format!("{by} columns"),
    };
    let direction = if found > expected { "too far" } else { "too little" };
    format!("{count} {direction}")
}

impl LayoutError {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Misaligned { indent, line, .. }
            | Self::Stray { indent, line }
            | Self::MixedBlanks { indent, line, .. } => indent.to(*line),
            Self::NoBody { head, .. } => *head,
            Self::NestsTooDeep { line, .. }
            | Self::TooManyBlocks { line, .. }
            | Self::TooManyGroups { line, .. } => *line,
            Self::TooLong { start, .. } => *start,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Misaligned { .. } | Self::Stray { .. } => codes::MISALIGNED,
            Self::MixedBlanks { .. } => codes::MIXED_BLANKS,
            Self::NoBody { .. } => codes::NO_BODY,
            Self::NestsTooDeep { .. }
            | Self::TooManyBlocks { .. }
            | Self::TooManyGroups { .. }
            | Self::TooLong { .. } => codes::TOO_DEEP,
        }
    }

    pub(super) fn diagnostic(&self, tokens: &Tokens<'_>) -> Diagnostic {
        let error =
            |label: String| Diagnostic::error(self.code(), self.to_string(), self.span(), label);
        match self {
            Self::Misaligned { indent, block, block_indent, .. } => {
                error(described(slice(tokens, *indent)))
                    .with_label(
                        *block,
                        format!(
                            "the block is indented with {}",
                            described(slice(tokens, *block_indent))
                        ),
                    )
                    .with_help(
                        "lines of one block start in the same column: `aquac fmt` aligns them",
                    )
                    .with_fix(reindent(*indent, slice(tokens, *block_indent)))
            }
            Self::Stray { indent, .. } => error("starts behind the first column".to_owned())
                .with_help("remove the blanks before it, or the line above it lacks a `:`")
                .with_fix(Fix::Suggested(vec![Edit { span: *indent, text: String::new() }])),
            Self::MixedBlanks { indent, line, block, block_indent } => {
                let this = slice(tokens, *indent);
                let that = slice(tokens, *block_indent);
                // The tab is what people did not mean to type.
                let (primary, blanks, other, other_blanks, place) = if this.contains('\t') {
                    (indent.to(*line), this, *block, that, *indent)
                } else {
                    (block_indent.to(*block), that, indent.to(*line), this, *block_indent)
                };
                let label = format!("this line is indented with {}", described(blanks));
                let spaces = if other_blanks.contains('\t') { "  " } else { other_blanks };
                Diagnostic::error(self.code(), self.to_string(), primary, label)
                    .with_label(
                        other,
                        format!("this line is indented with {}", described(other_blanks)),
                    )
                    .with_help("indent with spaces only: `aquac fmt` rewrites the file")
                    .with_note("blocks are delimited by indentation, and a tab has no fixed width")
                    .with_fix(reindent(place, spaces))
            }
            Self::NoBody { .. } => error("nothing is indented below this line".to_owned())
                .with_help("add at least one indented line below it"),
            Self::NestsTooDeep { .. } => error("too deep".to_owned())
                .with_help("give names to parts of it and use them here"),
            Self::TooManyBlocks { .. } => error("too deep".to_owned())
                .with_help("move the inner blocks into a function of their own"),
            Self::TooManyGroups { .. } => error("not read".to_owned())
                .with_help("move some of them into a function of their own"),
            Self::TooLong { .. } => {
                error("not read".to_owned()).with_help("split it into several modules")
            }
        }
    }
}

fn reindent(indent: Span, blanks: &str) -> Fix {
    Fix::Certain(vec![Edit { span: indent, text: blanks.to_owned() }])
}

/// `2 spaces`, `a tab`, `blanks and tabs`.
fn described(blanks: &str) -> String {
    let tabs = blanks.bytes().filter(|byte| *byte == b'\t').count();
    let spaces = blanks.len() - tabs;
    match (tabs, spaces) {
        (0, 0) => "nothing".to_owned(),
        (0, 1) => "1 space".to_owned(),
        (0, _) => format!("{spaces} spaces"),
        (1, 0) => "a tab".to_owned(),
        (_, 0) => format!("{tabs} tabs"),
        _ => "tabs and spaces".to_owned(),
    }
}
