//! How many elements a stream can get: at most, and on the path that gives least.
//!
//! `prod(s, call) = [1, 1]`; a sequence and branches side by side add; alternatives take the hull;
//! a loop multiplies by the number of its elements, which may be symbolic. Calls outside of a `try`
//! are taken to succeed: what a failing peer takes away is tolerance, not a path.

mod attempts;

use std::collections::{BTreeMap, HashSet};

use aquac_base::Span;
use aquac_ir::LoopMode;

use super::count::Count;
use super::reach::{Question, Reach, Standpoint, question};
use super::steps::{StepId, Steps};
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Loop, Over, StreamId};
use crate::terms::TermId;

/// Paths that are followed at the same time; of more, the shortest stay.
const MAX_PATHS: usize = 24;
/// A live loop over a stream that a live loop fills, and so on, is followed so far.
const MAX_LIVE: usize = 8;

/// How a path goes at one construct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// The condition holds.
    Then,
    /// The condition does not hold.
    Otherwise,
    /// Something in the body fails.
    Fails,
    /// Nothing in the body fails.
    Succeeds,
    /// It is the first iteration.
    First,
}

/// How often a loop goes whose first iteration does not end, or need not be followed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// Once: no more than that.
    Once,
    /// As often as its list is long. Where once is enough, that is enough if the list is not empty.
    AsListed,
}

/// A way through the alternatives, and what a stream gets on it.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) count: Count,
    pub(super) turns: BTreeMap<Span, Turn>,
    answers: BTreeMap<Question, bool>,
}

impl Path {
    /// A way with these turns.
    pub(super) fn new(count: Count, turns: BTreeMap<Span, Turn>) -> Self {
        Self { count, turns, answers: BTreeMap::new() }
    }

    /// Whether it has too few, for short lists; if on none, for long ones.
    pub(super) fn starving(paths: Vec<Self>, need: &Count) -> Option<Self> {
        let short = paths.iter().find(|path| path.count.surely_less(need));
        let long = || paths.iter().find(|path| path.count.less_for_long_lists(need));
        short.or_else(long).cloned()
    }

    fn of(count: Count) -> Self {
        Self { count, turns: BTreeMap::new(), answers: BTreeMap::new() }
    }

    /// Both ways in one run, unless they contradict each other.
    fn with(&self, other: &Self) -> Option<Self> {
        let agree = other.answers.iter().all(|(question, answer)| {
            self.answers.get(question).is_none_or(|known| known == answer)
        });
        let same_turns = other
            .turns
            .iter()
            .all(|(span, turn)| self.turns.get(span).is_none_or(|known| known == turn));
        if !agree || !same_turns {
            return None;
        }
        let mut both = self.clone();
        both.count = self.count.plus(&other.count);
        both.turns.extend(&other.turns);
        both.answers.extend(&other.answers);
        Some(both)
    }
}

/// Counts the elements of one stream, seen from one wait.
pub(super) struct Yields<'a> {
    steps: &'a Steps<'a>,
    reach: &'a Reach,
    from: &'a Standpoint,
    wait: StepId,
    stream: StreamId,
    /// Steps on the way from the stream's scope to those that write to it.
    leads: HashSet<StepId>,
    live: Vec<StreamId>,
    stopped: Stopped,
}

impl<'a> Yields<'a> {
    pub(super) fn new(
        steps: &'a Steps<'a>,
        (reach, from): (&'a Reach, &'a Standpoint),
        wait: StepId,
        stream: StreamId,
    ) -> Self {
        Self::following(steps, (reach, from), wait, stream, Vec::new())
    }

    fn following(
        steps: &'a Steps<'a>,
        (reach, from): (&'a Reach, &'a Standpoint),
        wait: StepId,
        stream: StreamId,
        mut live: Vec<StreamId>,
    ) -> Self {
        let scope = steps.scope(stream);
        let mut leads = HashSet::new();
        for producer in steps.producers(stream) {
            for above in steps.around(*producer) {
                if !leads.insert(above) || above == scope {
                    break;
                }
            }
        }
        live.push(stream);
        Self { steps, reach, from, wait, stream, leads, live, stopped: Stopped::Once }
    }

