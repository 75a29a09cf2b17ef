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
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_ir::LoopMode;
use aquac_semantics::Typed;
use aquac_semantics::hir::FunctionId;

pub use amount::{Amount, JoinCost};

use super::count::Count;
use super::steps::{StepId, Steps, pushed, written};
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Loop, Over, PlaceId};
use crate::route::{Bytes, RoutePart, RouteStep};
use crate::show::names::Names;
use crate::terms::{SlotId, Term};
use crate::{Options, Workflow, planned};
use amount::{Chain, Weight};
use ways::hops;

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
    let Workflow { placed, pools, root, parameters, callbacks } = workflow;
    let inlined = crate::inline::Inlined {
        plan: crate::plan::Plan::nothing(declared),
        pools,
        root,
        parameters,
        callbacks,
        given: Vec::new(),
        sites: std::collections::HashMap::new(),
    };
    let steps = Steps::new(&placed, &inlined);
    let mut walk = Walk::new(&steps, &stops);
    let from = Arrivals::from([(root, Count::number(1))]);
    walk.visit(steps.root(), &from);
    let joins = joins(typed, function)?;
    Ok(walk.report(name, sources, joins))
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
    let span = typed.program.functions[function].span;
    let plan = std::mem::replace(&mut inlined.plan, crate::plan::Plan::nothing(span));
    let placed = crate::place::place(plan, inlined.root);
    let steps = Steps::new(&placed, &inlined);
    let mut names = Names::new(steps.pools(), &steps.inlined().parameters);
    let judged = super::joins::judge(&steps);
    let report = |(wait, verdict): (super::joins::Wait, super::joins::Verdict)| {
        let super::joins::Verdict::Fine { most } = verdict else { return None };
        let stream = steps.pools().streams[wait.stream].name.to_string();
        let spare = most.surely_at_least(&wait.need).then(|| most.minus(&wait.need));
        Some(JoinCost {
            span: steps.span(wait.step),
            stream,
            need: Amount::of(&wait.need, true, &mut names),
            offered: Amount::of(&most, true, &mut names),
            spare: spare.map(|spare| Amount::of(&spare, true, &mut names)),
        })
    };
    Ok(judged.into_iter().filter_map(report).collect())
}

/// Where control comes from, and how many frames come from there.
type Arrivals = BTreeMap<PlaceId, Count>;

/// A branch that nobody waited for.
struct Open {
    /// Everything in it.
    branch: StepId,
    ends: Arrivals,
    chain: Chain,
}

struct Walk<'a> {
    steps: &'a Steps<'a>,
    /// The route's steps, in program order.
    stops: &'a [&'a RouteStep],
    next: usize,
    /// How many of what is visited run side by side.
    times: Count,
    /// How often what is visited happens one after the other.
    factor: Count,
    /// Item slots of the loops around here that run side by side.
    beside: Vec<SlotId>,
    open: Vec<Open>,
    lines: BTreeMap<usize, (Span, Count, Weight)>,
    hops: Count,
    weight: Weight,
    chain: Chain,
    exact: bool,
}

