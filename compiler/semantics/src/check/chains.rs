//! A value and the steps after it; names with dots are found by trying.
//!
//! The order for `A.B.c(…)`: the longest prefix that is a used module, with the name behind it;
//! else the head as a value (variable, constant, function, service), then member by member.

use std::rc::Rc;

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::names::Wanted;
use super::parts::Parts;
use super::repeats::Same;
use super::scope::{TypeNameKind, Value};
use crate::error::{CallProblem, MemberProblem, NameProblem, TypeProblem};
use crate::hir::{Definition, ExprId, ExprKind, FieldValue};
use crate::types::{RecordId, Scalar, Type};

/// Steps after one value; each nests the result one level deeper. More are reported.
const MAX_STEPS: usize = 200;

impl<'a> Checker<'a> {
    pub(super) fn chain(&mut self, chain: &'a ast::Chain, span: Span) -> ExprId {
        let (mut base, rest) = match self.qualified(chain) {
            Some(found) => found,
            None => (self.head(chain), chain.steps.as_slice()),
        };
        let start = chain.head.span;
        if rest.len() > MAX_STEPS {
            self.report(TypeProblem::TooLong { span, limit: MAX_STEPS });
            return self.error_expr(span);
        }
        for (at, step) in rest.iter().enumerate() {
            let last = at + 1 == rest.len();
            let so_far = if last { span } else { start.to(step.span()) };
            if let ExprKind::Call(call) = &self.program.exprs[base].kind
                && call.results.is_empty()
            {
                let place = self.span(base);
                let (callee, declared) = self.describe_call(base);
                self.report(CallProblem::NothingToBind {
                    callee,
                    span: place,
                    declared,
                    bound: None,
                });
                base = self.error_expr(place);
            }
            base = self.step(base, step, so_far);
        }
        base
    }

    fn head(&mut self, chain: &'a ast::Chain) -> ExprId {
        let ast::ExpressionKind::Name(name) = &chain.head.kind else {
            return self.expr_or_call(&chain.head);
        };
        let symbol = self.symbols.of(name);
        let service = match self.scope.type_name(symbol).map(|ty| ty.kind) {
            Some(TypeNameKind::Service(service)) => Some(service),
            Some(
                TypeNameKind::Data
                | TypeNameKind::Ability
                | TypeNameKind::Alias
                | TypeNameKind::Error,
            )
            | None => None,
        };
        // A missing id is reported for the whole method, not for the service's name alone.
        if let (None, Some(service), Some(ast::Step::Method(call))) =
            (self.scope.value(symbol), service, chain.steps.first())
            && self.scope.service_id(symbol).is_none()
            && self.program.services[service].default_id.is_none()
        {
            self.refer(chain.head.span, Definition::Service(service));
            self.report_no_id(service, chain.head.span.to(call.name.span));
            return self.error_expr(chain.head.span);
        }
        self.name_expr(name, chain.head.span, Wanted::Qualifier)
    }

    /// The value behind the longest module prefix, and the steps that are left.
    fn qualified(&mut self, chain: &'a ast::Chain) -> Option<(ExprId, &'a [ast::Step])> {
        let ast::ExpressionKind::Name(head) = &chain.head.kind else { return None };
        if self.module.used.modules.is_empty() {
            return None;
        }
        let mut parts = Rc::clone(self.module.used.modules.get(head)?);
        let mut path = head.clone();
        let mut end = chain.head.span;
        let mut rest = chain.steps.as_slice();
        while let [ast::Step::Field(name), after @ ..] = rest {
            let Some(inner) = parts.modules.get(&name.name) else { break };
            parts = Rc::clone(inner);
            path = Name::new(&format!("{path}.{}", name.name));
            end = name.span;
            rest = after;
        }
        if let Some(module) = parts.module {
            self.refer(chain.head.span.to(end), Definition::Module(module));
        }
        let (step, after) = rest.split_first()?;
        let base = self.part_of_module(&parts, &path, step, chain.head.span);
        Some((base, after))
    }

