//! Join liveness: which waits for elements of a stream can be over.
//!
//! ```text
//! hi(s, w) < n(w)                                  error: no path gives enough
//! w waits for v, v waits for w                     error: a circle of waits
//! lo(s, w) < n(w) on a path p, or for long lists    warning, with p
//! ```
//!
//! The waits that can be over are the least fixed point: at first none is, then each whose stream
//! gets enough from steps that can happen. See `notes/join-liveness.md`.

mod circles;
mod guards;

use aquac_base::Span;

use super::count::Count;
use super::reach::{Reach, Standpoint, Ways, World, learn, question};
use super::steps::{StepId, Steps};
use super::yields::{Path, Turn, Yields};
use crate::placed::PlacedKind;
use crate::plan::StreamId;
use crate::terms::{Term, TermId};

/// Questions of which every pair is looked at; with more, the first ones are.
const MAX_QUESTIONS: usize = 6;

/// When a wait is taken to be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enough {
    /// Unless its stream certainly gets too little.
    Perhaps,
    /// If its stream certainly gets as much as it wants.
    Surely,
}

impl Enough {
    /// On how many ways control has to go on to what a wait needs.
    const fn ways(self) -> Ways {
        match self {
            Self::Perhaps => Ways::Any,
            Self::Surely => Ways::Every,
        }
    }
}

/// A condition, whether it holds, and where it is asked first.
type Answer = (TermId, bool, Span);

/// Steps that are looked at for one function, all together. A function that needs more is not
/// judged; no function of a person does.
const MAX_WORK: usize = 1 << 24;

/// A wait for elements of a stream.
#[derive(Debug, Clone)]
pub(super) struct Wait {
    pub(super) step: StepId,
    pub(super) stream: StreamId,
    /// How many elements it wants.
    pub(super) need: Count,
}

impl Wait {
    /// Whether what is enough for another wait is enough for this one.
    fn is_met_with(&self, other: &Self) -> bool {
        self.stream == other.stream && other.need.surely_at_least(&self.need)
    }
}

/// What came of a wait.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It can never be over: at most so many elements are written.
    Never { most: Count },
    /// It waits for what comes only after other waits, and these wait for it.
    Circle { others: Vec<Wait> },
    /// It is never over on this path.
    Starves { path: Path },
    /// Nothing speaks against it.
    Fine,
}

/// Judges every wait of a function, in program order.
pub(super) fn judge(steps: &Steps<'_>) -> Vec<(Wait, Verdict)> {
    let waits = waits(steps);
    let verdicts = Judge::new(steps, &waits).verdicts().into_iter();
    verdicts.map(|(wait, verdict)| (wait.clone(), verdict)).collect()
}

/// What each wait that nothing speaks against is offered if nothing fails, in program order.
pub(super) fn offers(steps: &Steps<'_>) -> Vec<(Wait, Count)> {
    let waits = waits(steps);
    let judge = Judge::new(steps, &waits);
    let verdicts = judge.verdicts().into_iter();
    let fine = verdicts.filter(|(_, verdict)| matches!(verdict, Verdict::Fine));
    let conditional = judge.conditional();
    fine.map(|(wait, _)| (wait.clone(), judge.offer(wait, &conditional))).collect()
}

/// The waits of a function; none if it is too large to be judged.
fn waits(steps: &Steps<'_>) -> Vec<Wait> {
    let wait = |step| match steps.kind(step) {
        PlacedKind::Await { stream, count, .. } => {
            Some(Wait { step, stream: *stream, need: steps.count_of(*count) })
        }
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Par(_)
        | PlacedKind::Try { .. }
        | PlacedKind::If { .. }
        | PlacedKind::Call { .. }
        | PlacedKind::Let { .. }
        | PlacedKind::Wait(_)
        | PlacedKind::Push { .. }
        | PlacedKind::Snapshot { .. }
        | PlacedKind::For(_)
        | PlacedKind::Scope { .. }
        | PlacedKind::Return(_) => None,
    };
    let waits: Vec<Wait> = steps.all().filter_map(wait).collect();
    // Each round of the fixed point looks at the tree once for each wait, and there is one for each.
    let budget = MAX_WORK / steps.len().max(1);
    if waits.len().saturating_mul(waits.len()) > budget { Vec::new() } else { waits }
}

struct Judge<'a> {
    steps: &'a Steps<'a>,
    waits: &'a [Wait],
    /// What is certain at each wait.
    standpoints: Vec<Standpoint>,
    /// Questions whose answer is the same wherever they are asked, with where that is first.
    questions: Vec<(TermId, Span)>,
}

