//! What goes into names and streams: `=`, `<-`, `<<-`, and declarations of streams.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::convert::{Why, WhyKind};
use super::names::{NewLocal, Wanted};
use super::repeats::Same;
use super::scope::Value;
use crate::error::{CallProblem, PushProblem};
use crate::hir::{Block, ExprId, ExprKind, LocalId, LocalKind, StmtKind, Target, Targets};
use crate::types::{Type, TypeId};

impl<'a> Checker<'a> {
    /// The value of `x = e`; a call that returns nothing is reported with the name.
    pub(super) fn assigned(&mut self, assign: &'a ast::Assign) -> ExprId {
        let value = self.expr_or_call(&assign.value);
        if let ExprKind::Call(call) = &self.program.exprs[value].kind
            && call.results.is_empty()
        {
            let span = self.span(value);
            let (callee, declared) = self.describe_call(value);
            let bound = Some(assign.name.span.to(assign.operator));
            self.report(CallProblem::NothingToBind { callee, span, declared, bound });
            return self.error_expr(span);
        }
        value
    }

    /// The local that an expression is, if it is one.
    pub(super) fn local_of(&self, value: ExprId) -> Option<LocalId> {
        let ExprKind::Local(local) = &self.program.exprs[value].kind else { return None };
        Some(*local)
    }

    /// `name: *T`
    pub(super) fn declare(&mut self, name: &'a ast::Ident, kind: &'a ast::Type) -> StmtKind {
        let symbol = self.symbols.of(&name.name);
        let taken = matches!(self.scope.value(symbol), Some(value) if value != Value::Error);
        let mut ty = if taken { self.types.error() } else { self.resolve_type(kind) };
        if !matches!(self.types.get(ty), Type::Stream(_) | Type::Map(_) | Type::Error) {
            let found = self.show(ty);
            let (name, name_span) = (name.name.clone(), name.span);
            let data = self.types.is_data(ty);
            self.report(PushProblem::NotAStreamType {
                name,
                name_span,
                found,
                span: kind.span,
                data,
            });
            ty = self.types.error();
        }
        let local = self.bind_local(NewLocal {
            name: &name.name,
            span: name.span,
            declaration: name.span.to(kind.span),
            ty,
            kind: LocalKind::Stream,
        });
        StmtKind::Stream(local)
    }

    /// `stream <<- value`, `map <<- key, value`
    pub(super) fn push(&mut self, push: &'a ast::Push) -> StmtKind {
        let key = push.key.as_ref().map(|key| self.expr(key));
        let value = self.expr(&push.value);
        let Some(target) = self.push_target(&push.target) else {
            return StmtKind::Error(Block::default());
        };
        let span = push.target.span;
        match (self.types.get(self.local(target).ty), key) {
            (Type::Stream(of), None) => {
                let value = self.pushed(value, of, target, WhyKind::Push);
                StmtKind::Push { stream: target, value }
            }
            (Type::Map(of), Some(key)) => {
                let string = self.string();
                let key = self.convert(key, string, Why::plain(WhyKind::Key));
                let value = self.pushed(value, of, target, WhyKind::Push);
                StmtKind::Insert { map: target, key, value }
            }
            (Type::Error, _) => StmtKind::Error(Block::default()),
            (Type::Stream(_), Some(_)) => {
                self.report_push(target, span, "a pair");
                StmtKind::Error(Block::default())
            }
            (Type::Map(_), None) => {
                self.report_push(target, span, "a single value");
                StmtKind::Error(Block::default())
            }
            (
                Type::Top
                | Type::Bottom
                | Type::Scalar(_)
                | Type::Literal(_)
                | Type::Array(_)
                | Type::Option(_)
                | Type::Data(_)
                | Type::Service(_)
                | Type::Ability(_)
                | Type::Arrow(_),
                _,
            ) => {
                self.report_push(target, span, "");
                StmtKind::Error(Block::default())
            }
        }
    }

    fn report_push(&mut self, target: LocalId, span: Span, pushed: &'static str) {
        if self.said_before(Same::Push(target), span) {
            return;
        }
        let local = self.local(target);
        let (name, declared) = (local.name.clone(), local.declaration);
        let ty = self.show(local.ty);
        let element = self.types.element(local.ty).map(|of| self.show(of));
        self.report(PushProblem::NotAStream { name, span, ty, element, declared, pushed });
    }

