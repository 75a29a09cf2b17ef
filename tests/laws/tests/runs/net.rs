//! A little network: peers with runs, frames in any order, services that answer by rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aquac_ir::{
    Call, CallResult, Digest, Header, Limits, NodeId, Nonce, PeerId, ServiceError, SignedHeader,
    Value, VerifiedProgram,
};
use aquac_vm::{
    Departure, Heads, NamedValue, PendingCall, Position, Run, SaltedValue, SignedTurn,
    UncheckedSigner, UncheckedVerifier, sign_header,
};

/// A peer for tests, by a letter.
pub(crate) fn peer(name: char) -> PeerId {
    PeerId([u8::try_from(name).unwrap(); 32])
}

/// The letter of a test peer.
pub(crate) fn letter(peer: &PeerId) -> char {
    char::from(peer.0[0])
}

/// Numbers from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap()
    }

    /// With this chance in a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// What a frame carries.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) from: PeerId,
    pub(crate) to: PeerId,
    pub(crate) turns: Vec<Arc<SignedTurn>>,
    pub(crate) values: Vec<SaltedValue>,
    pub(crate) heads: Heads,
    pub(crate) route: Vec<PeerId>,
    /// Frames of one batch share links.
    pub(crate) batch: usize,
}

/// How bad the network is, in chances out of a hundred.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) drop: u64,
    pub(crate) double: u64,
    pub(crate) crash: u64,
    /// Several results in one turn.
    pub(crate) gather: u64,
    /// A peer cannot be reached when a step of it could be given up.
    pub(crate) silence: u64,
}

pub(crate) struct Host {
    pub(crate) run: Run,
    signer: UncheckedSigner,
    /// What was stored before it left.
    turns: Vec<SignedTurn>,
    values: Vec<SaltedValue>,
}

pub(crate) struct Net {
    pub(crate) program: Arc<VerifiedProgram>,
    pub(crate) header: Arc<SignedHeader>,
    pub(crate) hosts: BTreeMap<PeerId, Host>,
    pub(crate) wire: Vec<Frame>,
    pub(crate) pending: Vec<(PeerId, PendingCall)>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) calls: Vec<(PeerId, Position, Call)>,
    pub(crate) dice: Dice,
    pub(crate) faults: Faults,
    /// Steps that were given up, because their peer could not be reached then.
    pub(crate) given_up: Vec<Position>,
    /// Pending calls whose answer will come after a crash: they must not be asked again twice.
    pub(crate) repeated: BTreeSet<Position>,
    /// How services answer; by default, [`service`].
    pub(crate) services: Services,
    /// Where each step was to be done, as its peers saw it while it waited; if somebody asks.
    pub(crate) places: Option<Places>,
}

/// The places of steps, by node.
pub(crate) type Places = BTreeMap<NodeId, BTreeSet<PeerId>>;

/// How services answer.
pub(crate) type Services = Box<dyn FnMut(&PeerId, &Call) -> CallResult>;

const FUEL: u64 = 1_000_000;

impl Net {
    pub(crate) fn new(program: Arc<VerifiedProgram>, initiator: PeerId, seed: u64) -> Self {
        Self::with_args(program, initiator, None, &[], seed)
    }

    pub(crate) fn with_args(
        program: Arc<VerifiedProgram>,
        initiator: PeerId,
        relay: Option<PeerId>,
        args: &[Value],
        seed: u64,
    ) -> Self {
        Self::with_ttl(program, initiator, relay, args, (60_000, seed))
    }

    pub(crate) fn with_ttl(
        program: Arc<VerifiedProgram>,
        initiator: PeerId,
        relay: Option<PeerId>,
        args: &[Value],
        (ttl, seed): (u32, u64),
    ) -> Self {
        let signer = UncheckedSigner(initiator);
        let nonce = Nonce([7; 16]);
        let salted: Vec<SaltedValue> = args
            .iter()
            .zip(0..)
            .map(|(value, index)| SaltedValue::argument(&signer, &nonce, index, value.clone()))
            .collect();
        let header = Header {
            version: Header::VERSION,
            network: "test".into(),
            initiator,
            relay,
            program: program.digest(),
            args: salted.iter().map(SaltedValue::digest).collect(),
            nonce,
            issued_at: 1_700_000_000_000,
            ttl,
            limits: Limits { stream_elements: 64, ..Limits::default() },
        };
        let header = Arc::new(sign_header(header, &signer));
        let mut net = Self {
            program,
            header,
            hosts: BTreeMap::new(),
            wire: Vec::new(),
            pending: Vec::new(),
            frames: Vec::new(),
            calls: Vec::new(),
            dice: Dice(seed),
            faults: Faults::default(),
            given_up: Vec::new(),
            places: None,
            repeated: BTreeSet::new(),
            services: Box::new(service),
        };
        net.host(initiator).run.absorb([], salted.clone(), &UncheckedVerifier);
        net.host(initiator).values = salted;
        net
    }