impl<'a> Judge<'a> {
    fn new(steps: &'a Steps<'a>, waits: &'a [Wait]) -> Self {
        let standpoint = |wait: &Wait| Standpoint::of(steps, wait.step, wait.stream);
        let standpoints = waits.iter().map(standpoint).collect();
        Self { steps, waits, standpoints, questions: questions(steps) }
    }

    fn verdicts(&self) -> Vec<(&'a Wait, Verdict)> {
        if self.waits.is_empty() {
            return Vec::new();
        }
        let everything = self.everything();
        let stuck = self.fates(&everything);
        let never = |at: usize| {
            let (wait, from) = self.at(at)?;
            if stuck.get(at) != Some(&Some(false)) {
                return None;
            }
            let mut others = everything.clone();
            mark(&mut others, wait.step, false);
            let most = self.most(wait, from, &others);
            most.surely_less(&wait.need).then_some(most)
        };
        let nevers: Vec<Option<Count>> = (0..self.waits.len()).map(never).collect();
        let mut freed = self.nothing();
        for (wait, _) in self.waits.iter().zip(&nevers).filter(|(_, never)| never.is_some()) {
            mark(&mut freed, wait.step, true);
        }
        let held = |at: usize| stuck.get(at) == Some(&Some(false));
        let hopeless = |at: usize| nevers.get(at).is_some_and(Option::is_some);
        let in_circles = (0..self.waits.len()).filter(|at| held(*at) && !hopeless(*at));
        let circles = self.circles(&in_circles.collect::<Vec<_>>(), &mut freed);
        let in_circle = |wait: &Wait| circles.values().flatten().any(|one| one.step == wait.step);
        let mut verdicts = Vec::new();
        for (at, (wait, most)) in self.waits.iter().zip(nevers).enumerate() {
            let verdict = match (stuck.get(at).copied().flatten(), most) {
                (None, _) => continue,
                // It is told with its circle.
                (Some(true), _) if in_circle(wait) => continue,
                (Some(true), _) => self.path(at, &freed),
                (Some(false), Some(most)) => Verdict::Never { most },
                (Some(false), None) => match circles.get(&at) {
                    Some(others) => Verdict::Circle { others: others.clone() },
                    None => continue,
                },
            };
            if !is_told(self.steps, &verdicts, wait, &verdict) {
                verdicts.push((wait, verdict));
            }
        }
        self.add_worlds(&mut verdicts);
        verdicts
    }

    fn at(&self, at: usize) -> Option<(&'a Wait, &Standpoint)> {
        self.waits.get(at).zip(self.standpoints.get(at))
    }

    /// Whether each wait can be over where control gets to it; `None` if that is nowhere.
    fn fates(&self, everything: &[bool]) -> Vec<Option<bool>> {
        // Most waits stand where nothing is certain: they have one world.
        let mut settled: Vec<(World, Vec<bool>)> = Vec::new();
        let mut fates = Vec::with_capacity(self.waits.len());
        for (wait, from) in self.waits.iter().zip(&self.standpoints) {
            let alive = Reach::new(self.steps, everything, from, Ways::Any).reached(wait.step);
            let world = from.world();
            if alive && !settled.iter().any(|(known, _)| *known == world) {
                let over = self.settle(self.nothing(), &[], &world, Enough::Perhaps);
                settled.push((world.clone(), over));
            }
            let over = settled.iter().find(|(known, _)| *known == world);
            let over = over.map(|(_, over)| is_over(over, wait.step));
            fates.push(over.filter(|_| alive));
        }
        fates
    }

    fn nothing(&self) -> Vec<bool> {
        vec![false; self.steps.len()]
    }

    fn only(&self, step: StepId) -> Vec<bool> {
        let mut only = self.nothing();
        mark(&mut only, step, true);
        only
    }

    fn everything(&self) -> Vec<bool> {
        let mut over = vec![false; self.steps.len()];
        for wait in self.waits {
            mark(&mut over, wait.step, true);
        }
        over
    }

    /// Adds waits to those that are over, in one world, `without` some, until nothing changes.
    fn settle(
        &self,
        mut over: Vec<bool>,
        without: &[bool],
        world: &World,
        enough: Enough,
    ) -> Vec<bool> {
        loop {
            let mut changed = false;
            for at in 0..self.waits.len() {
                let Some((wait, _)) = self.at(at) else { continue };
                if is_over(&over, wait.step) || is_over(without, wait.step) {
                    continue;
                }
                if self.can_be_over(at, &over, world, enough) {
                    mark(&mut over, wait.step, true);
                    changed = true;
                }
            }
            if !changed {
                return over;
            }
        }
    }