    /// The most that the stream can get.
    pub(super) fn most(&self) -> Count {
        if self.steps.is_given(self.stream) {
            return Count::unknown();
        }
        self.most_of(self.steps.scope(self.stream))
    }

    fn most_of(&self, id: StepId) -> Count {
        if !self.leads.contains(&id) || !self.reach.reached(id) {
            return Count::number(0);
        }
        let children = || self.steps.children(id).map(|child| self.most_of(child));
        match self.steps.kind(id) {
            PlacedKind::Call { .. } | PlacedKind::Push { .. } => {
                Count::number(i64::from(self.reach.done(id)))
            }
            PlacedKind::If { .. } => {
                let mut most = Count::number(0);
                for arm in children() {
                    most = most.larger(&arm);
                }
                most
            }
            PlacedKind::For(each) => {
                let body = children().next().unwrap_or_default();
                let often = self.iterations(id, each, &Self::most);
                let some = often.times(&body);
                if self.selects(id, each) && some != Count::number(0) {
                    Count::unknown()
                } else {
                    some
                }
            }
            PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::Scope { .. } => {
                children().fold(Count::number(0), |sum, child| sum.plus(&child))
            }
            PlacedKind::Null
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_) => Count::number(0),
        }
    }

    /// How often the body of a loop runs.
    fn iterations(
        &self,
        id: StepId,
        each: &Loop<Placed>,
        of_stream: &dyn Fn(&Self) -> Count,
    ) -> Count {
        let stopped = self.steps.children(id).next().is_some_and(|body| !self.reach.done(body));
        let one_by_one = matches!(each.mode, LoopMode::Sequential | LoopMode::UntilSuccess);
        // The first iteration does not end, so there is no second.
        if stopped && one_by_one && self.stopped == Stopped::Once {
            return Count::number(1);
        }
        match each.over {
            Over::Array(value) => self.steps.length_of(value),
            Over::Entries(value) => self.steps.keys_of(value),
            Over::Live(stream) if self.live.contains(&stream) => Count::unknown(),
            Over::Live(_) if self.live.len() >= MAX_LIVE => Count::unknown(),
            Over::Live(stream) => {
                let live = self.live.clone();
                let scope = (self.reach, self.from);
                let of_live = Self::following(self.steps, scope, self.wait, stream, live);
                of_stream(&Self { stopped: self.stopped, ..of_live })
            }
        }
    }

    /// What the stream gets on every path, with the lengths of lists where `need` of it depends on
    /// one that is not empty.
    pub(super) fn fewest(mut self, need: &Count) -> Count {
        let once = fewest(self.least());
        if !once.surely_at_least(need) {
            return once;
        }
        self.stopped = Stopped::AsListed;
        fewest(self.least())
    }

    /// Every way that matters, with what the stream gets on it; shortest first.
    pub(super) fn least(&self) -> Vec<Path> {
        if self.steps.is_given(self.stream) {
            return vec![Path::of(Count::unknown())];
        }
        self.least_of(self.steps.scope(self.stream))
    }

    fn least_of(&self, id: StepId) -> Vec<Path> {
        if !self.leads.contains(&id) || !self.reach.reached(id) {
            return vec![Path::of(Count::number(0))];
        }
        match self.steps.kind(id) {
            PlacedKind::Call { .. } | PlacedKind::Push { .. } => {
                vec![Path::of(Count::number(i64::from(self.reach.done(id))))]
            }
            PlacedKind::If { condition, .. } => self.least_of_if(id, *condition),
            PlacedKind::Try { .. } => self.least_of_try(id),
            // What such a loop adds depends on what it has added before, or on keys.
            PlacedKind::For(each) if self.feeds_itself(each) || self.selects(id, each) => {
                vec![Path::of(self.most_of(id))]
            }
            PlacedKind::For(each) => {
                let body = self.steps.children(id).next().map(|body| self.least_of(body));
                let least = |yields: &Self| {
                    let paths = yields.least();
                    // Of a stream that may get less than more, how much is not known here.
                    let [only] = paths.as_slice() else { return Count::unknown() };
                    only.count.clone()
                };
                let one_by_one = matches!(each.mode, LoopMode::Sequential | LoopMode::UntilSuccess);
                // In the first iteration, no other one has been.
                let first = one_by_one && self.steps.contains(id, self.wait);
                let often = match each.mode {
                    _ if first => Count::number(1),
                    LoopMode::UntilSuccess if self.stopped == Stopped::Once => Count::number(1),
                    LoopMode::UntilSuccess
                    | LoopMode::Sequential
                    | LoopMode::Parallel
                    | LoopMode::Explicit
                    | LoopMode::InOrder => self.iterations(id, each, &least),
                };
                let mut paths = body.unwrap_or_default();
                for path in &mut paths {
                    path.count = often.times(&path.count);
                    if first {
                        path.turns.insert(self.steps.span(id), Turn::First);
                    }
                }
                shortest(paths)
            }
            PlacedKind::Seq(_) | PlacedKind::Par(_) | PlacedKind::Scope { .. } => {
                self.all(self.steps.children(id))
            }
            PlacedKind::Null
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_) => vec![Path::of(Count::number(0))],
        }
    }

    fn least_of_if(&self, id: StepId, condition: TermId) -> Vec<Path> {
        let (question, yes) = question(self.steps, condition);
        let only = self.from.arm(self.steps, id, condition);
        let outside = !self.in_loop(id);
        let arms = self.steps.children(id).enumerate();
        let arms = arms.filter(|(at, _)| only.is_none_or(|only| only == *at));
        let arms: Vec<Vec<Path>> = arms.map(|(_, child)| self.least_of(child)).collect();
        let span = self.steps.span(id);
        match arms.as_slice() {
            [then, otherwise] => hull(
                (then, Turn::Then),
                (otherwise, Turn::Otherwise),
                span,
                outside.then_some((question, yes)),
            ),
            _ => arms.concat(),
        }
    }

    fn feeds_itself(&self, each: &Loop<Placed>) -> bool {
        matches!(each.over, Over::Live(stream) if self.live.contains(&stream))
    }

    /// Whether a loop is what `map.getStream(key)` stands for: it takes the elements of one key.
    fn selects(&self, id: StepId, each: &Loop<Placed>) -> bool {
        let body = self.steps.children(id).next();
        let one_line = body.is_some_and(|body| {
            matches!(self.steps.kind(body), PlacedKind::If { .. })
                && self.steps.span(body) == self.steps.span(id)
        });
        one_line && matches!(each.over, Over::Live(_))
    }

    /// Everything in one run.
    fn all(&self, parts: impl Iterator<Item = StepId>) -> Vec<Path> {
        let mut paths = vec![Path::of(Count::number(0))];
        for part in parts.filter(|part| self.leads.contains(part)) {
            let next = self.least_of(part);
            let both = paths.iter().flat_map(|path| next.iter().filter_map(|more| path.with(more)));
            paths = shortest(both.collect());
        }
        paths
    }

    fn least_of_try(&self, id: StepId) -> Vec<Path> {
        let mut children = self.steps.children(id);
        let (Some(body), Some(handler)) = (children.next(), children.next()) else {
            return Vec::new();
        };
        match self.from.taken.get(&id) {
            Some(0) => return self.least_of(body),
            Some(_) => {
                let before = Path::of(self.before_failure(body).0);
                let after = self.least_of(handler);
                return after.iter().filter_map(|path| before.with(path)).collect();
            }
            None => {}
        }
        let span = self.steps.span(id);
        let mut paths = self.least_of(body);
        if !self.steps.can_fail(body) {
            return paths;
        }
        if !self.comes_before_wait(id) {
            // What only the handler writes is missing if nothing fails.
            if self.leads.contains(&handler) {
                paths.iter_mut().for_each(|path| _ = path.turns.insert(span, Turn::Succeeds));
            }
            return paths;
        }
        let before = Path::of(self.before_failure(body).0);
        let after = self.least_of(handler);
        let failed: Vec<Path> = after.iter().filter_map(|path| before.with(path)).collect();
        hull((&paths, Turn::Succeeds), (&failed, Turn::Fails), span, None)
    }

    /// What a stream certainly gets before something fails, and whether something can.
    fn before_failure(&self, id: StepId) -> (Count, bool) {
        if !self.steps.can_fail(id) {
            let least = self.least_of(id);
            let count = least.first().map(|path| path.count.clone()).unwrap_or_default();
            return (if least.len() == 1 { count } else { Count::number(0) }, false);
        }
        match self.steps.kind(id) {
            PlacedKind::Seq(_) | PlacedKind::Scope { .. } => {
                let mut sum = Count::number(0);
                for child in self.steps.children(id) {
                    let (count, fails) = self.before_failure(child);
                    sum = sum.plus(&count);
                    if fails {
                        break;
                    }
                }
                (sum, true)
            }
            PlacedKind::Null
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::For(_)
            | PlacedKind::Return(_) => (Count::number(0), true),
        }
    }

    /// Whether control comes from a construct to the wait one step after the other, so that what
    /// happens in the one decides what the other finds.
    fn comes_before_wait(&self, id: StepId) -> bool {
        let Some((fork, ..)) = self.steps.fork(id, self.wait) else { return false };
        let between = self.steps.around(id).skip(1).take_while(|above| *above != fork);
        let straight = between.into_iter().all(|above| {
            matches!(
                self.steps.kind(above),
                PlacedKind::Seq(_)
                    | PlacedKind::Scope { .. }
                    | PlacedKind::If { .. }
                    | PlacedKind::Try { .. }
            )
        });
        straight && matches!(self.steps.kind(fork), PlacedKind::Seq(_))
    }

    /// Whether a step can happen several times for one instance of the stream.
    fn in_loop(&self, id: StepId) -> bool {
        let scope = self.steps.scope(self.stream);
        let inside = self.steps.around(id).skip(1).take_while(|above| *above != scope);
        inside.into_iter().any(|above| matches!(self.steps.kind(above), PlacedKind::For(_)))
    }
}

