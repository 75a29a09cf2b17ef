//! Scripted services: what a job says, and what a call gets.

use std::collections::BTreeMap;
use std::str::Chars;

use aquac_ir::{Call, CallResult, FaultCode, ServiceError, Value, from_json, to_json};
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::Names;
use crate::world::Services;

/// Nesting of answers in a job. Deeper ones are refused when the job is read.
const MAX_DEPTH: usize = 32;

/// What an answer can be, for those who wrote something else.
const FORMS: &str = "an answer is \"echo\", \"args\", \"origins\", \"name\", or one of {\"ok\": value}, \
    {\"err\": [code, message]}, {\"echo_or\": value}, {\"raw\": text}, {\"seq\": [answer, …]}, \
    {\"delay_ms\": milliseconds, \"then\": answer}";

/// The code of an answer that is no JSON, as the reference's host gives it.
const NO_JSON: i64 = i32::MAX as i64;

/// What a service says.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The first argument, or `null`.
    Echo,
    /// The first argument, or this.
    EchoOr(Value),
    /// All arguments as an array.
    Args,
    /// Where each argument comes from; of an AIR program in the reference's words.
    Origins,
    /// `"service.function"`.
    Name,
    /// This.
    Ok(Value),
    /// An error with this code; the value's JSON text is its message, as a host would give it.
    Err(i64, Value),
    /// This text, which may be no JSON at all.
    Raw(String),
    /// The first of these at the first call, and so on; the last for ever.
    Seq(Vec<Answer>),
    /// The other, later.
    Delayed {
        /// Milliseconds.
        delay: u64,
        /// What is said then.
        then: Box<Answer>,
    },
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = match self {
            Self::Echo => return serializer.serialize_str("echo"),
            Self::Args => return serializer.serialize_str("args"),
            Self::Origins => return serializer.serialize_str("origins"),
            Self::Name => return serializer.serialize_str("name"),
            Self::Delayed { .. } => serializer.serialize_map(Some(2))?,
            Self::EchoOr(_) | Self::Ok(_) | Self::Err(..) | Self::Raw(_) | Self::Seq(_) => {
                serializer.serialize_map(Some(1))?
            }
        };
        match self {
            Self::Echo | Self::Args | Self::Origins | Self::Name => {}
            Self::EchoOr(value) => map.serialize_entry("echo_or", value)?,
            Self::Ok(value) => map.serialize_entry("ok", value)?,
            Self::Err(code, value) => map.serialize_entry("err", &(code, value))?,
            Self::Raw(text) => map.serialize_entry("raw", text)?,
            Self::Seq(answers) => map.serialize_entry("seq", answers)?,
            Self::Delayed { delay, then } => {
                map.serialize_entry("delay_ms", delay)?;
                map.serialize_entry("then", then)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::of(&value).map_err(D::Error::custom)
    }
}

impl Answer {
    /// The answer that a value describes; otherwise why it is none.
    pub(crate) fn of(value: &Value) -> Result<Self, String> {
        Self::read(value, 0)
    }

    fn read(value: &Value, depth: usize) -> Result<Self, String> {
        let unknown = || format!("this is no answer: {value}; {FORMS}");
        if depth > MAX_DEPTH {
            return Err(format!("answers are nested deeper than {MAX_DEPTH} levels"));
        }
        if let Some(word) = value.as_text() {
            return match word {
                "echo" => Ok(Self::Echo),
                "args" => Ok(Self::Args),
                "origins" | "tet" => Ok(Self::Origins),
                "name" => Ok(Self::Name),
                _ => Err(unknown()),
            };
        }
        let Value::Object(object) = value else { return Err(unknown()) };
        let only = if object.get("then").is_some() { 2 } else { 1 };
        if object.fields().len() != only {
            return Err(unknown());
        }
        if let Some(then) = object.get("then") {
            let delay = object.get("delay_ms").and_then(Value::as_integer).ok_or_else(unknown)?;
            let delay = u64::try_from(delay).map_err(|_| unknown())?;
            return Ok(Self::Delayed { delay, then: Box::new(Self::read(then, depth + 1)?) });
        }
        let (name, content) = object.fields().first_key_value().ok_or_else(unknown)?;
        match (&**name, content) {
            ("echo_or", value) => Ok(Self::EchoOr(value.clone())),
            ("ok", value) => Ok(Self::Ok(value.clone())),
            ("raw", Value::Text(text)) => Ok(Self::Raw(text.to_string())),
            ("err", value) => match value.as_array() {
                Some([code, message]) => {
                    let code = code.as_integer().and_then(|code| i64::try_from(code).ok());
                    Ok(Self::Err(code.ok_or_else(unknown)?, message.clone()))
                }
                Some(_) | None => Err(unknown()),
            },
            ("seq", value) => {
                let answers = value.as_array().filter(|all| !all.is_empty()).ok_or_else(unknown)?;
                let answers = answers.iter().map(|answer| Self::read(answer, depth + 1));
                Ok(Self::Seq(answers.collect::<Result<_, _>>()?))
            }
            _ => Err(unknown()),
        }
    }
}

