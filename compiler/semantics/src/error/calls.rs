//! Calls: what can be called, with how many values, and what comes back.

use aquac_base::{Diagnostic, Edit, Fix, Name, Span};

use super::{Found, count};
use crate::codes;

#[derive(Debug)]
pub(crate) enum CallProblem {
    NotACall {
        span: Span,
        found: Found,
        /// It is a method of a stream map.
        map: bool,
        /// It is a method that is named.
        member: bool,
        /// Number of parameters, if it is a function.
        parameters: Option<usize>,
        text: String,
        /// For `a, b <- …`: the names, the place up to the `<-`, the `<-`, how many names.
        bind: Option<(String, Span, Span, usize)>,
    },
    NotCallable {
        name: Name,
        found: Found,
        span: Span,
    },
    ArgumentCount {
        callee: String,
        span: Span,
        /// Name, type and place of each parameter.
        wanted: Vec<(String, String, Option<Span>)>,
        /// The text of each argument.
        given: Vec<String>,
    },
    ResultCount {
        callee: String,
        span: Span,
        extra: Vec<Name>,
        results: usize,
        bound: usize,
        declared: Option<Span>,
    },
    NothingToBind {
        callee: String,
        span: Span,
        declared: Option<Span>,
        bound: Option<Span>,
    },
    MethodNotCalled {
        name: Name,
        span: Span,
        method: Span,
        text: String,
    },
}

impl From<CallProblem> for Diagnostic {
    fn from(problem: CallProblem) -> Self {
        match problem {
            CallProblem::NotACall { .. } => not_a_call(problem),
            CallProblem::NotCallable { name, found, span } => {
                let message = format!("`{name}` is {}, not a function", found.words());
                let diagnostic =
                    Self::error(codes::NOT_CALLABLE, message, span, "cannot be called");
                match found.declared {
                    Some(declared) => {
                        diagnostic.with_label(declared, format!("declared `{}` here", found.ty))
                    }
                    None => diagnostic,
                }
            }
            CallProblem::ArgumentCount { callee, span, wanted, given } => {
                argument_count(&callee, span, &wanted, &given)
            }
            CallProblem::ResultCount { callee, span, extra, results, bound, declared } => {
                let names: Vec<String> = extra.iter().map(|name| format!("`{name}`")).collect();
                let list = names.join(", ");
                let has = if extra.len() == 1 { "has" } else { "have" };
                let message =
                    format!("`{callee}` returns {}, {bound} are bound", count(results, "value"));
                let label = format!("{list} {has} no value");
                let mut found = Self::error(codes::COUNT, message, span, label);
                if let Some(declared) = declared {
                    let label = match results {
                        1 => "one result is declared here".to_owned(),
                        2 => "two results are declared here".to_owned(),
                        n => format!("{n} results are declared here"),
                    };
                    found = found.with_label(declared, label);
                }
                found.with_help(format!("drop {list}"))
            }
            CallProblem::NothingToBind { callee, span, declared, bound } => {
                let message = format!("`{callee}` returns nothing, so there is nothing to bind");
                let mut found = Self::error(codes::NOTHING, message, span, "returns nothing");
                if let Some(declared) = declared {
                    found = found.with_label(declared, "no result is declared here");
                }
                match bound {
                    Some(bound) => {
                        let edit = Edit { span: bound.to(span.at_start()), text: String::new() };
                        found
                            .with_help("drop the binding to keep the call")
                            .with_fix(Fix::Suggested(vec![edit]))
                    }
                    None => found,
                }
            }
            CallProblem::MethodNotCalled { name, span, method, text } => Self::warning(
                codes::METHOD_NOT_CALLED,
                format!("`{name}` names the method, it does not call it"),
                method,
                "not called",
            )
            .with_label(span, "never used")
            .with_help(format!("call it: `{name} <- {text}(…)`")),
        }
    }
}

fn not_a_call(problem: CallProblem) -> Diagnostic {
    let CallProblem::NotACall { span, found, map, member, parameters, text, bind } = problem else {
        return problem.into();
    };
    if let Some(parameters) = parameters {
        let what = if member { "method" } else { "function" };
        let message = format!("this names a {what} but does not call it");
        let missing = if parameters == 0 { "missing `()`" } else { "missing its arguments" };
        let diagnostic = Diagnostic::error(codes::NOT_A_CALL, message, span, missing);
        if parameters > 0 {
            return diagnostic.with_help(format!("write `{text}(…)`"));
        }
        let edit = Edit { span: span.at_end(), text: "()".to_owned() };
        return diagnostic
            .with_help(format!("write `{text}()`"))
            .with_fix(Fix::Certain(vec![edit]));
    }
    let words = if map { "a method of a stream map".to_owned() } else { describe(&found) };
    let Some((names, line, arrow, targets)) = bind else {
        let message = format!("a line by itself must be a call, found {words}");
        return Diagnostic::error(codes::NOT_A_CALL, message, span, "this value is not used")
            .with_help(format!("to name it use `=`: `name = {text}`"));
    };
    let message = format!("`<-` needs a call on its right, found {words}");
    let label = if map { "this reads the map" } else { "this is a value, not a call" };
    let diagnostic = Diagnostic::error(codes::NOT_A_CALL, message, span, label)
        .with_label(line, "`<-` runs a call and binds its result");
    if targets != 1 {
        return diagnostic.with_help("to name a value use `=`, one name for each");
    }
    let edit = Edit { span: arrow, text: "=".to_owned() };
    diagnostic
        .with_help(format!("to name a value use `=`: `{names} = {text}`"))
        .with_fix(Fix::Certain(vec![edit]))
}

