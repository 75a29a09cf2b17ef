//! All particles of a peer: which live, which have ended, how many of whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aquac_ir::{ParticleId, PeerId, SignedHeader};
use aquac_vm::Run;

use crate::admit::Refusal;
use crate::lacking::{self, PATIENCE};
use crate::particle::Particle;
use crate::rounds::Rounds;
use crate::settle::{Settled, finish, make_call, settle};
use crate::shared::Core;
use crate::{Ending, Output, Reason, Time, keep};

/// Ended particles that are remembered, so that late copies do not run again. At the bound the
/// ones that are over longest are forgotten first.
const TOMBSTONES: usize = 1 << 20;

/// Milliseconds for which an answer waits for others of its particle that are under way.
const GATHERING: u64 = 1;

/// The particles of a peer.
#[derive(Debug, Default)]
pub(crate) struct Particles {
    live: BTreeMap<ParticleId, Box<Particle>>,
    ends: BTreeSet<(u64, ParticleId)>,
    tombs: BTreeMap<ParticleId, u64>,
    tomb_ends: BTreeSet<(u64, ParticleId)>,
    /// Those whose fuel was used up, in the order in which that happened; initiators take turns.
    hungry: Rounds<(u64, ParticleId)>,
    /// How often that happened.
    starved: u64,
    /// When to ask again for what did not come.
    asking: BTreeSet<(Time, ParticleId)>,
    /// When what answers gave leaves, although others are still under way.
    gathering: BTreeSet<(Time, ParticleId)>,
}

impl Particles {
    pub(crate) fn get(&mut self, id: &ParticleId) -> Option<&mut Particle> {
        self.live.get_mut(id).map(|particle| &mut **particle)
    }

    pub(crate) fn look(&self, id: &ParticleId) -> Option<&Particle> {
        self.live.get(id).map(|particle| &**particle)
    }

    pub(crate) fn ids(&self) -> Vec<ParticleId> {
        self.live.keys().copied().collect()
    }

    pub(crate) fn is_buried(&self, id: &ParticleId) -> bool {
        self.tombs.contains_key(id)
    }

    /// A new particle, if there is room: its header, and the bytes of that as an item.
    ///
    /// # Errors
    ///
    /// [`Reason::Overloaded`].
    pub(crate) fn admit(
        &mut self,
        core: &mut Core,
        id: ParticleId,
        header: Arc<SignedHeader>,
        bytes: Vec<u8>,
    ) -> Result<(), Refusal> {
        let limits = &core.config.limits;
        let initiator = header.header.initiator;
        let of_initiator = core.accounts.get(&initiator).particles;
        if self.live.len() >= limits.particles {
            let detail = format!("{} particles live here", self.live.len());
            return Err(Refusal::new(Reason::Overloaded, detail));
        }
        if of_initiator >= limits.particles_per_initiator {
            let detail = format!("{of_initiator} particles of {initiator} live here");
            return Err(Refusal::new(Reason::Overloaded, detail));
        }
        core.change(keep::header(&id, bytes));
        self.insert(core, Particle::new(id, header));
        Ok(())
    }

    pub(crate) fn insert(&mut self, core: &mut Core, particle: Particle) {
        core.accounts.change(particle.initiator(), |account| account.particles += 1);
        self.ends.insert((particle.deadline(), particle.id));
        self.live.insert(particle.id, Box::new(particle));
    }

    /// Goes on with a particle, unless its initiator has used up what it may.
    pub(crate) fn settle(&mut self, core: &mut Core, id: &ParticleId) -> Settled {
        let Some(particle) = self.live.get_mut(id) else { return Settled::Quiet };
        let initiator = particle.initiator();
        let limits = &core.config.limits;
        let settled = if core.accounts.may_run(&initiator, core.now, limits) > core.now {
            Settled::Hungry
        } else {
            settle(core, particle)
        };
        if settled == Settled::Hungry && particle.hungry.is_none() {
            self.starved += 1;
            particle.hungry = Some(self.starved);
            self.hungry.insert(initiator, (self.starved, *id));
        }
        settled
    }

    /// Goes on with a particle whose service answered. While others are under way, what comes of
    /// it waits for [`GATHERING`]: answers that come together leave together.
    pub(crate) fn answered(&mut self, core: &mut Core, id: &ParticleId) {
        let Some(particle) = self.live.get_mut(id) else { return };
        if particle.gathers.is_none() && particle.open_calls().0 > 0 {
            let until = core.now.after(GATHERING);
            particle.gathers = Some(until);
            self.gathering.insert((until, *id));
        }
        self.settle(core, id);
    }

    /// Goes on with those that have gathered long enough.
    pub(crate) fn gathered(&mut self, core: &mut Core) {
        while let Some((until, id)) = self.gathering.first().copied()
            && until <= core.now
        {
            self.gathering.remove(&(until, id));
            self.settle(core, &id);
        }
    }

    /// Whether something gathers.
    pub(crate) fn gathers(&self) -> bool {
        !self.gathering.is_empty()
    }