    /// What a used module has under the name of a step.
    fn part_of_module(
        &mut self,
        parts: &Parts,
        path: &Name,
        step: &'a ast::Step,
        start: Span,
    ) -> ExprId {
        let span = start.to(step.span());
        match step {
            ast::Step::Method(call) => match parts.values.get(&call.name.name).copied() {
                Some(value) => {
                    let callee = self.value_expr(value, call.name.span);
                    self.call_value(callee, call, span)
                }
                None => self.unknown_part(parts, path, &call.name, Some(call)),
            },
            ast::Step::Construct(construct) => {
                match parts.types.get(&construct.name.name).copied() {
                    Some(ty) => self.construct_type(ty, construct, span),
                    None => {
                        let error = self.unknown_part(parts, path, &construct.name, None);
                        self.loose_arguments(&construct.arguments);
                        error
                    }
                }
            }
            ast::Step::Field(name) => self.module_value(parts, path, name, span),
            ast::Step::Copy(_)
            | ast::Step::Index { .. }
            | ast::Step::First(_)
            | ast::Step::At { .. } => {
                self.report(NameProblem::ModuleAsValue { name: path.clone(), span: start });
                self.error_expr(span)
            }
            ast::Step::Missing(_) => self.error_expr(span),
        }
    }

    /// `M.x`: an ability parameter that is called so, a constant, a function, or a service.
    fn module_value(
        &mut self,
        parts: &Parts,
        path: &Name,
        name: &'a ast::Ident,
        span: Span,
    ) -> ExprId {
        let spelled = Name::new(&format!("{path}.{}", name.name));
        let symbol = self.symbols.of(&spelled);
        if let Some(value @ Value::Local(_)) = self.scope.value(symbol) {
            return self.value_expr(value, span);
        }
        if let Some(value) = parts.values.get(&name.name).copied() {
            return self.value_expr(value, name.span);
        }
        match parts.types.get(&name.name).copied() {
            Some(ty) => match ty.kind {
                TypeNameKind::Service(service) => {
                    self.refer(name.span, Definition::Service(service));
                    self.service_expr(service, symbol, span)
                }
                TypeNameKind::Error => self.error_expr(span),
                TypeNameKind::Data | TypeNameKind::Ability | TypeNameKind::Alias => {
                    let what = super::suggest::word(ty.kind);
                    self.report(NameProblem::TypeAsValue {
                        name: spelled,
                        what,
                        span,
                        declared: ty.span,
                        fields: Vec::new(),
                    });
                    self.error_expr(span)
                }
            },
            None => self.unknown_part(parts, path, name, None),
        }
    }

    fn unknown_part(
        &mut self,
        parts: &Parts,
        path: &Name,
        name: &'a ast::Ident,
        call: Option<&'a ast::Call>,
    ) -> ExprId {
        if let Some(call) = call {
            self.loose_call(call);
        }
        if !parts.open {
            let near = self.nearest(&name.name, parts.names());
            self.report(NameProblem::NotInModule {
                module: path.clone(),
                name: name.name.clone(),
                span: name.span,
                near,
            });
        }
        self.error_expr(name.span)
    }

    fn step(&mut self, base: ExprId, step: &'a ast::Step, span: Span) -> ExprId {
        match step {
            ast::Step::Field(name) => self.field_of(base, name, span),
            ast::Step::Method(call) => self.method_call(base, call, span),
            ast::Step::Construct(construct) => {
                self.loose_arguments(&construct.arguments);
                self.no_member(base, &construct.name, span, true)
            }
            ast::Step::Copy(copy) => self.copy(base, copy, span),
            ast::Step::Index { span: place, index } => self.index(base, index, *place, span),
            ast::Step::First(place) => self.first(base, *place, span),
            ast::Step::At { span: place, index } => self.at(base, index, *place, span),
            ast::Step::Missing(_) => self.error_expr(span),
        }
    }

    fn field_of(&mut self, base: ExprId, name: &'a ast::Ident, span: Span) -> ExprId {
        match self.types.get(self.ty(base)) {
            Type::Error => self.error_expr(span),
            Type::Data(record) => match self.find_member(record, name) {
                Some(ty) => {
                    let name = name.name.clone();
                    self.add(ExprKind::Field { base, name }, ty, span)
                }
                None => self.no_member(base, name, span, false),
            },
            Type::Service(record) | Type::Ability(record) => match self.find_member(record, name) {
                Some(ty) => {
                    let name = name.name.clone();
                    self.add(ExprKind::Member { base, name }, ty, span)
                }
                None => self.no_member(base, name, span, false),
            },
            Type::Array(_) | Type::Option(_) | Type::Stream(_) if &*name.name == "length" => {
                let frozen = self.freeze(base);
                let ty = self.types.scalar(Scalar::U32);
                self.add(ExprKind::Length(frozen), ty, span)
            }
            Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Arrow(_) => self.no_member(base, name, span, false),
        }
    }

