//! What the operators compute: one definition for the compiler that folds constants and for the
//! interpreter that runs programs, so that no two hosts can differ.
//!
//! Integers are those that fit in 64 bits, with or without sign. What does not fit is an error
//! ([`FaultCode::Arithmetic`]), never a wrapped number.

use alloc::format;

use crate::value::Finite;
use crate::{BinaryOp, Fault, FaultCode, Value};

/// Applies an operator.
///
/// # Errors
///
/// [`FaultCode::WrongKind`] if an operand is not what the operator works on,
/// [`FaultCode::Arithmetic`] if there is no result.
pub fn binary(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, Fault> {
    match op {
        BinaryOp::Equal => Ok((left == right).into()),
        BinaryOp::Different => Ok((left != right).into()),
        BinaryOp::FloatMul => float_mul(left, right),
        BinaryOp::Less => compare(op, left, right, |l, r| l < r),
        BinaryOp::LessEqual => compare(op, left, right, |l, r| l <= r),
        BinaryOp::Greater => compare(op, left, right, |l, r| l > r),
        BinaryOp::GreaterEqual => compare(op, left, right, |l, r| l >= r),
        BinaryOp::Add => arithmetic(op, left, right, i128::checked_add),
        BinaryOp::Sub => arithmetic(op, left, right, i128::checked_sub),
        BinaryOp::Mul => arithmetic(op, left, right, product),
        BinaryOp::Div => arithmetic(op, left, right, quotient),
        BinaryOp::Rem => arithmetic(op, left, right, remainder),
        BinaryOp::Pow => arithmetic(op, left, right, power),
    }
}

/// How an operator is written.
#[must_use]
pub const fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::FloatMul => "*.",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Pow => "**",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Equal => "==",
        BinaryOp::Different => "!=",
    }
}

fn compare(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    holds: fn(i128, i128) -> bool,
) -> Result<Value, Fault> {
    let (l, r) = integers(op, left, right)?;
    Ok(holds(l, r).into())
}

fn arithmetic(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    compute: fn(i128, i128) -> Option<i128>,
) -> Result<Value, Fault> {
    let (l, r) = integers(op, left, right)?;
    compute(l, r).and_then(fit).ok_or_else(|| {
        let why = if r == 0 { "divides by zero" } else { "does not fit in 64 bits" };
        Fault::new(FaultCode::Arithmetic, format!("{left} {} {right} {why}", symbol(op)))
    })
}

fn integers(op: BinaryOp, left: &Value, right: &Value) -> Result<(i128, i128), Fault> {
    left.as_integer().zip(right.as_integer()).ok_or_else(|| {
        Fault::new(
            FaultCode::WrongKind,
            format!("`{}` works on integers, not on {left} and {right}", symbol(op)),
        )
    })
}

fn product(left: i128, right: i128) -> Option<i128> {
    let size = size(left)?.checked_mul(size(right)?)?;
    Some(signed((left < 0) != (right < 0), size))
}

fn quotient(left: i128, right: i128) -> Option<i128> {
    let size = size(left)?.checked_div(size(right)?)?;
    Some(signed((left < 0) != (right < 0), size))
}

fn remainder(left: i128, right: i128) -> Option<i128> {
    Some(signed(left < 0, size(left)?.checked_rem(size(right)?)?))
}

fn power(base: i128, exponent: i128) -> Option<i128> {
    let exponent = u32::try_from(exponent).ok()?;
    let is_negative = base < 0 && exponent % 2 == 1;
    Some(signed(is_negative, size(base)?.checked_pow(exponent)?))
}

/// How far from zero: for every operand, and every result that fits, no more than 64 bits.
fn size(number: i128) -> Option<u64> {
    u64::try_from(number.unsigned_abs()).ok()
}

fn signed(is_negative: bool, size: u64) -> i128 {
    let number = i128::from(size);
    if is_negative { -number } else { number }
}

fn fit(number: i128) -> Option<Value> {
    i64::try_from(number)
        .map(Value::from)
        .ok()
        .or_else(|| u64::try_from(number).map(Value::from).ok())
}

/// Multiplies numbers of which one may have a fraction, and cuts the result to an integer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the product was checked to lie between the smallest and largest i64"
)]
fn float_mul(left: &Value, right: &Value) -> Result<Value, Fault> {
    let (l, r) = number(left).zip(number(right)).ok_or_else(|| {
        Fault::new(FaultCode::WrongKind, format!("`*` works on numbers, not on {left} and {right}"))
    })?;
    // 2^63 is exact as a float; the largest i64 is not.
    let bound = 9_223_372_036_854_775_808.0;
    match Finite::new(l * r) {
        Some(product) if product.get() >= -bound && product.get() < bound => {
            Ok(Value::Int(product.get() as i64))
        }
        Some(_) | None => Err(Fault::new(
            FaultCode::Arithmetic,
            format!("{left} * {right} does not fit in 64 bits"),
        )),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a large integer is multiplied as its nearest float"
)]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(number.get()),
        Value::Int(number) => Some(*number as f64),
        Value::Big(number) => Some(number.get() as f64),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_json;

    fn shown(op: BinaryOp, left: &str, right: &str) -> String {
        match binary(op, &from_json(left).unwrap(), &from_json(right).unwrap()) {
            Ok(value) => value.to_string(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_never_wraps() {
        assert_eq!(shown(BinaryOp::Add, "9223372036854775807", "1"), "9223372036854775808");
        assert_eq!(
            shown(BinaryOp::Add, "18446744073709551615", "1"),
            "18446744073709551615 + 1 does not fit in 64 bits (11008)"
        );
        assert_eq!(shown(BinaryOp::Div, "7", "0"), "7 / 0 divides by zero (11008)");
        assert_eq!(shown(BinaryOp::Div, "-7", "2"), "-3");
        assert_eq!(shown(BinaryOp::FloatMul, "1.5", "3"), "4");
        assert_eq!(shown(BinaryOp::Equal, "1", "1.0"), "false");
    }
}
