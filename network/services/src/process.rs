//! Services that are programs of any language: one JSON object per line on standard input and
//! output. What it writes to standard error goes to the log.
//!
//! Request: `{"id","service","function","args","origins","initiator","deadline_ms","key"}`.
//! Answer: `{"id","ok":…}` or `{"id","error":{"code","message"}}`, in any order.
//!
//! The program starts with the first call. When it dies, it is started again and gets the calls
//! that it has not answered once more, with the same keys. One that has been asked and says nothing
//! for longer than the service's timeout hangs: it is killed, and started again for the next call.

mod line;
mod sidecar;

use std::time::Duration;

use aquac_ir::{Call, CallResult, FaultCode};
use tokio::sync::{mpsc, oneshot};

use self::sidecar::{Asked, Sidecar};
use crate::config::{ConfigErrorReason, DEFAULT_ANSWER_BYTES, DEFAULT_TIMEOUT, ServiceConfig};
use crate::{AnswerFuture, Service, error};

/// Calls that may wait for a program at a time; beyond it callers wait.
const MAX_WAITING: usize = 256;

/// A program that answers calls.
pub(crate) struct Process {
    sidecar: std::sync::Mutex<Option<Sidecar>>,
    calls: mpsc::Sender<Asked>,
    id: String,
}

impl Process {
    pub(crate) fn new(config: &ServiceConfig) -> Result<Self, ConfigErrorReason> {
        let command = config.command.as_deref().ok_or(ConfigErrorReason::Missing("command"))?;
        let (program, arguments) =
            command.split_first().ok_or(ConfigErrorReason::Missing("command"))?;
        let (calls, asked) = mpsc::channel(MAX_WAITING);
        let sidecar = Sidecar {
            program: program.clone(),
            arguments: arguments.to_vec(),
            directory: config.directory.clone(),
            patience: patience(config),
            answer_bytes: config.max_answer_bytes.unwrap_or(DEFAULT_ANSWER_BYTES) as usize,
            asked,
        };
        Ok(Self { sidecar: Some(sidecar).into(), calls, id: config.id.clone() })
    }

    async fn ask(&self, call: Call) -> CallResult {
        // Started here and not in `new`, because only here it is certain that there is a runtime.
        let first = self.sidecar.lock().ok().and_then(|mut sidecar| sidecar.take());
        if let Some(sidecar) = first {
            tokio::spawn(sidecar.run());
        }
        let gone = || {
            let message = format!("the process of service {} has ended", self.id);
            error(FaultCode::Unreachable, message)
        };
        let (answer, answered) = oneshot::channel();
        self.calls.send(Asked { call, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// The longest that any function may take.
fn patience(config: &ServiceConfig) -> Duration {
    let own = config.functions.values().filter_map(|function| function.timeout);
    let all = own.chain([config.timeout.unwrap_or(DEFAULT_TIMEOUT)]);
    all.max().unwrap_or(DEFAULT_TIMEOUT).duration()
}

impl Service for Process {
    fn call(&self, call: Call) -> AnswerFuture<'_> {
        Box::pin(self.ask(call))
    }
}
