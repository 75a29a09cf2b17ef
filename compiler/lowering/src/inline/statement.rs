//! Statements to steps.

use std::rc::Rc;

use aquac_base::{Name, Span};
use aquac_ir::StreamKind;
use aquac_semantics::hir::{
    Block, ExprId, ExprKind, FunctionId, FunctionKind, Handler, HandlerKind, LocalId, Stmt,
    StmtKind, Target, Targets,
};
use aquac_semantics::{Type, TypeId};

use super::Inliner;
use super::binding::{Arrow, Binding};
use crate::error::LowerError;
use crate::plan::{PlaceId, Plan, PlanKind, StreamId};
use crate::terms::TermId;

impl<'a> Inliner<'a> {
    /// Statements in order.
    pub(super) fn block(&mut self, block: &'a Block) {
        for statement in &block.statements {
            self.statement(statement);
        }
    }

    /// One statement.
    pub(super) fn statement(&mut self, statement: &'a Stmt) {
        let span = statement.span;
        self.deeper(span, |inliner| inliner.statement_kind(&statement.kind, span));
    }

    fn statement_kind(&mut self, kind: &'a StmtKind, span: Span) {
        match kind {
            StmtKind::Bind { local, value } => {
                let value = self.binding(*value);
                self.bind(*local, value, span);
            }
            StmtKind::Call { call, targets } => self.call_statement(*call, targets, span),
            StmtKind::Push { stream, value } => {
                let value = self.data(*value);
                self.push(*stream, None, value, span);
            }
            StmtKind::Insert { map, key, value } => {
                let key = self.data(*key);
                let value = self.data(*value);
                self.push(*map, Some(key), value, span);
            }
            StmtKind::Stream(local) => {
                let stream = self.declare(*local);
                self.environment.bind(*local, Binding::Stream(stream));
            }
            StmtKind::Closure { local, closure } => self.closure(*local, *closure),
            StmtKind::ServiceId { local, id, .. } => {
                let id = self.data(*id);
                let id = self.named(id, &Name::new(""), span);
                self.environment.bind(*local, Binding::Data(id));
            }
            StmtKind::On { peer, via, body } => {
                let place = self.place_of(*peer, via, span);
                self.at(place, span, |inliner| inliner.block(body));
            }
            StmtKind::If { condition, then, otherwise } => {
                self.branches(*condition, then, otherwise.as_ref(), span);
            }
            StmtKind::Try { attempt, handlers, .. } => self.attempt(attempt, handlers, span),
            StmtKind::Par(branches) => {
                let branches = branches
                    .iter()
                    .map(|branch| self.collect(branch.span, |inliner| inliner.statement(branch)))
                    .collect();
                self.step(span, PlanKind::Par(branches));
            }
            StmtKind::Co(statement) => {
                let branch = self.collect(span, |inliner| inliner.statement(statement));
                self.detach(branch, span);
            }
            StmtKind::For { mode, item, source, body } => {
                self.each(*mode, *item, *source, body, span);
            }
            StmtKind::Parseq { item, source, peer, via, body } => {
                self.each_at(*item, *source, (*peer, via), body, span);
            }
            StmtKind::Join(values) => values.iter().for_each(|value| self.join(*value)),
            StmtKind::Error(block) => self.block(block),
        }
    }

    /// Names a value. A stream is aliased; a function or an ability exists only here.
    pub(super) fn bind(&mut self, local: LocalId, value: Binding, span: Span) {
        let name = &self.program().locals[local].name;
        let value = value.map_data(|value| self.named(value, name, span));
        self.environment.bind(local, value);
    }

    /// A stream with the name of a local.
    pub(super) fn declare(&mut self, local: LocalId) -> StreamId {
        let local = &self.program().locals[local];
        self.fresh_stream(&local.name, self.stream_kind(local.ty))
    }

    /// A stream that is fresh each time the loop body around it starts.
    pub(super) fn fresh_stream(&mut self, name: &Name, kind: StreamKind) -> StreamId {
        let stream = self.pools.stream(name.clone(), kind);
        self.streams.push(stream);
        stream
    }

    /// Whether streams of a type have keys.
    pub(super) fn stream_kind(&self, ty: TypeId) -> StreamKind {
        match self.typed.types.get(ty) {
            Type::Map(_) => StreamKind::Map,
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => StreamKind::List,
        }
    }

