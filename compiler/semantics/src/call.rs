//! A call given as text, against the function that it names.
//!
//! Reads the tree of `main("x", [1, 2], {a: 1}, name)` and writes the arguments in the form that
//! programs use: options as arrays of at most one element, nothing as the empty array.

use std::collections::BTreeSet;

use aquac_base::{Diagnostic, Name, Span, did_you_mean};
use aquac_syntax::ast::{CallText, LiteralKind, Value, ValueKind};

use crate::error::CallTextProblem;
use crate::hir::FunctionId;
use crate::typed::Typed;
use crate::types::{RecordId, Scalar, Type, TypeId};

/// Options of options of arrays that may be written without some of their brackets; each doubles
/// what is tried. Deeper ones are written with all of them.
const MAX_GUESSES: u32 = 8;

/// A call whose arguments fit.
#[derive(Debug, Clone)]
pub struct CheckedCall {
    /// What is called.
    pub function: FunctionId,
    /// One for each parameter.
    pub arguments: Vec<Argument>,
}

/// An argument in the form that programs use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// `true` or `false`
    Bool(bool),
    /// A number as it is spelled.
    Number(Name),
    /// A string without its quotes.
    String(Name),
    /// An array, an option, or what a stream parameter starts with.
    Array(Vec<Argument>),
    /// A struct: its fields in the order of the type, then others in the order given.
    Object(Vec<(Name, Argument)>),
    /// A callback of the host; the text gave a name or nothing for it.
    Callback,
}

/// Checks a call text against the function that it names.
///
/// `data` gives the values of names in the text; spans inside them are ignored. `given` are the
/// names that it has for this call alone: each of them must stand in the text.
///
/// # Errors
///
/// Every problem, with places in the call text.
pub fn check_call(
    typed: &Typed,
    call: &CallText,
    data: &dyn Fn(&Name) -> Option<Value>,
    given: &[Name],
) -> Result<CheckedCall, Vec<Diagnostic>> {
    let name = &call.function.name;
    let Some(function) = typed.callable(name) else {
        let near = did_you_mean(name, typed.callable_names()).map(Name::new);
        let (name, span) = (name.clone(), call.function.span);
        return Err(vec![CallTextProblem::UnknownFunction { name, span, near }.into()]);
    };
    let mut matcher =
        Matcher { typed, data, problems: Vec::new(), place: call.parentheses, guesses: 0 };
    let arguments = matcher.arguments(function, call);
    matcher.all_used(call, given);
    if matcher.problems.is_empty() {
        return Ok(CheckedCall { function, arguments });
    }
    Err(matcher.problems.into_iter().map(Diagnostic::from).collect())
}

struct Matcher<'t> {
    typed: &'t Typed,
    data: &'t dyn Fn(&Name) -> Option<Value>,
    problems: Vec<CallTextProblem>,
    /// The argument at hand.
    place: Span,
    /// Arrays around the value at hand that may be an option or what is in it.
    guesses: u32,
}

/// Where a value comes from: spans in values from outside mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Text,
    Data,
}

