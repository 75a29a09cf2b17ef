//! From parcels to the frames that carry them: small ones together, a large one in chunks.

use aquac_ir::ParticleId;

use crate::link::Parcel;
use crate::wire::{CHUNK_BYTES, Chunk, Frame, FrameId, MAX_LIST, encode};

/// A particle's part of what leaves at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) particle: ParticleId,
    /// Whether all of it is somebody else's.
    pub(crate) forwarded: bool,
    pub(crate) bytes: usize,
}

/// What leaves together: one frame, or the chunks of one parcel.
#[derive(Debug, Default)]
pub(crate) struct Departing {
    pub(crate) shares: Vec<Share>,
    parcels: Vec<(FrameId, Vec<u8>)>,
}

impl Departing {
    fn bytes(&self) -> usize {
        self.shares.iter().map(|share| share.bytes).sum()
    }

    /// Adds a parcel, if there is room beside the others.
    pub(crate) fn add(&mut self, id: FrameId, parcel: &Parcel) -> bool {
        let size = parcel.bytes.len();
        let room = self.bytes() + size <= CHUNK_BYTES && self.parcels.len() < MAX_LIST;
        if !self.parcels.is_empty() && !room {
            return false;
        }
        self.parcels.push((id, parcel.bytes.clone()));
        let forwarded = parcel.forwarded.is_some();
        match self.shares.iter_mut().find(|share| share.particle == parcel.particle) {
            Some(share) => {
                share.bytes += size;
                share.forwarded &= forwarded;
            }
            None => {
                self.shares.push(Share { particle: parcel.particle, forwarded, bytes: size });
            }
        }
        true
    }

    /// The frames on the link.
    pub(crate) fn frames(self) -> Vec<Vec<u8>> {
        match <[(FrameId, Vec<u8>); 1]>::try_from(self.parcels) {
            Ok([(id, bytes)]) => chunks(id, bytes),
            Err(parcels) => {
                let parts = parcels.into_iter().map(|(_, bytes)| bytes).collect();
                vec![encode(&Frame::Bundle(parts))]
            }
        }
    }
}

/// The frames that carry a parcel: itself, or its chunks.
fn chunks(id: FrameId, bytes: Vec<u8>) -> Vec<Vec<u8>> {
    if bytes.len() <= CHUNK_BYTES {
        return vec![bytes];
    }
    let total = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let chunk = |(part, bytes): (u32, &[u8])| {
        encode(&Frame::Chunk(Chunk { of: id, part, total, bytes: bytes.to_vec() }))
    };
    (0..).zip(bytes.chunks(CHUNK_BYTES)).map(chunk).collect()
}
