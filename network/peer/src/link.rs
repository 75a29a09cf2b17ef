//! One neighbour: what waits for it, what it has not acknowledged, what it said.
//!
//! Parcels leave in turns of those on whose account they go, in the order of their numbers, as
//! many as the neighbour's credit allows, and
//! stay here until it acknowledges them: after a lost connection they go again. The receiver
//! knows what it had already by number and hash.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aquac_ir::{ParticleId, PeerId};

use crate::assembly::Assembly;
use crate::departing::Departing;
use crate::rounds::Rounds;
use crate::wire::{Credit, FrameId};
use crate::{Reason, Time};

/// Parcels of a neighbour that are remembered to recognise one that comes twice. An older one is
/// processed again, which changes nothing.
const HEARD: usize = 4096;

/// Parcels that are remembered after they were acknowledged, so that a late refusal by a peer
/// further on can be told to whom it concerns. Older ones are forgotten: nobody is told.
const SETTLED: usize = 4096;

/// An acknowledgement that does not come for this long makes a parcel go again, doubling up to
/// [`RESEND_MOST`]. A connection that is lost does so at once.
const RESEND_FIRST: u64 = 1_000;
/// See [`RESEND_FIRST`].
const RESEND_MOST: u64 = 4_000;

/// After a failed dial the next waits this long, doubling up to [`REDIAL_MOST`].
const REDIAL_FIRST: u64 = 100;
/// See [`REDIAL_FIRST`].
const REDIAL_MOST: u64 = 10_000;

/// The link over which a forwarded parcel came, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Forwarded {
    pub(crate) from: PeerId,
    pub(crate) id: FrameId,
}

/// A parcel on its way to a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) particle: ParticleId,
    pub(crate) expires: u64,
    /// For whom something in it is.
    pub(crate) destinations: BTreeSet<PeerId>,
    /// Somebody else's parcel, which this peer only forwards.
    pub(crate) forwarded: Option<Forwarded>,
    /// On whose account it goes: the run's initiator, or the neighbour for whom it is forwarded.
    /// They take turns.
    pub(crate) of: PeerId,
    /// The whole frame.
    pub(crate) bytes: Vec<u8>,
    state: State,
    /// How often it left over the present connection.
    times: u32,
    /// It may have left over an earlier one.
    again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// May leave.
    Ready,
    /// The neighbour asked not to be bothered with it before.
    Postponed(Time),
    /// Left; leaves again if it is not acknowledged before.
    Flying(Time),
}

impl Parcel {
    pub(crate) fn new(
        particle: ParticleId,
        expires: u64,
        destinations: BTreeSet<PeerId>,
        forwarded: Option<Forwarded>,
        initiator: PeerId,
        bytes: Vec<u8>,
    ) -> Self {
        let of = forwarded.map_or(initiator, |forwarded| forwarded.from);
        let state = State::Ready;
        let (times, again) = (0, false);
        Self { particle, expires, destinations, forwarded, of, bytes, state, times, again }
    }

    /// It stood in the outbox of a peer that stopped since.
    pub(crate) const fn put_back(mut self) -> Self {
        self.again = true;
        self
    }

    fn settled(&self) -> Settled {
        Settled {
            particle: self.particle,
            destinations: self.destinations.clone(),
            forwarded: self.forwarded,
        }
    }
}

/// What is left of a parcel that the neighbour has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) particle: ParticleId,
    pub(crate) destinations: BTreeSet<PeerId>,
    pub(crate) forwarded: Option<Forwarded>,
}

/// What a refusal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The parcel, with the one destination that refused it.
    pub(crate) parcel: Settled,
    /// Whether it is gone from the outbox.
    pub(crate) gone: bool,
    /// It was for nobody else, and left once: no other copy is anywhere.
    pub(crate) left_once: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Dialing {
    #[default]
    No,
    /// The host was asked.
    Asked,
    /// The last try failed.
    After(Time),
}