/// What there is on every path.
fn fewest(paths: Vec<Path>) -> Count {
    let counts = paths.into_iter().map(|path| path.count);
    counts.reduce(|fewest, count| fewest.smaller(&count)).unwrap_or_default()
}

/// The ways through two alternatives. Where both lead to the same, it does not matter which.
fn hull(
    (one, this): (&[Path], Turn),
    (other, that): (&[Path], Turn),
    span: Span,
    asked: Option<(Question, bool)>,
) -> Vec<Path> {
    let same = |path: &Path, paths: &[Path]| {
        paths.iter().any(|twin| twin.count == path.count && twin.turns == path.turns)
    };
    let mut paths = Vec::new();
    for (arm, twins, turn) in [(one, other, this), (other, one, that)] {
        for path in arm {
            let mut path = path.clone();
            if !same(&path, twins) {
                path.turns.insert(span, turn);
                if let Some((question, yes)) = asked {
                    path.answers.insert(question, (turn == Turn::Then) == yes);
                }
            }
            paths.push(path);
        }
    }
    shortest(paths)
}

/// Each way once; of too many those that give least, and then the shortest.
fn shortest(mut paths: Vec<Path>) -> Vec<Path> {
    let size = |path: &Path| path.count.as_number().unwrap_or(i64::MAX);
    paths.sort_by_key(|path| (path.turns.len(), size(path)));
    let mut kept: Vec<Path> = Vec::new();
    for path in paths {
        let known = |twin: &Path| {
            twin.count == path.count && twin.turns == path.turns && twin.answers == path.answers
        };
        if !kept.iter().any(known) {
            kept.push(path);
        }
    }
    if kept.len() > MAX_PATHS {
        kept.sort_by_key(size);
        kept.truncate(MAX_PATHS);
        kept.sort_by_key(|path| path.turns.len());
    }
    kept
}