impl Answer {
    /// The answer with ids for names in all its texts.
    #[must_use]
    pub fn expand(&self, names: &Names) -> Self {
        match self {
            Self::EchoOr(value) => Self::EchoOr(names.expand_value(value)),
            Self::Ok(value) => Self::Ok(names.expand_value(value)),
            Self::Err(code, value) => Self::Err(*code, names.expand_value(value)),
            Self::Raw(text) => Self::Raw(names.expand(text)),
            Self::Seq(answers) => Self::Seq(answers.iter().map(|a| a.expand(names)).collect()),
            Self::Delayed { delay, then } => {
                Self::Delayed { delay: *delay, then: Box::new(then.expand(names)) }
            }
            Self::Echo | Self::Args | Self::Origins | Self::Name => self.clone(),
        }
    }
}

/// What is said, and how many milliseconds it takes.
pub type Said = (u64, CallResult);

/// A service's error of this text.
#[must_use]
pub fn error(code: i64, message: impl Into<String>) -> ServiceError {
    ServiceError { code, message: message.into() }
}

/// Which answer goes to which function: patterns of `Peer/service/function`, where `*` stands
/// for any text and `?` for any character. The first that fits counts.
#[derive(Debug, Clone, Default)]
pub struct Script {
    rules: Vec<(String, Answer)>,
    /// Calls so far, by rule and by who was asked what: for [`Answer::Seq`].
    asked: BTreeMap<(usize, String), usize>,
}

impl Script {
    /// A script of these rules.
    #[must_use]
    pub const fn new(rules: Vec<(String, Answer)>) -> Self {
        Self { rules, asked: BTreeMap::new() }
    }
}

impl Services for Script {
    fn answer(&mut self, peer: &str, call: &Call) -> Said {
        self.answer_from(peer, call, None)
    }
}

impl Script {
    /// What is said to a call whose arguments come from there, if not from where it says itself.
    pub(crate) fn answer_from(&mut self, peer: &str, call: &Call, origins: Option<&Value>) -> Said {
        let asked = format!("{peer}/{}/{}", call.service, call.function);
        let found = self.rules.iter().enumerate().find(|(_, (glob, _))| fits(glob, &asked));
        let Some((number, (_, answer))) = found else {
            let message = format!("no such service: {}.{}", call.service, call.function);
            return (0, Err(error(FaultCode::Service.number(), message)));
        };
        let times = self.asked.entry((number, asked)).or_default();
        let said = say(answer, call, origins, *times);
        *times += 1;
        said
    }
}

fn say(answer: &Answer, call: &Call, origins: Option<&Value>, times: usize) -> Said {
    let mut answer = answer;
    let mut wait = 0_u64;
    loop {
        match answer {
            Answer::Delayed { delay, then } => {
                wait = wait.saturating_add(*delay);
                answer = then;
            }
            Answer::Seq(answers) => match answers.get(times).or(answers.last()) {
                Some(next) => answer = next,
                None => return (wait, Ok(Value::Null)),
            },
            Answer::Echo
            | Answer::EchoOr(_)
            | Answer::Args
            | Answer::Origins
            | Answer::Name
            | Answer::Ok(_)
            | Answer::Err(..)
            | Answer::Raw(_) => return (wait, say_at_once(answer, call, origins)),
        }
    }
}

fn say_at_once(answer: &Answer, call: &Call, from: Option<&Value>) -> CallResult {
    let first = call.args.first().map(|argument| argument.value.clone());
    let deep = |_| error(FaultCode::TooLarge.number(), "the answer is nested too deeply");
    match answer {
        Answer::Echo => Ok(first.unwrap_or(Value::Null)),
        Answer::EchoOr(other) => Ok(first.unwrap_or_else(|| other.clone())),
        Answer::Args => {
            Value::array(call.args.iter().map(|argument| argument.value.clone()).collect())
                .map_err(deep)
        }
        Answer::Origins => from.map_or_else(|| origins(call), |from| Ok(from.clone())),
        Answer::Name => Ok(format!("{}.{}", call.service, call.function).as_str().into()),
        Answer::Ok(value) => Ok(value.clone()),
        Answer::Err(code, message) => Err(error(*code, to_json(message))),
        Answer::Raw(text) => from_json(text).map_err(|why| {
            let said = format!("call_service result 'ret_code: 0, result: '{text}''");
            let message =
                format!("{said} can't be serialized or deserialized with an error: {why}");
            error(NO_JSON, message)
        }),
        Answer::Seq(_) | Answer::Delayed { .. } => Ok(Value::Null),
    }
}

