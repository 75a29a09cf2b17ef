//! JSON text to a value, in one pass.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::fraction::nearest;
use super::{JsonError, JsonProblem};
use crate::limits::MAX_VALUE_DEPTH;
use crate::value::Finite;
use crate::{TooDeep, Value};

type Read<T> = Result<T, JsonError>;

/// Reads one value and nothing behind it but white space.
pub(super) fn read(text: &str) -> Read<Value> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    match reader.peek_word() {
        None => Ok(value),
        Some(_) => Err(reader.wrong_next(JsonProblem::TrailingCharacters)),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// The next byte that is no white space.
    fn peek_word(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// An error at what was read last.
    fn wrong(&self, problem: JsonProblem) -> JsonError {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        JsonError { problem, line, column }
    }

    /// An error at what comes next.
    fn wrong_next(&mut self, problem: JsonProblem) -> JsonError {
        self.at = self.text.len().min(self.at + 1);
        self.wrong(problem)
    }

    /// A value inside of so many arrays and objects: never more than [`MAX_VALUE_DEPTH`].
    fn value(&mut self, depth: usize) -> Read<Value> {
        let Some(first) = self.peek_word() else {
            return Err(self.wrong_next(JsonProblem::EndsInValue));
        };
        let nests = matches!(first, b'[' | b'{');
        if nests && depth == MAX_VALUE_DEPTH {
            return Err(self.wrong_next(JsonProblem::TooDeep));
        }
        self.at += 1;
        match first {
            b'n' => self.word("ull", Value::Null),
            b't' => self.word("rue", Value::Bool(true)),
            b'f' => self.word("alse", Value::Bool(false)),
            b'-' => self.number(true),
            b'"' => Ok(Value::text(&self.text()?)),
            b'[' => self.array(depth + 1),
            b'{' => self.object(depth + 1),
            b'0'..=b'9' => {
                self.at -= 1;
                self.number(false)
            }
            _ => Err(self.wrong(JsonProblem::NoValue)),
        }
    }

    /// The rest of a word that stands for a value.
    fn word(&mut self, rest: &str, value: Value) -> Read<Value> {
        for expected in rest.bytes() {
            match self.next() {
                Some(byte) if byte == expected => {}
                Some(_) => return Err(self.wrong(JsonProblem::NoWord)),
                None => return Err(self.wrong(JsonProblem::EndsInValue)),
            }
        }
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Read<Value> {
        let mut items = Vec::new();
        while self.has_more(b']', items.is_empty())? {
            items.push(self.value(depth)?);
        }
        Value::array(items).map_err(|TooDeep| self.wrong(JsonProblem::TooDeep))
    }

    fn object(&mut self, depth: usize) -> Read<Value> {
        let mut fields = BTreeMap::new();
        while self.has_more(b'}', fields.is_empty())? {
            self.at += 1;
            let name: Arc<str> = Arc::from(&*self.text()?);
            match self.peek_word() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(self.wrong_next(JsonProblem::NoColon)),
                None => return Err(self.wrong_next(JsonProblem::EndsInObject)),
            }
            let value = self.value(depth)?;
            if fields.insert(name.clone(), value).is_some() {
                self.at += usize::from(self.peek_word() == Some(b'}'));
                return Err(self.wrong(JsonProblem::FieldTwice(name)));
            }
        }
        Value::object(fields).map_err(|TooDeep| self.wrong(JsonProblem::TooDeep))
    }

    /// Whether another element or field begins here; if not, the end is behind us.
    fn has_more(&mut self, end: u8, is_first: bool) -> Read<bool> {
        let in_object = end == b'}';
        let either = |object, array| if in_object { object } else { array };
        let mut next = self.peek_word();
        if next == Some(end) {
            self.at += 1;
            return Ok(false);
        }
        let mut problem = either(JsonProblem::EndsInObject, JsonProblem::EndsInArray);
        if !is_first && next.is_some() {
            if next != Some(b',') {
                let problem = either(JsonProblem::NoCommaInObject, JsonProblem::NoCommaInArray);
                return Err(self.wrong_next(problem));
            }
            self.at += 1;
            next = self.peek_word();
            problem = JsonProblem::EndsInValue;
        }
        match next {
            None => {}
            Some(byte) if byte == end => problem = JsonProblem::TrailingComma,
            Some(byte) if in_object && byte != b'"' => problem = JsonProblem::NoName,
            Some(_) => return Ok(true),
        }
        Err(self.wrong_next(problem))
    }

    /// A number behind its sign.
    fn number(&mut self, is_negative: bool) -> Read<Value> {
        let from = self.at;
        match self.next() {
            Some(b'0') => {
                if let Some(b'0'..=b'9') = self.peek() {
                    return Err(self.wrong_next(JsonProblem::NoNumber));
                }
            }
            Some(b'1'..=b'9') => self.skip_digits(),
            Some(_) => return Err(self.wrong(JsonProblem::NoNumber)),
            None => return Err(self.wrong(JsonProblem::EndsInValue)),
        }
        let point = self.at;
        self.skip_fraction()?;
        let digits = self.text.as_bytes().get(from..self.at).unwrap_or_default();
        let has_exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if point == self.at
            && !has_exponent
            && let Some(whole) = integer(is_negative, digits)
        {
            return Ok(whole);
        }
        let behind = (self.at - point).saturating_sub(1) as i64;
        let digits = digits.iter().copied().filter(u8::is_ascii_digit);
        let power = if has_exponent { self.exponent(digits.clone())? } else { 0 };
        let number = nearest(digits, power - behind);
        Finite::new(if is_negative { -number } else { number })
            .map(Value::Float)
            .ok_or_else(|| self.wrong(JsonProblem::TooLarge))
    }

    fn skip_digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn skip_fraction(&mut self) -> Read<()> {
        if self.peek() != Some(b'.') {
            return Ok(());
        }
        self.at += 1;
        let behind = self.at;
        self.skip_digits();
        if self.at > behind {
            return Ok(());
        }
        let ends = self.peek().is_none();
        Err(self.wrong_next(if ends { JsonProblem::EndsInValue } else { JsonProblem::NoNumber }))
    }

    /// The exponent of a number with these digits.
    fn exponent(&mut self, mut digits: impl Iterator<Item = u8>) -> Read<i64> {
        self.at += 1;
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
        match self.next() {
            Some(b'0'..=b'9') => self.at -= 1,
            Some(_) => return Err(self.wrong(JsonProblem::NoNumber)),
            None => return Err(self.wrong(JsonProblem::EndsInValue)),
        }
        let mut power = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            power = power * 10 + i64::from(digit - b'0');
            if power > i64::from(i32::MAX) {
                if !is_negative && digits.any(|digit| digit != b'0') {
                    return Err(self.wrong(JsonProblem::TooLarge));
                }
                self.skip_digits();
            }
        }
        Ok(if is_negative { -power } else { power })
    }

    /// The text behind a quotation mark.
    fn text(&mut self) -> Read<Cow<'a, str>> {
        let mut copied = String::new();
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let run = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            let from = self.at;
            self.at += run.unwrap_or(rest.len());
            let run = self.text.get(from..self.at).unwrap_or_default();
            match self.next() {
                Some(b'"') if copied.is_empty() => return Ok(Cow::Borrowed(run)),
                Some(b'"') => {
                    copied.push_str(run);
                    return Ok(Cow::Owned(copied));
                }
                Some(b'\\') => {
                    copied.push_str(run);
                    copied.push(self.escaped()?);
                }
                Some(_) => return Err(self.wrong(JsonProblem::ControlCharacter)),
                None => return Err(self.wrong(JsonProblem::EndsInText)),
            }
        }
    }

    /// The character that stands behind a backslash.
    fn escaped(&mut self) -> Read<char> {
        Ok(match self.next() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.numbered(),
            Some(_) => return Err(self.wrong(JsonProblem::NoEscape)),
            None => return Err(self.wrong(JsonProblem::EndsInText)),
        })
    }

    /// The character with this number: one beyond 16 bits takes two halves.
    fn numbered(&mut self) -> Read<char> {
        let number = self.hexadecimal()?;
        if let Some(character) = char::from_u32(number) {
            return Ok(character);
        }
        let (high, mut low) = (number.wrapping_sub(0xd800), 0);
        if high < 0x400 {
            for expected in [b'\\', b'u'] {
                match self.next() {
                    Some(byte) if byte == expected => {}
                    Some(_) => return Err(self.wrong(JsonProblem::HalfCharacter)),
                    None => return Err(self.wrong(JsonProblem::EndsInText)),
                }
            }
            low = self.hexadecimal()?.wrapping_sub(0xdc00);
        }
        let whole = (high < 0x400 && low < 0x400).then(|| 0x1_0000 + (high << 10 | low));
        whole.and_then(char::from_u32).ok_or_else(|| self.wrong(JsonProblem::LoneSurrogate))
    }

    /// Four hexadecimal digits.
    fn hexadecimal(&mut self) -> Read<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        self.at = self.text.len().min(self.at + 4);
        let digits = digits.ok_or_else(|| self.wrong(JsonProblem::EndsInText))?;
        let digit = |number, byte: &u8| Some(number << 4 | char::from(*byte).to_digit(16)?);
        digits.iter().try_fold(0, digit).ok_or_else(|| self.wrong(JsonProblem::NoEscape))
    }
}

/// The integer with these digits, unless it needs more than 64 bits; there is no negative zero.
fn integer(is_negative: bool, digits: &[u8]) -> Option<Value> {
    let distance = digits.iter().try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })?;
    if is_negative {
        let number = 0_i64.checked_sub_unsigned(distance)?;
        (number < 0).then_some(Value::Int(number))
    } else {
        Some(distance.into())
    }
}
