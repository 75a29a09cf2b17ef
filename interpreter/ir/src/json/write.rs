//! A value to JSON text: sorted keys, no spaces.

use alloc::string::String;
use core::fmt::{self, Write as _};

use super::fraction::put_shortest;
use crate::Value;

/// Writes a value. As deep as values are nested, which is bounded when they are made.
pub(super) fn put_value(value: &Value, to: &mut String) {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(false) => to.push_str("false"),
        Value::Bool(true) => to.push_str("true"),
        Value::Int(number) => put(format_args!("{number}"), to),
        Value::Big(number) => put(format_args!("{}", number.get()), to),
        Value::Float(number) => put_shortest(number.get(), to),
        Value::Text(text) => put_text(text, to),
        Value::Array(array) => {
            let mut before = '[';
            for item in array.items() {
                to.push(before);
                put_value(item, to);
                before = ',';
            }
            to.push_str(if before == '[' { "[]" } else { "]" });
        }
        Value::Object(object) => {
            let mut before = '{';
            for (name, value) in object.fields() {
                to.push(before);
                put_text(name, to);
                to.push(':');
                put_value(value, to);
                before = ',';
            }
            to.push_str(if before == '{' { "{}" } else { "}" });
        }
    }
}

fn put(number: fmt::Arguments<'_>, to: &mut String) {
    to.write_fmt(number).expect("a text has no end");
}

fn put_text(text: &str, to: &mut String) {
    to.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            0..0x20 => b'u',
            _ => continue,
        };
        to.push_str(text.get(from..at).unwrap_or_default());
        to.push('\\');
        to.push(char::from(escape));
        if escape == b'u' {
            to.push_str(if byte < 0x10 { "000" } else { "001" });
            to.extend(char::from_digit(u32::from(byte & 0xf), 16));
        }
        from = at + 1;
    }
    to.push_str(text.get(from..).unwrap_or_default());
    to.push('"');
}
