//! The frames of a link.

use std::collections::BTreeSet;

use aquac_ir::{ParticleId, PeerId};
use serde::{Deserialize, Serialize};

use super::bounded::at_most;
use super::exact::{self, is_written_as, read_all, write_all};
use crate::Reason;

/// The version of everything in this module: the first byte of each frame.
pub const WIRE_VERSION: u8 = 1;

/// Bytes of one frame on a link. A longer one ends the link. Longer parcels go in chunks.
pub const MAX_FRAME_BYTES: usize = 256 << 10;

/// Bytes of a parcel above which it is cut into chunks, so that an acknowledgement never waits
/// behind more than this.
pub const CHUNK_BYTES: usize = 64 << 10;

/// Items of one parcel. A parcel with more is malformed.
pub const MAX_ITEMS: usize = 1 << 16;

/// Hops of one route tree. A parcel with more is malformed.
pub const MAX_HOPS: usize = 2048;

/// Peers that a parcel may have passed. A parcel with more is malformed: it goes in a circle.
pub const MAX_TRAIL: usize = 16;

/// Acknowledgements in one frame, and entries of a list of wants.
pub const MAX_LIST: usize = 1024;

/// Names one parcel on one link, by the neighbour that sent it. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FrameId(pub u64);

/// What one neighbour says to the other. The order is the wire's: add at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frame {
    /// Who I am: first on every link, in both directions.
    Hello(Hello),
    /// Something for the receiver, or for peers behind it.
    Push(Push),
    /// Part of a parcel that is too large for one frame.
    Chunk(Chunk),
    /// These parcels are durably queued: forget them.
    Ack(Ack),
    /// This parcel was refused, or cannot be delivered.
    Nack(Nack),
    /// How much may be unacknowledged from now on.
    Credit(Credit),
    /// Several parcels that leave at the same time, each as it would be alone
    /// ([`encode`] of a [`Frame::Push`]).
    Bundle(
        #[serde(serialize_with = "write_all", deserialize_with = "read_all::<_, MAX_LIST>")]
        Vec<Vec<u8>>,
    ),
}

/// Who I am and what I take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The oldest and the newest version that I speak.
    pub versions: (u8, u8),
    /// The network that I am in.
    pub network: String,
    /// My clock, in milliseconds since 1970.
    pub clock: u64,
    /// Bytes of the largest parcel that I take.
    pub parcel_bytes: u32,
    /// What may be unacknowledged.
    pub credit: Credit,
}

/// What may be sent and not yet acknowledged. It replaces what was said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Parcels.
    pub parcels: u32,
    /// Bytes of parcels.
    pub bytes: u32,
}

impl Default for Credit {
    /// What holds before a neighbour has said anything.
    fn default() -> Self {
        Self { parcels: 256, bytes: 32 << 20 }
    }
}

/// Which items of a parcel are for one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Take {
    /// None: this peer only forwards.
    Nothing,
    /// All.
    All,
    /// These, by number, ascending.
    Some(#[serde(deserialize_with = "at_most::<_, _, MAX_ITEMS>")] Vec<u16>),
}

/// One peer of a route tree behind the receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Who.
    pub to: PeerId,
    /// What is for it.
    pub take: Take,
    /// How many branches of the tree begin at it; they follow directly.
    pub branches: u16,
}

/// A parcel: items about one particle, for the receiver, for peers behind it, or both.
///
/// Who only forwards reads the route and never the items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// Names it on this link.
    pub id: FrameId,
    /// The run.
    pub particle: ParticleId,
    /// When it is of no use any more, in milliseconds since 1970. Until then it is kept for a
    /// peer that is away.
    pub expires: u64,
    /// Whom it passed: who made it first. Empty if the sender made it.
    #[serde(deserialize_with = "at_most::<_, _, MAX_TRAIL>")]
    pub trail: Vec<PeerId>,
    /// What is for the receiver.
    pub take: Take,
    /// The peers behind the receiver: trees in pre-order.
    #[serde(deserialize_with = "at_most::<_, _, MAX_HOPS>")]
    pub hops: Vec<Hop>,
    /// The items, each encoded by itself: [`super::Item`].
    #[serde(serialize_with = "write_all", deserialize_with = "read_all::<_, MAX_ITEMS>")]
    pub items: Vec<Vec<u8>>,
}

