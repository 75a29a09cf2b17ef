//! The walk: module by module in dependency order, declaration by declaration, line by line.
//!
//! [`Checker`] holds what the walk has produced so far and what names mean where it stands. Its
//! methods live beside the part of the language that they are about. All recursion follows the
//! syntax tree, whose depth `aquac-syntax` bounds.

mod arguments;
mod calls;
mod chains;
mod collections;
mod constructors;
mod convert;
mod damage;
mod declarations;
mod exports;
mod expressions;
mod functions;
mod headers;
mod literals;
mod names;
mod operators;
mod parts;
mod repeats;
mod scope;
mod statements;
mod streams;
mod suggest;
mod typenames;
mod unused;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use aquac_base::{Diagnostic, Name, SourceMap, Span};
use aquac_syntax::ast;

use crate::graph::{GivenConstant, ModuleGraph, ModuleId};
use crate::hir::{
    Builtin, Constant, Definition, Expr, ExprId, ExprKind, FunctionId, Local, LocalId, Module,
    Program, Reference, ServiceId,
};
use crate::symbols::{QuickHash, Symbol, Symbols};
use crate::typed::{Export, Typed};
use crate::types::{RecordId, TypeId, Types};

use parts::Parts;
pub(crate) use scope::FrameKind;
use scope::{Scope, Value};

/// Resolves every name and checks every type.
///
/// `constants` are defined in every module before everything else; of two with one name the last
/// counts. `sources` are only looked at to word messages and fixes.
///
/// Total and linear: there is always a program, and everything wrong is in
/// [`Typed::diagnostics`].
#[must_use]
pub fn check(graph: &ModuleGraph, constants: &[GivenConstant], sources: &SourceMap) -> Typed {
    let mut checker = Checker::new(graph, sources);
    checker.give_constants(constants);
    for (id, module) in graph.iter() {
        checker.check_module(id, module);
    }
    checker.finish()
}

struct Checker<'a> {
    graph: &'a ModuleGraph,
    sources: &'a SourceMap,
    program: Program,
    types: Types,
    symbols: Symbols,
    scope: Scope,
    diagnostics: Vec<Diagnostic>,
    exports: Vec<Export>,
    /// What each module shows, by module number.
    shown: Vec<Rc<Parts>>,
    /// Constants from outside.
    given: Vec<(Name, Value)>,
    module: ModuleState<'a>,
    function: FunctionState,
    /// Named types that may have members which could not be read.
    open_records: HashSet<RecordId, QuickHash>,
    /// By local: the expression that an `=` bound to it.
    bound: HashMap<LocalId, ExprId, QuickHash>,
    /// Results of arithmetic on literals.
    folded: HashMap<ExprId, i128, QuickHash>,
    /// By local: the closure that it names.
    closures: HashMap<LocalId, FunctionId, QuickHash>,
    /// How many candidates may still be looked at for "did you mean".
    suggestions_left: usize,
}

/// What belongs to the module at hand.
struct ModuleState<'a> {
    id: ModuleId,
    tree: Option<&'a ast::Module>,
    /// Whether to look for what the module forgot.
    linted: bool,
    /// Modules brought by `use`.
    used: Parts,
    /// A whole import failed: an unknown name may have come from it.
    open: bool,
    /// What unreadable lines may have taken away.
    damage: damage::Damage,
    /// Position of the declaration at hand.
    at: usize,
    /// Names of all declarations and their positions; made when first needed.
    declared: Option<HashMap<Symbol, usize, QuickHash>>,
    /// Where mistakes that may be repeated were reported: positions in `diagnostics`.
    said: HashMap<repeats::Same, usize, QuickHash>,
    /// Warnings about unused names, said only if nothing else is.
    unused: Vec<Diagnostic>,
    /// Functions with something wrong in them.
    wrong: HashSet<FunctionId, QuickHash>,
    /// The first service with each literal default id, and the warning about others.
    ids: HashMap<Name, (ServiceId, Option<usize>), QuickHash>,
}

/// What belongs to the top-level function at hand.
#[derive(Default)]
struct FunctionState {
    /// The function and the closures around the current line, outermost first.
    stack: Vec<FunctionId>,
    /// Captures of the closures in `stack`, parallel to it.
    captures: Vec<Captures>,
    /// Locals of the function and its closures, in order.
    locals: Vec<LocalId>,
    /// First local of the function.
    first_local: usize,
    /// Diagnostics before the function.
    first_diagnostic: usize,
    /// A line of it could not be read, or a return line is misplaced: something may be missing
    /// that is not.
    damaged: bool,
    /// A line above could not be read at all: it may have bound any name.
    lost: bool,
    /// The arrow of the latest return line that counts.
    returned_at: Option<Span>,
    /// Targets of one call, where there are several.
    groups: Vec<Vec<LocalId>>,
    /// Integers that do not fit, gathered to be reported together.
    misfits: Vec<literals::Misfit>,
    /// Statements that bound results, for the help of "unused".
    binders: Vec<(LocalId, Span)>,
}

