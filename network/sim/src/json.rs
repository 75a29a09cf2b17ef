//! JSON with places: from a text to its elements, each of which knows its line and column, so
//! that a mistake in a job is shown where it stands.

use std::fmt;

use aquac_ir::{Value, from_json};

/// A mistake in the text of a job, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct BadJob {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong in the text of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is no JSON; in the words of the reader.
    NoJson(String),
    /// A field that does not stand there.
    UnknownField {
        /// As it was written.
        field: String,
        /// What may stand there.
        known: &'static [&'static str],
    },
    /// A field that must stand there.
    MissingField(&'static str),
    /// A field that stands there twice.
    FieldTwice(String),
    /// Something else than belongs there.
    Expected(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoJson(why) => write!(f, "this is no JSON: {why}"),
            Self::UnknownField { field, known } => {
                write!(f, "there is no field `{field}`")?;
                match nearest(field, known) {
                    Some(near) => write!(f, "; did you mean `{near}`?"),
                    None => write!(f, "; there are: {}", known.join(", ")),
                }
            }
            Self::MissingField(field) => write!(f, "the field `{field}` is missing"),
            Self::FieldTwice(field) => write!(f, "the field `{field}` stands there twice"),
            Self::Expected(what) => write!(f, "{what}"),
        }
    }
}

/// Changes of one character after which a word is no longer taken for a slip of another.
const MAX_CHANGES: usize = 2;

/// The known word that was probably meant.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let close = known.iter().map(|other| (changes(word, other), *other)).min()?;
    (close.0 <= MAX_CHANGES && close.0 < word.chars().count()).then_some(close.1)
}

/// How many characters must be added, left out or replaced to make one word of the other.
fn changes(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, a) in one.chars().enumerate() {
        let mut left = number + 1;
        let mut next = vec![left];
        for (b, above) in other.iter().zip(row.windows(2)) {
            let [diagonal, above] = above else { continue };
            left = (diagonal + usize::from(a != *b)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// One element of a JSON text that is known to be JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// A field of an object: its name, where the name stands, and its value.
pub(crate) struct Field<'a> {
    pub(crate) name: String,
    at: Element<'a>,
    pub(crate) value: Element<'a>,
}

impl<'a> Element<'a> {
    /// The whole of a text.
    pub(crate) fn of(text: &'a str) -> Result<Self, BadJob> {
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            let words = error.to_string();
            let why = words.split(" at line ").next().unwrap_or_default().to_owned();
            let at = byte_of(text, error.line(), error.column());
            return Err(bad_at(text, at, Problem::NoJson(why)));
        }
        let start = skip_space(text, 0);
        Ok(Self { text, start, end: end_of_value(text, start) })
    }

    fn raw(&self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// This mistake, here.
    pub(crate) fn bad(&self, problem: Problem) -> BadJob {
        bad_at(self.text, self.start, problem)
    }

    /// Something else was expected here.
    pub(crate) fn expected(&self, what: &str) -> BadJob {
        let shown: String = self.raw().chars().take(40).collect();
        self.bad(Problem::Expected(format!("{what} should stand here, not {shown}")))
    }

    /// Whether this is `null`, which stands for nothing.
    pub(crate) fn is_null(&self) -> bool {
        self.raw() == "null"
    }

    pub(crate) fn is_object(&self) -> bool {
        self.raw().starts_with('{')
    }

    pub(crate) fn is_array(&self) -> bool {
        self.raw().starts_with('[')
    }

    /// The elements of an array.
    pub(crate) fn items(&self, what: &str) -> Result<Vec<Self>, BadJob> {
        if !self.is_array() {
            return Err(self.expected(what));
        }
        let mut items = Vec::new();
        let mut at = skip_space(self.text, self.start + 1);
        while at + 1 < self.end {
            let end = end_of_value(self.text, at);
            items.push(Self { start: at, end, ..*self });
            // Past the comma; past the bracket behind the last.
            at = skip_space(self.text, skip_space(self.text, end) + 1);
        }
        Ok(items)
    }

    /// The fields of an object, in order.
    pub(crate) fn any_fields(&self, what: &str) -> Result<Vec<Field<'a>>, BadJob> {
        if !self.is_object() {
            return Err(self.expected(what));
        }
        let mut fields: Vec<Field<'a>> = Vec::new();
        let mut at = skip_space(self.text, self.start + 1);
        while at + 1 < self.end {
            let name_end = end_of_value(self.text, at);
            let name = Self { start: at, end: name_end, ..*self };
            let start = skip_space(self.text, skip_space(self.text, name_end) + 1);
            let end = end_of_value(self.text, start);
            let field =
                Field { name: name.text("")?, at: name, value: Self { start, end, ..*self } };
            if fields.iter().any(|other| other.name == field.name) {
                return Err(field.at.bad(Problem::FieldTwice(field.name)));
            }
            fields.push(field);
            at = skip_space(self.text, skip_space(self.text, end) + 1);
        }
        Ok(fields)
    }

    /// The fields of an object that may have only these. What is `null` is as if it were not there.
    pub(crate) fn fields(
        &self,
        what: &str,
        known: &'static [&'static str],
    ) -> Result<Fields<'a>, BadJob> {
        let mut fields = self.any_fields(what)?;
        if let Some(field) = fields.iter().find(|field| !known.contains(&&*field.name)) {
            let unknown = Problem::UnknownField { field: field.name.clone(), known };
            return Err(field.at.bad(unknown));
        }
        fields.retain(|field| !field.value.is_null());
        Ok(Fields { of: *self, fields })
    }

    /// A text.
    pub(crate) fn text(&self, what: &str) -> Result<String, BadJob> {
        serde_json::from_str(self.raw()).map_err(|_| self.expected(what))
    }

    /// A number, or whatever else the type is read from.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self, what: &str) -> Result<T, BadJob> {
        serde_json::from_str(self.raw()).map_err(|_| self.expected(what))
    }

    /// A value of a program.
    pub(crate) fn value(&self) -> Result<Value, BadJob> {
        from_json(self.raw()).map_err(|why| {
            let at = self.start + byte_of(self.raw(), why.line, why.column);
            bad_at(self.text, at, Problem::Expected(why.problem.to_string()))
        })
    }
}

