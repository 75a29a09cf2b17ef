//! What comes behind control: a construct with branches is over with the first of them, and what the
//! others made comes to the next place while a step happens there, or after it. Whoever reads it
//! elsewhere is told of it together with what that step made, or once more.

use super::doubt::Doubt;
use super::walk::{Arrivals, Open, Walk};
use super::ways::Site;
use crate::guarantee::count::Count;
use crate::guarantee::steps::StepId;

impl Walk<'_> {
    /// Notes what may come to a place after the step there, to which several branches lead.
    pub(super) fn note_lagging(&mut self, id: StepId, from: &Arrivals, here: &Site) {
        let (steps, detached) = (self.steps, &self.open);
        let one = Count::number(1);
        let leads = |open: &Open| {
            !open.is_over
                && !steps.contains(open.branch, id)
                && !detached.iter().any(|other| other.branch == open.branch)
                && open.ends.keys().any(|place| from.contains_key(place))
        };
        let several = from.values().any(|leaving| leaving.times != one)
            || self.over.iter().filter(|open| leads(open)).count() > 1;
        let lagging = self.over.iter_mut().filter(|open| several && leads(open));
        lagging.for_each(|open| open.comes_to = Some(here.clone()));
    }

    /// Notes the branches of which a step reads what they made where control is, or was.
    pub(super) fn note_staying(
        &mut self,
        id: StepId,
        here: &Site,
        from: &Arrivals,
        (read, is_silent): (&[Open], bool),
    ) {
        // Who goes on from where a branch stays tells of that at once, and again when it is over.
        let stays = |place: &Site| *place != *here && from.contains_key(place);
        let told_twice = read.iter().any(|open| open.ends.keys().any(stays));
        // What happens in a branch while control is still there, if anything, goes on with control.
        let left = |open: &Open, place: &Site| {
            let mut later = self.stops_at.iter().skip(open.since);
            !from.contains_key(place) && (open.passes.is_empty() || later.any(|at| at == place))
        };
        let goes_on = read.iter().any(|open| open.ends.keys().any(|place| left(open, place)));
        self.unless((is_silent || !told_twice) && !goes_on, Doubt::Stays, id);
    }

    /// Whether a step in a branch waits for what another one makes.
    pub(super) fn waits_for_branches(&self, id: StepId) -> bool {
        let slots = self.steps.needs(id).into_iter().filter_map(|slot| self.steps.writer(slot));
        let mut made = slots.filter(|made| !self.is_dead(*made));
        made.any(|made| {
            let apart =
                |branch| self.steps.contains(branch, made) && !self.steps.contains(branch, id);
            self.over.iter().any(|open| !open.is_over && apart(open.branch))
        })
    }

    /// Whether somebody behind an attempt reads what its handler would write, so that each branch in
    /// its body tells that it has not failed.
    pub(super) fn success_is_awaited(&self, id: StepId, children: &[StepId]) -> bool {
        let &[body, handler] = children else { return false };
        let steps = self.steps;
        let behind = steps.all().filter(|one| id < *one && !steps.contains(id, *one));
        steps.below(body).any(|step| steps.is_fork(step))
            && self.are_read(steps.below(handler), behind)
    }

    /// Whether control leaves a place for this step to which something may still come that the
    /// step reads, or one behind it.
    pub(super) fn goes_ahead(&self, id: StepId, here: &Site) -> bool {
        let mut ahead = self.over.iter().filter(|open| {
            let left = open.comes_to.as_ref().is_some_and(|place| place != here);
            left && !open.is_over
        });
        ahead.any(|open| self.is_read_from(id, open.branch))
    }

    /// Whether a step outside of a branch, this one or one behind it, reads what is made in it.
    fn is_read_from(&self, id: StepId, branch: StepId) -> bool {
        let steps = self.steps;
        let made = steps.below(branch).filter(|made| !self.is_dead(*made));
        let behind = steps.all().filter(|one| id <= *one && !steps.contains(branch, *one));
        self.are_read(made, behind)
    }
}
