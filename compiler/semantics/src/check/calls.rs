//! Calls: of functions, of methods, of stream maps' methods, and calls as statements.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::arguments::{Callable, Origin};
use super::convert::{Why, WhyKind};
use super::names::Wanted;
use super::repeats::Same;
use crate::error::{CallProblem, ServiceProblem};
use crate::hir::{Call, Callee, Definition, ExprId, ExprKind, MapMethod, ServiceId};
use crate::types::{Scalar, Type, TypeId};

impl<'a> Checker<'a> {
    /// `f(x)`
    pub(super) fn function_call(&mut self, call: &'a ast::Call, span: Span) -> ExprId {
        let callee = self.name_expr(&call.name.name, call.name.span, Wanted::Function);
        self.call_value(callee, call, span)
    }

    /// Calls a value that was found under a name.
    pub(super) fn call_value(&mut self, callee: ExprId, call: &'a ast::Call, span: Span) -> ExprId {
        let ty = self.ty(callee);
        let Type::Arrow(arrow) = self.types.get(ty) else {
            self.loose_call(call);
            if !self.types.is_error(ty) {
                let found = self.found(callee);
                let name = call.name.name.clone();
                self.report(CallProblem::NotCallable { name, found, span: call.name.span });
            }
            return self.error_expr(span);
        };
        let kind = &self.program.exprs[callee].kind;
        let callee = if let ExprKind::Function(id) = kind {
            Callee::Function(*id)
        } else if let ExprKind::Local(local) = kind {
            Callee::Local(*local)
        } else {
            return self.error_expr(span);
        };
        let origin = self.origin(&callee);
        let callable = Callable { name: &call.name.name, arrow, origin };
        self.call_with(callee, callable, call, span)
    }

    fn call_with(
        &mut self,
        callee: Callee,
        callable: Callable<'a>,
        call: &'a ast::Call,
        span: Span,
    ) -> ExprId {
        let host = matches!(callee, Callee::Service { .. });
        let arguments = self.arguments(callable, call, host);
        let results = self.types.arrow(callable.arrow).results.clone();
        if host {
            self.check_answer(&self.callable_name(callable), &results, span);
        }
        let ty = results.first().copied().unwrap_or(self.types.error());
        self.add(ExprKind::Call(Box::new(Call { callee, arguments, results })), ty, span)
    }

    /// What comes from a service is data.
    fn check_answer(&mut self, callee: &str, results: &[TypeId], span: Span) {
        let what = results.iter().find_map(|ty| self.types.beside_data(*ty));
        let Some(what) = what else { return };
        let same = Same::Answer(self.symbols.of(&Name::new(callee)));
        if !self.shown_before(same, span) {
            self.report(ServiceProblem::CannotAnswer { what, span });
        }
    }

    /// `base.method(x)`
    pub(super) fn method_call(&mut self, base: ExprId, call: &'a ast::Call, span: Span) -> ExprId {
        match self.types.get(self.ty(base)) {
            Type::Error => {
                self.loose_call(call);
                self.error_expr(span)
            }
            Type::Service(record) | Type::Ability(record) => {
                let Some(ty) = self.find_member(record, &call.name) else {
                    self.loose_call(call);
                    return self.no_member(base, &call.name, span, true);
                };
                self.member_call(base, record, ty, call, span)
            }
            Type::Map(of) => self.map_call(base, of, call, span),
            Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Data(_)
            | Type::Arrow(_) => {
                self.loose_call(call);
                self.no_member(base, &call.name, span, true)
            }
        }
    }

    fn member_call(
        &mut self,
        base: ExprId,
        record: crate::types::RecordId,
        ty: TypeId,
        call: &'a ast::Call,
        span: Span,
    ) -> ExprId {
        let Type::Arrow(arrow) = self.types.get(ty) else {
            self.loose_call(call);
            if !self.types.is_error(ty) {
                let found =
                    crate::error::Found { ty: self.show(ty), literal: None, declared: None };
                let name = call.name.name.clone();
                self.report(CallProblem::NotCallable { name, found, span: call.name.span });
            }
            return self.error_expr(span);
        };
        let method = call.name.name.clone();
        let origin = Origin::Member(record);
        let callable = Callable { name: &call.name.name, arrow, origin };
        let kind = &self.program.exprs[base].kind;
        let callee = if let ExprKind::Service { service, id } = kind {
            Callee::Service { service: *service, id: *id, method }
        } else {
            Callee::Member { base, method }
        };
        self.call_with(callee, callable, call, span)
    }

