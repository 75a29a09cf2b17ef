//! The pipeline, from the name of a file to a program: each line of [`check`] and [`build`] is a
//! pass.

use aquac_base::{Diagnostic, SourceMap};
use aquac_ir::{Debug, Program};
use aquac_lowering::{Lowered, Options, lower};
use aquac_semantics::hir::FunctionId;
use aquac_semantics::{ExportItem, GivenConstant, Interface, ModuleGraph, Typed};

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
    diagnostics.extend(crate::peers::impossible_peers(&typed.program));
    if !diagnostics.iter().any(Diagnostic::is_error) {
        diagnostics.extend(aquac_lowering::guarantee::check(&typed, &loaded.sources));
    }
    diagnostics.sort_by_key(|found| found.primary.as_ref().map(|label| label.span));
    Checked { graph: loaded.graph, sources: loaded.sources, typed, diagnostics }
}

/// One compiled function.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// The path of the module that exports it.
    pub module: String,
    /// What hosts call it.
    pub function: String,
    /// The program.
    pub program: Program,
    /// Names and places.
    pub debug: Debug,
}

/// A typed program to the programs of its exported functions, in the order of the exports.
///
/// # Errors
///
/// Everything that stands in the way, from this or an earlier pass.
pub fn build(checked: &Checked, options: &Options) -> Result<Vec<Artifact>, Vec<Diagnostic>> {
    let mut artifacts = Vec::new();
    let mut problems = checked.errors();
    if !problems.is_empty() {
        return Err(problems);
    }
    for export in checked.exported_functions() {
        match lowered(checked, &export, options) {
            Ok(artifact) => artifacts.push(artifact),
            Err(diagnostics) => problems.extend(diagnostics),
        }
    }
    if problems.is_empty() { Ok(artifacts) } else { Err(problems) }
}

/// One function to its program, exported or not. An exported one is called what its first export
/// says.
///
/// # Errors
///
/// What stands in the way.
pub fn build_one(
    checked: &Checked,
    function: FunctionId,
    options: &Options,
) -> Result<Artifact, Vec<Diagnostic>> {
    if let Some(export) = checked.exported_functions().find(|export| export.id == function) {
        return lowered(checked, &export, options);
    }
    let Lowered { program, debug } = lower(&checked.typed, &checked.sources, function, options)?;
    let declared = &checked.typed.program.functions[function];
    let module = checked.graph.get(declared.module).map(|module| module.path.to_string());
    let function = declared.name.to_string();
    Ok(Artifact { module: module.unwrap_or_default(), function, program, debug })
}

/// An exported function to its program.
fn lowered(
    checked: &Checked,
    export: &Exported<'_>,
    options: &Options,
) -> Result<Artifact, Vec<Diagnostic>> {
    let Lowered { program, mut debug } =
        lower(&checked.typed, &checked.sources, export.id, options)?;
    export.name.clone_into(&mut debug.function);
    let (module, function) = (export.module.to_owned(), export.name.to_owned());
    Ok(Artifact { module, function, program, debug })
}

/// A function that hosts may call.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// The path of the module that exports it.
    pub module: &'a str,
    /// What hosts call it.
    pub name: &'a str,
    /// The function.
    pub id: FunctionId,
    /// What goes in and out.
    pub interface: &'a Interface,
}

impl Checked {
    /// The errors among the diagnostics.
    #[must_use]
    pub fn errors(&self) -> Vec<Diagnostic> {
        self.diagnostics.iter().filter(|found| found.is_error()).cloned().collect()
    }

    /// The functions that the modules which were asked for export.
    pub fn exported_functions(&self) -> impl Iterator<Item = Exported<'_>> {
        self.typed.exports.iter().filter_map(|export| {
            let module = self.graph.get(export.module).filter(|module| module.entry)?;
            match &export.item {
                ExportItem::Function(id, interface) => {
                    Some(Exported { module: &module.path, name: &export.name, id: *id, interface })
                }
                ExportItem::Service(_) => None,
            }
        })
    }

    /// How an exported function is called: `hello(name: string)`.
    #[must_use]
    pub fn called(&self, exported: &Exported<'_>) -> String {
        let parameters = exported.interface.parameters.iter();
        let parameters: Vec<String> = parameters
            .map(|one| format!("{}: {}", one.name, self.typed.types.show(one.ty)))
            .collect();
        format!("{}({})", exported.name, parameters.join(", "))
    }
}