    /// Whether control gets to a wait in this world, and its stream gets enough.
    fn can_be_over(&self, at: usize, over: &[bool], world: &World, enough: Enough) -> bool {
        self.is_offered(at, (over, world), enough.ways(), enough)
    }

    /// The same, if control goes these ways.
    fn is_offered(
        &self,
        at: usize,
        (over, world): (&[bool], &World),
        ways: Ways,
        enough: Enough,
    ) -> bool {
        let Some((wait, from)) = self.at(at) else { return false };
        let Some(from) = from.within(world) else { return false };
        let reach = Reach::new(self.steps, over, &from, ways);
        if !reach.reached(wait.step) {
            return false;
        }
        let yields = Yields::new(self.steps, (&reach, &from), wait.step, wait.stream);
        match enough {
            Enough::Perhaps => !world.lacks(&yields.most(), &wait.need),
            Enough::Surely => yields.fewest(&wait.need).surely_at_least(&wait.need),
        }
    }

    /// Waits that are over on a condition, for instance on the length of a list, so that none
    /// needs one that stands behind it here.
    fn conditional(&self) -> Vec<StepId> {
        let world = World::default();
        let mut over = self.nothing();
        let mut found = Vec::new();
        loop {
            over = self.settle(over, &[], &world, Enough::Surely);
            let next = (0..self.waits.len()).find(|at| {
                self.at(*at).is_some_and(|(wait, _)| !is_over(&over, wait.step))
                    && self.is_offered(*at, (&over, &world), Ways::Every, Enough::Perhaps)
            });
            let Some((wait, _)) = next.and_then(|at| self.at(at)) else { return found };
            mark(&mut over, wait.step, true);
            found.push(wait.step);
        }
    }

    fn most(&self, wait: &Wait, from: &Standpoint, over: &[bool]) -> Count {
        let reach = Reach::new(self.steps, over, from, Ways::Any);
        Yields::new(self.steps, (&reach, from), wait.step, wait.stream).most()
    }

    /// The shortest path on which a wait is never over, though on others it is.
    /// Those that are freed are to blame themselves, if they are never over.
    fn path(&self, at: usize, freed: &[bool]) -> Verdict {
        let Some((wait, from)) = self.at(at) else {
            return Verdict::Fine;
        };
        let world = from.world();
        let over = self.settle(freed.to_vec(), &self.starving(wait), &world, Enough::Perhaps);
        let reach = Reach::new(self.steps, &over, from, Ways::Any);
        let yields = Yields::new(self.steps, (&reach, from), wait.step, wait.stream);
        let attempted = || {
            yields.with_one_failing().into_iter().find(|path| path.count.surely_less(&wait.need))
        };
        match Path::starving(yields.least(), &wait.need).or_else(attempted) {
            Some(path) if !self.is_guarded(wait, from, freed) => Verdict::Starves { path },
            Some(_) | None => Verdict::Fine,
        }
    }

    /// Where a wait starves, so does whoever wants as much.
    fn starving(&self, wait: &Wait) -> Vec<bool> {
        let mut starving = self.nothing();
        for other in self.waits.iter().filter(|other| wait.is_met_with(other)) {
            mark(&mut starving, other.step, true);
        }
        starving
    }

    /// What a wait's stream gets if nothing fails and the conditions of those waits hold that need
    /// not this one.
    fn offer(&self, wait: &Wait, conditional: &[StepId]) -> Count {
        let mut from = Standpoint::of(self.steps, wait.step, wait.stream);
        let mut over = self.nothing();
        for before in conditional.iter().take_while(|before| **before != wait.step) {
            mark(&mut over, *before, true);
        }
        let over = self.settle(over, &self.only(wait.step), &from.world(), Enough::Surely);
        let reach = Reach::new(self.steps, &over, &from, Ways::Every);
        let tries = self
            .steps
            .all()
            .filter(|step| matches!(self.steps.kind(*step), PlacedKind::Try { .. }));
        for attempt in tries {
            from.taken.entry(attempt).or_insert(0);
        }
        Yields::new(self.steps, (&reach, &from), wait.step, wait.stream).fewest(&wait.need)
    }

