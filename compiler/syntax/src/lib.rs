//! Text to tokens to lines to a syntax tree.
//!
//! Three passes, all total: [`lex`] keeps every byte, [`layout`] finds the logical lines, and
//! [`parse`] reads them one by one and nests them. What cannot be read becomes a diagnostic and
//! costs its own line.

mod assemble;
pub mod ast;
mod call_text;
mod depths;
mod emit;
mod error;
mod format;
mod highlight;
mod layout;
mod lex;
mod line;
mod words;

use aquac_base::{Diagnostic, SourceId, Span};

pub use assemble::{MAX_BLOCKS, MAX_GROUPS};
pub use call_text::{MAX_VALUE_NESTING, parse_call};
pub use emit::{emit_ast, emit_lines, emit_tokens};
pub use error::PAGES;
pub use format::{format, format_correct};
pub use highlight::{Class, Highlight, highlight};
pub use layout::{Line, Lines, MAX_NESTING, layout};
pub use lex::{Kind, MAX_SOURCE_BYTES, Token, Tokens, lex};

use error::{ForeignError, LayoutError, SyntaxError, TextError};

/// What a source text says, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree; there is always one.
    pub module: ast::Module,
    /// What was wrong, in source order: one for each mistake.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a module. Total: always a tree, and diagnostics for what is missing in it.
#[must_use]
pub fn parse(source: SourceId, text: &str) -> Parsed {
    parse_named(source, "Main", text)
}

/// Parses a module like [`parse`]. If it has no header, the one that is offered takes its name
/// from `file`, the name or path of the file.
#[must_use]
pub fn parse_named(source: SourceId, file: &str, text: &str) -> Parsed {
    let tokens = lex(text, source);
    let lines = layout(&tokens);
    let (module, mut errors) = assemble::assemble(&tokens, &lines, &module_name(file));
    if text.len() > MAX_SOURCE_BYTES {
        let start = Span::new(source, 0, 0);
        errors = vec![LayoutError::TooLong { start, limit: MAX_SOURCE_BYTES }.into()];
    }
    errors.extend(foreign_comments(&tokens));
    errors.extend(block_braces(&tokens));
    errors.sort_by_cached_key(|error| error.span().start);
    let diagnostics = errors.iter().map(|error| error.diagnostic(&tokens)).collect();
    Parsed { module, diagnostics }
}

/// `path/01-missing-header.aqua` → `MissingHeader`
fn module_name(file: &str) -> String {
    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.strip_suffix(".aqua").unwrap_or(file);
    let words = stem.split(|c: char| !c.is_ascii_alphanumeric());
    let capitalised = words.flat_map(|word| {
        let mut letters = word.chars();
        letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters)
    });
    let name: String = capitalised.skip_while(|c| !c.is_ascii_alphabetic()).collect();
    if name.is_empty() { "Main".to_owned() } else { name }
}

/// All braces around blocks, as one mistake.
fn block_braces(tokens: &Tokens<'_>) -> Option<SyntaxError> {
    let braces: Vec<usize> = tokens.block_braces().collect();
    let opened = braces.iter().filter(|at| tokens.kind(**at) == Some(Kind::Colon));
    let opened: Vec<Span> = opened.map(|at| tokens.span(*at)).collect();
    let mut places: Vec<(Span, &str)> = Vec::new();
    for place in braces.into_iter().map(|at| tokens.brace_place(at)) {
        if places.last().is_none_or(|(last, _)| last.end <= place.0.start) {
            places.push(place);
        }
    }
    (!opened.is_empty()).then(|| ForeignError::BlockBraces { opened, places }.into())
}

/// All comments in the signs of other languages, as one mistake.
fn foreign_comments(tokens: &Tokens<'_>) -> Option<SyntaxError> {
    let found = tokens.as_slice().iter().enumerate();
    let found = found.filter(|(_, token)| token.kind == Kind::ForeignComment);
    let spans: Vec<Span> = found.map(|(at, _)| tokens.span(at)).collect();
    let first = spans.first()?;
    let text = tokens.bytes(first.start, first.end);
    let sign = ["#", "//", "/*"].into_iter().find(|sign| text.starts_with(sign))?;
    Some(TextError::ForeignComment { sign, spans }.into())
}
