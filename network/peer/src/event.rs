//! What the outside tells a peer, and what the peer tells the outside.

use aquac_ir::{
    Call, CallResult, Fault, IdempotencyKey, NodeId, ParticleId, PeerId, SignedHeader, Value,
};
use aquac_vm::SaltedValue;

use aquac_vm::Waiting;

use crate::store::{Batch, BatchId};
use crate::{PeerLimits, Reason};

/// What happened outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A link to this peer is up. Its key was proved by the transport.
    Connected {
        /// The other end.
        peer: PeerId,
    },
    /// The link is down. What was not acknowledged is sent again when it is back.
    Disconnected {
        /// The other end.
        peer: PeerId,
    },
    /// One frame arrived, without its length prefix.
    Frame {
        /// The other end of the link, as the transport proved it.
        from: PeerId,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// A service answered.
    Answer {
        /// The run that asked.
        particle: ParticleId,
        /// The call, as in [`Output::Call`].
        key: IdempotencyKey,
        /// What it answered.
        result: CallResult,
    },
    /// A run begins here. Boxed: it is far larger than the rest.
    Start(Box<Start>),
    /// A batch is on disk.
    Stored {
        /// Which: batches are stored in order, so all before it are too.
        batch: BatchId,
    },
    /// Dialling failed, and it is certain that nothing was delivered.
    DialFailed {
        /// Who could not be reached.
        peer: PeerId,
    },
    /// From now on these bounds hold. What is over one already stays.
    Limits(Box<PeerLimits>),
    /// Time has passed: see [`crate::Peer::deadline`].
    Tick,
    /// Take nothing new, finish what runs, then say [`Output::Ended`].
    Shutdown,
}

/// A particle that begins here: signed by its initiator, which is this peer. Made with
/// [`crate::Peer::draft`].
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// What the initiator signed.
    pub header: SignedHeader,
    /// The encoded program.
    pub program: Vec<u8>,
    /// The arguments with their salts, in the order of the header's digests.
    pub args: Vec<SaltedValue>,
}

/// Which of several queues of one link a frame belongs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Small and urgent: hello, acknowledgements, refusals. Before everything else.
    Control,
    /// Everything else, in order.
    Bulk,
}

/// What the outside must do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send a frame over a link that is up. Put a length prefix before it
    /// ([`crate::wire::frame_to_stream`]).
    Send {
        /// The other end.
        to: PeerId,
        /// Which queue.
        lane: Lane,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// Make a link to this peer, then say [`Input::Connected`] or [`Input::DialFailed`].
    Dial {
        /// Who.
        peer: PeerId,
    },
    /// Close the link to this peer, then say [`Input::Disconnected`]. It has sent too much that is
    /// malformed; a link that it makes too early is closed again.
    HangUp {
        /// The other end.
        peer: PeerId,
    },
    /// Ask a service, then say [`Input::Answer`].
    Call {
        /// The step, for debug tables.
        node: NodeId,
        /// Whether this peer may have asked before.
        attempt: Attempt,
        /// The request.
        call: Box<Call>,
    },
    /// Nobody waits for this call's answer any more: its run has ended, or it took too long.
    Cancel {
        /// The run.
        particle: ParticleId,
        /// The call.
        key: IdempotencyKey,
    },
    /// Write this in one transaction, then say [`Input::Stored`]. What depends on it comes after
    /// that.
    Store(Batch),
    /// A run that began here has its result. Said once; and once more, the same, by a peer that
    /// stopped before it was stored that the host has it.
    Finished {
        /// The run.
        particle: ParticleId,
        /// How it ended.
        ending: Ending,
    },
    /// Something worth a counter or a log line.
    Report(Report),
    /// After [`Input::Shutdown`]: nothing is left to do.
    Ended,
}

/// Whether a call may have been made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Never.
    First,
    /// It was under way when this peer stopped. The service gets the same idempotency key.
    Again,
}

/// How a run ended, at its initiator.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It returned.
    Returned(Vec<Value>),
    /// It failed, and nothing caught the fault.
    Failed {
        /// What went wrong.
        fault: Fault,
        /// The step.
        at: Option<NodeId>,
    },
    /// Its deadline passed first.
    Expired {
        /// What each unfinished step waited for, as far as the initiator knew.
        waiting: Vec<Waiting>,
    },
}

/// Something worth a counter or a log line.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// Something was not accepted, or given up.
    Dropped {
        /// Why.
        reason: Reason,
        /// Which run, if that is known.
        particle: Option<ParticleId>,
        /// Who sent it, if somebody did.
        from: Option<PeerId>,
        /// In words, with the numbers of this case.
        detail: String,
    },
    /// A neighbour refused something of ours.
    Refused {
        /// Who.
        by: PeerId,
        /// Why.
        reason: Reason,
        /// Which run.
        particle: ParticleId,
    },
    /// A frame that carries a particle left. Once per transmission over a link.
    Sent {
        /// Over which link.
        to: PeerId,
        /// Which run.
        particle: ParticleId,
        /// Bytes of the frame.
        bytes: usize,
        /// Whether only a relay's forward, of somebody else's frame.
        forwarded: bool,
    },
    /// A frame that carries a particle arrived.
    Received {
        /// Over which link.
        from: PeerId,
        /// Which run.
        particle: ParticleId,
        /// Bytes of the frame.
        bytes: usize,
    },
    /// A neighbour has what we sent, on its disk.
    Acknowledged {
        /// Who.
        by: PeerId,
        /// Which run.
        particle: ParticleId,
    },
    /// This peer signed a turn.
    Sealed {
        /// Which run.
        particle: ParticleId,
        /// The turn's digest.
        turn: aquac_ir::Digest,
    },
    /// A peer could not be reached. What waits for it is tried again until it expires.
    Unreachable {
        /// Who.
        peer: PeerId,
        /// Parcels that wait.
        parcels: usize,
    },
    /// The neighbour's clock differs from ours by more than frames may.
    ClockDiffers {
        /// Who.
        peer: PeerId,
        /// Its clock minus ours, in milliseconds.
        milliseconds: i64,
    },
}
