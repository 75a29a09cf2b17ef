//! Chunks back into parcels.

use std::collections::BTreeMap;

use crate::Reason;
use crate::wire::{CHUNK_BYTES, Chunk, FrameId};

/// Parcels of one neighbour that may be incomplete at a time. One more pushes out the one with
/// the lowest number: its sender will send it again.
const MOST_INCOMPLETE: usize = 8;

/// The parcels of one neighbour that are not complete yet.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    parcels: BTreeMap<FrameId, Incomplete>,
}

#[derive(Debug)]
struct Incomplete {
    total: u32,
    parts: BTreeMap<u32, Vec<u8>>,
}

impl Assembly {
    /// Adds a chunk; gives the parcel's bytes with its last one. Memory is only taken for bytes
    /// that came.
    ///
    /// # Errors
    ///
    /// [`Reason::TooLarge`] if the parcel would be larger than `most` bytes;
    /// [`Reason::Malformed`] if the chunk does not fit what came before.
    pub(crate) fn add(&mut self, chunk: Chunk, most: usize) -> Result<Option<Vec<u8>>, Reason> {
        let total = chunk.total as usize;
        if total > most {
            return Err(Reason::TooLarge);
        }
        let parts = total.div_ceil(CHUNK_BYTES);
        let part = chunk.part as usize;
        let expected = total.saturating_sub(part.saturating_mul(CHUNK_BYTES)).min(CHUNK_BYTES);
        if part >= parts || chunk.bytes.len() != expected {
            return Err(Reason::Malformed);
        }
        if !self.parcels.contains_key(&chunk.of) && self.parcels.len() >= MOST_INCOMPLETE {
            self.parcels.pop_first();
        }
        let parcel = self
            .parcels
            .entry(chunk.of)
            .or_insert_with(|| Incomplete { total: chunk.total, parts: BTreeMap::new() });
        if parcel.total != chunk.total {
            return Err(Reason::Malformed);
        }
        parcel.parts.insert(chunk.part, chunk.bytes);
        if parcel.parts.len() < parts {
            return Ok(None);
        }
        let whole = self.parcels.remove(&chunk.of).map(|parcel| parcel.parts);
        Ok(whole.map(|parts| parts.into_values().flatten().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(length: usize) -> Vec<Chunk> {
        let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let total = u32::try_from(length).unwrap();
        (0..)
            .zip(bytes.chunks(CHUNK_BYTES))
            .map(|(part, bytes)| Chunk { of: FrameId(1), part, total, bytes: bytes.to_vec() })
            .collect()
    }

    #[test]
    fn chunks_make_the_parcel_in_any_order_and_twice() {
        let length = 2 * CHUNK_BYTES + 1;
        let mut parts = chunks(length);
        parts.reverse();
        parts.insert(1, parts[0].clone());
        let mut assembly = Assembly::default();
        let done: Vec<_> =
            parts.into_iter().filter_map(|c| assembly.add(c, length).unwrap()).collect();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].len(), length);
        assert!(done[0].iter().enumerate().all(|(at, byte)| at % 251 == usize::from(*byte)));
    }

    #[test]
    fn what_is_too_large_or_does_not_fit_is_refused() {
        let mut assembly = Assembly::default();
        let chunk = chunks(CHUNK_BYTES + 5).remove(1);
        assert_eq!(assembly.add(chunk.clone(), 100), Err(Reason::TooLarge));
        let short = Chunk { bytes: vec![0], ..chunk.clone() };
        assert_eq!(assembly.add(short, 1 << 20), Err(Reason::Malformed));
        let behind = Chunk { part: 2, ..chunk };
        assert_eq!(assembly.add(behind, 1 << 20), Err(Reason::Malformed));
    }

    #[test]
    fn half_parcels_do_not_pile_up() {
        let mut assembly = Assembly::default();
        for number in 0..1000 {
            let chunk = Chunk { of: FrameId(number), ..chunks(2 * CHUNK_BYTES).remove(0) };
            assert_eq!(assembly.add(chunk, 1 << 20), Ok(None));
        }
        assert_eq!(assembly.parcels.len(), MOST_INCOMPLETE);
    }
}
