//! What is to be run: a program with its arguments.

use aquac_ir::{Limits, Nonce, Value};
use aquac_peer::{Peer, Start};

use crate::{NoRandomness, clock};

/// A program to run here.
#[derive(Debug, Clone)]
pub struct Job {
    /// The encoded program.
    pub program: Vec<u8>,
    /// Its arguments.
    pub args: Vec<Value>,
    /// How long it may take, in milliseconds.
    pub ttl: u32,
    /// Bounds that every peer keeps to.
    pub limits: Limits,
}

impl Job {
    /// With the usual limits.
    #[must_use]
    pub fn new(program: Vec<u8>, args: Vec<Value>, ttl: u32) -> Self {
        Self { program, args, ttl, limits: Limits::default() }
    }

    /// A particle that begins now.
    pub(crate) fn draft(self, peer: &Peer) -> Result<Start, NoRandomness> {
        let Self { program, args, ttl, limits } = self;
        let nonce = Nonce(clock::random()?);
        Ok(peer.draft(clock::now(), program, args, nonce, ttl, limits))
    }
}
