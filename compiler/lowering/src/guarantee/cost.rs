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
mod branches;
mod doubt;
mod frames;
mod lag;
mod meet;
mod moments;
mod rounds;
mod sum;
mod walk;
mod ways;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_ir::{Node, NodeId, SlotId, StreamId, VerifiedProgram};
use aquac_semantics::Typed;
use aquac_semantics::hir::FunctionId;

pub use amount::{Amount, JoinCost};
pub use doubt::{Because, Doubt};
pub use sum::Sizes;

use super::count::Count;
use super::steps::{StepId, Steps};
use crate::route::{Uses, Variable};
use crate::show::names::Names;
use crate::{Options, Workflow, planned};
use amount::{Chain, Weight};
use frames::Frames;
use walk::{Arrivals, Leaving, Walk};
use ways::{Items, site};

/// Lists of at most so many elements are followed element by element.
const MAX_UNROLLED: usize = 16;
/// Names that stand for names are followed so far.
const MAX_NAMES: u32 = 16;

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
    /// What a run decides, so that numbers are not exact.
    pub doubts: Vec<Because>,
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
        Amount { text, number, of_a_sum: 2, ..self.chain.clone() }
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
    let verified = VerifiedProgram::new(program).ok();
    let name = typed.program.functions[function].name.to_string();
    let steps = Steps::new(&workflow.placed, &workflow.inlined);
    let worlds = worlds::worlds(&steps);
    let Workflow { placed, inlined } = &workflow;
    let uses = Uses::of(placed, &inlined.pools, &inlined.parameters, &typed.types);
    let control = |variable| decides(&steps, verified.as_ref(), variable);
    let frames = || Frames::new(&steps, bytes, &uses, &control);
    let brought = brought(&steps, verified.as_ref());
    let mut worlds = worlds.iter().map(|world| follow(&steps, frames(), world, &brought));
    let first = worlds.next().expect("there is one world at least, without conditions");
    let all = worlds.fold(first, Walked::or);
    let joins = joins(typed, function)?;
    Ok(report(&all, &steps, name, sources, joins))
}

/// What one way through a function costs, or several.
struct Walked {
    lines: BTreeMap<usize, (Span, Count, Weight)>,
    hops: Count,
    least: Count,
    weight: Weight,
    chain: Chain,
    late: bool,
    doubts: BTreeMap<Doubt, Span>,
}

/// Whether everybody who follows the program needs a value.
fn decides(steps: &Steps<'_>, verified: Option<&VerifiedProgram>, variable: Variable) -> bool {
    let Some(verified) = verified else { return true };
    let facts = verified.facts();
    let node = |step: StepId| {
        let number = u32::try_from(step.index()).unwrap_or(u32::MAX);
        verified.program().node(NodeId(number))
    };
    match variable {
        Variable::Arg(number) => facts.is_control_arg(aquac_ir::ArgId(number)),
        Variable::Slot(slot) => {
            let slot = steps.writer(slot).and_then(node).and_then(Node::written_slot);
            slot.is_none_or(|slot| facts.slot(slot).control)
        }
        Variable::Stream(stream) => {
            let first = steps.producers(stream).first().copied();
            let stream = first.and_then(node).and_then(Node::used_stream);
            stream.is_none_or(|stream| facts.stream(stream).control)
        }
    }
}

/// The steps that wait for nothing but what those who have it bring.
fn brought(steps: &Steps<'_>, verified: Option<&VerifiedProgram>) -> BTreeSet<StepId> {
    let Some(verified) = verified else { return BTreeSet::new() };
    let (program, facts) = (verified.program(), verified.facts());
    let slots = (0..program.slots).map(|slot| facts.slot(SlotId(slot)));
    let streams = (0..).zip(&program.streams).map(|(stream, _)| facts.stream(StreamId(stream)));
    let facts: Vec<_> = slots.chain(streams).collect();
    let brought: BTreeSet<_> = facts.iter().flat_map(|facts| &facts.brought).collect();
    let concurrent: BTreeSet<_> = facts.iter().flat_map(|facts| &facts.concurrent).collect();
    let is_brought = |step: &StepId| {
        let node = NodeId(u32::try_from(step.index()).unwrap_or(u32::MAX));
        brought.contains(&node) && !concurrent.contains(&node)
    };
    steps.all().filter(is_brought).collect()
}

fn follow(
    steps: &Steps<'_>,
    frames: Frames,
    world: &worlds::World,
    brought: &BTreeSet<StepId>,
) -> Walked {
    let mut walk = Walk::new(steps, frames, world, brought);
    let root = site(steps, &Items::new(), steps.inlined().root);
    walk.visit(steps.root(), &Arrivals::from([(root, Leaving::first())]));
    let Walk { lines, hops, weight, longest, returned, late, doubts, .. } = walk;
    let chain = returned.unwrap_or(longest);
    Walked { lines, least: hops.clone(), hops, weight, chain, late, doubts }
}

impl Walked {
    /// Whichever is dearer.
    fn or(mut self, other: Self) -> Self {
        for (at, (span, hops, weight)) in other.lines {
            let line = self.lines.entry(at).or_insert((span, Count::default(), Weight::default()));
            line.1 = line.1.larger(&hops);
            line.2 = line.2.larger(&weight);
        }
        for (doubt, at) in other.doubts {
            self.doubts.entry(doubt).or_insert(at);
        }
        self.hops = self.hops.larger(&other.hops);
        self.least = self.least.smaller(&other.least);
        self.weight = self.weight.larger(&other.weight);
        self.late |= other.late || self.chain != other.chain;
        self.chain = self.chain.or(&other.chain);
        self
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

fn report(
    all: &Walked,
    steps: &Steps<'_>,
    function: String,
    sources: &SourceMap,
    joins: Vec<JoinCost>,
) -> Cost {
    let mut names = Names::new(steps.pools(), &steps.inlined().parameters);
    let certain = all.doubts.is_empty();
    let exact = certain && all.least == all.hops;
    let bounded = all.doubts.keys().all(|doubt| doubt.is_bounded());
    let known = |amount: Amount| Amount { bounded: bounded && amount.bounded, ..amount };
    let mut lines: Vec<LineCost> = Vec::new();
    for (span, hops, weight) in all.lines.values() {
        let Some(source) = sources.get(span.source) else { continue };
        lines.push(LineCost {
            span: *span,
            file: source.name.clone(),
            line: source.line_column(span.start).line,
            hops: known(Amount::of(hops, exact, &mut names)),
            bytes: weight.amount(&mut names),
        });
    }
    let mut hops = known(Amount::of(&all.hops, exact, &mut names));
    hops.least = (certain && !exact).then(|| all.least.show(&mut names));
    Cost {
        function,
        hops,
        chain: all.chain.amount(certain && !all.late, &mut names),
        bytes: all.weight.amount(&mut names),
        lines,
        joins,
        doubts: all
            .doubts
            .iter()
            .map(|(doubt, span)| Because { doubt: *doubt, span: *span })
            .collect(),
    }
}
