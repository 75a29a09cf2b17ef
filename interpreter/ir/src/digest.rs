//! Content hashes. Every purpose has a domain of its own, so that bytes of one kind can never
//! pass for another.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A BLAKE3 hash of 32 bytes in some [`Domain`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

/// What a digest is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// An encoded program.
    Program,
    /// A particle's header.
    Header,
    /// A value with its salt.
    Value,
    /// The list of a call's argument digests.
    Arguments,
    /// The body of a turn.
    Turn,
    /// A position in a run.
    Position,
    /// The salt of a derived value.
    Salt,
    /// What a service gets to recognise a repeated call.
    Idempotency,
    /// Which turns a receipt holds.
    Receipt,
}

impl Domain {
    const fn context(self) -> &'static str {
        match self {
            Self::Program => "aquac 2026 program v1",
            Self::Header => "aquac 2026 particle header v1",
            Self::Value => "aquac 2026 value v1",
            Self::Arguments => "aquac 2026 arguments v1",
            Self::Turn => "aquac 2026 turn v1",
            Self::Position => "aquac 2026 position v1",
            Self::Salt => "aquac 2026 salt v1",
            Self::Idempotency => "aquac 2026 idempotency key v1",
            Self::Receipt => "aquac 2026 receipt v1",
        }
    }
}

impl Digest {
    /// The digest of these parts in a domain. Each part is preceded by its length, so that parts
    /// cannot be moved between neighbours.
    #[must_use]
    pub fn of(domain: Domain, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain.context());
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The first 16 bytes: enough to name something inside one run.
    #[must_use]
    pub fn short(&self) -> [u8; 16] {
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(self.0) {
            *to = from;
        }
        short
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Hidden with a value, so that its digest does not give it away: without it, `true` or a PIN
/// would be found by trying. Travels with the value.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Salt(pub [u8; 16]);
