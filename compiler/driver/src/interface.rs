//! What a program asks of services, for those who configure them.

use aquac_semantics::hir::{ExprKind, LiteralKind, Service};

use crate::passes::Checked;

/// A function of a service whose id is known when the program is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFunction {
    /// The service's id.
    pub service: String,
    /// The function's name.
    pub name: String,
    /// The names of its parameters, in order.
    pub parameters: Vec<String>,
}

impl Checked {
    /// The functions of every service that is declared with an id.
    pub fn service_functions(&self) -> impl Iterator<Item = ServiceFunction> {
        self.typed.program.services.iter().flat_map(|(_, service)| {
            let id = self.default_id(service);
            let record = self.typed.types.record(service.record);
            id.into_iter().flat_map(move |id| {
                record.fields.iter().map(move |field| ServiceFunction {
                    service: id.to_owned(),
                    name: field.name.to_string(),
                    parameters: field.parameters.iter().map(|note| note.name.to_string()).collect(),
                })
            })
        })
    }

    fn default_id(&self, service: &Service) -> Option<&str> {
        let exprs = &self.typed.program.exprs;
        let mut expr = &exprs[service.default_id?];
        // A constant's value may be another constant; each was declared before the next, so the
        // chain ends.
        while let ExprKind::Constant(constant) = expr.kind {
            expr = &exprs[self.typed.program.constants[constant].value];
        }
        if let ExprKind::Literal(literal) = &expr.kind
            && literal.kind == LiteralKind::String
        {
            return Some(&literal.text);
        }
        None
    }
}
