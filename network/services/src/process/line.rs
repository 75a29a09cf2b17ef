//! The lines that go to a sidecar and come back.

use aquac_ir::{Call, CallResult, Origin, PeerId, ServiceError, Value};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Request<'a> {
    id: u64,
    service: &'a str,
    function: &'a str,
    args: Vec<&'a Value>,
    origins: Vec<&'a Origin>,
    initiator: PeerId,
    deadline_ms: u64,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Response {
    id: u64,
    // Not an `Option<Value>`: null is an answer too.
    #[serde(default, deserialize_with = "present")]
    ok: Option<Value>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    code: i64,
    message: String,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The line of a call, with its end.
pub(super) fn request(id: u64, call: &Call) -> Vec<u8> {
    let request = Request {
        id,
        service: &call.service,
        function: &call.function,
        args: call.args.iter().map(|argument| &argument.value).collect(),
        origins: call.args.iter().map(|argument| &argument.origin).collect(),
        initiator: call.initiator,
        deadline_ms: call.deadline,
        key: call.key.0.to_string(),
    };
    let mut line = serde_json::to_vec(&request).expect("values have only text keys");
    line.push(b'\n');
    line
}

/// Reads an answer, or says why it is none.
pub(super) fn response(line: &[u8]) -> Result<(u64, CallResult), String> {
    let response: Response = serde_json::from_slice(line).map_err(|problem| problem.to_string())?;
    match (response.ok, response.error) {
        // Some languages write both, the other one as null.
        (None | Some(Value::Null), Some(Failure { code, message })) => {
            Ok((response.id, Err(ServiceError { code, message })))
        }
        (Some(value), None) => Ok((response.id, Ok(value))),
        (Some(_), Some(_)) | (None, None) => Err("an answer has either `ok` or `error`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Argument, Digest, IdempotencyKey, ParticleId};

    use super::*;

    #[test]
    fn a_call_is_one_line() {
        let peer = PeerId([1; 32]);
        let call = Call {
            particle: ParticleId(Digest([2; 32])),
            initiator: peer,
            service: "sms".to_owned(),
            function: "send".to_owned(),
            args: vec![Argument { value: Value::text("a\nb"), origin: Origin::Literal { peer } }],
            deadline: 5,
            key: IdempotencyKey(Digest([3; 32])),
        };
        let line = String::from_utf8(request(7, &call)).unwrap();
        insta::assert_snapshot!(line, @r#"{"id":7,"service":"sms","function":"send","args":["a\nb"],"origins":[{"kind":"literal","peer":"12D3KooW9tHTtS3inCZiYykw4u5G4frbjVFqhkmJX12gSNCVeH3e"}],"initiator":"12D3KooW9tHTtS3inCZiYykw4u5G4frbjVFqhkmJX12gSNCVeH3e","deadline_ms":5,"key":"0303030303030303030303030303030303030303030303030303030303030303"}"#);
    }

    #[test]
    fn an_answer_is_ok_or_error_and_null_is_an_answer() {
        assert_eq!(response(br#"{"id":1,"ok":null}"#), Ok((1, Ok(Value::Null))));
        let error = ServiceError { code: 4, message: "no".to_owned() };
        for failed in [
            &br#"{"id":2,"error":{"code":4,"message":"no"}}"#[..],
            br#"{"id":2,"ok":null,"error":{"code":4,"message":"no"}}"#,
        ] {
            assert_eq!(response(failed), Ok((2, Err(error.clone()))));
        }
        assert_eq!(response(br#"{"id":2,"ok":1,"error":null}"#), Ok((2, Ok(Value::from(1_i64)))));
        assert!(response(br#"{"id":3,"ok":1,"error":{"code":4,"message":"no"}}"#).is_err());
        assert!(response(br#"{"id":3}"#).is_err());
        assert!(response(b"hello").is_err());
    }
}
