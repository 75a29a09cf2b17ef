//! The state machine: inputs in, outputs out.

use std::mem;
use std::sync::Arc;

use aquac_ir::{
    CallResult, Digest, Domain, Fault, Header, IdempotencyKey, Limits, Nonce, ParticleId, PeerId,
    Value,
};
use aquac_vm::{Receipt, Run, SaltedValue, Standing, Waiting, sign_header};

use crate::admit::{Refusal, start_run};
use crate::particles::Particles;
use crate::policy::{AllowAll, Policy};
use crate::shared::{Core, Counters};
use crate::wire::{header_bytes, value_bytes};
use crate::{
    Config, Durability, Input, Keys, Output, PeerLimits, Reason, Report, Start, Time, keep, receive,
};

/// One participant of a network.
pub struct Peer {
    pub(crate) core: Core,
    pub(crate) particles: Particles,
    stopping: Stopping,
    /// Runs whose results the host was handed since the last input.
    handed: Vec<ParticleId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopping {
    No,
    Asked,
    Said,
}

/// What a peer is doing right now. All zero: nothing will happen before something arrives or a
/// time is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// Calls whose services have not answered.
    pub calls: usize,
    /// Parcels that a neighbour has not acknowledged.
    pub parcels: usize,
    /// Batches that are not stored, or runs that have used up their fuel.
    pub unfinished: usize,
}

impl Activity {
    /// Nothing is under way.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        self.calls == 0 && self.parcels == 0 && self.unfinished == 0
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Peer").field(&self.core.me).finish()
    }
}

impl Peer {
    /// A peer that knows nothing yet and allows every call.
    #[must_use]
    pub fn new(config: Config, keys: Keys) -> Self {
        Self::with_policy(config, keys, Box::new(AllowAll))
    }

    /// A peer with a policy.
    #[must_use]
    pub fn with_policy(config: Config, keys: Keys, policy: Box<dyn Policy + Send>) -> Self {
        Self {
            core: Core::new(config, keys, policy),
            particles: Particles::default(),
            stopping: Stopping::No,
            handed: Vec::new(),
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> PeerId {
        self.core.me
    }

    /// A particle that begins here now, signed. The nonce must never have been used before.
    #[must_use]
    pub fn draft(
        &self,
        now: Time,
        program: Vec<u8>,
        args: Vec<Value>,
        nonce: Nonce,
        ttl: u32,
        limits: Limits,
    ) -> Start {
        let signer = &*self.core.keys.signer;
        let args: Vec<SaltedValue> = (0..)
            .zip(args)
            .map(|(index, value)| SaltedValue::argument(signer, &nonce, index, value))
            .collect();
        let header = Header {
            version: Header::VERSION,
            network: self.core.config.network.clone(),
            initiator: self.core.me,
            relay: self.core.config.relay,
            program: Digest::of(Domain::Program, &[&program]),
            args: args.iter().map(SaltedValue::digest).collect(),
            nonce,
            issued_at: now.0,
            ttl,
            limits,
        };
        Start { header: sign_header(header, signer), program, args }
    }

    /// Takes one input. Never blocks, never fails: bad input becomes a report.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.core.counters.inputs += 1;
        self.core.now = self.core.now.max(now);
        for id in mem::take(&mut self.handed) {
            if self.particles.look(&id).is_some() {
                self.core.change(keep::done(&id));
            }
        }
        match input {
            Input::Connected { peer } => self.connected(now, peer),
            Input::Disconnected { peer } => self.core.link(peer).disconnected(),
            Input::Frame { from, bytes } => {
                receive::frame(&mut self.core, &mut self.particles, now, from, &bytes);
            }
            Input::Answer { particle, key, result } => self.answer(particle, key, result),
            Input::Start(start) => self.start(now, *start),
            Input::Stored { batch } => self.core.gate.stored(batch),
            Input::DialFailed { peer } => self.dial_failed(now, peer),
            Input::Limits(limits) => self.bound(now, *limits),
            Input::Tick => {}
            Input::Shutdown => {
                self.core.closing = true;
                self.stopping = Stopping::Asked;
            }
        }
        self.turn_time(now);
        self.core.flush(now);
        self.stop_when_done();
        self.core.gate.close();
        self.core.weigh(self.particles.hungry());
    }

    /// The next thing to do. Ask until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.core.gate.pop();
        if let Some(Output::Finished { particle, .. }) = &output {
            self.handed.push(*particle);
        }
        output
    }

