//! What a service is asked, and what it answers.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Digest, ParticleId, PeerId, Value};

/// Where a value comes from. A service can demand it of its arguments: it was signed by the peer
/// that made the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Origin {
    /// Written in the program or given as an argument, by the initiator.
    Literal {
        /// The initiator.
        peer: PeerId,
    },
    /// The result of a call, or a part of it.
    Result {
        /// Who answered.
        peer: PeerId,
        /// The service.
        service: String,
        /// The function.
        function: String,
        /// Which part: empty for the whole, else `.field` and `[index]` steps.
        path: String,
    },
    /// The content of a stream, fixed by a peer.
    Snapshot {
        /// Who fixed it.
        peer: PeerId,
    },
    /// Computed from several values by the program.
    Derived,
}

/// A value with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Names one call for ever: the digest of particle and position. A service that sees it again
/// has done the call already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IdempotencyKey(pub Digest);

/// A request to a service on this peer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The run that asks.
    pub particle: ParticleId,
    /// Who started the run.
    pub initiator: PeerId,
    /// The service.
    pub service: String,
    /// The function.
    pub function: String,
    /// The arguments.
    pub args: Vec<Argument>,
    /// When the answer is of no use any more, in milliseconds since 1970.
    pub deadline: u64,
    /// Names this call for ever.
    pub key: IdempotencyKey,
}

/// An error that a service answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceError {
    /// The service's own code; [`crate::Fault`] puts it into its message.
    pub code: i64,
    /// In words; for AIR the exact text that the host gave.
    pub message: String,
}

/// What a service answers: a value, or an error.
pub type CallResult = Result<Value, ServiceError>;
