//! The canonical bytes of a turn: those that postcard writes for its parts, written in one go.
//! Every turn that arrives is hashed, and most of a turn is keys and digests.

use alloc::vec::Vec;

use crate::turn::{Entry, Record, TurnBody};
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
            bytes = postcard::to_extend(&fault.code, bytes).expect("a code is a number");
            &fault.message
        }
    };
    bytes.extend_from_slice(&digest.0);
    bytes
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Digest, FaultCode, NodeId, ParticleId, PeerId};

    use super::*;
    use crate::turn::RecordedFault;

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
            for record in body.records() {
                let bytes = postcard::to_allocvec(&record.position).unwrap();
                assert_eq!(record.position.to_bytes(), bytes);
            }
        }
    }
}
