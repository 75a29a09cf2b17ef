//! Many peers in virtual time.
//!
//! One queue of events in the order of time and of their making; one seed from which everything
//! that is left to chance is drawn. So a seed names a whole history, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::{
    Call, CallResult, IdempotencyKey, Limits, Nonce, ParticleId, PeerId, Value, development_seed,
};
use aquac_peer::{
    BatchId, Change, Config, Input, Keys, Lane, Output, Peer, PeerLimits, Reason, Relaying, Time,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::adversary::Tamper;
use crate::answer::Said;
use crate::fault::Fault;
use crate::names::Names;
use crate::network::{Rules, skewed, unskewed};
use crate::node::{Disk, Node};
use crate::trace::Trace;

/// Milliseconds after which an end that must stay connected tries again.
const REDIAL: u64 = 50;

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
            limits: PeerLimits::default(),
        }
    }
}

#[derive(Debug, Clone)]
enum Event {
    Deliver { from: PeerId, to: PeerId, connection: u64, bytes: Vec<u8> },
    Dialled { from: PeerId, to: PeerId, life: u32 },
    Stored { peer: PeerId, life: u32, batch: BatchId },
    Answer { peer: PeerId, life: u32, call: Box<Call>, result: CallResult },
    Tick { peer: PeerId, life: u32 },
    Uplink { client: PeerId },
    Crash(PeerId),
    Restart(PeerId),
    Part,
}

