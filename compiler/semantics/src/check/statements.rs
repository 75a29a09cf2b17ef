//! Statements: what runs where, in which order, and which names it binds.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::convert::{Why, WhyKind};
use super::names::NewLocal;
use super::scope::{FrameKind, Value};
use crate::error::{CollectionProblem, MismatchProblem};
use crate::hir::{
    Block, ExprId, Handler, HandlerKind, LocalKind, LoopItem, LoopMode, Stmt, StmtKind,
};
use crate::types::{Scalar, Type, TypeId};

impl<'a> Checker<'a> {
    fn block(&mut self, block: &'a ast::Block) -> Block {
        let statements = block.statements.iter().map(|statement| self.statement(statement));
        Block { statements: statements.collect() }
    }

    /// A block with names and service ids of its own.
    fn framed(&mut self, kind: FrameKind, span: Span, block: &'a ast::Block) -> Block {
        let mark = self.scope.enter(kind, Some(span));
        let block = self.block(block);
        self.scope.leave(mark);
        block
    }

    pub(super) fn statement(&mut self, statement: &'a ast::Statement) -> Stmt {
        let span = statement.span;
        let first = self.function.locals.len();
        let kind = match &statement.kind {
            ast::StatementKind::ServiceId { service, id } => self.service_id(service, id, span),
            ast::StatementKind::Push(push) => self.push(push),
            ast::StatementKind::For(line) => self.for_loop(line, span),
            ast::StatementKind::Parseq(line) => self.parseq(line, span),
            ast::StatementKind::On(on) => self.on(on),
            ast::StatementKind::If(line) => self.if_else(line, span),
            ast::StatementKind::Try(line) => self.try_catch(line),
            ast::StatementKind::Par(par) => self.par(par),
            ast::StatementKind::Co { statement, .. } => {
                StmtKind::Co(Box::new(self.statement(statement)))
            }
            ast::StatementKind::Join { values, .. } => {
                StmtKind::Join(values.iter().map(|value| self.expr(value)).collect())
            }
            ast::StatementKind::Declare { name, kind } => self.declare(name, kind),
            ast::StatementKind::Closure(closure) => self.closure(closure, span),
            ast::StatementKind::Assign(assign) => self.assign(assign),
            ast::StatementKind::Bind(bind) => self.bind(bind, span),
            ast::StatementKind::Value(value) => self.value_statement(value),
            // What is left of it in the group that it starts: nothing.
            ast::StatementKind::Return(line) if self.function.returned_at == Some(line.arrow) => {
                StmtKind::Join(Vec::new())
            }
            ast::StatementKind::Return(line) => {
                for value in &line.values {
                    self.expr(value);
                }
                // The names before its arrow may be missing.
                self.function.damaged = true;
                self.function.lost = true;
                StmtKind::Error(Block::default())
            }
            ast::StatementKind::Damaged { binds, body } => self.damaged(binds, body, span),
        };
        if let StmtKind::Bind { .. } | StmtKind::Call { .. } | StmtKind::Stream(_) = &kind
            && self.module.damage.touches(span)
        {
            self.forget_locals(first);
        }
        Stmt { span, kind }
    }

    /// A line that could not be read. What it seems to bind is bound to the error value, and so is
    /// afterwards what the lines below it bound, because nobody knows whether it opened a frame.
    /// Below it unknown names are silent: they may be parameters that were on the line.
    fn damaged(&mut self, binds: &'a [ast::Ident], body: &'a ast::Block, span: Span) -> StmtKind {
        self.function.damaged = true;
        self.function.lost |= binds.is_empty();
        for name in binds {
            self.bind_silently(&name.name);
        }
        let first = self.function.locals.len();
        let open = std::mem::replace(&mut self.module.open, true);
        let body = self.framed(FrameKind::Branch, span, body);
        self.module.open = open;
        let function = self.function.stack.last().copied();
        let inner = self.function.locals.get(first..).unwrap_or_default();
        let inner: Vec<Name> = inner
            .iter()
            .map(|id| self.local(*id))
            .filter(|local| Some(local.function) == function)
            .map(|local| local.name.clone())
            .collect();
        for name in &inner {
            self.bind_silently(name);
        }
        StmtKind::Error(body)
    }

