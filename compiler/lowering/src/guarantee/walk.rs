//! Walks over checked functions: the statements of a body with what is around them, and the
//! expressions of a statement.

use aquac_semantics::hir::{
    Block, Callee, ExprId, ExprKind, FunctionId, LocalId, MapMethod, Program, Stmt, StmtKind,
};

/// The blocks directly inside a statement.
pub(super) fn blocks<'a>(program: &'a Program, statement: &'a Stmt) -> Vec<&'a Block> {
    match &statement.kind {
        StmtKind::On { body, .. }
        | StmtKind::For { body, .. }
        | StmtKind::Parseq { body, .. }
        | StmtKind::Error(body) => vec![body],
        StmtKind::If { then, otherwise, .. } => {
            std::iter::once(then).chain(otherwise.as_ref()).collect()
        }
        StmtKind::Try { attempt, handlers, .. } => {
            std::iter::once(attempt).chain(handlers.iter().map(|handler| &handler.body)).collect()
        }
        StmtKind::Closure { closure, .. } => vec![&program.functions[*closure].body],
        StmtKind::Bind { .. }
        | StmtKind::Call { .. }
        | StmtKind::Push { .. }
        | StmtKind::Insert { .. }
        | StmtKind::Stream(_)
        | StmtKind::ServiceId { .. }
        | StmtKind::Par(_)
        | StmtKind::Co(_)
        | StmtKind::Join(_) => Vec::new(),
    }
}

/// The statements directly inside a statement.
pub(super) fn inside<'a>(program: &'a Program, statement: &'a Stmt) -> Vec<&'a Stmt> {
    match &statement.kind {
        StmtKind::Par(branches) => branches.iter().collect(),
        StmtKind::Co(one) => vec![one],
        StmtKind::On { .. }
        | StmtKind::For { .. }
        | StmtKind::Parseq { .. }
        | StmtKind::Error(_)
        | StmtKind::If { .. }
        | StmtKind::Try { .. }
        | StmtKind::Closure { .. }
        | StmtKind::Bind { .. }
        | StmtKind::Call { .. }
        | StmtKind::Push { .. }
        | StmtKind::Insert { .. }
        | StmtKind::Stream(_)
        | StmtKind::ServiceId { .. }
        | StmtKind::Join(_) => {
            blocks(program, statement).into_iter().flat_map(|block| &block.statements).collect()
        }
    }
}

/// A statement and everything in it, in the order of the source. Nesting is bounded by the parser.
pub(super) fn all<'a>(program: &'a Program, statement: &'a Stmt, visit: &mut dyn FnMut(&'a Stmt)) {
    visit(statement);
    for inner in inside(program, statement) {
        all(program, inner, visit);
    }
}

/// Every statement of a function.
pub(super) fn function<'a>(
    program: &'a Program,
    function: FunctionId,
    visit: &mut dyn FnMut(&'a Stmt),
) {
    for statement in &program.functions[function].body.statements {
        all(program, statement, visit);
    }
}

/// The expressions that a statement itself evaluates, without those of what is inside it.
pub(super) fn own_expressions(program: &Program, statement: &Stmt) -> Vec<ExprId> {
    match &statement.kind {
        StmtKind::Bind { value, .. } | StmtKind::Push { value, .. } => vec![*value],
        StmtKind::Call { call, .. } => vec![*call],
        StmtKind::Insert { key, value, .. } => vec![*key, *value],
        StmtKind::ServiceId { id, .. } => vec![*id],
        StmtKind::On { peer, via, .. } => std::iter::once(*peer).chain(via.clone()).collect(),
        StmtKind::If { condition, .. } => vec![*condition],
        StmtKind::For { source, .. } => vec![*source],
        StmtKind::Parseq { source, peer, via, .. } => {
            [*source, *peer].into_iter().chain(via.clone()).collect()
        }
        StmtKind::Join(values) => values.clone(),
        StmtKind::Closure { closure, .. } => program.functions[*closure].returns.clone(),
        StmtKind::Stream(_)
        | StmtKind::Try { .. }
        | StmtKind::Par(_)
        | StmtKind::Co(_)
        | StmtKind::Error(_) => Vec::new(),
    }
}

/// An expression and everything in it, from the outside. Nesting is bounded by the parser.
pub(super) fn expressions(program: &Program, id: ExprId, visit: &mut dyn FnMut(ExprId)) {
    visit(id);
    for part in parts(program, id) {
        expressions(program, part, visit);
    }
}

fn parts(program: &Program, id: ExprId) -> Vec<ExprId> {
    match &program.exprs[id].kind {
        ExprKind::Error
        | ExprKind::Literal(_)
        | ExprKind::Builtin(_)
        | ExprKind::Constant(_)
        | ExprKind::Local(_)
        | ExprKind::Function(_)
        | ExprKind::Service { .. } => Vec::new(),
        ExprKind::Field { base, .. } | ExprKind::Member { base, .. } => vec![*base],
        ExprKind::Length(of) | ExprKind::Snapshot(of) | ExprKind::Not(of) => vec![*of],
        ExprKind::Element { base, index } => vec![*base, *index],
        ExprKind::Await { stream, index } => vec![*stream, *index],
        ExprKind::Copy { base, fields } => {
            std::iter::once(*base).chain(fields.iter().map(|field| field.value)).collect()
        }
        ExprKind::Construct(fields) | ExprKind::Ability(fields) => {
            fields.iter().map(|field| field.value).collect()
        }
        ExprKind::Collection { elements, .. } => elements.clone(),
        ExprKind::Binary { left, right, .. } => vec![*left, *right],
        ExprKind::Call(call) => {
            let base =
                if let Callee::Member { base, .. } = call.callee { Some(base) } else { None };
            base.into_iter().chain(call.arguments.iter().copied()).collect()
        }
        ExprKind::Map { map, method } => {
            let key = match method {
                MapMethod::Get(key) | MapMethod::GetStream(key) | MapMethod::Contains(key) => {
                    Some(*key)
                }
                MapMethod::Keys | MapMethod::KeysStream => None,
            };
            std::iter::once(*map).chain(key).collect()
        }
    }
}

/// Whether an expression, or anything in it, is so.
pub(super) fn any(program: &Program, id: ExprId, is: &mut dyn FnMut(&ExprKind) -> bool) -> bool {
    let mut found = false;
    expressions(program, id, &mut |part| found |= is(&program.exprs[part].kind));
    found
}

/// Whether an expression reads a local.
pub(super) fn reads(program: &Program, id: ExprId, local: LocalId) -> bool {
    any(program, id, &mut |kind| matches!(kind, ExprKind::Local(read) if *read == local))
}
