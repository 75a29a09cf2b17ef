//! Pushing, and declarations of streams.

use aquac_base::{Diagnostic, Edit, Fix, Name, Span};

use crate::codes;

#[derive(Debug)]
pub(crate) enum PushProblem {
    NotAStream {
        name: Name,
        span: Span,
        ty: String,
        /// What it holds, if it is a collection.
        element: Option<String>,
        declared: Span,
        /// What is pushed, where a stream would take something else.
        pushed: &'static str,
    },
    NotALocal {
        name: Name,
        span: Span,
        ty: String,
    },
    NotAStreamType {
        name: Name,
        name_span: Span,
        found: String,
        span: Span,
        data: bool,
    },
    Entry {
        part: &'static str,
        expected: String,
        found: String,
        span: Span,
        declared: Span,
    },
    Result {
        name: Name,
        expected: String,
        found: String,
        span: Span,
        declared: Span,
    },
}

impl From<PushProblem> for Diagnostic {
    fn from(problem: PushProblem) -> Self {
        match problem {
            PushProblem::NotAStream { name, span, ty, element, declared, pushed } => {
                not_a_stream(&name, span, &ty, element.as_deref(), declared, pushed)
            }
            PushProblem::NotALocal { name, span, ty } => Self::error(
                codes::NOT_A_STREAM,
                format!("cannot push into `{name}`: it is `{ty}`"),
                span,
                "not a stream",
            ),
            PushProblem::NotAStreamType { name, name_span, found, span, data } => {
                let message = format!("`{name}` is declared as `{found}`, which is not a stream");
                let label = "only streams are declared without a value";
                let diagnostic = Self::error(codes::NOT_A_STREAM_TYPE, message, span, label);
                let diagnostic = diagnostic.with_label(name_span, "to name a value use `=`");
                if !data {
                    return diagnostic;
                }
                let edit = Edit { span: span.at_start(), text: "*".to_owned() };
                diagnostic
                    .with_help(format!("declare a stream: `{name}: *{found}`"))
                    .with_fix(Fix::Suggested(vec![edit]))
            }
            PushProblem::Entry { part, expected, found, span, declared } => Self::error(
                codes::MISMATCH,
                format!("mismatched {part}: expected `{expected}`, found `{found}`"),
                span,
                format!("the {part} is `{found}`"),
            )
            .with_label(declared, format!("the {part} must be `{expected}`")),
            PushProblem::Result { name, expected, found, span, declared } => Self::error(
                codes::MISMATCH,
                format!("mismatched result: `{name}` holds `{expected}`, found `{found}`"),
                span,
                format!("receives `{found}`"),
            )
            .with_label(declared, format!("this holds `{expected}`")),
        }
    }
}

fn not_a_stream(
    name: &Name,
    span: Span,
    ty: &str,
    element: Option<&str>,
    declared: Span,
    pushed: &'static str,
) -> Diagnostic {
    let is_map = ty.starts_with('%');
    let (message, help) = match (pushed, element) {
        ("a pair", _) => (
            format!("cannot push a pair into `{name}`: it is not a stream map"),
            Some(format!("push one value, or declare it as a map: `{name}: %T`")),
        ),
        (pushed, _) if is_map => (
            format!("cannot push {pushed} into `{name}`: a stream map takes a key and a value"),
            Some(format!("write `{name} <<- key, value`")),
        ),
        (_, Some(of)) => (
            format!("cannot push into `{name}`: it is a read-only array"),
            Some(format!("declare a stream beside it: `more: *{of}`")),
        ),
        (_, None) => (
            format!("cannot push into `{name}`: it is one `{ty}`"),
            Some(format!("declare it as a stream: `{name}: *{ty}`")),
        ),
    };
    let label = if is_map { "a stream map" } else { "not a stream" };
    let diagnostic = Diagnostic::error(codes::NOT_A_STREAM, message, span, label)
        .with_label(declared, format!("declared `{ty}` here"));
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}
