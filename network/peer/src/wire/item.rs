//! What a parcel is made of: things about one particle, each encoded by itself, so that a relay
//! can leave some out for some receivers without reading them.

use aquac_ir::{Digest, ParticleId, PeerId, SignedHeader};
use aquac_vm::{SaltedValue, SignedTurn};
use serde::{Deserialize, Serialize};

use super::bounded::at_most;
use super::exact::{self, is_written_as};
use super::frame::MAX_LIST;
use super::header::{self, header_bytes, read_header};
use super::turn::{self, read_turn, turn_bytes};

/// One thing about a particle.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// The header, once per receiver.
    Header(SignedHeader),
    /// The encoded program, if the receiver has not got it.
    Program(Vec<u8>),
    /// A turn that the receiver has not got.
    Turn(SignedTurn),
    /// A value that the receiver's part of the program can still reach.
    Value(SaltedValue),
    /// How many turns of each author the parcel's maker has, as far as the turns beside do not
    /// say so.
    Knows(Vec<(PeerId, u32)>),
    /// The maker of this asks the maker of an earlier parcel for what that parcel rests on.
    Want(Want),
    /// Large values that the maker has and did not make: the receiver asks for those that it
    /// lacks, so that each comes to it once.
    Have(Vec<Digest>),
}

/// What somebody needs in order to use what was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// The header.
    pub header: bool,
    /// The program.
    pub program: bool,
    /// Of each author, the number of the first turn that is missing.
    #[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")]
    pub turns: Vec<(PeerId, u32)>,
    /// Values.
    #[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")]
    pub values: Vec<Digest>,
}

impl Want {
    /// Nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.header && !self.program && self.turns.is_empty() && self.values.is_empty()
    }
}

/// An item as it is read. The order is the wire's: add at the end.
#[derive(Deserialize)]
enum Read {
    /// Read elsewhere: see [`read_header`].
    Header,
    Program(#[serde(with = "exact::bytes")] Vec<u8>),
    /// Read elsewhere: see [`read_turn`].
    Turn,
    Value(SaltedValue),
    Knows(#[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")] Vec<(PeerId, u32)>),
    Want(Want),
    Have(#[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")] Vec<Digest>),
}

/// The same as it is written.
#[derive(Serialize)]
enum Written<'a> {
    /// Written elsewhere: see [`header_bytes`].
    Header,
    Program(#[serde(with = "exact::bytes")] &'a [u8]),
    /// Written elsewhere: see [`turn_bytes`].
    Turn,
    Value(&'a SaltedValue),
    Knows(&'a [(PeerId, u32)]),
    Want(&'a Want),
    Have(&'a [Digest]),
}

/// Why bytes are no item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// Damaged.
    #[error("a damaged item: {0}")]
    Damaged(postcard::Error),
    /// A header that is cut off, longer than it says, or not encoded as it must be.
    #[error("a damaged header")]
    DamagedHeader,
    /// A turn that is cut off, longer than it says, or not encoded as it must be.
    #[error("a damaged turn")]
    DamagedTurn,
    /// Another encoding of the same item.
    #[error("an item that is not encoded as it must be")]
    NotCanonical,
}

/// Bytes that an item takes beside its larger parts, so that memory is asked for once.
const ROOM: usize = 256;

impl Item {
    /// The bytes. A turn's particle is that of the parcel, and is not written again.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Turn(turn) => turn_bytes(turn),
            Self::Header(header) => header_bytes(header),
            Self::Program(program) => write(&self.written(), ROOM + program.len()),
            Self::Value(_) | Self::Knows(_) | Self::Want(_) | Self::Have(_) => {
                write(&self.written(), ROOM)
            }
        }
    }

    /// What is written, but for headers and turns.
    fn written(&self) -> Written<'_> {
        match self {
            Self::Header(_) => Written::Header,
            Self::Program(program) => Written::Program(program),
            Self::Turn(_) => Written::Turn,
            Self::Value(value) => Written::Value(value),
            Self::Knows(knows) => Written::Knows(knows),
            Self::Want(want) => Written::Want(want),
            Self::Have(values) => Written::Have(values),
        }
    }

    /// Reads an item of a parcel about this particle.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if the bytes are not exactly what [`Item::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8], particle: ParticleId) -> Result<Self, ItemError> {
        match bytes.first() {
            Some(&turn::KIND) => {
                return read_turn(bytes, particle).map(Self::Turn).ok_or(ItemError::DamagedTurn);
            }
            Some(&header::KIND) => {
                return read_header(bytes).map(Self::Header).ok_or(ItemError::DamagedHeader);
            }
            Some(_) | None => {}
        }
        let item = match postcard::from_bytes(bytes).map_err(ItemError::Damaged)? {
            Read::Header => return Err(ItemError::DamagedHeader),
            Read::Program(program) => Self::Program(program),
            Read::Turn => return Err(ItemError::DamagedTurn),
            Read::Value(value) => Self::Value(value),
            Read::Knows(knows) => Self::Knows(knows),
            Read::Want(want) => Self::Want(want),
            Read::Have(values) => Self::Have(values),
        };
        let exact = is_written_as(&item.written(), bytes);
        if exact { Ok(item) } else { Err(ItemError::NotCanonical) }
    }
}

fn write(written: &Written<'_>, room: usize) -> Vec<u8> {
    postcard::to_extend(written, Vec::with_capacity(room))
        .expect("an item has only parts that postcard can encode")
}

/// A program as an item.
pub(crate) fn program_bytes(program: &[u8]) -> Vec<u8> {
    write(&Written::Program(program), ROOM + program.len())
}

/// A value as an item.
pub(crate) fn value_bytes(value: &SaltedValue) -> Vec<u8> {
    write(&Written::Value(value), ROOM)
}
