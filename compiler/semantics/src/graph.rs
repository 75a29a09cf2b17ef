//! What the checker reads: parsed modules, imports before importers.
//!
//! Files are found by others; here every `import` and `use` line already knows its module.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

/// Parsed modules in an order in which every module comes after the modules that it imports.
#[derive(Debug, Clone, Default)]
pub struct ModuleGraph {
    modules: Vec<ParsedModule>,
    damage: Vec<Vec<Span>>,
}

/// A module of a [`ModuleGraph`], by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(u32);

impl ModuleId {
    /// The first module of a graph.
    pub(crate) const FIRST: Self = Self(0);

    /// Its number, in dependency order.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One parsed module.
#[derive(Debug, Clone)]
pub struct ParsedModule {
    /// What makes it the same module when it is imported twice: its normalised path.
    pub path: Name,
    /// Its tree.
    pub tree: ast::Module,
    /// The target of each line of `tree.head`, in the same order.
    pub links: Vec<Link>,
    /// Whether it was asked for, rather than only imported. Lints about what a module forgot
    /// look at these only.
    pub entry: bool,
}

/// Where a header line leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The module that an `import` or `use` line names.
    Module(ModuleId),
    /// The module was not found, or is part of a cycle: reported. Names that it may have brought
    /// are not reported as missing.
    Broken,
    /// An `export` line: leads nowhere.
    None,
}

impl ModuleGraph {
    /// A graph without modules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a module. Links to modules that were not added before count as [`Link::Broken`].
    pub fn add(&mut self, mut module: ParsedModule) -> ModuleId {
        let id = ModuleId(u32::try_from(self.modules.len()).expect("fewer than 2^32 modules"));
        for link in &mut module.links {
            if matches!(link, Link::Module(target) if *target >= id) {
                *link = Link::Broken;
            }
        }
        self.modules.push(module);
        self.damage.push(Vec::new());
        id
    }

    /// Notes the places of a module that could not be read, so that names which may have been
    /// declared there are not reported as missing.
    pub fn note_damage(&mut self, id: ModuleId, places: impl IntoIterator<Item = Span>) {
        if let Some(damage) = self.damage.get_mut(id.index()) {
            damage.extend(places);
        }
    }

    /// The places noted for a module.
    pub(crate) fn damage(&self, id: ModuleId) -> &[Span] {
        self.damage.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// The module with this id, if it is of this graph.
    #[must_use]
    pub fn get(&self, id: ModuleId) -> Option<&ParsedModule> {
        self.modules.get(id.index())
    }

    /// Every module with its id, imports first.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleId, &ParsedModule)> {
        self.modules.iter().zip(0..).map(|(module, at)| (ModuleId(at), module))
    }

    /// Number of modules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.modules.len()
    }

    /// Whether there is no module.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }
}

/// A constant given from outside, as `--const NAME=VALUE` or by `[peers.NAME]`: defined in every
/// module before everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenConstant {
    /// Upper case.
    pub name: Name,
    /// A literal; strings without their quotes.
    pub value: ast::Literal,
}
