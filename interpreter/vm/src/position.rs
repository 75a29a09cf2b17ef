//! Positions: where in a run something happens, said the same way on every peer.
//!
//! A node number says where in the program; the path says in which iteration of each loop around
//! it. An iteration over an array or snapshot is named by its index. An iteration over a live
//! stream is named by a digest of the position that made its element, and so is an iteration that
//! a `Next` started from inside another loop: spelled out, such paths would grow with the depth
//! of a recursion.

use alloc::vec::Vec;

use aquac_ir::{Digest, Domain, IdempotencyKey, NodeId, ParticleId};
use serde::{Deserialize, Serialize};

use crate::turn_bytes::position_bytes;

/// Which iteration of one loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Iteration {
    /// By index, from 0.
    Index(u32),
    /// By [`Position::name`] of what started it: a stream's element or a `Next`.
    Named(#[serde(deserialize_with = "aquac_ir::read_byte_array")] [u8; 16]),
}

/// Where in a run something happens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The node.
    pub node: NodeId,
    /// The iteration of each loop around the node, from the outside in.
    pub path: Vec<Iteration>,
}

impl Position {
    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 17 * self.path.len());
        position_bytes(&mut bytes, self);
        bytes
    }

    /// A short name that is unique within one run.
    #[must_use]
    pub fn name(&self) -> [u8; 16] {
        Digest::of(Domain::Position, &[&self.to_bytes()]).short()
    }

    /// What a service gets to recognise a call that is repeated after a crash.
    #[must_use]
    pub fn idempotency_key(&self, particle: &ParticleId) -> IdempotencyKey {
        IdempotencyKey(Digest::of(Domain::Idempotency, &[&particle.0.0, &self.to_bytes()]))
    }
}
