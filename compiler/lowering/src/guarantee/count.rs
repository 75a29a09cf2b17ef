//! How many, as far as it is known before anything runs: sums of products of lengths and numbers
//! that the program reads, for instance `2 * peers.length + 1`.
//!
//! Whatever is read is taken to be at least 0: lengths are, and an index that is not is an error
//! of its own. What cannot be compared is neither less nor more.

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::{BinaryOp, Value};

use super::steps::Steps;
use crate::placed::PlacedKind;
use crate::show::names::Names;
use crate::terms::{Term, TermId};

/// Names that stand for names are followed so far.
const MAX_NAMES: u32 = 64;
/// A sum with more parts than this counts as unknown.
const MAX_PARTS: usize = 64;

/// Something whose size is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    /// The number of elements of a value.
    Length(TermId),
    /// A number.
    Number(TermId),
    /// The number of different keys of a map's snapshot.
    Keys(TermId),
}

/// A number of elements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Count {
    /// Factors to how often their product counts; no factors is the number 1.
    parts: BTreeMap<Vec<Atom>, i64>,
    /// Whether any number more than that is possible.
    open: bool,
}

impl Count {
    pub(super) fn number(number: i64) -> Self {
        let mut parts = BTreeMap::new();
        if number != 0 {
            parts.insert(Vec::new(), number);
        }
        Self { parts, open: false }
    }

    /// Any number.
    pub(super) fn unknown() -> Self {
        Self { parts: BTreeMap::new(), open: true }
    }

    fn atom(atom: Atom) -> Self {
        Self { parts: BTreeMap::from([(vec![atom], 1)]), open: false }
    }

    /// The number, if it is one.
    pub(super) fn as_number(&self) -> Option<i64> {
        if self.open {
            return None;
        }
        match self.parts.len() {
            0 => Some(0),
            1 => self.parts.get(&Vec::new()).copied(),
            _ => None,
        }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (factors, times) in &other.parts {
            let entry = sum.parts.entry(factors.clone()).or_default();
            *entry = entry.saturating_add(*times);
        }
        sum.parts.retain(|_, times| *times != 0);
        sum.open |= other.open;
        sum.bounded()
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        let negative = other.parts.iter().map(|(factors, times)| (factors.clone(), -times));
        self.plus(&Self { parts: negative.collect(), open: other.open })
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = Self { parts: BTreeMap::new(), open: false };
        for (left, often) in &self.parts {
            for (right, times) in &other.parts {
                let mut factors: Vec<Atom> = left.iter().chain(right).copied().collect();
                factors.sort_unstable();
                let entry = product.parts.entry(factors).or_default();
                *entry = entry.saturating_add(often.saturating_mul(*times));
            }
        }
        product.parts.retain(|_, times| *times != 0);
        let none = |count: &Self| !count.open && count.parts.is_empty();
        product.open = (self.open || other.open) && !none(self) && !none(other);
        product.bounded()
    }

    /// Whichever is more; if nobody knows, both together.
    pub(super) fn larger(&self, other: &Self) -> Self {
        if self.surely_at_least(other) {
            self.clone()
        } else if other.surely_at_least(self) {
            other.clone()
        } else {
            self.plus(other)
        }
    }

    /// Not more than either, whatever the sizes are.
    pub(super) fn smaller(&self, other: &Self) -> Self {
        let of = |count: &Self, factors: &Vec<Atom>| {
            count.parts.get(factors).copied().unwrap_or_default()
        };
        let all = self.parts.keys().chain(other.parts.keys());
        let mut parts: BTreeMap<Vec<Atom>, i64> = all
            .map(|factors| (factors.clone(), of(self, factors).min(of(other, factors))))
            .collect();
        parts.retain(|_, times| *times != 0);
        Self { parts, open: self.open || other.open }
    }

    /// Whether nothing at all bounds it.
    pub(super) fn is_unknown(&self) -> bool {
        self.open
    }

    /// Whether it is one product, or one number.
    pub(super) fn is_one_part(&self) -> bool {
        self.open || self.parts.len() <= 1
    }

    /// Gives up on sums that became too long.
    fn bounded(self) -> Self {
        if self.parts.len() > MAX_PARTS { Self::unknown() } else { self }
    }

    /// Whether it is certainly less, whatever the sizes are.
    pub(super) fn surely_less(&self, other: &Self) -> bool {
        let rest = other.minus(self);
        !self.open && rest.never_negative() && rest.constant() >= 1
    }

