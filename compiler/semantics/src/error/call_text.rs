//! A call given as text that does not fit its function.

use aquac_base::{Diagnostic, Name, Span};

use super::{count, replace};
use crate::codes;
use crate::types::Scalar;

#[derive(Debug)]
pub(crate) enum CallTextProblem {
    UnknownFunction { name: Name, span: Span, near: Option<Name> },
    UnknownName { name: Name, span: Span },
    Unused { name: Name, call: Name, span: Span },
    Count { name: Name, span: Span, parameters: Vec<String>, given: usize },
    Mismatch { span: Span, expected: String, found: String },
    OutOfRange { number: Name, scalar: Scalar, span: Span },
    UnknownField { ty: Name, name: Name, span: Span, near: Option<Name> },
    MissingField { ty: String, name: Name, span: Span },
}

impl From<CallTextProblem> for Diagnostic {
    fn from(problem: CallTextProblem) -> Self {
        match problem {
            CallTextProblem::UnknownFunction { name, span, near } => {
                let message = format!("cannot find function `{name}`");
                let found = Self::error(
                    codes::UNKNOWN_NAME,
                    message,
                    span,
                    "neither exported nor declared in this file",
                );
                match near {
                    Some(near) => replace(found, span, &near),
                    None => found,
                }
            }
            CallTextProblem::UnknownName { name, span } => unknown_name(&name, span),
            CallTextProblem::Unused { name, call, span } => unused(&name, &call, span),
            CallTextProblem::Count { name, span, parameters, given } => {
                let wanted = count(parameters.len(), "argument");
                let message = format!("`{name}` takes {wanted}, {given} given");
                Self::error(codes::COUNT, message, span, "these are the arguments")
                    .with_help(format!("expected `{name}({})`", parameters.join(", ")))
            }
            CallTextProblem::Mismatch { span, expected, found } => Self::error(
                codes::MISMATCH,
                format!("mismatched argument: expected `{expected}`, found {found}"),
                span,
                format!("expected `{expected}`"),
            ),
            CallTextProblem::OutOfRange { number, scalar, span } => {
                let (low, high) = scalar.range().unwrap_or((0, 0));
                Self::error(
                    codes::OUT_OF_RANGE,
                    format!("`{number}` does not fit in `{scalar}`"),
                    span,
                    format!("`{scalar}` holds {low} to {high}"),
                )
            }
            CallTextProblem::UnknownField { ty, name, span, near } => {
                let message = format!("`{ty}` has no field `{name}`");
                let found = Self::error(codes::UNKNOWN_FIELD, message, span, "no such field");
                match near {
                    Some(near) => replace(found, span, &near),
                    None => found,
                }
            }
            CallTextProblem::MissingField { ty, name, span } => Self::error(
                codes::MISSING_FIELDS,
                format!("field `{name}` of `{ty}` is missing"),
                span,
                format!("`{name}` has no value"),
            ),
        }
    }
}

fn unknown_name(name: &Name, span: Span) -> Diagnostic {
    let message = format!("`{name}` has no value");
    Diagnostic::error(codes::UNKNOWN_NAME, message, span, "not in the data given").with_help(
        format!("write `\"{name}\"` if it is a text, or give it with `--data '{{\"{name}\": …}}'`"),
    )
}

fn unused(name: &Name, call: &Name, span: Span) -> Diagnostic {
    let message = format!("the call of `{call}` does not use `{name}`, which is in the data given");
    let label = format!("`{name}` is none of the arguments");
    Diagnostic::error(codes::COUNT, message, span, label)
        .with_help(format!("leave `{name}` out of the data, or write it as an argument"))
}
