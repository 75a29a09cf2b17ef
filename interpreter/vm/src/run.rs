//! A run: one peer's knowledge of one particle, and what the peer can do with it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    Call, Digest, Fault, IdempotencyKey, NodeId, ParticleId, PeerId, SignedHeader, Value,
    VerifiedProgram,
};

use crate::activation::{ActId, Phase};
use crate::fork::Fork;
use crate::forward::{Destination, Destinations, Forwarding};
use crate::history::{Absorbed, History};
use crate::knowledge::Knowledge;
use crate::rebuild;
use crate::route::route;
use crate::sign::Verifier;
use crate::state::State;
use crate::tetraplet::Tetraplet;
use crate::turn::{Entry, Heads, NamedTurn, SignedTurn, TurnBody};
use crate::values::ValueId;
use crate::{NamedValue, Position, SaltedValue};

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
    pub values: Vec<NamedValue>,
    /// Which turns this peer has, for the frame: [`Run::received`] on the other side.
    pub heads: Heads,
    /// The step that made it necessary.
    pub why: NodeId,
}

/// What cannot be so of a record that its author signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// It was made for other arguments than those that the run computes.
    #[error("other arguments than the program gives")]
    OtherArguments,
    /// It says that a step failed that is no call: only calls fail for reasons of their own.
    #[error("an error for a step that is no call")]
    Failed,
}

/// A record that is not used: evidence that its author lied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refuted {
    /// Where.
    pub position: Position,
    /// Who recorded it.
    pub author: PeerId,
    /// How it is known.
    pub lie: Lie,
}

/// How much work a run has done: grows with what is new, not with what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Activations that were started, looked at again, or told of a child.
    pub events: u64,
    /// Records that were taken in.
    pub records: u64,
    /// Pairs of stream elements that were compared.
    pub comparisons: u64,
}

/// One peer's knowledge of one particle.
#[derive(Debug)]
pub struct Run {
    state: State,
    history: History,
    knowledge: Knowledge,
    /// Values that came with what was absorbed last.
    came: Vec<ValueId>,
    /// Whether something of the run has left this peer, or may have.
    departed: bool,
}

impl Run {
    /// A run of which nothing is known but its header, which the caller has checked
    /// ([`crate::check_header`]), and its program.
    #[must_use]
    pub fn new(program: Arc<VerifiedProgram>, header: Arc<SignedHeader>, me: PeerId) -> Self {
        let particle = header.header.id();
        Self::of(particle, program, header, me)
    }

    /// The same, for whoever knows the particle's id already: [`crate::check_header`] gives it.
    #[must_use]
    pub fn of(
        particle: ParticleId,
        program: Arc<VerifiedProgram>,
        header: Arc<SignedHeader>,
        me: PeerId,
    ) -> Self {
        let history = History::new(particle, header.header.limits);
        let state = State::new(program, header, particle, me);
        Self { state, history, knowledge: Knowledge::default(), came: Vec::new(), departed: false }
    }

