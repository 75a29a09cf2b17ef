//! Functions and closures: parameters, bodies, returns.

use aquac_base::Span;
use aquac_syntax::ast;

use super::convert::{Why, WhyKind};
use super::names::NewLocal;
use super::scope::{FrameKind, Value};
use super::{Captures, Checker, FunctionState};
use crate::error::{NameProblem, ReturnProblem};
use crate::hir::{Block, ExprId, Function, FunctionId, FunctionKind, LocalId, LocalKind, StmtKind};
use crate::types::TypeId;

/// How many of the latest names are candidates for a missing return.
const NEAR_END: usize = 64;

/// The return line of a body that was checked.
struct Returned {
    values: Vec<ExprId>,
    span: Span,
}

impl<'a> Checker<'a> {
    pub(super) fn function(&mut self, function: &'a ast::Function, span: Span) {
        self.scope.start_function();
        self.function = FunctionState {
            first_local: self.program.locals.len(),
            first_diagnostic: self.diagnostics.len(),
            ..FunctionState::default()
        };
        let id = self.arrow(&function.name, span, &function.signature, &function.body, None);
        self.report_misfits();
        if self.errors_since(self.function.first_diagnostic) {
            self.module.wrong.insert(id);
        }
        self.lint_unused(id);
        if let Some(module) = self.program.modules.last_mut() {
            module.functions.push(id);
        }
        self.bind_function(&function.name, id);
    }

    /// Makes the function known to what follows.
    fn bind_function(&mut self, name: &'a ast::Ident, id: FunctionId) {
        let symbol = self.symbols.of(&name.name);
        match self.scope.value(symbol) {
            None => self.scope.bind(symbol, Value::Function(id)),
            Some(Value::Error) => {}
            Some(first) => {
                let first = self.declared_place(first);
                let (name, span) = (name.name.clone(), name.span);
                self.report(NameProblem::Taken { name, span, first });
                self.scope.bind(symbol, Value::Error);
            }
        }
    }

    fn declared_place(&self, value: Value) -> Option<(Span, &'static str)> {
        match value {
            Value::Function(id) => Some((self.program.functions[id].name_span, "declared")),
            Value::Constant(id) => Some((self.program.constants[id].name_span?, "declared")),
            Value::Local(_) | Value::Builtin(_) | Value::Nil | Value::Error => None,
        }
    }

    /// `name = (…) -> …:`
    pub(super) fn closure(&mut self, closure: &'a ast::Closure, span: Span) -> StmtKind {
        let detached = closure.func.is_some();
        let id = self.arrow(&closure.name, span, &closure.signature, &closure.body, Some(detached));
        let ty = self.program.functions[id].ty;
        let local = self.bind_local(NewLocal::named(&closure.name, ty, LocalKind::Closure));
        self.closures.insert(local, id);
        StmtKind::Closure { local, closure: id }
    }

    /// A function or closure; `detached` is `None` for a function.
    fn arrow(
        &mut self,
        name: &'a ast::Ident,
        span: Span,
        signature: &'a ast::Signature,
        body: &'a ast::Block,
        detached: Option<bool>,
    ) -> FunctionId {
        let id = self.open_arrow(name, span, detached);
        let frame = if detached.is_some() { FrameKind::Closure } else { FrameKind::Function };
        let mark = self.scope.enter(frame, Some(span));
        let unreadable = self.module.damage.touches(span.to(signature.span));
        let parameters = self.parameters(signature);
        let mut results: Vec<TypeId> =
            signature.results.iter().map(|ty| self.resolve_type(ty)).collect();
        if unreadable {
            self.forget_types(&parameters, &mut results);
        }
        let types: Vec<TypeId> = parameters.iter().map(|local| self.local(*local).ty).collect();
        let ty = self.types.function(&types, &results);
        let ty = self.check_depth(ty, signature.span);
        let function = &mut self.program.functions[id];
        function.ty = ty;
        function.parameters = parameters;
        function.results_span = results_span(signature);
        function.results.clone_from(&results);
        let outer_damage = std::mem::replace(&mut self.function.damaged, unreadable);
        let outer_lost = self.function.lost;
        self.function.lost |= unreadable;
        let (block, returned) = self.arrow_body(body, signature, &results);
        match returned {
            Some(Returned { values, span }) => {
                let function = &mut self.program.functions[id];
                function.returns = values;
                function.return_span = Some(span);
            }
            None if !results.is_empty() && !self.function.damaged => {
                self.report_no_return(name, signature, body, &results);
            }
            None => {}
        }
        self.function.damaged |= outer_damage;
        self.function.lost = outer_lost;
        self.scope.leave(mark);
        let function = &mut self.program.functions[id];
        function.body = block;
        if unreadable {
            // Nobody knows how it can be called.
            function.ty = self.types.error();
        }
        self.close_arrow(id);
        id
    }

