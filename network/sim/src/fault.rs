//! What goes wrong in a simulation, and when.

use serde::{Deserialize, Serialize};

/// Which links: patterns of peer names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    /// Who sends.
    #[serde(default = "anybody")]
    pub from: String,
    /// Who should receive.
    #[serde(default = "anybody")]
    pub to: String,
    /// How likely, from 0 to 1.
    #[serde(default = "always")]
    pub p: Probability,
}

/// How long frames take on some links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// Who sends.
    #[serde(default = "anybody")]
    pub from: String,
    /// Who receives.
    #[serde(default = "anybody")]
    pub to: String,
    /// At least and at most, in milliseconds.
    pub ms: (u64, u64),
}

/// A time in which two groups cannot reach each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// When it begins, in milliseconds.
    #[serde(default)]
    pub at: u64,
    /// When it ends; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// One side, by name.
    pub from: Vec<String>,
    /// The other.
    pub to: Vec<String>,
}

/// A clock that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skew {
    /// Whose.
    pub peer: String,
    /// By how many milliseconds it is fast.
    pub ms: i64,
}

/// A service whose peer changes its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lie {
    /// Who lies.
    pub peer: String,
    /// About which service.
    pub service: String,
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fault {
    /// A process dies; what is not on its disk is lost.
    Crash {
        /// When, in milliseconds.
        at: u64,
        /// Who.
        crash: String,
    },
    /// It comes back with what is on its disk.
    Restart {
        /// When, in milliseconds.
        at: u64,
        /// Who.
        restart: String,
    },
    /// Frames are lost although the connection stays.
    Drop {
        /// Which.
        drop: Ends,
    },
    /// Frames come twice.
    Duplicate {
        /// Which.
        duplicate: Ends,
    },
    /// Frames take their time.
    Delay {
        /// Which.
        delay: Delay,
    },
    /// Connections break and cannot be made.
    Partition {
        /// Which.
        partition: Partition,
    },
    /// A clock is wrong.
    Skew {
        /// Whose.
        skew: Skew,
    },
    /// A crash of this peer loses what it was writing.
    TornWrite {
        /// Who.
        torn_write: String,
    },
    /// A peer lies about its own service.
    Lie {
        /// Who, and about what.
        lie: Lie,
    },
    /// A peer signs two turns with one number and shows each to somebody else.
    Equivocate {
        /// Who.
        equivocate: String,
    },
}

/// A probability in millionths, so that jobs compare and hash exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probability(pub u32);

impl Serialize for Probability {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e6)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if (0.0..=1.0).contains(&number) {
            // In range, so the cast is exact enough and never wraps.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1")]
            Ok(Self((number * 1e6).round() as u32))
        } else {
            Err(serde::de::Error::custom("a probability is between 0 and 1"))
        }
    }
}

const fn always() -> Probability {
    Probability(1_000_000)
}

fn anybody() -> String {
    "*".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_job_is_read() {
        let text = r#"[
            {"at":5,"crash":"B"}, {"at":50,"restart":"B"},
            {"drop":{"from":"A","to":"B","p":0.1}}, {"duplicate":{"from":"A"}},
            {"delay":{"from":"*","to":"*","ms":[1,20]}},
            {"partition":{"at":5,"until":80,"from":["A"],"to":["B"]}},
            {"skew":{"peer":"B","ms":-3000}}, {"torn_write":"B"},
            {"lie":{"peer":"B","service":"s"}}, {"equivocate":"B"} ]"#;
        let faults: Vec<Fault> = serde_json::from_str(text).unwrap();
        assert_eq!(faults.len(), 10);
        assert!(matches!(&faults[2], Fault::Drop { drop } if drop.p == Probability(100_000)));
        assert!(serde_json::from_str::<Fault>(r#"{"drop":{"p":2}}"#).is_err());
        assert!(serde_json::from_str::<Fault>(r#"{"explode":"B"}"#).is_err());
    }
}
