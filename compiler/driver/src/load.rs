//! From the name of a file to the graph of every module that it needs.
//!
//! Imports are followed depth first, each file is read and parsed once, and a module is added
//! to the graph after everything that it imports. A cycle is cut where it closes and shown as a
//! path.

use std::collections::BTreeMap;

use aquac_base::{Code, Diagnostic, Name, Source, SourceId, SourceMap, Span, did_you_mean};
use aquac_semantics::{Link, ModuleGraph, ModuleId, ParsedModule};
use aquac_syntax::ast::{self, HeadLine};

use crate::sources::{ReadError, Sources, folder, join, normalise};

const NO_SUCH_FILE: Code = Code("AQ0210");
const NO_SUCH_MODULE: Code = Code("AQ0205");
const IMPORT_CYCLE: Code = Code("AQ0209");

/// Paths of sources that come with aquac begin so; no file can be called like that.
const LIBRARY_PREFIX: &str = "<aquac>/";

/// Where imports are looked up beside the importing file's own folder.
#[derive(Debug, Clone, Default)]
pub struct ImportRoots {
    /// Folders, the first that has the file wins. The `node_modules` folders above the importing
    /// file come after them, the standard library last.
    pub folders: Vec<String>,
}

/// The modules of one compilation.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Modules, imports before importers.
    pub graph: ModuleGraph,
    /// Their texts.
    pub sources: SourceMap,
    /// What was wrong while reading and parsing.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the entry modules and everything that they import.
#[must_use]
pub fn load(entries: &[String], roots: &ImportRoots, sources: &dyn Sources) -> Loaded {
    let mut loader = Loader { roots, sources, loaded: Loaded::default(), modules: BTreeMap::new() };
    for entry in entries {
        loader.enter(&normalise(entry));
    }
    loader.loaded
}

struct Loader<'a> {
    roots: &'a ImportRoots,
    sources: &'a dyn Sources,
    loaded: Loaded,
    modules: BTreeMap<String, State>,
}

enum State {
    /// Being loaded: whoever imports it now closes a cycle.
    Open,
    /// In the graph.
    Done(ModuleId),
}

/// A module whose imports are being followed.
struct Visit {
    path: String,
    tree: ast::Module,
    links: Vec<Link>,
    /// Places with mistakes of their own, in order.
    reported: Vec<Span>,
}

impl Visit {
    /// Whether the path of an import is itself a mistake that was reported.
    fn is_reported(&self, path: Span) -> bool {
        let next = self.reported.partition_point(|place| place.end <= path.start);
        self.reported.get(next).is_some_and(|place| place.start < path.end)
    }
}

