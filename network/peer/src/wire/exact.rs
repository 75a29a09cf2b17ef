//! Encoding without surprises: byte strings as a whole, one encoding of each thing, and checking
//! for it without writing anything.

use core::fmt;
use core::marker::PhantomData;

use postcard::ser_flavors::Flavor;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// Whether these bytes are what would be written for this content.
pub(super) fn is_written_as<T: Serialize>(content: &T, bytes: &[u8]) -> bool {
    postcard::serialize_with_flavor(content, Compare { rest: bytes }) == Ok(true)
}

/// Compares what is written with what stands there.
struct Compare<'a> {
    rest: &'a [u8],
}

impl Flavor for Compare<'_> {
    /// Whether all of it was compared.
    type Output = bool;

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                Ok(())
            }
            Some(_) | None => Err(postcard::Error::SerializeBufferFull),
        }
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.rest = self.rest.strip_prefix(bytes).ok_or(postcard::Error::SerializeBufferFull)?;
        Ok(())
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.rest.is_empty())
    }
}

/// Bytes, written and read as a whole: the same as byte by byte, and much faster.
struct Bytes<B>(B);

impl<B: AsRef<[u8]>> Serialize for Bytes<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_ref())
    }
}

struct WholeBytes;

impl Visitor<'_> for WholeBytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

impl<'de> Deserialize<'de> for Bytes<Vec<u8>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(WholeBytes).map(Self)
    }
}

/// For a field of bytes.
pub(crate) mod bytes {
    use super::{Bytes, Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        Bytes(bytes).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        Bytes::deserialize(from).map(|Bytes(bytes)| bytes)
    }
}

/// Writes a list of byte strings.
pub(super) fn write_all<S: Serializer>(all: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(all.len()))?;
    for bytes in all {
        list.serialize_element(&Bytes(bytes))?;
    }
    list.end()
}

struct AtMost<const MOST: usize>(PhantomData<()>);

impl<'de, const MOST: usize> Visitor<'de> for AtMost<MOST> {
    type Value = Vec<Vec<u8>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST} byte strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Vec<Vec<u8>>, A::Error> {
        // The hint is what the sender claims. Elements are only pushed as they are read.
        if parts.size_hint().is_some_and(|claimed| claimed > MOST) {
            return Err(A::Error::custom("too many elements"));
        }
        let mut all = Vec::new();
        while let Some(Bytes(bytes)) = parts.next_element()? {
            all.push(bytes);
        }
        Ok(all)
    }
}

/// Reads at most `MOST` byte strings.
pub(super) fn read_all<'de, D, const MOST: usize>(from: D) -> Result<Vec<Vec<u8>>, D::Error>
where
    D: Deserializer<'de>,
{
    from.deserialize_seq(AtMost::<MOST>(PhantomData))
}
