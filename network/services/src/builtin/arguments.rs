//! Reading what a builtin is given, with errors that name the argument.

use aquac_ir::{Call, PeerId, Value};

use super::Refusal;
use super::table::MANY;

/// The arguments of a call.
pub(super) struct Arguments<'a> {
    call: &'a Call,
}

fn wrong(at: usize, what: &str) -> Refusal {
    Refusal(format!("argument {at} is no {what}"))
}

impl<'a> Arguments<'a> {
    pub(super) fn new(call: &'a Call) -> Self {
        Self { call }
    }

    /// Who started the run.
    pub(super) fn initiator(&self) -> PeerId {
        self.call.initiator
    }

    pub(super) fn count(&self, (fewest, most): (usize, usize)) -> Result<(), Refusal> {
        let got = self.call.args.len();
        if (fewest..=most).contains(&got) {
            return Ok(());
        }
        let expected = match most {
            MANY => format!("at least {fewest}"),
            _ if fewest == most => format!("{fewest}"),
            _ => format!("{fewest} to {most}"),
        };
        Err(Refusal(format!("expected {expected} arguments, got {got}")))
    }

    pub(super) fn get(&self, at: usize) -> Option<&'a Value> {
        self.call.args.get(at).map(|argument| &argument.value)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'a Value> {
        self.call.args.iter().map(|argument| &argument.value)
    }

    pub(super) fn value(&self, at: usize) -> Result<&'a Value, Refusal> {
        self.get(at).ok_or_else(|| Refusal(format!("argument {at} is missing")))
    }

    pub(super) fn text(&self, at: usize) -> Result<&'a str, Refusal> {
        self.value(at)?.as_text().ok_or_else(|| wrong(at, "text"))
    }

    pub(super) fn array(&self, at: usize) -> Result<&'a [Value], Refusal> {
        self.value(at)?.as_array().ok_or_else(|| wrong(at, "array"))
    }

    pub(super) fn integer(&self, at: usize) -> Result<i64, Refusal> {
        let number = self.value(at)?.as_integer().and_then(|number| number.try_into().ok());
        number.ok_or_else(|| wrong(at, "integer of 64 bits"))
    }

    pub(super) fn index(&self, at: usize) -> Result<usize, Refusal> {
        let number = self.value(at)?.as_integer().and_then(|number| number.try_into().ok());
        number.ok_or_else(|| wrong(at, "index"))
    }

    /// Milliseconds as a number or as the text of one.
    pub(super) fn milliseconds(&self, at: usize) -> Result<u64, Refusal> {
        let value = self.value(at)?;
        let number = match value.as_text() {
            Some(text) => text.parse().ok(),
            None => value.as_integer().and_then(|number| number.try_into().ok()),
        };
        number.ok_or_else(|| wrong(at, "number of milliseconds"))
    }

    pub(super) fn fraction(&self, at: usize) -> Result<f64, Refusal> {
        let value = self.value(at)?;
        #[expect(clippy::cast_precision_loss, reason = "an integer used as a fraction is rounded")]
        let integer = value.as_integer().map(|number| number as f64);
        match value {
            Value::Float(fraction) => Ok(fraction.get()),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Big(_)
            | Value::Text(_)
            | Value::Array(_)
            | Value::Object(_) => integer.ok_or_else(|| wrong(at, "number")),
        }
    }

    /// An optional argument: absent, the value itself, or an array of at most one.
    pub(super) fn option(&self, at: usize) -> Result<Option<&'a Value>, Refusal> {
        match self.get(at) {
            None => Ok(None),
            Some(Value::Array(array)) => match array.items() {
                [] => Ok(None),
                [value] => Ok(Some(value)),
                _ => Err(wrong(at, "option: it has several elements")),
            },
            Some(value) => Ok(Some(value)),
        }
    }

    /// An optional truth, which is false when it is absent.
    pub(super) fn flag(&self, at: usize) -> Result<bool, Refusal> {
        match self.option(at)? {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(_) => Err(wrong(at, "truth")),
        }
    }

    /// Bytes as an array of numbers.
    pub(super) fn bytes(&self, at: usize) -> Result<Vec<u8>, Refusal> {
        let bytes = self.array(at)?.iter();
        let bytes = bytes.map(|byte| byte.as_integer().and_then(|byte| byte.try_into().ok()));
        bytes.collect::<Option<_>>().ok_or_else(|| wrong(at, "array of bytes"))
    }

    /// An array of texts; empty if it is absent.
    pub(super) fn texts(&self, at: usize) -> Result<Vec<String>, Refusal> {
        if self.get(at).is_none() {
            return Ok(Vec::new());
        }
        let texts = self.array(at)?.iter().map(|text| text.as_text().map(str::to_owned));
        texts.collect::<Option<_>>().ok_or_else(|| wrong(at, "array of texts"))
    }

    pub(super) fn peer(&self, at: usize) -> Result<PeerId, Refusal> {
        self.text(at)?.parse().map_err(|_| wrong(at, "peer id"))
    }
}
