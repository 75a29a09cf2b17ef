//! What a function costs before it runs: frames between peers, the longest chain of them, and
//! bytes, per line and in all.
//!
//! ```text
//! cost(seq) = sum        cost(par) = (sum of frames, longest chain)        cost(if) = the dearer
//! cost(for) = length · body, which may be symbolic
//! ```
//!
//! Peers are taken to be different if the program names them differently, and calls to succeed.
//! What branches made goes to where the first step needs it, once for each place where they end.
//! Where the order of arrival or the sameness of peers decides, the number is an upper bound and
//! says so. See `notes/cost.md`.

mod amount;
mod rounds;
mod walk;
mod ways;

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_semantics::Typed;
use aquac_semantics::hir::FunctionId;

pub use amount::{Amount, JoinCost};

use super::count::Count;
use super::steps::Steps;
use crate::route::{RoutePart, RouteStep};
use crate::show::names::Names;
use crate::{Options, Workflow, planned};
use walk::{Arrivals, Leaving, Walk};
use ways::{Items, site};

/// Lists of at most so many elements are followed element by element.
const MAX_UNROLLED: usize = 16;
/// Names that stand for names are followed so far.
const MAX_NAMES: u32 = 16;

/// What a frame weighs beside the program and the values in it: the particle's header, and the
/// record of what was done, signed. Measured in the simulator; it is the reason why the bytes of a
/// report are *about* so many.
pub const FRAME_BYTES: i64 = 300;

/// The cost of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The function's name.
    pub function: String,
    /// Frames that go from one peer to the next.
    pub hops: Amount,
    /// How many of them follow each other at most; half of it is round trips.
    pub chain: Amount,
    /// Bytes in all frames, about.
    pub bytes: Amount,
    /// Lines that cost something, in program order.
    pub lines: Vec<LineCost>,
    /// Waits for elements of streams, in program order.
    pub joins: Vec<JoinCost>,
}

impl Cost {
    /// Round trips on the longest chain: two hops are one.
    #[must_use]
    pub fn trips(&self) -> Amount {
        let number = self.chain.number.map(|hops| hops.div_ceil(2));
        let text = match number {
            Some(number) => number.to_string(),
            None => format!("({}) / 2", self.chain.text),
        };
        Amount { text, number, exact: self.chain.exact }
    }
}

/// The cost of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCost {
    /// The first step on it.
    pub span: Span,
    /// The file.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Frames that it makes necessary.
    pub hops: Amount,
    /// Their bytes, about.
    pub bytes: Amount,
}

/// The cost of a function.
///
/// # Errors
///
/// As [`lower`](crate::lower).
pub fn cost(
    typed: &Typed,
    sources: &SourceMap,
    function: FunctionId,
    options: &Options,
) -> Result<Cost, Vec<Diagnostic>> {
    let workflow = Workflow::of(typed, function, options)?;
    let (program, _) = crate::emit::emit(&workflow, &typed.types, sources);
    let bytes = aquac_ir::encode(&program).len();
    let name = typed.program.functions[function].name.to_string();
    let declared = typed.program.functions[function].span;
    let route = crate::route::route(&workflow, typed, sources, (name.clone(), bytes), declared);
    let mut stops = Vec::new();
    flatten(&route.parts, &mut stops);
    let steps = Steps::new(&workflow.placed, &workflow.inlined);
    let mut walk = Walk::new(&steps, &stops);
    let from = Arrivals::from([(
        site(&steps, &Items::new(), workflow.inlined.root),
        Leaving::alone(Count::number(1)),
    )]);
    walk.visit(steps.root(), &from);
    let joins = joins(typed, function)?;
    Ok(report(walk, name, sources, joins))
}

fn flatten<'a>(parts: &'a [RoutePart], into: &mut Vec<&'a RouteStep>) {
    for part in parts {
        match part {
            RoutePart::Step(step) => into.push(step),
            RoutePart::Block(block) => {
                block.branches.iter().for_each(|branch| flatten(&branch.parts, into));
            }
        }
    }
}

/// What every wait needs and is offered, from the plan as it is written.
fn joins(typed: &Typed, function: FunctionId) -> Result<Vec<JoinCost>, Vec<Diagnostic>> {
    let mut inlined = planned(typed, function, &Options::default())?;
    let placed = inlined.take_placed();
    let steps = Steps::new(&placed, &inlined);
    let mut names = Names::new(steps.pools(), &steps.inlined().parameters);
    let join = |(wait, most): (super::joins::Wait, Count)| {
        let stream = steps.pools().streams[wait.stream].name.to_string();
        let spare = most.surely_at_least(&wait.need).then(|| most.minus(&wait.need));
        JoinCost {
            span: steps.span(wait.step),
            stream,
            need: Amount::of(&wait.need, true, &mut names),
            offered: Amount::of(&most, true, &mut names),
            spare: spare.map(|spare| Amount::of(&spare, true, &mut names)),
        }
    };
    Ok(super::joins::offers(&steps).into_iter().map(join).collect())
}

fn report(walk: Walk<'_>, function: String, sources: &SourceMap, joins: Vec<JoinCost>) -> Cost {
    let mut names = Names::new(walk.steps.pools(), &walk.steps.inlined().parameters);
    let mut lines: Vec<LineCost> = Vec::new();
    for (span, hops, weight) in walk.lines.values() {
        let Some(source) = sources.get(span.source) else { continue };
        lines.push(LineCost {
            span: *span,
            file: source.name.clone(),
            line: source.line_column(span.start).line,
            hops: Amount::of(hops, walk.exact, &mut names),
            bytes: weight.amount(&mut names),
        });
    }
    Cost {
        function,
        hops: Amount::of(&walk.hops, walk.exact, &mut names),
        chain: walk.chain.amount(walk.exact, &mut names),
        bytes: walk.weight.amount(&mut names),
        lines,
        joins,
    }
}
