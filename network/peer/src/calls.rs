//! Calls of services: which wait for room, and who is next.

use std::collections::BTreeSet;

use aquac_ir::{IdempotencyKey, ParticleId, PeerId};

use crate::account::Accounts;
use crate::rounds::Rounds;
use crate::{PeerLimits, Time};

/// The calls of all particles of a peer.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// In the order in which they came; initiators take turns.
    waiting: Rounds<(u64, ParticleId)>,
    under_way: usize,
    came: u64,
    /// When calls that are under way fail.
    ends: BTreeSet<(Time, ParticleId, IdempotencyKey)>,
}

impl Calls {
    /// Calls that have no answer yet.
    pub(crate) const fn open(&self) -> usize {
        self.waiting.len() + self.under_way
    }

    /// Whether one more of this initiator may wait.
    pub(crate) fn has_room(&self, initiator: &PeerId, limits: &PeerLimits) -> bool {
        self.waiting.of(initiator) < limits.calls_waiting
    }

    pub(crate) fn wait(&mut self, initiator: PeerId, particle: ParticleId) {
        self.came += 1;
        self.waiting.insert(initiator, (self.came, particle));
    }

    /// The run whose call is next, if there is room for one: it is under way now.
    pub(crate) fn next(
        &mut self,
        accounts: &mut Accounts,
        limits: &PeerLimits,
    ) -> Option<ParticleId> {
        if self.under_way >= limits.calls {
            return None;
        }
        let may = |of: &PeerId| accounts.get(of).calls < limits.calls_per_initiator;
        let (initiator, call) = self.waiting.peek(may)?;
        self.waiting.serve(initiator, &call);
        self.under_way += 1;
        accounts.change(initiator, |account| account.calls += 1);
        Some(call.1)
    }

    /// Calls of an initiator were answered or given up.
    pub(crate) fn ended(&mut self, accounts: &mut Accounts, initiator: PeerId, calls: usize) {
        self.under_way = self.under_way.saturating_sub(calls);
        accounts.change(initiator, |account| account.calls = account.calls.saturating_sub(calls));
    }

    /// A call that is under way fails then.
    pub(crate) fn ends_at(&mut self, end: Time, particle: ParticleId, key: IdempotencyKey) {
        self.ends.insert((end, particle, key));
    }

    /// It does not any more.
    pub(crate) fn in_time(&mut self, end: Option<Time>, particle: ParticleId, key: IdempotencyKey) {
        if let Some(end) = end {
            self.ends.remove(&(end, particle, key));
        }
    }

    /// A call that took too long.
    pub(crate) fn too_slow(&mut self, now: Time) -> Option<(ParticleId, IdempotencyKey)> {
        let (end, particle, key) = *self.ends.first().filter(|(end, ..)| *end <= now)?;
        self.ends.remove(&(end, particle, key));
        Some((particle, key))
    }

    /// When the next call fails.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.ends.first().map(|(end, ..)| *end)
    }

    /// None of a run's calls is wanted any more.
    pub(crate) fn forget(&mut self, initiator: PeerId, particle: &ParticleId) {
        self.waiting.retain(initiator, |(_, of)| of != particle);
    }
}
