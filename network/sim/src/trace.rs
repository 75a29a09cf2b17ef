//! What happened in a simulation.

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::{Call, CallResult, Digest, IdempotencyKey, ParticleId, PeerId};
use aquac_peer::{Attempt, Ending, Reason, Report};

/// Reports that are kept. Later ones are counted only.
const REPORTS: usize = 100_000;

/// A frame that carried a particle over one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When, in milliseconds since the simulation began.
    pub at: u64,
    /// Who sent it.
    pub from: PeerId,
    /// Who was to receive it.
    pub to: PeerId,
    /// The run.
    pub particle: ParticleId,
    /// Bytes of the frame.
    pub bytes: usize,
    /// Whether the sender only forwarded it.
    pub forwarded: bool,
}

/// A call of a service, and what came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// When the answer came, in milliseconds since the simulation began.
    pub at: u64,
    /// On which peer.
    pub peer: PeerId,
    /// What was asked.
    pub call: Call,
    /// What came back.
    pub result: CallResult,
}

/// Everything that happened.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// Frames that carried particles, in order, forwards included.
    pub messages: Vec<Message>,
    /// Calls in the order of their answers. One that was repeated after a crash stands here once.
    pub calls: Vec<Asked>,
    /// How often each service did something, by the call's key: more than once is an effect that
    /// happened twice.
    pub effects: BTreeMap<(PeerId, IdempotencyKey), u32>,
    /// Calls that were handed out again after a crash.
    pub repeated: u64,
    /// Turns in the order in which they were signed.
    pub turns: Vec<(PeerId, Digest)>,
    /// What the peers reported, but for what stands above.
    pub reports: Vec<(PeerId, Report)>,
    /// How each run ended at its initiator.
    pub endings: BTreeMap<ParticleId, Ending>,
    /// Endings beyond the first of a run, which must not be; but a peer that has died may say the
    /// same once more.
    pub more_endings: u64,
    /// In which of its peer's lives each run's end was said last.
    said_in: BTreeMap<ParticleId, u32>,
    answered: BTreeSet<(PeerId, IdempotencyKey)>,
}

impl Trace {
    pub(crate) fn report(&mut self, at: u64, peer: PeerId, report: Report) {
        match report {
            Report::Sent { to, particle, bytes, forwarded } => {
                self.messages.push(Message { at, from: peer, to, particle, bytes, forwarded });
            }
            Report::Sealed { turn, .. } => self.turns.push((peer, turn)),
            Report::Dropped { .. }
            | Report::Refused { .. }
            | Report::Received { .. }
            | Report::Acknowledged { .. }
            | Report::Unreachable { .. }
            | Report::ClockDiffers { .. } => {
                if self.reports.len() < REPORTS {
                    self.reports.push((peer, report));
                }
            }
        }
    }

    pub(crate) fn asked(&mut self, at: u64, peer: PeerId, call: Call, result: CallResult) {
        if self.answered.insert((peer, call.key)) {
            self.calls.push(Asked { at, peer, call, result });
        }
    }

    pub(crate) fn handed_out(&mut self, attempt: Attempt) {
        match attempt {
            Attempt::First => {}
            Attempt::Again => self.repeated += 1,
        }
    }

    pub(crate) fn ended(&mut self, particle: ParticleId, life: u32, ending: Ending) {
        let before = self.said_in.insert(particle, life);
        let first = self.endings.entry(particle).or_insert_with(|| ending.clone());
        let again = before.is_some_and(|before| before == life || *first != ending);
        self.more_endings += u64::from(again);
    }

    /// Bytes of all messages.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.bytes).sum()
    }

    /// Why this peer did not accept something, in order.
    pub fn refusals(&self, peer: PeerId) -> impl Iterator<Item = Reason> {
        self.reports.iter().filter_map(move |(by, report)| match report {
            Report::Dropped { reason, .. } if *by == peer => Some(*reason),
            Report::Dropped { .. }
            | Report::Refused { .. }
            | Report::Sent { .. }
            | Report::Received { .. }
            | Report::Acknowledged { .. }
            | Report::Sealed { .. }
            | Report::Unreachable { .. }
            | Report::ClockDiffers { .. } => None,
        })
    }
}
