//! Many peers in virtual time.
//!
//! One queue of events in the order of time and of their making; one seed from which everything
//! that is left to chance is drawn. So a seed names a whole history, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::{
    Call, CallResult, IdempotencyKey, Limits, Nonce, ParticleId, PeerId, Value, development_seed,
};
use aquac_peer::vm::Run;
use aquac_peer::{
    Change, Config, Durability, Input, Keys, Output, Peer, PeerLimits, Reason, Relaying, Report,
    Time,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::adversary::{Equivocator, Liar, Tamper};
use crate::answer::Said;
use crate::fault::Fault;
use crate::names::Names;
use crate::network::{Rules, skewed};
use crate::node::{Disk, Node, Writing};
use crate::play::Event;
use crate::queue::Queue;
use crate::trace::Trace;

/// How peers sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// With the development key of their name.
    Ed25519,
    /// Not at all: for counting events where nobody lies.
    Unchecked,
}

impl Signing {
    /// The keys of the peer with this name.
    #[must_use]
    pub fn keys(self, name: &str) -> Keys {
        let keys = Keys::ed25519(development_seed(name));
        match self {
            Self::Ed25519 => keys,
            Self::Unchecked => Keys::unchecked(keys.signer.peer()),
        }
    }
}

/// Answers the calls of all peers.
pub trait Services {
    /// What the service on this peer says, and after how many milliseconds.
    fn answer(&mut self, peer: &str, call: &Call) -> Said;

    /// The same for services that want to know more of the run that asks, unless it is gone.
    fn answer_in(&mut self, peer: &str, call: &Call, run: Option<&Run>) -> Said {
        let _more = run;
        self.answer(peer, call)
    }
}

/// What a world is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The peers.
    pub peers: Vec<String>,
    /// Everything that is left to chance comes from it.
    pub seed: u64,
    /// When it begins, in milliseconds since 1970.
    pub start: Time,
    /// How peers sign.
    pub signing: Signing,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Peers that cannot be dialled, each with the relay to which it stays connected.
    pub clients: BTreeMap<String, String>,
    /// Peers that can be dialled and have a relay all the same: their runs leave through it.
    pub relays: BTreeMap<String, String>,
    /// Peers that store nothing.
    pub volatile: BTreeSet<String>,
    /// Bounds of each peer.
    pub limits: PeerLimits,
}

impl Setup {
    /// Peers that can all dial each other, and nothing goes wrong.
    #[must_use]
    pub fn new(peers: &[&str], seed: u64) -> Self {
        Self {
            peers: peers.iter().map(|name| (*name).to_owned()).collect(),
            seed,
            start: Time(1_700_000_000_000),
            signing: Signing::Ed25519,
            faults: Vec::new(),
            clients: BTreeMap::new(),
            relays: BTreeMap::new(),
            volatile: BTreeSet::new(),
            limits: PeerLimits::default(),
        }
    }
}

/// Why a simulation stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nothing is under way any more.
    Quiet,
    /// The time is over.
    Time,
    /// More events than were allowed.
    Events,
}

/// Many peers in virtual time.
pub struct World {
    /// Who is who.
    pub names: Names,
    /// What happened so far.
    pub trace: Trace,
    pub(crate) now: Time,
    pub(crate) start: Time,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) nodes: BTreeMap<PeerId, Node>,
    pub(crate) rules: Rules,
    pub(crate) services: Box<dyn Services>,
    pub(crate) tamper: Vec<Box<dyn Tamper>>,
    queue: Queue,
    /// Events in it because of which something is on its way.
    work: usize,
    pub(crate) made: u64,
    /// The list of the last peer's outputs, to be filled again.
    pub(crate) spare: Vec<Output>,
    /// Connections that are up, lower id first, each with its number.
    pub(crate) connections: BTreeMap<(PeerId, PeerId), u64>,
    /// When the last frame of each direction arrives: a stream keeps its order.
    pub(crate) arrives: BTreeMap<(PeerId, PeerId), Time>,
    pub(crate) answered: BTreeMap<(PeerId, IdempotencyKey), CallResult>,
}

