//! Services as `aqua.toml` describes them: plain data, not yet checked.
//!
//! The structs are flat (one table with all fields of all kinds) so that a reader of TOML can say
//! exactly which field is unknown or has the wrong type. [`Registry::new`](crate::Registry::new)
//! checks that the fields fit the kind.

mod allow;
mod answer;
mod period;

use std::collections::BTreeMap;
use std::path::PathBuf;

use aquac_ir::Value;
use serde::{Deserialize, Serialize};

pub use allow::{AllowConfig, ArgumentConfig, FromConfig, Rate, RateError};
pub use answer::{Answer, AnswerError};
pub use period::{Period, PeriodError};

use crate::TemplateError;

/// How long a function may take if nothing else is written.
pub const DEFAULT_TIMEOUT: Period = Period::from_millis(30_000);
/// The longest that may be written.
pub const MAX_TIMEOUT: Period = Period::from_millis(24 * 3600 * 1000);
/// Bytes of an answer if nothing else is written.
pub const DEFAULT_ANSWER_BYTES: u32 = 1 << 20;
/// The most that may be written; what a value can hold.
pub const MAX_ANSWER_BYTES: u32 = 16 << 20;

/// One `[[peers.NAME.service]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// What programs call it.
    pub id: String,
    /// What answers.
    pub kind: ServiceKind,
    /// `http`: scheme, host, port and an optional path that all functions share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `http`: a file with certificates (PEM) that are trusted beside the system's, for `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// `process`: the program and its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// `process`: where it runs; by default where the peer runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// How long each function may take, unless the function says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
    /// The largest answer in bytes, of all functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_answer_bytes: Option<u32>,
    /// The functions by name. Needed for `http` and `scripted`: what is not here is not there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, FunctionConfig>,
}

/// What answers the calls of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// An HTTP API.
    Http,
    /// A program beside the peer that speaks JSON lines on its standard input and output.
    Process,
    /// Answers written down in the configuration.
    Scripted,
    /// Rust code that the program around the peer brings along.
    Native,
}

/// One `[peers.NAME.service.functions.FUNCTION]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionConfig {
    /// Names of the arguments in their order, for templates. A project fills them in from the
    /// service's declaration. Without names, `{0}` is the first argument; and where a function
    /// has one argument, every name means that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// `http`: `GET`, `POST` …; by default `POST` with a body, else `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// `http`: template of path and query, by default `/FUNCTION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `http`: JSON whose texts are templates. A text that is one argument and nothing else
    /// becomes that argument with its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// `http`: which part of the answer is the result, as a JSON pointer; by default all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// `scripted`: the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// How long it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
}

/// Why a configured service cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("service \"{service}\": {reason}")]
pub struct ConfigError {
    /// Which service.
    pub service: String,
    /// Which function, if it is about one.
    pub function: Option<String>,
    /// What is wrong.
    pub reason: ConfigErrorReason,
}

impl ConfigErrorReason {
    /// The field that is meant, if it is one that is there.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Twice => Some("id"),
            Self::Missing(_) => None,
            Self::Meaningless(field) | Self::OutOfBounds(field) | Self::Template { field, .. } => {
                Some(field)
            }
            Self::Url { .. } => Some("url"),
            Self::Certificates(_) => Some("ca"),
            Self::Method(_) => Some("method"),
            Self::Pointer(_) => Some("result"),
            Self::NoNative | Self::NotBuilt => Some("kind"),
        }
    }
}

/// What is wrong with a configured service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigErrorReason {
    /// Two services of a peer have one id.
    #[error("there are two services with this id")]
    Twice,
    /// The kind needs a field that is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field that has no meaning for the kind.
    #[error("`{0}` has no meaning for a service of this kind")]
    Meaningless(&'static str),
    /// The address is none, or not one that can be asked.
    #[error("`{url}` is no http address: {problem}")]
    Url {
        /// As it is written.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The certificates that are to be trusted cannot be read, or the system has none.
    #[error("no certificates to trust: {0}")]
    Certificates(String),
    /// A template of a path or body.
    #[error("in `{field}`: {error}")]
    Template {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        error: TemplateError,
    },
    /// The HTTP method is none.
    #[error("`{0}` is no HTTP method")]
    Method(String),
    /// The result is no JSON pointer.
    #[error("`{0}` is no JSON pointer: it starts with `/`")]
    Pointer(String),
    /// A timeout or size beyond its bound.
    #[error("`{0}` is out of its bounds")]
    OutOfBounds(&'static str),
    /// Nobody brought the Rust code for a `native` service.
    #[error("nothing in this program answers for it (kind `native`)")]
    NoNative,
    /// This program was built without the kind.
    #[error("this program was built without services of this kind")]
    NotBuilt,
}
