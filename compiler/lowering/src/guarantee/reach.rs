//! Which steps can happen if certain waits are never over, seen from one wait.
//!
//! This is the may-half of the rule: it takes every call to succeed and every condition to be
//! what suits best, except those that decide whether control is at the wait in question at all.
//! What a report promises on a condition must hold whatever the answers are: there every way has to
//! lead on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aquac_ir::{BinaryOp, Last, LoopMode, Value};

use super::count::Count;
use super::steps::{StepId, Steps};
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Loop, Over, StreamId};
use crate::terms::{Term, TermId};

/// A condition and its opposite have one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Question {
    /// Whether the value is true.
    Truth(TermId),
    /// Whether both are equal.
    Equal(TermId, TermId),
    /// Whether the first is less.
    Less(TermId, TermId),
}

/// Which of several ways a step has to be over on, to count as one that can be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// On one: the arm that suits, no element in a list.
    Any,
    /// On all: every arm, the handler if something can fail, at least one element.
    Every,
}

/// Answers to questions, and lists that are not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct World {
    answers: BTreeMap<Question, bool>,
    /// Loops that have something to run over.
    entered: BTreeSet<StepId>,
    /// Bodies of `try` in which something failed.
    failed: BTreeSet<StepId>,
    /// Whether every list is as long as it takes.
    long: bool,
}

impl World {
    /// Here, but with long lists.
    pub(super) fn with_long_lists(mut self) -> Self {
        self.long = true;
        self
    }

    /// Whether so many are too few here.
    pub(super) fn lacks(&self, most: &Count, need: &Count) -> bool {
        most.surely_less(need) || self.long && most.less_for_long_lists(need)
    }
}

/// What is certain when control stands at one wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Standpoint {
    /// How conditions were answered, and which loops around the wait have something to run over.
    world: World,
    /// Constructs with alternatives around the wait: which child is taken, 0 or 1.
    pub(super) taken: HashMap<StepId, usize>,
}

impl Standpoint {
    /// What is certain at a wait for a stream. Inside a loop that the stream outlives, other
    /// iterations may go other ways, if the condition is not the same in all of them.
    pub(super) fn of(steps: &Steps<'_>, wait: StepId, stream: StreamId) -> Self {
        let scope = steps.scope(stream);
        let mut standpoint = Self::default();
        let mut below = wait;
        for above in steps.around(wait).skip(1) {
            let arm = steps.children(above).position(|child| child == below).unwrap_or_default();
            // Loops around it that the stream outlives: other rounds may go other ways.
            let rounds = || {
                let around = steps.around(above).skip(1);
                let inside = steps.contains(scope, above);
                around
                    .take_while(move |each| inside && *each != scope)
                    .filter(|each| matches!(steps.kind(*each), PlacedKind::For(_)))
            };
            match steps.kind(above) {
                PlacedKind::If { condition, .. } => {
                    if rounds().all(|each| steps.is_fixed_in(each, *condition)) {
                        learn(steps, &mut standpoint.world, *condition, arm == 0);
                        standpoint.taken.insert(above, arm);
                    }
                }
                PlacedKind::Try { .. } => {
                    if rounds().next().is_none() {
                        standpoint.taken.insert(above, arm);
                        if arm > 0 {
                            standpoint.world.failed.insert(above);
                        }
                    }
                }
                PlacedKind::For(each) => {
                    let same = match each.over {
                        Over::Array(list) | Over::Entries(list) => {
                            rounds().all(|round| steps.is_fixed_in(round, list))
                        }
                        Over::Live(_) => rounds().next().is_none(),
                    };
                    if same {
                        standpoint.world.entered.insert(above);
                    }
                }
                PlacedKind::Null
                | PlacedKind::Seq(_)
                | PlacedKind::Par(_)
                | PlacedKind::Call { .. }
                | PlacedKind::Let { .. }
                | PlacedKind::Wait(_)
                | PlacedKind::Push { .. }
                | PlacedKind::Snapshot { .. }
                | PlacedKind::Await { .. }
                | PlacedKind::Scope { .. }
                | PlacedKind::Return(_) => {}
            }
            below = above;
        }
        standpoint
    }

    /// The same in a world in which these questions are answered so; `None` if there the wait is
    /// never reached.
    pub(super) fn within(&self, world: &World) -> Option<Self> {
        let mut both = self.clone();
        for (question, answer) in &world.answers {
            if *both.world.answers.entry(*question).or_insert(*answer) != *answer {
                return None;
            }
        }
        both.world.entered.extend(&world.entered);
        both.world.long |= world.long;
        for failed in &world.failed {
            both.world.failed.insert(*failed);
            // Who stands in the body may get there before it fails.
            both.taken.entry(*failed).or_insert(1);
        }
        Some(both)
    }

    /// The world in which control gets to the wait.
    pub(super) fn world(&self) -> World {
        self.world.clone()
    }

    /// The alternative that is certainly taken, if one is: 0 for the first.
    pub(super) fn arm(
        &self,
        steps: &Steps<'_>,
        branch: StepId,
        condition: TermId,
    ) -> Option<usize> {
        if let Some(arm) = self.taken.get(&branch) {
            return Some(*arm);
        }
        decide(steps, &self.world, condition).map(|truth| usize::from(!truth))
    }
}

