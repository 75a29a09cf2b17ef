//! Declared types, as far as values can be checked against them.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::{ShapeId, TextId};

/// What a value must look like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// Anything.
    Any,
    /// No value at all: nothing fits.
    Nothing,
    /// `true` or `false`.
    Bool,
    /// An integer of 8, 16, 32 or 64 bits.
    Unsigned(u8),
    /// An integer of 8, 16, 32 or 64 bits with a sign.
    Signed(u8),
    /// A number.
    Float,
    /// A text.
    Text,
    /// An array of what the other shape says.
    Array(ShapeId),
    /// An array of no or one element; `null` counts as no element, when it comes from a service.
    Option(ShapeId),
    /// An object that has at least these fields.
    Object(Box<[ShapeField]>),
}

/// A field that an object must have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShapeField {
    /// Its name.
    pub name: TextId,
    /// What its value must look like.
    pub shape: ShapeId,
}
