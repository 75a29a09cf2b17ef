//! Sequences whose length is checked before anything is allocated for them.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

struct AtMost<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for AtMost<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Vec<T>, A::Error> {
        // The hint is what the sender claims. Elements are only pushed as they are read.
        if parts.size_hint().is_some_and(|claimed| claimed > MOST) {
            return Err(A::Error::custom("too many elements"));
        }
        let mut elements = Vec::new();
        while let Some(element) = parts.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}

/// Reads at most `MOST` elements.
pub(super) fn at_most<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(AtMost::<T, MOST>(PhantomData))
}
