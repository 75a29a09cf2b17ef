//! A turn as an item: its canonical bytes without the particle, which the parcel names, and
//! without what stands before a first turn; then the signature.
//!
//! Most of what a peer reads is turns, and most of a turn is keys and digests: they are read and
//! written in one go. Nothing is read but what [`turn_bytes`] writes: a turn has one encoding.

use aquac_ir::{ParticleId, PeerId, Reader, Signature};
use aquac_vm::{Entry, SignedTurn, TurnBody};

/// Bytes of a digest and of a key.
const DIGEST: usize = 32;
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// Bytes of most entries.
const ENTRY: usize = 3 * DIGEST;
/// What stands before every turn: which item it is.
pub(super) const KIND: u8 = 2;

/// Bytes of a turn without entries, at most.
const ROOM: usize = 1 + DIGEST + 5 + 1 + DIGEST + 5 + SIGNATURE;

/// A turn as an item.
pub(crate) fn turn_bytes(turn: &SignedTurn) -> Vec<u8> {
    let body = &turn.body;
    let mut bytes = Vec::with_capacity(ROOM + ENTRY * body.entries.len());
    bytes.push(KIND);
    bytes.extend_from_slice(&body.author.0);
    bytes = postcard::to_extend(&body.number, bytes).expect("a number can be written");
    if body.number == 1 && body.previous == body.particle.0 {
        bytes.push(0);
    } else {
        bytes.push(1);
        bytes.extend_from_slice(&body.previous.0);
    }
    bytes = body.add_entries(bytes);
    bytes.extend_from_slice(&turn.signature.0);
    bytes
}

/// What [`turn_bytes`] wrote for a turn of this particle; nothing for any other bytes.
pub(super) fn read_turn(bytes: &[u8], particle: ParticleId) -> Option<SignedTurn> {
    let mut reader = Reader::new(bytes);
    (reader.byte()? == KIND).then_some(())?;
    let author = PeerId(reader.array()?);
    let number = reader.small()?;
    let previous = match reader.byte()? {
        0 if number == 1 => particle.0,
        1 => reader.digest().filter(|previous| number != 1 || *previous != particle.0)?,
        _ => return None,
    };
    let entries = Entry::read_all(&mut reader)?;
    let signature = Signature(reader.array()?);
    let body = TurnBody { particle, author, number, previous, entries };
    (reader.left() == 0).then_some(SignedTurn { body, signature })
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Digest, FaultCode, NodeId};
    use aquac_vm::{Iteration, Position, Record, RecordedFault};

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
    fn a_turn_has_one_encoding() {
        let particle = ParticleId(Digest([0; 32]));
        for (number, previous) in [(1, 0), (1, 1), (2, 0), (200, 1)] {
            let (author, previous) = (PeerId([5; 32]), Digest([previous; 32]));
            let body = TurnBody { particle, author, number, previous, entries: entries() };
            let bytes = turn_bytes(&SignedTurn { body, signature: Signature([0; 64]) });
            let mut others = 0;
            for (at, byte) in (0..bytes.len()).flat_map(|at| [0, 1, 128, 129].map(|b| (at, b))) {
                // Another byte, one more, or one that says that there is one more.
                let (mut changed, mut longer) = (bytes.clone(), bytes.clone());
                changed[at] = byte;
                longer.insert(at, byte);
                let mut continued = bytes.clone();
                continued[at] |= 128;
                continued.insert(at + 1, byte);
                for other in [changed, longer, continued] {
                    let read = read_turn(&other, particle);
                    others += usize::from(read.is_some());
                    assert!(read.is_none_or(|turn| turn_bytes(&turn) == other), "{at}: {byte}");
                }
            }
            assert!(others > 100, "many of them are turns");
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