impl Push {
    /// For whom something in it is, when it goes to `receiver`.
    #[must_use]
    pub fn destinations(&self, receiver: PeerId) -> BTreeSet<PeerId> {
        let behind = self.hops.iter().map(|hop| (hop.to, &hop.take));
        std::iter::once((receiver, &self.take))
            .chain(behind)
            .filter(|(_, take)| **take != Take::Nothing)
            .map(|(peer, _)| peer)
            .collect()
    }
}

/// Part of the encoding of a [`Push`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The parcel.
    pub of: FrameId,
    /// Which part, from 0.
    pub part: u32,
    /// Bytes of the whole.
    pub total: u32,
    /// The bytes: [`CHUNK_BYTES`] of them, but for the last part.
    #[serde(with = "exact::bytes")]
    pub bytes: Vec<u8>,
}

/// These parcels are durably queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack(#[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")] pub Vec<FrameId>);

/// A parcel was refused, or could not be delivered to a peer behind the sender of this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nack {
    /// The parcel.
    pub parcel: FrameId,
    /// The peer for whom it was.
    pub destination: PeerId,
    /// Why.
    pub reason: Reason,
    /// When it may be sent again, in milliseconds from now; 0 for never.
    pub retry_after: u32,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// More than [`MAX_FRAME_BYTES`].
    #[error("a frame of {0} bytes, more than {MAX_FRAME_BYTES}")]
    TooLarge(usize),
    /// No bytes at all.
    #[error("a frame without bytes")]
    Empty,
    /// Written by another version.
    #[error("a frame of version {0}, this peer speaks {WIRE_VERSION}")]
    UnknownVersion(u8),
    /// Damaged.
    #[error("a damaged frame: {0}")]
    Damaged(postcard::Error),
    /// Another encoding of the same frame.
    #[error("a frame that is not encoded as it must be")]
    NotCanonical,
}

/// The bytes of a frame.
#[must_use]
pub fn encode(frame: &Frame) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(room_for(frame));
    bytes.push(WIRE_VERSION);
    postcard::to_extend(frame, bytes)
        .expect("a frame has only parts that postcard can encode, and memory grows")
}

/// About how many bytes a frame takes, so that memory is asked for once.
fn room_for(frame: &Frame) -> usize {
    const SMALL: usize = 64;
    let all = |parts: &[Vec<u8>]| parts.iter().map(|part| part.len() + 4).sum::<usize>();
    SMALL
        + match frame {
            Frame::Push(push) => SMALL * (push.hops.len() + push.trail.len()) + all(&push.items),
            Frame::Chunk(chunk) => chunk.bytes.len(),
            Frame::Bundle(parts) => all(parts),
            Frame::Ack(Ack(ids)) => ids.len() * 4,
            Frame::Hello(_) | Frame::Nack(_) | Frame::Credit(_) => SMALL,
        }
}

/// Reads a frame.
///
/// # Errors
///
/// [`FrameError`] if the bytes are not exactly what [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLarge(bytes.len()));
    }
    decode_whole(bytes)
}

/// Reads a frame whose length was checked elsewhere: a parcel that was put together from chunks.
pub(crate) fn decode_whole(bytes: &[u8]) -> Result<Frame, FrameError> {
    let (version, body) = bytes.split_first().ok_or(FrameError::Empty)?;
    if *version != WIRE_VERSION {
        return Err(FrameError::UnknownVersion(*version));
    }
    let frame = postcard::from_bytes(body).map_err(FrameError::Damaged)?;
    if is_written_as(&frame, body) { Ok(frame) } else { Err(FrameError::NotCanonical) }
}
