//! Mistakes that show in one function as it is written: an `on` in which nothing happens, an `on`
//! the caller's peer, a branch that reads what a branch beside it gets.

use std::collections::{BTreeSet, HashSet};

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_semantics::hir::{
    Block, Builtin, Callee, ExprId, ExprKind, FunctionId, LocalId, Program, Stmt, StmtKind, Target,
    Targets,
};
use aquac_semantics::{ExportItem, Typed};

use super::error::Finding;
use super::text::Text;
use super::walk;

/// What is found in one function.
pub(super) fn habits(
    typed: &Typed,
    text: Text<'_>,
    acting: &[bool],
    function: FunctionId,
) -> Vec<Diagnostic> {
    let program = &typed.program;
    let exported = typed
        .exports
        .iter()
        .any(|export| matches!(&export.item, ExportItem::Function(id, _) if *id == function));
    let mut home = HashSet::new();
    for statement in &program.functions[function].body.statements {
        from_home(program, statement, exported, &mut home);
    }
    let mut habits = Habits { program, text, acting, home, found: Vec::new() };
    let mut statements = Vec::new();
    walk::function(program, function, &mut |statement| statements.push(statement));
    for statement in statements {
        habits.statement(statement);
    }
    habits.found
}

/// For each function whether a call of it makes something happen where it is called. Functions are
/// declared before they are called, so one pass in their order is enough.
pub(super) fn acting(typed: &Typed) -> Vec<bool> {
    let program = &typed.program;
    let text = SourceMap::new();
    let mut acting: Vec<bool> = Vec::with_capacity(program.functions.len());
    for (_, function) in program.functions.iter() {
        let text = Text::new(&text);
        let home = HashSet::new();
        let habits = Habits { program, text, acting: &acting, home, found: Vec::new() };
        let acts = habits.block_acts(&function.body)
            || function.returns.iter().any(|value| habits.expression_acts(*value));
        acting.push(acts);
    }
    acting
}

/// Finds the `on` blocks to which control comes from the initiator or its relay, who reach it: in a
/// function that the host calls, outside of every block on another peer.
fn from_home(program: &Program, statement: &Stmt, home: bool, found: &mut HashSet<Span>) {
    let at_home = match &statement.kind {
        StmtKind::On { peer, .. } => {
            if home {
                found.insert(statement.span);
            }
            matches!(
                program.exprs[*peer].kind,
                ExprKind::Builtin(Builtin::InitPeer | Builtin::HostPeer)
            )
        }
        // A closure runs where it is called.
        StmtKind::Closure { .. } | StmtKind::Parseq { .. } => false,
        StmtKind::Bind { .. }
        | StmtKind::Call { .. }
        | StmtKind::Push { .. }
        | StmtKind::Insert { .. }
        | StmtKind::Stream(_)
        | StmtKind::ServiceId { .. }
        | StmtKind::If { .. }
        | StmtKind::Try { .. }
        | StmtKind::Par(_)
        | StmtKind::Co(_)
        | StmtKind::For { .. }
        | StmtKind::Join(_)
        | StmtKind::Error(_) => home,
    };
    for inner in walk::inside(program, statement) {
        from_home(program, inner, at_home, found);
    }
}

struct Habits<'a> {
    program: &'a Program,
    text: Text<'a>,
    /// Whether a call of each function makes something happen.
    acting: &'a [bool],
    /// Blocks to which control comes from home.
    home: HashSet<Span>,
    found: Vec<Diagnostic>,
}

impl<'a> Habits<'a> {
    fn statement(&mut self, statement: &'a Stmt) {
        match &statement.kind {
            StmtKind::On { peer, via, body } => {
                let caller =
                    matches!(self.program.exprs[*peer].kind, ExprKind::Builtin(Builtin::InitPeer));
                let head = self.text.head(statement.span);
                let from_home = self.home.contains(&statement.span);
                if caller && via.is_empty() && !from_home {
                    self.found.push(Finding::CallerAssumed { head }.into());
                } else if !self.block_acts(body) {
                    self.never_visited(head, *peer, body);
                }
            }
            StmtKind::Par(branches) => self.par(branches),
            StmtKind::Bind { .. }
            | StmtKind::Call { .. }
            | StmtKind::Push { .. }
            | StmtKind::Insert { .. }
            | StmtKind::Stream(_)
            | StmtKind::Closure { .. }
            | StmtKind::ServiceId { .. }
            | StmtKind::If { .. }
            | StmtKind::Try { .. }
            | StmtKind::Co(_)
            | StmtKind::For { .. }
            | StmtKind::Parseq { .. }
            | StmtKind::Join(_)
            | StmtKind::Error(_) => {}
        }
    }

