//! Branches that begin at one moment: control goes on with the first of them, or, where nobody waits
//! for them, from where they began.

use std::collections::BTreeSet;

use super::doubt::Doubt;
use super::walk::{Arrivals, Open, Walk};
use super::ways::Site;
use crate::guarantee::steps::StepId;

impl Walk<'_> {
    pub(super) fn par(&mut self, id: StepId, branches: &[StepId], from: &Arrivals) -> Arrivals {
        let from = &self.together(from);
        let detached = branches.iter().any(|branch| self.steps.is_nothing(*branch));
        let mut stays = 0;
        let mut passed = BTreeSet::new();
        let mut ends = Arrivals::new();
        let mut ended = BTreeSet::new();
        for branch in branches {
            let mark = self.stops_at.len();
            let end = self.branch(*branch, from, &mut ended);
            if self.steps.is_nothing(*branch) {
                continue;
            }
            // A peer that sees two branches at work can speak for both.
            let here: BTreeSet<Site> = self.stops_at.iter().skip(mark).cloned().collect();
            self.unless(passed.is_disjoint(&here), Doubt::Crossing, id);
            passed.extend(here.iter().cloned());
            let open = self.followed(*branch, end.clone(), here);
            self.over.push(open.clone());
            if detached {
                self.open.push(open);
                continue;
            }
            // A branch that stays is over before or after the others are told of it.
            stays += usize::from(end.keys().any(|site| from.contains_key(site)));
            self.join(&mut ends, end);
        }
        let alike = stays == 0 || stays == branches.len() && passed.is_empty();
        self.unless(alike, Doubt::Stays, id);
        if detached {
            return from.clone();
        }
        self.are_over(&ended);
        ends
    }

    /// Follows one of several branches, of which none knows which earlier ones another has waited
    /// for: these are collected.
    pub(super) fn branch(
        &mut self,
        branch: StepId,
        from: &Arrivals,
        ended: &mut BTreeSet<usize>,
    ) -> Arrivals {
        let known: Vec<bool> = self.over.iter().map(|open| open.is_over).collect();
        let ends = self.visit(branch, from);
        for (number, (open, known)) in self.over.iter_mut().zip(known).enumerate() {
            if std::mem::replace(&mut open.is_over, known) && !known {
                ended.insert(number);
            }
        }
        ends
    }

    /// Control is behind branches that have waited for these.
    pub(super) fn are_over(&mut self, ended: &BTreeSet<usize>) {
        for number in ended {
            let open = self.over.get_mut(*number);
            open.into_iter().for_each(|open| open.is_over = true);
        }
    }

    /// A branch that has just been followed.
    pub(super) fn followed(&self, branch: StepId, ends: Arrivals, passes: BTreeSet<Site>) -> Open {
        let since = self.stops_at.len();
        Open { branch, ends, passes, is_over: false, comes_to: None, since }
    }

    /// Adds where a branch ends; of two that end at one place, the first brings control.
    pub(super) fn join(&mut self, ends: &mut Arrivals, end: Arrivals) {
        for (place, mut leaving) in end {
            if let Some(other) = ends.get(&place) {
                leaving.at = leaving.at.shorter(&other.at).unwrap_or_else(|| {
                    self.late = true;
                    leaving.at.or(&other.at)
                });
                leaving.by_header |= other.by_header;
            }
            ends.insert(place, leaving);
        }
    }

    /// The same places, from which several branches leave at one moment.
    pub(super) fn together(&mut self, from: &Arrivals) -> Arrivals {
        let mut together = from.clone();
        for leaving in together.values_mut() {
            leaving.moment.get_or_insert_with(|| self.moments.begin());
        }
        together
    }
}
