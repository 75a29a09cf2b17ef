//! What a module shows to other modules and to the host.

use aquac_base::{Diagnostic, Name, Span};

use super::{Near, replace, suggest};
use crate::codes;

#[derive(Debug)]
pub(crate) enum HeaderProblem {
    NotDeclared { name: Name, span: Span, module: Name, near: Option<Name>, exists: Option<Span> },
    DeclaresUnknown { name: Name, span: Span, near: Option<Near> },
}

impl From<HeaderProblem> for Diagnostic {
    fn from(problem: HeaderProblem) -> Self {
        match problem {
            HeaderProblem::NotDeclared { name, span, module, near, exists } => {
                let message = format!("module `{module}` does not declare `{name}`");
                let found =
                    Self::error(codes::NOT_DECLARED, message, span, "not visible from here");
                match (exists, near) {
                    (Some(exists), _) => found
                        .with_label(exists, "it exists here, but only inside its module")
                        .with_help(format!("add `{name}` to the `declares` list of `{module}`")),
                    (None, Some(near)) => replace(found, span, &near),
                    (None, None) => found,
                }
            }
            HeaderProblem::DeclaresUnknown { name, span, near } => {
                let message = format!("cannot declare `{name}`: the module has no such thing");
                let label = "not defined in this file or its imports";
                let found = Self::error(codes::DECLARES_UNKNOWN, message, span, label);
                suggest(found, span, near.as_ref())
            }
        }
    }
}

#[derive(Debug)]
pub(crate) enum ExportProblem {
    Unknown { name: Name, span: Span, near: Option<Near> },
    CannotCross { name: Name, span: Span, place: Span, why: String },
    Ability { name: Name, span: Span, declared: Option<Span> },
    Twice { name: Name, span: Span, first: Span },
    DottedName { name: Name, span: Span, renamed: bool },
    Nothing { header: Span, name: Name, declared: Span },
}

impl From<ExportProblem> for Diagnostic {
    fn from(problem: ExportProblem) -> Self {
        match problem {
            ExportProblem::Unknown { name, span, near } => {
                let message = format!("cannot export `{name}`: no such function");
                let label = "not declared in this file or its imports";
                let found = Self::error(codes::EXPORT_UNKNOWN, message, span, label);
                suggest(found, span, near.as_ref())
            }
            ExportProblem::CannotCross { name, span, place, why } => {
                let message = format!("`{name}` cannot be exported: {why}");
                let what = why.split_once(' ').and_then(|(_, rest)| rest.split_once(' '));
                let what = what.map_or("this", |(_, what)| what);
                let label = format!("a caller outside Aqua cannot {} {what}", verb(&why));
                Self::error(codes::EXPORT_TYPE, message, place, label)
                    .with_label(span, "exported here")
                    .with_help("return data, or take a callback argument: `cb: u32 -> ()`")
            }
            ExportProblem::Ability { name, span, declared } => {
                let message = format!("`{name}` cannot be exported: it is an ability");
                let label = "only functions and services can be exported";
                let found = Self::error(codes::EXPORT_TYPE, message, span, label);
                match declared {
                    Some(declared) => found.with_label(declared, "declared here"),
                    None => found,
                }
            }
            ExportProblem::Twice { name, span, first } => Self::error(
                codes::EXPORT_TWICE,
                format!("`{name}` is exported twice"),
                span,
                "the same public name",
            )
            .with_label(first, "first exported here")
            .with_help(format!("give one another name: `{name} as other`")),
            ExportProblem::DottedName { name, span, renamed } => {
                let message = format!("`{name}` needs a simple public name");
                let label = "hosts call functions by one name without dots";
                let last = name.rsplit('.').next().unwrap_or_default().to_owned();
                let found = Self::error(codes::EXPORT_DOTTED, message, span, label);
                let help = if renamed {
                    format!("write `as {last}`")
                } else {
                    format!("write `{name} as {last}`")
                };
                found.with_help(help)
            }
            ExportProblem::Nothing { header, name, declared } => Self::warning(
                codes::NOTHING_EXPORTED,
                "nothing in this file is exported",
                header,
                "no `export` line follows",
            )
            .with_label(declared, "this function will not be in the output")
            .with_help(format!("add `export {name}`"))
            .with_note("`aquac run` can call it without an export; `aquac build` writes nothing"),
        }
    }
}

fn verb(why: &str) -> &'static str {
    if why.starts_with("it returns") { "receive" } else { "give" }
}