fn describe(found: &Found) -> String {
    if found.literal.is_some() || found.ty == "string" || found.ty == "bool" {
        return match found.ty.as_str() {
            "string" | "bool" => format!("a {}", found.ty),
            _ => found.words(),
        };
    }
    found.words()
}

fn argument_count(
    callee: &str,
    span: Span,
    wanted: &[(String, String, Option<Span>)],
    given: &[String],
) -> Diagnostic {
    let message =
        format!("`{callee}` takes {}, {} given", count(wanted.len(), "argument"), given.len());
    let named = |(name, ty, _): &(String, String, Option<Span>)| {
        if name.is_empty() { format!("of type `{ty}`") } else { format!("`{name}: {ty}`") }
    };
    let missing: Vec<String> = wanted.iter().skip(given.len()).map(named).collect();
    let label = match missing.len() {
        0 => "not expected".to_owned(),
        1 => format!("argument {} is missing", missing.join("")),
        _ => format!("arguments {} are missing", missing.join(", ")),
    };
    let mut found = Diagnostic::error(codes::COUNT, message, span, label);
    let place = wanted.get(given.len()).or(wanted.last()).and_then(|(_, _, place)| *place);
    if let Some(place) = place {
        found = found.with_label(place, "declared here");
    }
    let names = wanted.iter().map(|(name, ty, _)| if name.is_empty() { ty } else { name });
    let full: Vec<&str> = given
        .iter()
        .map(String::as_str)
        .chain(names.map(String::as_str).skip(given.len()))
        .take(wanted.len())
        .collect();
    found.with_help(format!("write `{callee}({})`", full.join(", ")))
}

#[derive(Debug)]
pub(crate) enum ReturnProblem {
    Missing {
        name: Name,
        span: Span,
        promised: String,
        last: Span,
        /// A name with the promised type.
        candidate: Option<Name>,
        /// The indentation of a new last line, if one can be put behind `last`.
        insert: Option<String>,
    },
    NothingPromised {
        span: Span,
        signature: Span,
        ty: String,
    },
    Count {
        span: Span,
        wanted: usize,
        given: usize,
        promised: Span,
    },
    Second {
        span: Span,
        first: Span,
    },
}

impl From<ReturnProblem> for Diagnostic {
    fn from(problem: ReturnProblem) -> Self {
        match problem {
            ReturnProblem::Missing { name, span, promised, last, candidate, insert } => {
                let message = format!("`{name}` promises `{promised}` but returns nothing");
                let found = Self::error(codes::NO_RETURN, message, span, "this result is promised")
                    .with_label(last, "the body ends here, without `<- ...`");
                let Some(candidate) = candidate else {
                    return found.with_help("add a last line `<- value`, or drop the result");
                };
                let found = found.with_help(format!(
                    "add `<- {candidate}` as the last line: it has the promised type"
                ));
                let Some(indent) = insert else { return found };
                let text = format!("\n{indent}<- {candidate}");
                found.with_fix(Fix::Certain(vec![Edit { span: last.at_end(), text }]))
            }
            ReturnProblem::NothingPromised { span, signature, ty } => {
                let message = "this function returns a value but promises none";
                let found = Self::error(codes::NO_RETURN, message, span, "not promised")
                    .with_label(signature, "no result is declared here");
                let edit = Edit { span: signature.at_end(), text: format!(" -> {ty}") };
                found
                    .with_help(format!("declare the result: `-> {ty}`"))
                    .with_fix(Fix::Suggested(vec![edit]))
            }
            ReturnProblem::Count { span, wanted, given, promised } => {
                let message = format!(
                    "{} promised, {given} returned",
                    if wanted == 1 {
                        "1 result is".to_owned()
                    } else {
                        format!("{wanted} results are")
                    }
                );
                let label = if given < wanted { "a value is missing here" } else { "too many" };
                Self::error(codes::COUNT, message, span, label)
                    .with_label(promised, "promised here")
            }
            ReturnProblem::Second { span, first } => Self::error(
                codes::NO_RETURN,
                "a function returns once",
                span,
                "a second return line",
            )
            .with_label(first, "the first one")
            .with_help("return several values on one line: `<- a, b`"),
        }
    }
}