impl Event {
    /// Whether something is on its way because of it. The rest are alarms.
    const fn is_work(&self) -> bool {
        match self {
            Self::Deliver { .. }
            | Self::Dialled { .. }
            | Self::Stored { .. }
            | Self::Answer { .. }
            | Self::Crash(_)
            | Self::Restart(_)
            | Self::Part => true,
            Self::Tick { .. } | Self::Uplink { .. } => false,
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
    now: Time,
    start: Time,
    rng: ChaCha8Rng,
    nodes: BTreeMap<PeerId, Node>,
    rules: Rules,
    services: Box<dyn Services>,
    tamper: Vec<Box<dyn Tamper>>,
    queue: BTreeMap<(Time, u64), Event>,
    work: usize,
    made: u64,
    /// Connections that are up, lower id first, each with its number.
    connections: BTreeMap<(PeerId, PeerId), u64>,
    /// When the last frame of each direction arrives: a stream keeps its order.
    arrives: BTreeMap<(PeerId, PeerId), Time>,
    answered: BTreeMap<(PeerId, IdempotencyKey), CallResult>,
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
            queue: BTreeMap::new(),
            work: 0,
            made: 0,
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
        world
    }

    fn add(&mut self, setup: &Setup, name: &str) {
        let Some(id) = self.names.id(name) else { return };
        let uplink = setup.clients.get(name).and_then(|relay| self.names.id(relay));
        let mut config = Config::new("sim");
        config.relay = uplink;
        config.relaying = Relaying::Everybody;
        config.limits = setup.limits.clone();
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
        if uplink.is_some() {
            self.at(self.now, Event::Uplink { client: id });
        }
    }

    fn plan(&mut self, fault: &Fault) {
        let id = |name: &str| self.names.id(name);
        match fault {
            Fault::Crash { at, crash } => {
                if let Some(peer) = id(crash) {
                    self.at(self.start.after(*at), Event::Crash(peer));
                }
            }
            Fault::Restart { at, restart } => {
                if let Some(peer) = id(restart) {
                    self.at(self.start.after(*at), Event::Restart(peer));
                }
            }
            Fault::Drop { drop } => self.rules.drops.push(drop.clone()),
            Fault::Duplicate { duplicate } => self.rules.duplicates.push(duplicate.clone()),
            Fault::Delay { delay } => self.rules.delays.push(delay.clone()),
            Fault::Partition { partition } => {
                self.at(self.start.after(partition.at), Event::Part);
                self.rules.partitions.push(partition.clone());
            }
            Fault::Skew { skew } => {
                if let Some(node) = id(&skew.peer).and_then(|id| self.nodes.get_mut(&id)) {
                    node.skew = skew.ms;
                }
            }
            Fault::TornWrite { torn_write } => {
                if let Some(node) = id(torn_write).and_then(|id| self.nodes.get_mut(&id)) {
                    node.disk.loses_what_it_writes();
                }
            }
            Fault::Lie { lie } => {
                if let Some(peer) = id(&lie.peer) {
                    self.tamper(Box::new(crate::adversary::Liar::new(peer, &lie.service)));
                }
            }
            Fault::Equivocate { equivocate } => {
                if let Some(peer) = id(equivocate) {
                    let keys = Signing::Ed25519.keys(equivocate);
                    self.tamper(Box::new(crate::adversary::Equivocator::new(peer, keys)));
                }
            }
        }
    }

    /// Adds somebody who changes what a peer says.
    pub fn tamper(&mut self, tamper: Box<dyn Tamper>) {
        self.tamper.push(tamper);
    }

    fn at(&mut self, time: Time, event: Event) {
        self.made += 1;
        self.work += usize::from(event.is_work());
        self.queue.insert((time.max(self.now), self.made), event);
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
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        let node = self.nodes.get(&peer)?;
        let now = skewed(self.now, node.skew);
        let start = node.peer.as_ref()?.draft(now, program, args, Nonce(nonce), ttl, limits);
        let id = start.header.header.id();
        self.handle(peer, Input::Start(Box::new(start)));
        Some(id)
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

    /// Brings a peer back with what is on its disk.
    pub fn restart(&mut self, peer: PeerId) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&peer).filter(|node| node.peer.is_none()) else {
            return;
        };
        match node.restored(now) {
            Ok(restored) => node.peer = Some(restored),
            Err(damage) => {
                let report = aquac_peer::Report::Dropped {
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

    /// Goes on until nothing is under way, this much time has passed since the beginning, or this
    /// many events have happened.
    pub fn run_until_quiet(&mut self, elapsed: u64, mut events: u64) -> Stop {
        loop {
            if self.work == 0 && self.is_quiet() {
                return Stop::Quiet;
            }
            let Some(entry) = self.queue.first_entry() else { return Stop::Quiet };
            let (time, _) = *entry.key();
            if time.since(self.start) > elapsed {
                self.now = self.start.after(elapsed);
                return Stop::Time;
            }
            let event = entry.remove();
            self.work -= usize::from(event.is_work());
            self.now = time;
            self.happen(event);
            let Some(left) = events.checked_sub(1) else { return Stop::Events };
            events = left;
        }
    }

    fn is_quiet(&self) -> bool {
        self.peers().all(|peer| peer.activity().is_quiet())
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { from, to, connection, bytes } => {
                if self.connections.get(&pair(from, to)) == Some(&connection) {
                    self.handle(to, Input::Frame { from, bytes });
                }
            }
            Event::Dialled { from, to, life } => {
                if self.lives(from, life) {
                    self.dialled(from, to);
                }
            }
            Event::Stored { peer, life, batch } => {
                if self.lives(peer, life) {
                    if let Some(node) = self.nodes.get_mut(&peer) {
                        node.disk.sync(batch);
                    }
                    self.handle(peer, Input::Stored { batch });
                }
            }
            Event::Answer { peer, life, call, result } => {
                if self.lives(peer, life) {
                    let (particle, key) = (call.particle, call.key);
                    self.trace.asked(self.elapsed(), peer, *call, result.clone());
                    self.handle(peer, Input::Answer { particle, key, result });
                }
            }
            Event::Tick { peer, life } => {
                let now = self.now;
                if let Some(node) = self.nodes.get_mut(&peer)
                    && node.life == life
                    && node.wake == Some(now)
                {
                    node.wake = None;
                    self.handle(peer, Input::Tick);
                }
            }
            Event::Uplink { client } => self.uplink(client),
            Event::Crash(peer) => self.crash(peer),
            Event::Restart(peer) => self.restart(peer),
            Event::Part => self.part(),
        }
    }

    fn lives(&self, peer: PeerId, life: u32) -> bool {
        self.nodes.get(&peer).is_some_and(|node| node.life == life && node.peer.is_some())
    }

    fn handle(&mut self, peer: PeerId, input: Input) {
        let Some(node) = self.nodes.get_mut(&peer) else { return };
        let Some(logic) = &mut node.peer else { return };
        logic.handle(skewed(self.now, node.skew), input);
        self.drain(peer);
    }

    fn drain(&mut self, peer: PeerId) {
        loop {
            let Some(node) = self.nodes.get_mut(&peer) else { return };
            let Some(logic) = &mut node.peer else { return };
            let Some(output) = logic.poll() else { break };
            let life = node.life;
            self.perform(peer, life, output);
        }
        let Some(node) = self.nodes.get_mut(&peer) else { return };
        let deadline = node.peer.as_ref().and_then(Peer::deadline);
        let Some(due) = deadline.map(|due| unskewed(due, node.skew).max(self.now)) else { return };
        if node.wake.is_none_or(|wake| due < wake) {
            node.wake = Some(due);
            let life = node.life;
            self.at(due, Event::Tick { peer, life });
        }
    }

    fn perform(&mut self, peer: PeerId, life: u32, output: Output) {
        match output {
            Output::Send { to, lane, bytes } => self.send(peer, to, lane, bytes),
            Output::Dial { peer: to } => {
                self.at(self.now.after(1), Event::Dialled { from: peer, to, life });
            }
            Output::Call { attempt, call, .. } => {
                self.trace.handed_out(attempt);
                self.ask(peer, life, *call);
            }
            Output::Cancel { .. } | Output::Ended => {}
            Output::Store(batch) => {
                let id = batch.id;
                if let Some(node) = self.nodes.get_mut(&peer) {
                    node.disk.write(batch);
                }
                self.at(self.now, Event::Stored { peer, life, batch: id });
            }
            Output::Finished { particle, ending } => self.trace.ended(particle, ending),
            Output::Report(report) => self.trace.report(self.elapsed(), peer, report),
        }
    }

    fn ask(&mut self, peer: PeerId, life: u32, call: Call) {
        let name = self.names.name(peer);
        let (wait, result) = match self.answered.get(&(peer, call.key)) {
            // The service knows the key: it has done this already.
            Some(result) => (0, result.clone()),
            None => {
                *self.trace.effects.entry((peer, call.key)).or_default() += 1;
                let (wait, mut result) = self.services.answer(&name, &call);
                for tamper in &mut self.tamper {
                    result = tamper.answer(peer, &call, result);
                }
                self.answered.insert((peer, call.key), result.clone());
                (wait, result)
            }
        };
        let event = Event::Answer { peer, life, call: Box::new(call), result };
        self.at(self.now.after(wait), event);
    }

    fn send(&mut self, from: PeerId, to: PeerId, lane: Lane, bytes: Vec<u8>) {
        let Some(connection) = self.connections.get(&pair(from, to)).copied() else { return };
        let mut frames = vec![bytes];
        for tamper in &mut self.tamper {
            frames = frames.into_iter().flat_map(|bytes| tamper.frame(from, to, bytes)).collect();
        }
        let (a, b) = (self.names.name(from), self.names.name(to));
        for bytes in frames {
            let copies = self.rules.copies(&mut self.rng, &a, &b);
            for (copy, delay) in copies.into_iter().enumerate() {
                let mut time = self.now.after(delay);
                // Control frames overtake; a second copy is not part of the stream.
                if copy == 0 && lane == Lane::Bulk {
                    let last = self.arrives.entry((from, to)).or_default();
                    *last = time.max(*last);
                    time = *last;
                }
                let bytes = bytes.clone();
                self.at(time, Event::Deliver { from, to, connection, bytes });
            }
        }
    }

    fn dialled(&mut self, from: PeerId, to: PeerId) {
        let dialable = self.nodes.get(&to).is_some_and(|node| node.uplink.is_none());
        if self.connections.contains_key(&pair(from, to)) {
            return;
        }
        if dialable && self.can_reach(from, to) {
            self.connect(from, to);
        } else {
            self.handle(from, Input::DialFailed { peer: to });
        }
    }

    fn can_reach(&self, a: PeerId, b: PeerId) -> bool {
        let alive = |id| self.nodes.get(id).is_some_and(|node| node.peer.is_some());
        let together =
            || self.rules.are_together(self.elapsed(), &self.names.name(a), &self.names.name(b));
        a != b && alive(&a) && alive(&b) && together()
    }

    fn connect(&mut self, a: PeerId, b: PeerId) {
        self.made += 1;
        self.connections.insert(pair(a, b), self.made);
        self.handle(a, Input::Connected { peer: b });
        self.handle(b, Input::Connected { peer: a });
    }

    /// A client keeps the connection to its relay, which cannot dial it.
    fn uplink(&mut self, client: PeerId) {
        let Some(node) = self.nodes.get(&client).filter(|node| node.peer.is_some()) else {
            return;
        };
        let Some(relay) = node.uplink else { return };
        if !self.connections.contains_key(&pair(client, relay)) {
            if self.can_reach(client, relay) {
                self.connect(client, relay);
            } else {
                self.at(self.now.after(REDIAL), Event::Uplink { client });
            }
        }
    }

    /// Breaks the connections between groups that are apart now.
    fn part(&mut self) {
        let (names, rules, elapsed) = (self.names.clone(), self.rules.clone(), self.elapsed());
        self.disconnect_where(|a, b| !rules.are_together(elapsed, &names.name(a), &names.name(b)));
    }

    fn disconnect_where(&mut self, broken: impl Fn(PeerId, PeerId) -> bool) {
        let ends: BTreeSet<(PeerId, PeerId)> =
            self.connections.keys().copied().filter(|(a, b)| broken(*a, *b)).collect();
        for (a, b) in ends {
            self.connections.remove(&(a, b));
            self.arrives.remove(&(a, b));
            self.arrives.remove(&(b, a));
            for (end, peer) in [(a, b), (b, a)] {
                self.handle(end, Input::Disconnected { peer });
                if self.nodes.get(&end).is_some_and(|node| node.uplink == Some(peer)) {
                    self.at(self.now.after(REDIAL), Event::Uplink { client: end });
                }
            }
        }
    }
}

fn pair(a: PeerId, b: PeerId) -> (PeerId, PeerId) {
    if a < b { (a, b) } else { (b, a) }
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
