//! What each initiator uses of this peer, and what it may.

use std::collections::BTreeMap;

use aquac_ir::PeerId;

use crate::{PeerLimits, Time};

/// Milliseconds of fuel that an initiator may save up.
const SAVED: u64 = 5_000;

/// Accounts above which those are forgotten of which only used fuel is left. So many initiators
/// cannot each have much.
const MOST: usize = 1 << 16;

/// What one initiator uses.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Account {
    /// Runs that live here.
    pub(crate) particles: usize,
    /// Calls under way.
    pub(crate) calls: usize,
    /// Bytes of turns and values that are kept.
    pub(crate) bytes: usize,
    /// Fuel that is used and not given back by time.
    used: u64,
    /// Since when.
    since: Time,
}

impl Account {
    /// Time gives fuel back.
    fn refill(&mut self, now: Time, per_second: u64) {
        let given = u128::from(now.since(self.since)) * u128::from(per_second) / 1000;
        if given > 0 {
            self.used = self.used.saturating_sub(u64::try_from(given).unwrap_or(u64::MAX));
            self.since = now;
        }
    }

    const fn is_idle(&self) -> bool {
        self.particles == 0 && self.calls == 0 && self.bytes == 0 && self.used == 0
    }
}

/// The accounts of all initiators of which something is here.
#[derive(Debug)]
pub(crate) struct Accounts {
    /// Its own runs may use what they want.
    me: PeerId,
    all: BTreeMap<PeerId, Account>,
}

impl Accounts {
    pub(crate) const fn new(me: PeerId) -> Self {
        Self { me, all: BTreeMap::new() }
    }

    pub(crate) fn get(&self, initiator: &PeerId) -> Account {
        self.all.get(initiator).copied().unwrap_or_default()
    }

    /// Changes an account; one that holds nothing any more is forgotten.
    pub(crate) fn change(&mut self, initiator: PeerId, change: impl FnOnce(&mut Account)) {
        if self.all.len() >= MOST && !self.all.contains_key(&initiator) {
            self.all.retain(|_, account| account.particles > 0 || account.calls > 0);
        }
        let account = self.all.entry(initiator).or_default();
        change(account);
        if account.is_idle() {
            self.all.remove(&initiator);
        }
    }

    /// An initiator's runs have used fuel.
    pub(crate) fn burn(&mut self, initiator: PeerId, now: Time, fuel: u64, limits: &PeerLimits) {
        self.change(initiator, |account| {
            account.refill(now, limits.fuel_per_second);
            account.since = account.since.max(now);
            account.used = account.used.saturating_add(fuel);
        });
    }

    /// When an initiator's runs may go on: now, or when enough fuel is given back.
    pub(crate) fn may_run(&self, initiator: &PeerId, now: Time, limits: &PeerLimits) -> Time {
        if *initiator == self.me {
            return now;
        }
        let mut account = self.get(initiator);
        account.refill(now, limits.fuel_per_second);
        let allowed = limits.fuel_per_second.saturating_mul(SAVED) / 1000;
        let over = account.used.saturating_sub(allowed);
        if over == 0 {
            return now;
        }
        now.after(over.saturating_mul(1000).div_ceil(limits.fuel_per_second.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuel_comes_back_with_time() {
        let limits = PeerLimits { fuel_per_second: 1000, ..PeerLimits::default() };
        let who = PeerId([1; 32]);
        let mut accounts = Accounts::new(PeerId([0; 32]));
        let start = Time(1_000_000);
        accounts.burn(who, start, 5000, &limits);
        assert_eq!(accounts.may_run(&who, start, &limits), start);
        accounts.burn(who, start, 500, &limits);
        assert_eq!(accounts.may_run(&who, start, &limits), start.after(500));
        assert_eq!(accounts.may_run(&who, start.after(500), &limits), start.after(500));
        accounts.burn(who, start.after(100_000), 1, &limits);
        assert_eq!(accounts.get(&who).used, 1);
        accounts.burn(accounts.me, start, 1_000_000, &limits);
        assert_eq!(accounts.may_run(&accounts.me, start, &limits), start, "its own may go on");
    }

    #[test]
    fn one_who_uses_nothing_is_forgotten() {
        let mut accounts = Accounts::new(PeerId([0; 32]));
        let who = PeerId([1; 32]);
        accounts.change(who, |account| account.particles += 1);
        accounts.change(who, |account| account.particles -= 1);
        assert!(accounts.all.is_empty());
    }
}
