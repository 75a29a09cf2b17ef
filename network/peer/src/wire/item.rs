//! What a parcel is made of: things about one particle, each encoded by itself, so that a relay
//! can leave some out for some receivers without reading them.

use aquac_ir::{Digest, ParticleId, PeerId, Signature, SignedHeader};
use aquac_vm::{Entry, SaltedValue, SignedTurn, TurnBody};
use serde::{Deserialize, Serialize};

use super::bounded::at_most;
use super::frame::MAX_LIST;

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

/// An item as it is written. The order is the wire's: add at the end.
#[derive(Serialize, Deserialize)]
enum Written {
    Header(SignedHeader),
    Program(Vec<u8>),
    Turn(WrittenTurn),
    Value(SaltedValue),
    Knows(#[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")] Vec<(PeerId, u32)>),
    Want(Want),
}

/// A turn without what the parcel says already.
#[derive(Serialize, Deserialize)]
struct WrittenTurn {
    author: PeerId,
    number: u32,
    /// `None` exactly if it is the author's first turn: then it is the particle's id.
    previous: Option<Digest>,
    entries: Vec<Entry>,
    signature: Signature,
}

impl WrittenTurn {
    fn of(turn: &SignedTurn) -> Self {
        let body = &turn.body;
        let first = body.number == 1 && body.previous == body.particle.0;
        Self {
            author: body.author,
            number: body.number,
            previous: (!first).then_some(body.previous),
            entries: body.entries.clone(),
            signature: turn.signature,
        }
    }

    fn read(self, particle: ParticleId) -> SignedTurn {
        let Self { author, number, previous, entries, signature } = self;
        let previous = previous.unwrap_or(particle.0);
        SignedTurn { body: TurnBody { particle, author, number, previous, entries }, signature }
    }
}

/// Why bytes are no item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// Damaged.
    #[error("a damaged item: {0}")]
    Damaged(postcard::Error),
    /// Another encoding of the same item.
    #[error("an item that is not encoded as it must be")]
    NotCanonical,
}

impl Item {
    /// The bytes. A turn's particle is that of the parcel, and is not written again.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = match self {
            Self::Header(header) => Written::Header(header.clone()),
            Self::Program(program) => Written::Program(program.clone()),
            Self::Turn(turn) => Written::Turn(WrittenTurn::of(turn)),
            Self::Value(value) => Written::Value(value.clone()),
            Self::Knows(knows) => Written::Knows(knows.clone()),
            Self::Want(want) => Written::Want(want.clone()),
        };
        postcard::to_allocvec(&written).expect("an item has only parts that postcard can encode")
    }

    /// Reads an item of a parcel about this particle.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if the bytes are not exactly what [`Item::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8], particle: ParticleId) -> Result<Self, ItemError> {
        let (written, rest) = postcard::take_from_bytes(bytes).map_err(ItemError::Damaged)?;
        let item = match written {
            Written::Header(header) => Self::Header(header),
            Written::Program(program) => Self::Program(program),
            Written::Turn(turn) => Self::Turn(turn.read(particle)),
            Written::Value(value) => Self::Value(value),
            Written::Knows(knows) => Self::Knows(knows),
            Written::Want(want) => Self::Want(want),
        };
        if rest.is_empty() && item.to_bytes() == bytes {
            Ok(item)
        } else {
            Err(ItemError::NotCanonical)
        }
    }
}