/// The fields of an object, by name.
pub(crate) struct Fields<'a> {
    of: Element<'a>,
    fields: Vec<Field<'a>>,
}

impl<'a> Fields<'a> {
    /// A field that may be missing.
    pub(crate) fn get(&self, name: &str) -> Option<Element<'a>> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value)
    }

    /// A field that must be there.
    pub(crate) fn need(&self, name: &'static str) -> Result<Element<'a>, BadJob> {
        self.get(name).ok_or_else(|| self.of.bad(Problem::MissingField(name)))
    }
}

/// A mistake at this byte of a text.
fn bad_at(text: &str, byte: usize, problem: Problem) -> BadJob {
    let before = text.get(..text.floor_char_boundary(byte)).unwrap_or_default();
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
    BadJob { line, column, problem }
}

/// Where the byte is that JSON readers mean: the lines and the bytes in them are counted from 1, and
/// 0 is before the first.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let above = text.split_inclusive('\n').take(line.saturating_sub(1));
    above.map(str::len).sum::<usize>() + column.saturating_sub(1)
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the value ends that begins here. The text is JSON, so only brackets and texts count.
fn end_of_value(text: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        if quoted {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            quoted = !ends;
            if ends && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth <= 1 => return at + depth,
            b']' | b'}' => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_with_their_places_whatever_stands_in_texts() {
        let text = "{ \"a\" : [1, \"]\\\"}\", {\"b\":[]}] ,\n \"ü\":true}";
        let whole = Element::of(text).unwrap();
        let fields = whole.any_fields("").unwrap();
        assert_eq!(fields.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["a", "ü"]);
        let items = fields[0].value.items("").unwrap();
        assert_eq!(
            items.iter().map(Element::raw).collect::<Vec<_>>(),
            ["1", "\"]\\\"}\"", "{\"b\":[]}"]
        );
        assert_eq!(items[2].any_fields("").unwrap()[0].value.items("").unwrap().len(), 0);
        let place = fields[1].value.expected("a number");
        assert_eq!(place.to_string(), "2:6: a number should stand here, not true");
    }

    #[test]
    fn what_is_wrong_inside_a_value_has_its_place_in_characters() {
        let text = "{\"ü\":\n [\"ä\", {\"x\": 1, \"x\": 2}]}";
        let fields = Element::of(text).unwrap().any_fields("").unwrap();
        let wrong = fields[0].value.value().unwrap_err();
        assert_eq!(wrong.to_string(), "2:23: the field \"x\" stands twice");
        let Err(wrong) = Element::of("{\n\"ü\" 1}") else { panic!("that is no JSON") };
        assert_eq!(wrong.to_string(), "2:5: this is no JSON: expected `:`");
    }

    #[test]
    fn a_slip_is_told_from_another_word() {
        let known: &[&str] = &["peers", "seed", "services"];
        assert_eq!(nearest("sevices", known), Some("services"));
        assert_eq!(nearest("sede", known), Some("seed"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(changes("", "abc"), 3);
    }
}
