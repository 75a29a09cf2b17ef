//! The pipeline, from the name of a file to a program: each line of [`check`] and [`build`] is a
//! pass.

use aquac_base::{Diagnostic, SourceMap};
use aquac_semantics::{GivenConstant, ModuleGraph, Typed};

use crate::load::{ImportRoots, load};
use crate::sources::Sources;

/// What to compile.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The files that were asked for, by path.
    pub entries: Vec<String>,
    /// Where imports are looked up.
    pub roots: ImportRoots,
    /// Constants from outside.
    pub constants: Vec<GivenConstant>,
}

/// A checked program, with everything that was said about it.
#[derive(Debug)]
pub struct Checked {
    /// The modules, imports first.
    pub graph: ModuleGraph,
    /// The texts.
    pub sources: SourceMap,
    /// The program with its types.
    pub typed: Typed,
    /// Everything that is wrong, in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether it can be built.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Text to a typed program.
#[must_use]
pub fn check(request: &Request, sources: &dyn Sources) -> Checked {
    let loaded = load(&request.entries, &request.roots, sources);
    let typed = aquac_semantics::check(&loaded.graph, &request.constants, &loaded.sources);
    let mut diagnostics = loaded.diagnostics;
    diagnostics.extend(typed.diagnostics.iter().cloned());
    diagnostics.sort_by_key(|found| found.primary.as_ref().map(|label| label.span));
    Checked { graph: loaded.graph, sources: loaded.sources, typed, diagnostics }
}
