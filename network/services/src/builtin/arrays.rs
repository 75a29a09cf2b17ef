//! Arrays as sequences and as sets. Sets keep the order in which elements came, so that every
//! peer answers the same.

use std::collections::BTreeSet;

use aquac_ir::Value;

use super::arguments::Arguments;
use super::{Answer, Refusal};

pub(super) fn of_all(args: &Arguments<'_>) -> Answer {
    Ok(Value::array(args.all().cloned().collect())?)
}

pub(super) fn length(args: &Arguments<'_>) -> Answer {
    let length = args.array(0)?.len();
    Ok(Value::from(i64::try_from(length).unwrap_or(i64::MAX)))
}

pub(super) fn concat(args: &Arguments<'_>) -> Answer {
    let mut all = Vec::new();
    for at in 0..args.all().count() {
        all.extend_from_slice(args.array(at)?);
    }
    Ok(Value::array(all)?)
}

pub(super) fn sum(args: &Arguments<'_>) -> Answer {
    let mut sum = 0_i64;
    for number in args.array(0)? {
        let number: Option<i64> = number.as_integer().and_then(|number| number.try_into().ok());
        let number = number.ok_or_else(|| Refusal("an element is no integer".to_owned()))?;
        sum = sum.checked_add(number).ok_or_else(|| Refusal("the sum does not fit".to_owned()))?;
    }
    Ok(Value::from(sum))
}

/// The elements for which something holds, each once, where it came first.
fn once<'a>(
    elements: impl IntoIterator<Item = &'a Value>,
    holds: impl Fn(&Value) -> bool,
) -> Answer {
    let mut seen = BTreeSet::new();
    let kept = elements.into_iter().filter(|value| holds(value) && seen.insert(*value));
    Ok(Value::array(kept.cloned().collect())?)
}

pub(super) fn dedup(args: &Arguments<'_>) -> Answer {
    once(args.array(0)?, |_| true)
}

pub(super) fn intersect(args: &Arguments<'_>) -> Answer {
    let other: BTreeSet<_> = args.array(1)?.iter().collect();
    once(args.array(0)?, |value| other.contains(value))
}

pub(super) fn difference(args: &Arguments<'_>) -> Answer {
    let other: BTreeSet<_> = args.array(1)?.iter().collect();
    once(args.array(0)?, |value| !other.contains(value))
}

pub(super) fn symmetric_difference(args: &Arguments<'_>) -> Answer {
    let (left, right) = (args.array(0)?, args.array(1)?);
    let (in_left, in_right): (BTreeSet<_>, BTreeSet<_>) =
        (left.iter().collect(), right.iter().collect());
    once(left.iter().chain(right), |value| in_left.contains(value) != in_right.contains(value))
}

fn of_none() -> Answer {
    Ok(Value::array(Vec::new())?)
}

/// Of an empty array every slice is empty.
pub(super) fn slice(args: &Arguments<'_>) -> Answer {
    let (array, start, end) = (args.array(0)?, args.index(1)?, args.index(2)?);
    if array.is_empty() {
        return of_none();
    }
    let part = array.get(start..end).ok_or_else(|| {
        Refusal(format!("there are no elements {start} to {end} of {}", array.len()))
    })?;
    Ok(Value::array(part.to_vec())?)
}
