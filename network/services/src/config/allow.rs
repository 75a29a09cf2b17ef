//! `[[peers.NAME.allow]]`: who may call what, as it is written. Not yet checked.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Period;

/// One rule. A call is allowed if one rule allows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowConfig {
    /// `service.function`, or `service.*` for all of a service.
    pub call: String,
    /// Who may have started the run: names of peers or ids; everybody if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiator: Option<Vec<String>>,
    /// What must hold for arguments, by their number from 0.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, ArgumentConfig>,
    /// How often, for each initiator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// How many bytes all arguments may have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u32>,
}

/// What must hold for an argument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentConfig {
    /// Where it must come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FromConfig>,
}

/// A call whose result an argument must be. What is absent may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromConfig {
    /// Who must have answered: a name or an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Which part of the result: `""` for all of it, else for instance `.ok` or `.list[0]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// So many in such a time: `10/min`, `1/s`, `100/h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub calls: u32,
    /// In which time.
    pub per: Period,
}

/// Why a text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no rate: write for instance \"10/min\"; s, min and h are known")]
pub struct RateError(pub String);

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let wrong = || RateError(text.to_owned());
        let (calls, unit) = text.split_once('/').ok_or_else(wrong)?;
        let seconds = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let digits = calls.bytes().all(|byte| byte.is_ascii_digit());
        let calls = calls.parse().ok().filter(|calls| digits && *calls > 0).ok_or_else(wrong)?;
        Ok(Self { calls, per: Period::from_millis(seconds * 1000) })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.millis() {
            1000 => "s",
            60_000 => "min",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.calls)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_and_a_unit() {
        let rate: Rate = "10/min".parse().unwrap();
        assert_eq!((rate.calls, rate.per.millis()), (10, 60_000));
        assert_eq!(rate.to_string(), "10/min");
        for wrong in ["10", "0/s", "-1/s", "+1/s", "1/day", "1 / s"] {
            assert_eq!(wrong.parse::<Rate>(), Err(RateError(wrong.to_owned())));
        }
    }
}
