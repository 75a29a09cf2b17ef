//! Amounts by their parts, so that a budget can say how large each size may be.

use std::collections::BTreeMap;

use crate::guarantee::count::Count;
use crate::show::names::Names;

/// Sizes as a report names them, `ps.length` or `|score|`, and how large they are at most.
pub type Sizes = BTreeMap<String, u64>;

/// So often the product of these sizes; no sizes are the number 1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    times: i64,
    sizes: Vec<String>,
}

/// A sum of products of sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sum(Vec<Part>);

impl Sum {
    /// Nothing, if it is any number.
    pub(super) fn of(count: &Count, names: &mut Names<'_>) -> Option<Self> {
        let parts = count.products(names)?;
        Some(Self(parts.into_iter().map(|(times, sizes)| Part { times, sizes }).collect()))
    }

    /// With so often one more size.
    pub(super) fn with(mut self, size: &str, times: Self) -> Self {
        self.0.extend(times.0.into_iter().map(|mut part| {
            part.sizes.push(size.to_owned());
            part
        }));
        self
    }

    /// The sizes with which it grows.
    pub(super) fn sizes(&self) -> impl Iterator<Item = &str> {
        let growing = self.0.iter().filter(|part| part.times > 0);
        growing.flat_map(|part| &part.sizes).map(String::as_str)
    }

    /// Not less than this, if it is known how large each size is with which it grows. What is
    /// taken away with sizes may be nothing.
    pub(super) fn at_most(&self, known: &Sizes) -> Option<u64> {
        let mut most: i128 = 0;
        for part in self.0.iter().filter(|part| part.times > 0 || part.sizes.is_empty()) {
            let mut product = i128::from(part.times);
            for size in &part.sizes {
                product = product.saturating_mul(i128::from(*known.get(size)?));
            }
            most = most.saturating_add(product);
        }
        Some(u64::try_from(most.max(0)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Sizes, Sum};

    /// `3 * ps.length * |a| - |b| - 2`
    fn sum() -> Sum {
        let part = |times, sizes: &[&str]| Part {
            times,
            sizes: sizes.iter().map(ToString::to_string).collect(),
        };
        Sum(vec![part(3, &["ps.length", "|a|"]), part(-1, &["|b|"]), part(-2, &[])])
    }

    #[test]
    fn a_sum_is_at_most_what_its_sizes_allow() {
        let known = Sizes::from([("ps.length".to_owned(), 5), ("|a|".to_owned(), 10)]);
        assert_eq!(sum().at_most(&known), Some(148));
        assert_eq!(sum().at_most(&Sizes::new()), None);
        let nothing = Sizes::from([("ps.length".to_owned(), 0), ("|a|".to_owned(), 10)]);
        assert_eq!(sum().at_most(&nothing), Some(0));
        let huge = Sizes::from([("ps.length".to_owned(), u64::MAX), ("|a|".to_owned(), u64::MAX)]);
        assert_eq!(sum().at_most(&huge), Some(u64::MAX));
    }

    #[test]
    fn a_sum_grows_with_what_is_added() {
        assert_eq!(sum().sizes().collect::<Vec<_>>(), ["ps.length", "|a|"]);
    }
}
