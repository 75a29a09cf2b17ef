//! What every service is: something that answers a call, sometime.

use aquac_ir::{Call, CallResult, FaultCode, ServiceError};
use futures::future::BoxFuture;

/// The answer to a call, when it is there.
pub type AnswerFuture<'a> = BoxFuture<'a, CallResult>;

/// Something that answers calls.
///
/// A peer may ask again with the same [`aquac_ir::IdempotencyKey`] after a crash: a service with
/// effects answers such a call from memory. Dropping the future is a cancellation: the deadline
/// has passed.
pub trait Service: Send + Sync + 'static {
    /// Answers. Every failure is a value: the program that asked can catch it.
    fn call(&self, call: Call) -> AnswerFuture<'_>;
}

/// An error of the peer about a service, with the number that programs know it by.
#[must_use]
pub fn error(code: FaultCode, message: impl Into<String>) -> ServiceError {
    ServiceError { code: code.number(), message: message.into() }
}
