//! Scripted answers: the same notation in `aqua.toml` and in the simulator's jobs.

use aquac_ir::{Value, to_json};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a scripted function answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// `"echo"`: the first argument, or null.
    Echo,
    /// `{ echo_or = VALUE }`: the first argument, or this value if there is none.
    EchoOr(Value),
    /// `"args"`: all arguments as an array.
    Args,
    /// `"origins"`: where the arguments come from, as an array.
    Origins,
    /// `"name"`: `service.function`.
    Name,
    /// `{ ok = VALUE }`.
    Ok(Value),
    /// `{ err = [CODE, MESSAGE] }`. A message that is no text is printed as JSON.
    Error {
        /// The service's code.
        code: i64,
        /// In words.
        message: String,
    },
    /// `{ raw = TEXT }`: bytes from the wire, which are JSON or garbage.
    Raw(String),
    /// `{ seq = [ANSWER, …] }`: one after the other; the last one stays.
    Sequence(Vec<Self>),
    /// `{ delay_ms = N, then = ANSWER }`.
    Delayed {
        /// How long it takes.
        millis: u64,
        /// What comes then.
        then: Box<Self>,
    },
}

/// Why a value is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// A text that names no answer.
    #[error("\"{0}\" is no answer; the ones with a name are echo, args, origins, name")]
    UnknownName(String),
    /// A table with other fields than the ones of an answer.
    #[error(
        "`{0}` is no answer; write for instance {{ ok = 1 }}, {{ err = [1, \"no\"] }} or \"echo\""
    )]
    UnknownForm(String),
    /// `err` without code and message.
    #[error("`err` is an array of a whole number and a message, not `{0}`")]
    BadError(String),
    /// `seq` without any answer.
    #[error("`seq` is an array of at least one answer")]
    EmptySequence,
}

impl Answer {
    /// Reads the notation.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] says which part is not understood.
    pub fn from_value(value: &Value) -> Result<Self, AnswerError> {
        match value {
            Value::Text(name) => Self::named(name),
            Value::Object(object) => {
                let fields: Vec<_> = object.fields().iter().map(|(k, v)| (&**k, v)).collect();
                Self::with_fields(&fields).unwrap_or_else(|| unknown(value))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Big(_)
            | Value::Float(_)
            | Value::Array(_) => unknown(value),
        }
    }

    fn named(name: &str) -> Result<Self, AnswerError> {
        match name {
            "echo" => Ok(Self::Echo),
            "args" => Ok(Self::Args),
            "origins" => Ok(Self::Origins),
            "name" => Ok(Self::Name),
            _ => Err(AnswerError::UnknownName(name.to_owned())),
        }
    }

    /// Fields come sorted by name.
    fn with_fields(fields: &[(&str, &Value)]) -> Option<Result<Self, AnswerError>> {
        match fields {
            [("ok", value)] => Some(Ok(Self::Ok((*value).clone()))),
            [("echo_or", value)] => Some(Ok(Self::EchoOr((*value).clone()))),
            [("raw", text)] => Some(Ok(Self::Raw(text.as_text()?.to_owned()))),
            [("err", error)] => Some(Self::error(error)),
            [("seq", answers)] => Some(Self::sequence(answers.as_array()?)),
            [("delay_ms", millis), ("then", then)] => {
                let millis = u64::try_from(millis.as_integer()?).ok()?;
                let then = Self::from_value(then);
                Some(then.map(|then| Self::Delayed { millis, then: Box::new(then) }))
            }
            _ => None,
        }
    }

    fn error(error: &Value) -> Result<Self, AnswerError> {
        let wrong = || AnswerError::BadError(to_json(error));
        let [code, message] = error.as_array().ok_or_else(wrong)? else { return Err(wrong()) };
        let code = code.as_integer().and_then(|code| code.try_into().ok()).ok_or_else(wrong)?;
        let message = message.as_text().map_or_else(|| to_json(message), str::to_owned);
        Ok(Self::Error { code, message })
    }

    fn sequence(answers: &[Value]) -> Result<Self, AnswerError> {
        if answers.is_empty() {
            return Err(AnswerError::EmptySequence);
        }
        answers.iter().map(Self::from_value).collect::<Result<_, _>>().map(Self::Sequence)
    }
}

fn unknown(value: &Value) -> Result<Answer, AnswerError> {
    Err(AnswerError::UnknownForm(to_json(value)))
}

/// The notation again, for configurations that are written by a program.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Notation<'a> {
    Echo,
    EchoOr(&'a Value),
    Args,
    Origins,
    Name,
    Ok(&'a Value),
    Err(i64, &'a str),
    Raw(&'a str),
    Seq(&'a [Answer]),
    #[serde(untagged)]
    Delayed {
        delay_ms: u64,
        then: &'a Answer,
    },
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let notation = match self {
            Self::Echo => Notation::Echo,
            Self::EchoOr(value) => Notation::EchoOr(value),
            Self::Args => Notation::Args,
            Self::Origins => Notation::Origins,
            Self::Name => Notation::Name,
            Self::Ok(value) => Notation::Ok(value),
            Self::Error { code, message } => Notation::Err(*code, message),
            Self::Raw(text) => Notation::Raw(text),
            Self::Sequence(answers) => Notation::Seq(answers),
            Self::Delayed { millis, then } => Notation::Delayed { delay_ms: *millis, then },
        };
        notation.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_read_and_written() {
        for text in [
            r#""echo""#,
            r#"{"echo_or":[1]}"#,
            r#"{"ok":{"score":700}}"#,
            r#"{"err":[7,"no such customer"]}"#,
            r#"{"seq":[{"ok":1},{"delay_ms":20,"then":{"raw":"{"}}]}"#,
        ] {
            let answer: Answer = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&answer).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_answer_says_which_part() {
        let error = |text| serde_json::from_str::<Answer>(text).unwrap_err().to_string();
        insta::assert_snapshot!(error(r#""eco""#), @r#""eco" is no answer; the ones with a name are echo, args, origins, name"#);
        insta::assert_snapshot!(error(r#"{"ok":1,"delay":2}"#), @r#"`{"delay":2,"ok":1}` is no answer; write for instance { ok = 1 }, { err = [1, "no"] } or "echo""#);
        insta::assert_snapshot!(error(r#"{"err":"no"}"#), @r#"`err` is an array of a whole number and a message, not `"no"`"#);
        insta::assert_snapshot!(error(r#"{"seq":[]}"#), @"`seq` is an array of at least one answer");
    }
}