    pub(crate) fn host(&mut self, peer: PeerId) -> &mut Host {
        let (program, header) = (self.program.clone(), self.header.clone());
        self.hosts.entry(peer).or_insert_with(|| Host {
            run: Run::new(program, header, peer),
            signer: UncheckedSigner(peer),
            turns: Vec::new(),
            values: Vec::new(),
        })
    }

    pub(crate) fn initiator(&self) -> PeerId {
        self.header.header.initiator
    }

    /// Goes on until nothing is on its way. Gives up after many events.
    pub(crate) fn go(&mut self) -> &mut Self {
        self.start();
        self.quiesce()
    }

    pub(crate) fn start(&mut self) {
        let initiator = self.initiator();
        self.work(initiator);
    }

    pub(crate) fn quiesce(&mut self) -> &mut Self {
        let mut events = 0;
        while !self.wire.is_empty() || !self.pending.is_empty() {
            events += 1;
            assert!(events < 20_000, "a storm: {} frames", self.frames.len());
            if !self.pending.is_empty() && (self.wire.is_empty() || self.dice.chance(50)) {
                self.answer();
            } else {
                self.deliver();
            }
        }
        self
    }

    /// One service answers.
    pub(crate) fn answer(&mut self) {
        let at = self.dice.below(self.pending.len());
        let (peer, pending) = self.pending.swap_remove(at);
        let result = (self.services)(&peer, &pending.call);
        let host = self.host(peer);
        let signer = host.signer;
        host.run.resolve(&pending.position, result, &signer).unwrap();
        let more = self.pending.iter().any(|(other, _)| *other == peer);
        if more && self.dice.chance(self.faults.gather) {
            let outcome = self.host(peer).run.step(FUEL);
            self.note(peer, outcome.calls);
        } else {
            self.work(peer);
        }
    }

    /// One frame arrives, or is lost and sent again, or comes twice.
    fn deliver(&mut self) {
        let at = self.dice.below(self.wire.len());
        if self.dice.chance(self.faults.drop) {
            return;
        }
        let frame = if self.dice.chance(self.faults.double) {
            self.wire[at].clone()
        } else {
            self.wire.swap_remove(at)
        };
        self.arrive(&frame);
    }

    pub(crate) fn arrive(&mut self, frame: &Frame) {
        if self.dice.chance(self.faults.crash) {
            self.crash(frame.to);
        }
        let host = self.host(frame.to);
        host.values.extend(frame.values.iter().cloned());
        let turns = frame.turns.iter().map(|turn| (**turn).clone());
        let absorbed = host.run.absorb(turns, frame.values.iter().cloned(), &UncheckedVerifier);
        assert_eq!(absorbed.refused, [], "an honest turn was refused");
        assert_eq!(absorbed.missing, [], "a frame was not complete in itself");
        host.turns.extend(absorbed.added.iter().map(|turn| (**turn.turn()).clone()));
        host.run.received(frame.from, &frame.heads);
        self.work(frame.to);
    }

    /// A peer loses its memory and rebuilds it from its store.
    pub(crate) fn crash(&mut self, peer: PeerId) {
        let (program, header) = (self.program.clone(), self.header.clone());
        let Some(host) = self.hosts.get_mut(&peer) else { return };
        if host.run.has_unsealed() {
            return;
        }
        host.values.extend(host.run.values().cloned());
        host.run = Run::new(program, header, peer);
        let (turns, values) = (host.turns.clone(), host.values.clone());
        host.run.absorb(turns, values, &UncheckedVerifier);
        host.run.departed();
        // Calls that were started are asked again, with the same key.
        let lost: Vec<Position> = self
            .pending
            .iter()
            .filter(|(other, _)| *other == peer)
            .map(|(_, pending)| pending.position.clone())
            .collect();
        self.pending.retain(|(other, _)| *other != peer);
        self.calls.retain(|(other, position, _)| *other != peer || !lost.contains(position));
        self.repeated.extend(lost);
        self.work(peer);
    }

    fn note(&mut self, peer: PeerId, calls: Vec<PendingCall>) {
        for pending in calls {
            self.calls.push((peer, pending.position.clone(), pending.call.clone()));
            self.pending.push((peer, pending));
        }
    }

    /// Step, seal, store, tell.
    pub(crate) fn work(&mut self, peer: PeerId) {
        let outcome = self.host(peer).run.step(FUEL);
        self.note(peer, outcome.calls);
        self.note_places(peer);
        self.probe(peer);
        let host = self.host(peer);
        if let Some(body) = host.run.seal() {
            let turn = SignedTurn::sign(body, &host.signer);
            host.turns.push(turn.clone());
            host.run.add_own(turn);
        }
        let departures = host.run.forward();
        let batch = self.frames.len();
        for Departure { to, route, turns, values, heads, .. } in departures {
            let values = values.into_iter().map(NamedValue::into_value).collect();
            let frame = Frame { from: peer, to, turns, values, heads, route, batch };
            self.frames.push(frame.clone());
            self.wire.push(frame);
        }
    }