impl World {
    /// A world whose peers know nothing yet.
    #[must_use]
    pub fn new(setup: &Setup, services: Box<dyn Services>) -> Self {
        let keys = setup.peers.iter().map(|name| (name.clone(), setup.signing.keys(name)));
        let names = Names::new(keys.map(|(name, keys)| (name, keys.signer.peer())));
        let mut world = Self {
            names,
            trace: Trace::default(),
            now: setup.start,
            start: setup.start,
            rng: ChaCha8Rng::seed_from_u64(setup.seed),
            nodes: BTreeMap::new(),
            rules: Rules::default(),
            services,
            tamper: Vec::new(),
            queue: Queue::default(),
            work: 0,
            made: 0,
            spare: Vec::new(),
            connections: BTreeMap::new(),
            arrives: BTreeMap::new(),
            answered: BTreeMap::new(),
        };
        for name in &setup.peers {
            world.add(setup, name);
        }
        for fault in &setup.faults {
            world.plan(fault);
        }
        let peers: Vec<PeerId> = world.nodes.keys().copied().collect();
        peers.into_iter().for_each(|peer| world.uplink(peer));
        world
    }

    fn add(&mut self, setup: &Setup, name: &str) {
        let Some(id) = self.names.id(name) else { return };
        let uplink = setup.clients.get(name).and_then(|relay| self.names.id(relay));
        let mut config = Config::new("sim");
        config.relay = uplink.or_else(|| self.names.id(setup.relays.get(name)?));
        config.relaying = Relaying::Everybody;
        config.limits = setup.limits.clone();
        if setup.volatile.contains(name) {
            config.durability = Durability::Volatile;
        }
        let peer = Peer::new(config.clone(), setup.signing.keys(name));
        let node = Node {
            name: name.to_owned(),
            config,
            signing: setup.signing,
            peer: Some(peer),
            disk: Disk::default(),
            life: 0,
            skew: 0,
            wake: None,
            uplink,
        };
        self.nodes.insert(id, node);
    }

    fn plan(&mut self, fault: &Fault) {
        match fault {
            Fault::Crash { at, crash } => self.plan_at(*at, crash, Event::Crash),
            Fault::Restart { at, restart } => self.plan_at(*at, restart, Event::Restart),
            Fault::Drop { drop } => self.rules.drops.push(drop.clone()),
            Fault::Duplicate { duplicate } => self.rules.duplicates.push(duplicate.clone()),
            Fault::Delay { delay } => self.rules.delays.push(delay.clone()),
            Fault::Partition { partition } => {
                self.at(self.start.after(partition.at), Event::Part);
                self.rules.partitions.push(partition.clone());
            }
            Fault::Skew { skew } => {
                if let Some(node) = self.node(&skew.peer) {
                    node.skew = skew.ms;
                }
            }
            Fault::TornWrite { torn_write } => {
                if let Some(node) = self.node(torn_write) {
                    node.disk.loses_what_it_writes();
                }
            }
            Fault::Lie { lie } => {
                if let Some(peer) = self.names.id(&lie.peer) {
                    self.tamper(Box::new(Liar::new(peer, &lie.service)));
                }
            }
            Fault::Equivocate { equivocate } => {
                if let Some(peer) = self.names.id(equivocate) {
                    let keys = Signing::Ed25519.keys(equivocate);
                    self.tamper(Box::new(Equivocator::new(peer, keys)));
                }
            }
        }
    }

    fn plan_at(&mut self, at: u64, name: &str, event: impl Fn(PeerId) -> Event) {
        if let Some(peer) = self.names.id(name) {
            self.at(self.start.after(at), event(peer));
        }
    }

    fn node(&mut self, name: &str) -> Option<&mut Node> {
        let id = self.names.id(name)?;
        self.nodes.get_mut(&id)
    }

    /// Adds somebody who changes what a peer says.
    pub fn tamper(&mut self, tamper: Box<dyn Tamper>) {
        self.tamper.push(tamper);
    }

    pub(crate) fn at(&mut self, time: Time, event: Event) {
        self.made += 1;
        self.work += usize::from(event.is_work());
        self.queue.add(time.max(self.now), self.made, event);
    }

    /// The next event happens, at this time.
    fn next_happens(&mut self, time: Time) {
        let Some(event) = self.queue.pop() else { return };
        self.work -= usize::from(event.is_work());
        self.now = time;
        self.happen(event);
    }

    /// Milliseconds since the beginning.
    #[must_use]
    pub const fn elapsed(&self) -> u64 {
        self.now.since(self.start)
    }

