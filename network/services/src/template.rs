//! Templates: texts with `{argument}` or `{argument.field}` in them, filled from a call's
//! arguments. `{{` and `}}` are the braces themselves.
//!
//! What a filled text may contain is the business of its user: an HTTP path escapes each part by
//! where it stands, see `http::address`.

use std::sync::Arc;

use aquac_ir::{Argument, FaultCode, ServiceError, TooDeep, Value, to_json};

use crate::error;

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace without its partner.
    #[error("a brace has no partner in \"{0}\"; write {{{{ or }}}} for the brace itself")]
    Unbalanced(String),
    /// `{}` or `{a..b}`.
    #[error("a name is missing in \"{0}\"")]
    NoName(String),
    /// The function has no argument with this name.
    #[error("the function has no argument \"{0}\"")]
    UnknownArgument(String),
    /// Several names, and nothing says which argument each one is.
    #[error(
        "which argument is \"{0}\"? List the names in their order: args = [\"…\", \"{0}\"]; or write {{0}}, {{1}}"
    )]
    WhichArgument(String),
}

/// What the names in templates of one function mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// In the order of the arguments, if somebody wrote them down.
    listed: Option<Vec<String>>,
    /// Otherwise the one name that was met: it is the only argument.
    only: Option<String>,
}

impl Names {
    pub(crate) fn new(listed: Option<Vec<String>>) -> Self {
        Self { listed, only: None }
    }

    fn find(&mut self, name: &str) -> Result<Which, TemplateError> {
        if let Ok(number) = name.parse() {
            return Ok(Which::Number(number));
        }
        if let Some(listed) = &self.listed {
            let found = listed.iter().position(|listed| listed == name);
            return found
                .map(Which::Number)
                .ok_or_else(|| TemplateError::UnknownArgument(name.to_owned()));
        }
        let only = self.only.get_or_insert_with(|| name.to_owned());
        if only == name {
            Ok(Which::Only)
        } else {
            Err(TemplateError::WhichArgument(name.to_owned()))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Number(usize),
    /// The function has one argument.
    Only,
}

/// One `{argument.field}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    which: Which,
    fields: Vec<String>,
    written: String,
}

impl Reference {
    fn parse(written: &str, names: &mut Names) -> Result<Self, TemplateError> {
        let mut parts = written.split('.');
        if written.split('.').any(str::is_empty) {
            return Err(TemplateError::NoName(written.to_owned()));
        }
        let which = names.find(parts.next().unwrap_or_default())?;
        Ok(Self { which, fields: parts.map(str::to_owned).collect(), written: written.to_owned() })
    }

    /// The value that it names in these arguments.
    pub(crate) fn find<'a>(&self, args: &'a [Argument]) -> Result<&'a Value, ServiceError> {
        let missing = || {
            let message = format!("there is no `{}` in the arguments", self.written);
            error(FaultCode::Lens, message)
        };
        let argument = match self.which {
            Which::Number(number) => args.get(number),
            Which::Only if args.len() > 1 => {
                let message = format!(
                    "which of {} arguments is `{}`? The service's configuration does not list their names",
                    args.len(),
                    self.written
                );
                return Err(error(FaultCode::Lens, message));
            }
            Which::Only => args.first(),
        };
        let mut value = &argument.ok_or_else(missing)?.value;
        for field in &self.fields {
            value = match value {
                Value::Object(object) => object.get(field),
                Value::Array(array) => {
                    field.parse().ok().and_then(|at: usize| array.items().get(at))
                }
                Value::Null
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Big(_)
                | Value::Float(_)
                | Value::Text(_) => None,
            }
            .ok_or_else(missing)?;
        }
        Ok(value)
    }

    /// The value as text: texts as they are, numbers and truths as JSON.
    pub(crate) fn text(&self, args: &[Argument]) -> Result<String, ServiceError> {
        let value = self.find(args)?;
        match value {
            Value::Text(text) => Ok(text.to_string()),
            Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => Ok(to_json(value)),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                let message = format!("`{}` is no text or number", self.written);
                Err(error(FaultCode::WrongKind, message))
            }
        }
    }

    pub(crate) fn written(&self) -> &str {
        &self.written
    }
}

/// A text between references, or a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Reference(Reference),
}

/// A text with references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

impl Template {
    pub(crate) fn parse(written: &str, names: &mut Names) -> Result<Self, TemplateError> {
        let unbalanced = || TemplateError::Unbalanced(written.to_owned());
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = written;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                text.extend(from.chars().next());
                rest = after;
            } else {
                let inside = from.strip_prefix('{').ok_or_else(unbalanced)?;
                let (name, after) = inside.split_once('}').ok_or_else(unbalanced)?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Reference(Reference::parse(name, names)?));
                rest = after;
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { parts })
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

