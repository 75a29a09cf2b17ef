//! Source text through all passes, for tests.

use aquac_base::{Diagnostic, Name, Source, SourceMap};
use aquac_ir::{Expr, VerifiedProgram};
use aquac_semantics::hir::FunctionId;
use aquac_semantics::{Link, ModuleGraph, ParsedModule, Typed, check};

use crate::{Lowered, Options, lower, placed_text, plan_text};

/// What every test program may call.
const PRELUDE: &str = r#"aqua Test
export main

service Tool("tool"):
  get(key: string) -> string
  num(n: u32) -> u32
  ask() -> bool
  put(value: string)
  many(values: []string)
  list() -> []string
  lines() -> *string

"#;

/// The number of lines before those of a test.
pub(crate) const PRELUDE_LINES: u32 = 12;

/// A checked program that begins with the prelude.
pub(crate) fn typed(program: &str) -> (Typed, SourceMap, FunctionId) {
    checked(&format!("{PRELUDE}{program}"))
}

/// A checked program that stands for itself.
pub(crate) fn checked(text: &str) -> (Typed, SourceMap, FunctionId) {
    let mut sources = SourceMap::new();
    let source = sources.add(Source::new("test.aqua", text));
    let parsed = aquac_syntax::parse(source, text);
    let wrong: Vec<_> = parsed.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
    let links = parsed.module.head.iter().map(|_| Link::None).collect();
    let mut graph = ModuleGraph::new();
    graph.add(ParsedModule { path: Name::new("test"), tree: parsed.module, links, entry: true });
    let typed = check(&graph, &[], &sources);
    let wrong: Vec<_> = typed.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
    let main = typed.exported_function("main").unwrap().0;
    (typed, sources, main)
}

/// `main`, lowered or refused. What is lowered is a program that may run.
pub(crate) fn lowered(program: &str, options: Options) -> Result<Lowered, Vec<Diagnostic>> {
    let (typed, sources, main) = typed(program);
    let lowered = lower(&typed, &sources, main, &options)?;
    let program = VerifiedProgram::new(lowered.program.clone()).unwrap();
    for expr in &lowered.program.exprs {
        if let Expr::Slot(slot) = expr {
            assert!(program.writer(*slot).is_some(), "slot {} is never written", slot.0);
        }
    }
    Ok(lowered)
}

/// The optimised workflow of `main`.
pub(crate) fn placed(program: &str) -> String {
    lowered(program, Options::default()).unwrap();
    let (typed, _, main) = typed(program);
    placed_text(&typed, main, &Options::default()).unwrap()
}

/// The plan of `main`.
pub(crate) fn planned(program: &str) -> String {
    let (typed, _, main) = typed(program);
    plan_text(&typed, main, &Options::default()).unwrap()
}

/// Code and message of everything that stops `main` from being lowered.
pub(crate) fn refused(program: &str) -> Vec<String> {
    let problems = lowered(program, Options::default()).unwrap_err();
    problems.iter().map(|found| format!("{}: {}", found.code, found.message)).collect()
}
