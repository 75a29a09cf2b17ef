//! What must hold of a job's outcome: what always must, and what the job itself says.

use std::fmt;

use aquac_ir::Value;
use serde::Serialize;

use crate::outcome::Outcome;

/// What a job expects of every seed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Expectation {
    /// The program's results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
    /// The error that it reports, or that nothing catches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// How many calls of services there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<usize>,
    /// Whether it ends, with results or an error, before its deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<bool>,
    /// Milliseconds of virtual time in which it must come to rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Broken {
    /// A service did something twice for one call. Never expected.
    Twice(Vec<String>),
    /// A run was said to have ended more than once. Never expected.
    EndedTwice,
    /// It did not come to rest within the events of its limits. Never expected.
    NeverRests,
    /// Other results.
    Response {
        /// What was expected.
        expected: Value,
        /// What came.
        came: Option<Value>,
    },
    /// Another error.
    Error {
        /// What was expected.
        expected: Value,
        /// What came.
        came: Option<Value>,
    },
    /// More calls or fewer.
    Calls {
        /// What was expected.
        expected: usize,
        /// What came.
        came: usize,
    },
    /// It ended and should not, or did not and should.
    Ends {
        /// What was expected.
        expected: bool,
    },
    /// It took longer.
    Late {
        /// Milliseconds that were expected.
        within: u64,
        /// Milliseconds that it took.
        took: u64,
    },
}

impl Broken {
    /// Whether the same expectation is broken, perhaps in another way. Nothing at all is not like
    /// something else than was expected.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && self.says_something() == other.says_something()
    }

    const fn says_something(&self) -> bool {
        match self {
            Self::Response { came, .. } | Self::Error { came, .. } => came.is_some(),
            Self::Twice(_)
            | Self::EndedTwice
            | Self::NeverRests
            | Self::Calls { .. }
            | Self::Ends { .. }
            | Self::Late { .. } => true,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| value.clone().unwrap_or(Value::Null);
        match self {
            Self::Twice(calls) => write!(f, "done twice: {}", calls.join(", ")),
            Self::EndedTwice => f.write_str("the run ended twice"),
            Self::NeverRests => f.write_str("it never comes to rest"),
            Self::Response { expected, came } => {
                write!(f, "the response is {}, not {expected}", shown(came))
            }
            Self::Error { expected, came } => {
                write!(f, "the error is {}, not {expected}", shown(came))
            }
            Self::Calls { expected, came } => write!(f, "{came} calls, not {expected}"),
            Self::Ends { expected: true } => f.write_str("it does not end"),
            Self::Ends { expected: false } => f.write_str("it ends"),
            Self::Late { within, took } => write!(f, "it took {took} ms, more than {within}"),
        }
    }
}

impl Expectation {
    /// The first thing that does not hold, if something does not.
    #[must_use]
    pub fn broken_by(&self, outcome: &Outcome) -> Option<Broken> {
        never(outcome).or_else(|| self.results(outcome)).or_else(|| self.course(outcome))
    }

    fn results(&self, outcome: &Outcome) -> Option<Broken> {
        if let Some(expected) = self.response.clone().filter(|_| self.response != outcome.response)
        {
            return Some(Broken::Response { expected, came: outcome.response.clone() });
        }
        let expected = self.error.clone().filter(|_| self.error != outcome.error)?;
        Some(Broken::Error { expected, came: outcome.error.clone() })
    }

    fn course(&self, outcome: &Outcome) -> Option<Broken> {
        let came = outcome.calls.len();
        if let Some(expected) = self.calls.filter(|expected| *expected != came) {
            return Some(Broken::Calls { expected, came });
        }
        if let Some(expected) = self.ends.filter(|expected| *expected != outcome.ended) {
            return Some(Broken::Ends { expected });
        }
        let took = outcome.elapsed;
        self.within.filter(|within| took > *within).map(|within| Broken::Late { within, took })
    }
}

/// What must never be.
fn never(outcome: &Outcome) -> Option<Broken> {
    if !outcome.twice.is_empty() {
        return Some(Broken::Twice(outcome.twice.clone()));
    }
    if outcome.more_endings > 0 {
        return Some(Broken::EndedTwice);
    }
    (outcome.stopped == "events").then_some(Broken::NeverRests)
}