/// Locals that a closure uses from outside, each once, in order of first use.
#[derive(Default)]
struct Captures {
    order: Vec<LocalId>,
    known: HashSet<LocalId, QuickHash>,
}

impl Captures {
    fn add(&mut self, local: LocalId) {
        if self.known.insert(local) {
            self.order.push(local);
        }
    }
}

impl<'a> Checker<'a> {
    fn new(graph: &'a ModuleGraph, sources: &'a SourceMap) -> Self {
        Self {
            graph,
            sources,
            program: Program::default(),
            types: Types::new(),
            symbols: Symbols::default(),
            scope: Scope::default(),
            diagnostics: Vec::new(),
            exports: Vec::new(),
            shown: Vec::new(),
            given: Vec::new(),
            module: ModuleState::new(ModuleId::FIRST),
            function: FunctionState::default(),
            open_records: HashSet::default(),
            bound: HashMap::default(),
            folded: HashMap::default(),
            closures: HashMap::default(),
            suggestions_left: suggest::BUDGET,
        }
    }

    fn give_constants(&mut self, constants: &[GivenConstant]) {
        for constant in constants {
            let ty = self.types.literal(literals::literal_type(constant.value.kind));
            let kind = ExprKind::Literal(constant.value.clone());
            let nowhere = Span::new(aquac_base::SourceId(u32::MAX), 0, 0);
            let value = self.program.exprs.add(Expr { kind, ty, span: nowhere });
            let name = constant.name.clone();
            let entry = Constant { name: name.clone(), name_span: None, value, ty };
            let id = self.program.constants.add(entry);
            self.given.push((name, Value::Constant(id)));
        }
    }

    /// Names that every module has: built-in constants and those from outside.
    fn predeclared(&self) -> Vec<(Name, Value)> {
        let builtin = |name: &str, value| (Name::new(name), value);
        let mut all = vec![
            builtin("HOST_PEER_ID", Value::Builtin(Builtin::HostPeer)),
            builtin("INIT_PEER_ID", Value::Builtin(Builtin::InitPeer)),
            builtin("PARTICLE_TTL", Value::Builtin(Builtin::Ttl)),
            builtin("PARTICLE_TIMESTAMP", Value::Builtin(Builtin::Timestamp)),
            builtin("LAST_ERROR", Value::Builtin(Builtin::LastError)),
            builtin("nil", Value::Nil),
        ];
        all.extend(self.given.iter().cloned());
        all
    }

    fn finish(self) -> Typed {
        Typed {
            program: self.program,
            types: self.types,
            exports: self.exports,
            diagnostics: self.diagnostics,
        }
    }

    /// Says what is wrong. Called once for a mistake.
    fn report(&mut self, problem: impl Into<Diagnostic>) {
        self.diagnostics.push(problem.into());
    }

    /// Whether an error was reported since there were this many diagnostics.
    fn errors_since(&self, before: usize) -> bool {
        self.diagnostics.iter().skip(before).any(Diagnostic::is_error)
    }

    fn add(&mut self, kind: ExprKind, ty: TypeId, span: Span) -> ExprId {
        self.program.exprs.add(Expr { kind, ty, span })
    }

    fn error_expr(&mut self, span: Span) -> ExprId {
        self.add(ExprKind::Error, self.types.error(), span)
    }

    fn ty(&self, id: ExprId) -> TypeId {
        self.program.exprs[id].ty
    }

    fn span(&self, id: ExprId) -> Span {
        self.program.exprs[id].span
    }

    fn local(&self, id: LocalId) -> &Local {
        &self.program.locals[id]
    }

    fn refer(&mut self, span: Span, to: Definition) {
        self.program.references.push(Reference { span, to });
    }

    fn show(&self, ty: TypeId) -> String {
        self.types.show(ty).to_string()
    }

    /// The source text of a place.
    fn text(&self, span: Span) -> &'a str {
        self.sources.get(span.source).map_or("", |source| source.slice(span))
    }
}

impl ModuleState<'_> {
    fn new(id: ModuleId) -> Self {
        Self {
            id,
            tree: None,
            linted: false,
            used: Parts::default(),
            open: false,
            damage: damage::Damage::default(),
            at: 0,
            declared: None,
            said: HashMap::default(),
            unused: Vec::new(),
            wrong: HashSet::default(),
            ids: HashMap::default(),
        }
    }
}

/// A module before its declarations are checked.
fn placeholder_module(module: &crate::graph::ParsedModule) -> Module {
    let name = module.tree.header.as_ref().map_or_else(|| Name::new(""), |h| h.name.name.clone());
    Module {
        name,
        source: module.tree.source,
        entry: module.entry,
        functions: Vec::new(),
        services: Vec::new(),
        constants: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