    fn call_statement(&mut self, call: ExprId, targets: &Targets, span: Span) {
        let expr = &self.program().exprs[call];
        let ExprKind::Call(call) = &expr.kind else {
            self.binding(call);
            return;
        };
        let results = self.call(call, expr.span);
        match targets {
            Targets::Each(targets) => {
                for (target, result) in targets.iter().zip(results) {
                    match target {
                        Target::New(local) => self.bind(*local, result, span),
                        Target::Push(stream) => {
                            let value = self.frozen(result, span);
                            self.push(*stream, None, value, span);
                        }
                        Target::Error => {}
                    }
                }
            }
            Targets::Insert(map) => {
                let mut results = results.into_iter();
                if let Some((key, value)) = results.next().zip(results.next()) {
                    let key = self.frozen(key, span);
                    let value = self.frozen(value, span);
                    self.push(*map, Some(key), value, span);
                }
            }
        }
    }

    fn push(&mut self, local: LocalId, key: Option<TermId>, value: TermId, span: Span) {
        if let Some(stream) = self.stream_local(local, span) {
            self.step(span, PlanKind::Push { stream, key, value });
        }
    }

    /// The stream that a local is.
    fn stream_local(&mut self, local: LocalId, span: Span) -> Option<StreamId> {
        if let Some(Binding::Stream(stream)) = self.environment.find(local) {
            return Some(*stream);
        }
        let name = self.program().locals[local].name.clone();
        self.errors.push(LowerError::NoValue { name, span });
        None
    }

    fn closure(&mut self, local: LocalId, function: FunctionId) {
        let detached = match &self.program().functions[function].kind {
            FunctionKind::Closure { detached, .. } => *detached,
            FunctionKind::Top => true,
        };
        let place = (!detached).then_some(self.here);
        let captured = self.captured();
        let arrow = Arrow::Closure { function, captured: Rc::clone(&captured), place };
        self.environment.bind(local, Binding::Arrow(arrow));
    }

    /// The place of an `on`. Peer and relays are evaluated outside it, once.
    pub(super) fn place_of(&mut self, peer: ExprId, via: &[ExprId], span: Span) -> PlaceId {
        let nameless = Name::new("");
        let peer = self.data(peer);
        let peer = self.named(peer, &nameless, span);
        let mut relays = Vec::with_capacity(via.len());
        for relay in via {
            let relay = self.data(*relay);
            relays.push(self.named(relay, &nameless, span));
        }
        // The initiator is reached as everyone reaches it: through its own relay.
        let initiator = &self.pools.places[self.root];
        if relays.is_empty() && peer == initiator.peer {
            return self.root;
        }
        self.pools.place(peer, relays)
    }

    fn branches(
        &mut self,
        condition: ExprId,
        then: &'a Block,
        otherwise: Option<&'a Block>,
        span: Span,
    ) {
        let condition = self.data(condition);
        let then = Box::new(self.branch(then, span));
        let otherwise =
            otherwise.map_or_else(|| Plan::nothing(span), |otherwise| self.branch(otherwise, span));
        let otherwise = Box::new(otherwise);
        self.step(span, PlanKind::If { condition, then, otherwise });
    }

    /// Alternatives in order: each handles what fails before it, earlier handlers included.
    fn attempt(&mut self, attempt: &'a Block, handlers: &'a [Handler], span: Span) {
        let mut tried = self.branch(attempt, span);
        if handlers.is_empty() {
            let error = self.pools.terms.slot(Name::new(""));
            let handler = Box::new(Plan::nothing(span));
            tried = Plan { kind: PlanKind::Try { error, body: Box::new(tried), handler }, span };
        }
        for handler in handlers {
            let name = match handler.kind {
                HandlerKind::Catch(local) => self.program().locals[local].name.clone(),
                HandlerKind::Otherwise => Name::new(""),
            };
            let error = self.pools.terms.slot(name);
            if let HandlerKind::Catch(local) = handler.kind {
                let fault = self.pools.terms.read(error);
                self.environment.bind(local, Binding::Data(fault));
            }
            let outer = self.fault.replace(error);
            let handled = Box::new(self.branch(&handler.body, handler.span));
            self.fault = outer;
            let kind = PlanKind::Try { error, body: Box::new(tried), handler: handled };
            tried = Plan { kind, span };
        }
        self.step(span, tried.kind);
    }

    /// Runs beside everything that follows.
    pub(super) fn detach(&mut self, branch: Plan, span: Span) {
        if !branch.is_nothing() {
            self.step(span, PlanKind::Par(vec![branch, Plan::nothing(span)]));
        }
    }

    fn join(&mut self, value: ExprId) {
        let expr = &self.program().exprs[value];
        if let ExprKind::Await { stream, index } = expr.kind {
            self.awaited(stream, index, expr.span);
            return;
        }
        if let Binding::Data(value) = self.binding(value) {
            self.step(expr.span, PlanKind::Wait(value));
        }
    }
}
