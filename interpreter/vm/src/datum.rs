//! What expressions work on: a value with its salt and its origin, or only its digest.

use alloc::boxed::Box;

use aquac_ir::{Digest, Domain, Salt, SlotId, StreamId, Value};

use crate::path::PathId;
use crate::whence::Whence;

/// The salt of a value; that of an element is computed only if it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum DatumSalt {
    Known(Salt),
    /// Of an element of an array with this salt.
    Item(Salt, u32),
    /// Made by the expression that is being evaluated, which gives the salt when it is done.
    Fresh,
    /// Not here, and neither is the value.
    Absent,
}

/// A value in a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Datum {
    /// The value, if its bytes are here.
    pub(crate) value: Option<Value>,
    pub(crate) salt: DatumSalt,
    /// The digest, if it was computed already or is all that is known.
    pub(crate) digest: Option<Digest>,
    pub(crate) whence: Whence,
    /// For a value that would be computed from bytes which are not here.
    pub(crate) late: Option<Box<Late>>,
}

/// A value that is computed when certain bytes come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Late {
    /// The value whose bytes are lacking.
    pub(crate) lacks: Digest,
    /// Where the value will be.
    pub(crate) holder: Holder,
}

/// What can hold a late value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    Slot(SlotId, PathId),
    /// An element, by its place in the stream's instance.
    Element(StreamId, PathId, u32),
}

impl Datum {
    /// A constant: its salt is known to all, like itself.
    pub(crate) const fn constant(value: Value) -> Self {
        Self {
            value: Some(value),
            salt: DatumSalt::Known(Salt([0; 16])),
            digest: None,
            whence: Whence::Literal,
            late: None,
        }
    }

    /// What an expression has computed.
    pub(crate) const fn fresh(value: Value, whence: Whence) -> Self {
        Self { value: Some(value), salt: DatumSalt::Fresh, digest: None, whence, late: None }
    }

    /// A value of which only the digest is known.
    pub(crate) const fn absent(digest: Option<Digest>, whence: Whence) -> Self {
        Self { value: None, salt: DatumSalt::Absent, digest, whence, late: None }
    }

    /// A value of which not even the digest is known before other bytes come.
    pub(crate) fn late(lacks: Digest, holder: Holder) -> Self {
        let late = Some(Box::new(Late { lacks, holder }));
        Self { late, ..Self::absent(None, Whence::Derived) }
    }

    /// The digest of the bytes that are lacking.
    pub(crate) fn lacks(&self) -> Option<Digest> {
        self.digest.or(self.late.as_ref().map(|late| late.lacks))
    }

    /// The salt.
    pub(crate) fn salt(&self) -> Option<Salt> {
        match self.salt {
            DatumSalt::Known(salt) => Some(salt),
            DatumSalt::Item(of, index) => Some(item_salt(of, index)),
            DatumSalt::Fresh | DatumSalt::Absent => None,
        }
    }

    /// The digest, computed if need be.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.digest.or_else(|| Some(self.value.as_ref()?.digest(self.salt()?)))
    }
}

fn item_salt(of: Salt, index: u32) -> Salt {
    Salt(Digest::of(Domain::Salt, &[b"item", &of.0, &index.to_le_bytes()]).short())
}
