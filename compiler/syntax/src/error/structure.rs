//! Problems of how lines stand to each other: AQ0101, AQ0106 to AQ0108, AQ0112.

use aquac_base::{Code, Diagnostic, Edit, Fix, Span};

use super::{codes, slice};
use crate::lex::Tokens;

/// What is wrong with the order and the nesting of lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StructureError {
    #[error("this file has no module header")]
    NoHeader {
        /// The first word of the file.
        first: Span,
        /// The header that is missing.
        header: String,
    },
    #[error("the module header is written with `aqua`")]
    OutdatedHeader { keyword: Span },
    #[error("a module has one `aqua` line, and it comes first")]
    SecondHeader { line: Span, first: Option<Span> },
    #[error("`<-` may only be a line of the function itself")]
    ReturnInBlock {
        /// The misplaced lines.
        returns: Vec<Span>,
        /// The line that opens the block around the first.
        block: Span,
        /// The type that the function returns, if it is one.
        result: Option<Span>,
    },
    #[error("`{word}` without {partner}")]
    Alone { word: &'static str, partner: &'static str, span: Span },
    #[error("this `if` has an `else` already")]
    SecondElse { keyword: Span },
    #[error("`par` has nothing to run beside")]
    ParFirst { keyword: Span, statement: Span },
    #[error("{what} cannot stand {place}")]
    Misplaced { span: Span, what: &'static str, place: &'static str, help: &'static str },
}

impl StructureError {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::NoHeader { first, .. } => *first,
            Self::OutdatedHeader { keyword } | Self::SecondElse { keyword } => *keyword,
            Self::SecondHeader { line, .. } => *line,
            Self::ReturnInBlock { returns, block, .. } => {
                returns.first().copied().unwrap_or(*block)
            }
            Self::Alone { span, .. } | Self::Misplaced { span, .. } => *span,
            Self::ParFirst { statement, .. } => *statement,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::NoHeader { .. } => codes::NO_HEADER,
            Self::OutdatedHeader { .. } => codes::FOREIGN_WORD,
            Self::ReturnInBlock { .. } => codes::RETURN_PLACE,
            Self::Alone { .. } | Self::SecondElse { .. } => codes::ALTERNATIVE_PLACE,
            Self::ParFirst { .. } => codes::PAR_FIRST,
            Self::SecondHeader { .. } | Self::Misplaced { .. } => codes::WRONG_PLACE,
        }
    }

    pub(super) fn diagnostic(&self, tokens: &Tokens<'_>) -> Diagnostic {
        let error =
            |label: &str| Diagnostic::error(self.code(), self.to_string(), self.span(), label);
        match self {
            Self::NoHeader { first, header } => {
                let start = Span::new(first.source, 0, 0);
                error("the header must come before the first declaration")
                    .with_help(format!("add `{header}` as the first line"))
                    .with_note(
                        "without a header nothing in the file can be imported by another module",
                    )
                    .with_fix(Fix::Certain(vec![Edit {
                        span: start,
                        text: format!("{header}\n\n"),
                    }]))
            }
            Self::OutdatedHeader { keyword } => error("an old spelling")
                .with_help("write `aqua` instead")
                .with_fix(Fix::Certain(vec![Edit { span: *keyword, text: "aqua".to_owned() }])),
            Self::SecondHeader { first, .. } => {
                let diagnostic = error("not the first line of the file")
                    .with_help("move it to the top of the file, or remove it");
                match first {
                    Some(first) => diagnostic.with_label(*first, "the header is here"),
                    None => diagnostic,
                }
            }
            Self::ReturnInBlock { returns, block, result } => {
                let diagnostic = error("returns from inside a block");
                return_in_block(diagnostic, returns, (*block, *result), tokens)
            }
            Self::Alone { partner, .. } => error("nothing before it that it belongs to")
                .with_help(format!("it must directly follow {partner}, in the same column")),
            Self::SecondElse { .. } => error("a second `else`")
                .with_help("join the two bodies, or nest another `if` in the first"),
            Self::ParFirst { keyword, .. } => {
                // The word and the blanks behind it.
                let behind = tokens.bytes(keyword.end, self.span().end);
                let blanks = behind.len() - behind.trim_start().len();
                let end = keyword.end + crate::lex::offset(blanks);
                let word = Span::new(keyword.source, keyword.start, end);
                error("the first line of a block")
                    .with_help("drop this `par`: a line below it that has one runs beside it")
                    .with_fix(Fix::Certain(vec![Edit { span: word, text: String::new() }]))
            }
            Self::Misplaced { help, .. } => error("not here").with_help(*help),
        }
    }
}

fn return_in_block(
    mut diagnostic: Diagnostic,
    returns: &[Span],
    (block, result): (Span, Option<Span>),
    tokens: &Tokens<'_>,
) -> Diagnostic {
    diagnostic = diagnostic.with_label(block, "a block cannot leave the function");
    for other in returns.iter().skip(1).take(3) {
        diagnostic = diagnostic.with_label(*other, "and here");
    }
    let result = result.map_or("string", |span| slice(tokens, span));
    let block = slice(tokens, block);
    let condition = block.starts_with("if") && !block.contains('\n');
    let block = if block.contains('\n') { "if condition:" } else { block };
    let mut lines = vec![
        "collect the value in a stream and return it after the block:".to_owned(),
        format!("result: *{result}"),
        block.to_owned(),
        format!("  result <<- {}", returned(returns.first(), tokens)),
    ];
    if let (true, [first, other]) = (condition, returns)
        && tokens.bytes(first.end, other.start).trim_start().starts_with("else")
    {
        lines.push("else:".to_owned());
        lines.push(format!("  result <<- {}", returned(Some(other), tokens)));
    }
    lines.push("<- result!".to_owned());
    diagnostic
        .with_help(lines.join("\n    "))
        .with_note("every function has one exit, so that every peer agrees on where it returns")
}

/// The value of a return line, if it is one value on one line.
fn returned<'t>(line: Option<&Span>, tokens: &Tokens<'t>) -> &'t str {
    let value = line.map_or("", |span| slice(tokens, *span));
    let value = value.trim_start_matches("<-").trim();
    if value.is_empty() || value.contains(['\n', ',']) { "value" } else { value }
}
