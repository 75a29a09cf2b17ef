//! Constants that are given from outside: `--const`, `[project] constants`, the ids of peers.

use aquac_base::Name;
use aquac_ir::Value;
use aquac_semantics::GivenConstant;
use aquac_syntax::ast::{Literal, LiteralKind};

/// A constant with this value, which must be a bool, a number or a text.
#[must_use]
pub fn constant(name: &str, value: &Value) -> Option<GivenConstant> {
    let (kind, text) = match value {
        Value::Bool(truth) => (LiteralKind::Bool(*truth), truth.to_string()),
        Value::Int(number) if *number < 0 => (LiteralKind::Signed, number.to_string()),
        Value::Int(_) | Value::Big(_) => (LiteralKind::Unsigned, value.to_string()),
        Value::Float(_) => (LiteralKind::Float, value.to_string()),
        Value::Text(text) => (LiteralKind::String, text.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    let value = Literal { kind, text: Name::new(&text) };
    Some(GivenConstant { name: Name::new(name), value })
}
