//! Numbers of a report: symbolic, with what is known of them.

use std::collections::BTreeMap;

use aquac_base::Span;

use super::sum::{Sizes, Sum};
use crate::guarantee::count::Count;
use crate::show::names::Names;

/// A number as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// For people: `6`, `4 * peers.length`, `1200 + |score|`, `any number`.
    pub text: String,
    /// The number, if it does not depend on anything.
    pub number: Option<u64>,
    /// Whether every run has this number.
    pub exact: bool,
    /// Whether no run has more. Otherwise it is about so many.
    pub bounded: bool,
    /// What every run has at least, if that is known and less.
    pub least: Option<String>,
    /// It belongs to the largest of these; there is none, if it may be any number.
    pub(super) sums: Vec<Sum>,
    /// So many of the sum are one of it: two hops are one round trip.
    pub(super) of_a_sum: u64,
}

/// What a wait for elements of a stream can do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCost {
    /// The wait.
    pub span: Span,
    /// The stream.
    pub stream: String,
    /// How many elements it wants.
    pub need: Amount,
    /// How many are written if nothing fails.
    pub offered: Amount,
    /// How many of them may be missing; `None` if that depends on something.
    pub spare: Option<Amount>,
}

impl Amount {
    /// For people: `6`, `2 to 6`, `at most 6`, `about 6`.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.least {
            _ if self.exact => self.text.clone(),
            Some(least) if self.bounded => format!("{least} to {}", self.text),
            None if self.bounded => format!("at most {}", self.text),
            Some(_) | None => format!("about {}", self.text),
        }
    }

    /// For people, with what is counted, in the singular: `1 hop`, `2 to 6 hops`.
    #[must_use]
    pub fn counted(&self, unit: &str) -> String {
        format!("{} {}", self.shown(), self.plural(unit))
    }

    /// The same without how certain it is: `1 hop`, `1200 + |x| bytes`.
    #[must_use]
    pub fn plain(&self, unit: &str) -> String {
        format!("{} {}", self.text, self.plural(unit))
    }

    /// Not less than this, if these sizes are not exceeded; nothing, if it grows with others too.
    #[must_use]
    pub fn at_most(&self, known: &Sizes) -> Option<u64> {
        let all: Option<Vec<u64>> = self.sums.iter().map(|sum| sum.at_most(known)).collect();
        Some(all?.into_iter().max()?.div_ceil(self.of_a_sum))
    }

    /// The sizes with which it grows.
    pub fn sizes(&self) -> impl Iterator<Item = &str> {
        self.sums.iter().flat_map(Sum::sizes)
    }

    fn plural(&self, unit: &str) -> String {
        if self.number == Some(1) { unit.to_owned() } else { format!("{unit}s") }
    }

    pub(super) fn of(count: &Count, exact: bool, names: &mut Names<'_>) -> Self {
        let number = count.as_number().and_then(|number| u64::try_from(number).ok());
        let exact = exact && !count.is_unknown();
        let bounded = !count.is_unknown();
        let sums = Sum::of(count, names).into_iter().collect();
        Self { text: count.show(names), number, exact, bounded, least: None, sums, of_a_sum: 1 }
    }
}

/// The longest of several chains of frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// Of these the longest; none is certainly longer than another.
    longest: Vec<Count>,
}

impl Default for Chain {
    fn default() -> Self {
        Self { longest: vec![Count::number(0)] }
    }
}

impl Chain {
    /// So many frames more.
    pub(super) fn then(&self, more: &Count) -> Self {
        Self { longest: self.longest.iter().map(|chain| chain.plus(more)).collect() }
    }

    /// Whichever is longer.
    pub(super) fn or(&self, other: &Self) -> Self {
        let mut longest: Vec<Count> = Vec::new();
        for chain in self.longest.iter().chain(&other.longest) {
            if longest.iter().any(|known| known.surely_at_least(chain)) {
                continue;
            }
            longest.retain(|known| !chain.surely_at_least(known));
            longest.push(chain.clone());
        }
        Self { longest }
    }