    /// Say [`Input::Tick`] at the latest then.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let particles = self.particles.deadline(&self.core);
        let calls = self.core.calls.deadline();
        self.core.deadline().into_iter().chain(particles).chain(calls).min()
    }

    /// What is under way here.
    #[must_use]
    pub fn activity(&self) -> Activity {
        let unfinished = usize::from(self.core.gate.is_waiting())
            + usize::from(self.particles.is_hungry())
            + usize::from(self.particles.gathers())
            + self.core.probing.len();
        Activity {
            calls: self.core.calls.open(),
            parcels: self.core.links.values().map(|link| link.waiting().0).sum(),
            unfinished,
        }
    }

    /// Peers for whom parcels wait here, with how many.
    pub fn parcels(&self) -> impl Iterator<Item = (PeerId, usize)> {
        self.core
            .links
            .iter()
            .map(|(peer, link)| (*peer, link.waiting().0))
            .filter(|(_, parcels)| *parcels > 0)
    }

    /// What each unfinished step of a run waits for, as this peer sees it.
    #[must_use]
    pub fn waiting(&self, particle: &ParticleId) -> Vec<Waiting> {
        self.run(particle).map(Run::waiting).unwrap_or_default()
    }

    /// How a run stands, as this peer sees it; nothing if it does not know the run.
    #[must_use]
    pub fn standing(&self, particle: &ParticleId) -> Standing {
        self.run(particle).map(Run::standing).unwrap_or_default()
    }

    /// What this peer knows of a run, for receipts and tests.
    #[must_use]
    pub fn run(&self, particle: &ParticleId) -> Option<&Run> {
        self.particles.look(particle)?.run.as_deref()
    }

    /// The receipt of a run, sealed by this peer: only its initiator's seal is accepted.
    #[must_use]
    pub fn receipt(&self, particle: &ParticleId) -> Option<Receipt> {
        self.run(particle).map(|run| Receipt::seal(run, &*self.core.keys.signer))
    }

    /// The runs that live here.
    #[must_use]
    pub fn particles(&self) -> Vec<ParticleId> {
        self.particles.ids()
    }

    /// How much was done so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.core.counters
    }

    fn turn_time(&mut self, now: Time) {
        while let Some((particle, key)) = self.core.calls.too_slow(now) {
            self.too_slow(particle, key);
        }
        self.particles.feed(&mut self.core);
        self.particles.gathered(&mut self.core);
        self.particles.ask_others(&mut self.core);
        for peer in self.core.due_links(now) {
            for (id, parcel) in self.core.link(peer).expired(now) {
                self.core.change(keep::no_parcel(&peer, id));
                let detail = format!("{peer} did not acknowledge it in time");
                self.core.dropped(Reason::Expired, Some(parcel.particle), None, detail);
                self.core.settled(parcel.forwarded, peer);
                for destination in parcel.destinations {
                    if let Some(handle) = parcel.forwarded {
                        self.core.refuse(handle, destination, Reason::Expired, 0);
                    }
                }
            }
        }
        self.particles.bury(&mut self.core, now);
        self.particles.hand_out(&mut self.core);
    }

    fn answer(&mut self, id: ParticleId, key: IdempotencyKey, result: CallResult) {
        let Some(particle) = self.particles.get(&id) else { return };
        let Some(call) = particle.calls().under_way.remove(&key) else { return };
        let core = &mut self.core;
        core.calls.ended(&mut core.accounts, particle.initiator(), 1);
        core.calls.in_time(call.ends, id, key);
        let weight = result.as_ref().map_or(0, Value::weight);
        let room = core.room(particle, weight);
        let Some(run) = &mut particle.run else { return };
        let signer = &*core.keys.signer;
        let resolved = match room {
            Ok(()) => run.resolve(&call.position, result, signer),
            Err(refusal) => {
                let fault = Fault::new(refusal.reason.fault(), refusal.detail.as_str());
                core.dropped(refusal.reason, Some(id), None, refusal.detail);
                run.fail(&call.position, fault, &*core.keys.signer)
            }
        };
        if let Err(error) = resolved {
            core.dropped(Reason::Duplicate, Some(id), None, error.to_string());
        }
        core.keep_bytes(particle, weight);
        self.particles.answered(core, &id);
    }

    /// A service did not answer in time: its step fails.
    fn too_slow(&mut self, id: ParticleId, key: IdempotencyKey) {
        let Some(particle) = self.particles.get(&id) else { return };
        let Some(call) = particle.calls().under_way.remove(&key) else { return };
        let core = &mut self.core;
        core.calls.ended(&mut core.accounts, particle.initiator(), 1);
        core.gate.say(Output::Cancel { particle: id, key });
        let most = core.config.limits.call_time;
        let why = format!("the service did not answer within {most} ms");
        let fault = Fault::new(Reason::Expired.fault(), why.as_str());
        core.dropped(Reason::Expired, Some(id), None, why);
        if let Some(run) = &mut particle.run {
            // The step is pending: its call was under way.
            drop(run.fail(&call.position, fault, &*core.keys.signer));
        }
        self.particles.answered(core, &id);
    }

    /// Other bounds hold from now on; the neighbours are told of theirs.
    fn bound(&mut self, now: Time, limits: PeerLimits) {
        self.core.config.limits = limits;
        let hello = receive::hello(&self.core, now);
        let up = self.core.links.iter().filter(|(_, link)| link.up).map(|(peer, _)| *peer);
        for peer in up.collect::<Vec<_>>() {
            self.core.control(peer, &hello);
        }
    }

    fn start(&mut self, now: Time, start: Start) {
        let id = start.header.header.id();
        if let Err(refusal) = self.try_start(now, id, start) {
            self.core.dropped(refusal.reason, Some(id), None, refusal.detail);
        }
    }

    fn connected(&mut self, now: Time, peer: PeerId) {
        if self.core.link(peer).is_shut_out(now) {
            let detail = "too much of what it sent before was malformed";
            self.core.dropped(Reason::ShutOut, None, Some(peer), detail);
            self.core.gate.say(Output::HangUp { peer });
            return;
        }
        self.core.link(peer).connected();
        self.core.unrelayed.retain(|(by, _)| *by != peer);
        let hello = receive::hello(&self.core, now);
        self.core.control(peer, &hello);
        self.particles.reached(&mut self.core, peer);
    }

    fn dial_failed(&mut self, now: Time, peer: PeerId) {
        let link = self.core.link(peer);
        link.dial_failed(now);
        let (parcels, _) = link.waiting();
        self.core.report(Report::Unreachable { peer, parcels });
        self.particles.reached(&mut self.core, peer);
    }

    fn stop_when_done(&mut self) {
        if self.stopping != Stopping::Asked {
            return;
        }
        let activity = self.activity();
        let kept = match self.core.config.durability {
            Durability::Stored => 0,
            Durability::Volatile => activity.parcels,
        };
        if activity.calls == 0 && kept == 0 {
            self.stopping = Stopping::Said;
            self.core.gate.say(Output::Ended);
        }
    }

    fn try_start(&mut self, now: Time, id: ParticleId, start: Start) -> Result<(), Refusal> {
        if start.header.header.initiator != self.core.me {
            return Err(Refusal::new(Reason::Denied, "somebody else's particle begins elsewhere"));
        }
        if self.stopping != Stopping::No {
            return Err(Refusal::new(Reason::ShuttingDown, "this peer is shutting down"));
        }
        if start.header.header.deadline() < now.0 {
            return Err(Refusal::new(Reason::Expired, "it has ended before it began"));
        }
        let digest = Digest::of(Domain::Program, &[&start.program]);
        if digest != start.header.header.program {
            return Err(Refusal::new(Reason::BadProgram, "it is not the program of the header"));
        }
        if self.core.programs.get(&digest).is_none() {
            self.core
                .programs
                .add(&start.program)
                .map_err(|error| Refusal::new(Reason::BadProgram, error.to_string()))?;
        }
        check_arguments(&start)?;
        let bytes = header_bytes(&start.header);
        self.particles.admit(&mut self.core, id, Arc::new(start.header), bytes)?;
        let Some(particle) = self.particles.get(&id) else { return Ok(()) };
        start_run(&mut self.core, particle);
        for arg in &start.args {
            let change = self.core.keeps(|| keep::value(&id, &arg.digest(), value_bytes(arg)));
            change.into_iter().for_each(|change| self.core.change(change));
        }
        if let Some(run) = &mut particle.run {
            run.absorb([], start.args, &*self.core.keys.verifier);
        }
        self.particles.settle(&mut self.core, &id);
        Ok(())
    }
}

/// Whether these are the arguments of the header, none larger than the run allows.
fn check_arguments(start: &Start) -> Result<(), Refusal> {
    let header = &start.header.header;
    let most = header.limits.value_bytes as usize;
    let sizes = start.args.iter().map(|arg| arg.value.to_bytes().len());
    if let Some((number, size)) = (1..).zip(sizes).find(|(_, size)| *size > most) {
        let detail = format!("argument {number} has {size} bytes, the run allows {most}");
        return Err(Refusal::new(Reason::TooLarge, detail));
    }
    if start.args.iter().map(SaltedValue::digest).eq(header.args.iter().copied()) {
        Ok(())
    } else {
        Err(Refusal::new(Reason::WrongValue, "these are not the arguments of the header"))
    }
}
