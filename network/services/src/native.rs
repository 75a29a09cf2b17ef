//! Services that are Rust code in the same process.

use std::sync::Arc;

use aquac_ir::{Call, CallResult};

use crate::{AnswerFuture, Service};

struct Native<F>(F);

impl<F, A> Service for Native<F>
where
    F: Fn(Call) -> A + Send + Sync + 'static,
    A: Future<Output = CallResult> + Send + 'static,
{
    fn call(&self, call: Call) -> AnswerFuture<'_> {
        Box::pin((self.0)(call))
    }
}

/// Makes a service of an async closure. It may be asked many times at once.
pub fn native<F, A>(answer: F) -> Arc<dyn Service>
where
    F: Fn(Call) -> A + Send + Sync + 'static,
    A: Future<Output = CallResult> + Send + 'static,
{
    Arc::new(Native(answer))
}