    /// Looks at every world with one or two questions answered, with short lists and with long
    /// ones, for waits that starve because of others that starve there. If a wait is to blame
    /// already, its consequences are not told.
    fn add_worlds(&self, verdicts: &mut [(&'a Wait, Verdict)]) {
        if verdicts.iter().any(|(_, verdict)| !matches!(verdict, Verdict::Fine)) {
            return;
        }
        for (world, answers) in self.worlds() {
            let over = self.settle(self.nothing(), &[], &world, Enough::Perhaps);
            for (wait, verdict) in verdicts.iter_mut() {
                let from = Standpoint::of(self.steps, wait.step, wait.stream);
                let Some(from) = from.within(&world) else { continue };
                let reach = Reach::new(self.steps, &over, &from, Ways::Any);
                let starves = !is_over(&over, wait.step) && reach.reached(wait.step);
                if !starves || self.is_guarded(wait, &from, &self.nothing()) {
                    continue;
                }
                let yields = Yields::new(self.steps, (&reach, &from), wait.step, wait.stream);
                let turn = |truth: bool| if truth { Turn::Then } else { Turn::Otherwise };
                let turns = answers.iter().map(|(_, truth, span)| (*span, turn(*truth)));
                let path = Path::new(yields.most(), turns.collect());
                *verdict = Verdict::Starves { path };
                return;
            }
        }
    }

    /// Every answer to one question, then to two of them, without contradictions; then long lists,
    /// with no question answered and with each one, if a wait asks for the length of a list.
    fn worlds(&self) -> Vec<(World, Vec<Answer>)> {
        let both = |(condition, span): &(TermId, Span)| {
            [true, false].map(|truth| (*condition, truth, *span))
        };
        let single: Vec<Answer> =
            self.questions.iter().take(MAX_QUESTIONS).flat_map(both).collect();
        let mut sets: Vec<Vec<Answer>> = single.iter().map(|one| vec![*one]).collect();
        for (at, one) in single.iter().enumerate() {
            let others = single.iter().skip(at + 1).filter(|other| other.0 != one.0);
            sets.extend(others.map(|other| vec![*one, *other]));
        }
        let world = |set: Vec<Answer>| {
            let mut world = World::default();
            let possible = set
                .iter()
                .all(|(condition, truth, _)| learn(self.steps, &mut world, *condition, *truth));
            possible.then_some((world, set))
        };
        let mut worlds: Vec<_> = sets.into_iter().filter_map(world).collect();
        if self.waits.iter().any(|wait| !wait.need.lists().is_empty()) {
            let few = worlds.iter().filter(|(_, set)| set.len() < 2);
            let long: Vec<_> = std::iter::once(&(World::default(), Vec::new()))
                .chain(few)
                .map(|(world, set)| (world.clone().with_long_lists(), set.clone()))
                .collect();
            worlds.extend(long);
        }
        worlds
    }
}

/// Whether who mends an earlier wait, which wants as much of the stream, mends this one: both starve
/// on the same path, or neither can ever be over and they are not in two arms of one choice.
fn is_told(
    steps: &Steps<'_>,
    verdicts: &[(&Wait, Verdict)],
    wait: &Wait,
    verdict: &Verdict,
) -> bool {
    verdicts.iter().any(|(earlier, told)| {
        let same = match (told, verdict) {
            (Verdict::Starves { path: told }, Verdict::Starves { path }) => {
                told.turns == path.turns
            }
            (Verdict::Never { .. }, Verdict::Never { .. }) => {
                !steps.are_alternatives(earlier.step, wait.step)
            }
            (
                Verdict::Never { .. }
                | Verdict::Circle { .. }
                | Verdict::Starves { .. }
                | Verdict::Fine,
                _,
            ) => false,
        };
        same && wait.is_met_with(earlier)
    })
}

/// Conditions that have one answer in a run: they depend on nothing that a loop makes.
fn questions(steps: &Steps<'_>) -> Vec<(TermId, Span)> {
    let mut found: Vec<(TermId, Span)> = Vec::new();
    for step in steps.all() {
        let PlacedKind::If { condition, .. } = steps.kind(step) else { continue };
        let constant = matches!(steps.pools().terms.get(*condition), Term::Const(_));
        let mut loops =
            steps.around(step).filter(|each| matches!(steps.kind(*each), PlacedKind::For(_)));
        if constant || loops.any(|each| !steps.is_fixed_in(each, *condition)) {
            continue;
        }
        let asked = question(steps, *condition).0;
        if !found.iter().any(|(known, _)| question(steps, *known).0 == asked) {
            found.push((*condition, steps.span(step)));
        }
    }
    found
}

fn mark(over: &mut [bool], step: StepId, is: bool) {
    if let Some(mark) = over.get_mut(step.index()) {
        *mark = is;
    }
}

fn is_over(over: &[bool], step: StepId) -> bool {
    over.get(step.index()).copied().unwrap_or_default()
}
