//! What every peer answers by itself: small functions without effects, clock, timer, facts about
//! the peer. [`TABLE`] is the one declaration of them all.
//!
//! The names and meanings are those that existing programs know. Functions without a result
//! answer the empty text. Refusals have code 1.

mod arguments;
mod arrays;
mod numbers;
mod objects;
mod peers;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aquac_ir::{Call, CallResult, PeerId, ServiceError, TooDeep, Value};

use self::arguments::Arguments;
use crate::scripted::no_function;
use crate::{AnswerFuture, Service};

/// The code of every refusal.
const REFUSED: i64 = 1;

/// What a peer knows about itself and others.
pub trait Surroundings: Send + Sync + 'static {
    /// The peer.
    fn me(&self) -> PeerId;
    /// Where it is reached.
    fn addresses(&self) -> Vec<String>;
    /// Peers whose addresses are known, and those with a link.
    fn known(&self) -> Vec<PeerId>;
    /// Whether there is a link to this peer.
    fn is_connected(&self, peer: PeerId) -> bool;
    /// Where another peer is, as far as is known.
    fn contact(&self, peer: PeerId) -> Vec<String>;
    /// Signs with the peer's key. The message carries its domain.
    fn sign(&self, message: &[u8]) -> Vec<u8>;
    /// Checks a signature of the peer's own key.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// Why a builtin does not answer.
#[derive(Debug)]
struct Refusal(String);

impl From<TooDeep> for Refusal {
    fn from(deep: TooDeep) -> Self {
        Self(deep.to_string())
    }
}

type Answer = Result<Value, Refusal>;

