//! A simulation as data: what `aquac sim` reads.

use std::collections::BTreeMap;

use aquac_ir::{Limits, Value};
use aquac_peer::Time;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::expect::Expectation;
use crate::fault::Fault;

/// Where the program of a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Source {
    /// AIR text, with `@Name` for ids.
    Air {
        /// The text.
        air: String,
    },
    /// A function of an Aqua module.
    Aqua {
        /// The module's path.
        aqua: String,
        /// The function.
        function: String,
    },
}

/// Bounds of the run that a job wants otherwise than usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobLimits {
    /// Turns that one peer may add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turns_per_peer: Option<u32>,
    /// Records that one peer may add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records_per_peer: Option<u32>,
    /// Bytes of one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_bytes: Option<u32>,
    /// Elements of one stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_elements: Option<u32>,
    /// Peers that one step may send to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fan_out: Option<u32>,
    /// Events of the simulator before it gives up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
}

impl JobLimits {
    /// The limits that go into the header.
    #[must_use]
    pub fn of_header(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            turns_per_peer: self.turns_per_peer.unwrap_or(usual.turns_per_peer),
            records_per_peer: self.records_per_peer.unwrap_or(usual.records_per_peer),
            value_bytes: self.value_bytes.unwrap_or(usual.value_bytes),
            stream_elements: self.stream_elements.unwrap_or(usual.stream_elements),
            fan_out: self.fan_out.unwrap_or(usual.fan_out),
        }
    }
}

/// One simulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Names of the peers. `init` and `relay` need not be among them.
    pub peers: Vec<String>,
    /// Who starts the run.
    pub init: String,
    /// Through whom the initiator is reached. Without one it can be dialled like all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// What runs.
    pub program: Source,
    /// Its arguments, by name.
    #[serde(default)]
    pub args: BTreeMap<String, Value>,
    /// Everything that is left to chance comes from it.
    #[serde(default)]
    pub seed: u64,
    /// When it begins, in milliseconds since 1970.
    #[serde(default = "default_timestamp")]
    pub timestamp: u64,
    /// How long the run lives, in milliseconds.
    #[serde(default = "default_ttl")]
    pub ttl: u32,
    /// Bounds.
    #[serde(default)]
    pub limits: JobLimits,
    /// What services answer: patterns of `Peer/service/function`.
    #[serde(default)]
    pub services: Vec<(String, Answer)>,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What must come of it, whatever the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expectation>,
}

const fn default_timestamp() -> u64 {
    1_700_000_000_000
}

const fn default_ttl() -> u32 {
    60_000
}

/// Why a job cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// A fault or the relay names a peer that is not there.
    #[error("there is no peer \"{0}\" in this job")]
    UnknownPeer(String),
    /// A peer that stands there twice.
    #[error("peer \"{0}\" stands there twice")]
    PeerTwice(String),
    /// An argument of the program has no value.
    #[error("the argument \"{0}\" has no value: add it to \"args\"")]
    MissingArgument(String),
}

impl Job {
    /// Reads a job.
    ///
    /// # Errors
    ///
    /// The reader's error, with line and column.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The job as text, on one line.
    ///
    /// # Errors
    ///
    /// The writer's error: a number that JSON has no words for.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The names of all peers, each once.
    ///
    /// # Errors
    ///
    /// [`JobError::PeerTwice`].
    pub fn all_peers(&self) -> Result<Vec<String>, JobError> {
        let mut all: Vec<String> = Vec::new();
        for name in &self.peers {
            if all.contains(name) {
                return Err(JobError::PeerTwice(name.clone()));
            }
            all.push(name.clone());
        }
        for name in std::iter::once(&self.init).chain(&self.relay) {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        Ok(all)
    }

    /// Every peer that a fault names exists.
    pub(crate) fn check_faults(&self, peers: &[String]) -> Result<(), JobError> {
        for fault in &self.faults {
            let named = match fault {
                Fault::Crash { crash: peer, .. }
                | Fault::Restart { restart: peer, .. }
                | Fault::TornWrite { torn_write: peer }
                | Fault::Equivocate { equivocate: peer } => peer,
                Fault::Skew { skew } => &skew.peer,
                Fault::Lie { lie } => &lie.peer,
                // These have patterns.
                Fault::Drop { .. }
                | Fault::Duplicate { .. }
                | Fault::Delay { .. }
                | Fault::Partition { .. } => continue,
            };
            if !peers.contains(named) {
                return Err(JobError::UnknownPeer(named.clone()));
            }
        }
        Ok(())
    }

    pub(crate) fn start(&self) -> Time {
        Time(self.timestamp)
    }
}