    fn never_visited(&mut self, head: Span, peer: ExprId, body: &Block) {
        let peer = self.text.at(self.program.exprs[peer].span).to_owned();
        // An `on` inside is reported by itself.
        let Some(first) = body.statements.first() else { return };
        if matches!(first.kind, StmtKind::On { .. }) && body.statements.len() == 1 {
            return;
        }
        let pushes = matches!(first.kind, StmtKind::Push { .. } | StmtKind::Insert { .. });
        let inside = self.text.head(first.span);
        self.found.push(Finding::NeverVisited { peer, head, inside, pushes }.into());
    }

    fn block_acts(&self, block: &'a Block) -> bool {
        block.statements.iter().any(|statement| self.acts(statement))
    }

    /// Whether a statement makes something happen on the peer where it stands.
    fn acts(&self, statement: &'a Stmt) -> bool {
        match &statement.kind {
            // A closure remembers where it is made.
            StmtKind::Closure { .. } | StmtKind::Join(_) | StmtKind::Error(_) => return true,
            StmtKind::Bind { .. }
            | StmtKind::Call { .. }
            | StmtKind::Push { .. }
            | StmtKind::Insert { .. }
            | StmtKind::Stream(_)
            | StmtKind::ServiceId { .. }
            | StmtKind::On { .. }
            | StmtKind::If { .. }
            | StmtKind::Try { .. }
            | StmtKind::Par(_)
            | StmtKind::Co(_)
            | StmtKind::For { .. }
            | StmtKind::Parseq { .. } => {}
        }
        let own = walk::own_expressions(self.program, statement);
        own.into_iter().any(|expr| self.expression_acts(expr))
            || walk::inside(self.program, statement).into_iter().any(|inner| self.acts(inner))
    }

    fn expression_acts(&self, expr: ExprId) -> bool {
        let mut called = BTreeSet::new();
        let acts = walk::any(self.program, expr, &mut |kind| match kind {
            ExprKind::Call(call) => match call.callee {
                Callee::Function(function) => {
                    called.insert(function);
                    false
                }
                Callee::Local(_) | Callee::Service { .. } | Callee::Member { .. } => true,
            },
            ExprKind::Await { .. } | ExprKind::Snapshot(_) | ExprKind::Map { .. } => true,
            ExprKind::Error
            | ExprKind::Literal(_)
            | ExprKind::Builtin(_)
            | ExprKind::Constant(_)
            | ExprKind::Local(_)
            | ExprKind::Function(_)
            | ExprKind::Service { .. }
            | ExprKind::Field { .. }
            | ExprKind::Member { .. }
            | ExprKind::Length(_)
            | ExprKind::Element { .. }
            | ExprKind::Copy { .. }
            | ExprKind::Construct(_)
            | ExprKind::Ability(_)
            | ExprKind::Collection { .. }
            | ExprKind::Not(_)
            | ExprKind::Binary { .. } => false,
        });
        let acting =
            |function: FunctionId| self.acting.get(function.index()).copied().unwrap_or(true);
        acts || called.into_iter().any(acting)
    }

    /// The first read, in each branch, of what a branch beside it gets.
    fn par(&mut self, branches: &'a [Stmt]) {
        let mut before: Vec<(LocalId, Span, Option<ExprId>)> = Vec::new();
        for branch in branches {
            if let Some((read, local)) = self.first_read(branch, &before, None) {
                self.report_read(branch, read, local);
            }
            self.gets(branch, None, &mut before);
        }
    }

    fn report_read(
        &mut self,
        branch: &Stmt,
        read: (Span, Option<ExprId>),
        (local, written, there): (LocalId, Span, Option<ExprId>),
    ) {
        let peer = |expr: Option<ExprId>| {
            expr.map(|expr| self.text.at(self.program.exprs[expr].span).to_owned())
        };
        let finding = Finding::CrossRead {
            name: self.program.locals[local].name.to_string(),
            read: read.0,
            here: peer(read.1),
            written,
            there: peer(there),
            branch: self.text.since_line_start(branch.span),
        };
        self.found.push(finding.into());
    }