/// How a builtin is computed.
enum Meaning {
    /// From its arguments alone.
    Pure(fn(&Arguments<'_>) -> Answer),
    /// From what the peer knows.
    Here(fn(&Arguments<'_>, &dyn Surroundings) -> Answer),
    /// Waits as long as the first argument says, and answers the second.
    Timer,
}

/// One function.
struct Builtin {
    service: &'static str,
    function: &'static str,
    /// The fewest and the most arguments.
    arguments: (usize, usize),
    meaning: Meaning,
}

const MANY: usize = usize::MAX;

const fn pure(
    service: &'static str,
    function: &'static str,
    arguments: (usize, usize),
    meaning: fn(&Arguments<'_>) -> Answer,
) -> Builtin {
    Builtin { service, function, arguments, meaning: Meaning::Pure(meaning) }
}

const fn here(
    service: &'static str,
    function: &'static str,
    arguments: (usize, usize),
    meaning: fn(&Arguments<'_>, &dyn Surroundings) -> Answer,
) -> Builtin {
    Builtin { service, function, arguments, meaning: Meaning::Here(meaning) }
}

/// Every function that every peer answers.
const TABLE: &[Builtin] = &[
    pure("op", "noop", (0, MANY), texts::nothing),
    pure("op", "array", (0, MANY), arrays::of_all),
    pure("op", "array_length", (1, 1), arrays::length),
    pure("op", "concat", (0, MANY), arrays::concat),
    pure("op", "concat_strings", (0, MANY), texts::concat),
    pure("op", "identity", (0, 1), texts::identity),
    pure("op", "string_to_b58", (1, 1), texts::text_to_base58),
    pure("op", "string_from_b58", (1, 1), texts::text_from_base58),
    pure("op", "bytes_to_b58", (1, 1), texts::bytes_to_base58),
    pure("op", "bytes_from_b58", (1, 1), texts::bytes_from_base58),
    pure("op", "sha256_string", (1, 3), texts::sha256),
    pure("math", "add", (2, 2), numbers::add),
    pure("math", "sub", (2, 2), numbers::sub),
    pure("math", "mul", (2, 2), numbers::mul),
    pure("math", "fmul", (2, 2), numbers::fmul),
    pure("math", "div", (2, 2), numbers::div),
    pure("math", "rem", (2, 2), numbers::rem),
    pure("math", "pow", (2, 2), numbers::pow),
    pure("math", "log", (2, 2), numbers::log),
    pure("cmp", "gt", (2, 2), numbers::gt),
    pure("cmp", "gte", (2, 2), numbers::gte),
    pure("cmp", "lt", (2, 2), numbers::lt),
    pure("cmp", "lte", (2, 2), numbers::lte),
    pure("cmp", "cmp", (2, 2), numbers::compare),
    pure("array", "sum", (1, 1), arrays::sum),
    pure("array", "dedup", (1, 1), arrays::dedup),
    pure("array", "intersect", (2, 2), arrays::intersect),
    pure("array", "diff", (2, 2), arrays::difference),
    pure("array", "sdiff", (2, 2), arrays::symmetric_difference),
    pure("array", "slice", (3, 3), arrays::slice),
    pure("array", "length", (1, 1), arrays::length),
    pure("json", "obj", (0, MANY), objects::obj),
    pure("json", "put", (3, 3), objects::puts),
    pure("json", "puts", (1, MANY), objects::puts),
    pure("json", "obj_pairs", (1, 1), objects::obj_pairs),
    pure("json", "puts_pairs", (2, 2), objects::puts_pairs),
    pure("json", "parse", (1, 1), objects::parse),
    pure("json", "stringify", (1, 1), objects::stringify),
    pure("debug", "stringify", (0, MANY), objects::debug),
    pure("run-console", "print", (0, MANY), texts::print),
    here("peer", "identify", (0, 0), peers::identify),
    pure("peer", "timestamp_ms", (0, 0), peers::timestamp_ms),
    pure("peer", "timestamp_sec", (0, 0), peers::timestamp_sec),
    here("peer", "is_connected", (1, 1), peers::is_connected),
    here("peer", "get_contact", (1, 1), peers::get_contact),
    Builtin { service: "peer", function: "timeout", arguments: (1, 2), meaning: Meaning::Timer },
    here("kad", "neighborhood", (1, 3), peers::neighborhood),
    pure("kad", "merge", (3, 4), peers::merge),
    here("sig", "sign", (1, 1), peers::sign),
    here("sig", "verify", (2, 2), peers::verify),
    here("sig", "get_peer_id", (0, 0), peers::get_peer_id),
];

struct Builtins(Arc<dyn Surroundings>);

/// The services that every peer answers by itself, by id.
pub fn builtins(surroundings: Arc<dyn Surroundings>) -> BTreeMap<String, Arc<dyn Service>> {
    let service: Arc<dyn Service> = Arc::new(Builtins(surroundings));
    let ids: BTreeSet<&str> = TABLE.iter().map(|builtin| builtin.service).collect();
    ids.into_iter().map(|id| (id.to_owned(), service.clone())).collect()
}

/// Whether a call can have no effect: whatever a policy says, it may be made.
#[must_use]
pub fn is_pure(service: &str, function: &str) -> bool {
    TABLE
        .iter()
        .find(|builtin| builtin.service == service && builtin.function == function)
        .is_some_and(|builtin| matches!(builtin.meaning, Meaning::Pure(_) | Meaning::Timer))
}

impl Service for Builtins {
    fn call(&self, call: Call) -> AnswerFuture<'_> {
        Box::pin(self.answer(call))
    }
}

impl Builtins {
    async fn answer(&self, call: Call) -> CallResult {
        let builtin = TABLE
            .iter()
            .find(|it| it.service == call.service && it.function == call.function)
            .ok_or_else(|| no_function(&call))?;
        let refused = |Refusal(why)| {
            let message = format!("{}.{}: {why}", call.service, call.function);
            ServiceError { code: REFUSED, message }
        };
        let arguments = Arguments::new(&call);
        arguments.count(builtin.arguments).map_err(refused)?;
        match builtin.meaning {
            Meaning::Pure(meaning) => meaning(&arguments).map_err(refused),
            Meaning::Here(meaning) => meaning(&arguments, &*self.0).map_err(refused),
            Meaning::Timer => {
                let wait = arguments.milliseconds(0).map_err(refused)?;
                // The registry ends this at the deadline.
                tokio::time::sleep(Duration::from_millis(wait)).await;
                Ok(arguments.get(1).cloned().unwrap_or_else(texts::empty))
            }
        }
    }
}

#[cfg(test)]
mod tests;
