//! A run: one peer's knowledge of one particle, and what the peer can do with it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    Call, CallResult, Digest, Fault, NodeId, ParticleId, PeerId, SignedHeader, StreamId, Value,
    VerifiedProgram,
};

use crate::history::{Absorbed, Fork, History};
use crate::sign::{Signer, Verifier};
use crate::turn::{Heads, NamedTurn, SignedTurn, TurnBody};
use crate::{Position, SaltedValue};

/// A call that this peer has to make now. It stays pending until [`Run::resolve`].
#[derive(Debug, Clone, PartialEq)]
pub struct PendingCall {
    /// Names it within the run.
    pub position: Position,
    /// What to ask.
    pub call: Call,
}

/// How far a run is, as this peer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The fuel was used up: step again.
    OutOfFuel,
    /// Something waits: for a call of this peer, for another peer, or for ever.
    Waiting,
    /// The root is complete; branches may still run on.
    Complete,
    /// The root has failed and nothing catches that.
    Failed,
}

/// What a step leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Calls that are this peer's to make and were not handed out before.
    pub calls: Vec<PendingCall>,
    /// How far the run is.
    pub status: Status,
}

/// What an unfinished step waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// The place to do it: everything that it needs is there.
    Place,
    /// A value that nothing has written yet.
    Value,
    /// More elements of a stream.
    Elements {
        /// The stream.
        stream: StreamId,
        /// How many are there.
        have: usize,
        /// How many are enough.
        need: usize,
    },
    /// The bytes of a value of which only the digest is known here.
    Bytes(Digest),
    /// Nothing: it is written so that it never ends.
    Forever,
}

/// A step that is reached and not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Where in the run.
    pub position: Position,
    /// Where it happens, if that is known and it happens at one peer.
    pub place: Option<PeerId>,
    /// What it waits for.
    pub waits_for: WaitsFor,
}

/// News for another peer: what to send, and which way.
#[derive(Debug, Clone, PartialEq)]
pub struct Departure {
    /// For whom.
    pub to: PeerId,
    /// The relays to pass, in order, and then the peer itself.
    pub route: Vec<PeerId>,
    /// Turns that the peer has not acknowledged, each behind those on which it rests.
    pub turns: Vec<Arc<SignedTurn>>,
    /// Values that its part of the program can still read.
    pub values: Vec<SaltedValue>,
    /// Which turns this peer has, for the frame: [`Run::received`] on the other side.
    pub heads: Heads,
    /// The step that made it necessary.
    pub why: NodeId,
}

/// Why a result was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No call is pending at this position.
    #[error("no call is pending at this position")]
    NotPending,
}

/// How much work a run has done: grows with what is new, not with what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Activations that were started, looked at again, or told of a child.
    pub events: u64,
    /// Records that were taken in.
    pub records: u64,
}

/// One peer's knowledge of one particle.
#[derive(Debug)]
pub struct Run {
    program: Arc<VerifiedProgram>,
    header: Arc<SignedHeader>,
    particle: ParticleId,
    me: PeerId,
    history: History,
}

impl Run {
    /// A run of which nothing is known but its header, which the caller has checked
    /// ([`crate::check_header`]), and its program.
    #[must_use]
    pub fn new(program: Arc<VerifiedProgram>, header: Arc<SignedHeader>, me: PeerId) -> Self {
        let particle = header.header.id();
        let history = History::new(particle, header.header.limits);
        Self { program, header, particle, me, history }
    }

    /// The particle's id.
    #[must_use]
    pub const fn particle(&self) -> ParticleId {
        self.particle
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Arc<SignedHeader> {
        &self.header
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &Arc<VerifiedProgram> {
        &self.program
    }

    /// Whose knowledge this is.
    #[must_use]
    pub const fn me(&self) -> PeerId {
        self.me
    }

    /// The turns that are known.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Takes turns and values in. The initiator gives the program's arguments here. Own turns
    /// that come back after this peer has lost them are adopted.
    pub fn absorb(
        &mut self,
        turns: impl IntoIterator<Item = SignedTurn>,
        values: impl IntoIterator<Item = SaltedValue>,
        verifier: &dyn Verifier,
    ) -> Absorbed {
        let absorbed = self.history.absorb(turns, verifier);
        let _ = values.into_iter().count();
        absorbed
    }

    /// Goes as far as what is known allows, at most `fuel` events.
    pub fn step(&mut self, fuel: u64) -> Outcome {
        let _ = fuel;
        Outcome { calls: Vec::new(), status: Status::Waiting }
    }

    /// The answer to a pending call.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] if there is no such call.
    pub fn resolve(
        &mut self,
        position: &Position,
        result: CallResult,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        let _ = (position, result, signer);
        Err(ResolveError::NotPending)
    }

    /// A pending call that ended without the service: denied, expired, overloaded, unreachable.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] if there is no such call.
    pub fn fail(
        &mut self,
        position: &Position,
        fault: Fault,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        let _ = (position, fault, signer);
        Err(ResolveError::NotPending)
    }

    /// The records since the last turn as a new turn, to be signed, stored and given to
    /// [`Run::add_own`] before anything else happens to the run. `None` if there are none.
    pub fn seal(&mut self) -> Option<TurnBody> {
        None
    }

    /// Takes the signed turn that [`Run::seal`] gave.
    pub fn add_own(&mut self, turn: SignedTurn) {
        self.history.add_own(NamedTurn::new(turn));
    }

    /// Whom to tell what (rule F). Call it after every batch of absorb, step and seal.
    pub fn forward(&mut self) -> Vec<Departure> {
        Vec::new()
    }

    /// A frame of this peer arrived, sent when it had these turns.
    pub fn received(&mut self, from: PeerId, heads: &Heads) {
        let _ = (from, heads);
    }

    /// The peer says, or acknowledges, that it has these turns and what came with them.
    pub fn heard(&mut self, from: PeerId, heads: &Heads) {
        let _ = (from, heads);
    }

    /// What is asked for by somebody who has these turns: the rest.
    #[must_use]
    pub fn turns_since(&self, heads: &Heads) -> Vec<Arc<SignedTurn>> {
        let _ = heads;
        Vec::new()
    }

    /// A value by its digest, if its bytes are here.
    #[must_use]
    pub fn value(&self, digest: &Digest) -> Option<SaltedValue> {
        let _ = digest;
        None
    }

    /// What each unfinished step waits for, in program order.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        Vec::new()
    }

    /// At the initiator: the values of `Return`, or what the run failed with. A program without
    /// `Return` ends with no values when its root is complete.
    #[must_use]
    pub fn result(&self) -> Option<Result<Vec<Value>, Fault>> {
        None
    }

    /// Peers that were shown to contradict themselves.
    pub fn forks(&self) -> impl Iterator<Item = &Fork> {
        self.history.forks()
    }

    /// How much work was done so far.
    #[must_use]
    pub const fn work(&self) -> Work {
        Work { events: 0, records: 0 }
    }
}