/// Whether a condition holds where these questions are answered so, if that is known.
fn decide(steps: &Steps<'_>, world: &World, condition: TermId) -> Option<bool> {
    match steps.pools().terms.get(condition) {
        Term::Const(Value::Bool(truth)) => return Some(*truth),
        Term::Not(of) => return decide(steps, world, *of).map(|truth| !truth),
        Term::And(left, right) | Term::Or(left, right) => {
            let or = matches!(steps.pools().terms.get(condition), Term::Or(..));
            let parts = [*left, *right].map(|part| decide(steps, world, part));
            if parts.contains(&Some(or)) {
                return Some(or);
            }
            if parts == [Some(!or), Some(!or)] {
                return Some(!or);
            }
        }
        Term::Const(_)
        | Term::Arg(_)
        | Term::Slot(_)
        | Term::Fact(_)
        | Term::Field { .. }
        | Term::Index { .. }
        | Term::Length(_)
        | Term::Binary { .. }
        | Term::Array(_)
        | Term::Object(_)
        | Term::Update { .. }
        | Term::First(_)
        | Term::Either(_)
        | Term::Contains { .. }
        | Term::Keys(_) => {}
    }
    let (question, yes) = question(steps, condition);
    world.answers.get(&question).map(|answer| *answer == yes)
}

/// Adds an answer with all that follows from it. Whether it contradicts none.
pub(super) fn learn(steps: &Steps<'_>, world: &mut World, condition: TermId, truth: bool) -> bool {
    if decide(steps, world, condition).is_some_and(|known| known != truth) {
        return false;
    }
    let (asked, yes) = question(steps, condition);
    world.answers.insert(asked, truth == yes);
    match steps.pools().terms.get(condition) {
        Term::Not(of) => learn(steps, world, *of, !truth),
        Term::And(left, right) if truth => {
            learn(steps, world, *left, true) && learn(steps, world, *right, true)
        }
        Term::Or(left, right) if !truth => {
            learn(steps, world, *left, false) && learn(steps, world, *right, false)
        }
        Term::And(..)
        | Term::Or(..)
        | Term::Const(_)
        | Term::Arg(_)
        | Term::Slot(_)
        | Term::Fact(_)
        | Term::Field { .. }
        | Term::Index { .. }
        | Term::Length(_)
        | Term::Binary { .. }
        | Term::Array(_)
        | Term::Object(_)
        | Term::Update { .. }
        | Term::First(_)
        | Term::Either(_)
        | Term::Contains { .. }
        | Term::Keys(_) => true,
    }
}

/// The question behind a condition, and the answer that makes the condition true.
pub(super) fn question(steps: &Steps<'_>, condition: TermId) -> (Question, bool) {
    match steps.pools().terms.get(condition) {
        Term::Not(of) => {
            let (question, yes) = question(steps, *of);
            (question, !yes)
        }
        Term::Binary { op, left, right } => match op {
            BinaryOp::Equal => (Question::Equal(*left, *right), true),
            BinaryOp::Different => (Question::Equal(*left, *right), false),
            BinaryOp::Less => (Question::Less(*left, *right), true),
            BinaryOp::GreaterEqual => (Question::Less(*left, *right), false),
            BinaryOp::Greater => (Question::Less(*right, *left), true),
            BinaryOp::LessEqual => (Question::Less(*right, *left), false),
            BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::FloatMul
            | BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::Pow => (Question::Truth(condition), true),
        },
        Term::Const(_)
        | Term::Arg(_)
        | Term::Slot(_)
        | Term::Fact(_)
        | Term::Field { .. }
        | Term::Index { .. }
        | Term::Length(_)
        | Term::And(..)
        | Term::Or(..)
        | Term::Array(_)
        | Term::Object(_)
        | Term::Update { .. }
        | Term::First(_)
        | Term::Either(_)
        | Term::Contains { .. }
        | Term::Keys(_) => (Question::Truth(condition), true),
    }
}

/// Which steps can be over.
pub(super) struct Reach {
    reached: Vec<bool>,
    done: Vec<bool>,
}

impl Reach {
    /// Whether control can get to a step.
    pub(super) fn reached(&self, id: StepId) -> bool {
        self.reached.get(id.index()).copied().unwrap_or_default()
    }

    /// Whether a step can be over.
    pub(super) fn done(&self, id: StepId) -> bool {
        self.done.get(id.index()).copied().unwrap_or_default()
    }

    /// Looks from a wait, with those waits over that are marked.
    pub(super) fn new(steps: &Steps<'_>, over: &[bool], from: &Standpoint, ways: Ways) -> Self {
        let nothing = Self { reached: vec![false; steps.len()], done: vec![false; steps.len()] };
        let mut walk = Walk { steps, over, from, ways, reach: nothing };
        walk.visit(steps.root());
        walk.reach
    }
}

