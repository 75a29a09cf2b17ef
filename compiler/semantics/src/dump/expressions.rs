//! Expressions on one line, operators in parentheses.

use super::Dump;
use crate::hir::{
    Builtin, Call, Callee, CollectionKind, ExprId, ExprKind, FieldValue, LiteralKind, MapMethod,
};

impl Dump<'_> {
    pub(super) fn expr(&self, id: ExprId) -> String {
        let expr = &self.typed.program.exprs[id];
        match &expr.kind {
            ExprKind::Error => "error".to_owned(),
            ExprKind::Literal(literal) => match literal.kind {
                LiteralKind::String => format!("\"{}\"", literal.text),
                LiteralKind::Bool(_)
                | LiteralKind::Unsigned
                | LiteralKind::Signed
                | LiteralKind::Float => literal.text.to_string(),
            },
            ExprKind::Builtin(builtin) => builtin_name(*builtin).to_owned(),
            ExprKind::Constant(id) => self.typed.program.constants[*id].name.to_string(),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Function(id) => self.typed.program.functions[*id].name.to_string(),
            ExprKind::Service { service, id } => self.service_value(*service, *id),
            ExprKind::Field { base, name } | ExprKind::Member { base, name } => {
                format!("{}.{name}", self.expr(*base))
            }
            ExprKind::Length(base) => format!("{}.length", self.expr(*base)),
            ExprKind::Element { base, index } => {
                format!("{}[{}]", self.expr(*base), self.expr(*index))
            }
            ExprKind::Await { stream, index } => {
                format!("await {}[{}]", self.expr(*stream), self.expr(*index))
            }
            ExprKind::Snapshot(stream) => format!("snapshot({})", self.expr(*stream)),
            ExprKind::Copy { base, fields } => {
                format!("{}.copy({})", self.expr(*base), self.fields(fields))
            }
            ExprKind::Construct(fields) | ExprKind::Ability(fields) => {
                format!("{}({})", self.ty(expr.ty), self.fields(fields))
            }
            ExprKind::Collection { kind, elements } => {
                let sign = match kind {
                    CollectionKind::Array => "",
                    CollectionKind::Option => "?",
                    CollectionKind::Stream => "*",
                };
                format!("{sign}[{}]", self.list(elements))
            }
            ExprKind::Not(operand) => format!("!{}", self.expr(*operand)),
            ExprKind::Binary { operator, float, left, right } => {
                let dot = if *float { "." } else { "" };
                let (left, right) = (self.expr(*left), self.expr(*right));
                format!("({left} {}{dot} {right})", operator.as_str())
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Map { map, method } => self.map(*map, *method),
        }
    }

    fn local(&self, local: crate::hir::LocalId) -> String {
        let local = &self.typed.program.locals[local];
        match local.kind {
            crate::hir::LocalKind::ServiceId => format!("id {}", local.name),
            crate::hir::LocalKind::AbilityParameter
            | crate::hir::LocalKind::Parameter
            | crate::hir::LocalKind::Variable
            | crate::hir::LocalKind::Result
            | crate::hir::LocalKind::Stream
            | crate::hir::LocalKind::Item
            | crate::hir::LocalKind::Fault
            | crate::hir::LocalKind::Closure => local.name.to_string(),
        }
    }

    fn service_value(&self, service: crate::hir::ServiceId, id: ExprId) -> String {
        format!("{}({})", self.typed.program.services[service].name, self.expr(id))
    }

    fn list(&self, values: &[ExprId]) -> String {
        let values: Vec<String> = values.iter().map(|value| self.expr(*value)).collect();
        values.join(", ")
    }

    fn fields(&self, fields: &[FieldValue]) -> String {
        let fields: Vec<String> = fields
            .iter()
            .map(|field| format!("{} = {}", field.name, self.expr(field.value)))
            .collect();
        fields.join(", ")
    }

    fn call(&self, call: &Call) -> String {
        let callee = match &call.callee {
            Callee::Function(id) => self.typed.program.functions[*id].name.to_string(),
            Callee::Local(local) => self.local(*local),
            Callee::Service { service, id, method } => {
                format!("{}.{method}", self.service_value(*service, *id))
            }
            Callee::Member { base, method } => format!("{}.{method}", self.expr(*base)),
        };
        format!("{callee}({})", self.list(&call.arguments))
    }

    fn map(&self, map: ExprId, method: MapMethod) -> String {
        let map = self.expr(map);
        match method {
            MapMethod::Get(key) => format!("{map}.get({})", self.expr(key)),
            MapMethod::GetStream(key) => format!("{map}.getStream({})", self.expr(key)),
            MapMethod::Keys => format!("{map}.keys()"),
            MapMethod::KeysStream => format!("{map}.keysStream()"),
            MapMethod::Contains(key) => format!("{map}.contains({})", self.expr(key)),
        }
    }
}

const fn builtin_name(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::HostPeer => "HOST_PEER_ID",
        Builtin::InitPeer => "INIT_PEER_ID",
        Builtin::Ttl => "PARTICLE_TTL",
        Builtin::Timestamp => "PARTICLE_TIMESTAMP",
        Builtin::LastError => "LAST_ERROR",
    }
}
