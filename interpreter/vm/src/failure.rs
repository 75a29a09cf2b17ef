//! Failures: what went wrong at a step, and the object that a handler reads.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use aquac_ir::{Fault, FaultCode, NodeId, PeerId, ServiceError, Value, from_json};

use crate::whence::Whence;

/// Why a step failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: FaultCode,
    pub(crate) message: Arc<str>,
    /// The step.
    pub(crate) node: NodeId,
    /// The step, in short.
    pub(crate) instruction: Arc<str>,
    /// Who executed it; the initiator for what every peer computes.
    pub(crate) peer: PeerId,
    /// Where the object comes from that a handler reads.
    pub(crate) whence: Whence,
}

impl Failure {
    /// Code and message.
    pub(crate) fn fault(&self) -> Fault {
        Fault::new(self.code, &*self.message)
    }

    /// What a handler reads.
    pub(crate) fn object(&self) -> Value {
        let fields: [(Arc<str>, Value); 4] = [
            (Arc::from(CODE), Value::from(self.code.number())),
            (Arc::from(MESSAGE), Value::Text(self.message.clone())),
            (Arc::from("instruction"), Value::Text(self.instruction.clone())),
            (Arc::from("peer_id"), Value::from(self.peer.to_string())),
        ];
        Value::object_of(fields).expect("an object of texts and numbers is flat")
    }
}

const CODE: &str = "error_code";
const MESSAGE: &str = "message";

const ANSWERED: (&str, &str, &str) =
    ("Local service error, ret_code is ", ", error message is '", "'");

/// What a service's error becomes.
pub(crate) fn service_fault(error: &ServiceError) -> Fault {
    let ServiceError { code, message } = error;
    let (before, between, after) = ANSWERED;
    Fault::new(FaultCode::Service, format!("{before}{code}{between}{message}{after}"))
}

/// What the service said, of a fault that is its error.
#[must_use]
pub fn service_error(fault: &Fault) -> Option<ServiceError> {
    if fault.code != FaultCode::Service {
        return None;
    }
    let (before, between, after) = ANSWERED;
    let said = fault.message.strip_prefix(before)?.strip_suffix(after)?;
    let (code, message) = said.split_once(between)?;
    Some(ServiceError { code: code.parse().ok()?, message: message.to_owned() })
}

/// The code and message of an error object.
pub(crate) fn checked_object(object: &Value) -> Result<(i64, Arc<str>), Fault> {
    let bad = |text: String| Err(Fault::new(FaultCode::BadError, text));
    let Value::Object(fields) = object else {
        return bad(format!(
            "scalar should have an object type to be converted into error object, but '{object}' \
             doesn't have"
        ));
    };
    let missing = |name| format!("scalar '{object}' must have field with name '{name}'");
    let Some(code) = fields.get(CODE) else { return bad(missing(CODE)) };
    let Some(message) = fields.get(MESSAGE) else { return bad(missing(MESSAGE)) };
    let Value::Int(number) = code else {
        return bad(format!("{CODE} of scalar '{object}' must have integer type"));
    };
    if *number == 0 {
        return bad("error code must be non-zero, but it is zero".to_string());
    }
    let Value::Text(text) = message else {
        return bad(format!("{MESSAGE} of scalar '{object}' must have string type"));
    };
    Ok((*number, text.clone()))
}

const THROWN: (&str, &str) = ("fail with '", "' is used without corresponding xor");

/// What `fail` with an object becomes.
pub(crate) fn thrown_fault(object: &Value) -> Fault {
    match checked_object(object) {
        Ok(_) => Fault::new(FaultCode::User, format!("{}{object}{}", THROWN.0, THROWN.1)),
        Err(fault) => fault,
    }
}

/// The fault that an error object speaks of, to throw it on as it is.
pub(crate) fn raised_fault(object: &Value) -> Fault {
    match checked_object(object) {
        Ok((number, message)) => FaultCode::from_number(number)
            .map_or_else(|| thrown_fault(object), |code| Fault::new(code, &*message)),
        Err(fault) => fault,
    }
}

/// What was thrown: of an object for [`FaultCode::User`] that which its message quotes.
pub(crate) fn thrown_object(object: &Value) -> Result<Value, Fault> {
    let (number, message) = checked_object(object)?;
    if number != FaultCode::User.number() {
        return Ok(object.clone());
    }
    let quoted = message.strip_prefix(THROWN.0).and_then(|rest| rest.strip_suffix(THROWN.1));
    Ok(quoted.and_then(|text| from_json(text).ok()).unwrap_or_else(|| object.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_thrown_comes_back_from_the_message() {
        let object = from_json(r#"{"error_code":5,"message":"it's so"}"#).unwrap();
        let fault = thrown_fault(&object);
        assert_eq!(fault.code, FaultCode::User);
        let failure = Failure {
            code: fault.code,
            message: Arc::from(fault.message),
            node: NodeId(0),
            instruction: Arc::from("fail"),
            peer: PeerId([1; 32]),
            whence: Whence::Literal,
        };
        assert_eq!(thrown_object(&failure.object()), Ok(object));
    }

    #[test]
    fn what_a_service_said_comes_back_from_the_message() {
        for message in ["it's full", "", "a', error message is 'b"] {
            let error = ServiceError { code: -7, message: message.to_owned() };
            assert_eq!(service_error(&service_fault(&error)), Some(error));
        }
        let same_words = service_fault(&ServiceError { code: 1, message: "no".to_owned() }).message;
        assert_eq!(service_error(&Fault::new(FaultCode::User, same_words)), None);
    }

    #[test]
    fn what_is_no_error_object_is_an_error_of_its_own() {
        let told = |json| thrown_fault(&from_json(json).unwrap()).to_string();
        assert_eq!(
            told(r#"{"message":"x"}"#),
            r#"scalar '{"message":"x"}' must have field with name 'error_code' (10008)"#
        );
        assert_eq!(
            told(r#"{"error_code":0,"message":"x"}"#),
            "error code must be non-zero, but it is zero (10008)"
        );
    }
}
