//! A value meets a type that it does not fit.

use aquac_base::{Diagnostic, Edit, Fix, Span};

use super::{Found, Reason};
use crate::codes;

#[derive(Debug)]
pub(crate) enum MismatchProblem {
    /// A collection where one element of it would fit.
    Many {
        span: Span,
        found: Found,
        expected: String,
        /// `stream`, `option`, `array`
        kind: &'static str,
        of: String,
        reason: Reason,
        text: String,
    },
    /// Where `on` goes.
    Peer { span: Span, found: Found, one: Option<&'static str> },
    /// What `via` passes.
    Relay { span: Span, found: Found },
    /// Everything else.
    Other {
        span: Span,
        found: Found,
        expected: String,
        reason: Reason,
        /// A field of the value that fits, and whether it is certain to be meant.
        field: Option<(String, bool)>,
        /// The bracket that would make a collection of the value.
        wrap: Option<&'static str>,
        detail: Option<String>,
        text: String,
        float: bool,
    },
}

impl From<MismatchProblem> for Diagnostic {
    fn from(problem: MismatchProblem) -> Self {
        match problem {
            MismatchProblem::Peer { span, found, one } => peer(span, &found, one),
            MismatchProblem::Relay { span, found } => {
                let message =
                    format!("a relay is a `string` or several of them, found {}", found.words());
                from_declaration(
                    Self::error(codes::PEER_TYPE, message, span, "this names the way"),
                    &found,
                )
            }
            MismatchProblem::Many { .. } => many(problem),
            MismatchProblem::Other { .. } => other(problem),
        }
    }
}

fn peer(span: Span, found: &Found, one: Option<&'static str>) -> Diagnostic {
    let message = format!("a peer id must be a `string`, found {}", found.words());
    let label = "this names the peer to go to";
    let diagnostic =
        from_declaration(Diagnostic::error(codes::PEER_TYPE, message, span, label), found);
    match one {
        Some(kind) => diagnostic
            .with_help(format!("take one id out of the {kind} with `!`, or iterate over it")),
        None => {
            diagnostic.with_help("declare it as `string` (or `PeerId` from the standard library)")
        }
    }
}

fn from_declaration(diagnostic: Diagnostic, found: &Found) -> Diagnostic {
    match found.declared {
        Some(declared) => diagnostic.with_label(declared, format!("declared `{}` here", found.ty)),
        None => diagnostic,
    }
}

fn many(problem: MismatchProblem) -> Diagnostic {
    let MismatchProblem::Many { span, found, expected, kind, of, reason, text } = problem else {
        return problem.into();
    };
    let (message, label) = match kind {
        "stream" => (
            format!("expected one `{expected}`, found a stream of them"),
            format!("`{}`: zero or more values, still growing", found.ty),
        ),
        "option" => (
            format!("expected `{expected}`, found an optional `{}`", found.ty),
            format!("`{}`: there may be no value", found.ty),
        ),
        _ => (
            format!("expected one `{expected}`, found an array of them"),
            format!("`{}`: zero or more values", found.ty),
        ),
    };
    let mut diagnostic = Diagnostic::error(codes::MANY, message, span, label);
    if let Some(place) = reason.span {
        diagnostic = diagnostic.with_label(place, "one value is expected here");
    }
    if let Some(declared) = found.declared.filter(|declared| Some(*declared) != reason.span) {
        let article = if kind == "stream" { "a" } else { "an" };
        diagnostic = diagnostic.with_label(declared, format!("declared as {article} {kind} here"));
    }
    let take = match kind {
        "stream" => format!("take one: `{text}!` waits for the first value"),
        "option" => format!("take it: `{text}!` fails if there is none"),
        _ => format!("take one: `{text}!` is the first, `{text}[i]` any other"),
    };
    let all = match (kind, reason.what) {
        ("stream", "argument") => {
            format!(
                "take all: change the parameter to `[]{of}` and `join` the count you need first"
            )
        }
        ("option", _) => {
            format!("or run the line for the value if there is one: `for x <- {text}:`")
        }
        _ => format!("take all: `for x <- {text}:`"),
    };
    diagnostic.with_help(take).with_help(all)
}

fn other(problem: MismatchProblem) -> Diagnostic {
    let MismatchProblem::Other { span, found, expected, reason, field, wrap, detail, text, float } =
        problem
    else {
        return problem.into();
    };
    let message = if float {
        format!("expected `{expected}`, found {}", found.words())
    } else {
        format!("mismatched {}: expected `{expected}`, found {}", reason.what, found.words())
    };
    let label = match reason.what {
        "argument" => format!("this argument has type `{}`", found.ty),
        _ => format!("this has type `{}`", found.ty),
    };
    let mut diagnostic = Diagnostic::error(codes::MISMATCH, message, span, label);
    diagnostic = match (reason.span, found.declared) {
        (Some(place), _) => diagnostic.with_label(place, why(&reason, &expected)),
        (None, Some(declared)) => {
            diagnostic.with_label(declared, format!("declared `{}` here", found.ty))
        }
        (None, None) => diagnostic,
    };
    if let Some((field, certain)) = field {
        let edit = vec![Edit { span, text: format!("{text}.{field}") }];
        let fix = if certain { Fix::Certain(edit) } else { Fix::Suggested(edit) };
        let help =
            format!("`{}` has a `{expected}` field: did you mean `{text}.{field}`?", found.ty);
        return diagnostic.with_help(help).with_fix(fix);
    }
    if let Some(open) = wrap {
        let wrapped = format!("{open}{text}]");
        let edit = vec![Edit { span, text: wrapped.clone() }];
        let help = format!("write `{wrapped}` to make a collection of it");
        return diagnostic.with_help(help).with_fix(Fix::Suggested(edit));
    }
    match detail {
        Some(detail) => diagnostic.with_help(detail),
        None => diagnostic,
    }
}

/// Why the expected type is expected, at the place that says so.
fn why(reason: &Reason, expected: &str) -> String {
    let article = if expected.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    match reason.what {
        "argument" => {
            let callee = reason.callee.rsplit('.').next().unwrap_or_default();
            format!("`{callee}` expects {article} `{expected}` here")
        }
        "return" => format!("`{expected}` is promised here"),
        "field" => format!("field `{}` is `{expected}`", reason.parameter),
        "push" | "result" => format!("this holds `{expected}`"),
        _ => format!("`{expected}` is expected here"),
    }
}
