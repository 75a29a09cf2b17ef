//! JSON text and values: the one reader and the one printer. They do with any text what
//! `serde_json` does with it, to the words of an error, in a tenth of its size: a page loads them.
//!
//! With a self-describing format a [`Value`] is plain JSON; with a compact one it is its canonical
//! bytes.

mod fraction;
mod natural;
mod read;
mod write;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::value::Finite;
use crate::{TooDeep, Value};

/// Why a text is no JSON value that a program can hold, and where it goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line} column {column}")]
pub struct JsonError {
    /// What is wrong.
    pub problem: JsonProblem,
    /// The line, from 1.
    pub line: usize,
    /// The byte in the line, from 1; 0 before the first.
    pub column: usize,
}

/// What is wrong with a text that should be JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonProblem {
    /// The text ends in an array.
    #[error("EOF while parsing a list")]
    EndsInArray,
    /// The text ends in an object.
    #[error("EOF while parsing an object")]
    EndsInObject,
    /// The text ends in a quoted text.
    #[error("EOF while parsing a string")]
    EndsInText,
    /// The text ends where a value stands.
    #[error("EOF while parsing a value")]
    EndsInValue,
    /// There is no colon behind the name of a field.
    #[error("expected `:`")]
    NoColon,
    /// An element has neither a comma nor the end behind it.
    #[error("expected `,` or `]`")]
    NoCommaInArray,
    /// A field has neither a comma nor the end behind it.
    #[error("expected `,` or `}}`")]
    NoCommaInObject,
    /// Neither `true` nor `false` nor `null`.
    #[error("expected ident")]
    NoWord,
    /// No value begins like this.
    #[error("expected value")]
    NoValue,
    /// An escape that does not exist.
    #[error("invalid escape")]
    NoEscape,
    /// Not a number.
    #[error("invalid number")]
    NoNumber,
    /// A number that is too large for a fraction.
    #[error("number out of range")]
    TooLarge,
    /// A control character in a text.
    #[error("control character (\\u0000-\\u001F) found while parsing a string")]
    ControlCharacter,
    /// A field without a name.
    #[error("key must be a string")]
    NoName,
    /// The second half of a character of two without the first, or without being one.
    #[error("lone leading surrogate in hex escape")]
    LoneSurrogate,
    /// The first half of a character of two, and no second.
    #[error("unexpected end of hex escape")]
    HalfCharacter,
    /// A comma with nothing behind it.
    #[error("trailing comma")]
    TrailingComma,
    /// Something behind the value.
    #[error("trailing characters")]
    TrailingCharacters,
    /// Nested deeper than a value may be.
    #[error("recursion limit exceeded")]
    TooDeep,
    /// Two fields with this name.
    #[error("the field \"{0}\" stands twice")]
    FieldTwice(Arc<str>),
}

/// Reads JSON text.
///
/// # Errors
///
/// [`JsonError`] with line and column if it is not JSON, nested too deeply, or a field stands
/// twice.
pub fn from_json(text: &str) -> Result<Value, JsonError> {
    read::read(text)
}

/// Prints JSON text: sorted keys, no spaces.
#[must_use]
pub fn to_json(value: &Value) -> String {
    let mut text = String::new();
    write::put_value(value, &mut text);
    text
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_json(self))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(&self.to_bytes());
        }
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Big(number) => serializer.serialize_u64(number.get()),
            Self::Float(number) => serializer.serialize_f64(number.get()),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(array) => serializer.collect_seq(array.items()),
            Self::Object(object) => {
                serializer.collect_map(object.fields().iter().map(|(k, v)| (&**k, v)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(JsonVisitor)
        } else {
            deserializer.deserialize_byte_buf(CanonicalVisitor)
        }
    }
}

struct CanonicalVisitor;

impl Visitor<'_> for CanonicalVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the canonical bytes of a value")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Value::from_bytes(bytes).map_err(E::custom)
    }
}

struct JsonVisitor;

fn deep<E: serde::de::Error>(error: TooDeep) -> E {
    E::custom(error)
}

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Finite::new(number).map(Value::Float).ok_or_else(|| E::custom("a number that is too large"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = parts.next_element()? {
            items.push(item);
        }
        Value::array(items).map_err(deep)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, value)) = parts.next_entry::<String, Value>()? {
            if fields.insert(Arc::from(name.as_str()), value).is_some() {
                return Err(A::Error::custom(alloc::format!("the field \"{name}\" stands twice")));
            }
        }
        Value::object(fields).map_err(deep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_sorts_keys_and_keeps_fractions() {
        let value = from_json(r#" {"b": 1.0, "a": [1, -2, "x\n"] } "#).unwrap();
        assert_eq!(to_json(&value), r#"{"a":[1,-2,"x\n"],"b":1.0}"#);
    }

    #[test]
    fn a_field_that_stands_twice_is_refused() {
        assert!(from_json(r#"{"a":1,"a":2}"#).is_err());
    }
}
