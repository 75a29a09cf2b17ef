//! A simulation as data: what `aquac sim` reads.

use std::collections::BTreeMap;

use aquac_ir::{Limits, Value};
use aquac_peer::Time;
use serde::Serialize;

use crate::answer::Answer;
use crate::expect::Expectation;
use crate::fault::Fault;
use crate::json::BadJob;

/// Where the program of a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// Names of the peers. `init`, `relay` and those that faults name need not be among them.
    pub peers: Vec<String>,
    /// Who starts the run.
    pub init: String,
    /// Through whom the initiator is reached. Without one it can be dialled like all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// What runs.
    pub program: Source,
    /// Its arguments, by name; those of a list are named by their numbers, from 0.
    pub args: BTreeMap<String, Value>,
    /// Everything that is left to chance comes from it.
    pub seed: u64,
    /// When it begins, in milliseconds since 1970.
    pub timestamp: u64,
    /// How long the run lives, in milliseconds.
    pub ttl: u32,
    /// Bounds.
    pub limits: JobLimits,
    /// What services answer: patterns of `Peer/service/function`.
    pub services: Vec<(String, Answer)>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What must come of it, whatever the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expectation>,
}

/// When a job begins that does not say when.
pub(crate) const DEFAULT_TIMESTAMP: u64 = 1_700_000_000_000;

/// How long a run lives, in milliseconds, if its job does not say.
pub(crate) const DEFAULT_TTL: u32 = 60_000;

/// Why a job cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The initiator or the relay is a peer that is not there.
    #[error("there is no peer \"{0}\" in this job")]
    UnknownPeer(String),
    /// A peer that stands there twice.
    #[error("peer \"{0}\" stands there twice")]
    PeerTwice(String),
    /// An argument of the program has no value.
    #[error("the argument \"{0}\" has no value: add it to \"args\"")]
    MissingArgument(String),
    /// An argument that the function does not have.
    #[error("\"args\" names \"{name}\", which is no argument of the function: it has {known}")]
    UnknownArgument {
        /// What is named.
        name: String,
        /// The arguments that there are, for people.
        known: String,
    },
    /// A list of arguments for a program that asks for them by name.
    #[error("the program asks for its arguments by name: write {{\"name\": value}}")]
    ArgumentsByNumber,
    /// More arguments in a list than the program has.
    #[error("\"args\" lists {0} arguments, and the program has {1}")]
    TooManyArguments(usize, usize),
}

impl Job {
    /// Reads a job.
    ///
    /// # Errors
    ///
    /// [`BadJob`] with the first mistake, its line and column.
    pub fn from_json(text: &str) -> Result<Self, BadJob> {
        crate::read::read_job(text)
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
        let mentioned = if all.is_empty() { self.mentioned() } else { Vec::new() };
        let own = std::iter::once(&self.init).chain(&self.relay);
        for name in own.chain(self.named_by_faults()).chain(&mentioned) {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        Ok(all)
    }

    /// Peers that only a fault names, although the job lists its peers: perhaps a slip.
    #[must_use]
    pub fn only_in_faults(&self) -> Vec<&str> {
        let listed = |name: &String| {
            self.peers.contains(name) || *name == self.init || self.relay.as_ref() == Some(name)
        };
        let names = self.named_by_faults().filter(|name| !self.peers.is_empty() && !listed(name));
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The peers of a job that does not list them: those of its AIR text, its arguments and its
    /// services.
    fn mentioned(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.args.values().map(Value::to_string).collect();
        if let Source::Air { air } = &self.program {
            texts.push(air.clone());
        }
        let name = |text: &str| -> String {
            text.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect()
        };
        let behind_at = texts.iter().flat_map(|text| text.split('@').skip(1)).map(name);
        let served = self.services.iter().filter_map(|(glob, _)| glob.split('/').next());
        let served = served.filter(|peer| !peer.contains(['*', '?'])).map(str::to_owned);
        behind_at.chain(served).filter(|name| !name.is_empty()).collect()
    }

    /// The peers that faults name, patterns left out.
    fn named_by_faults(&self) -> impl Iterator<Item = &String> {
        let names = self.faults.iter().flat_map(Fault::names);
        names.filter(|name| !name.contains(['*', '?']))
    }

    pub(crate) fn start(&self) -> Time {
        Time(self.timestamp)
    }
}