impl Matcher<'_> {
    /// What was given for the call and does not stand in it was meant for something.
    fn all_used(&mut self, call: &CallText, given: &[Name]) {
        let mut used = BTreeSet::new();
        call.arguments.iter().for_each(|argument| names(argument, &mut used));
        for name in given.iter().filter(|name| !used.contains(*name)) {
            self.problems.push(CallTextProblem::Unused {
                name: name.clone(),
                call: call.function.name.clone(),
                span: call.parentheses,
            });
        }
    }

    fn arguments(&mut self, function: FunctionId, call: &CallText) -> Vec<Argument> {
        let parameters = &self.typed.program.functions[function].parameters;
        if parameters.len() != call.arguments.len() {
            let parameters = parameters.iter().map(|local| {
                let local = &self.typed.program.locals[*local];
                format!("{}: {}", local.name, self.typed.types.show(local.ty))
            });
            self.problems.push(CallTextProblem::Count {
                name: call.function.name.clone(),
                span: call.parentheses,
                parameters: parameters.collect(),
                given: call.arguments.len(),
            });
            return Vec::new();
        }
        let pairs = parameters.iter().zip(&call.arguments);
        let arguments = pairs.map(|(local, value)| {
            self.place = value.span;
            self.value(value, self.typed.program.locals[*local].ty, Given::Text)
        });
        arguments.collect()
    }

    fn span(&self, value: &Value, from: Given) -> Span {
        if from == Given::Text { value.span } else { self.place }
    }

    fn mismatch(&mut self, value: &Value, ty: TypeId, from: Given) -> Argument {
        self.problems.push(CallTextProblem::Mismatch {
            span: self.span(value, from),
            expected: self.typed.types.show(ty).to_string(),
            found: describe(&value.kind),
        });
        Argument::Array(Vec::new())
    }

    /// Recursion follows the type, which is bounded, and the value only below `⊤`, where the
    /// parser bounds it.
    fn value(&mut self, value: &Value, ty: TypeId, from: Given) -> Argument {
        if let ValueKind::Name(name) = &value.kind {
            return self.named(name, value, ty, from);
        }
        match self.typed.types.get(ty) {
            Type::Error | Type::Top => self.anything(value, from),
            Type::Scalar(scalar) => self.scalar(value, scalar, ty, from),
            Type::Array(of) | Type::Stream(of) => self.array(value, of, ty, from),
            Type::Option(of) => self.option(value, of, ty, from),
            Type::Data(record) => self.object(value, record, ty, from),
            Type::Arrow(_) if value.kind == ValueKind::Null => Argument::Callback,
            Type::Arrow(_)
            | Type::Bottom
            | Type::Literal(_)
            | Type::Map(_)
            | Type::Service(_)
            | Type::Ability(_) => self.mismatch(value, ty, from),
        }
    }

    fn named(&mut self, name: &Name, value: &Value, ty: TypeId, from: Given) -> Argument {
        if let Some(given) = (self.data)(name) {
            if from == Given::Text && !matches!(given.kind, ValueKind::Name(_)) {
                return self.value(&given, ty, Given::Data);
            }
            return self.mismatch(value, ty, from);
        }
        if let Type::Arrow(_) = self.typed.types.get(ty) {
            return Argument::Callback;
        }
        let span = self.span(value, from);
        self.problems.push(CallTextProblem::UnknownName { name: name.clone(), span });
        Argument::Array(Vec::new())
    }

    fn scalar(&mut self, value: &Value, scalar: Scalar, ty: TypeId, from: Given) -> Argument {
        let ValueKind::Literal(literal) = &value.kind else {
            return self.mismatch(value, ty, from);
        };
        match (literal.kind, scalar) {
            (LiteralKind::Bool(bit), Scalar::Bool) => Argument::Bool(bit),
            (LiteralKind::String, Scalar::String) => Argument::String(literal.text.clone()),
            (
                LiteralKind::Unsigned | LiteralKind::Signed | LiteralKind::Float,
                Scalar::F32 | Scalar::F64,
            ) => Argument::Number(literal.text.clone()),
            (LiteralKind::Unsigned | LiteralKind::Signed, _) if scalar.is_integer() => {
                let (low, high) = scalar.range().unwrap_or((0, 0));
                if literal.text.parse().is_ok_and(|n: i128| (low..=high).contains(&n)) {
                    return Argument::Number(literal.text.clone());
                }
                let (number, span) = (literal.text.clone(), self.span(value, from));
                self.problems.push(CallTextProblem::OutOfRange { number, scalar, span });
                Argument::Number(literal.text.clone())
            }
            (
                LiteralKind::Bool(_)
                | LiteralKind::String
                | LiteralKind::Unsigned
                | LiteralKind::Signed
                | LiteralKind::Float,
                _,
            ) => self.mismatch(value, ty, from),
        }
    }

    fn array(&mut self, value: &Value, of: TypeId, ty: TypeId, from: Given) -> Argument {
        match &value.kind {
            ValueKind::Array(elements) => Argument::Array(
                elements.iter().map(|element| self.value(element, of, from)).collect(),
            ),
            ValueKind::Null => Argument::Array(Vec::new()),
            ValueKind::Literal(_) | ValueKind::Name(_) | ValueKind::Object(_) => {
                self.mismatch(value, ty, from)
            }
        }
    }

    /// Nothing, `[]`, `[x]`, or `x` itself. An array for an option of arrays can be either: it is
    /// the option if its element fits.
    fn option(&mut self, value: &Value, of: TypeId, ty: TypeId, from: Given) -> Argument {
        match &value.kind {
            ValueKind::Null => Argument::Array(Vec::new()),
            ValueKind::Array(elements) => match elements.as_slice() {
                [] => Argument::Array(Vec::new()),
                [element] if self.is_collection(of) => self.either(value, element, (of, ty), from),
                [_] => self.array(value, of, ty, from),
                [_, _, ..] if self.is_collection(of) => {
                    Argument::Array(vec![self.value(value, of, from)])
                }
                [_, _, ..] => self.mismatch(value, ty, from),
            },
            ValueKind::Literal(_) | ValueKind::Name(_) | ValueKind::Object(_) => {
                Argument::Array(vec![self.value(value, of, from)])
            }
        }
    }

    /// An array of one element: the option, or what is in it.
    fn either(
        &mut self,
        value: &Value,
        element: &Value,
        (of, ty): (TypeId, TypeId),
        from: Given,
    ) -> Argument {
        let before = self.problems.len();
        self.guesses += 1;
        let option = self.array(value, of, ty, from);
        let wrong = self.problems.split_off(before);
        let element_is_array = matches!(element.kind, ValueKind::Array(_));
        let content = if !wrong.is_empty() && self.guesses <= MAX_GUESSES {
            Some(self.value(value, of, from))
        } else {
            None
        };
        self.guesses -= 1;
        let Some(content) = content else {
            self.problems.extend(wrong);
            return option;
        };
        // If it is neither, the brackets say what was meant.
        if self.problems.len() > before && element_is_array {
            self.problems.truncate(before);
            self.problems.extend(wrong);
        }
        Argument::Array(vec![content])
    }

    fn is_collection(&self, ty: TypeId) -> bool {
        self.typed.types.element(ty).is_some()
    }

    fn object(&mut self, value: &Value, record: RecordId, ty: TypeId, from: Given) -> Argument {
        let ValueKind::Object(given) = &value.kind else { return self.mismatch(value, ty, from) };
        let record = self.typed.types.record(record);
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let argument = match given.iter().find(|(name, _)| name.name == field.name) {
                Some((_, value)) => self.value(value, field.ty, from),
                None => self.missing_field(value, ty, field, from),
            };
            fields.push((field.name.clone(), argument));
        }
        for (name, extra) in given.iter().filter(|(name, _)| record.field(&name.name).is_none()) {
            if from == Given::Text {
                let names = record.fields.iter().map(|field| field.name.as_str());
                self.problems.push(CallTextProblem::UnknownField {
                    ty: record.name.clone(),
                    near: did_you_mean(&name.name, names).map(Name::new),
                    name: name.name.clone(),
                    span: name.span,
                });
            } else {
                fields.push((name.name.clone(), self.anything(extra, from)));
            }
        }
        Argument::Object(fields)
    }

    /// A field that is not given may be absent if its type allows nothing.
    fn missing_field(
        &mut self,
        value: &Value,
        ty: TypeId,
        field: &crate::types::Field,
        from: Given,
    ) -> Argument {
        if !matches!(self.typed.types.get(field.ty), Type::Option(_)) {
            self.problems.push(CallTextProblem::MissingField {
                ty: self.typed.types.show(ty).to_string(),
                name: field.name.clone(),
                span: self.span(value, from),
            });
        }
        Argument::Array(Vec::new())
    }

    /// A value for a parameter of any type.
    fn anything(&mut self, value: &Value, from: Given) -> Argument {
        match &value.kind {
            ValueKind::Literal(literal) => match literal.kind {
                LiteralKind::Bool(bit) => Argument::Bool(bit),
                LiteralKind::String => Argument::String(literal.text.clone()),
                LiteralKind::Unsigned | LiteralKind::Signed | LiteralKind::Float => {
                    Argument::Number(literal.text.clone())
                }
            },
            ValueKind::Null => Argument::Array(Vec::new()),
            ValueKind::Name(name) => self.named(name, value, self.typed.types.top(), from),
            ValueKind::Array(elements) => Argument::Array(
                elements.iter().map(|element| self.anything(element, from)).collect(),
            ),
            ValueKind::Object(fields) => Argument::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.name.clone(), self.anything(value, from)))
                    .collect(),
            ),
        }
    }
}

/// The names in a value; the parser bounds its nesting.
fn names<'v>(value: &'v Value, found: &mut BTreeSet<&'v Name>) {
    match &value.kind {
        ValueKind::Name(name) => drop(found.insert(name)),
        ValueKind::Array(elements) => elements.iter().for_each(|element| names(element, found)),
        ValueKind::Object(fields) => fields.iter().for_each(|(_, value)| names(value, found)),
        ValueKind::Literal(_) | ValueKind::Null => {}
    }
}

fn describe(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Literal(literal) => match literal.kind {
            LiteralKind::Bool(_) => "a bool".to_owned(),
            LiteralKind::String => "a string".to_owned(),
            LiteralKind::Unsigned | LiteralKind::Signed => {
                format!("the number `{}`", literal.text)
            }
            LiteralKind::Float => format!("the fraction `{}`", literal.text),
        },
        ValueKind::Null => "nothing".to_owned(),
        ValueKind::Name(name) => format!("`{name}`"),
        ValueKind::Array(_) => "an array".to_owned(),
        ValueKind::Object(_) => "an object".to_owned(),
    }
}
