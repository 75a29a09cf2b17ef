//! A turn as an item: its canonical bytes without the particle, which the parcel names, and
//! without what stands before a first turn; then the signature.
//!
//! Most of what a peer reads is turns, and most of a turn is keys and digests: they are read and
//! written in one go. Reading takes more than one encoding of the same turn; who reads compares
//! with what [`turn_bytes`] writes.

use aquac_ir::{Digest, ParticleId, PeerId, Signature};
use aquac_vm::{Entry, Record, RecordedFault, SignedTurn, TurnBody};
use serde::de::DeserializeOwned;

/// Bytes of a digest and of a key.
const DIGEST: usize = 32;
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// What stands before every turn: which item it is.
pub(super) const KIND: u8 = 2;

/// A turn as an item.
pub(crate) fn turn_bytes(turn: &SignedTurn) -> Vec<u8> {
    let body = turn.body.to_bytes();
    let (_, rest) = body.split_at(DIGEST.min(body.len()));
    let (start, rest) = rest.split_at((DIGEST + digits(turn.body.number)).min(rest.len()));
    let (previous, entries) = rest.split_at(DIGEST.min(rest.len()));
    let mut bytes = Vec::with_capacity(2 + body.len() + SIGNATURE);
    bytes.push(KIND);
    bytes.extend_from_slice(start);
    if turn.body.number == 1 && turn.body.previous == turn.body.particle.0 {
        bytes.push(0);
    } else {
        bytes.push(1);
        bytes.extend_from_slice(previous);
    }
    bytes.extend_from_slice(entries);
    bytes.extend_from_slice(&turn.signature.0);
    bytes
}

/// Bytes that a number takes, at seven bits each.
const fn digits(number: u32) -> usize {
    (32 - (number | 1).leading_zeros() as usize).div_ceil(7)
}

/// What [`turn_bytes`] wrote for a turn of this particle.
pub(super) fn read_turn(bytes: &[u8], particle: ParticleId) -> Option<SignedTurn> {
    let mut reader = Reader { rest: bytes };
    (reader.byte()? == KIND).then_some(())?;
    let author = PeerId(reader.array()?);
    let number = reader.part()?;
    let previous = match reader.byte()? {
        0 => particle.0,
        1 => reader.digest()?,
        _ => return None,
    };
    let count: u32 = reader.part()?;
    // Memory is only taken for entries that may be there: each has two keys or digests.
    let room = reader.rest.len() / (2 * DIGEST);
    let mut entries = Vec::with_capacity(room.min(count as usize));
    for _ in 0..count {
        entries.push(reader.entry()?);
    }
    let signature = Signature(reader.array()?);
    let body = TurnBody { particle, author, number, previous, entries };
    reader.rest.is_empty().then_some(SignedTurn { body, signature })
}

/// What is not read yet.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*first)
    }

    fn digest(&mut self) -> Option<Digest> {
        self.array().map(Digest)
    }

    /// Something that is not only keys and digests.
    fn part<T: DeserializeOwned>(&mut self) -> Option<T> {
        let (part, rest) = postcard::take_from_bytes(self.rest).ok()?;
        self.rest = rest;
        Some(part)
    }

    fn entry(&mut self) -> Option<Entry> {
        match self.byte()? {
            0 => {
                let peer = PeerId(self.array()?);
                Some(Entry::Saw { peer, number: self.part()?, digest: self.digest()? })
            }
            1 => {
                let (position, arguments) = (self.part()?, self.digest()?);
                let outcome = match self.byte()? {
                    0 => Ok(self.digest()?),
                    1 => Err(RecordedFault { code: self.part()?, message: self.digest()? }),
                    _ => return None,
                };
                Some(Entry::Record(Record { position, arguments, outcome }))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::{FaultCode, NodeId};
    use aquac_vm::{Iteration, Position};

    use super::*;

    fn entries() -> Vec<Entry> {
        let path = vec![Iteration::Index(300), Iteration::Named([6; 16])];
        let record = |node, path, outcome| {
            let position = Position { node: NodeId(node), path };
            Entry::Record(Record { position, arguments: Digest([3; 32]), outcome })
        };
        let fault = RecordedFault { code: FaultCode::Unreachable, message: Digest([5; 32]) };
        vec![
            Entry::Saw { peer: PeerId([3; 32]), number: 70_000, digest: Digest([4; 32]) },
            record(7, Vec::new(), Ok(Digest([9; 32]))),
            record(u32::MAX, path, Err(fault)),
        ]
    }

    #[test]
    fn turns_of_every_size_come_back_and_no_cut_one_does() {
        let particle = ParticleId(Digest([1; 32]));
        let numbers = [1, 2, 127, 128, 16_383, 16_384, 1 << 21, 1 << 28, u32::MAX];
        for (number, previous) in numbers.into_iter().flat_map(|n| [(n, 1), (n, 2)]) {
            let (author, previous) = (PeerId([5; 32]), Digest([previous; 32]));
            let body = TurnBody { particle, author, number, previous, entries: entries() };
            let turn = SignedTurn { body, signature: Signature([6; 64]) };
            let bytes = turn_bytes(&turn);
            assert!((0..bytes.len()).all(|end| read_turn(&bytes[..end], particle).is_none()));
            assert_eq!(read_turn(&bytes, particle), Some(turn), "{number}");
        }
    }

    #[test]
    fn a_count_that_lies_takes_no_memory() {
        let particle = ParticleId(Digest([1; 32]));
        let body = TurnBody {
            particle,
            author: PeerId([5; 32]),
            number: 1,
            previous: particle.0,
            entries: Vec::new(),
        };
        let mut bytes = turn_bytes(&SignedTurn { body, signature: Signature([6; 64]) });
        let count = bytes.len() - SIGNATURE - 1;
        bytes.splice(count..=count, [0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(read_turn(&bytes, particle), None);
    }
}
