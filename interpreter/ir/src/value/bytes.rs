//! Values as bytes: one encoding for each value, and no other is read.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Finite, TooDeep, Value};
use crate::limits::MAX_VALUE_DEPTH;

pub(super) fn encode(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Null => to.push(tag::NULL),
        Value::Bool(false) => to.push(tag::FALSE),
        Value::Bool(true) => to.push(tag::TRUE),
        Value::Int(number) => {
            to.push(tag::INT);
            // Zigzag: small numbers of either sign are short.
            put_varint(to, ((number << 1) ^ (number >> 63)).cast_unsigned());
        }
        Value::Big(number) => {
            to.push(tag::BIG);
            put_varint(to, number.0);
        }
        Value::Float(number) => {
            to.push(tag::FLOAT);
            to.extend_from_slice(&number.0.to_bits().to_le_bytes());
        }
        Value::Text(text) => {
            to.push(tag::TEXT);
            put_text(to, text);
        }
        Value::Array(array) => {
            to.push(tag::ARRAY);
            put_varint(to, array.items().len() as u64);
            array.items().iter().for_each(|item| encode(item, to));
        }
        Value::Object(object) => {
            to.push(tag::OBJECT);
            put_varint(to, object.fields().len() as u64);
            for (name, value) in object.fields() {
                put_text(to, name);
                encode(value, to);
            }
        }
    }
}

mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT: u8 = 3;
    pub(super) const BIG: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const ARRAY: u8 = 7;
    pub(super) const OBJECT: u8 = 8;
}

/// Seven bits a byte, the lowest first, as postcard writes numbers.
pub(crate) fn put_varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push((number & 0x7f) as u8);
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    put_varint(to, text.len() as u64);
    to.extend_from_slice(text.as_bytes());
}

/// Why bytes are no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueDecodeError {
    /// The bytes end in the middle.
    #[error("the value is cut short")]
    Truncated,
    /// There is more behind the value.
    #[error("there are bytes behind the value")]
    TrailingBytes,
    /// A kind of value that does not exist.
    #[error("there is no kind of value with the number {0}")]
    UnknownKind(u8),
    /// Another encoding of the same value, which would have another digest.
    #[error("the encoding is not the canonical one")]
    NotCanonical,
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// Nested deeper than a value may be.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
}

pub(super) fn decode(bytes: &[u8]) -> Result<Value, ValueDecodeError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(ValueDecodeError::TrailingBytes) }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ValueDecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ValueDecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, ValueDecodeError> {
        let (first, rest) = self.rest.split_first().ok_or(ValueDecodeError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn varint(&mut self) -> Result<u64, ValueDecodeError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(ValueDecodeError::NotCanonical);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 {
                    Err(ValueDecodeError::NotCanonical)
                } else {
                    Ok(number)
                };
            }
        }
        Err(ValueDecodeError::NotCanonical)
    }

    /// A number of things that take at least one byte each: more than there are bytes is a lie,
    /// and nothing is allocated for it.
    fn count(&mut self) -> Result<usize, ValueDecodeError> {
        let count = usize::try_from(self.varint()?).map_err(|_| ValueDecodeError::Truncated)?;
        if count > self.rest.len() { Err(ValueDecodeError::Truncated) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<&'a str, ValueDecodeError> {
        let length = self.count()?;
        core::str::from_utf8(self.take(length)?).map_err(|_| ValueDecodeError::NotUtf8)
    }

    fn value(&mut self, depth: usize) -> Result<Value, ValueDecodeError> {
        if depth > MAX_VALUE_DEPTH {
            return Err(TooDeep.into());
        }
        match self.byte()? {
            tag::NULL => Ok(Value::Null),
            tag::FALSE => Ok(Value::Bool(false)),
            tag::TRUE => Ok(Value::Bool(true)),
            tag::INT => {
                let zigzag = self.varint()?;
                Ok(Value::Int((zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed())))
            }
            tag::BIG => {
                let number = self.varint()?;
                let small = i64::try_from(number).is_ok();
                if small { Err(ValueDecodeError::NotCanonical) } else { Ok(number.into()) }
            }
            tag::FLOAT => self.float(),
            tag::TEXT => Ok(Value::text(self.text()?)),
            tag::ARRAY => {
                let count = self.count()?;
                let items = (0..count).map(|_| self.value(depth + 1)).collect::<Result<_, _>>()?;
                Ok(Value::array(items)?)
            }
            tag::OBJECT => self.object(depth),
            other => Err(ValueDecodeError::UnknownKind(other)),
        }
    }

    fn float(&mut self) -> Result<Value, ValueDecodeError> {
        let bytes = self.take(8)?.try_into().map_err(|_| ValueDecodeError::Truncated)?;
        let bits = u64::from_le_bytes(bytes);
        Finite::new(f64::from_bits(bits))
            .filter(|number| number.0.to_bits() == bits)
            .map(Value::Float)
            .ok_or(ValueDecodeError::NotCanonical)
    }

    fn object(&mut self, depth: usize) -> Result<Value, ValueDecodeError> {
        let mut fields = BTreeMap::new();
        for _ in 0..self.count()? {
            let name: Arc<str> = Arc::from(self.text()?);
            let in_order = fields.last_key_value().is_none_or(|(last, _)| *last < name);
            if !in_order {
                return Err(ValueDecodeError::NotCanonical);
            }
            let value = self.value(depth + 1)?;
            fields.insert(name, value);
        }
        Ok(Value::object(fields)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_json;

    #[test]
    fn bytes_come_back_as_the_same_value() {
        for json in [
            "null",
            "[true,false]",
            "-9223372036854775808",
            "18446744073709551615",
            "1.5",
            "1.0",
            r#"{"b":[1,{"x":"⊤"}],"a":""}"#,
        ] {
            let value = from_json(json).unwrap();
            assert_eq!(Value::from_bytes(&value.to_bytes()), Ok(value), "{json}");
        }
        assert_ne!(from_json("1").unwrap(), from_json("1.0").unwrap());
    }

    #[test]
    fn a_second_encoding_of_a_value_is_refused() {
        let padded = [tag::INT, 0x80, 0x00];
        assert_eq!(Value::from_bytes(&padded), Err(ValueDecodeError::NotCanonical));
        let small_as_big = [tag::BIG, 1];
        assert_eq!(Value::from_bytes(&small_as_big), Err(ValueDecodeError::NotCanonical));
        let unsorted = [tag::OBJECT, 2, 1, b'b', tag::NULL, 1, b'a', tag::NULL];
        assert_eq!(Value::from_bytes(&unsorted), Err(ValueDecodeError::NotCanonical));
    }

    #[test]
    fn nesting_is_bounded_when_reading_and_when_making() {
        let mut bytes = Vec::new();
        for _ in 0..100_000 {
            bytes.extend([tag::ARRAY, 1]);
        }
        assert_eq!(Value::from_bytes(&bytes), Err(ValueDecodeError::TooDeep(TooDeep)));
        let mut value = Value::Null;
        for _ in 0..MAX_VALUE_DEPTH {
            value = Value::array(vec![value]).unwrap();
        }
        assert_eq!(Value::array(vec![value]), Err(TooDeep));
    }

    #[test]
    fn a_length_that_lies_allocates_nothing() {
        let lie = [tag::ARRAY, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(Value::from_bytes(&lie), Err(ValueDecodeError::Truncated));
    }
}
