//! What goes wrong in a simulation, and when.

use aquac_ir::{Value, to_json};
use serde::{Deserialize, Serialize};

/// Which links: patterns of peer names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// Who sends.
    pub from: String,
    /// Who should receive.
    pub to: String,
    /// How likely, from 0 to 1.
    pub p: Probability,
}

/// How long frames take on some links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delay {
    /// Who sends.
    pub from: String,
    /// Who receives.
    pub to: String,
    /// At least and at most, in milliseconds.
    pub ms: (u64, u64),
}

/// A time in which two groups cannot reach each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// When it begins, in milliseconds.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skew {
    /// Whose.
    pub peer: String,
    /// By how many milliseconds it is fast.
    pub ms: i64,
}

/// A service whose peer changes its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lie {
    /// Who lies.
    pub peer: String,
    /// About which service.
    pub service: String,
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = to_json(&Value::deserialize(deserializer)?);
        crate::read::read_fault(&text).map_err(|mistake| serde::de::Error::custom(mistake.problem))
    }
}

impl Fault {
    /// The names of peers, and the patterns of names, that stand in it.
    pub(crate) fn names(&self) -> Vec<&String> {
        match self {
            Self::Crash { crash: peer, .. }
            | Self::Restart { restart: peer, .. }
            | Self::TornWrite { torn_write: peer }
            | Self::Equivocate { equivocate: peer }
            | Self::Skew { skew: Skew { peer, .. } }
            | Self::Lie { lie: Lie { peer, .. } } => vec![peer],
            Self::Drop { drop: Ends { from, to, .. } }
            | Self::Duplicate { duplicate: Ends { from, to, .. } }
            | Self::Delay { delay: Delay { from, to, .. } } => vec![from, to],
            Self::Partition { partition } => partition.from.iter().chain(&partition.to).collect(),
        }
    }
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

impl Probability {
    /// Every time.
    pub const ALWAYS: Self = Self(1_000_000);
}
