//! What programs compute with: JSON values, shared and immutable.
//!
//! A value has exactly one encoding (objects are sorted, integers have one form, fractions are
//! finite and have one zero), because it is hashed. Its nesting is bounded when it is made, so
//! nothing that walks a value can exhaust the stack.

mod bytes;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use crate::limits::MAX_VALUE_DEPTH;
use crate::{Digest, Domain, Salt};
pub use bytes::ValueDecodeError;
pub(crate) use bytes::put_varint;

/// A JSON value. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// An integer above `i64::MAX`; made with [`Value::from`], which chooses the form.
    Big(BigInt),
    /// A number with a fraction part. `1.0` is not `1`.
    Float(Finite),
    /// A text.
    Text(Arc<str>),
    /// An array.
    Array(Array),
    /// An object.
    Object(Object),
}

/// An integer above `i64::MAX` that fits in 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BigInt(u64);

impl BigInt {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A finite number with one zero.
#[derive(Debug, Clone, Copy)]
pub struct Finite(f64);

impl Finite {
    /// The number, unless it is infinite or none at all.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(if number == 0.0 { 0.0 } else { number }))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Finite {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}
impl Eq for Finite {}
impl PartialOrd for Finite {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Finite {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
impl Hash for Finite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// A value would be nested deeper than [`MAX_VALUE_DEPTH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("values may not be nested deeper than {MAX_VALUE_DEPTH} levels")]
pub struct TooDeep;

/// The elements of an array.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Array(Arc<Nested<Vec<Value>>>);

/// The fields of an object, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(Arc<Nested<BTreeMap<Arc<str>, Value>>>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Nested<T> {
    content: T,
    /// Levels of nesting, this one included.
    depth: usize,
    /// See [`Value::weight`].
    weight: usize,
}

fn nested<'a, T>(
    content: T,
    parts: impl Fn(&T) -> (Option<usize>, usize) + 'a,
) -> Result<Arc<Nested<T>>, TooDeep> {
    let (deepest, weight) = parts(&content);
    let (depth, weight) = (1 + deepest.unwrap_or(0), weight.saturating_add(LEAF_WEIGHT));
    if depth > MAX_VALUE_DEPTH {
        Err(TooDeep)
    } else {
        Ok(Arc::new(Nested { content, depth, weight }))
    }
}

/// What a tag and a length or number take at most.
const LEAF_WEIGHT: usize = 11;

fn sum(weights: impl Iterator<Item = usize>) -> usize {
    weights.fold(0, usize::saturating_add)
}

impl Array {
    /// The elements.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        &self.0.content
    }
}

impl Object {
    /// The field with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.content.get(name)
    }

    /// Every field, sorted by name.
    #[must_use]
    pub fn fields(&self) -> &BTreeMap<Arc<str>, Value> {
        &self.0.content
    }
}

impl Value {
    /// An array of these elements.
    ///
    /// # Errors
    ///
    /// [`TooDeep`] if one of them is nested as deeply as a value may be.
    pub fn array(items: Vec<Self>) -> Result<Self, TooDeep> {
        nested(items, |items| {
            (items.iter().map(Self::depth).max(), sum(items.iter().map(Self::weight)))
        })
        .map(|array| Self::Array(Array(array)))
    }

    /// An object with these fields.
    ///
    /// # Errors
    ///
    /// [`TooDeep`] if one of them is nested as deeply as a value may be.
    pub fn object(fields: BTreeMap<Arc<str>, Self>) -> Result<Self, TooDeep> {
        nested(fields, |fields| {
            let field = |(name, value): (&Arc<str>, &Self)| {
                value.weight().saturating_add(name.len() + LEAF_WEIGHT)
            };
            (fields.values().map(Self::depth).max(), sum(fields.iter().map(field)))
        })
        .map(|object| Self::Object(Object(object)))
    }

    /// An object with these fields; of several with one name the last counts.
    ///
    /// # Errors
    ///
    /// As [`Value::object`].
    pub fn object_of(fields: impl IntoIterator<Item = (Arc<str>, Self)>) -> Result<Self, TooDeep> {
        // One by one: to collect them would sort them first, in code that a page has to load.
        let mut all = BTreeMap::new();
        fields.into_iter().for_each(|(name, value)| drop(all.insert(name, value)));
        Self::object(all)
    }

    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// Levels of nesting: 0 for anything but arrays and objects.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Array(array) => array.0.depth,
            Self::Object(object) => object.0.depth,
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Big(_)
            | Self::Float(_)
            | Self::Text(_) => 0,
        }
    }

    /// An upper bound of the bytes of the canonical encoding, known without encoding: shared parts
    /// count each time, so a value that doubles with every step is noticed while it is small.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Array(array) => array.0.weight,
            Self::Object(object) => object.0.weight,
            Self::Text(text) => text.len().saturating_add(LEAF_WEIGHT),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Big(_) | Self::Float(_) => {
                LEAF_WEIGHT
            }
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(array) = self { Some(array.items()) } else { None }
    }

    /// The number, if it is an integer.
    #[must_use]
    pub fn as_integer(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(i128::from(*number)),
            Self::Big(number) => Some(i128::from(number.0)),
            Self::Null
            | Self::Bool(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Array(_)
            | Self::Object(_) => None,
        }
    }

    /// The canonical encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes::encode(self, &mut bytes);
        bytes
    }

    /// Hides the value behind its digest: the same value with another salt has another digest.
    #[must_use]
    pub fn digest(&self, salt: Salt) -> Digest {
        Digest::of(Domain::Value, &[&salt.0, &self.to_bytes()])
    }

    /// Reads the canonical encoding, and nothing but it.
    ///
    /// # Errors
    ///
    /// [`ValueDecodeError`] if the bytes are cut short, too long, nested too deeply, or another
    /// encoding of what they mean.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ValueDecodeError> {
        bytes::decode(bytes)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Big(BigInt(number)), Self::Int)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Arc::from(text))
    }
}
