//! What two neighbours say to each other.
//!
//! A link is an ordered, reliable flow of bytes that the transport gives us, encrypted and with
//! the other end's key proved. On it stand frames, each behind its length ([`frame_to_stream`],
//! [`StreamReader`]). A frame is a version byte and a [`Frame`] in postcard; it has exactly one
//! encoding, and reading one never trusts a length in it.

mod bounded;
pub(crate) mod exact;
mod frame;
mod header;
mod item;
mod show;
mod stream;
mod turn;

pub(crate) use frame::decode_whole;
pub use frame::{
    Ack, CHUNK_BYTES, Chunk, Credit, Frame, FrameError, FrameId, Hello, Hop, MAX_FRAME_BYTES,
    MAX_HOPS, MAX_ITEMS, MAX_LIST, MAX_TRAIL, Nack, Push, Take, WIRE_VERSION, decode, encode,
};
pub(crate) use header::header_bytes;
pub use item::{Item, ItemError, Want};
pub(crate) use item::{program_bytes, value_bytes};
pub use show::show;
pub use stream::{StreamError, StreamReader, frame_to_stream};
pub(crate) use turn::turn_bytes;
