//! What all particles of a peer share: keys, links, programs, the store.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use aquac_ir::{ParticleId, PeerId};

use crate::account::{Account, Accounts};
use crate::admit::Refusal;
use crate::calls::Calls;
use crate::departing::Share;
use crate::gate::Gate;
use crate::link::{Forwarded, Link, Parcel};
use crate::load::Load;
use crate::owed::Owed;
use crate::particle::Particle;
use crate::policy::Policy;
use crate::programs::Programs;
use crate::store::Change;
use crate::wire::{Ack, Frame, FrameId, MAX_LIST, Nack, Push, encode};
use crate::{Config, Durability, Keys, Lane, Output, Reason, Report, Time, keep};

/// Neighbours that are remembered although nothing is left to do for them. Above it they are
/// forgotten: a parcel of theirs that comes twice is then processed twice, which changes nothing.
const IDLE_LINKS: usize = 1024;

/// Peers of which it is remembered that a neighbour does not forward to them. At the bound all are
/// forgotten, and it is heard again.
const UNRELAYED: usize = 4096;

/// How much a peer has done: grows only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Inputs that were handled.
    pub inputs: u64,
    /// Times that a run went on.
    pub steps: u64,
    /// Turns that were signed here.
    pub turns: u64,
    /// Calls that were handed to services.
    pub calls: u64,
    /// Frames that left, with their bytes: parcels, chunks, acknowledgements and all.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What all particles share.
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) keys: Keys,
    pub(crate) me: PeerId,
    pub(crate) gate: Gate,
    pub(crate) links: BTreeMap<PeerId, Link>,
    pub(crate) programs: Programs,
    pub(crate) policy: Box<dyn Policy + Send>,
    pub(crate) counters: Counters,
    pub(crate) owed: Owed,
    pub(crate) load: Load,
    pub(crate) calls: Calls,
    /// Runs that wait to hear whether a neighbour can be reached.
    pub(crate) probing: BTreeMap<PeerId, BTreeSet<ParticleId>>,
    /// Neighbours that do not forward to these peers, as they said.
    pub(crate) unrelayed: BTreeSet<(PeerId, PeerId)>,
    pub(crate) accounts: Accounts,
    /// What the host's clock said last.
    pub(crate) now: Time,
    /// Nothing new is taken.
    pub(crate) closing: bool,
    next_frame: u64,
    /// Links to which something happened since the last flush.
    touched: BTreeSet<PeerId>,
    /// When something must happen on a link, both ways round.
    due: BTreeSet<(Time, PeerId)>,
    due_of: BTreeMap<PeerId, Time>,
}

impl Core {
    pub(crate) fn new(config: Config, keys: Keys, policy: Box<dyn Policy + Send>) -> Self {
        let me = keys.signer.peer();
        let gate = Gate::new(config.durability);
        Self {
            config,
            keys,
            me,
            gate,
            links: BTreeMap::new(),
            programs: Programs::default(),
            policy,
            counters: Counters::default(),
            owed: Owed::default(),
            load: Load::default(),
            calls: Calls::default(),
            probing: BTreeMap::new(),
            unrelayed: BTreeSet::new(),
            accounts: Accounts::new(me),
            now: Time::default(),
            closing: false,
            next_frame: 1,
            touched: BTreeSet::new(),
            due: BTreeSet::new(),
            due_of: BTreeMap::new(),
        }
    }

    pub(crate) fn frame_id(&mut self) -> FrameId {
        let id = FrameId(self.next_frame);
        self.next_frame += 1;
        id
    }

    /// Puts a stored parcel back; its number is not given again.
    pub(crate) fn put_back(&mut self, to: PeerId, id: FrameId, parcel: Parcel) {
        self.next_frame = self.next_frame.max(id.0 + 1);
        self.link(to).queue(id, parcel.put_back());
    }

    /// A neighbour to whom something is about to happen.
    pub(crate) fn link(&mut self, peer: PeerId) -> &mut Link {
        self.touched.insert(peer);
        self.links.entry(peer).or_default()
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.gate.change(change);
    }

    /// Makes what is only needed if this peer stores.
    pub(crate) fn keeps<T>(&self, make: impl FnOnce() -> T) -> Option<T> {
        match self.config.durability {
            Durability::Stored => Some(make()),
            Durability::Volatile => None,
        }
    }

    /// Whether so many bytes more of a run may be kept.
    ///
    /// # Errors
    ///
    /// [`Reason::TooLarge`] or [`Reason::Overloaded`].
    pub(crate) fn room(&self, particle: &Particle, bytes: usize) -> Result<(), Refusal> {
        let limits = &self.config.limits;
        if particle.bytes.saturating_add(bytes) > limits.bytes_per_particle {
            let detail = format!("{} bytes of this run are here", particle.bytes);
            return Err(Refusal::new(Reason::TooLarge, detail));
        }
        let kept = self.accounts.get(&particle.initiator()).bytes;
        if kept.saturating_add(bytes) > limits.bytes_per_initiator {
            let detail = format!("{kept} bytes of {} are here", particle.initiator());
            return Err(Refusal::new(Reason::Overloaded, detail));
        }
        Ok(())
    }

    /// So many bytes more of a run are kept.
    pub(crate) fn keep_bytes(&mut self, particle: &mut Particle, bytes: usize) {
        particle.bytes = particle.bytes.saturating_add(bytes);
        let more = |account: &mut Account| account.bytes = account.bytes.saturating_add(bytes);
        self.accounts.change(particle.initiator(), more);
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.gate.say(Output::Report(report));
    }

