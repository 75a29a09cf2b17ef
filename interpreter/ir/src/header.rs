//! What starts a run: signed once by the initiator, it covers the program, the arguments and the
//! limits.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::value::put_varint;
use crate::{Digest, Domain, PeerId, Reader};

/// Names a run: the digest of its canonical header, never chosen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ParticleId(pub Digest);

impl fmt::Display for ParticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ParticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p-{:?}", self.0)
    }
}

/// Makes two runs of one program with the same arguments different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Nonce(#[serde(deserialize_with = "crate::byte_array::read_byte_array")] pub [u8; 16]);

/// Bounds that the initiator sets for a run; every peer may be stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Turns that one peer may add.
    pub turns_per_peer: u32,
    /// Records that one peer may add.
    pub records_per_peer: u32,
    /// Bytes of one value.
    pub value_bytes: u32,
    /// Elements of one stream.
    pub stream_elements: u32,
    /// Peers that one step may send to.
    pub fan_out: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            turns_per_peer: 10_000,
            records_per_peer: 100_000,
            value_bytes: 4 << 20,
            stream_elements: 100_000,
            fan_out: 1024,
        }
    }
}

/// The header of a particle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of this format and of the meaning of programs. A peer refuses what it does not
    /// know, because two interpreters that differ would make two states of one history.
    pub version: u16,
    /// Peers of another network refuse it.
    pub network: String,
    /// Who starts the run, and gets its result.
    pub initiator: PeerId,
    /// Through whom the initiator is reached, if it cannot be dialled.
    pub relay: Option<PeerId>,
    /// The program, by the digest of its encoding.
    pub program: Digest,
    /// The arguments, by the digest of each with its salt.
    pub args: Vec<Digest>,
    /// Makes the run different from any other.
    pub nonce: Nonce,
    /// When it was issued, in milliseconds since 1970.
    pub issued_at: u64,
    /// How long it lives, in milliseconds.
    pub ttl: u32,
    /// Bounds.
    pub limits: Limits,
}

impl Header {
    /// The version that this code reads and writes.
    pub const VERSION: u16 = 1;

    /// The canonical bytes, which are hashed and signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // What postcard writes for the fields, in one go: every peer hashes every header.
        let mut bytes = Vec::with_capacity(192 + self.network.len() + 32 * self.args.len());
        put_varint(&mut bytes, u64::from(self.version));
        put_varint(&mut bytes, self.network.len() as u64);
        bytes.extend_from_slice(self.network.as_bytes());
        bytes.extend_from_slice(&self.initiator.0);
        bytes.push(u8::from(self.relay.is_some()));
        bytes.extend(self.relay.iter().flat_map(|relay| relay.0));
        bytes.extend_from_slice(&self.program.0);
        put_varint(&mut bytes, self.args.len() as u64);
        self.args.iter().for_each(|digest| bytes.extend_from_slice(&digest.0));
        bytes.extend_from_slice(&self.nonce.0);
        put_varint(&mut bytes, self.issued_at);
        put_varint(&mut bytes, u64::from(self.ttl));
        let Limits { turns_per_peer, records_per_peer, value_bytes, stream_elements, fan_out } =
            self.limits;
        [turns_per_peer, records_per_peer, value_bytes, stream_elements, fan_out]
            .into_iter()
            .for_each(|limit| put_varint(&mut bytes, u64::from(limit)));
        bytes
    }

    /// Reads what [`Header::to_bytes`] writes, and no other encoding of it; nothing if it does not
    /// stand there.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            version: from.small()?,
            network: {
                let length = from.small()?;
                core::str::from_utf8(from.bytes(length)?).ok()?.to_owned()
            },
            initiator: PeerId(from.array()?),
            relay: match from.byte()? {
                0 => None,
                1 => Some(PeerId(from.array()?)),
                _ => return None,
            },
            program: from.digest()?,
            args: {
                let count = from.number()?;
                (0..count).map(|_| from.digest()).collect::<Option<_>>()?
            },
            nonce: Nonce(from.array()?),
            issued_at: from.number()?,
            ttl: from.small()?,
            limits: Limits {
                turns_per_peer: from.small()?,
                records_per_peer: from.small()?,
                value_bytes: from.small()?,
                stream_elements: from.small()?,
                fan_out: from.small()?,
            },
        })
    }

    /// The id of the particle.
    #[must_use]
    pub fn id(&self) -> ParticleId {
        ParticleId(Digest::of(Domain::Header, &[&self.to_bytes()]))
    }

    /// When the particle ends, in milliseconds since 1970.
    #[must_use]
    pub const fn deadline(&self) -> u64 {
        self.issued_at.saturating_add(self.ttl as u64)
    }
}

/// An ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (low, high) = self.0.split_at(32);
        let half = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).unwrap_or_default();
        (half(low), half(high)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (low, high) = <(Digest, Digest)>::deserialize(deserializer)?;
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(low.0.into_iter().chain(high.0)) {
            *to = from;
        }
        Ok(Self(bytes))
    }
}

/// A header with the initiator's signature over its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHeader {
    /// The header.
    pub header: Header,
    /// The initiator's signature.
    pub signature: Signature,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_that_postcard_writes() {
        for count in [0_u8, 1, 3, 200] {
            let header = Header {
                version: u16::from(count) * 100,
                network: "n".repeat(usize::from(count)),
                initiator: PeerId([count; 32]),
                relay: (count > 1).then_some(PeerId([7; 32])),
                program: Digest([2; 32]),
                args: (0..count).map(|number| Digest([number; 32])).collect(),
                nonce: Nonce([3; 16]),
                issued_at: u64::MAX >> (count % 64),
                ttl: u32::from(count) << 20,
                limits: Limits { fan_out: u32::MAX, ..Limits::default() },
            };
            assert_eq!(header.to_bytes(), postcard::to_allocvec(&header).unwrap());
        }
    }
}