    /// Whether it is less as soon as lists are long enough: what is missing grows with them.
    pub(super) fn less_for_long_lists(&self, other: &Self) -> bool {
        let rest = other.minus(self);
        let of_lists =
            |factors: &[Atom]| factors.iter().all(|factor| matches!(factor, Atom::Length(_)));
        let mut growing = rest.parts.iter().filter(|(factors, _)| !factors.is_empty()).peekable();
        !self.open
            && growing.peek().is_some()
            && growing.all(|(factors, times)| *times > 0 && of_lists(factors))
    }

    /// The lists on whose lengths it depends.
    pub(super) fn lists(&self) -> BTreeSet<TermId> {
        let factors = self.parts.keys().flatten();
        factors
            .filter_map(|factor| match factor {
                Atom::Length(of) => Some(*of),
                Atom::Number(_) | Atom::Keys(_) => None,
            })
            .collect()
    }

    /// Whether it is certainly enough, whatever the sizes are.
    pub(super) fn surely_at_least(&self, other: &Self) -> bool {
        !other.open && self.minus(other).never_negative()
    }

    fn never_negative(&self) -> bool {
        self.parts.values().all(|times| *times >= 0)
    }

    fn constant(&self) -> i64 {
        self.parts.get(&Vec::new()).copied().unwrap_or_default()
    }

    /// The products of which it is the sum, the number last: how often, and of which sizes, as people
    /// write them. Nothing, if any number is possible.
    pub(super) fn products(&self, names: &mut Names<'_>) -> Option<Vec<(i64, Vec<String>)>> {
        if self.open {
            return None;
        }
        let mut parts: Vec<_> = self.parts.iter().collect();
        parts.sort_by_key(|(factors, _)| std::cmp::Reverse(factors.len()));
        let products = parts.into_iter().map(|(factors, times)| {
            (*times, factors.iter().map(|factor| factor.show(names)).collect())
        });
        Some(products.collect())
    }

    /// As people write it, for instance `peers.length - 1`; `any number` if nothing is known.
    pub(super) fn show(&self, names: &mut Names<'_>) -> String {
        let Some(products) = self.products(names) else { return "any number".to_owned() };
        let mut text = String::new();
        for (times, sizes) in products {
            let often = (times.abs() != 1 || sizes.is_empty()).then(|| times.abs().to_string());
            let product: Vec<String> = often.into_iter().chain(sizes).collect();
            let sign = match (text.is_empty(), times < 0) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            };
            text.push_str(sign);
            text.push_str(&product.join(" * "));
        }
        if text.is_empty() { "0".to_owned() } else { text }
    }
}

impl Atom {
    fn show(self, names: &mut Names<'_>) -> String {
        match self {
            Self::Length(of) => format!("{}.length", names.term(of)),
            Self::Number(of) => names.term(of),
            Self::Keys(of) => format!("{}.keys().length", names.term(of)),
        }
    }
}

