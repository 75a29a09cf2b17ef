//! The language, construct by construct: what is accepted and what is refused, with which code.

mod calls;
mod codes;
mod constructs;
mod diagnostics;
mod modules;
mod robustness;
mod typed;

use aquac_base::{Diagnostic, Name, Source, SourceMap};
use aquac_syntax::ast::HeadLine;

use crate::{GivenConstant, Link, ModuleGraph, ModuleId, ParsedModule, Typed, check};

/// Texts by path, the module that is asked for last.
pub(super) struct Project<'t> {
    pub(super) files: &'t [(&'t str, &'t str)],
    pub(super) constants: &'t [GivenConstant],
}

/// What came out: diagnostics of the parser and of the checker together.
pub(super) struct Outcome {
    pub(super) typed: Typed,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) sources: SourceMap,
}

impl Project<'_> {
    pub(super) fn check(&self) -> Outcome {
        let mut graph = ModuleGraph::new();
        let mut sources = SourceMap::new();
        let mut diagnostics = Vec::new();
        let mut known: Vec<(&str, ModuleId)> = Vec::new();
        for (at, (path, text)) in self.files.iter().enumerate() {
            let source = sources.add(Source::new(*path, *text));
            let parsed = aquac_syntax::parse(source, text);
            let errors = parsed.diagnostics.iter().filter(|found| found.is_error());
            let labels = errors.filter_map(|found| found.primary.as_ref());
            let damage: Vec<_> = labels.map(|label| label.span).collect();
            diagnostics.extend(parsed.diagnostics);
            let find = |wanted: &str| {
                let found = known.iter().find(|(path, _)| *path == wanted);
                found.map_or(Link::Broken, |(_, id)| Link::Module(*id))
            };
            let links = parsed.module.head.iter().map(|line| match line {
                HeadLine::Import(import) => find(&import.path.text),
                HeadLine::Use(line) => find(&line.path.text),
                HeadLine::Export(_) => Link::None,
            });
            let links = links.collect();
            let id = graph.add(ParsedModule {
                path: Name::new(path),
                tree: parsed.module,
                links,
                entry: at + 1 == self.files.len(),
            });
            graph.note_damage(id, damage);
            known.push((path, id));
        }
        let typed = check(&graph, self.constants, &sources);
        diagnostics.extend(typed.diagnostics.iter().cloned());
        Outcome { typed, diagnostics, sources }
    }
}

pub(super) fn outcome(text: &str) -> Outcome {
    Project { files: &[("main.aqua", text)], constants: &[] }.check()
}

impl Outcome {
    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|found| found.code.0).collect()
    }

    pub(super) fn errors(&self) -> Vec<&'static str> {
        let errors = self.diagnostics.iter().filter(|found| found.is_error());
        errors.map(|found| found.code.0).collect()
    }

    /// The errors, or else the warnings, as short text with the source under its labels.
    pub(super) fn shown(&self) -> String {
        let place = |span: aquac_base::Span| {
            self.sources.get(span.source).map_or("?", |source| source.slice(span)).to_owned()
        };
        let mut out = String::new();
        let wrong = !self.errors().is_empty();
        for found in self.diagnostics.iter().filter(|found| found.is_error() || !wrong) {
            out.push_str(&format!("{} {}\n", found.code, found.message));
            for label in found.primary.iter().chain(&found.secondary) {
                out.push_str(&format!("  `{}`: {}\n", place(label.span), label.message));
            }
            for help in &found.help {
                out.push_str(&format!("  help: {help}\n"));
            }
        }
        out
    }
}

/// Declarations that the snippets of the tests can use.
const PRELUDE: &str = "aqua Test declares *

data Point:
  x: u32
  y: u32

data Named:
  name: string
  at: Point

ability Sink:
  tag: string
  emit(s: string) -> u32

service Tool(\"tool\"):
  text(s: string) -> string
  number(n: u32) -> u32
  small(n: u8)
  points() -> []Point
  maybe() -> ?string
  nothing()

service Open:
  go(n: u32) -> u32

alias Back: u32 -> u32

const LIMIT = 7

func two(n: u32) -> u32, string:
  <- n, \"two\"

func plain(n: u32) -> u32:
  <- n

";

/// Checks a body of a function with many parameters.
pub(super) fn body(lines: &str) -> Outcome {
    let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    let head = "func main(peer: string, n: u32, i: i32, f: f64, b: bool, xs: []string, \
                o: ?string, s: *string, p: Point, cb: u32 -> u32, m: %u32, any: ⊤):\n";
    outcome(&format!("{PRELUDE}{head}{indented}"))
}

/// The body has no errors.
#[track_caller]
pub(super) fn accepts(lines: &str) {
    let outcome = body(lines);
    assert!(outcome.errors().is_empty(), "{lines}\n{}", outcome.shown());
}

/// The body has exactly this error.
#[track_caller]
pub(super) fn refuses(lines: &str, code: &str) {
    let outcome = body(lines);
    assert_eq!(outcome.errors(), [code], "{lines}\n{}", outcome.shown());
}

/// The declarations have no errors.
#[track_caller]
pub(super) fn declares(text: &str) {
    let outcome = outcome(&format!("{PRELUDE}{text}"));
    assert!(outcome.errors().is_empty(), "{text}\n{}", outcome.shown());
}

/// The declarations have exactly this error.
#[track_caller]
pub(super) fn refuses_declaration(text: &str, code: &str) {
    let outcome = outcome(&format!("{PRELUDE}{text}"));
    assert_eq!(outcome.errors(), [code], "{text}\n{}", outcome.shown());
}
