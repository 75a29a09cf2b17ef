//! Branches beside a wait that go on without it: a timer, or another way to the same.

use super::{Enough, Judge, Wait};
use crate::guarantee::reach::{Reach, Standpoint, Ways};
use crate::guarantee::steps::{StepId, written};
use crate::placed::PlacedKind;
use crate::plan::StreamId;

impl Judge<'_> {
    /// Whether a branch beside the wait surely lets control go on where the wait starves, and
    /// nobody outside of its branch needs what stands behind it there.
    pub(super) fn is_guarded(&self, wait: &Wait, from: &Standpoint, freed: &[bool]) -> bool {
        let starving = self.starving(wait);
        let over = self.settle(freed.to_vec(), &starving, &from.world(), Enough::Surely);
        let reach = Reach::new(self.steps, &over, from, Ways::Every);
        let mut below = wait.step;
        for above in self.steps.around(wait.step).skip(1) {
            if matches!(self.steps.kind(above), PlacedKind::Par(_)) {
                let mut others = self.steps.children(above).filter(|branch| *branch != below);
                let passes =
                    others.any(|branch| reach.done(branch) && !self.steps.is_nothing(branch));
                if passes && !self.is_needed_outside(below, &reach) {
                    return true;
                }
            }
            below = above;
        }
        false
    }

    /// Whether somebody outside of a branch needs what is not surely made in it: reads it, or waits
    /// for more than the others surely give.
    fn is_needed_outside(&self, branch: StepId, reach: &Reach) -> bool {
        let held = || self.steps.below(branch).filter(|step| !reach.done(*step));
        let slots: Vec<_> =
            held().filter_map(|step| written(self.steps.get(step).placed)).collect();
        let streams: Vec<StreamId> =
            held().filter_map(|step| self.steps.get(step).placed.pushed()).collect();
        let waited = self.waits.iter().any(|wait| {
            let outside = !self.steps.contains(branch, wait.step);
            outside && streams.contains(&wait.stream) && !reach.done(wait.step)
        });
        let outside = self.steps.all().filter(|step| !self.steps.contains(branch, *step));
        waited
            || outside
                .into_iter()
                .any(|step| self.steps.needed(step).iter().any(|slot| slots.contains(slot)))
    }
}
