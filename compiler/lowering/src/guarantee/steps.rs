//! The placed plan of one function as a numbered tree: what every rule of this module asks.
//!
//! Steps have numbers in program order, so everything below a step is a range of numbers. The plan
//! is taken as it is written, before it is optimised: a mistake should be found in what the source
//! says, not in what is left of it.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use aquac_base::Span;
use aquac_ir::LoopMode;

use crate::inline::Inlined;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Output, Over, Pools, StreamId};
use crate::terms::{SlotId, Term, TermId};

/// The service and the function that answer after a time.
const TIMER: (&str, &str) = ("peer", "timeout");

/// A step or construct, by its place in program order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct StepId(u32);

impl StepId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A step with its surroundings.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) placed: &'a Placed,
    pub(super) parent: Option<StepId>,
    /// One past the last step below it.
    end: u32,
    /// The slots that it needs itself, in order.
    needs: Vec<SlotId>,
}

/// Every step of a function.
pub(super) struct Steps<'a> {
    steps: Vec<Step<'a>>,
    writers: HashMap<SlotId, StepId>,
    scopes: HashMap<StreamId, StepId>,
    producers: HashMap<StreamId, Vec<StepId>>,
    reads: HashMap<TermId, Rc<BTreeSet<SlotId>>>,
    inlined: &'a Inlined,
}

impl<'a> Steps<'a> {
    /// Numbers a plan. Recursion is bounded by [`crate::inline::MAX_DEPTH`].
    pub(super) fn new(placed: &'a Placed, inlined: &'a Inlined) -> Self {
        let mut steps = Self {
            steps: Vec::new(),
            writers: HashMap::new(),
            scopes: HashMap::new(),
            producers: HashMap::new(),
            reads: HashMap::new(),
            inlined,
        };
        steps.add(placed, None);
        steps
    }

    fn add(&mut self, placed: &'a Placed, parent: Option<StepId>) {
        let id = StepId(u32::try_from(self.steps.len()).expect("a plan has at most 2^18 steps"));
        self.steps.push(Step { placed, parent, end: 0, needs: Vec::new() });
        if let Some(slot) = written(placed) {
            self.writers.insert(slot, id);
        }
        if let PlacedKind::Scope { streams, .. } = &placed.kind {
            self.scopes.extend(streams.iter().map(|stream| (*stream, id)));
        }
        if let Some(stream) = placed.pushed() {
            self.producers.entry(stream).or_default().push(id);
        }
        let places = [placed.home, placed.place()];
        for term in placed.own_terms().into_iter().chain(places.into_iter().flat_map(|place| {
            let place = &self.inlined.pools.places[place];
            place.via.iter().chain([&place.peer]).copied().collect::<Vec<_>>()
        })) {
            self.learn(term);
        }
        for child in placed.children() {
            self.add(child, Some(id));
        }
        let end = u32::try_from(self.steps.len()).expect("a plan has at most 2^18 steps");
        let needs = self.slots_of(placed).into_iter().collect();
        if let Some(step) = self.steps.get_mut(id.index()) {
            step.end = end;
            step.needs = needs;
        }
    }

    /// Finds the slots that a term needs; of alternatives none is certain to be needed.
    fn learn(&mut self, term: TermId) -> Rc<BTreeSet<SlotId>> {
        if let Some(known) = self.reads.get(&term) {
            return Rc::clone(known);
        }
        let mut slots = BTreeSet::new();
        match self.inlined.pools.terms.get(term) {
            Term::Slot(slot) => _ = slots.insert(*slot),
            Term::Either(_) | Term::First(_) => {}
            Term::Const(_)
            | Term::Arg(_)
            | Term::Fact(_)
            | Term::Field { .. }
            | Term::Index { .. }
            | Term::Length(_)
            | Term::Not(_)
            | Term::And(..)
            | Term::Or(..)
            | Term::Binary { .. }
            | Term::Array(_)
            | Term::Object(_)
            | Term::Update { .. }
            | Term::Contains { .. }
            | Term::Keys(_) => {
                for part in self.inlined.pools.terms.parts(term) {
                    slots.extend(self.learn(part).iter());
                }
            }
        }
        let slots = Rc::new(slots);
        self.reads.insert(term, Rc::clone(&slots));
        slots
    }