    /// What a line bound that could be read in part only: it may have another type.
    fn forget_locals(&mut self, first: usize) {
        let error = self.types.error();
        for local in self.function.locals.iter().skip(first) {
            let local = &mut self.program.locals[*local];
            local.ty = error;
            local.used = true;
        }
    }

    fn bind_silently(&mut self, name: &Name) {
        let symbol = self.symbols.of(name);
        if self.scope.value(symbol).is_none() {
            self.scope.bind(symbol, Value::Error);
        }
    }

    fn on(&mut self, on: &'a ast::On) -> StmtKind {
        let peer = self.peer(&on.peer);
        let via = self.via(&on.via);
        let mark = self.scope.enter_on();
        let body = self.block(&on.body);
        self.scope.leave_on(mark);
        StmtKind::On { peer, via, body }
    }

    fn peer(&mut self, peer: &'a ast::Expression) -> ExprId {
        let value = self.expr(peer);
        let string = self.string();
        self.convert(value, string, Why::plain(WhyKind::Peer))
    }

    /// Relays: each a string or a collection of strings.
    fn via(&mut self, via: &'a [ast::Via]) -> Vec<ExprId> {
        via.iter()
            .map(|via| {
                let value = self.expr(&via.relay);
                let ty = self.ty(value);
                let string = self.string();
                let strings = self.types.option(string);
                if self.types.element(ty).is_some() {
                    if self.types.accepts(strings, ty) {
                        return self.freeze(value);
                    }
                    let (span, found) = (self.span(value), self.found(value));
                    self.report(MismatchProblem::Relay { span, found });
                    return value;
                }
                self.convert(value, string, Why::plain(WhyKind::Via))
            })
            .collect()
    }

    fn condition(&mut self, condition: &'a ast::Expression) -> ExprId {
        let value = self.expr(condition);
        let bool_type = self.types.scalar(Scalar::Bool);
        self.convert(value, bool_type, Why::plain(WhyKind::Condition))
    }

    fn if_else(&mut self, line: &'a ast::If, span: Span) -> StmtKind {
        let condition = self.condition(&line.condition);
        let then = self.framed(FrameKind::Branch, span, &line.body);
        let otherwise = line
            .otherwise
            .as_ref()
            .map(|branch| self.framed(FrameKind::Branch, branch.keyword, &branch.body));
        StmtKind::If { condition, then, otherwise }
    }

    fn try_catch(&mut self, line: &'a ast::Try) -> StmtKind {
        let handled = !line.handlers.is_empty();
        let (attempt, written) = match &line.attempt {
            ast::Attempt::Block { keyword, body } => {
                (self.framed(FrameKind::Try { handled }, *keyword, body), true)
            }
            ast::Attempt::Statement(statement) => {
                (Block { statements: vec![self.statement(statement)] }, false)
            }
        };
        let handlers = line.handlers.iter().map(|handler| self.handler(handler)).collect();
        StmtKind::Try { attempt, written, handlers }
    }

    fn handler(&mut self, handler: &'a ast::Handler) -> Handler {
        match handler {
            ast::Handler::Otherwise(otherwise) => {
                let span = otherwise.keyword;
                let body = self.framed(FrameKind::Handler, span, &otherwise.body);
                Handler { kind: HandlerKind::Otherwise, span, body }
            }
            ast::Handler::Catch(catch) => {
                let span = catch.keyword;
                let mark = self.scope.enter(FrameKind::Handler, Some(span));
                let fault = self.types.fault();
                let local = self.bind_local(NewLocal::named(&catch.name, fault, LocalKind::Fault));
                let body = self.block(&catch.body);
                self.scope.leave(mark);
                Handler { kind: HandlerKind::Catch(local), span, body }
            }
        }
    }

    fn par(&mut self, par: &'a ast::Par) -> StmtKind {
        let mut branches = Vec::with_capacity(par.branches.len() + 1);
        branches.push(self.statement(&par.first));
        for branch in &par.branches {
            branches.push(self.statement(&branch.statement));
        }
        StmtKind::Par(branches)
    }

