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
use ways::{Item, Items, Key, Site, key, links, site};

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
    let from =
        Arrivals::from([(site(&steps, &Items::new(), root), Leaving::alone(Count::number(1)))]);
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

/// Where control comes from.
type Arrivals = BTreeMap<Site, Leaving>;

/// How control leaves a place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Leaving {
    /// How many leave, side by side.
    times: Count,
    /// Branches that begin at one moment share the frames on links that they share.
    moment: Option<usize>,
}

impl Leaving {
    const fn alone(times: Count) -> Self {
        Self { times, moment: None }
    }
}

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
    /// What the items of the loops around here are.
    items: Items,
    open: Vec<Open>,
    /// The links on which frames left at each moment.
    moments: Vec<BTreeSet<(Key, Key)>>,
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
            items: Items::new(),
            open: Vec::new(),
            moments: Vec::new(),
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
        let here = site(self.steps, &self.items, to);
        self.exact &= self.meets_at_home(id, to);
        let mut from = from.clone();
        let mut chain = self.chain.clone();
        for (ends, late) in self.arrivals_for(id) {
            chain = chain.or(&late);
            for (place, leaving) in ends {
                let times = from
                    .get(&place)
                    .map_or_else(|| leaving.times.clone(), |old| old.times.larger(&leaving.times));
                from.insert(place, Leaving::alone(times));
            }
        }
        let mut frames = Count::number(0);
        let mut longest = 0;
        for (place, leaving) in &from {
            let way = links(place, &here);
            longest = longest.max(i64::try_from(way.len()).unwrap_or(i64::MAX));
            for link in way {
                frames = frames.plus(&self.frames_on(link, leaving));
            }
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
        Arrivals::from([(here, Leaving::alone(times))])
    }

    /// The frames on one link. What leaves at the same moment travels together.
    fn frames_on(&mut self, link: (Key, Key), leaving: &Leaving) -> Count {
        let same = !link.0.differs() && !link.1.differs();
        let Some(links) = leaving.moment.and_then(|moment| self.moments.get_mut(moment)) else {
            return leaving.times.clone();
        };
        if !links.insert(link) {
            return Count::number(0);
        }
        if same { Count::number(1) } else { leaving.times.clone() }
    }

    /// The same places, from which several branches leave at one moment.
    fn together(&mut self, from: &Arrivals) -> Arrivals {
        let mut together = from.clone();
        for leaving in together.values_mut() {
            leaving.moment.get_or_insert_with(|| {
                self.moments.push(BTreeSet::new());
                self.moments.len() - 1
            });
        }
        together
    }

    /// Whether everything that a step reads was made before it in sequence, or in branches that
    /// began where it happens. Otherwise who tells whom depends on what comes first.
    fn meets_at_home(&self, id: StepId, to: PlaceId) -> bool {
        let stream = match self.steps.kind(id) {
            PlacedKind::Await { stream, .. } | PlacedKind::Snapshot { stream, .. } => Some(*stream),
            _ => None,
        };
        let slots = self.steps.needs(id).into_iter().filter_map(|slot| self.steps.writer(slot));
        let pushes = stream.map_or(&[][..], |stream| self.steps.producers(stream));
        slots.chain(pushes.iter().copied()).all(|made| self.is_met(id, made, to))
    }

    fn is_met(&self, id: StepId, made: StepId, to: PlaceId) -> bool {
        if self.steps.contains(made, id) {
            return true;
        }
        let Some((fork, ..)) = self.steps.fork(made, id) else { return true };
        if !matches!(self.steps.kind(fork), PlacedKind::Seq(_)) {
            return false;
        }
        let forks = |step: &StepId| match self.steps.kind(*step) {
            PlacedKind::Par(_) => true,
            PlacedKind::For(each) => {
                each.mode == LoopMode::Parallel || matches!(each.over, Over::Live(_))
            }
            _ => false,
        };
        let inside: Vec<StepId> =
            self.steps.around(made).take_while(|step| *step != fork).collect();
        inside
            .iter()
            .rev()
            .find(|step| forks(step))
            .is_none_or(|outermost| self.steps.get(*outermost).placed.home == to)
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
            for (place, leaving) in self.visit(*arm, from) {
                ends.insert(place, leaving);
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
        let from = &self.together(from);
        let detached = branches.iter().any(|branch| self.steps.is_nothing(*branch));
        let mut stays = 0;
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
            // A branch that stays is over before or after the others are told of it.
            stays += usize::from(end.keys().any(|site| from.contains_key(site)));
            for (place, leaving) in end {
                ends.insert(place, leaving);
            }
        }
        self.exact &= stays == 0 || stays == branches.len();
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
        if let Some(elements) = self.elements(each) {
            return self.unrolled(each, body, &elements, from);
        }
        let outside = self.times.clone();
        self.items.insert(each.item, Item::Some(0));
        let ends = match each.mode {
            LoopMode::Parallel => {
                let mut start = self.together(from);
                for leaving in start.values_mut() {
                    leaving.times.clone_from(&often);
                }
                self.times = outside.times(&often);
                self.beside.push(each.item);
                let ends = self.visit(body, &start);
                self.beside.pop();
                self.times = outside;
                ends
            }
            LoopMode::UntilSuccess => self.visit(body, from),
            LoopMode::Sequential | LoopMode::Explicit | LoopMode::InOrder => {
                self.one_by_one((each.item, body), &often, from)
            }
        };
        self.items.remove(&each.item);
        ends
    }

    /// The elements of a short list that the program itself writes down.
    fn elements(&self, each: &Loop<Placed>) -> Option<Vec<Key>> {
        let Over::Array(list) = each.over else { return None };
        let terms = &self.steps.pools().terms;
        let mut list = list;
        for _ in 0..MAX_NAMES {
            let Term::Slot(slot) = terms.get(list) else { break };
            let writer = self.steps.writer(*slot)?;
            let PlacedKind::Let { value, .. } = self.steps.kind(writer) else { return None };
            list = *value;
        }
        let elements: Vec<Key> = match terms.get(list) {
            Term::Array(items) => {
                items.iter().map(|item| key(self.steps, &self.items, *item, MAX_NAMES)).collect()
            }
            Term::Const(value) => {
                let items = value.as_array()?;
                items.iter().map(|item| Key::Text(said(item))).collect()
            }
            _ => return None,
        };
        (elements.len() <= MAX_UNROLLED).then_some(elements)
    }

    /// A loop over elements that are known: each round by itself.
    fn unrolled(
        &mut self,
        each: &Loop<Placed>,
        body: StepId,
        elements: &[Key],
        from: &Arrivals,
    ) -> Arrivals {
        if elements.is_empty() {
            self.skip(body);
            return from.clone();
        }
        let together = self.together(from);
        let (next, start) = (self.next, self.chain.clone());
        let mut longest = start.clone();
        let mut ends = from.clone();
        let mut all = Arrivals::new();
        for element in elements {
            self.items.insert(each.item, Item::Element(element.clone()));
            self.next = next;
            match each.mode {
                LoopMode::Parallel => {
                    self.chain = start.clone();
                    let end = self.visit(body, &together);
                    // What ends at one peer twice is told once or twice.
                    self.exact &= end.keys().all(|site| !all.contains_key(site));
                    all.extend(end);
                    longest = longest.or(&self.chain);
                }
                LoopMode::UntilSuccess if !all.is_empty() => self.skip(body),
                LoopMode::UntilSuccess
                | LoopMode::Sequential
                | LoopMode::Explicit
                | LoopMode::InOrder => {
                    ends = self.visit(body, &ends);
                    all.clone_from(&ends);
                }
            }
        }
        self.items.remove(&each.item);
        if each.mode == LoopMode::Parallel {
            self.chain = longest;
        }
        all
    }

    /// The first iteration comes from outside, each other one from the end of the one before.
    fn one_by_one(
        &mut self,
        (item, body): (SlotId, StepId),
        often: &Count,
        from: &Arrivals,
    ) -> Arrivals {
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
        self.items.insert(item, Item::Some(1));
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

/// A constant as a peer's id, or as itself.
fn said(value: &aquac_ir::Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), ToOwned::to_owned)
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