impl<'a> Walk<'a> {
    fn new(steps: &'a Steps<'a>, stops: &'a [&'a RouteStep]) -> Self {
        Self {
            steps,
            stops,
            next: 0,
            times: Count::number(1),
            factor: Count::number(1),
            beside: Vec::new(),
            open: Vec::new(),
            lines: BTreeMap::new(),
            hops: Count::number(0),
            weight: Weight::default(),
            chain: Chain::default(),
            exact: true,
        }
    }

    /// Follows a construct; says from where control leaves it. Recursion is bounded by
    /// [`crate::inline::MAX_DEPTH`].
    fn visit(&mut self, id: StepId, from: &Arrivals) -> Arrivals {
        let children: Vec<StepId> = self.steps.children(id).collect();
        match self.steps.kind(id) {
            PlacedKind::Call { place, .. }
            | PlacedKind::Snapshot { place, .. }
            | PlacedKind::Await { place, .. } => self.stop(id, from, *place),
            PlacedKind::Return(_) => {
                let root = self.steps.inlined().root;
                self.stop(id, from, root)
            }
            PlacedKind::Seq(_) | PlacedKind::Scope { .. } => {
                children.into_iter().fold(from.clone(), |from, child| self.visit(child, &from))
            }
            PlacedKind::If { .. } => self.alternatives(&children, from),
            PlacedKind::Try { .. } => {
                let Some((body, handler)) = children.first().zip(children.get(1)) else {
                    return from.clone();
                };
                let ends = self.visit(*body, from);
                let happy = (self.hops.clone(), self.weight.clone(), self.chain.clone());
                let exact = self.exact;
                self.visit(*handler, &ends);
                // Nothing fails in what is predicted.
                (self.hops, self.weight, self.chain) = happy;
                self.exact = exact;
                ends
            }
            PlacedKind::Par(_) => self.par(&children, from),
            PlacedKind::For(each) => self.each(each, &children, from),
            PlacedKind::Null
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. } => from.clone(),
        }
    }

    /// A step at a place, reached from several.
    fn stop(&mut self, id: StepId, from: &Arrivals, to: PlaceId) -> Arrivals {
        let mut from = from.clone();
        let mut chain = self.chain.clone();
        for (ends, late) in self.arrivals_for(id) {
            chain = chain.or(&late);
            for (place, times) in ends {
                let sum = from.get(&place).map_or_else(|| times.clone(), |old| old.larger(&times));
                from.insert(place, sum);
            }
        }
        let mut frames = Count::number(0);
        let mut longest = 0;
        for (place, times) in &from {
            let far = hops(self.steps.pools(), *place, to);
            longest = longest.max(far);
            frames = frames.plus(&times.times(&Count::number(far)));
        }
        let frames = frames.times(&self.factor);
        let stop = self.stops.get(self.next).copied();
        self.next += 1;
        let weight = stop.map_or_else(Weight::default, |stop| weight(&frames, stop));
        self.chain = chain.then(&Count::number(longest));
        self.hops = self.hops.plus(&frames);
        self.weight = self.weight.plus(&weight);
        if frames != Count::number(0) {
            let line = self.lines.entry(id.index());
            let entry = line.or_insert((self.steps.span(id), Count::number(0), Weight::default()));
            entry.1 = entry.1.plus(&frames);
            entry.2 = entry.2.plus(&weight);
        }
        let times = if self.differs(to) { self.times.clone() } else { Count::number(1) };
        if !self.differs(to) && self.times != Count::number(1) && !self.beside.is_empty() {
            self.exact = false;
        }
        Arrivals::from([(to, times)])
    }

    /// What arrives from branches that nobody waited for, because this step reads what they make.
    fn arrivals_for(&mut self, id: StepId) -> Vec<(Arrivals, Chain)> {
        let needs = self.steps.needs(id);
        let stream = match self.steps.kind(id) {
            PlacedKind::Await { stream, .. } | PlacedKind::Snapshot { stream, .. } => Some(*stream),
            _ => None,
        };
        let steps = self.steps;
        let makes = |branch: StepId| {
            steps.below(branch).any(|step| {
                let placed = steps.get(step).placed;
                written(placed).is_some_and(|slot| needs.contains(&slot))
                    || pushed(placed).is_some_and(|made| Some(made) == stream)
            })
        };
        let (read, open): (Vec<Open>, Vec<Open>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|open| !steps.contains(open.branch, id) && makes(open.branch));
        self.open = open;
        // A snapshot takes what is there; what comes later comes for nobody.
        if !read.is_empty() && matches!(self.steps.kind(id), PlacedKind::Snapshot { .. }) {
            self.exact = false;
        }
        read.into_iter().map(|open| (open.ends, open.chain)).collect()
    }

    fn alternatives(&mut self, arms: &[StepId], from: &Arrivals) -> Arrivals {
        let before = (self.hops.clone(), self.weight.clone(), self.chain.clone());
        let mut best = before.clone();
        let mut ends = Arrivals::new();
        let mut differ = BTreeSet::new();
        for arm in arms {
            (self.hops, self.weight, self.chain) = before.clone();
            for (place, times) in self.visit(*arm, from) {
                ends.insert(place, times);
            }
            differ.insert(format!("{:?}", self.hops));
            best.0 = best.0.larger(&self.hops);
            best.1 = best.1.larger(&self.weight);
            best.2 = best.2.or(&self.chain);
        }
        self.exact &= differ.len() == 1 && ends.len() == 1;
        (self.hops, self.weight, self.chain) = best;
        ends
    }

    fn par(&mut self, branches: &[StepId], from: &Arrivals) -> Arrivals {
        let start = self.chain.clone();
        let detached = branches.iter().any(|branch| self.steps.is_nothing(*branch));
        let mut ends = Arrivals::new();
        let mut longest = start.clone();
        for branch in branches {
            self.chain = start.clone();
            let end = self.visit(*branch, from);
            if detached {
                if !self.steps.is_nothing(*branch) {
                    let chain = self.chain.clone();
                    self.open.push(Open { branch: *branch, ends: end, chain });
                }
                continue;
            }
            longest = longest.or(&self.chain);
            for (place, times) in end {
                ends.insert(place, times);
            }
        }
        self.chain = if detached { start } else { longest };
        if detached { from.clone() } else { ends }
    }

    fn each(&mut self, each: &Loop<Placed>, children: &[StepId], from: &Arrivals) -> Arrivals {
        let Some(body) = children.first().copied() else { return from.clone() };
        let often = match each.over {
            Over::Array(value) => self.steps.length_of(value),
            Over::Entries(value) => self.steps.keys_of(value),
            Over::Live(_) => {
                self.exact = false;
                Count::unknown()
            }
        };
        let outside = self.times.clone();
        match each.mode {
            LoopMode::Parallel => {
                let start = from.keys().map(|place| (*place, often.clone())).collect();
                self.times = outside.times(&often);
                self.beside.push(each.item);
                let ends = self.visit(body, &start);
                self.beside.pop();
                self.times = outside;
                ends
            }
            LoopMode::UntilSuccess => self.visit(body, from),
            LoopMode::Sequential | LoopMode::Explicit | LoopMode::InOrder => {
                self.one_by_one(body, &often, from)
            }
        }
    }

    /// The first iteration comes from outside, each other one from the end of the one before.
    fn one_by_one(&mut self, body: StepId, often: &Count, from: &Arrivals) -> Arrivals {
        if *often == Count::number(0) {
            self.skip(body);
            return from.clone();
        }
        let (next, open) = (self.next, self.open.len());
        let ends = self.visit(body, from);
        let first = self.chain.clone();
        self.next = next;
        // Branches that nobody waits for are as many as there are iterations.
        self.exact &= self.open.len() == open && often.surely_at_least(&Count::number(1));
        self.open.truncate(open.max(self.open.len()));
        let rest = often.minus(&Count::number(1));
        let factor = self.factor.times(&rest);
        let outside = std::mem::replace(&mut self.factor, factor);
        let again = self.visit(body, &ends);
        self.factor = outside;
        let each = self.chain.beyond(&first);
        self.chain = first.then(&each.times(&rest));
        again
    }

    fn skip(&mut self, body: StepId) {
        let stops = self
            .steps
            .below(body)
            .filter(|step| super::steps::happens(self.steps.get(*step).placed));
        self.next += stops.count();
    }

    /// Whether a place is another peer in each iteration around it.
    fn differs(&self, place: PlaceId) -> bool {
        let peer = self.steps.pools().places[place].peer;
        let terms = &self.steps.pools().terms;
        let mut open = vec![peer];
        while let Some(term) = open.pop() {
            if let Term::Slot(slot) = terms.get(term)
                && self.beside.contains(slot)
            {
                return true;
            }
            open.extend(terms.parts(term));
        }
        false
    }

    fn report(self, function: String, sources: &SourceMap, joins: Vec<JoinCost>) -> Cost {
        let mut names = Names::new(self.steps.pools(), &self.steps.inlined().parameters);
        let mut lines: Vec<LineCost> = Vec::new();
        for (span, hops, weight) in self.lines.values() {
            let Some(source) = sources.get(span.source) else { continue };
            lines.push(LineCost {
                span: *span,
                file: source.name.clone(),
                line: source.line_column(span.start).line,
                hops: Amount::of(hops, self.exact, &mut names),
                bytes: weight.amount(&mut names),
            });
        }
        Cost {
            function,
            hops: Amount::of(&self.hops, self.exact, &mut names),
            chain: self.chain.amount(self.exact, &mut names),
            bytes: self.weight.amount(&mut names),
            lines,
            joins,
        }
    }
}

/// The bytes of so many frames to a step.
fn weight(frames: &Count, stop: &RouteStep) -> Weight {
    let mut weight = Weight::of_bytes(frames.times(&Count::number(FRAME_BYTES)));
    for carried in &stop.carried {
        match carried.bytes {
            Some(Bytes::Exactly(bytes) | Bytes::AtMost(bytes)) => {
                let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
                weight = weight.plus(&Weight::of_bytes(frames.times(&Count::number(bytes))));
            }
            None => weight = weight.plus(&Weight::of_value(&carried.name, frames.clone())),
        }
    }
    weight
}