    /// A peer that is not crashed.
    #[must_use]
    pub fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.nodes.get(&id)?.peer.as_ref()
    }

    /// The peers that are not crashed.
    pub fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.nodes.values().filter_map(|node| node.peer.as_ref())
    }

    /// Starts a run at this peer now.
    pub fn run(
        &mut self,
        peer: PeerId,
        program: Vec<u8>,
        args: Vec<Value>,
        ttl: u32,
        limits: Limits,
    ) -> Option<ParticleId> {
        let start = self.draft(peer, program, args, ttl, limits)?;
        Some(self.begin(peer, start))
    }

    /// What [`World::run`] would begin with now.
    pub(crate) fn draft(
        &mut self,
        peer: PeerId,
        program: Vec<u8>,
        args: Vec<Value>,
        ttl: u32,
        limits: Limits,
    ) -> Option<aquac_peer::Start> {
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        let node = self.nodes.get(&peer)?;
        let now = skewed(self.now, node.skew);
        Some(node.peer.as_ref()?.draft(now, program, args, Nonce(nonce), ttl, limits))
    }

    /// Starts a run that this peer has signed elsewhere, for instance in a real network that is
    /// to be compared.
    pub fn begin(&mut self, peer: PeerId, start: aquac_peer::Start) -> ParticleId {
        let id = start.header.header.id();
        self.handle(peer, Input::Start(Box::new(start)));
        id
    }

    /// Gives a peer some bytes as if they had come from a neighbour.
    pub fn inject(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) {
        self.handle(to, Input::Frame { from, bytes });
    }

    /// Kills a peer now.
    pub fn crash(&mut self, peer: PeerId) {
        let Some(node) = self.nodes.get_mut(&peer) else { return };
        if node.peer.take().is_none() {
            return;
        }
        node.life += 1;
        node.wake = None;
        node.disk.crash();
        self.disconnect_where(|a, b| a == peer || b == peer);
    }

    /// Kills a peer now, and its disk with it.
    pub fn burn(&mut self, peer: PeerId) {
        self.crash(peer);
        if let Some(node) = self.nodes.get_mut(&peer) {
            node.disk = Disk::default();
        }
    }

    /// Brings a peer back with what is on its disk.
    pub fn restart(&mut self, peer: PeerId) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&peer).filter(|node| node.peer.is_none()) else {
            return;
        };
        match node.restored(now) {
            Ok(restored) => node.peer = Some(restored),
            Err(damage) => {
                let report = Report::Dropped {
                    reason: Reason::Malformed,
                    particle: None,
                    from: None,
                    detail: damage.to_string(),
                };
                self.trace.report(now.since(self.start), peer, report);
                return;
            }
        }
        let uplink = node.uplink.is_some();
        self.drain(peer);
        if uplink {
            self.at(now, Event::Uplink { client: peer });
        }
    }

    /// A peer will die at the n-th batch that it writes, from 1, and come back a little later.
    pub fn crash_at_write(&mut self, peer: PeerId, write: u64, fate: Writing) {
        if let Some(node) = self.nodes.get_mut(&peer) {
            node.disk.dies_at(write, fate);
        }
    }

    /// Batches that a peer has written.
    #[must_use]
    pub fn writes(&self, peer: PeerId) -> u64 {
        self.nodes.get(&peer).map_or(0, |node| node.disk.writes())
    }

    /// What is on a peer's disk.
    #[must_use]
    pub fn stored(&self, peer: PeerId) -> aquac_peer::Pairs {
        self.nodes.get(&peer).map(|node| node.disk.pairs()).unwrap_or_default()
    }

    /// Goes on until nothing is under way, this much time has passed since the beginning, or this
    /// many events have happened.
    pub fn run_until_quiet(&mut self, elapsed: u64, mut events: u64) -> Stop {
        loop {
            if self.work == 0 && self.is_quiet() {
                return Stop::Quiet;
            }
            let Some(time) = self.queue.next() else { return Stop::Quiet };
            if time.since(self.start) > elapsed {
                self.now = self.start.after(elapsed);
                return Stop::Time;
            }
            self.next_happens(time);
            let Some(left) = events.checked_sub(1) else { return Stop::Events };
            events = left;
        }
    }

    /// Goes on until this much time has passed since the beginning, quiet or not.
    pub fn run_until(&mut self, elapsed: u64) {
        while let Some(time) = self.queue.next() {
            if time.since(self.start) > elapsed {
                break;
            }
            self.next_happens(time);
        }
        self.now = self.now.max(self.start.after(elapsed));
    }

    fn is_quiet(&self) -> bool {
        self.peers().all(|peer| peer.activity().is_quiet())
    }
}

pub(crate) fn apply(pairs: &mut BTreeMap<Vec<u8>, Vec<u8>>, change: Change) {
    match change {
        Change::Put { key, value } => drop(pairs.insert(key, value)),
        Change::Delete { key } => drop(pairs.remove(&key)),
        Change::Clear { prefix } => {
            let keys: Vec<Vec<u8>> = pairs
                .range(prefix.clone()..)
                .map(|(key, _)| key.clone())
                .take_while(|key| key.starts_with(&prefix))
                .collect();
            keys.iter().for_each(|key| drop(pairs.remove(key)));
        }
    }
}