/// Whether something can be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The link is up.
    Up,
    /// The last dial failed, and it is too early for another.
    Failed,
    /// Nobody has tried.
    Unknown,
}

/// One neighbour.
#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) up: bool,
    dialing: Dialing,
    /// A run wants to know whether it can be reached.
    pub(crate) is_probed: bool,
    failures: u32,
    credit: Credit,
    outbox: BTreeMap<FrameId, Parcel>,
    outbox_bytes: usize,
    /// Of the outbox: what may leave, what waits for a time, and when each expires.
    ready: Rounds<FrameId>,
    timers: BTreeSet<(Time, FrameId)>,
    expiries: BTreeSet<(u64, FrameId)>,
    /// Of the outbox: how many go on whose account.
    accounts: BTreeMap<PeerId, usize>,
    /// Of the outbox: what left over the present connection.
    flying: u32,
    flying_bytes: usize,
    settled: BTreeMap<FrameId, Settled>,
    heard: BTreeMap<FrameId, u64>,
    heard_order: VecDeque<FrameId>,
    pub(crate) assembly: Assembly,
    /// To be said with the next flush.
    pub(crate) acks: Vec<FrameId>,
    /// Why nothing of this neighbour is taken: another network, another version.
    pub(crate) refused: Option<Reason>,
    /// Malformed frames and parcels that it has made.
    malformed: u32,
    /// Until when nothing is taken from it because of them.
    shut_out: Option<Time>,
}

impl Link {
    /// Nothing is left that a later connection would need.
    pub(crate) fn is_idle(&self, now: Time) -> bool {
        let done = self.outbox.is_empty() && self.acks.is_empty() && self.dialing == Dialing::No;
        !self.up && done && !self.is_shut_out(now)
    }

    /// Whether nothing is taken from this neighbour now.
    pub(crate) fn is_shut_out(&self, now: Time) -> bool {
        self.shut_out.is_some_and(|until| now < until)
    }

    /// It has made something malformed. With more than `most` of them it is shut out until then.
    /// Says whether that is so from now on.
    pub(crate) fn count_malformed(&mut self, most: u32, until: Time) -> bool {
        self.malformed = self.malformed.saturating_add(1);
        let too_many = self.malformed > most;
        if too_many {
            self.malformed = 0;
            self.shut_out = Some(until);
        }
        too_many
    }

