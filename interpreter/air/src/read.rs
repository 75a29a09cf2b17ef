//! A script into a program that our interpreter runs.
//!
//! Names become numbers here: each place that defines a variable gets a slot of its own, and each
//! place that reads one chooses among those that can have been written by then. Sequences and
//! parallels become flat, the usual folds become marked loops, a fold that waits for a stream to
//! grow becomes `await`, and a visit in disguise becomes `visit`.

mod emit;
mod errors;
mod fold;
mod gate;
mod names;
mod tree;
mod values;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{Debug, DebugSource, NodeSpan, VerifiedProgram};

use crate::{AirError, Problem, Span, parse};

/// A script as a program, with the names and places that it had.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The program.
    pub program: VerifiedProgram,
    /// What its variables were called, and where its nodes stand in the script.
    pub debug: Debug,
}

/// Reads a script.
///
/// # Errors
///
/// Everything that [`parse`] finds wrong; or that the script is larger or nested more deeply than
/// a program may be.
pub fn read(text: &str) -> Result<Reading, Vec<AirError>> {
    let script = parse(text)?;
    let refused = |problem| {
        let span = script.get(0).map_or_else(Span::default, |whole| whole.span);
        alloc::vec![AirError { span, problem }]
    };
    let tree = tree::Tree::grow(&script).map_err(|error| alloc::vec![error])?;
    let (program, spans, slots, streams) = emit::emit(&tree);
    let debug = Debug {
        sources: alloc::vec![DebugSource { name: String::new() }],
        spans: node_spans(text, &spans),
        slots,
        streams,
        ..Debug::default()
    };
    let program = VerifiedProgram::new(program)
        .map_err(|error| refused(Problem::TooLarge(error.to_string())))?;
    Ok(Reading { program, debug })
}

fn node_spans(text: &str, spans: &[(aquac_ir::NodeId, Span)]) -> Vec<NodeSpan> {
    let line_starts: Vec<usize> =
        core::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let spans = spans.iter().map(|(node, span)| NodeSpan {
        node: *node,
        source: 0,
        start: number(span.start),
        end: number(span.end),
        line: number(line_starts.partition_point(|start| *start <= span.start)),
    });
    spans.collect()
}