    /// The particle's id.
    #[must_use]
    pub const fn particle(&self) -> ParticleId {
        self.state.particle
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Arc<SignedHeader> {
        &self.state.header
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &Arc<VerifiedProgram> {
        &self.state.program
    }

    /// Whose knowledge this is.
    #[must_use]
    pub const fn me(&self) -> PeerId {
        self.state.me
    }

    /// The turns that are known.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    pub(crate) const fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Snapshots in the own log are computed again and compared.
    pub(crate) const fn check_snapshots(&mut self) {
        self.state.checking = true;
    }

    /// Takes turns and values in. The initiator gives the program's arguments here. Own turns
    /// that come back, from the store or from others, are adopted.
    pub fn absorb(
        &mut self,
        turns: impl IntoIterator<Item = SignedTurn>,
        values: impl IntoIterator<Item = SaltedValue>,
        verifier: &dyn Verifier,
    ) -> Absorbed {
        self.absorb_named(turns, values.into_iter().map(NamedValue::from), verifier)
    }

    /// The same, for values whose digests are known.
    pub fn absorb_named(
        &mut self,
        turns: impl IntoIterator<Item = SignedTurn>,
        values: impl IntoIterator<Item = NamedValue>,
        verifier: &dyn Verifier,
    ) -> Absorbed {
        let mut absorbed = self.history.absorb(turns, verifier);
        let records = |turn: &NamedTurn| turn.turn().body.records().count();
        self.state.expect(absorbed.added.iter().map(records).sum());
        for turn in absorbed.added.iter().chain(&self.history.take_parked()) {
            for record in turn.turn().body.records() {
                self.state.values.refer(record.outcome.unwrap_or_else(|fault| fault.message));
            }
        }
        self.came.clear();
        absorbed.unwanted_values = self.supply(values);
        let me = self.state.me;
        let own = absorbed.added.iter().any(|turn| turn.turn().body.author == me);
        if own || !absorbed.forks.is_empty() {
            rebuild::rebuild(&mut self.state, &self.history);
        } else {
            let authors = absorbed.added.len().min(self.history.authors().count());
            self.state.log.expect(authors);
            for turn in &absorbed.added {
                rebuild::take(&mut self.state, turn);
            }
        }
        absorbed
    }

    /// Takes values in; gives how many nobody wants.
    fn supply(&mut self, values: impl IntoIterator<Item = NamedValue>) -> usize {
        let most = self.state.header.header.limits.value_bytes as usize;
        let mut unwanted = 0;
        for value in values {
            let digest = value.digest();
            // The weight bounds the bytes, which are counted only if it does not do.
            let large = value.value.weight() > most && value.value.to_bytes().len() > most;
            let Some(id) = self.state.values.id(&digest).filter(|_| !large) else {
                unwanted += 1;
                continue;
            };
            self.came.push(id);
            if self.state.values.supply(digest, value.into_value()) == Some(true) {
                self.state.bytes_came(&digest);
            }
        }
        unwanted
    }

    /// Goes as far as what is known allows, at most `fuel` events.
    pub fn step(&mut self, fuel: u64) -> Outcome {
        let settled = self.state.settle(fuel);
        let status = match self.state.act(ActId(0)).phase {
            _ if !settled => Status::OutOfFuel,
            _ if self.state.fatal.is_some() => Status::Failed,
            Phase::Waiting => Status::Waiting,
            Phase::Complete => Status::Complete,
            Phase::Failed(_) => Status::Failed,
        };
        let mut calls = core::mem::take(&mut self.state.calls);
        if self.state.fatal.is_some() {
            // What ends the run ends what was about to begin.
            calls.clear();
        }
        Outcome { calls, status }
    }

    /// Where each argument of a pending call comes from, as the reference's interpreter would
    /// say it: a list for each. Nothing if there is no such call.
    #[must_use]
    pub fn tetraplets(&self, call: &IdempotencyKey) -> Option<Vec<Vec<Tetraplet>>> {
        let state = &self.state;
        let mut pending = state.pending.iter().filter(|(_, arguments)| arguments.is_some());
        let id = pending.find_map(|(at, _)| {
            let id = state.act_at(*at)?;
            (state.position(id).idempotency_key(&state.particle) == *call).then_some(id)
        })?;
        Some(state.tetraplets(id))
    }

    /// The records since the last turn as a new turn, to be signed, stored and given to
    /// [`Run::add_own`] before anything else happens to the run. `None` if there are none.
    pub fn seal(&mut self) -> Option<TurnBody> {
        self.state.log.seal(self.state.particle, self.state.me)
    }

    /// Whether [`Run::seal`] would give a turn.
    #[must_use]
    pub const fn has_unsealed(&self) -> bool {
        self.state.log.has_records()
    }

    /// What was recorded since the last turn, in order: to be stored if something rests on it
    /// before it is sealed. As a turn of this peer it may be absorbed again.
    #[must_use]
    pub fn unsealed(&self) -> &[Entry] {
        self.state.log.entries()
    }

    /// Whether somebody must be told something: then it is time to seal. Call it when nothing is
    /// left to [`Run::step`].
    pub fn has_departures(&mut self) -> bool {
        let look = self.forwarding();
        let leaving = look.look();
        self.state.news.leaving = leaving;
        !self.state.news.leaving.is_empty()
    }

    /// Takes the signed turn that [`Run::seal`] gave.
    pub fn add_own(&mut self, turn: impl Into<NamedTurn>) {
        let turn = turn.into();
        if turn.turn().body.author == self.state.me {
            self.history.add_own(turn.clone());
            self.state.log.continue_after(turn.head());
        }
    }

    const fn forwarding(&mut self) -> Forwarding<'_> {
        let (state, knowledge, history) = (&mut self.state, &mut self.knowledge, &self.history);
        Forwarding { state, knowledge, history, destinations: Destinations::new() }
    }

    /// Whom to tell what (rule F). Call it after every batch of absorb, step and seal. As long as
    /// something is not sealed, nothing leaves.
    pub fn forward(&mut self) -> Vec<Departure> {
        if self.has_unsealed() {
            return Vec::new();
        }
        let look = self.forwarding();
        let destinations = look.look();
        self.departed |= !destinations.is_empty();
        let leaving = destinations.into_entries();
        leaving.map(|(to, destination)| self.depart(to, &destination)).collect()
    }

    /// Something of the run may have left before it was rebuilt: what only the header leads to is
    /// not given up any more. Call it on every run that is rebuilt from a store.
    pub const fn departed(&mut self) {
        self.departed = true;
    }

    pub(crate) const fn not_departed(&mut self) {
        self.departed = false;
    }

    pub(crate) const fn has_departed(&self) -> bool {
        self.departed
    }

    fn depart(&mut self, to: PeerId, destination: &Destination) -> Departure {
        let me = self.state.me;
        let route = route(&self.state.own_relays(), &destination.relays, to);
        let route = route.into_iter().skip_while(|peer| *peer == me).collect();
        let heads = self.history.heads();
        self.knowledge.learn(to, &self.history, &self.state.values);
        let other = self.knowledge.of(to);
        let mut turns: Vec<Arc<SignedTurn>> = Vec::new();
        for fork in self.history.forks() {
            if other.forks.get(&fork.author).is_none_or(|told| *told > fork.number) {
                other.forks.insert(fork.author, fork.number);
                turns.extend(fork.turns().map(Arc::clone));
            }
        }
        let sure = |author: &PeerId| other.sure.get(author).copied().unwrap_or(0);
        turns.extend(self.history.since(sure));
        self.knowledge.told(to, &heads);
        let values = self.state.values_for(self.knowledge.of(to), to);
        Departure { to, route, turns, values, heads, why: destination.why }
    }

    /// A frame of this peer arrived, sent when it had these turns. Call it right after the frame's
    /// content was absorbed.
    pub fn received(&mut self, from: PeerId, heads: &Heads) {
        self.knowledge.received(from, heads);
        let came = core::mem::take(&mut self.came);
        let given = &mut self.knowledge.of(from).given;
        came.into_iter().for_each(|value| given.insert(value));
    }

    /// The peer says, or acknowledges, that it has these turns.
    pub fn heard(&mut self, from: PeerId, heads: &Heads) {
        self.knowledge.heard(from, heads);
    }

    /// What is asked for by somebody who has these turns: the rest, in order.
    #[must_use]
    pub fn turns_since(&self, heads: &Heads) -> Vec<Arc<SignedTurn>> {
        self.history.since(|author| heads.number(author))
    }

    /// A value by its digest, if its bytes are here.
    #[must_use]
    pub fn value(&self, digest: &Digest) -> Option<SaltedValue> {
        self.state.values.get(digest).cloned()
    }

    /// Every value whose bytes are here.
    pub fn values(&self) -> impl Iterator<Item = &SaltedValue> {
        self.state.values.present()
    }

    /// At the initiator: the values of `Return`, or what the run failed with. A program without
    /// `Return` ends with no values when its root is complete.
    #[must_use]
    pub fn result(&self) -> Option<Result<Vec<Value>, Fault>> {
        if let Some((_, data)) = &self.state.returned {
            let values = data.iter().map(|datum| self.state.present(datum.clone()).value);
            return values.collect::<Option<Vec<Value>>>().map(Ok);
        }
        if let Some(failure) = &self.state.fatal {
            return Some(Err(failure.fault()));
        }
        match &self.state.act(ActId(0)).phase {
            Phase::Failed(failure) => Some(Err(failure.fault())),
            Phase::Complete if !self.state.program.facts().has_return() => Some(Ok(Vec::new())),
            Phase::Complete | Phase::Waiting => None,
        }
    }

    /// What ended the run on every peer, whatever would catch it, even if it had a result before:
    /// nobody does any more of its steps.
    #[must_use]
    pub fn ended_by(&self) -> Option<Fault> {
        self.state.fatal.as_ref().map(|failure| failure.fault())
    }

    /// The step at which the run failed, if it did and nothing caught that.
    #[must_use]
    pub fn failed_at(&self) -> Option<NodeId> {
        match &self.state.act(ActId(0)).phase {
            Phase::Failed(failure) => Some(failure.node),
            Phase::Complete | Phase::Waiting => None,
        }
    }

    /// Peers that were shown to contradict themselves.
    pub fn forks(&self) -> impl Iterator<Item = &Fork> {
        self.history.forks()
    }

    /// Records that were found to be lies.
    #[must_use]
    pub fn refuted(&self) -> &[Refuted] {
        &self.state.refuted
    }

    /// How much work was done so far.
    #[must_use]
    pub const fn work(&self) -> Work {
        self.state.work
    }
}
