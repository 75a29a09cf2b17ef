//! Services: ids, methods, what can be sent to them.

use aquac_base::{Diagnostic, Name, Span};

use crate::codes;

#[derive(Debug)]
pub(crate) enum ServiceProblem {
    NoId { name: Name, span: Span, declared: Span, name_span: Span },
    SameId { id: Name, name: Name, span: Span, first: Name, first_span: Span },
    SeveralResults { name: Name, span: Span },
    NotService { name: Name, what: &'static str, span: Span, declared: Option<Span> },
    CannotSend { what: &'static str, span: Span },
    CannotAnswer { what: &'static str, span: Span },
}

impl From<ServiceProblem> for Diagnostic {
    fn from(problem: ServiceProblem) -> Self {
        match problem {
            ServiceProblem::NoId { name, span, declared, name_span } => {
                let id = name.to_lowercase();
                let message = format!("service `{name}` has no id here");
                let label = format!("which `{name}` should be called?");
                let place = declared.to(name_span);
                Self::error(codes::NO_SERVICE_ID, message, span, label)
                    .with_label(place, "declared without a default id")
                    .with_help(format!("give it a default: `service {name}(\"{id}\"):`"))
                    .with_help(format!("or choose one before the call: `{name} \"{id}\"`"))
                    .with_note("an id chosen inside `on` is valid only in that block")
            }
            ServiceProblem::SameId { id, name, span, first, first_span } => {
                let other = name.to_lowercase();
                let message = format!("two services share the id \"{id}\"");
                Self::warning(codes::SAME_ID, message, span, format!("same id as `{first}`"))
                    .with_label(first_span, "first used here")
                    .with_help(format!("give `{name}` its own id, for example \"{other}\""))
                    .with_note("fine when one service implements both interfaces")
            }
            ServiceProblem::SeveralResults { name, span } => Self::error(
                codes::SEVERAL_RESULTS,
                format!("a service method returns at most one value, `{name}` promises several"),
                span,
                "one result is possible",
            )
            .with_help("return a `data` with a field for each value"),
            ServiceProblem::NotService { name, what, span, declared } => {
                let article = super::article(what);
                let message = format!("`{name}` is {article} {what}, not a service");
                let label = "only services have ids";
                let found = Self::error(codes::NOT_A_SERVICE, message, span, label);
                match declared {
                    Some(declared) => found.with_label(declared, "declared here"),
                    None => found,
                }
            }
            ServiceProblem::CannotAnswer { what, span } => Self::error(
                codes::CANNOT_SEND,
                format!("{what} cannot come from a service"),
                span,
                "services answer with data",
            )
            .with_help("declare the method with the data that the service gives"),
            ServiceProblem::CannotSend { what, span } => Self::error(
                codes::CANNOT_SEND,
                format!("{what} cannot be sent to a service"),
                span,
                "services take data",
            )
            .with_help("call it here and send its result"),
        }
    }
}
