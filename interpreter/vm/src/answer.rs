//! What becomes of a call: its answer, as far as it is what the program declares, or why there is
//! none. Either becomes a record of this peer.

use aquac_ir::{CallResult, Fault, FaultCode, Node, Value};

use crate::failure::service_fault;
use crate::fits::fit;
use crate::run::Run;
use crate::sign::Signer;
use crate::turn::RecordedFault;
use crate::{Position, SaltedValue};

/// Why a result was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No call is pending at this position.
    #[error("no call is pending at this position")]
    NotPending,
    /// Such an error follows from a program; it does not become of a call.
    #[error("error {} is not what becomes of a call", .0.number())]
    NotOfACall(FaultCode),
}

/// Bytes of a text that quotes a value which was refused.
const MAX_QUOTE: usize = 256;

impl Run {
    /// The answer to a pending call.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] if there is no such call.
    pub fn resolve(
        &mut self,
        position: &Position,
        result: CallResult,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        let answer = result.map_err(|error| service_fault(&error));
        let answer = answer.and_then(|value| self.check_answer(position, &value));
        self.answer(position, answer, signer)
    }

    /// A pending call that ended without the service: denied, expired, overloaded, unreachable.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] if there is no such call, or nobody would believe such an error
    /// ([`FaultCode::is_of_a_call`]).
    pub fn fail(
        &mut self,
        position: &Position,
        fault: Fault,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        if !fault.code.is_of_a_call() {
            return Err(ResolveError::NotOfACall(fault.code));
        }
        self.answer(position, Err(fault), signer)
    }

    /// The answer as the program holds it, if it is what the program declares.
    fn check_answer(&self, position: &Position, value: &Value) -> Result<Value, Fault> {
        let most = self.state().header.header.limits.value_bytes as usize;
        // The weight bounds the bytes, which are counted only if it does not do.
        let size = if value.weight() > most { value.to_bytes().len() } else { 0 };
        if size > most {
            let text = alloc::format!("the answer has {size} bytes, the run allows {most}");
            return Err(Fault::new(FaultCode::TooLarge, text));
        }
        let program = self.state().program.program();
        let Some(Node::Call { returns: Some(shape), .. }) = program.node(position.node) else {
            return Ok(value.clone());
        };
        fit(program, value, *shape).ok_or_else(|| {
            let mut shown = alloc::format!("{value}");
            let end = (0..=MAX_QUOTE.min(shown.len())).rev().find(|at| shown.is_char_boundary(*at));
            shown.truncate(end.unwrap_or(0));
            let text = alloc::format!("the answer does not fit its declared type: {shown}");
            Fault::new(FaultCode::AnswerDoesNotFit, text)
        })
    }

    fn answer(
        &mut self,
        position: &Position,
        answer: Result<Value, Fault>,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        let state = self.state_mut();
        let path = state.paths.find(&position.path).ok_or(ResolveError::NotPending)?;
        let key = (position.node, path);
        let arguments = state.pending.get(&key).copied().flatten();
        let arguments = arguments.ok_or(ResolveError::NotPending)?;
        let id = state.act_at(key).ok_or(ResolveError::NotPending)?;
        let answer = if state.records_left() == 1 { Err(state.no_room()) } else { answer };
        let particle = state.particle.0.0;
        let salt = |what: &[u8]| signer.salt(&[what, &particle, &position.to_bytes()]);
        let (salted, code) = match answer {
            Ok(value) => (SaltedValue { value, salt: salt(b"result") }, None),
            Err(Fault { code, message }) => {
                (SaltedValue { value: Value::from(message), salt: salt(b"fault") }, Some(code))
            }
        };
        let digest = salted.digest();
        state.keep(digest, salted);
        let outcome = match code {
            None => Ok(digest),
            Some(code) => {
                state.values.keep_for_all(&digest);
                Err(RecordedFault { code, message: digest })
            }
        };
        state.record_own(id, arguments, outcome);
        Ok(())
    }
}