    /// Parcels that the neighbour has not acknowledged, with their bytes.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        (self.outbox.len(), self.outbox_bytes)
    }

    /// How many of them go on this account, and on how many accounts they and it go.
    pub(crate) fn waiting_of(&self, of: &PeerId) -> (usize, usize) {
        match self.accounts.get(of) {
            Some(mine) => (*mine, self.accounts.len()),
            None => (0, self.accounts.len() + 1),
        }
    }

    pub(crate) fn parcel(&self, id: FrameId) -> Option<&Parcel> {
        self.outbox.get(&id)
    }

    pub(crate) fn connected(&mut self) {
        self.up = true;
        self.is_probed = false;
        self.dialing = Dialing::No;
        self.failures = 0;
        self.land_all();
    }

    pub(crate) fn disconnected(&mut self) {
        self.up = false;
        self.credit = Credit::default();
        self.assembly = Assembly::default();
        self.acks.clear();
        self.refused = None;
        self.land_all();
    }

    pub(crate) fn dial_failed(&mut self, now: Time) {
        self.is_probed = false;
        let wait = REDIAL_FIRST << self.failures.min(10);
        self.failures = self.failures.saturating_add(1);
        self.dialing = Dialing::After(now.after(wait.min(REDIAL_MOST)));
    }

    pub(crate) fn set_credit(&mut self, credit: Credit) {
        self.credit = credit;
    }

    /// What flew may go again at once: over a new connection.
    fn land_all(&mut self) {
        self.timers.clear();
        for (id, parcel) in &mut self.outbox {
            parcel.state = State::Ready;
            parcel.again |= parcel.times > 0;
            parcel.times = 0;
            self.ready.insert(parcel.of, *id);
        }
        self.flying = 0;
        self.flying_bytes = 0;
    }

    pub(crate) fn queue(&mut self, id: FrameId, parcel: Parcel) {
        self.outbox_bytes += parcel.bytes.len();
        self.expiries.insert((parcel.expires, id));
        self.ready.insert(parcel.of, id);
        *self.accounts.entry(parcel.of).or_default() += 1;
        self.outbox.insert(id, parcel);
    }

    /// Takes a parcel out of its present state.
    fn lift(&mut self, id: FrameId) {
        let Some(parcel) = self.outbox.get(&id) else { return };
        match parcel.state {
            State::Ready => self.ready.remove(parcel.of, &id),
            State::Postponed(then) => drop(self.timers.remove(&(then, id))),
            State::Flying(then) => {
                self.timers.remove(&(then, id));
                self.flying = self.flying.saturating_sub(1);
                self.flying_bytes = self.flying_bytes.saturating_sub(parcel.bytes.len());
            }
        }
    }

    /// Takes a parcel out of the outbox.
    fn remove(&mut self, id: FrameId) -> Option<Parcel> {
        self.lift(id);
        let parcel = self.outbox.remove(&id)?;
        self.outbox_bytes = self.outbox_bytes.saturating_sub(parcel.bytes.len());
        self.expiries.remove(&(parcel.expires, id));
        if let Some(count) = self.accounts.get_mut(&parcel.of) {
            *count -= 1;
            if *count == 0 {
                self.accounts.remove(&parcel.of);
            }
        }
        Some(parcel)
    }

    /// The neighbour has it. Gives what is left of it.
    pub(crate) fn acknowledged(&mut self, id: FrameId) -> Option<&Settled> {
        let Parcel { particle, destinations, forwarded, .. } = self.remove(id)?;
        if self.settled.len() >= SETTLED {
            self.settled.pop_first();
        }
        Some(
            self.settled
                .entry(id)
                .insert_entry(Settled { particle, destinations, forwarded })
                .into_mut(),
        )
    }

    /// The neighbour, or somebody behind it, refused it for this destination for good.
    pub(crate) fn refused(&mut self, id: FrameId, by: PeerId) -> Option<Refused> {
        let only = BTreeSet::from([by]);
        if let Some(parcel) = self.outbox.get_mut(&id) {
            let all = parcel.destinations.len();
            parcel.destinations.remove(&by).then_some(())?;
            let gone = parcel.destinations.is_empty();
            let left_once = all == 1 && parcel.times == 1 && !parcel.again;
            let settled = Settled { destinations: only, ..parcel.settled() };
            if gone {
                self.remove(id);
            }
            return Some(Refused { parcel: settled, gone, left_once });
        }
        let settled = self.settled.get_mut(&id)?;
        settled.destinations.remove(&by).then_some(())?;
        let parcel = Settled { destinations: only, ..settled.clone() };
        Some(Refused { parcel, gone: false, left_once: false })
    }

    /// The neighbour has no room for it now. Says whether the parcel is here.
    pub(crate) fn postpone(&mut self, id: FrameId, until: Time) -> bool {
        self.lift(id);
        let Some(parcel) = self.outbox.get_mut(&id) else { return false };
        parcel.state = State::Postponed(until);
        self.timers.insert((until, id));
        true
    }

    /// Takes out what nobody wants any more.
    pub(crate) fn expired(&mut self, now: Time) -> Vec<(FrameId, Parcel)> {
        let old: Vec<FrameId> =
            self.expiries.range(..(now.0, FrameId(0))).map(|(_, id)| *id).collect();
        old.into_iter().filter_map(|id| self.remove(id).map(|parcel| (id, parcel))).collect()
    }

    /// Whether this parcel was here before. It is remembered from now on.
    pub(crate) fn is_repeated(&mut self, id: FrameId, bytes: &[u8]) -> bool {
        let hash = hash_of(bytes);
        if self.heard.insert(id, hash) == Some(hash) {
            return true;
        }
        self.heard_order.push_back(id);
        if self.heard_order.len() > HEARD
            && let Some(oldest) = self.heard_order.pop_front()
        {
            self.heard.remove(&oldest);
        }
        false
    }

    /// Forgets that a parcel was here: it was refused, and may come again.
    pub(crate) fn unhear(&mut self, id: FrameId) {
        self.heard.remove(&id);
    }

    /// Whether something can be sent now.
    pub(crate) fn reach(&self, now: Time) -> Reach {
        match self.dialing {
            _ if self.is_shut_out(now) => Reach::Failed,
            _ if self.up => Reach::Up,
            Dialing::After(then) if then > now => Reach::Failed,
            Dialing::After(_) | Dialing::Asked | Dialing::No => Reach::Unknown,
        }
    }

    /// Whether the host must be asked for a connection now.
    pub(crate) fn wants_dial(&mut self, now: Time) -> bool {
        let due = match self.dialing {
            Dialing::No => true,
            Dialing::Asked => false,
            Dialing::After(then) => then <= now,
        };
        let due = due && !self.is_shut_out(now);
        let wanted = due && !self.up && (self.is_probed || !self.outbox.is_empty());
        if wanted {
            self.dialing = Dialing::Asked;
        }
        wanted
    }

    /// The parcels that may leave now.
    pub(crate) fn depart(&mut self, now: Time) -> Vec<Departing> {
        if !self.up {
            return Vec::new();
        }
        let due: Vec<FrameId> =
            self.timers.range(..=(now, FrameId(u64::MAX))).map(|(_, id)| *id).collect();
        for id in due {
            self.lift(id);
            if let Some(parcel) = self.outbox.get_mut(&id) {
                parcel.state = State::Ready;
                self.ready.insert(parcel.of, id);
            }
        }
        let mut departing: Vec<Departing> = Vec::new();
        while let Some((of, id)) = self.ready.peek(|_| true) {
            let Some(parcel) = self.outbox.get_mut(&id) else { break };
            let size = parcel.bytes.len();
            // One may always fly, or a neighbour could stop us for ever.
            let room = self.flying == 0
                || (self.flying < self.credit.parcels
                    && self.flying_bytes + size <= self.credit.bytes as usize);
            if !room {
                break;
            }
            let wait = (RESEND_FIRST << parcel.times.min(8)).min(RESEND_MOST);
            parcel.state = State::Flying(now.after(wait));
            parcel.times = parcel.times.saturating_add(1);
            self.timers.insert((now.after(wait), id));
            self.ready.serve(of, &id);
            self.flying += 1;
            self.flying_bytes += size;
            if !departing.last_mut().is_some_and(|last| last.add(id, parcel)) {
                let mut next = Departing::default();
                next.add(id, parcel);
                departing.push(next);
            }
        }
        departing
    }

    /// When something must happen here.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let expiry = self.expiries.first().map(|(expires, _)| Time(*expires).after(1));
        let timer = self.timers.first().map(|(then, _)| *then).filter(|_| self.up);
        let dial = match self.dialing {
            Dialing::After(then) if !self.up && !self.outbox.is_empty() => {
                Some(self.shut_out.map_or(then, |until| then.max(until)))
            }
            Dialing::No if !self.up && !self.outbox.is_empty() => self.shut_out,
            Dialing::After(_) | Dialing::Asked | Dialing::No => None,
        };
        [expiry, timer, dial].into_iter().flatten().min()
    }
}
/// Tells parcels with one number apart. A neighbour that makes two that it does not tell apart has
/// the second taken for the first, and could as well not have sent it.
fn hash_of(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let mix =
        |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let hash =
        words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}
