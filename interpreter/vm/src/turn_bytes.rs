//! The canonical bytes of a turn: those that postcard writes for its parts, written and read in one go.
//! Every turn that arrives is hashed, and most of a turn is keys and digests.

use alloc::vec::Vec;

use aquac_ir::{Digest, FaultCode, NodeId, ParticleId, PeerId, Reader, Signature};

use crate::turn::{Entry, Record, RecordedFault, SignedTurn, TurnBody};
use crate::{Iteration, Position};

/// Bytes of a turn beside its entries, and of most entries.
const ROOM: usize = 128;
const ENTRY: usize = 96;

pub(crate) fn turn_bytes(body: &TurnBody) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ROOM + ENTRY * body.entries.len());
    bytes.extend_from_slice(&body.particle.0.0);
    bytes.extend_from_slice(&body.author.0);
    number(&mut bytes, body.number as usize);
    bytes.extend_from_slice(&body.previous.0);
    entries_bytes(bytes, &body.entries)
}

/// Adds the bytes of entries: how many there are, and each.
pub(crate) fn entries_bytes(mut bytes: Vec<u8>, entries: &[Entry]) -> Vec<u8> {
    bytes.reserve(ENTRY * entries.len());
    number(&mut bytes, entries.len());
    for entry in entries {
        match entry {
            Entry::Saw { peer, number: turn, digest } => {
                bytes.push(0);
                bytes.extend_from_slice(&peer.0);
                number(&mut bytes, *turn as usize);
                bytes.extend_from_slice(&digest.0);
            }
            Entry::Record(record) => {
                bytes.push(1);
                bytes = record_bytes(bytes, record);
            }
        }
    }
    bytes
}

/// Seven bits a byte, the lowest first.
#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time are meant")]
fn number(bytes: &mut Vec<u8>, mut rest: usize) {
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// The bytes of a position.
pub(crate) fn position_bytes(bytes: &mut Vec<u8>, position: &Position) {
    number(bytes, position.node.0 as usize);
    number(bytes, position.path.len());
    for step in &position.path {
        match step {
            Iteration::Index(index) => {
                bytes.push(0);
                number(bytes, *index as usize);
            }
            Iteration::Named(name) => {
                bytes.push(1);
                bytes.extend_from_slice(name);
            }
        }
    }
}

fn record_bytes(mut bytes: Vec<u8>, record: &Record) -> Vec<u8> {
    position_bytes(&mut bytes, &record.position);
    bytes.extend_from_slice(&record.arguments.0);
    let digest = match &record.outcome {
        Ok(digest) => {
            bytes.push(0);
            digest
        }
        Err(fault) => {
            bytes.push(1);
            bytes.push(fault.code.place());
            &fault.message
        }
    };
    bytes.extend_from_slice(&digest.0);
    bytes
}

impl SignedTurn {
    /// Reads what [`SignedTurn::to_bytes`] writes, and no other encoding of it; nothing if it does
    /// not stand there.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let body = TurnBody {
            particle: ParticleId(from.digest()?),
            author: PeerId(from.array()?),
            number: from.small()?,
            previous: from.digest()?,
            entries: Entry::read_all(from)?,
        };
        Some(Self { body, signature: Signature(from.array()?) })
    }
}

impl Entry {
    /// Reads what [`TurnBody::add_entries`] writes, and no other encoding of it; nothing if it does
    /// not stand there.
    pub fn read_all(from: &mut Reader<'_>) -> Option<Vec<Self>> {
        let count: u32 = from.small()?;
        // Memory is only taken for entries that may be there: each has two keys or digests.
        let room = from.left() / (2 * size_of::<Digest>());
        let mut entries = Vec::with_capacity(room.min(count as usize));
        for _ in 0..count {
            entries.push(entry(from)?);
        }
        Some(entries)
    }
}

fn entry(from: &mut Reader<'_>) -> Option<Entry> {
    match from.byte()? {
        0 => {
            let peer = PeerId(from.array()?);
            Some(Entry::Saw { peer, number: from.small()?, digest: from.digest()? })
        }
        1 => {
            let (position, arguments) = (position(from)?, from.digest()?);
            let outcome = match from.byte()? {
                0 => Ok(from.digest()?),
                1 => {
                    let code = FaultCode::at(from.small()?)?;
                    Err(RecordedFault { code, message: from.digest()? })
                }
                _ => return None,
            };
            Some(Entry::Record(Record { position, arguments, outcome }))
        }
        _ => None,
    }
}