impl Steps<'_> {
    /// The number that a term stands for.
    pub(super) fn count_of(&self, term: TermId) -> Count {
        self.count_behind(term, MAX_NAMES)
    }

    fn count_behind(&self, term: TermId, names: u32) -> Count {
        let terms = &self.pools().terms;
        match terms.get(term) {
            Term::Const(value) => match value.as_integer().map(i64::try_from) {
                Some(Ok(number)) => Count::number(number),
                Some(Err(_)) | None => Count::atom(Atom::Number(term)),
            },
            Term::Length(of) => self.length_behind(*of, names),
            Term::Slot(slot) => match self.value_of(*slot).filter(|_| names > 0) {
                Some(value) => self.count_behind(value, names - 1),
                None => Count::atom(Atom::Number(term)),
            },
            Term::Binary { op, left, right } => {
                let left = self.count_behind(*left, names);
                let right = self.count_behind(*right, names);
                match op {
                    BinaryOp::Add => left.plus(&right),
                    BinaryOp::Sub => left.minus(&right),
                    BinaryOp::Mul => left.times(&right),
                    BinaryOp::FloatMul
                    | BinaryOp::Div
                    | BinaryOp::Rem
                    | BinaryOp::Pow
                    | BinaryOp::Less
                    | BinaryOp::LessEqual
                    | BinaryOp::Greater
                    | BinaryOp::GreaterEqual
                    | BinaryOp::Equal
                    | BinaryOp::Different => Count::atom(Atom::Number(term)),
                }
            }
            Term::Arg(_)
            | Term::Fact(_)
            | Term::Field { .. }
            | Term::Index { .. }
            | Term::Not(_)
            | Term::And(..)
            | Term::Or(..)
            | Term::Array(_)
            | Term::Object(_)
            | Term::Update { .. }
            | Term::First(_)
            | Term::Either(_)
            | Term::Contains { .. }
            | Term::Keys(_) => Count::atom(Atom::Number(term)),
        }
    }

    /// The number of elements of an array.
    pub(super) fn length_of(&self, term: TermId) -> Count {
        self.length_behind(term, MAX_NAMES)
    }

    fn length_behind(&self, term: TermId, names: u32) -> Count {
        let terms = &self.pools().terms;
        let known = match terms.get(term) {
            Term::Const(value) => value.as_array().map(<[Value]>::len),
            Term::Array(items) => Some(items.len()),
            Term::Slot(slot) => {
                if let Some(value) = self.value_of(*slot).filter(|_| names > 0) {
                    return self.length_behind(value, names - 1);
                }
                None
            }
            Term::Arg(_)
            | Term::Fact(_)
            | Term::Field { .. }
            | Term::Index { .. }
            | Term::Length(_)
            | Term::Not(_)
            | Term::And(..)
            | Term::Or(..)
            | Term::Binary { .. }
            | Term::Object(_)
            | Term::Update { .. }
            | Term::First(_)
            | Term::Either(_)
            | Term::Contains { .. }
            | Term::Keys(_) => None,
        };
        match known.and_then(|length| i64::try_from(length).ok()) {
            Some(length) => Count::number(length),
            None => Count::atom(Atom::Length(term)),
        }
    }

    /// The number of different keys of a map's snapshot.
    pub(super) fn keys_of(&self, term: TermId) -> Count {
        Count::atom(Atom::Keys(term))
    }

    /// What a slot names, if it does nothing but that.
    fn value_of(&self, slot: crate::terms::SlotId) -> Option<TermId> {
        let writer = self.writer(slot)?;
        if let PlacedKind::Let { value, .. } = self.kind(writer) { Some(*value) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Atom, Count};
    use crate::plan::Pools;

    /// `a.length` and `b.length` for two unknown lists.
    fn lengths() -> (Count, Count) {
        let mut pools = Pools::default();
        let [a, b] = [0, 1].map(|number| pools.terms.intern(crate::terms::Term::Arg(number)));
        (Count::atom(Atom::Length(a)), Count::atom(Atom::Length(b)))
    }

    #[test]
    fn only_what_holds_for_all_sizes_is_sure() {
        let (a, b) = lengths();
        let one = Count::number(1);
        assert!(a.surely_less(&a.plus(&one)));
        assert!(a.surely_at_least(&a.minus(&one)));
        assert!(!a.surely_less(&b) && !a.surely_at_least(&b));
        assert!(a.plus(&b).surely_at_least(&b));
        assert!(!a.surely_at_least(&one) && !a.surely_less(&one));
    }

    #[test]
    fn what_is_missing_may_grow_with_a_list() {
        let (a, b) = lengths();
        let three = Count::number(3);
        assert!(three.less_for_long_lists(&a) && !a.less_for_long_lists(&three));
        assert!(a.less_for_long_lists(&a.plus(&a)) && !a.less_for_long_lists(&a.plus(&three)));
        assert!(!a.less_for_long_lists(&b) && !Count::unknown().less_for_long_lists(&a));
    }

    #[test]
    fn the_smaller_is_not_more_than_either() {
        let (a, b) = lengths();
        let two = Count::number(2);
        assert_eq!(a.smaller(&a.plus(&two)), a);
        assert_eq!(a.plus(&two).smaller(&b.plus(&two)), two);
    }

    #[test]
    fn products_are_products_of_sizes() {
        let (a, b) = lengths();
        let two = Count::number(2);
        assert_eq!(a.times(&b), b.times(&a));
        assert_eq!(a.times(&two), a.plus(&a));
        assert_eq!(Count::number(3).times(&Count::number(4)).as_number(), Some(12));
        assert_eq!(Count::number(0).times(&Count::unknown()).as_number(), Some(0));
    }

    #[test]
    fn nothing_is_less_than_the_unknown_and_it_is_not_less_itself() {
        let number = Count::number(5);
        assert!(!Count::unknown().surely_less(&number));
        assert!(!number.surely_at_least(&Count::unknown()));
        assert!(Count::unknown().surely_at_least(&Count::number(0)));
        assert!(!Count::unknown().surely_at_least(&number));
    }
}
