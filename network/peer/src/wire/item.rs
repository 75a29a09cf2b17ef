//! What a parcel is made of: things about one particle, each encoded by itself, so that a relay
//! can leave some out for some receivers without reading them.

use aquac_ir::{Digest, PeerId, SignedHeader};
use aquac_vm::{SaltedValue, SignedTurn};
use serde::{Deserialize, Serialize};

use super::bounded::at_most;
use super::frame::MAX_LIST;

/// One thing about a particle. The order is the wire's: add at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    Knows(#[serde(deserialize_with = "at_most::<_, _, MAX_LIST>")] Vec<(PeerId, u32)>),
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
    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("an item has only parts that postcard can encode")
    }

    /// Reads an item.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if the bytes are not exactly what [`Item::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ItemError> {
        let (item, rest): (Self, _) =
            postcard::take_from_bytes(bytes).map_err(ItemError::Damaged)?;
        if rest.is_empty() && item.to_bytes() == bytes {
            Ok(item)
        } else {
            Err(ItemError::NotCanonical)
        }
    }
}