    /// `map.get(key)` and its siblings.
    fn map_call(&mut self, map: ExprId, of: TypeId, call: &'a ast::Call, span: Span) -> ExprId {
        let takes_key = match call.name.name.as_str() {
            "get" | "getStream" | "contains" => true,
            "keys" | "keysStream" => false,
            _ => {
                self.loose_call(call);
                return self.no_member(map, &call.name, span, true);
            }
        };
        let string = self.string();
        let domain: &[TypeId] = if takes_key { &[string] } else { &[] };
        let ty = self.types.function(domain, &[]);
        let Type::Arrow(arrow) = self.types.get(ty) else { return self.error_expr(span) };
        let callable = Callable { name: &call.name.name, arrow, origin: Origin::Unknown };
        let arguments = self.arguments(callable, call, false);
        let (method, ty) = match (call.name.name.as_str(), arguments.first().copied()) {
            ("get", Some(key)) => (MapMethod::Get(key), self.types.array(of)),
            ("getStream", Some(key)) => (MapMethod::GetStream(key), self.types.stream(of)),
            ("contains", Some(key)) => (MapMethod::Contains(key), self.types.scalar(Scalar::Bool)),
            ("keys", None) => (MapMethod::Keys, self.types.array(string)),
            ("keysStream", None) => (MapMethod::KeysStream, self.types.stream(string)),
            (_, Some(_) | None) => return self.error_expr(span),
        };
        self.add(ExprKind::Map { map, method }, ty, span)
    }

    /// Says that a service is used where nothing gives its id.
    pub(super) fn report_no_id(&mut self, service: ServiceId, span: Span) {
        let service = &self.program.services[service];
        let (name, declared) = (service.name.clone(), service.span);
        let name_span = service.name_span;
        self.report(ServiceProblem::NoId { name, span, declared, name_span });
    }

    /// What a call calls, and where its results are declared.
    pub(super) fn describe_call(&self, call: ExprId) -> (String, Option<Span>) {
        let ExprKind::Call(call) = &self.program.exprs[call].kind else {
            return (String::new(), None);
        };
        match &call.callee {
            Callee::Function(id) => {
                let function = &self.program.functions[*id];
                (function.name.to_string(), Some(function.results_span.unwrap_or(function.span)))
            }
            Callee::Local(local) => {
                let local = self.local(*local);
                (local.name.to_string(), Some(local.declaration))
            }
            Callee::Service { service, method, .. } => {
                let service = &self.program.services[*service];
                let field = self.types.record(service.record).field(method);
                (format!("{}.{method}", service.name), field.and_then(|field| field.span))
            }
            Callee::Member { base, method } => {
                let record = self.types.named(self.ty(*base));
                let field = record.and_then(|record| self.types.record(record).field(method));
                let text = self.text(self.span(*base));
                (format!("{text}.{method}"), field.and_then(|field| field.span))
            }
        }
    }

    /// `Name "id"`
    pub(super) fn service_id(
        &mut self,
        path: &'a ast::Path,
        id: &'a ast::Expression,
        span: Span,
    ) -> crate::hir::StmtKind {
        use super::scope::TypeNameKind;
        use super::typenames::Found;
        let value = self.expr(id);
        let string = self.string();
        let value = self.convert(value, string, Why::plain(WhyKind::ServiceId));
        let found = self.find_type(&path.name);
        let service = match found {
            Found::Type(ty) => match ty.kind {
                TypeNameKind::Service(service) => Some(service),
                TypeNameKind::Error => None,
                TypeNameKind::Data | TypeNameKind::Ability | TypeNameKind::Alias => {
                    let (name, what) = (path.name.clone(), super::suggest::word(ty.kind));
                    let declared = ty.span;
                    self.report(ServiceProblem::NotService {
                        name,
                        what,
                        span: path.span,
                        declared,
                    });
                    None
                }
            },
            Found::Unread => None,
            Found::Nothing => {
                let value = self.name_expr(&path.name, path.span, Wanted::Qualifier);
                if !self.types.is_error(self.ty(value)) {
                    let (name, declared) = (path.name.clone(), self.found(value).declared);
                    let (what, span) = ("value", path.span);
                    self.report(ServiceProblem::NotService { name, what, span, declared });
                }
                None
            }
        };
        let Some(service) = service else {
            return crate::hir::StmtKind::Error(crate::hir::Block::default());
        };
        self.refer(path.span, Definition::Service(service));
        let local = self.service_id_local(service, &path.name, span);
        let symbol = self.symbols.of(&path.name);
        self.scope.set_service_id(symbol, local);
        crate::hir::StmtKind::ServiceId { service, local, id: value }
    }

    fn service_id_local(
        &mut self,
        service: ServiceId,
        spelled: &Name,
        span: Span,
    ) -> crate::hir::LocalId {
        let _ = service;
        let function = *self.function.stack.last().expect("statements are in functions");
        self.program.locals.add(crate::hir::Local {
            name: spelled.clone(),
            span,
            declaration: span,
            ty: self.string(),
            kind: crate::hir::LocalKind::ServiceId,
            function,
            used: true,
        })
    }
}
