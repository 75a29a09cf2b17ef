//! What a peer is told about itself.

use std::collections::BTreeSet;

use aquac_ir::PeerId;
use aquac_vm::{
    Ed25519Signer, Ed25519Verifier, Signer, UncheckedSigner, UncheckedVerifier, Verifier,
};

/// How a peer signs, and how it checks what others signed.
pub struct Keys {
    /// Its identity.
    pub signer: Box<dyn Signer + Send>,
    /// Checks the others.
    pub verifier: Box<dyn Verifier + Send>,
}

impl Keys {
    /// The key with this secret seed.
    #[must_use]
    pub fn ed25519(seed: [u8; 32]) -> Self {
        Self {
            signer: Box::new(Ed25519Signer::from_seed(seed)),
            verifier: Box::new(Ed25519Verifier),
        }
    }

    /// No key at all: for simulations in which nobody lies and events are counted.
    #[must_use]
    pub fn unchecked(peer: PeerId) -> Self {
        Self { signer: Box::new(UncheckedSigner(peer)), verifier: Box::new(UncheckedVerifier) }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Keys").field(&self.signer.peer()).finish()
    }
}

/// Whether what this peer acknowledges outlives its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Effects wait until what they rest on is stored.
    Stored,
    /// Nothing is stored: for clients and for measurements.
    Volatile,
}

/// For whom this peer forwards and keeps frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relaying {
    /// For nobody.
    Nobody,
    /// For these.
    Only(BTreeSet<PeerId>),
    /// For everybody.
    Everybody,
}

/// Bounds of one peer. At a bound the newcomer is refused with a reason; nothing is dropped
/// silently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerLimits {
    /// Runs at a time; beyond it new ones are refused as overloaded.
    pub particles: usize,
    /// Runs of one initiator at a time; the same.
    pub particles_per_initiator: usize,
    /// Milliseconds that a run may live; longer ones are refused.
    pub ttl: u32,
    /// Milliseconds that two clocks may differ.
    pub skew: u64,
    /// Bytes of one parcel; larger ones are refused before they are put together.
    pub parcel_bytes: usize,
    /// Frames kept for one neighbour that is away or slow; beyond it new ones are refused.
    pub mailbox_frames: usize,
    /// Bytes of them.
    pub mailbox_bytes: usize,
    /// Neighbours that are away and for whom parcels are kept; for others parcels are refused.
    pub absent_neighbours: usize,
    /// Bytes of turns and values that are kept of one run; more are refused as too large.
    pub bytes_per_particle: usize,
    /// Bytes that are kept of all runs of one initiator; more are refused as overloaded.
    pub bytes_per_initiator: usize,
    /// Malformed frames and parcels that a neighbour may make; with one more its link is closed.
    pub malformed_frames: u32,
    /// Milliseconds for which nothing is taken from it then, and it is not dialled.
    pub shut_out: u64,
    /// Calls that may be under way; the rest wait, and initiators take turns.
    pub calls: usize,
    /// Calls of one initiator that may be under way.
    pub calls_per_initiator: usize,
    /// Calls of one initiator that may wait; one more fails as overloaded.
    pub calls_waiting: usize,
    /// Milliseconds that a service may take for one call; then the call fails as expired and is
    /// cancelled.
    pub call_time: u64,
    /// Peers to which this peer sends something of one run. A step at one more is given up if
    /// something catches that; else what goes there is dropped.
    pub fan_out: u32,
    /// Steps that a run may make before others get their turn.
    pub fuel: u64,
    /// Steps in a second that the runs of one initiator may make. They may save up five seconds;
    /// beyond it they wait.
    pub fuel_per_second: u64,
}

impl Default for PeerLimits {
    fn default() -> Self {
        Self {
            particles: 100_000,
            particles_per_initiator: 50_000,
            ttl: 24 * 3600 * 1000,
            skew: 10_000,
            parcel_bytes: 16 << 20,
            mailbox_frames: 4096,
            mailbox_bytes: 64 << 20,
            absent_neighbours: 4096,
            bytes_per_particle: 64 << 20,
            bytes_per_initiator: 512 << 20,
            malformed_frames: 32,
            shut_out: 60_000,
            calls: 4096,
            calls_per_initiator: 1024,
            calls_waiting: 1 << 16,
            call_time: 24 * 3600 * 1000,
            fan_out: 10_000,
            fuel: 10_000,
            fuel_per_second: 1_000_000,
        }
    }
}

/// What a peer is told about itself. Addresses are the host's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Particles of other networks are refused.
    pub network: String,
    /// Through whom this peer is reached, if it cannot be dialled. It goes into the headers of
    /// the runs that begin here.
    pub relay: Option<PeerId>,
    /// For whom it forwards.
    pub relaying: Relaying,
    /// Whether it stores.
    pub durability: Durability,
    /// Bounds.
    pub limits: PeerLimits,
}

impl Config {
    /// For a peer of this network that stores, relays for everybody and needs no relay.
    #[must_use]
    pub fn new(network: &str) -> Self {
        Self {
            network: network.to_owned(),
            relay: None,
            relaying: Relaying::Everybody,
            durability: Durability::Stored,
            limits: PeerLimits::default(),
        }
    }
}
