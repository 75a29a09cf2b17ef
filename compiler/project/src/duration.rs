//! Durations as people write them: `500ms`, `2s`, `5min`.

use serde::{Deserialize, Deserializer};

/// A duration in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milliseconds(pub u64);

impl Milliseconds {
    /// Reads a whole number with its unit: `ms`, `s`, `min` or `h`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at_checked(digits)?;
        let factor = match unit.trim() {
            "ms" => 1,
            "s" => 1_000,
            "min" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(factor).map(Self)
    }
}

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no duration; write a number with its unit, such as \"500ms\", \"2s\" or \"5min\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Milliseconds;

    #[test]
    fn a_duration_needs_its_unit() {
        assert_eq!(Milliseconds::parse("2s"), Some(Milliseconds(2_000)));
        assert_eq!(Milliseconds::parse("500 ms"), Some(Milliseconds(500)));
        assert_eq!(Milliseconds::parse("2"), None);
        assert_eq!(Milliseconds::parse("-2s"), None);
        assert_eq!(Milliseconds::parse("99999999999999999999h"), None);
    }
}
