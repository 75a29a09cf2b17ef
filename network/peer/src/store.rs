//! What a peer writes down before an effect leaves it.
//!
//! The store is an ordered map of bytes to bytes. A [`Batch`] is one transaction; batches are
//! written in the order in which they come. After a crash the host gives back every pair, and
//! [`crate::Peer::restore`] makes the peer that it was.

/// Numbers batches, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BatchId(pub u64);

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Write, replacing what is there.
    Put {
        /// Where.
        key: Vec<u8>,
        /// What.
        value: Vec<u8>,
    },
    /// Forget.
    Delete {
        /// What.
        key: Vec<u8>,
    },
    /// Forget every pair whose key begins so.
    Clear {
        /// The beginning.
        prefix: Vec<u8>,
    },
}

/// Changes that are made together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    /// What changes, in order.
    pub changes: Vec<Change>,
}

/// Every pair of a store, in the order of keys.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;