/// JSON whose texts are templates. As deep as a value can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JsonTemplate {
    Fixed(Value),
    Text(Template),
    Array(Vec<Self>),
    Object(Vec<(Arc<str>, Self)>),
}

impl JsonTemplate {
    pub(crate) fn parse(written: &Value, names: &mut Names) -> Result<Self, TemplateError> {
        Ok(match written {
            Value::Text(text) => Self::Text(Template::parse(text, names)?),
            Value::Array(array) => Self::Array(
                array
                    .items()
                    .iter()
                    .map(|item| Self::parse(item, names))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(object) => Self::Object(
                object
                    .fields()
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::parse(value, names)?)))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
                Self::Fixed(written.clone())
            }
        })
    }

    /// The JSON with the arguments in it.
    pub(crate) fn fill(&self, args: &[Argument]) -> Result<Value, ServiceError> {
        let deep = |_: TooDeep| error(FaultCode::TooLarge, "the request is nested too deeply");
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Text(template) => fill_text(template, args),
            Self::Array(items) => {
                let items = items.iter().map(|item| item.fill(args)).collect::<Result<_, _>>()?;
                Value::array(items).map_err(deep)
            }
            Self::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), value.fill(args)?)))
                    .collect::<Result<_, ServiceError>>()?;
                Value::object(fields).map_err(deep)
            }
        }
    }
}

/// A lone reference keeps its type; anything else is text.
fn fill_text(template: &Template, args: &[Argument]) -> Result<Value, ServiceError> {
    if let [Part::Reference(reference)] = template.parts() {
        return reference.find(args).cloned();
    }
    let mut filled = String::new();
    for part in template.parts() {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Reference(reference) => filled.push_str(&reference.text(args)?),
        }
    }
    Ok(Value::text(&filled))
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Origin, from_json};

    use super::*;

    fn args(json: &str) -> Vec<Argument> {
        let values = from_json(json).unwrap();
        let values = values.as_array().unwrap().iter().cloned();
        values.map(|value| Argument { value, origin: Origin::Derived }).collect()
    }

    fn filled(template: &str, names: &[&str], given: &str) -> String {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut names = Names::new((!names.is_empty()).then_some(names));
        match JsonTemplate::parse(&from_json(template).unwrap(), &mut names) {
            Err(error) => error.to_string(),
            Ok(template) => match template.fill(&args(given)) {
                Ok(value) => to_json(&value),
                Err(error) => format!("{}: {}", error.code, error.message),
            },
        }
    }

    #[test]
    fn a_lone_reference_keeps_its_type_and_others_become_text() {
        let template = r#"{"who":"{c.name}","sum":"{amount}","note":"{amount} of {c.name} {{x}}"}"#;
        insta::assert_snapshot!(
            filled(template, &["c", "amount"], r#"[{"name":"al"},7]"#),
            @r#"{"note":"7 of al {x}","sum":7,"who":"al"}"#
        );
    }

    #[test]
    fn without_a_list_of_names_one_name_is_the_only_argument() {
        insta::assert_snapshot!(filled(r#""{x}""#, &[], "[1]"), @"1");
        insta::assert_snapshot!(filled(r#""{1}{0}""#, &[], "[1,2]"), @r#""21""#);
        insta::assert_snapshot!(filled(r#""{x}""#, &[], "[1,2]"), @"10007: which of 2 arguments is `x`? The service's configuration does not list their names");
        insta::assert_snapshot!(filled(r#""{x}{y}""#, &[], "[1,2]"), @r#"which argument is "y"? List the names in their order: args = ["…", "y"]; or write {0}, {1}"#);
    }

    #[test]
    fn what_is_not_there_or_no_text_is_an_error_of_the_call() {
        insta::assert_snapshot!(filled(r#""{x.b}""#, &["x"], r#"[{"a":1}]"#), @"10007: there is no `x.b` in the arguments");
        insta::assert_snapshot!(filled(r#""-{x}""#, &["x"], "[[1]]"), @"11009: `x` is no text or number");
        insta::assert_snapshot!(filled(r#""{y}""#, &["x"], "[1]"), @r#"the function has no argument "y""#);
        insta::assert_snapshot!(filled(r#""{x""#, &["x"], "[1]"), @r#"a brace has no partner in "{x"; write {{ or }} for the brace itself"#);
        insta::assert_snapshot!(filled(r#""{x.}""#, &["x"], "[1]"), @r#"a name is missing in "x.""#);
    }
}
