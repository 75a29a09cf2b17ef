//! Follows a workflow and counts what each step makes necessary.

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::Span;

use super::FRAME_BYTES;
use super::amount::{Chain, Weight};
use super::ways::{Items, Key, Site, links, site};
use crate::guarantee::count::Count;
use crate::guarantee::steps::{StepId, Steps, written};
use crate::placed::PlacedKind;
use crate::plan::PlaceId;
use crate::route::{Bytes, RouteStep};
use crate::terms::{SlotId, Term};

/// Where control comes from.
pub(super) type Arrivals = BTreeMap<Site, Leaving>;

/// How control leaves a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaving {
    /// How many leave, side by side.
    pub(super) times: Count,
    /// Branches that begin at one moment share the frames on links that they share.
    moment: Option<usize>,
}

impl Leaving {
    pub(super) const fn alone(times: Count) -> Self {
        Self { times, moment: None }
    }
}

/// A branch that nobody waited for.
pub(super) struct Open {
    /// Everything in it.
    branch: StepId,
    ends: Arrivals,
    chain: Chain,
}

pub(super) struct Walk<'a> {
    pub(super) steps: &'a Steps<'a>,
    /// The route's steps, in program order.
    stops: &'a [&'a RouteStep],
    pub(super) next: usize,
    /// How many of what is visited run side by side.
    pub(super) times: Count,
    /// How often what is visited happens one after the other.
    pub(super) factor: Count,
    /// Item slots of the loops around here that run side by side.
    pub(super) beside: Vec<SlotId>,
    /// What the items of the loops around here are.
    pub(super) items: Items,
    pub(super) open: Vec<Open>,
    /// The links on which frames left at each moment.
    moments: Vec<BTreeSet<(Key, Key)>>,
    pub(super) lines: BTreeMap<usize, (Span, Count, Weight)>,
    pub(super) hops: Count,
    pub(super) weight: Weight,
    pub(super) chain: Chain,
    pub(super) exact: bool,
    /// Where there has been a step, in order.
    stops_at: Vec<Site>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(steps: &'a Steps<'a>, stops: &'a [&'a RouteStep]) -> Self {
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
            stops_at: Vec::new(),
        }
    }

    /// Follows a construct; says from where control leaves it. Recursion is bounded by
    /// [`crate::inline::MAX_DEPTH`].
    pub(super) fn visit(&mut self, id: StepId, from: &Arrivals) -> Arrivals {
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
        self.stops_at.push(here.clone());
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
        // What leaves a little later may travel together as well, or not.
        let mut others = self.moments.iter().enumerate();
        let shared = others.any(|(at, links)| Some(at) != leaving.moment && links.contains(&link));
        self.exact &= !shared;
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
    pub(super) fn together(&mut self, from: &Arrivals) -> Arrivals {
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
        let stream = self.steps.frozen(id);
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
        let forks = |step: &StepId| self.steps.is_fork(*step);
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
        let stream = self.steps.frozen(id);
        let steps = self.steps;
        let makes = |branch: StepId| {
            steps.below(branch).any(|step| {
                let placed = steps.get(step).placed;
                written(placed).is_some_and(|slot| needs.contains(&slot))
                    || placed.pushed().is_some_and(|made| Some(made) == stream)
            })
        };
        let (read, open): (Vec<Open>, Vec<Open>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|open| !steps.contains(open.branch, id) && makes(open.branch));
        self.open = open;
        // A value that is pushed may be at hand where it is read, before the branch is there.
        let pushes = |step: StepId| matches!(steps.kind(step), PlacedKind::Push { stream: into, .. } if Some(*into) == stream);
        if read.iter().any(|open| steps.below(open.branch).any(pushes)) {
            self.exact = false;
        }
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
        let mut passed = BTreeSet::new();
        let mut ends = Arrivals::new();
        let mut longest = start.clone();
        for branch in branches {
            self.chain = start.clone();
            let mark = self.stops_at.len();
            let end = self.visit(*branch, from);
            // A peer that sees two branches at work can speak for both.
            let here: BTreeSet<Site> = self.stops_at.iter().skip(mark).cloned().collect();
            self.exact &= detached || passed.is_disjoint(&here);
            passed.extend(here);
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
