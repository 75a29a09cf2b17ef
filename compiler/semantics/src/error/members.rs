//! Fields, methods, constructors, and types that cannot stand somewhere.

use aquac_base::{Diagnostic, Edit, Fix, Name, Span};

use super::{Found, replace};
use crate::codes;

#[derive(Debug)]
pub(crate) enum TypeProblem {
    NotData { found: String, span: Span, place: &'static str },
    TooDeep { span: Span },
    TooLong { span: Span, limit: usize },
}

impl From<TypeProblem> for Diagnostic {
    fn from(problem: TypeProblem) -> Self {
        match problem {
            TypeProblem::NotData { found, span, place } => Self::error(
                codes::NOT_DATA,
                format!("{place} holds data, `{found}` is none"),
                span,
                "cannot be stored or sent",
            ),
            TypeProblem::TooLong { span, limit } => Self::error(
                codes::TOO_DEEP,
                "too many steps after one value",
                span,
                format!("more than {limit}"),
            )
            .with_help("give a part of it a name with `=`"),
            TypeProblem::TooDeep { span } => Self::error(
                codes::TOO_DEEP,
                "this type nests too deep",
                span,
                format!("more than {} levels", crate::MAX_TYPE_DEPTH),
            ),
        }
    }
}

#[derive(Debug)]
pub(crate) enum MemberProblem {
    Missing {
        ty: String,
        /// `service`, `ability`, or empty for other types.
        kind: &'static str,
        name: Name,
        span: Span,
        name_span: Span,
        method: bool,
        near: Option<Name>,
        declared: Option<Span>,
        members: Vec<Name>,
    },
    CopyOfOther {
        found: Found,
        span: Span,
    },
    CannotConstruct {
        name: Name,
        what: String,
        span: Span,
        declared: Option<Span>,
    },
    GivenTwice {
        name: Name,
        span: Span,
        first: Span,
    },
    ExtraField {
        ty: Name,
        name: Name,
        span: Span,
    },
    MissingFields {
        ty: Name,
        span: Span,
        missing: Vec<(Name, Option<Span>)>,
        wrong: Option<(Name, Span)>,
        near: Option<Name>,
    },
}

impl From<MemberProblem> for Diagnostic {
    fn from(problem: MemberProblem) -> Self {
        match problem {
            MemberProblem::Missing {
                ty,
                kind,
                name,
                span,
                name_span,
                method,
                near,
                declared,
                members,
            } => {
                let what = if method { "method" } else { "field" };
                let owner =
                    if kind.is_empty() { format!("`{ty}`") } else { format!("{kind} `{ty}`") };
                let message = format!("{owner} has no {what} `{name}`");
                let code = if method { codes::UNKNOWN_METHOD } else { codes::UNKNOWN_FIELD };
                let mut found = Self::error(code, message, span, format!("no such {what}"));
                if let Some(declared) = declared {
                    let label = format!("the closest {what} is declared here");
                    found = found.with_label(declared, label);
                }
                match near {
                    Some(near) => replace(found, name_span, &near),
                    None => list_members(found, &members),
                }
            }
            MemberProblem::CopyOfOther { found, span } => Self::error(
                codes::CANNOT_CONSTRUCT,
                format!("`copy` is for `data`, found {}", found.words()),
                span,
                "not a struct",
            ),
            MemberProblem::CannotConstruct { name, what, span, declared } => {
                let message = format!("`{name}` cannot be built: it is {what}");
                let label = "only `data` and abilities have fields to give";
                let found = Self::error(codes::CANNOT_CONSTRUCT, message, span, label);
                match declared {
                    Some(declared) => found.with_label(declared, "declared here"),
                    None => found,
                }
            }
            MemberProblem::GivenTwice { name, span, first } => Self::error(
                codes::TAKEN,
                format!("field `{name}` is given twice"),
                span,
                "given again",
            )
            .with_label(first, "first given here"),
            MemberProblem::ExtraField { ty, name, span } => Self::warning(
                codes::EXTRA_FIELD,
                format!("`{ty}` has no field `{name}`; the value is ignored"),
                span,
                "no such field",
            )
            .with_help("drop it"),
            MemberProblem::MissingFields { ty, span, missing, wrong, near } => {
                missing_fields(&ty, span, &missing, wrong, near)
            }
        }
    }
}

fn list_members(diagnostic: Diagnostic, members: &[Name]) -> Diagnostic {
    const MOST: usize = 8;
    if members.is_empty() {
        return diagnostic;
    }
    let names: Vec<String> = members.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = if members.len() > MOST { " …" } else { "" };
    diagnostic.with_help(format!("there is {}{more}", names.join(", ")))
}

fn missing_fields(
    ty: &Name,
    span: Span,
    missing: &[(Name, Option<Span>)],
    wrong: Option<(Name, Span)>,
    near: Option<Name>,
) -> Diagnostic {
    let names: Vec<String> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (fields, are) = if missing.len() == 1 { ("field", "is") } else { ("fields", "are") };
    let list = names.join(", ");
    let mut found = match &wrong {
        Some((wrong, place)) => Diagnostic::error(
            codes::MISSING_FIELDS,
            format!("`{ty}` is built with `{wrong}`; {fields} {list} {are} missing"),
            *place,
            "no such field",
        ),
        None => Diagnostic::error(
            codes::MISSING_FIELDS,
            format!("`{ty}` is built without {list}"),
            span,
            format!("{fields} {list} {are} missing"),
        ),
    };
    let blamed = near.as_ref();
    let shown = missing.iter().find(|(name, _)| blamed.is_none_or(|near| near == name));
    if let Some((_, Some(declared))) = shown {
        found = found.with_label(*declared, "this field has no value");
    }
    match (near, wrong) {
        (Some(near), Some((_, place))) => {
            let edit = Edit { span: place, text: near.to_string() };
            found.with_help(format!("did you mean `{near}`?")).with_fix(Fix::Certain(vec![edit]))
        }
        (None | Some(_), _) => {
            let first = missing.first().map_or("", |(name, _)| name.as_str());
            found.with_help(format!("add `{first} = …`"))
        }
    }
}