impl Loader<'_> {
    fn enter(&mut self, path: &str) {
        if self.modules.contains_key(path) {
            return;
        }
        match self.sources.read(path) {
            Ok(text) => {
                let mut open = vec![self.open(path, text)];
                self.follow(&mut open);
            }
            Err(error) => self.loaded.diagnostics.push(unreadable(path, &error)),
        }
    }

    /// Parses a file and marks it as open.
    fn open(&mut self, path: &str, text: String) -> Visit {
        let source = self.loaded.sources.add(Source::new(path, text));
        let parsed = match self.loaded.sources.get(source) {
            Some(source_text) => aquac_syntax::parse_named(source, path, &source_text.text),
            None => aquac_syntax::parse(source, ""),
        };
        let places = parsed.diagnostics.iter().filter_map(|found| found.primary.as_ref());
        let reported = places.map(|label| label.span).collect();
        self.loaded.diagnostics.extend(parsed.diagnostics);
        self.modules.insert(path.to_owned(), State::Open);
        Visit { path: path.to_owned(), tree: parsed.module, links: Vec::new(), reported }
    }

    /// Works the stack of open modules off: the next import of the innermost one, or its end.
    fn follow(&mut self, open: &mut Vec<Visit>) {
        let entry = open.first().map(|visit| visit.path.clone());
        while let Some(mut visit) = open.pop() {
            let Some(line) = visit.tree.head.get(visit.links.len()) else {
                self.finish(visit, entry.as_deref());
                continue;
            };
            match self.link(&visit, line, open) {
                Step::Link(link) => {
                    visit.links.push(link);
                    open.push(visit);
                }
                Step::Open(path, text) => {
                    let inner = self.open(&path, text);
                    open.push(visit);
                    open.push(inner);
                }
            }
        }
    }

    fn finish(&mut self, visit: Visit, entry: Option<&str>) {
        let module = ParsedModule {
            path: Name::new(&visit.path),
            entry: entry == Some(visit.path.as_str()),
            tree: visit.tree,
            links: visit.links,
        };
        let source = module.tree.source;
        let id = self.loaded.graph.add(module);
        let errors = self.loaded.diagnostics.iter().filter(|found| found.is_error());
        let places = errors.filter_map(|found| found.primary.as_ref()).map(|label| label.span);
        self.loaded.graph.note_damage(id, places.filter(|place| place.source == source));
        self.modules.insert(visit.path, State::Done(id));
    }

    /// Where a header line leads.
    fn link(&mut self, visit: &Visit, line: &HeadLine, open: &[Visit]) -> Step {
        let importer = visit.path.as_str();
        let import = match line {
            HeadLine::Import(import) => &import.path,
            HeadLine::Use(import) => &import.path,
            HeadLine::Export(_) => return Step::Link(Link::None),
        };
        let candidates = self.candidates(importer, &import.text);
        for candidate in &candidates {
            match self.modules.get(candidate) {
                Some(State::Done(id)) => return Step::Link(Link::Module(*id)),
                Some(State::Open) => {
                    let diagnostic = cycle(candidate, importer, import.span, open);
                    self.loaded.diagnostics.push(diagnostic);
                    return Step::Link(Link::Broken);
                }
                None => {}
            }
            match self.read(candidate) {
                Ok(text) => return Step::Open(candidate.clone(), text),
                Err(ReadError::NotFound) => {}
                Err(error) => {
                    self.loaded.diagnostics.push(unreadable(candidate, &error));
                    return Step::Link(Link::Broken);
                }
            }
        }
        if !visit.is_reported(import.span) {
            self.loaded.diagnostics.push(not_found(&import.text, import.span, &candidates));
        }
        Step::Link(Link::Broken)
    }

    fn read(&self, path: &str) -> Result<String, ReadError> {
        match path.strip_prefix(LIBRARY_PREFIX) {
            Some(import) => aquac_stdlib::find(import)
                .map(|library| library.text.to_owned())
                .ok_or(ReadError::NotFound),
            None => self.sources.read(path),
        }
    }

    /// Where an import may be, in the order in which it is looked for.
    fn candidates(&self, importer: &str, import: &str) -> Vec<String> {
        let file =
            if import.ends_with(".aqua") { import.to_owned() } else { format!("{import}.aqua") };
        if let Some(library) = importer.strip_prefix(LIBRARY_PREFIX) {
            return vec![
                format!("{LIBRARY_PREFIX}{}", join(folder(library), &file)),
                format!("{LIBRARY_PREFIX}{file}"),
            ];
        }
        let own = folder(importer);
        let mut candidates = vec![join(own, &file)];
        candidates.extend(self.roots.folders.iter().map(|root| join(root, &file)));
        candidates.extend(above(own).map(|folder| join(&folder, &format!("node_modules/{file}"))));
        candidates.push(format!("{LIBRARY_PREFIX}{file}"));
        candidates
    }
}

enum Step {
    Link(Link),
    Open(String, String),
}

/// A folder and every folder above it that its path names.
fn above(path: &str) -> impl Iterator<Item = String> {
    std::iter::successors(Some(path.to_owned()), |path| {
        (!path.is_empty() && path != "/").then(|| folder(path).to_owned())
    })
}

fn unreadable(path: &str, error: &ReadError) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        NO_SUCH_FILE,
        format!("cannot read `{path}`: {error}"),
        Span::new(SourceId(0), 0, 0),
        "",
    );
    Diagnostic { primary: None, ..diagnostic }
}

fn not_found(import: &str, span: Span, tried: &[String]) -> Diagnostic {
    let files: Vec<&str> =
        tried.iter().filter(|path| !path.starts_with(LIBRARY_PREFIX)).map(String::as_str).collect();
    let diagnostic = Diagnostic::error(
        NO_SUCH_MODULE,
        format!("cannot find module `{import}`"),
        span,
        "no such file",
    )
    .with_note(format!("looked for {}", files.join(", ")));
    let wanted =
        if import.ends_with(".aqua") { import.to_owned() } else { format!("{import}.aqua") };
    let known = aquac_stdlib::LIBRARIES.iter().map(|library| library.import);
    match did_you_mean(&wanted, known) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
        None => diagnostic
            .with_help("imports are looked up beside the file, in the import roots (`--import`, `[project] imports`) and in `node_modules`"),
    }
}

fn cycle(target: &str, importer: &str, span: Span, open: &[Visit]) -> Diagnostic {
    let inside = open.iter().map(|visit| visit.path.as_str()).skip_while(|path| *path != target);
    let mut path: Vec<&str> = inside.collect();
    path.extend([importer, target]);
    Diagnostic::error(
        IMPORT_CYCLE,
        "these modules import each other in a circle",
        span,
        "this import closes the circle",
    )
    .with_note(path.join(" -> "))
    .with_help("move what both need into a third module")
}
