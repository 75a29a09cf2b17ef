//! What happens in a host, for whoever watches: logs, diagrams, metrics.

use std::sync::Arc;
use std::time::Duration;

use aquac_ir::{Call, CallResult, Digest, NodeId, ParticleId, PeerId};
use aquac_peer::{Attempt, Ending, Report, Time};
use libp2p::Multiaddr;

use crate::StoreError;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The peer is reached here.
    Listening {
        /// The address.
        address: Multiaddr,
    },
    /// A link is up.
    LinkUp {
        /// The other end.
        peer: PeerId,
    },
    /// A link is down.
    LinkDown {
        /// The other end.
        peer: PeerId,
        /// Why, in words.
        reason: String,
    },
    /// A peer could not be reached.
    DialFailed {
        /// Who.
        peer: PeerId,
        /// Why, in words, with the addresses that were tried.
        reason: String,
    },
    /// A service is asked.
    Called {
        /// The step, for debug tables.
        node: NodeId,
        /// Whether it may have been asked before, with the same key.
        attempt: Attempt,
        /// The program whose step it is, for debug tables.
        program: Option<Digest>,
        /// The request.
        call: Arc<Call>,
    },
    /// A service has answered.
    Answered {
        /// The step.
        node: NodeId,
        /// The program whose step it is.
        program: Option<Digest>,
        /// The request.
        call: Arc<Call>,
        /// The answer.
        result: CallResult,
        /// How long it took.
        took: Duration,
    },
    /// What the peer's logic says: frames with particles, acknowledgements, drops.
    Report(Report),
    /// A run that began here has ended.
    Finished {
        /// The run.
        particle: ParticleId,
        /// How.
        ending: Ending,
    },
    /// The store does not take what is written. Nothing that needs it happens until it does; it is
    /// tried again and again, and said again from time to time. A store that is damaged ends the
    /// host.
    StoreFailed(StoreError),
    /// The store works again.
    StoreWorks {
        /// How long it did not.
        after: Duration,
    },
}

/// An event with where and when.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The peer of the host.
    pub host: PeerId,
    /// By the host's clock.
    pub at: Time,
    /// What happened.
    pub event: Event,
}

/// Watches a host. It is called from the task that drives the peer, so it must be quick: hand
/// over to a queue of your own if there is work.
pub type Observer = Arc<dyn Fn(Observed) + Send + Sync>;