    pub(super) fn root(&self) -> StepId {
        StepId(0)
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn pools(&self) -> &'a Pools {
        &self.inlined.pools
    }

    pub(super) fn inlined(&self) -> &'a Inlined {
        self.inlined
    }

    /// Every step, in program order.
    pub(super) fn all(&self) -> impl Iterator<Item = StepId> + use<> {
        (0..u32::try_from(self.steps.len()).unwrap_or(u32::MAX)).map(StepId)
    }

    #[expect(clippy::indexing_slicing, reason = "a StepId is only made by the tree it indexes")]
    pub(super) fn get(&self, id: StepId) -> &Step<'a> {
        &self.steps[id.index()]
    }

    pub(super) fn kind(&self, id: StepId) -> &'a PlacedKind {
        &self.get(id).placed.kind
    }

    pub(super) fn span(&self, id: StepId) -> Span {
        self.get(id).placed.span
    }

    /// Everything below a step, itself included.
    pub(super) fn below(&self, id: StepId) -> impl Iterator<Item = StepId> + use<> {
        (id.0..self.get(id).end).map(StepId)
    }

    /// Whether a step stands below another, or is it.
    pub(super) fn contains(&self, outer: StepId, inner: StepId) -> bool {
        outer.0 <= inner.0 && inner.0 < self.get(outer).end
    }

    /// The constructs directly inside.
    pub(super) fn children(&self, id: StepId) -> impl Iterator<Item = StepId> + '_ {
        let end = self.get(id).end;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = StepId(next);
                next = self.get(child).end;
                child
            })
        })
    }

    /// The step, then everything around it, from the inside.
    pub(super) fn around(&self, id: StepId) -> impl Iterator<Item = StepId> + '_ {
        std::iter::successors(Some(id), |id| self.get(*id).parent)
    }

    /// The innermost construct around both, and which of its children leads to each.
    pub(super) fn fork(&self, one: StepId, other: StepId) -> Option<(StepId, StepId, StepId)> {
        let mut below = one;
        for above in self.around(one).skip(1) {
            if self.contains(above, other) && above != other {
                let child = self.children(above).find(|child| self.contains(*child, other))?;
                return Some((above, below, child));
            }
            below = above;
        }
        None
    }

    /// Whether control gets to a step only past what the other one stands in.
    pub(super) fn is_behind(&self, step: StepId, other: StepId) -> bool {
        self.fork(other, step).is_some_and(|(fork, first, second)| {
            matches!(self.kind(fork), PlacedKind::Seq(_)) && first < second
        })
    }

    /// Whether they stand in two arms of one choice: at most one of them happens, or the second
    /// because something failed before the first.
    pub(super) fn are_alternatives(&self, one: StepId, other: StepId) -> bool {
        self.fork(one, other).is_some_and(|(fork, _, _)| {
            matches!(self.kind(fork), PlacedKind::If { .. } | PlacedKind::Try { .. })
        })
    }

    pub(super) fn writer(&self, slot: SlotId) -> Option<StepId> {
        self.writers.get(&slot).copied()
    }

    /// The scope that makes a stream.
    pub(super) fn scope(&self, stream: StreamId) -> StepId {
        self.scopes.get(&stream).copied().unwrap_or_else(|| self.root())
    }

    /// The steps that write to a stream, in program order.
    pub(super) fn producers(&self, stream: StreamId) -> &[StepId] {
        self.producers.get(&stream).map_or(&[], Vec::as_slice)
    }

    /// The stream that a step freezes, at once or when it has enough.
    pub(super) fn frozen(&self, id: StepId) -> Option<StreamId> {
        if let PlacedKind::Snapshot { stream, .. } | PlacedKind::Await { stream, .. } =
            self.kind(id)
        {
            Some(*stream)
        } else {
            None
        }
    }

    /// Whether what is inside runs side by side.
    pub(super) fn is_fork(&self, id: StepId) -> bool {
        match self.kind(id) {
            PlacedKind::Par(branches) => branches.len() > 1,
            PlacedKind::For(each) => {
                each.mode == LoopMode::Parallel || matches!(each.over, Over::Live(_))
            }
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => false,
        }
    }

    /// Whether others may write to a stream.
    pub(super) fn is_given(&self, stream: StreamId) -> bool {
        self.inlined.given.contains(&stream)
    }

    /// The slots that a step itself needs before it can happen.
    pub(super) fn needs(&self, id: StepId) -> BTreeSet<SlotId> {
        self.needed(id).iter().copied().collect()
    }

    /// The same as a list, in order.
    pub(super) fn needed(&self, id: StepId) -> &[SlotId] {
        &self.get(id).needs
    }

    fn slots_of(&self, placed: &Placed) -> BTreeSet<SlotId> {
        let place = &self.inlined.pools.places[placed.place()];
        let terms = placed.own_terms().into_iter().chain(place.via.iter().copied());
        let happens = happens(placed);
        let terms = terms.chain(happens.then_some(place.peer));
        terms
            .filter_map(|term| self.reads.get(&term))
            .flat_map(|slots| slots.iter().copied())
            .collect()
    }

    /// Whether a term has the same value in every iteration of a loop.
    pub(super) fn is_fixed_in(&self, each: StepId, term: TermId) -> bool {
        let slots = self.reads.get(&term);
        let inside = |slot: &SlotId| self.writer(*slot).is_some_and(|by| self.contains(each, by));
        slots.is_some_and(|slots| !slots.iter().any(inside))
    }

    /// Whether there is nothing to do.
    pub(super) fn is_nothing(&self, id: StepId) -> bool {
        match self.kind(id) {
            PlacedKind::Null => true,
            PlacedKind::Seq(steps) => steps.is_empty(),
            PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::For(_)
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => false,
        }
    }

    /// Whether a step asks a peer's timer.
    pub(super) fn is_timer(&self, id: StepId) -> bool {
        let PlacedKind::Call { call, .. } = self.kind(id) else { return false };
        let says = |term, text| {
            self.pools().terms.constant(term).and_then(aquac_ir::Value::as_text) == Some(text)
        };
        says(call.service, TIMER.0) && says(call.function, TIMER.1)
    }

    /// Whether a step and everything in it can fail.
    pub(super) fn can_fail(&self, id: StepId) -> bool {
        self.below(id).any(|id| self.can_fail_itself(id))
    }

    /// Whether a step can fail, without what is in it.
    pub(super) fn can_fail_itself(&self, id: StepId) -> bool {
        use crate::terms::Risk;
        let calls = matches!(self.kind(id), PlacedKind::Call { .. });
        let terms = self.get(id).placed.own_terms();
        calls || terms.iter().any(|term| self.pools().terms.risk(*term) != Risk::None)
    }
}

/// The slots that a step itself writes.
pub(super) fn written(placed: &Placed) -> Option<SlotId> {
    match &placed.kind {
        PlacedKind::Let { slot, .. }
        | PlacedKind::Snapshot { slot, .. }
        | PlacedKind::Await { slot, .. } => Some(*slot),
        PlacedKind::For(each) => Some(each.item),
        PlacedKind::Try { error, .. } => *error,
        PlacedKind::Call { call, .. } => match call.output {
            Output::Slot(slot) => Some(slot),
            Output::Nothing | Output::Stream(_) => None,
        },
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Par(_)
        | PlacedKind::If { .. }
        | PlacedKind::Wait(_)
        | PlacedKind::Push { .. }
        | PlacedKind::Scope { .. }
        | PlacedKind::Return(_) => None,
    }
}

/// Whether a step happens at one peer.
pub(super) fn happens(placed: &Placed) -> bool {
    matches!(
        placed.kind,
        PlacedKind::Call { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_)
    )
}