    /// Whichever is certainly shorter.
    pub(super) fn shorter(&self, other: &Self) -> Option<Self> {
        let ([one], [two]) = (self.longest.as_slice(), other.longest.as_slice()) else {
            return (self == other).then(|| self.clone());
        };
        if one.surely_at_least(two) {
            Some(other.clone())
        } else {
            two.surely_at_least(one).then(|| self.clone())
        }
    }

    /// What the whole has more than a beginning, at most.
    pub(super) fn beyond(&self, beginning: &Self) -> Count {
        match (self.longest.as_slice(), beginning.longest.as_slice()) {
            ([whole], [start]) => whole.minus(start),
            (whole, _) => whole.iter().fold(Count::number(0), |sum, one| sum.plus(one)),
        }
    }

    pub(super) fn amount(&self, exact: bool, names: &mut Names<'_>) -> Amount {
        if let [only] = self.longest.as_slice() {
            // Not a bound: what comes late is not followed.
            let amount = Amount::of(only, exact, names);
            return Amount { bounded: amount.exact, ..amount };
        }
        let all: Vec<String> = self.longest.iter().map(|chain| chain.show(names)).collect();
        let text = format!("max({})", all.join(", "));
        let sums: Option<Vec<Sum>> =
            self.longest.iter().map(|chain| Sum::of(chain, names)).collect();
        let sums = sums.unwrap_or_default();
        Amount { text, number: None, exact, bounded: exact, least: None, sums, of_a_sum: 1 }
    }
}

/// Bytes: those that are known, and how often each value whose size is not known travels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Weight {
    bytes: Count,
    values: BTreeMap<String, Count>,
}

impl Weight {
    pub(super) fn of_bytes(bytes: Count) -> Self {
        Self { bytes, values: BTreeMap::new() }
    }

    pub(super) fn of_value(name: &str, times: Count) -> Self {
        Self { bytes: Count::number(0), values: BTreeMap::from([(name.to_owned(), times)]) }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.bytes = sum.bytes.plus(&other.bytes);
        for (name, times) in &other.values {
            let entry = sum.values.entry(name.clone()).or_default();
            *entry = entry.plus(times);
        }
        sum
    }

    /// So many of these.
    pub(super) fn times(&self, times: &Count) -> Self {
        let values = self.values.iter().map(|(name, often)| (name.clone(), often.times(times)));
        Self { bytes: self.bytes.times(times), values: values.collect() }
    }

    /// The dearer in each part.
    pub(super) fn larger(&self, other: &Self) -> Self {
        let mut larger = self.clone();
        larger.bytes = larger.bytes.larger(&other.bytes);
        for (name, times) in &other.values {
            let entry = larger.values.entry(name.clone()).or_default();
            *entry = entry.larger(times);
        }
        larger
    }

    pub(super) fn amount(&self, names: &mut Names<'_>) -> Amount {
        let mut text = self.bytes.show(names);
        let mut sum = Sum::of(&self.bytes, names);
        let nothing = Count::number(0);
        let one = Count::number(1);
        for (name, times) in self.values.iter().filter(|(_, times)| **times != nothing) {
            let size = format!("|{}|", name.trim_start_matches('*'));
            let part = match times {
                times if *times == one => size.clone(),
                times if times.is_one_part() => format!("{} * {size}", times.show(names)),
                times => format!("({}) * {size}", times.show(names)),
            };
            text = format!("{text} + {part}");
            sum = sum.zip(Sum::of(times, names)).map(|(sum, times)| sum.with(&size, times));
        }
        let known = self.values.values().all(|times| *times == nothing);
        let number = self.bytes.as_number().and_then(|bytes| u64::try_from(bytes).ok());
        let number = number.filter(|_| known);
        let sums = sum.into_iter().collect();
        Amount { text, number, exact: false, bounded: false, least: None, sums, of_a_sum: 1 }
    }
}