    pub(crate) fn dropped(
        &mut self,
        reason: Reason,
        particle: Option<ParticleId>,
        from: Option<PeerId>,
        detail: impl Into<String>,
    ) {
        self.report(Report::Dropped { reason, particle, from, detail: detail.into() });
    }

    /// A neighbour has made something malformed. With too much of it the neighbour is shut out.
    pub(crate) fn malformed(&mut self, by: PeerId) {
        let most = self.config.limits.malformed_frames;
        let until = self.now.after(self.config.limits.shut_out);
        if self.link(by).count_malformed(most, until) {
            let detail = format!("more than {most} frames or parcels of it are malformed");
            self.dropped(Reason::ShutOut, None, Some(by), detail);
            self.gate.say(Output::HangUp { peer: by });
        }
    }

    /// Queues a parcel for a neighbour, durably.
    pub(crate) fn post(
        &mut self,
        to: PeerId,
        push: Push,
        forwarded: Option<Forwarded>,
        initiator: PeerId,
    ) -> FrameId {
        let id = push.id;
        let destinations = push.destinations(to);
        let (particle, expires) = (push.particle, push.expires);
        let bytes = encode(&Frame::Push(push));
        let parcel = Parcel::new(particle, expires, destinations, forwarded, initiator, bytes);
        if let Some(change) = self.keeps(|| keep::parcel(&to, id, &parcel)) {
            self.change(change);
        }
        self.link(to).queue(id, parcel);
        id
    }

    /// What was forwarded is with the next neighbour, or given up.
    pub(crate) fn settled(&mut self, of: Option<Forwarded>, behind: PeerId) {
        let Some(of) = of else { return };
        if self.owed.settle(of, behind) {
            self.link(of.from).acks.push(of.id);
        }
    }

    /// A neighbour does not forward to this peer. It may be another one after it was away.
    pub(crate) fn not_relayed(&mut self, by: PeerId, to: PeerId) {
        if self.unrelayed.len() >= UNRELAYED {
            self.unrelayed.clear();
        }
        self.unrelayed.insert((by, to));
    }

    /// Says something small to a neighbour whose link is up.
    pub(crate) fn control(&mut self, to: PeerId, frame: &Frame) {
        let bytes = encode(frame);
        self.send(to, Lane::Control, bytes);
    }

    fn send(&mut self, to: PeerId, lane: Lane, bytes: Vec<u8>) {
        self.counters.frames += 1;
        self.counters.bytes += bytes.len() as u64;
        self.gate.say(Output::Send { to, lane, bytes });
    }

    /// Refuses a neighbour's parcel, or part of it.
    pub(crate) fn refuse(
        &mut self,
        to: Forwarded,
        destination: PeerId,
        refusal: Reason,
        retry: u32,
    ) {
        let nack = Nack { parcel: to.id, destination, reason: refusal, retry_after: retry };
        self.control(to.from, &Frame::Nack(nack));
    }

    /// Says something that promises nothing to a neighbour whose link is up.
    fn say_now(&mut self, to: PeerId, frame: &Frame) {
        let bytes = encode(frame);
        self.counters.frames += 1;
        self.counters.bytes += bytes.len() as u64;
        self.gate.say_now(Output::Send { to, lane: Lane::Control, bytes });
    }

    /// Tells the neighbours when they may send less, or more again.
    pub(crate) fn weigh(&mut self, hungry: usize) {
        let load = self.load.after(self.gate.held() + hungry);
        if load == self.load {
            return;
        }
        self.load = load;
        let up = self.links.iter().filter(|(_, link)| link.up).map(|(peer, _)| *peer);
        for peer in up.collect::<Vec<_>>() {
            self.say_now(peer, &Frame::Credit(load.credit()));
        }
    }

    /// Sends what may leave, and asks for the connections that this needs.
    pub(crate) fn flush(&mut self, now: Time) {
        self.touched.extend(self.due_links(now));
        while let Some(peer) = self.touched.pop_first() {
            self.flush_link(peer, now);
        }
        self.forget_idle_links();
    }

    fn flush_link(&mut self, peer: PeerId, now: Time) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        let dial = link.wants_dial(now);
        let acks = if link.up { mem::take(&mut link.acks) } else { Vec::new() };
        let departing = link.depart(now);
        let next = link.deadline();
        self.schedule(peer, next);
        for acks in acks.chunks(MAX_LIST) {
            self.control(peer, &Frame::Ack(Ack(acks.to_vec())));
        }
        for together in departing {
            for Share { particle, forwarded, bytes } in together.shares.iter().copied() {
                self.report(Report::Sent { to: peer, particle, bytes, forwarded });
            }
            for frame in together.frames() {
                self.send(peer, Lane::Bulk, frame);
            }
        }
        if dial {
            self.gate.say(Output::Dial { peer });
        }
    }

    fn schedule(&mut self, peer: PeerId, next: Option<Time>) {
        let before = match next {
            Some(next) => self.due_of.insert(peer, next),
            None => self.due_of.remove(&peer),
        };
        if let Some(before) = before {
            self.due.remove(&(before, peer));
        }
        self.due.extend(next.map(|next| (next, peer)));
    }

    /// When something must happen on a link.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.due.first().map(|(then, _)| *then)
    }

    /// Neighbours whose links have something to do now.
    pub(crate) fn due_links(&self, now: Time) -> Vec<PeerId> {
        self.due.iter().take_while(|(then, _)| *then <= now).map(|(_, peer)| *peer).collect()
    }

    fn forget_idle_links(&mut self) {
        if self.links.len() > IDLE_LINKS {
            let now = self.now;
            let idle = self.links.values().filter(|link| link.is_idle(now)).count();
            if idle > IDLE_LINKS {
                self.links.retain(|_, link| !link.is_idle(now));
            }
        }
    }
}