    /// What a statement gets from calls and waits, with where and on which peer.
    fn gets(
        &self,
        statement: &'a Stmt,
        peer: Option<ExprId>,
        found: &mut Vec<(LocalId, Span, Option<ExprId>)>,
    ) {
        match &statement.kind {
            StmtKind::Call { targets: Targets::Each(targets), .. } => {
                for target in targets {
                    if let Target::New(local) = target
                        && !self.is_stream(*local)
                    {
                        found.push((*local, statement.span, peer));
                    }
                }
            }
            StmtKind::Bind { local, value } if !self.is_stream(*local) => {
                let known = |read: &LocalId| found.iter().any(|(local, ..)| local == read);
                let waits = walk::any(self.program, *value, &mut |kind| {
                    matches!(
                        kind,
                        ExprKind::Call(_) | ExprKind::Await { .. } | ExprKind::Snapshot(_)
                    ) || matches!(kind, ExprKind::Local(read) if known(read))
                });
                if waits {
                    found.push((*local, statement.span, peer));
                }
            }
            StmtKind::On { peer, body, .. } => {
                body.statements.iter().for_each(|inner| self.gets(inner, Some(*peer), found));
            }
            StmtKind::Par(branches) => {
                branches.iter().for_each(|inner| self.gets(inner, peer, found));
            }
            // Names bound in these do not leave them, or nobody knows when they are bound.
            StmtKind::Call { .. }
            | StmtKind::Bind { .. }
            | StmtKind::Push { .. }
            | StmtKind::Insert { .. }
            | StmtKind::Stream(_)
            | StmtKind::Closure { .. }
            | StmtKind::ServiceId { .. }
            | StmtKind::If { .. }
            | StmtKind::Try { .. }
            | StmtKind::Co(_)
            | StmtKind::For { .. }
            | StmtKind::Parseq { .. }
            | StmtKind::Join(_)
            | StmtKind::Error(_) => {}
        }
    }

    fn is_stream(&self, local: LocalId) -> bool {
        // A stream from a call is an alias: it is there at once.
        matches!(self.program.locals[local].kind, aquac_semantics::hir::LocalKind::Stream)
    }

    /// The first place in a branch that reads one of these, and the peer around it.
    #[expect(clippy::type_complexity, reason = "the place with its peer, and what is read there")]
    fn first_read(
        &self,
        statement: &'a Stmt,
        of: &[(LocalId, Span, Option<ExprId>)],
        peer: Option<ExprId>,
    ) -> Option<((Span, Option<ExprId>), (LocalId, Span, Option<ExprId>))> {
        for expr in walk::own_expressions(self.program, statement) {
            let read = of.iter().find(|(local, ..)| walk::reads(self.program, expr, *local));
            if let Some(found) = read {
                return Some(((self.innermost_call(statement, expr, found.0), peer), *found));
            }
        }
        let inner =
            if let StmtKind::On { peer, .. } = &statement.kind { Some(*peer) } else { peer };
        // A closure runs when it is called, if it is.
        if matches!(statement.kind, StmtKind::Closure { .. }) {
            return None;
        }
        let inside = walk::inside(self.program, statement);
        inside.into_iter().find_map(|statement| self.first_read(statement, of, inner))
    }

    /// The smallest call that reads the local; else the expression, or the head of the construct.
    fn innermost_call(&self, statement: &Stmt, expr: ExprId, local: LocalId) -> Span {
        let mut span = match statement.kind {
            StmtKind::On { .. } | StmtKind::For { .. } | StmtKind::If { .. } => {
                self.text.head(statement.span)
            }
            StmtKind::Bind { .. }
            | StmtKind::Call { .. }
            | StmtKind::Push { .. }
            | StmtKind::Insert { .. }
            | StmtKind::Stream(_)
            | StmtKind::Closure { .. }
            | StmtKind::ServiceId { .. }
            | StmtKind::Try { .. }
            | StmtKind::Par(_)
            | StmtKind::Co(_)
            | StmtKind::Parseq { .. }
            | StmtKind::Join(_)
            | StmtKind::Error(_) => self.program.exprs[expr].span,
        };
        walk::expressions(self.program, expr, &mut |part| {
            let calls = matches!(self.program.exprs[part].kind, ExprKind::Call(_));
            if calls && walk::reads(self.program, part, local) {
                span = self.program.exprs[part].span;
            }
        });
        span
    }
}
