//! The language in front: for every construct a text that is read and one that is refused, and
//! what stays of a text that is damaged.

mod accepts;
mod laws;
mod recovers;
mod refuses;

use aquac_base::{Source, SourceId};
use aquac_syntax::{emit_ast, parse};

/// The tree of a text that must be right.
fn tree(text: &str) -> String {
    let parsed = parse(SourceId(0), text);
    assert_eq!(parsed.diagnostics, [], "in\n{text}");
    emit_ast(&parsed.module)
}

/// Code, place and message of everything that is wrong with a text.
fn problems(text: &str) -> Vec<String> {
    let source = Source::new("test.aqua", text);
    let parsed = parse(SourceId(0), text);
    let shown = parsed.diagnostics.iter().map(|diagnostic| {
        let at = diagnostic.primary.as_ref().map_or(0, |label| label.span.start);
        let at = source.line_column(at);
        format!("{} {}:{} {}", diagnostic.code, at.line, at.column, diagnostic.message)
    });
    shown.collect()
}

/// A function with these lines as its body, at the start of a module.
fn in_body(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    format!("aqua Test\nfunc f():\n{lines}")
}

/// The tree of a body that must be right, one statement for each line.
fn body(lines: &str) -> String {
    let tree = tree(&in_body(lines));
    let lines = tree.lines().skip(2).map(|line| line.strip_prefix("  ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
