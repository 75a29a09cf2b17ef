//! Arithmetic on integers of 64 bits, where what does not fit is an error, and comparison.

use std::cmp::Ordering;

use aquac_ir::Value;

use super::arguments::Arguments;
use super::{Answer, Refusal};

fn compute(args: &Arguments<'_>, operation: fn(i64, i64) -> Option<i64>) -> Answer {
    let (x, y) = (args.integer(0)?, args.integer(1)?);
    let result = operation(x, y);
    result.map(Value::from).ok_or_else(|| Refusal(format!("{x} and {y} have no result")))
}

pub(super) fn add(args: &Arguments<'_>) -> Answer {
    compute(args, i64::checked_add)
}

pub(super) fn sub(args: &Arguments<'_>) -> Answer {
    compute(args, i64::checked_sub)
}

pub(super) fn mul(args: &Arguments<'_>) -> Answer {
    compute(args, i64::checked_mul)
}

/// Rounds towards zero.
pub(super) fn div(args: &Arguments<'_>) -> Answer {
    compute(args, i64::checked_div)
}

pub(super) fn rem(args: &Arguments<'_>) -> Answer {
    compute(args, i64::checked_rem)
}

pub(super) fn pow(args: &Arguments<'_>) -> Answer {
    compute(args, |x, y| x.checked_pow(y.try_into().ok()?))
}

/// The first argument is the base.
pub(super) fn log(args: &Arguments<'_>) -> Answer {
    compute(args, |base, x| x.checked_ilog(base).map(i64::from))
}

pub(super) fn fmul(args: &Arguments<'_>) -> Answer {
    let product = (args.fraction(0)? * args.fraction(1)?).floor();
    // Both bounds are powers of two, so they are exact; NaN is in no range.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    let result = (-(2_f64.powi(63))..2_f64.powi(63)).contains(&product).then_some(product as i64);
    result.map(Value::from).ok_or_else(|| Refusal("the product does not fit".to_owned()))
}

fn ordering(args: &Arguments<'_>) -> Result<Ordering, Refusal> {
    Ok(args.integer(0)?.cmp(&args.integer(1)?))
}

pub(super) fn gt(args: &Arguments<'_>) -> Answer {
    Ok(ordering(args)?.is_gt().into())
}

pub(super) fn gte(args: &Arguments<'_>) -> Answer {
    Ok(ordering(args)?.is_ge().into())
}

pub(super) fn lt(args: &Arguments<'_>) -> Answer {
    Ok(ordering(args)?.is_lt().into())
}

pub(super) fn lte(args: &Arguments<'_>) -> Answer {
    Ok(ordering(args)?.is_le().into())
}

pub(super) fn compare(args: &Arguments<'_>) -> Answer {
    Ok(Value::from(i64::from(ordering(args)? as i8)))
}
