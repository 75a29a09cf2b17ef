//! Bytes as a value: one value has one encoding, and JSON gives it back.

#![no_main]

use aquac_ir::{Value, from_json, to_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = Value::from_bytes(bytes) {
        assert_eq!(value.to_bytes(), bytes, "one value, one encoding");
        let json = to_json(&value);
        assert_eq!(from_json(&json).ok().as_ref(), Some(&value), "JSON gives it back: {json}");
    }
    if let Ok(Ok(value)) = std::str::from_utf8(bytes).map(from_json) {
        let bytes = value.to_bytes();
        assert_eq!(Value::from_bytes(&bytes).as_ref(), Ok(&value), "so do the bytes");
        assert_eq!(from_json(&to_json(&value)).ok().as_ref(), Some(&value));
    }
});