fn origins(call: &Call) -> CallResult {
    let origins: Vec<_> = call.args.iter().map(|argument| &argument.origin).collect();
    let text = serde_json::to_string(&origins).unwrap_or_default();
    from_json(&text).map_err(|why| error(FaultCode::Service.number(), why.to_string()))
}

/// Whether a text fits a pattern with `*` and `?`.
#[must_use]
pub fn fits(glob: &str, text: &str) -> bool {
    let (mut glob, mut text) = (glob.chars(), text.chars());
    // Where to go on if the present try fails: behind the last star, one character later.
    let mut retry: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let rest = text.clone();
        match (glob.next(), text.next()) {
            (Some('*'), _) => {
                retry = Some((glob.clone(), rest.clone()));
                text = rest;
            }
            (None, None) => return true,
            (Some(pattern), Some(c)) if pattern == '?' || pattern == c => {}
            (Some(_), _) | (None, Some(_)) => {
                let Some((behind, start)) = &mut retry else { return false };
                if start.next().is_none() {
                    return false;
                }
                (glob, text) = (behind.clone(), start.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Argument, Digest, IdempotencyKey, Origin, ParticleId, PeerId};

    use super::*;

    fn call(function: &str, args: &[&str]) -> Call {
        let peer = PeerId([1; 32]);
        let arg = |json: &&str| Argument {
            value: from_json(json).unwrap(),
            origin: Origin::Literal { peer },
        };
        Call {
            particle: ParticleId(Digest([2; 32])),
            initiator: peer,
            service: "s".to_owned(),
            function: function.to_owned(),
            args: args.iter().map(arg).collect(),
            deadline: 0,
            key: IdempotencyKey(Digest([3; 32])),
        }
    }

    fn script(json: &str) -> Script {
        Script::new(serde_json::from_str(json).unwrap())
    }

    fn said(said: Said) -> String {
        match said {
            (wait, Ok(value)) => format!("{wait} {value}"),
            (wait, Err(error)) => format!("{wait} error {}: {}", error.code, error.message),
        }
    }

    #[test]
    fn the_first_pattern_that_fits_answers() {
        let mut script = script(
            r#"[["B/s/f","echo"],["*/s/f?","args"],["?/s/err",{"err":[7,"no"]}],
                ["*/s/late",{"delay_ms":5,"then":{"ok":[1]}}],["*/s/raw",{"raw":"{"}]]"#,
        );
        let mut ask =
            |peer, function, args: &[&str]| said(script.answer(peer, &call(function, args)));
        insta::assert_snapshot!(
            [
                ask("B", "f", &["1", "2"]),
                ask("A", "f2", &["1", "2"]),
                ask("A", "err", &[]),
                ask("A", "late", &[]),
                ask("A", "raw", &[]),
                ask("A", "f", &[]),
            ]
            .join("\n"),
            @r#"
        0 1
        0 [1,2]
        0 error 7: "no"
        5 [1]
        0 error 2147483647: call_service result 'ret_code: 0, result: '{'' can't be serialized or deserialized with an error: EOF while parsing an object at line 1 column 1
        0 error 10000: no such service: s.f
        "#
        );
    }

    #[test]
    fn a_sequence_goes_on_for_each_function_by_itself_and_stays_at_its_end() {
        let mut script = script(r#"[["*",{"seq":[{"ok":1},{"ok":2}]}]]"#);
        let mut ask = |peer| said(script.answer(peer, &call("f", &[])));
        assert_eq!([ask("A"), ask("A"), ask("B"), ask("A")], ["0 1", "0 2", "0 1", "0 2"]);
    }

    #[test]
    fn stars_fit_any_text_even_when_the_first_try_is_wrong() {
        assert!(fits("*ab*c", "aabab.c"));
        assert!(fits("*", ""));
        assert!(!fits("*a", "ab"));
        assert!(!fits("a?", "a"));
    }
}
