//! What the run's limits leave to this peer: turns above a limit are taken by nobody, so it says
//! that it ends with the last record that others take.

use aquac_ir::{Fault, FaultCode, Limits};

use crate::run::Run;
use crate::state::State;

impl Run {
    /// Why a call should not reach its service: after those that are under way, this peer may make
    /// no record but the one that says so.
    #[must_use]
    pub fn lacks_room(&self, under_way: usize) -> Option<Fault> {
        let state = self.state();
        (state.records_left() as usize <= under_way + 1).then(|| state.no_room())
    }
}

impl State {
    /// Records that this peer can still make so that others take its turns, if each is in a turn
    /// of its own.
    pub(crate) fn records_left(&self) -> u32 {
        let limits = &self.header.header.limits;
        let turns = self.log.number() - 1 + u32::from(self.log.has_records());
        let records = limits.records_per_peer.saturating_sub(self.own_records);
        records.min(limits.turns_per_peer.saturating_sub(turns))
    }

    /// What becomes of the call with the last record that this peer may make.
    pub(crate) fn no_room(&self) -> Fault {
        let Limits { records_per_peer, turns_per_peer, .. } = self.header.header.limits;
        let text = alloc::format!(
            "this peer has no room for more: the run allows it {records_per_peer} records in \
             {turns_per_peer} turns"
        );
        Fault::new(FaultCode::TooLarge, text)
    }
}
