//! Room for what comes at once: lists that grow one by one are copied again and again, and have a
//! third to spare in the end.

use crate::activation::Act;
use crate::few::room_for;
use crate::state::State;

/// Steps behind a loop that are mostly reached together with its iterations.
const BEHIND: usize = 4;

impl State {
    /// So many records come at once: makes room for what mostly becomes of them, the steps that are
    /// done with them and the one that is reached then.
    pub(crate) fn expect(&mut self, records: usize) {
        if records > 1 {
            room_for(&mut self.acts, records + 1);
            room_for(&mut self.placed, records + 1);
            self.causes.reserve(records);
            self.filed.reserve(records);
            self.values.reserve(records);
            let slots = self.program.program().slots as usize;
            self.cells.reserve(records.min(slots));
        }
    }

    /// So many iterations start at once: makes room for one step in each and what it waits for, and
    /// for the few steps behind the loop.
    pub(crate) fn expect_iterations(&mut self, count: usize) {
        self.paths.reserve(count);
        self.iterations.reserve(count);
        self.cells.reserve(count + BEHIND);
        room_for(&mut self.acts, count + BEHIND);
        room_for(&mut self.placed, count + BEHIND);
        room_for(&mut self.sites, count + BEHIND);
        let acts = &self.acts;
        self.index.reserve(acts.len(), acts.len() + count + BEHIND, |place| {
            acts.get(place as usize).map_or(0, Act::hash)
        });
    }
}
