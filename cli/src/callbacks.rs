//! Callbacks of a run that a user started: a call of one is a line on standard error.

use std::sync::Arc;

use aquac_ir::{Call, Value, to_json};
use aquac_services::{Service, native};

use crate::progress::Progress;

/// The service at the initiator that answers callbacks; a function's name is the parameter's.
pub(crate) const CALLBACKS: &str = "callbackSrv";

/// Writes every call of a callback when it comes, and answers nothing.
pub(crate) fn shown(progress: Arc<Progress>) -> Arc<dyn Service> {
    native(move |call: Call| {
        progress.say(&line(&call));
        std::future::ready(Ok(Value::Null))
    })
}

/// The call as it could stand in a program.
fn line(call: &Call) -> String {
    let args: Vec<String> = call.args.iter().map(|argument| to_json(&argument.value)).collect();
    format!("{}({})", call.function, args.join(", "))
}