    /// Types of a signature that could not be read as a whole: each may be another one.
    fn forget_types(&mut self, parameters: &[LocalId], results: &mut [TypeId]) {
        let error = self.types.error();
        results.fill(error);
        for local in parameters {
            self.program.locals[*local].ty = error;
        }
    }

    fn open_arrow(&mut self, name: &ast::Ident, span: Span, detached: Option<bool>) -> FunctionId {
        let kind = match detached {
            None => FunctionKind::Top,
            Some(detached) => FunctionKind::Closure { detached, captures: Vec::new() },
        };
        let id = self.program.functions.add(Function {
            name: name.name.clone(),
            name_span: name.span,
            span,
            module: self.module.id,
            kind,
            ty: self.types.error(),
            parameters: Vec::new(),
            results: Vec::new(),
            body: Block::default(),
            returns: Vec::new(),
            return_span: None,
            results_span: None,
        });
        self.function.stack.push(id);
        self.function.captures.push(Captures::default());
        id
    }

    fn close_arrow(&mut self, id: FunctionId) {
        self.function.stack.pop();
        let used = self.function.captures.pop().unwrap_or_default();
        if let FunctionKind::Closure { captures, .. } = &mut self.program.functions[id].kind {
            *captures = used.order;
        }
    }

    fn parameters(&mut self, signature: &'a ast::Signature) -> Vec<LocalId> {
        let mut locals = Vec::with_capacity(signature.abilities.len() + signature.parameters.len());
        for path in &signature.abilities {
            let ty = self.named_type(path).ty;
            locals.push(self.bind_local(NewLocal {
                name: &path.name,
                span: path.span,
                declaration: path.span,
                ty,
                kind: LocalKind::AbilityParameter,
            }));
        }
        for parameter in &signature.parameters {
            let ty = self.resolve_type(&parameter.kind);
            locals.push(self.bind_local(NewLocal {
                name: &parameter.name.name,
                span: parameter.name.span,
                declaration: parameter.name.span.to(parameter.kind.span),
                ty,
                kind: LocalKind::Parameter,
            }));
        }
        locals
    }

    /// The statements of a body and its return line, wherever that stands.
    fn arrow_body(
        &mut self,
        body: &'a ast::Block,
        signature: &'a ast::Signature,
        results: &[TypeId],
    ) -> (Block, Option<Returned>) {
        let mut block = Block::default();
        let mut returned: Option<Returned> = None;
        for statement in &body.statements {
            if let Some((line, span)) = return_line(statement) {
                let values = self.returned(line, span, signature, results);
                match &returned {
                    Some(first) => self.report(ReturnProblem::Second { span, first: first.span }),
                    None => returned = Some(Returned { values, span }),
                }
                self.function.returned_at = Some(line.arrow);
            }
            if !matches!(statement.kind, ast::StatementKind::Return(_)) {
                let statement = self.statement(statement);
                block.statements.push(statement);
            }
        }
        (block, returned)
    }

    fn returned(
        &mut self,
        line: &'a ast::Return,
        span: Span,
        signature: &'a ast::Signature,
        results: &[TypeId],
    ) -> Vec<ExprId> {
        let before = self.diagnostics.len();
        let values: Vec<ExprId> = line.values.iter().map(|value| self.expr(value)).collect();
        if values.len() != results.len() {
            // A value that is wrong may be two that have grown together.
            let wrong =
                self.errors_since(before) || results.iter().any(|ty| self.types.is_error(*ty));
            if wrong || self.module.damage.touches(signature.span) {
                return values;
            }
            self.report_return_count(&values, span, signature);
            return values;
        }
        let mut converted = Vec::with_capacity(values.len());
        for (at, (value, result)) in values.into_iter().zip(results).enumerate() {
            let declared = signature.results.get(at).map(|ty| ty.span);
            let why = Why { kind: WhyKind::Return, span: declared };
            converted.push(self.convert(value, *result, why));
        }
        converted
    }

