//! Join liveness: which waits for elements of a stream can be over.
//!
//! ```text
//! hi(s, w) < n(w)                                  error: no path gives enough
//! w waits for v, v waits for w                     error: a circle of waits
//! lo(s, w) < n(w) on a path p                      warning, with p
//! ```
//!
//! The waits that can be over are the least fixed point: at first none is, then each whose stream
//! gets enough from steps that can happen. See `notes/join-liveness.md`.

use aquac_base::Span;

use super::count::Count;
use super::reach::{Reach, Standpoint};
use super::steps::{StepId, Steps, written};
use super::yields::{Path, Yields};
use crate::placed::PlacedKind;
use crate::plan::StreamId;

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

/// What came of a wait.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It can never be over: at most so many elements are written.
    Never { most: Count },
    /// It waits for what comes only after other waits, and these wait for it.
    Circle { others: Vec<Span> },
    /// It is never over on this path.
    Starves { path: Path },
    /// Nothing speaks against it.
    Fine { most: Count },
}

/// Judges every wait of a function, in program order.
pub(super) fn judge(steps: &Steps<'_>) -> Vec<(Wait, Verdict)> {
    let waits = waits(steps);
    let budget = MAX_WORK / steps.len().max(1);
    // Each round of the fixed point looks at the tree once for each wait, and there is one for each.
    if waits.is_empty() || waits.len().saturating_mul(waits.len()) > budget {
        return Vec::new();
    }
    Judge { steps, waits: &waits }.verdicts().into_iter().map(|(at, v)| (at.clone(), v)).collect()
}

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
    steps.all().filter_map(wait).collect()
}

struct Judge<'a> {
    steps: &'a Steps<'a>,
    waits: &'a [Wait],
}

impl<'a> Judge<'a> {
    fn verdicts(&self) -> Vec<(&'a Wait, Verdict)> {
        let over = self.settle(vec![false; self.steps.len()], None);
        let everything = self.everything();
        let never: Vec<bool> = self
            .waits
            .iter()
            .map(|wait| {
                let mut others = everything.clone();
                mark(&mut others, wait.step, false);
                !is_over(&over, wait.step)
                    && Reach::new(self.steps, &everything, &Standpoint::default())
                        .reached(wait.step)
                    && self.most(wait, &others).surely_less(&wait.need)
            })
            .collect();
        let mut freed = over.clone();
        for (wait, _) in self.waits.iter().zip(&never).filter(|(_, never)| **never) {
            mark(&mut freed, wait.step, true);
        }
        let freed = self.settle(freed, None);
        let circle: Vec<Span> = self
            .waits
            .iter()
            .filter(|wait| !is_over(&freed, wait.step) && self.is_alive(wait))
            .map(|wait| self.steps.span(wait.step))
            .collect();
        let verdict = |(wait, never): (&'a Wait, &bool)| {
            let span = self.steps.span(wait.step);
            if *never {
                let mut others = everything.clone();
                mark(&mut others, wait.step, false);
                return Some((wait, Verdict::Never { most: self.most(wait, &others) }));
            }
            if circle.contains(&span) {
                let others = circle.iter().copied().filter(|other| *other != span).collect();
                return Some((wait, Verdict::Circle { others }));
            }
            is_over(&over, wait.step).then(|| (wait, self.path(wait)))
        };
        self.waits.iter().zip(&never).filter_map(verdict).collect()
    }

    fn everything(&self) -> Vec<bool> {
        let mut over = vec![false; self.steps.len()];
        for wait in self.waits {
            mark(&mut over, wait.step, true);
        }
        over
    }

    fn is_alive(&self, wait: &Wait) -> bool {
        Reach::new(self.steps, &self.everything(), &Standpoint::default()).reached(wait.step)
    }

    /// Adds waits to those that are over until nothing changes.
    fn settle(&self, mut over: Vec<bool>, without: Option<StepId>) -> Vec<bool> {
        loop {
            let mut changed = false;
            for wait in self.waits {
                if is_over(&over, wait.step) || Some(wait.step) == without {
                    continue;
                }
                if !self.most(wait, &over).surely_less(&wait.need) && self.gets_there(wait, &over) {
                    mark(&mut over, wait.step, true);
                    changed = true;
                }
            }
            if !changed {
                return over;
            }
        }
    }

    /// Whether control can get to a wait.
    fn gets_there(&self, wait: &Wait, over: &[bool]) -> bool {
        let from = Standpoint::of(self.steps, wait.step, wait.stream);
        Reach::new(self.steps, over, &from).reached(wait.step)
    }

    fn most(&self, wait: &Wait, over: &[bool]) -> Count {
        let from = Standpoint::of(self.steps, wait.step, wait.stream);
        let reach = Reach::new(self.steps, over, &from);
        Yields::new(self.steps, (&reach, &from), wait.step, wait.stream).most()
    }

    /// The shortest path on which a wait is never over, though on others it is.
    fn path(&self, wait: &Wait) -> Verdict {
        let from = Standpoint::of(self.steps, wait.step, wait.stream);
        let over = self.settle(vec![false; self.steps.len()], Some(wait.step));
        let reach = Reach::new(self.steps, &over, &from);
        let yields = Yields::new(self.steps, (&reach, &from), wait.step, wait.stream);
        let starving = yields.least().into_iter().find(|path| path.count.surely_less(&wait.need));
        match starving {
            Some(path) if !self.is_guarded(wait, &reach) => Verdict::Starves { path },
            Some(_) | None => Verdict::Fine { most: yields.most() },
        }
    }

    /// Whether a branch beside the wait lets control go on, and nothing behind the wait is needed
    /// outside its branch.
    fn is_guarded(&self, wait: &Wait, reach: &Reach) -> bool {
        let mut below = wait.step;
        for above in self.steps.around(wait.step).skip(1) {
            if matches!(self.steps.kind(above), PlacedKind::Par(_)) {
                let mut others = self.steps.children(above).filter(|branch| *branch != below);
                let passes =
                    others.any(|branch| reach.done(branch) && !self.steps.is_nothing(branch));
                if passes && !self.is_needed_outside(below, reach) {
                    return true;
                }
            }
            below = above;
        }
        false
    }

    fn is_needed_outside(&self, branch: StepId, reach: &Reach) -> bool {
        let held = || self.steps.below(branch).filter(|step| !reach.done(*step));
        let slots: Vec<_> =
            held().filter_map(|step| written(self.steps.get(step).placed)).collect();
        let streams: Vec<StreamId> =
            held().filter_map(|step| super::steps::pushed(self.steps.get(step).placed)).collect();
        let waited = self
            .waits
            .iter()
            .any(|wait| !self.steps.contains(branch, wait.step) && streams.contains(&wait.stream));
        let outside = self.steps.all().filter(|step| !self.steps.contains(branch, *step));
        waited
            || outside
                .into_iter()
                .any(|step| self.steps.needs(step).iter().any(|slot| slots.contains(slot)))
    }
}

fn mark(over: &mut [bool], step: StepId, is: bool) {
    if let Some(mark) = over.get_mut(step.index()) {
        *mark = is;
    }
}

fn is_over(over: &[bool], step: StepId) -> bool {
    over.get(step.index()).copied().unwrap_or_default()
}