    /// A value on its way into a stream: data or a frozen stream, of the element type.
    fn pushed(&mut self, value: ExprId, of: TypeId, target: LocalId, kind: WhyKind<'_>) -> ExprId {
        let value = self.element(value);
        let span = Some(self.local(target).declaration);
        self.convert(value, of, Why { kind, span })
    }

    /// The local that is pushed into, whatever its type.
    fn push_target(&mut self, target: &'a ast::Ident) -> Option<LocalId> {
        let symbol = self.symbols.of(&target.name);
        match self.scope.value(symbol) {
            Some(Value::Local(local)) => {
                self.use_local(local, target.span);
                Some(local)
            }
            Some(Value::Error) => None,
            Some(
                value @ (Value::Function(_) | Value::Constant(_) | Value::Builtin(_) | Value::Nil),
            ) => {
                let value = self.value_expr(value, target.span);
                let ty = self.show(self.ty(value));
                let name = target.name.clone();
                self.report(PushProblem::NotALocal { name, span: target.span, ty });
                None
            }
            None => {
                self.unknown_name(&target.name, target.span, Wanted::Value);
                None
            }
        }
    }

    /// A value alone on its line: must be a call.
    pub(super) fn value_statement(&mut self, value: &'a ast::Expression) -> StmtKind {
        let before = self.diagnostics.len();
        let call = self.expr_or_call(value);
        // What is no call may have been meant to be the return line, or to bind a name.
        self.function.damaged |= !matches!(self.program.exprs[call].kind, ExprKind::Call(_));
        if !self.is_call(call) {
            if !self.errors_since(before) {
                self.report_not_a_call(call, None);
            }
            return StmtKind::Error(Block::default());
        }
        StmtKind::Call { call, targets: Targets::Each(Vec::new()) }
    }

    /// Whether it is a call, or was reported.
    fn is_call(&self, value: ExprId) -> bool {
        matches!(self.program.exprs[value].kind, ExprKind::Call(_) | ExprKind::Error)
            || self.types.is_error(self.ty(value))
    }

    fn report_not_a_call(&mut self, value: ExprId, bind: Option<&'a ast::Bind>) {
        let (span, found) = (self.span(value), self.found(value));
        let kind = &self.program.exprs[value].kind;
        let map = matches!(kind, ExprKind::Map { .. });
        let member = matches!(kind, ExprKind::Member { .. });
        let arrow = self.types.as_arrow(self.ty(value)).map(|arrow| arrow.parameters.len());
        let text = self.text(span).to_owned();
        self.report(CallProblem::NotACall {
            span,
            found,
            map,
            member,
            parameters: arrow,
            text,
            bind: bind.map(|bind| {
                let line = bind.targets.first().map_or(bind.arrow, |name| name.span);
                let names: Vec<&str> = bind.targets.iter().map(|name| &*name.name).collect();
                (names.join(", "), line.to(bind.arrow), bind.arrow, bind.targets.len())
            }),
        });
    }

    /// `a, b <- call()`
    pub(super) fn bind(&mut self, bind: &'a ast::Bind, span: Span) -> StmtKind {
        let before = self.diagnostics.len();
        let call = self.expr_or_call(&bind.value);
        if !self.is_call(call) {
            if !self.errors_since(before) {
                self.report_not_a_call(call, Some(bind));
            }
            self.bind_errors(&bind.targets);
            return StmtKind::Error(Block::default());
        }
        let ExprKind::Call(found) = &self.program.exprs[call].kind else {
            self.bind_errors(&bind.targets);
            return StmtKind::Error(Block::default());
        };
        let results = found.results.clone();
        if let Some(map) = self.insert_target(&bind.targets, &results) {
            self.check_insert(map, &results, call);
            return StmtKind::Call { call, targets: Targets::Insert(map) };
        }
        if bind.targets.len() > results.len() {
            self.report_too_many(bind, call, results.len());
        }
        let mut targets = Vec::with_capacity(bind.targets.len());
        for (at, name) in bind.targets.iter().enumerate() {
            let ty = results.get(at).copied().unwrap_or(self.types.error());
            targets.push(self.target(name, ty));
        }
        let locals: Vec<LocalId> = targets
            .iter()
            .filter_map(|target| if let Target::New(local) = target { Some(*local) } else { None })
            .collect();
        self.function.binders.extend(locals.iter().map(|local| (*local, span)));
        if locals.len() > 1 {
            self.function.groups.push(locals);
        }
        StmtKind::Call { call, targets: Targets::Each(targets) }
    }