    fn report_return_count(&mut self, values: &[ExprId], span: Span, signature: &ast::Signature) {
        let place = match values.get(signature.results.len()).or(values.last()) {
            Some(value) => self.span(*value),
            None => span,
        };
        let wanted = signature.results.len();
        if wanted == 0 {
            let signature = signature.span;
            let value = values.first().map(|value| self.ty(*value));
            let ty = value.map_or_else(String::new, |ty| self.show(ty));
            self.report(ReturnProblem::NothingPromised { span: place, signature, ty });
            return;
        }
        let promised = results_span(signature).unwrap_or(signature.span);
        self.report(ReturnProblem::Count { span: place, wanted, given: values.len(), promised });
    }

    fn report_no_return(
        &mut self,
        name: &ast::Ident,
        signature: &ast::Signature,
        body: &'a ast::Block,
        results: &[TypeId],
    ) {
        let Some(last) = body.statements.last() else { return };
        let promised: Vec<String> = results.iter().map(|ty| self.show(*ty)).collect();
        let candidate = self.fitting_local(results);
        let lone = is_one_line(&last.kind);
        let indent = self.indentation(last.span);
        self.report(ReturnProblem::Missing {
            name: name.name.clone(),
            span: results_span(signature).unwrap_or(signature.span),
            promised: promised.join(", "),
            last: last.span,
            candidate,
            insert: lone.then_some(indent),
        });
    }

    /// The local bound most lately that has the promised type.
    fn fitting_local(&mut self, results: &[TypeId]) -> Option<aquac_base::Name> {
        let [wanted] = results else { return None };
        let function = *self.function.stack.last()?;
        let latest: Vec<LocalId> =
            self.function.locals.iter().rev().take(NEAR_END).copied().collect();
        for id in latest {
            let (name, ty, home, kind) = {
                let local = self.local(id);
                (local.name.clone(), local.ty, local.function, local.kind)
            };
            let symbol = self.symbols.of(&name);
            let visible = self.scope.value(symbol) == Some(Value::Local(id)) && home == function;
            let bound = !matches!(kind, LocalKind::Parameter | LocalKind::AbilityParameter);
            if visible && bound && !self.types.is_error(ty) && self.fits(*wanted, ty) {
                return Some(name);
            }
        }
        None
    }

    /// The blanks before a line.
    fn indentation(&self, span: Span) -> String {
        let Some(source) = self.sources.get(span.source) else { return String::new() };
        let before = source.text.get(..span.start as usize).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().take_while(|c| *c == ' ' || *c == '\t').collect()
    }
}

/// The return line that a statement is or, with `par` and `otherwise` below it, starts with. They
/// group with whatever is above them.
fn return_line(statement: &ast::Statement) -> Option<(&ast::Return, Span)> {
    let mut at = statement;
    loop {
        if let ast::StatementKind::Return(line) = &at.kind {
            return Some((line, at.span));
        }
        at = if let ast::StatementKind::Par(par) = &at.kind {
            &par.first
        } else if let ast::StatementKind::Try(group) = &at.kind
            && let ast::Attempt::Statement(guarded) = &group.attempt
        {
            guarded
        } else {
            return None;
        };
    }
}

/// From the `->` to the last result.
fn results_span(signature: &ast::Signature) -> Option<Span> {
    let last = signature.results.last()?;
    Some(signature.arrow.map_or(last.span, |arrow| arrow.to(last.span)))
}

/// Whether a statement has no body, so that a line can be put right behind it.
fn is_one_line(kind: &ast::StatementKind) -> bool {
    match kind {
        ast::StatementKind::ServiceId { .. }
        | ast::StatementKind::Push(_)
        | ast::StatementKind::Join { .. }
        | ast::StatementKind::Declare { .. }
        | ast::StatementKind::Assign(_)
        | ast::StatementKind::Bind(_)
        | ast::StatementKind::Value(_) => true,
        ast::StatementKind::For(_)
        | ast::StatementKind::Parseq(_)
        | ast::StatementKind::On(_)
        | ast::StatementKind::If(_)
        | ast::StatementKind::Try(_)
        | ast::StatementKind::Par(_)
        | ast::StatementKind::Co { .. }
        | ast::StatementKind::Closure(_)
        | ast::StatementKind::Return(_)
        | ast::StatementKind::Damaged { .. } => false,
    }
}
