//! What a stream gets if one attempt fails in a branch beside the wait.
//!
//! A `try` is written where failing is expected. In a branch it does not stop the others, so the
//! wait has to do with what they write: `most - what this attempt gives when it succeeds`.

use std::collections::BTreeMap;

use super::{Path, Turn, Yields, fewest};
use crate::guarantee::count::Count;
use crate::guarantee::steps::StepId;
use crate::placed::PlacedKind;

impl Yields<'_> {
    /// The most that the stream gets if one attempt fails, for each that gives it something.
    /// Those on which the wait follows are ways of [`Self::least`].
    pub(in crate::guarantee) fn with_one_failing(&self) -> Vec<Path> {
        let most = self.most();
        let attempts = self.steps.all().filter(|id| {
            matches!(self.steps.kind(*id), PlacedKind::Try { .. })
                && self.leads.contains(id)
                && self.reach.reached(*id)
                && !self.steps.contains(*id, self.wait)
                && !self.comes_before_wait(*id)
        });
        let failing = |id: StepId| {
            let lost = self.lost(id)?;
            let turns = BTreeMap::from([(self.steps.span(id), Turn::Fails)]);
            Some(Path::new(most.plus(&Count::number(-lost)), turns))
        };
        attempts.filter_map(failing).collect()
    }

    /// How much less an attempt gives when it fails.
    fn lost(&self, id: StepId) -> Option<i64> {
        let mut children = self.steps.children(id);
        let (body, handler) = (children.next()?, children.next()?);
        if !self.steps.can_fail(body) {
            return None;
        }
        let failed = self.before_failure(body).0.plus(&fewest(self.least_of(handler)));
        let lost = fewest(self.least_of(body)).as_number()? - failed.as_number()?;
        (lost > 0).then_some(lost)
    }
}
