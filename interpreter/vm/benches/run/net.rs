//! A few peers in one process: frames arrive at once and in order, services answer with a number.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use aquac_ir::{Header, Limits, Nonce, PeerId, SignedHeader, Value, VerifiedProgram};
use aquac_vm::{
    Departure, Ed25519Signer, Ed25519Verifier, PendingCall, Run, SignedTurn, Signer,
    UncheckedSigner, UncheckedVerifier, Verifier, sign_header,
};

/// Events of one step: more than any of these runs has.
pub(crate) const FUEL: u64 = 10_000_000;

/// How peers sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    Ed25519,
    Unchecked,
}

impl Signing {
    pub(crate) fn signer(self, number: u16) -> Box<dyn Signer> {
        let [high, low] = number.to_be_bytes();
        let mut seed = [low; 32];
        seed[0] = high;
        match self {
            Self::Ed25519 => Box::new(Ed25519Signer::from_seed(seed)),
            Self::Unchecked => Box::new(UncheckedSigner(PeerId(seed))),
        }
    }

    pub(crate) fn verifier(self) -> Box<dyn Verifier> {
        match self {
            Self::Ed25519 => Box::new(Ed25519Verifier),
            Self::Unchecked => Box::new(UncheckedVerifier),
        }
    }

    pub(crate) fn peers(self, count: u16) -> Vec<PeerId> {
        (0..count).map(|number| self.signer(number).peer()).collect()
    }
}

/// The header of a run of this program.
pub(crate) fn header(program: &VerifiedProgram, signer: &dyn Signer) -> Arc<SignedHeader> {
    let header = Header {
        version: Header::VERSION,
        network: "bench".into(),
        initiator: signer.peer(),
        relay: None,
        program: program.digest(),
        args: Vec::new(),
        nonce: Nonce([7; 16]),
        issued_at: 1_700_000_000_000,
        ttl: 60_000,
        limits: Limits::default(),
    };
    Arc::new(sign_header(header, signer))
}

/// One peer and its run.
pub(crate) struct Host {
    pub(crate) run: Run,
    pub(crate) signer: Box<dyn Signer>,
}

impl Host {
    /// Answers a call with a number.
    pub(crate) fn resolve(&mut self, call: &PendingCall, number: u64) {
        self.answer(call, Value::from(number));
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, call: &PendingCall, answer: Value) {
        self.run.resolve(&call.position, Ok(answer), &*self.signer).expect("it was asked");
    }

    /// Signs what was recorded, if anything was.
    pub(crate) fn seal(&mut self) {
        if let Some(body) = self.run.seal() {
            self.run.add_own(SignedTurn::sign(body, &*self.signer));
        }
    }
}

/// What moved.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moved {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    /// To and from the peer that began.
    pub(crate) client_bytes: usize,
    pub(crate) steps: usize,
}

/// All peers of a run.
pub(crate) struct Net {
    program: Arc<VerifiedProgram>,
    header: Arc<SignedHeader>,
    signing: Signing,
    verifier: Box<dyn Verifier>,
    hosts: BTreeMap<PeerId, Host>,
    numbers: BTreeMap<PeerId, u16>,
    pub(crate) moved: Moved,
    /// What every service answers; a number if there is nothing.
    answer: Option<Value>,
}

impl Net {
    /// Peers `0..count`, of which the first begins.
    pub(crate) fn new(program: Arc<VerifiedProgram>, signing: Signing, count: u16) -> Self {
        let header = header(&program, &*signing.signer(0));
        let numbers = (0..count).map(|number| (signing.signer(number).peer(), number)).collect();
        let (hosts, verifier) = (BTreeMap::new(), signing.verifier());
        let (moved, answer) = (Moved::default(), None);
        Self { program, header, signing, verifier, hosts, numbers, moved, answer }
    }

    /// The same, where every service answers with a text of so many bytes.
    pub(crate) fn answering(self, bytes: usize) -> Self {
        Self { answer: Some(Value::from("a".repeat(bytes))), ..self }
    }

    pub(crate) fn initiator(&self) -> PeerId {
        self.header.header.initiator
    }

    pub(crate) fn host(&mut self, peer: PeerId) -> &mut Host {
        let number = self.numbers.get(&peer).copied().unwrap_or_default();
        let (program, header, signing) = (&self.program, &self.header, self.signing);
        self.hosts.entry(peer).or_insert_with(|| Host {
            run: Run::new(program.clone(), header.clone(), peer),
            signer: signing.signer(number),
        })
    }

    /// Until nothing moves any more.
    pub(crate) fn go(&mut self) {
        let mut wire: VecDeque<(PeerId, Departure)> = VecDeque::new();
        let first = self.initiator();
        self.work(first, &mut wire);
        while let Some((from, departure)) = wire.pop_front() {
            let to = departure.to;
            self.moved.frames += 1;
            let turns: Vec<SignedTurn> =
                departure.turns.iter().map(|turn| (**turn).clone()).collect();
            let verifier = std::mem::replace(&mut self.verifier, Box::new(UncheckedVerifier));
            let signed: usize = turns.iter().map(|turn| turn.to_bytes().len()).sum();
            let values = departure.values.iter().map(|value| value.value.to_bytes().len() + 16);
            let bytes = signed + values.sum::<usize>();
            self.moved.bytes += bytes;
            if from == first || to == first {
                self.moved.client_bytes += bytes;
            }
            let run = &mut self.host(to).run;
            run.absorb_named(turns, departure.values, &*verifier);
            run.received(from, &departure.heads);
            self.verifier = verifier;
            self.work(to, &mut wire);
        }
    }

    fn work(&mut self, peer: PeerId, wire: &mut VecDeque<(PeerId, Departure)>) {
        loop {
            self.moved.steps += 1;
            let answer = self.answer.clone();
            let host = self.host(peer);
            let calls = host.run.step(FUEL).calls;
            if calls.is_empty() {
                break;
            }
            for (call, number) in calls.iter().zip(1..) {
                match &answer {
                    Some(answer) => host.answer(call, answer.clone()),
                    None => host.resolve(call, number),
                }
            }
        }
        let host = self.host(peer);
        host.seal();
        wire.extend(host.run.forward().into_iter().map(|departure| (peer, departure)));
    }
}