    fn note_places(&mut self, peer: PeerId) {
        let Some(mut places) = self.places.take() else { return };
        for waiting in self.host(peer).run.waiting() {
            places.entry(waiting.position.node).or_default().extend(waiting.place);
        }
        self.places = Some(places);
    }

    /// Tries to reach the peers of steps that may be given up, before anything leaves.
    fn probe(&mut self, peer: PeerId) {
        let mut reached = BTreeSet::new();
        while self.faults.silence > 0 {
            let probes = self.host(peer).run.probes();
            let mut open = probes.into_iter().filter(|probe| !reached.contains(&probe.position));
            let Some(probe) = open.next() else { return };
            if self.dice.chance(self.faults.silence) {
                let host = self.host(peer);
                let signer = host.signer;
                host.run.unreachable(&probe.position, &signer).unwrap();
                let outcome = self.host(peer).run.step(FUEL);
                self.note(peer, outcome.calls);
                self.given_up.push(probe.position);
            } else {
                reached.insert(probe.position);
            }
        }
    }

    /// Who sent to whom, in order.
    pub(crate) fn trips(&self) -> String {
        let trips: Vec<String> = self
            .frames
            .iter()
            .map(|frame| format!("{}>{}", letter(&frame.from), letter(&frame.to)))
            .collect();
        trips.join(" ")
    }

    /// What was called, sorted.
    pub(crate) fn called(&self) -> Vec<String> {
        let mut called: Vec<String> =
            self.calls.iter().map(|(p, _, call)| shown(p, call)).collect();
        called.sort();
        called
    }

    /// What the initiator got.
    pub(crate) fn result(&self) -> Option<String> {
        let initiator = self.initiator();
        let result = self.hosts.get(&initiator)?.run.result()?;
        Some(match result {
            Ok(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(fault) => fault.to_string(),
        })
    }

    /// Everything that anybody knows, known by one.
    pub(crate) fn union(&self, me: PeerId) -> Run {
        let mut run = Run::new(self.program.clone(), self.header.clone(), me);
        for host in self.hosts.values() {
            run.absorb(
                host.run.turns_since(&Heads::default()).iter().map(|turn| (**turn).clone()),
                [],
                &UncheckedVerifier,
            );
        }
        for host in self.hosts.values() {
            run.absorb([], host.run.values().cloned(), &UncheckedVerifier);
        }
        run.step(FUEL);
        run
    }

    /// Steps that everything known together enables, and that their peer has not done.
    pub(crate) fn stuck(&self) -> Vec<String> {
        let nobody = PeerId([0; 32]);
        let run = self.union(nobody);
        if run.ended_by().is_some() {
            return Vec::new(); // Nothing goes on after that.
        }
        let has_failed = run.failed_at().is_some();
        let is_return = |waiting: &aquac_vm::Waiting| {
            let node = self.program.program().node(waiting.position.node);
            matches!(node, Some(aquac_ir::Node::Return { .. }))
        };
        run.waiting()
            .iter()
            .filter(|waiting| match &waiting.waits_for {
                // A run that has failed gives no result any more.
                aquac_vm::WaitsFor::Place => !is_return(waiting) || !has_failed,
                aquac_vm::WaitsFor::Elements { have, need, .. } => have >= need,
                _ => false,
            })
            .filter(|waiting| {
                let pending = |(_, p): &(PeerId, PendingCall)| p.position == waiting.position;
                !self.pending.iter().any(pending)
            })
            .take(2)
            .map(|waiting| {
                let there = waiting.place.and_then(|place| self.hosts.get(&place));
                let own = there.map(|host| {
                    let all = host.run.waiting();
                    let own = all.into_iter().find(|own| own.position == waiting.position);
                    own.map_or_else(|| "not reached".to_owned(), |own| format!("{own:?}"))
                });
                format!("{waiting:?}, and at its place: {own:?}; {}", self.trips())
            })
            .collect()
    }
}

fn shown(peer: &PeerId, call: &Call) -> String {
    let args: Vec<String> = call.args.iter().map(|arg| arg.value.to_string()).collect();
    format!("{}.{}({})", letter(peer), call.function, args.join(","))
}

/// The rule by which services answer.
pub(crate) fn service(peer: &PeerId, call: &Call) -> CallResult {
    let first = call.args.first().map(|arg| arg.value.clone());
    let mixed = Digest::of(aquac_ir::Domain::Value, &[shown(peer, call).as_bytes()]);
    let number = i64::from(mixed.0[0] % 10);
    let error = || Err(ServiceError { code: 1, message: format!("\"no {}\"", call.function) });
    match call.function.as_str() {
        "bad" => error(),
        "maybe" if number % 3 == 0 => error(),
        "id" => Ok(first.unwrap_or_else(|| Value::text(&letter(peer).to_string()))),
        "list" => Ok(Value::array(vec![1_i64.into(), 2_i64.into(), 3_i64.into()]).unwrap()),
        _ => Ok(Value::from(number)),
    }
}
