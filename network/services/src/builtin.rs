//! What every peer answers by itself: small functions without effects, clock, timer, facts about
//! the peer. [`table::TABLE`] is the one declaration of them all.
//!
//! The names and meanings are those that existing programs know. Functions without a result
//! answer the empty text. Refusals have code 1.

mod arguments;
mod arrays;
mod numbers;
mod objects;
mod peers;
mod services;
mod table;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aquac_ir::{Call, CallResult, PeerId, ServiceError, TooDeep, Value};
use futures::future::BoxFuture;

use self::arguments::Arguments;
pub use self::table::Access;
use self::table::{Builtin, Meaning, TABLE};
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
    /// The ids of the services that the peer has beside the builtins.
    fn services(&self) -> Vec<String> {
        Vec::new()
    }
    /// Connects with a peer at these addresses or at those that are known. Whether there is a
    /// link then, or what is wrong with an address.
    fn connect(
        &self,
        peer: PeerId,
        addresses: Vec<String>,
    ) -> BoxFuture<'static, Result<bool, String>> {
        let connected = self.is_connected(peer);
        drop(addresses);
        Box::pin(std::future::ready(Ok(connected)))
    }
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

struct Builtins(Arc<dyn Surroundings>);

/// The services that every peer answers by itself, by id.
pub fn builtins(surroundings: Arc<dyn Surroundings>) -> BTreeMap<String, Arc<dyn Service>> {
    let service: Arc<dyn Service> = Arc::new(Builtins(surroundings));
    let ids: BTreeSet<&str> = TABLE.iter().map(|builtin| builtin.service).collect();
    ids.into_iter().map(|id| (id.to_owned(), service.clone())).collect()
}

fn find(service: &str, function: &str) -> Option<&'static Builtin> {
    TABLE.iter().find(|it| it.service == service && it.function == function)
}

/// Who may call a builtin; `None` for what is none.
#[must_use]
pub fn access(service: &str, function: &str) -> Option<Access> {
    find(service, function).map(|builtin| builtin.access)
}

impl Service for Builtins {
    fn call(&self, call: Call) -> AnswerFuture<'_> {
        Box::pin(self.answer(call))
    }
}

impl Builtins {
    async fn answer(&self, call: Call) -> CallResult {
        let builtin = find(&call.service, &call.function).ok_or_else(|| no_function(&call))?;
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
            Meaning::Connect => {
                let peer = arguments.peer(0).map_err(refused)?;
                let addresses = arguments.texts(1).map_err(refused)?;
                let connected = self.0.connect(peer, addresses).await;
                connected.map(Value::from).map_err(|why| refused(Refusal(why)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
