//! Typed program to plan, to places, to IR.
//!
//! ```text
//! hir::Function ──inline──▶ Plan ──place──▶ Placed ──optimise──▶ Placed ──emit──▶ ir::Program
//! ```
//!
//! `inline` writes every call out and says in steps what the language says in one word;
//! `place` puts a place on every step; `optimise` removes what does nothing; `emit` numbers
//! what is left. Only functions that the host may call are lowered, each by itself.

pub mod codes;
mod debug;
mod emit;
mod error;
pub mod guarantee;
mod inline;
mod optimise;
mod place;
mod placed;
mod plan;
mod route;
mod shapes;
mod show;
mod terms;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use aquac_base::{Diagnostic, SourceMap};
use aquac_ir::limits::MAX_NODE_DEPTH;
use aquac_ir::{Debug, Program};
use aquac_semantics::Typed;
use aquac_semantics::hir::FunctionId;

pub use error::LowerError;
pub use route::{
    BlockKind, Bytes, Carried, Route, RouteBlock, RouteBranch, RouteLine, RoutePart, RouteStep,
};

/// Whether the initiator is reached through a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Relay {
    /// Through `HOST_PEER_ID`. If a run has no relay, that is the initiator itself, so this form
    /// serves both.
    #[default]
    Used,
    /// Directly: `HOST_PEER_ID` is the initiator.
    Unused,
}

/// How to lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether the initiator is reached through a relay.
    pub relay: Relay,
}

/// A lowered function.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// What peers run.
    pub program: Program,
    /// What people need beside it.
    pub debug: Debug,
}

/// Lowers one function that the host may call.
///
/// # Errors
///
/// The errors of the checked program if it has any; otherwise what shows only when calls are
/// written out: [`LowerError`]s as diagnostics.
pub fn lower(
    typed: &Typed,
    sources: &SourceMap,
    function: FunctionId,
    options: &Options,
) -> Result<Lowered, Vec<Diagnostic>> {
    let workflow = Workflow::of(typed, function, options)?;
    let (program, mut debug) = emit::emit(&workflow, &typed.types, sources);
    debug.function = typed.program.functions[function].name.to_string();
    let names = |names: &[aquac_base::Name]| names.iter().map(ToString::to_string).collect();
    debug.parameters =
        workflow.inlined.parameters.iter().map(|given| given.name.to_string()).collect();
    debug.callbacks = names(&workflow.inlined.callbacks);
    Ok(Lowered { program, debug })
}

/// The plan of a function as text: calls written out, `on` as scopes.
///
/// # Errors
///
/// As [`lower`].
pub fn plan_text(
    typed: &Typed,
    function: FunctionId,
    options: &Options,
) -> Result<String, Vec<Diagnostic>> {
    let inlined = planned(typed, function, options)?;
    Ok(show::plan(&inlined.plan, &inlined.pools, &inlined.parameters))
}

/// The optimised workflow of a function as text: a place on every step, no `on`.
///
/// # Errors
///
/// As [`lower`].
pub fn placed_text(
    typed: &Typed,
    function: FunctionId,
    options: &Options,
) -> Result<String, Vec<Diagnostic>> {
    let workflow = Workflow::of(typed, function, options)?;
    Ok(show::placed(&workflow.placed, &workflow.inlined.pools, &workflow.inlined.parameters))
}

/// Where a function goes, step by step.
///
/// # Errors
///
/// As [`lower`].
pub fn route(
    typed: &Typed,
    sources: &SourceMap,
    function: FunctionId,
    options: &Options,
) -> Result<Route, Vec<Diagnostic>> {
    let workflow = Workflow::of(typed, function, options)?;
    let (program, _) = emit::emit(&workflow, &typed.types, sources);
    let declared = &typed.program.functions[function];
    let about = (declared.name.to_string(), aquac_ir::encode(&program).len());
    Ok(route::route(&workflow, typed, sources, about, declared.span))
}

/// A function with everything that it calls, optimised: what programs are made from.
struct Workflow {
    placed: placed::Placed,
    /// What its steps refer to. The plan has become the placed one.
    inlined: inline::Inlined,
}

impl Workflow {
    fn of(typed: &Typed, function: FunctionId, options: &Options) -> Result<Self, Vec<Diagnostic>> {
        let mut inlined = planned(typed, function, options)?;
        let placed = optimise::optimise(inlined.take_placed(), &mut inlined.pools);
        // Naming a value to wait for, or a scope, adds no level that is not counted here.
        if placed.depth() >= MAX_NODE_DEPTH {
            let span = typed.program.functions[function].span;
            return Err(vec![LowerError::TooDeep { span }.into()]);
        }
        Ok(Self { placed, inlined })
    }
}

fn planned(
    typed: &Typed,
    function: FunctionId,
    options: &Options,
) -> Result<inline::Inlined, Vec<Diagnostic>> {
    if !typed.is_ok() {
        return Err(typed.diagnostics.iter().filter(|found| found.is_error()).cloned().collect());
    }
    inline::inline(typed, function, options.relay)
        .map_err(|errors| errors.into_iter().map(Diagnostic::from).collect())
}
