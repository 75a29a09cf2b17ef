//! Services whose answers are written down.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aquac_ir::{Call, CallResult, FaultCode, ServiceError, TooDeep, Value, from_json};

use crate::config::Answer;
use crate::{AnswerFuture, Service, error};

/// Functions by name, each with its answer.
pub(crate) struct Scripted {
    functions: BTreeMap<String, Script>,
}

/// An answer, and how often each of its sequences was asked.
enum Script {
    Once(Answer),
    Sequence { asked: AtomicUsize, steps: Vec<Self> },
    Delayed { wait: Duration, then: Box<Self> },
}

impl Scripted {
    pub(crate) fn new(functions: impl IntoIterator<Item = (String, Answer)>) -> Self {
        let functions = functions.into_iter().map(|(name, answer)| (name, Script::new(answer)));
        Self { functions: functions.collect() }
    }
}

impl Script {
    fn new(answer: Answer) -> Self {
        match answer {
            Answer::Sequence(answers) => Self::Sequence {
                asked: AtomicUsize::new(0),
                steps: answers.into_iter().map(Self::new).collect(),
            },
            Answer::Delayed { millis, then } => Self::Delayed {
                wait: Duration::from_millis(millis),
                then: Box::new(Self::new(*then)),
            },
            Answer::Echo
            | Answer::EchoOr(_)
            | Answer::Args
            | Answer::Origins
            | Answer::Name
            | Answer::Ok(_)
            | Answer::Error { .. }
            | Answer::Raw(_) => Self::Once(answer),
        }
    }

    /// What to answer this time, and after how long.
    fn next(&self) -> (Duration, Option<&Answer>) {
        let mut script = self;
        let mut total = Duration::ZERO;
        loop {
            match script {
                Self::Once(answer) => return (total, Some(answer)),
                Self::Delayed { wait, then } => {
                    total = total.saturating_add(*wait);
                    script = then;
                }
                Self::Sequence { asked, steps } => {
                    let turn = asked.fetch_add(1, Ordering::Relaxed);
                    match steps.get(turn).or_else(|| steps.last()) {
                        Some(step) => script = step,
                        None => return (total, None),
                    }
                }
            }
        }
    }
}

impl Service for Scripted {
    fn call(&self, call: Call) -> AnswerFuture<'_> {
        Box::pin(async move {
            let Some(script) = self.functions.get(&call.function) else {
                return Err(no_function(&call));
            };
            let (wait, answer) = script.next();
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            answer.map_or_else(|| Err(no_function(&call)), |answer| say(answer, &call))
        })
    }
}

/// The error for a function that a service does not have.
pub(crate) fn no_function(call: &Call) -> ServiceError {
    let message = format!("no such function: {}.{}", call.service, call.function);
    error(FaultCode::Service, message)
}

fn say(answer: &Answer, call: &Call) -> CallResult {
    let deep = |_: TooDeep| error(FaultCode::TooLarge, "the answer is nested too deeply");
    let first = call.args.first().map(|argument| argument.value.clone());
    match answer {
        Answer::Echo => Ok(first.unwrap_or(Value::Null)),
        Answer::EchoOr(other) => Ok(first.unwrap_or_else(|| other.clone())),
        Answer::Args => {
            Value::array(call.args.iter().map(|arg| arg.value.clone()).collect()).map_err(deep)
        }
        Answer::Origins => origins(call),
        Answer::Name => Ok(Value::text(&format!("{}.{}", call.service, call.function))),
        Answer::Ok(value) => Ok(value.clone()),
        Answer::Error { code, message } => {
            Err(ServiceError { code: *code, message: message.clone() })
        }
        Answer::Raw(text) => from_json(text).map_err(|garbage| {
            error(FaultCode::Service, format!("the answer is no JSON: {garbage}"))
        }),
        Answer::Sequence(_) | Answer::Delayed { .. } => Err(no_function(call)),
    }
}

/// Where the arguments come from, as the headers and sidecars have it.
fn origins(call: &Call) -> CallResult {
    let origins: Vec<_> = call.args.iter().map(|argument| &argument.origin).collect();
    serde_json::to_string(&origins)
        .ok()
        .and_then(|text| from_json(&text).ok())
        .ok_or_else(|| error(FaultCode::TooLarge, "the origins do not fit into a value"))
}
