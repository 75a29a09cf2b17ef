//! What stops a checked program from becoming a workflow.

use aquac_base::{Diagnostic, Name, Span};

use crate::codes::{ARROW_AT_BORDER, NO_VALUE, OUT_OF_RANGE, TOO_LARGE};

/// A problem that shows only when calls are written out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// AQ0313: constants whose result does not fit.
    #[error("`{calculation}` does not fit in 64 bits")]
    Overflow {
        /// The calculation.
        calculation: String,
        /// The expression.
        span: Span,
    },
    /// AQ0313: a calculated constant that does not fit in the type of a parameter.
    #[error("`{value}` does not fit in `{ty}`")]
    DoesNotFit {
        /// The constant.
        value: String,
        /// The parameter's type.
        ty: String,
        /// The argument.
        span: Span,
    },
    /// AQ0801: more nesting than a program may have.
    #[error("this nests deeper than a program may, after calls are written out")]
    TooDeep {
        /// Where it became too much.
        span: Span,
    },
    /// AQ0801: more steps than a program may have.
    #[error("this makes more than {limit} steps, after calls are written out")]
    TooLarge {
        /// How many are allowed.
        limit: u32,
        /// Where it became too much.
        span: Span,
    },
    /// AQ0802: a function that a host or service would have to give or take.
    #[error("functions cannot cross the border to a host or service")]
    ArrowAtBorder {
        /// The call.
        span: Span,
    },
    /// AQ0899: a value that does not exist here; a bug of the compiler if the checker accepted it.
    #[error("`{name}` has no value here")]
    NoValue {
        /// What is missing.
        name: Name,
        /// Where it is read.
        span: Span,
    },
}

impl From<LowerError> for Diagnostic {
    fn from(error: LowerError) -> Self {
        let message = error.to_string();
        match error {
            LowerError::Overflow { span, .. } => {
                Self::error(OUT_OF_RANGE, message, span, "integers have 64 bits")
            }
            LowerError::DoesNotFit { span, ty, .. } => {
                Self::error(OUT_OF_RANGE, message, span, format!("too large for `{ty}`"))
            }
            LowerError::TooDeep { span } => {
                Self::error(TOO_LARGE, message, span, "the deepest level is here")
                    .with_help("split the function, or pass a collection and loop over it")
            }
            LowerError::TooLarge { span, .. } => {
                Self::error(TOO_LARGE, message, span, "the program became too large here")
                    .with_help("loop over a collection instead of repeating a call")
                    .with_note("every call of a function is a copy of its body")
            }
            LowerError::ArrowAtBorder { span } => {
                Self::error(ARROW_AT_BORDER, message, span, "this passes or returns a function")
                    .with_help("pass a value, and let the host call an exported function with it")
            }
            LowerError::NoValue { span, .. } => Self::error(NO_VALUE, message, span, "read here")
                .with_note("this is a mistake of the compiler: please report it"),
        }
    }
}
