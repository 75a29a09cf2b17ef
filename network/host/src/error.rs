//! What stops a host.

use aquac_peer::{DamagedStore, Reason};

/// Why a host cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the address is not one of this machine.
    #[error("cannot listen on {address}: {reason}")]
    CannotListen {
        /// As it was given.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// Metrics were to be told on an address that others reach.
    #[error(
        "metrics on {address} would be told to others than this machine; use a loopback address, or say that it is meant so"
    )]
    ExposedMonitor {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// The transports cannot be made.
    #[error("cannot set up the network: {reason}")]
    Transport {
        /// What libp2p says.
        reason: String,
    },
    /// The store cannot be opened or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can be read, but what is in it is damaged.
    #[error("the store is damaged: {0}")]
    Damaged(#[from] DamagedStore),
    /// The key belongs to no peer id.
    #[error("the key is no ed25519 key")]
    BadKey,
}

/// The system gives no random bytes.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Why a store does not work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened: not there, not readable, or held by another process.
    #[error("cannot open the store {path}: {reason}")]
    Open {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It was damaged, and what could be read of it is all that is left of it.
    #[error(
        "the store {path} was damaged: what could be saved is in it, and runs that were under way may be lost; \
         start again to go on with that"
    )]
    Repaired {
        /// The file.
        path: String,
    },
    /// A transaction failed, for instance because the disk is full. Nothing of it was written.
    #[error("cannot write to the store: {reason}")]
    Write {
        /// What is wrong.
        reason: String,
    },
    /// What is in it is damaged. Trying again helps nobody.
    #[error(
        "the store {path} is damaged ({reason}); move it away to begin with an empty one, without the runs that \
         were under way"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Reading failed.
    #[error("cannot read the store: {reason}")]
    Read {
        /// What is wrong.
        reason: String,
    },
}

/// Why a run cannot be started here, or has no end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The host has stopped.
    #[error("the peer has stopped")]
    Stopped,
    /// The peer does not take it: the program does not verify, too much runs already …
    #[error("{detail}")]
    Refused {
        /// Why.
        reason: Reason,
        /// In words.
        detail: String,
    },
    /// The system gives no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why a host has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// It was told to, and nothing was left to do.
    Finished,
    /// It was told to, and what was left took longer than it may.
    Overdue,
    /// Its store is damaged; [`crate::Event::StoreFailed`] said how.
    StoreFailed,
    /// A bug of ours.
    Crashed,
}
