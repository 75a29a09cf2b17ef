//! What is made of the peer's own types: a peer from its seed, a particle from a job.

use aquac_ir::Value;
use aquac_peer::{Config, Pairs, Peer, Start};

use crate::{RunError, StartError};

/// A program to run here.
#[derive(Debug, Clone)]
pub struct Job {
    /// The encoded program.
    pub program: Vec<u8>,
    /// Its arguments.
    pub args: Vec<Value>,
    /// How long it may take, in milliseconds.
    pub ttl: u32,
}

/// The peer that it was when it wrote these pairs.
pub(crate) fn make(seed: [u8; 32], config: Config, pairs: Pairs) -> Result<Peer, StartError> {
    let _ = (seed, pairs);
    Ok(Peer::new(config))
}

/// A particle from a job.
pub(crate) fn start(peer: &mut Peer, job: Job) -> Result<Box<Start>, RunError> {
    let _ = (peer, job);
    Err(RunError::Stopped)
}
