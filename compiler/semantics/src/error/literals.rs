//! Numbers that do not fit, and collections that are none or too short.

use aquac_base::{Diagnostic, Name, Span};

use super::{Found, count};
use crate::codes;
use crate::types::Scalar;

#[derive(Debug)]
pub(crate) enum LiteralProblem {
    OutOfRange { scalar: Scalar, expected: Option<Span>, numbers: Vec<(Name, i128, Span)> },
    OutOfBounds { index: i128, length: usize, span: Span, built: Span },
    NegativeIndex { text: String, span: Span },
}

impl From<LiteralProblem> for Diagnostic {
    fn from(problem: LiteralProblem) -> Self {
        match problem {
            LiteralProblem::OutOfRange { scalar, expected, numbers } => {
                out_of_range(scalar, expected, &numbers)
            }
            LiteralProblem::OutOfBounds { index, length, span, built } => {
                let message = format!("index {index} is out of bounds");
                let label = match length.checked_sub(1) {
                    Some(last) => {
                        format!("this array has {}, last index {last}", count(length, "element"))
                    }
                    None => "this collection is empty".to_owned(),
                };
                let found = Self::error(codes::OUT_OF_BOUNDS, message, span, label);
                if built == span { found } else { found.with_label(built, "built here") }
            }
            LiteralProblem::NegativeIndex { text, span } => Self::error(
                codes::OUT_OF_BOUNDS,
                format!("index {text} is out of bounds"),
                span,
                "indices start at 0",
            ),
        }
    }
}

fn out_of_range(
    scalar: Scalar,
    expected: Option<Span>,
    numbers: &[(Name, i128, Span)],
) -> Diagnostic {
    let (lowest, highest) = scalar.range().unwrap_or((0, 0));
    let label = |number: i128| {
        if number < 0 && lowest == 0 {
            format!("`{scalar}` is unsigned")
        } else {
            format!("`{scalar}` holds {lowest} to {highest}")
        }
    };
    let mut texts = numbers.iter().map(|(number, _, _)| format!("`{number}`"));
    let first = texts.next().unwrap_or_default();
    let others: Vec<String> = texts.collect();
    let nor = if others.is_empty() {
        String::new()
    } else {
        format!("; nor does {}", others.join(", nor "))
    };
    let message = format!("{first} does not fit in `{scalar}`{nor}");
    let mut places = numbers.iter();
    let Some((_, number, span)) = places.next() else {
        let nowhere = Span::new(aquac_base::SourceId(0), 0, 0);
        return Diagnostic::error(codes::OUT_OF_RANGE, message, nowhere, "");
    };
    let mut found = Diagnostic::error(codes::OUT_OF_RANGE, message, *span, label(*number));
    for (_, number, span) in places {
        found = found.with_label(*span, label(*number));
    }
    if let Some(expected) = expected {
        found = found.with_label(expected, "expected here");
    }
    let wider = |(_, number, _): &(Name, i128, Span)| {
        Scalar::ALL
            .into_iter()
            .find(|wider| wider.range().is_some_and(|(low, high)| (low..=high).contains(number)))
    };
    match (numbers, numbers.first().and_then(wider)) {
        ([_], Some(wider)) => {
            found.with_help(format!("expect a `{wider}` instead, or use a number that fits"))
        }
        ([_], None) | ([] | [_, _, ..], _) => found,
    }
}

#[derive(Debug)]
pub(crate) enum CollectionProblem {
    IndexType { found: Found, span: Span },
    OptionIndex { span: Span, base: Span },
    NotIndexable { found: Found, span: Span },
    NotIterable { found: Found, span: Span },
    NotAMap { found: Found, span: Span },
}

impl From<CollectionProblem> for Diagnostic {
    fn from(problem: CollectionProblem) -> Self {
        match problem {
            CollectionProblem::IndexType { found, span } => {
                let message = format!("an index is a whole number, found {}", found.words());
                declared(
                    Self::error(codes::MISMATCH, message, span, "expected a whole number"),
                    &found,
                )
            }
            CollectionProblem::OptionIndex { span, base } => Self::error(
                codes::NOT_INDEXABLE,
                "an option has no positions",
                span,
                "take its value with `!` alone",
            )
            .with_label(base, "this is an option: at most one value"),
            CollectionProblem::NotIndexable { found, span } => {
                let message = format!("{} has no elements", found.words());
                let label = "expected a collection: `[]T`, `*T` or `?T`";
                declared(Self::error(codes::NOT_INDEXABLE, message, span, label), &found)
            }
            CollectionProblem::NotIterable { found, span } => {
                let message = match &found.literal {
                    Some(_) => format!("{} cannot be iterated", found.words()),
                    None => format!("`{}` cannot be iterated", found.ty),
                };
                let label = "expected a collection: `[]T`, `*T` or `?T`";
                declared(Self::error(codes::NOT_ITERABLE, message, span, label), &found)
                    .with_help("there is no range syntax yet; iterate over an array")
            }
            CollectionProblem::NotAMap { found, span } => {
                let message =
                    format!("two loop variables need a stream map, found {}", found.words());
                declared(Self::error(codes::NOT_ITERABLE, message, span, "expected a `%T`"), &found)
                    .with_help("use one loop variable")
            }
        }
    }
}

fn declared(diagnostic: Diagnostic, found: &Found) -> Diagnostic {
    match found.declared {
        Some(declared) => diagnostic.with_label(declared, format!("declared `{}` here", found.ty)),
        None => diagnostic,
    }
}