    /// The type of a member, whose use is noted.
    pub(super) fn find_member(
        &mut self,
        record: RecordId,
        name: &ast::Ident,
    ) -> Option<crate::types::TypeId> {
        let field = self.types.record(record).field(&name.name)?;
        let (ty, declared) = (field.ty, field.span);
        if let Some(declared) = declared {
            self.refer(name.span, Definition::Field(declared));
        }
        Some(ty)
    }

    /// A member that is not there: lists what is.
    pub(super) fn no_member(
        &mut self,
        base: ExprId,
        name: &ast::Ident,
        span: Span,
        method: bool,
    ) -> ExprId {
        let ty = self.ty(base);
        if self.types.is_error(ty) || self.is_open(ty) {
            return self.error_expr(span);
        }
        if let Some(record) = self.types.named(ty) {
            let symbol = self.symbols.of(&name.name);
            if self.said_before(Same::Member(record, symbol), name.span) {
                return self.error_expr(span);
            }
        }
        let members: Vec<(Name, Option<Span>)> = match self.types.named(ty) {
            Some(record) => {
                let fields = &self.types.record(record).fields;
                fields.iter().map(|field| (field.name.clone(), field.span)).collect()
            }
            None => self.built_in_members(ty).iter().map(|name| (Name::new(name), None)).collect(),
        };
        let near = self.nearest(&name.name, members.iter().map(|(name, _)| name.as_str()));
        let near = near.or_else(|| longer_or_shorter(&name.name, &members));
        let declared = members
            .iter()
            .find(|(member, _)| Some(member) == near.as_ref())
            .and_then(|(_, declared)| *declared);
        let kind = match self.types.get(ty) {
            Type::Service(_) => "service",
            Type::Ability(_) => "ability",
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Data(_)
            | Type::Arrow(_) => "",
        };
        self.report(MemberProblem::Missing {
            ty: self.show(ty),
            kind,
            name: name.name.clone(),
            span: if method || !kind.is_empty() { name.span } else { span },
            name_span: name.span,
            method: method || !kind.is_empty(),
            near,
            declared,
            members: members.into_iter().map(|(name, _)| name).collect(),
        });
        self.error_expr(span)
    }

    fn built_in_members(&self, ty: crate::types::TypeId) -> &'static [&'static str] {
        match self.types.get(ty) {
            Type::Array(_) | Type::Option(_) | Type::Stream(_) => &["length"],
            Type::Map(_) => &["get", "getStream", "keys", "keysStream", "contains"],
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => &[],
        }
    }

    /// `struct.copy(field = …)`
    fn copy(&mut self, base: ExprId, copy: &'a ast::Copy, span: Span) -> ExprId {
        let ty = self.ty(base);
        let Type::Data(record) = self.types.get(ty) else {
            self.loose_arguments(&copy.arguments);
            if !self.types.is_error(ty) {
                let found = self.found(base);
                self.report(MemberProblem::CopyOfOther { found, span: copy.keyword });
            }
            return self.error_expr(span);
        };
        let given = self.named_arguments(&copy.arguments);
        let mut fields = Vec::with_capacity(given.len());
        for argument in given {
            let Some(field) = self.types.record(record).field(&argument.name.name) else {
                self.no_member(base, argument.name, argument.name.span, false);
                continue;
            };
            let (wanted, declared) = (field.ty, field.span);
            let value = self.given_field(&argument, wanted, declared);
            fields.push(FieldValue { name: argument.name.name.clone(), value });
        }
        self.add(ExprKind::Copy { base, fields }, ty, span)
    }
}

/// `phone` for `phone_number`: the only member that one of the two names begins.
fn longer_or_shorter(name: &Name, members: &[(Name, Option<Span>)]) -> Option<Name> {
    const LEAST: usize = 3;
    if name.len() < LEAST {
        return None;
    }
    let mut similar = members.iter().map(|(member, _)| member).filter(|member| {
        member.starts_with(name.as_str())
            || (member.len() >= LEAST && name.starts_with(member.as_str()))
    });
    let first = similar.next()?;
    similar.next().is_none().then(|| first.clone())
}
