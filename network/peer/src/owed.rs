//! Acknowledgements that a relay without a store owes: it has nothing to promise with, so it
//! acknowledges a parcel when everybody behind it has acknowledged it.

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::PeerId;

use crate::link::Forwarded;

/// The part of a parcel that waits for one neighbour.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) behind: PeerId,
    /// For whom something in it is.
    pub(crate) destinations: BTreeSet<PeerId>,
}

/// What is owed, by parcel.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    parts: BTreeMap<(PeerId, u64), Vec<Part>>,
}

/// A parcel as a key that orders.
const fn key(of: Forwarded) -> (PeerId, u64) {
    (of.from, of.id.0)
}

impl Owed {
    /// A part of this parcel waits for a neighbour.
    pub(crate) fn add(&mut self, of: Forwarded, part: Part) {
        self.parts.entry(key(of)).or_default().push(part);
    }

    /// The parts that nobody behind has acknowledged.
    pub(crate) fn parts(&self, of: Forwarded) -> &[Part] {
        self.parts.get(&key(of)).map_or(&[], Vec::as_slice)
    }

    /// A neighbour has its part, or it was given up. Says whether that was the last one.
    pub(crate) fn settle(&mut self, of: Forwarded, behind: PeerId) -> bool {
        let Some(parts) = self.parts.get_mut(&key(of)) else { return false };
        if let Some(at) = parts.iter().position(|part| part.behind == behind) {
            parts.remove(at);
        }
        let last = parts.is_empty();
        if last {
            self.parts.remove(&key(of));
        }
        last
    }
}
