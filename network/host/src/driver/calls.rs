//! Calls that are under way, each in a task of its own.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aquac_ir::{Call, CallResult, Digest, FaultCode, IdempotencyKey, NodeId};
use aquac_services::{Registry, error};
use futures::FutureExt;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

/// Calls of a host that may be under way; beyond it they fail as overloaded.
const MAX_CALLS: usize = 16_384;

/// An answer.
pub(crate) struct Answered {
    pub(crate) node: NodeId,
    pub(crate) program: Option<Digest>,
    pub(crate) call: Arc<Call>,
    pub(crate) result: CallResult,
    pub(crate) took: Duration,
}

/// The calls of a host.
pub(crate) struct Calls {
    registry: Arc<Registry>,
    tasks: JoinSet<Answered>,
    cancel: BTreeMap<IdempotencyKey, AbortHandle>,
}

impl Calls {
    pub(crate) fn new(registry: Registry) -> Self {
        Self { registry: Arc::new(registry), tasks: JoinSet::new(), cancel: BTreeMap::new() }
    }

    /// Asks a service.
    pub(crate) fn start(&mut self, node: NodeId, program: Option<Digest>, call: Arc<Call>) {
        let key = call.key;
        let full = self.tasks.len() >= MAX_CALLS;
        let registry = self.registry.clone();
        let task = self.tasks.spawn(async move {
            let started = Instant::now();
            let result = if full {
                Err(error(FaultCode::Overloaded, "too many calls are under way"))
            } else {
                ask(&registry, &call).await
            };
            Answered { node, program, call, result, took: started.elapsed() }
        });
        self.cancel.insert(key, task);
    }

    /// Nobody waits for this answer any more. Says whether it was still to come.
    pub(crate) fn cancel(&mut self, key: IdempotencyKey) -> bool {
        let task = self.cancel.remove(&key);
        task.inspect(AbortHandle::abort).is_some()
    }

    /// How many are under way.
    pub(crate) fn len(&self) -> usize {
        self.cancel.len()
    }

    /// The next answer. Pending while there is none.
    pub(crate) async fn next(&mut self) -> Answered {
        loop {
            match self.tasks.join_next().await {
                None => std::future::pending().await,
                Some(Ok(answered)) => {
                    self.cancel.remove(&answered.call.key);
                    return answered;
                }
                // Cancelled: nobody waits for it.
                Some(Err(_)) => {}
            }
        }
    }
}

/// A service that panics has failed this call and nothing else.
async fn ask(registry: &Registry, call: &Call) -> CallResult {
    let asked = AssertUnwindSafe(registry.call(call.clone())).catch_unwind().await;
    asked.unwrap_or_else(|_| {
        let message = format!("{}.{} crashed", call.service, call.function);
        Err(error(FaultCode::Service, message))
    })
}