struct Walk<'a> {
    steps: &'a Steps<'a>,
    over: &'a [bool],
    from: &'a Standpoint,
    ways: Ways,
    reach: Reach,
}

impl Walk<'_> {
    /// Goes to a step; whether it can be over. Recursion is bounded by [`crate::inline::MAX_DEPTH`].
    fn visit(&mut self, id: StepId) -> bool {
        if let Some(reached) = self.reach.reached.get_mut(id.index()) {
            *reached = true;
        }
        let done = self.is_ready(id) && self.content(id);
        if let Some(over) = self.reach.done.get_mut(id.index()) {
            *over = done;
        }
        done
    }

    /// Whether everything that a step reads can be there.
    fn is_ready(&self, id: StepId) -> bool {
        self.steps.needed(id).iter().all(|slot| {
            let Some(writer) = self.steps.writer(*slot) else { return true };
            // What a construct around a step writes is there when control is inside.
            self.steps.contains(writer, id) || self.reach.done(writer)
        })
    }

    fn content(&mut self, id: StepId) -> bool {
        let steps = self.steps;
        let mut children = steps.children(id);
        match steps.kind(id) {
            PlacedKind::Seq(_) | PlacedKind::Scope { .. } => {
                children.all(|child| self.visit(child))
            }
            PlacedKind::Par(_) => children.fold(false, |done, child| self.visit(child) | done),
            PlacedKind::If { condition, .. } => {
                let arm = self.from.arm(steps, id, *condition);
                self.arms(children, arm)
            }
            PlacedKind::Try { .. } => {
                let Some((body, handler)) = children.next().zip(children.next()) else {
                    return true;
                };
                let done = self.visit(body);
                match self.from.taken.get(&id).copied() {
                    None if self.fails(body) => {
                        let handled = self.visit(handler);
                        self.either(done, handled)
                    }
                    None | Some(0) => done,
                    Some(_) => self.visit(handler),
                }
            }
            PlacedKind::For(each) => self.each(id, each, children.next()),
            PlacedKind::Await { .. } => self.over.get(id.index()).copied().unwrap_or_default(),
            PlacedKind::Null
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Return(_) => true,
        }
    }

    /// Whether control gets to something in the body of a `try` that can fail, and nobody inside
    /// catches it.
    fn fails(&self, body: StepId) -> bool {
        let caught = |step: StepId| {
            let mut below = step;
            self.steps
                .around(step)
                .skip(1)
                .take_while(|above| self.steps.contains(body, *above))
                .any(|above| {
                    let first = self.steps.children(above).next() == Some(below);
                    below = above;
                    first && matches!(self.steps.kind(above), PlacedKind::Try { .. })
                })
        };
        self.steps.below(body).any(|step| {
            let happens = match self.steps.kind(step) {
                PlacedKind::Call { .. } => self.reach.done(step),
                PlacedKind::Null
                | PlacedKind::Seq(_)
                | PlacedKind::Par(_)
                | PlacedKind::Try { .. }
                | PlacedKind::If { .. }
                | PlacedKind::Let { .. }
                | PlacedKind::Wait(_)
                | PlacedKind::Push { .. }
                | PlacedKind::Snapshot { .. }
                | PlacedKind::Await { .. }
                | PlacedKind::For(_)
                | PlacedKind::Scope { .. }
                | PlacedKind::Return(_) => self.reach.reached(step),
            };
            happens && self.steps.can_fail_itself(step) && !caught(step)
        })
    }

    /// Whether two ways lead on.
    const fn either(&self, one: bool, other: bool) -> bool {
        match self.ways {
            Ways::Any => one || other,
            Ways::Every => one && other,
        }
    }

    /// The alternative that is taken, or all of them.
    fn arms(&mut self, arms: impl Iterator<Item = StepId>, only: Option<usize>) -> bool {
        let taken = arms.enumerate().filter(|(at, _)| only.is_none_or(|only| only == *at));
        let done: Vec<bool> = taken.map(|(_, arm)| self.visit(arm)).collect();
        done.into_iter().reduce(|one, other| self.either(one, other)).unwrap_or_default()
    }

    fn each(&mut self, id: StepId, each: &Loop<Placed>, body: Option<StepId>) -> bool {
        let least = match each.over {
            Over::Array(value) => self.steps.length_of(value),
            Over::Entries(_) | Over::Live(_) => Count::unknown(),
        };
        let empty = least == Count::number(0);
        let listed = matches!(each.over, Over::Array(_));
        let certain = self.from.world.entered.contains(&id)
            || least.surely_at_least(&Count::number(1))
            || listed && self.from.world.lacks(&Count::number(0), &least);
        let body = !empty && body.is_some_and(|body| self.visit(body));
        let nothing_to_do = match (each.mode, each.last) {
            (LoopMode::Sequential | LoopMode::UntilSuccess, Last::Complete) => {
                empty || !certain && self.ways == Ways::Any
            }
            (
                LoopMode::Sequential
                | LoopMode::UntilSuccess
                | LoopMode::Parallel
                | LoopMode::Explicit
                | LoopMode::InOrder,
                _,
            ) => false,
        };
        body || nothing_to_do
    }
}