    /// Goes on with one of those whose fuel was used up.
    pub(crate) fn feed(&mut self, core: &mut Core) {
        let may =
            |of: &PeerId| core.accounts.may_run(of, core.now, &core.config.limits) <= core.now;
        let Some((initiator, place)) = self.hungry.peek(may) else { return };
        self.hungry.serve(initiator, &place);
        let (_, id) = place;
        if let Some(particle) = self.live.get_mut(&id) {
            particle.hungry = None;
            self.settle(core, &id);
        }
    }

    /// When one of those can go on.
    fn fed_at(&self, core: &Core) -> Option<Time> {
        let may = |of: &PeerId| core.accounts.may_run(of, core.now, &core.config.limits);
        self.hungry.owners().map(may).min()
    }

    pub(crate) const fn hungry(&self) -> usize {
        self.hungry.len()
    }

    pub(crate) const fn is_hungry(&self) -> bool {
        !self.hungry.is_empty()
    }

    /// Goes on with those that waited to hear whether a neighbour can be reached.
    pub(crate) fn reached(&mut self, core: &mut Core, peer: PeerId) {
        for id in core.probing.remove(&peer).unwrap_or_default() {
            self.settle(core, &id);
        }
    }

    /// Hands calls to their services, as many as there is room for.
    pub(crate) fn hand_out(&mut self, core: &mut Core) {
        while let Some(id) = core.calls.next(&mut core.accounts, &core.config.limits) {
            if let Some(particle) = self.live.get_mut(&id) {
                make_call(core, particle);
            }
        }
    }

    /// What was asked for is asked of another if it does not come.
    pub(crate) fn ask_again(&mut self, core: &Core, id: ParticleId) {
        self.asking.insert((core.now.after(PATIENCE), id));
    }

    /// Asks again for what did not come.
    pub(crate) fn ask_others(&mut self, core: &mut Core) {
        while let Some((then, id)) = self.asking.first().copied().filter(|(at, _)| *at <= core.now)
        {
            self.asking.remove(&(then, id));
            let particle = self.live.get_mut(&id);
            if particle.is_some_and(|particle| lacking::again(core, particle)) {
                self.ask_again(core, id);
            }
        }
    }

    /// Buries what is over, and forgets graves that are old enough.
    pub(crate) fn bury(&mut self, core: &mut Core, now: Time) {
        while let Some((end, id)) = self.ends.first().copied().filter(|(end, _)| *end < now.0) {
            self.ends.remove(&(end, id));
            self.end(core, id, end);
        }
        let full = self.tombs.len() > TOMBSTONES;
        while let Some((until, id)) =
            self.tomb_ends.first().copied().filter(|(until, _)| *until < now.0 || full)
        {
            self.tomb_ends.remove(&(until, id));
            self.tombs.remove(&id);
            core.change(keep::forgotten(&id));
            if until >= now.0 && self.tombs.len() <= TOMBSTONES {
                break;
            }
        }
    }

    fn end(&mut self, core: &mut Core, id: ParticleId, end: u64) {
        let Some(mut particle) = self.live.remove(&id) else { return };
        let header = &particle.header.header;
        let (initiator, program) = (header.initiator, header.program);
        if let Some(number) = particle.hungry {
            self.hungry.remove(initiator, &(number, id));
        }
        let bytes = particle.bytes;
        core.accounts.change(initiator, |account| {
            account.particles = account.particles.saturating_sub(1);
            account.bytes = account.bytes.saturating_sub(bytes);
        });
        core.calls.forget(initiator, &id);
        core.calls.ended(&mut core.accounts, initiator, particle.open_calls().0);
        for (key, call) in particle.made_calls().iter().flat_map(|calls| calls.under_way.iter()) {
            core.calls.in_time(call.ends, id, *key);
            core.gate.say(Output::Cancel { particle: id, key: *key });
        }
        if initiator == core.me && !particle.done {
            let waiting = particle.run.as_deref().map(Run::waiting).unwrap_or_default();
            finish(core, &mut particle, Ending::Expired { waiting });
        }
        if particle.run.is_some() && core.programs.release(&program) {
            core.change(keep::no_program(&program));
        }
        let until = end.saturating_add(core.config.limits.skew.saturating_mul(2));
        keep::buried(&id, until).into_iter().for_each(|change| core.change(change));
        self.mark_buried(id, until);
    }

    pub(crate) fn mark_buried(&mut self, id: ParticleId, until: u64) {
        self.tombs.insert(id, until);
        self.tomb_ends.insert((until, id));
    }

    /// When the next particle ends or goes on, or a grave is forgotten.
    pub(crate) fn deadline(&self, core: &Core) -> Option<Time> {
        let end = self.ends.first().map(|(end, _)| *end);
        let tomb = self.tomb_ends.first().map(|(until, _)| *until);
        let over = end.into_iter().chain(tomb).min().map(|end| Time(end).after(1));
        let ask = self.asking.first().map(|(then, _)| *then);
        let gathered = self.gathering.first().map(|(until, _)| *until);
        over.into_iter().chain(self.fed_at(core)).chain(ask).chain(gathered).min()
    }
}