    /// Names whose values are not known, because the line is wrong.
    fn bind_errors(&mut self, names: &'a [ast::Ident]) {
        let error = self.types.error();
        for name in names {
            self.target(name, error);
        }
    }

    /// The stream map that alone receives two results as key and value.
    fn insert_target(&mut self, targets: &[ast::Ident], results: &[TypeId]) -> Option<LocalId> {
        let [name] = targets else { return None };
        let symbol = self.symbols.of(&name.name);
        let Some(Value::Local(local)) = self.scope.value(symbol) else { return None };
        let Type::Map(_) = self.types.get(self.local(local).ty) else { return None };
        if results.len() != 2 {
            return None;
        }
        self.use_local(local, name.span);
        Some(local)
    }

    fn check_insert(&mut self, map: LocalId, results: &[TypeId], call: ExprId) {
        let Type::Map(of) = self.types.get(self.local(map).ty) else { return };
        let [key, value] = results else { return };
        let string = self.string();
        let wrong = [(string, *key, "key"), (of, *value, "value")]
            .into_iter()
            .find(|(expected, given, _)| !self.types.accepts(*expected, *given));
        if let Some((expected, given, part)) = wrong {
            let (expected, found) = (self.show(expected), self.show(given));
            let declared = self.local(map).declaration;
            let span = self.span(call);
            self.report(PushProblem::Entry { part, expected, found, span, declared });
        }
    }

    fn report_too_many(&mut self, bind: &'a ast::Bind, call: ExprId, results: usize) {
        let (callee, declared) = self.describe_call(call);
        let span = match (bind.targets.first(), bind.targets.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            (None, _) | (_, None) => bind.arrow,
        };
        if results == 0 {
            let place = self.span(call);
            let bound = Some(span.to(bind.arrow));
            self.report(CallProblem::NothingToBind { callee, span: place, declared, bound });
            return;
        }
        let extra: Vec<Name> =
            bind.targets.iter().skip(results).map(|name| name.name.clone()).collect();
        let bound = bind.targets.len();
        self.report(CallProblem::ResultCount { callee, span, extra, results, bound, declared });
    }

    /// Where one result goes: into a visible stream, or to a new name.
    fn target(&mut self, name: &'a ast::Ident, ty: TypeId) -> Target {
        let symbol = self.symbols.of(&name.name);
        if self.scope.value(symbol) == Some(Value::Error) {
            return Target::Error;
        }
        if let Some(Value::Local(local)) = self.scope.value(symbol) {
            match self.types.get(self.local(local).ty) {
                Type::Stream(of) => {
                    self.use_local(local, name.span);
                    self.check_target(local, of, ty, name.span);
                    return Target::Push(local);
                }
                Type::Map(_) => {
                    self.use_local(local, name.span);
                    if !self.types.is_error(ty) {
                        self.report_push(local, name.span, "a single result");
                    }
                    return Target::Error;
                }
                Type::Error => {
                    self.use_local(local, name.span);
                    return Target::Error;
                }
                Type::Top
                | Type::Bottom
                | Type::Scalar(_)
                | Type::Literal(_)
                | Type::Array(_)
                | Type::Option(_)
                | Type::Data(_)
                | Type::Service(_)
                | Type::Ability(_)
                | Type::Arrow(_) => {}
            }
        }
        if self.function.lost && self.scope.value(symbol).is_none() {
            // The unreadable line may have declared it as a stream.
            self.scope.bind(symbol, Value::Error);
            return Target::Error;
        }
        Target::New(self.bind_local(NewLocal::named(name, ty, LocalKind::Result)))
    }

    /// A result on its way into a stream.
    fn check_target(&mut self, stream: LocalId, of: TypeId, result: TypeId, span: Span) {
        let frozen = self.types.frozen(result);
        let declared = self.local(stream).declaration;
        if !self.types.is_data(frozen) || !self.fits(of, frozen) {
            let (expected, found) = (self.show(of), self.show(frozen));
            let name = self.local(stream).name.clone();
            self.report(PushProblem::Result { name, expected, found, span, declared });
        }
    }
}
