//! What can be wrong with names and types, as data, and the diagnostic that each becomes.
//!
//! The checker fills in what it knows at the place of the mistake; the wording lives here.

mod call_text;
mod calls;
mod exports;
mod foreign;
mod literals;
mod members;
mod mismatch;
mod names;
mod operators;
mod services;
mod streams;

use aquac_base::{Diagnostic, Edit, Fix, Name, Span};

use crate::check::FrameKind;

pub(crate) use call_text::CallTextProblem;
pub(crate) use calls::{CallProblem, ReturnProblem};
pub(crate) use exports::{ExportProblem, HeaderProblem};
pub(crate) use foreign::{is_constant, type_meant, value_meant};
pub(crate) use literals::{CollectionProblem, LiteralProblem};
pub(crate) use members::{MemberProblem, TypeProblem};
pub(crate) use mismatch::MismatchProblem;
pub(crate) use names::NameProblem;
pub(crate) use operators::OperatorProblem;
pub(crate) use services::ServiceProblem;
pub(crate) use streams::PushProblem;

/// A candidate that was probably meant.
#[derive(Debug)]
pub(crate) struct Near {
    pub(crate) name: Name,
    /// `variable`, `function`, `service` …
    pub(crate) what: &'static str,
    pub(crate) span: Option<Span>,
}

/// A value that was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) ty: String,
    /// The text of a literal.
    pub(crate) literal: Option<String>,
    /// The declaration of a local.
    pub(crate) declared: Option<Span>,
}

impl Found {
    /// The value in a few words: its text for a literal, its type for others.
    fn words(&self) -> String {
        match &self.literal {
            Some(text) if self.ty == "fraction" => format!("the fraction `{text}`"),
            Some(_) if self.ty == "string" || self.ty == "bool" => format!("a {}", self.ty),
            Some(text) => format!("the number `{text}`"),
            None => format!("`{}`", self.ty),
        }
    }
}

/// Why something else was expected.
#[derive(Debug)]
pub(crate) struct Reason {
    /// `argument`, `return` …
    pub(crate) what: &'static str,
    pub(crate) callee: String,
    pub(crate) parameter: String,
    pub(crate) span: Option<Span>,
}

/// A block that is over and had the name.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    pub(crate) bound: Span,
    pub(crate) kind: FrameKind,
    pub(crate) opened: Option<Span>,
}

/// A name that is never used.
#[derive(Debug)]
pub(crate) struct Unused {
    pub(crate) what: &'static str,
    pub(crate) name: Name,
    pub(crate) span: Span,
    /// For a result: the call without the binding.
    pub(crate) call: Option<String>,
}

/// Adds the label, the help and the fix for a name that was probably meant.
fn suggest(mut diagnostic: Diagnostic, at: Span, near: Option<&Near>) -> Diagnostic {
    let Some(near) = near else { return diagnostic };
    if let Some(span) = near.span {
        let label = match near.what {
            "variable" => "a variable with a similar name is bound here".to_owned(),
            what => format!("{} {what} with a similar name is declared here", article(what)),
        };
        diagnostic = diagnostic.with_label(span, label);
    }
    replace(diagnostic, at, &near.name)
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// "Did you mean", with the fix.
fn replace(diagnostic: Diagnostic, at: Span, name: &str) -> Diagnostic {
    let edit = Edit { span: at, text: name.to_owned() };
    diagnostic.with_help(format!("did you mean `{name}`?")).with_fix(Fix::Certain(vec![edit]))
}

/// `1 argument`, `2 arguments`
fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("{n} {word}") } else { format!("{n} {word}s") }
}