    fn for_loop(&mut self, line: &'a ast::For, span: Span) -> StmtKind {
        let mode = match line.mode.map(|(mode, _)| mode) {
            None => LoopMode::Each,
            Some(ast::ForMode::Par) => LoopMode::Par,
            Some(ast::ForMode::Try) => LoopMode::Try,
            Some(ast::ForMode::Rec) => LoopMode::Live,
        };
        let source = self.expr(&line.source);
        let head = line.keyword.to(line.source.span);
        let mark = self.scope.enter(FrameKind::Loop, Some(span));
        let item = self.loop_item(source, &line.item, line.second.as_ref(), head);
        let source = if mode == LoopMode::Live { source } else { self.freeze_source(source) };
        let body = self.block(&line.body);
        self.scope.leave(mark);
        StmtKind::For { mode, item, source, body }
    }

    fn parseq(&mut self, line: &'a ast::Parseq, span: Span) -> StmtKind {
        let source = self.expr(&line.source);
        let head = line.keyword.to(line.source.span);
        let mark = self.scope.enter(FrameKind::Loop, Some(span));
        let item = self.loop_item(source, &line.item, line.second.as_ref(), head);
        let source = self.freeze_source(source);
        let peer = self.peer(&line.peer);
        let via = self.via(&line.via);
        let body = self.block(&line.body);
        self.scope.leave(mark);
        StmtKind::Parseq { item, source, peer, via, body }
    }

    /// A snapshot of a stream or map; other sources as they are.
    fn freeze_source(&mut self, source: ExprId) -> ExprId {
        match self.types.get(self.ty(source)) {
            Type::Stream(_) | Type::Map(_) => self.snapshot(source),
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => source,
        }
    }

    fn loop_item(
        &mut self,
        source: ExprId,
        item: &'a ast::Ident,
        second: Option<&'a ast::Ident>,
        head: Span,
    ) -> LoopItem {
        let ty = self.ty(source);
        let error = self.types.error();
        let (one, entry) = match self.types.get(ty) {
            Type::Array(of) | Type::Option(of) | Type::Stream(of) => (of, None),
            Type::Map(of) => (self.types.pair(of), Some((self.string(), of))),
            Type::Error => (error, Some((error, error))),
            Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => {
                let found = self.found(source);
                self.report(CollectionProblem::NotIterable { found, span: head });
                (error, Some((error, error)))
            }
        };
        let Some(second) = second else {
            let local = self.bind_local(NewLocal::named(item, one, LocalKind::Item));
            return LoopItem::One(local);
        };
        let (key, value) = entry.unwrap_or_else(|| {
            let found = self.found(source);
            self.report(CollectionProblem::NotAMap { found, span: self.span(source) });
            (error, error)
        });
        self.entry_item((item, key), (second, value))
    }

    fn entry_item(
        &mut self,
        (item, key): (&'a ast::Ident, TypeId),
        (second, value): (&'a ast::Ident, TypeId),
    ) -> LoopItem {
        let key = self.bind_local(NewLocal::named(item, key, LocalKind::Item));
        let value = self.bind_local(NewLocal::named(second, value, LocalKind::Item));
        LoopItem::Entry { key, value }
    }

    fn assign(&mut self, assign: &'a ast::Assign) -> StmtKind {
        let before = self.diagnostics.len();
        let value = self.assigned(assign);
        if self.errors_since(before) {
            // One thing at a time: whether the name is free matters when there is a value.
            let symbol = self.symbols.of(&assign.name.name);
            if self.scope.value(symbol).is_some() {
                return StmtKind::Error(Block::default());
            }
        }
        let ty = self.ty(value);
        let local = self.bind_local(NewLocal::named(&assign.name, ty, LocalKind::Variable));
        // Chains of names stay one step long.
        let root = match self.local_of(value) {
            None => value,
            Some(other) => {
                if let Some(closure) = self.closures.get(&other).copied() {
                    self.closures.insert(local, closure);
                }
                self.bound_value(other).unwrap_or(value)
            }
        };
        self.bound.insert(local, root);
        StmtKind::Bind { local, value }
    }
}
