//! Operators and what they work on.

use aquac_base::{Diagnostic, Span};
use aquac_syntax::ast::BinaryOperator;

use super::Found;
use crate::codes;

#[derive(Debug)]
pub(crate) enum OperatorProblem {
    Incomparable {
        span: Span,
        left: Found,
        right: Found,
    },
    Operand {
        operator: BinaryOperator,
        span: Span,
        /// The operand that is wrong.
        wrong: Span,
        found: Found,
        /// Both operands are wrong in the same way.
        both: bool,
        /// An operand is a string.
        strings: bool,
        text: (String, String),
    },
    WideResult {
        operator: Span,
        span: Span,
        left: String,
        right: String,
    },
}

impl From<OperatorProblem> for Diagnostic {
    fn from(problem: OperatorProblem) -> Self {
        match problem {
            OperatorProblem::Incomparable { span, left, right } => {
                let message = format!("cannot compare `{}` with `{}`", left.ty, right.ty);
                let label = "these types have no values in common";
                let mut found = Self::error(codes::INCOMPARABLE, message, span, label);
                for side in [left, right] {
                    if let Some(declared) = side.declared {
                        found = found.with_label(declared, format!("`{}`", side.ty));
                    }
                }
                found
            }
            OperatorProblem::Operand { .. } => operand(problem),
            OperatorProblem::WideResult { operator, span, left, right } => Self::warning(
                codes::WIDE_RESULT,
                format!("no number type holds both `{left}` and `{right}`; `i64` is used"),
                operator,
                "the result may not fit",
            )
            .with_label(span, format!("`{left}` and `{right}`"))
            .with_help("make both operands signed or both unsigned"),
        }
    }
}

fn operand(problem: OperatorProblem) -> Diagnostic {
    let OperatorProblem::Operand { operator, span, wrong, found, both, strings, text } = problem
    else {
        return problem.into();
    };
    let sign = operator.as_str();
    if operator == BinaryOperator::Add && strings {
        let (left, right) = text;
        let message = "`+` adds numbers; strings are joined by a service";
        return Diagnostic::error(codes::OPERAND, message, span, "operands are `string`")
            .with_help(format!(
                "write `concat({}, {})`, with `import concat from \"aqua/texts.aqua\"` from the \
                 standard library",
                left.trim(),
                right.trim()
            ));
    }
    let (verb, kind) = works_on(operator);
    let message = format!("`{sign}` {verb} {kind}, found {}", found.words());
    let (place, label) = if both {
        (span, format!("operands are `{}`", found.ty))
    } else {
        (wrong, format!("this is `{}`", found.ty))
    };
    let diagnostic = Diagnostic::error(codes::OPERAND, message, place, label);
    let diagnostic = match found.declared {
        Some(declared) => diagnostic.with_label(declared, format!("declared `{}` here", found.ty)),
        None => diagnostic,
    };
    match (operator, found.ty.as_str()) {
        (_, "f32" | "f64" | "fraction") => {
            diagnostic.with_note("fractions can only be compared with `==` and multiplied")
        }
        (_, _) => diagnostic,
    }
}

const fn works_on(operator: BinaryOperator) -> (&'static str, &'static str) {
    match operator {
        BinaryOperator::Or | BinaryOperator::And => ("combines", "bools"),
        BinaryOperator::Equal | BinaryOperator::NotEqual => ("compares", "values"),
        BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual => ("compares", "whole numbers"),
        BinaryOperator::Add => ("adds", "whole numbers"),
        BinaryOperator::Subtract => ("subtracts", "whole numbers"),
        BinaryOperator::Multiply => ("multiplies", "numbers"),
        BinaryOperator::Divide | BinaryOperator::Remainder => ("divides", "whole numbers"),
        BinaryOperator::Power => ("raises", "a whole number to an unsigned one"),
    }
}