fn position(from: &mut Reader<'_>) -> Option<Position> {
    let (node, depth) = (NodeId(from.small()?), from.number()?);
    let steps = (0..depth).map(|_| match from.byte()? {
        0 => from.small().map(Iteration::Index),
        1 => from.array().map(Iteration::Named),
        _ => None,
    });
    Some(Position { node, path: steps.collect::<Option<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TurnDecodeError;

    /// What a derived reader gives, if it is written as it was.
    fn derived(bytes: &[u8]) -> Result<SignedTurn, TurnDecodeError> {
        let turn: SignedTurn = postcard::from_bytes(bytes).map_err(TurnDecodeError::Damaged)?;
        let is_whole = postcard::to_allocvec(&turn).as_deref() == Ok(bytes);
        if is_whole { Ok(turn) } else { Err(TurnDecodeError::NotCanonical) }
    }

    #[test]
    fn the_same_is_read_and_refused_for_the_same_reason_as_by_a_derived_reader() {
        let fault = RecordedFault { code: FaultCode::BadPeer, message: Digest([0; 32]) };
        let path = alloc::vec![Iteration::Index(1), Iteration::Named([0; 16])];
        let record = |outcome| {
            let position = Position { node: NodeId(3), path: path.clone() };
            Entry::Record(Record { position, arguments: Digest([0; 32]), outcome })
        };
        let saw = Entry::Saw { peer: PeerId([0; 32]), number: 2, digest: Digest([0; 32]) };
        let entries = alloc::vec![saw, record(Ok(Digest([0; 32]))), record(Err(fault))];
        let particle = ParticleId(Digest([0; 32]));
        let (author, previous) = (PeerId([0; 32]), Digest([0; 32]));
        let body = TurnBody { particle, author, number: 1, previous, entries };
        let bytes = SignedTurn { body, signature: Signature([0; 64]) }.to_bytes();
        for (at, byte) in (0..bytes.len()).flat_map(|at| [0, 1, 128, 129, 255].map(|b| (at, b))) {
            let (mut changed, mut longer, mut continued) =
                (bytes.clone(), bytes.clone(), bytes.clone());
            changed[at] = byte;
            longer.insert(at, byte);
            continued[at] |= 128;
            continued.insert(at + 1, byte);
            for other in [&changed, &longer, &continued, &bytes[..at]] {
                assert_eq!(SignedTurn::from_bytes(other), derived(other), "{at}: {byte}");
            }
        }
    }

    #[test]
    fn the_bytes_are_those_that_postcard_writes() {
        let record = |node, path, outcome| {
            let position = Position { node: NodeId(node), path };
            Entry::Record(Record { position, arguments: Digest([3; 32]), outcome })
        };
        let fault = RecordedFault { code: FaultCode::Unreachable, message: Digest([5; 32]) };
        let path = alloc::vec![Iteration::Index(300), Iteration::Named([6; 16])];
        let saw = Entry::Saw { peer: PeerId([1; 32]), number: 70_000, digest: Digest([2; 32]) };
        let entries = [
            alloc::vec![],
            alloc::vec![saw.clone()],
            alloc::vec![saw, record(7, Vec::new(), Ok(Digest([4; 32])))],
            alloc::vec![record(7, path, Err(fault))],
            alloc::vec![record(u32::MAX, Vec::new(), Ok(Digest([4; 32]))); 200],
        ];
        for (number, entries) in [1, 127, 128, 70_000, u32::MAX].into_iter().zip(entries) {
            let particle = ParticleId(Digest([8; 32]));
            let (author, previous) = (PeerId([9; 32]), Digest([10; 32]));
            let body = TurnBody { particle, author, number, previous, entries };
            assert_eq!(turn_bytes(&body), postcard::to_allocvec(&body).unwrap());
            let turn = SignedTurn { body, signature: Signature([7; 64]) };
            let bytes = turn.to_bytes();
            assert_eq!(bytes, postcard::to_allocvec(&turn).unwrap());
            assert_eq!(SignedTurn::from_bytes(&bytes).as_ref(), Ok(&turn));
            let body = turn.body;
            for record in body.records() {
                let bytes = postcard::to_allocvec(&record.position).unwrap();
                assert_eq!(record.position.to_bytes(), bytes);
            }
        }
    }
}
