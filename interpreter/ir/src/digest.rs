//! Content hashes. Every purpose has a domain of its own, so that bytes of one kind can never
//! pass for another.

use core::cmp::Ordering;
use core::fmt;

use blake3::hazmat::HasherExt;
use serde::{Deserialize, Serialize};

use crate::byte_array;
use crate::byte_order::byte_order;

/// A BLAKE3 hash of 32 bytes in some [`Domain`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Digest(#[serde(deserialize_with = "byte_array::read_byte_array")] pub [u8; 32]);

impl Ord for Digest {
    fn cmp(&self, other: &Self) -> Ordering {
        byte_order(&self.0, &other.0)
    }
}

impl PartialOrd for Digest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

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
    #[cfg(test)]
    const ALL: [Self; 9] = [
        Self::Program,
        Self::Header,
        Self::Value,
        Self::Arguments,
        Self::Turn,
        Self::Position,
        Self::Salt,
        Self::Idempotency,
        Self::Receipt,
    ];

    /// The words that keep the domains apart; their hash is the [`Self::key`].
    #[cfg(test)]
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

    /// The key that BLAKE3 derives from the words of a domain: computed once, because most of what
    /// is hashed is short.
    const fn key(self) -> [u8; 32] {
        match self {
            Self::Program => {
                const { from_hex(b"7d52822de9fae491207692d180e6b7ea4f7d8a7d0c34b8e4e6f5885b9ac5b494") }
            }
            Self::Header => {
                const { from_hex(b"1cf3d6a0b7c69ac42cc31399ac6123fa6632445c9b45d9fdee8f73cb3af3af6a") }
            }
            Self::Value => {
                const { from_hex(b"50973da64073799ed59e8a9a0cfcea194c8a746d3f4a7974560815791c48a3b4") }
            }
            Self::Arguments => {
                const { from_hex(b"3e97538dda824b5d9b9b934243503214559dd3c58289063a331180c77adc9cfe") }
            }
            Self::Turn => {
                const { from_hex(b"2a8a865f9607ac51171bfc3be87f5a1f6126627531679ae1d30034384f760223") }
            }
            Self::Position => {
                const { from_hex(b"b02d2130789c3dd12266a853538c526f6a449a0e8cc351130468e4bdb92ffb5c") }
            }
            Self::Salt => {
                const { from_hex(b"eeef5b5f6d29c7deedf7825f08b9d4547aa74c73522cd1cd9753281af8e92af6") }
            }
            Self::Idempotency => {
                const { from_hex(b"af72957963f7e44a55ab2eb7c43333ff39f96dc76bf1d1d1daeaadb80d2c3f63") }
            }
            Self::Receipt => {
                const { from_hex(b"48d7adeb30440fba830542b050d02a32f84353fc1f0bd4a791dac5af43d792a9") }
            }
        }
    }
}

/// Reads a key.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would refuse it")]
const fn from_hex(text: &[u8; 64]) -> [u8; 32] {
    const fn digit(letter: u8) -> u8 {
        match letter {
            b'a'..=b'f' => letter - b'a' + 10,
            other => other - b'0',
        }
    }
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < bytes.len() {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

/// Bytes that are laid together.
const TOGETHER: usize = 256;

/// A digest in the making: takes its parts one after the other.
#[derive(Debug)]
pub struct Making<'a> {
    /// Borrowed, because it has room for the halves of halves of a very long text and is dear to
    /// move.
    hasher: &'a mut blake3::Hasher,
    /// Short parts are laid together first: to begin and end costs more than to hash a few.
    together: [u8; TOGETHER],
    used: usize,
}

impl Making<'_> {
    /// Adds a part.
    pub fn part(&mut self, part: &[u8]) {
        self.bytes(&(part.len() as u64).to_le_bytes());
        self.bytes(part);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if let Some(room) = self.together.get_mut(self.used..self.used + bytes.len()) {
            room.copy_from_slice(bytes);
            self.used += bytes.len();
        } else {
            self.flush();
            self.hasher.update(bytes);
        }
    }

    fn flush(&mut self) {
        self.hasher.update(self.together.get(..self.used).unwrap_or_default());
        self.used = 0;
    }
}

impl Digest {
    /// The digest of these parts in a domain. Each part is preceded by its length, so that parts
    /// cannot be moved between neighbours.
    #[must_use]
    pub fn of(domain: Domain, parts: &[&[u8]]) -> Self {
        Self::make(domain, |making| parts.iter().for_each(|part| making.part(part)))
    }

    /// The digest of the parts that this adds, for parts that do not stand in a list.
    #[must_use]
    pub fn make(domain: Domain, add: impl FnOnce(&mut Making<'_>)) -> Self {
        let mut hasher = blake3::Hasher::new_from_context_key(&domain.key());
        let mut making = Making { hasher: &mut hasher, together: [0; TOGETHER], used: 0 };
        add(&mut making);
        making.flush();
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
pub struct Salt(#[serde(deserialize_with = "byte_array::read_byte_array")] pub [u8; 16]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_each_domain_is_derived_from_its_words() {
        for domain in Domain::ALL {
            let key = blake3::hazmat::hash_derive_key_context(domain.context());
            assert_eq!(domain.key(), key, "{domain:?}");
        }
        let plain = blake3::Hasher::new_derive_key(Domain::Turn.context()).finalize();
        assert_eq!(Digest::of(Domain::Turn, &[]).0, *plain.as_bytes());
    }

    #[test]
    fn how_parts_are_laid_together_changes_nothing() {
        let bytes = [5; 700];
        for lengths in [&[3, 4][..], &[248], &[240, 1, 2], &[249, 3], &[700, 3, 100, 200, 700], &[]]
        {
            let parts: Vec<&[u8]> = lengths.iter().map(|length| &bytes[..*length]).collect();
            let mut hasher = blake3::Hasher::new_derive_key(Domain::Turn.context());
            for part in &parts {
                hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
            }
            assert_eq!(Digest::of(Domain::Turn, &parts).0, *hasher.finalize().as_bytes());
        }
    }
}
