//! Header lines: what a module is called, shows, brings in and exports.

use aquac_base::{Name, Span};

use super::Path;

/// `aqua Name declares a, B`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The whole line.
    pub span: Span,
    /// The word `aqua` (or the outdated `module`, which has been reported).
    pub keyword: Span,
    /// What the module is called.
    pub name: Path,
    /// What importers may see; `None` means nothing.
    pub declares: Option<Declares>,
}

/// What a module shows to those who import it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declares {
    /// `declares *`, with the place of the star.
    All(Span),
    /// The names listed.
    Names(Vec<Path>),
}

/// A header line after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadLine {
    /// `import …`
    Import(Import),
    /// `use …`
    Use(Use),
    /// `export …`
    Export(Export),
}

/// `import "path"` or `import a, B as C from "path"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The whole line.
    pub span: Span,
    /// The word `import`.
    pub keyword: Span,
    /// The names brought in; `None` for everything that is declared.
    pub items: Option<Vec<ImportItem>>,
    /// Where from.
    pub path: StringText,
}

/// `use "path" as M` or `use a, B as C from "path" as M`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The whole line.
    pub span: Span,
    /// The word `use`.
    pub keyword: Span,
    /// The names brought in; `None` for everything that is declared.
    pub items: Option<Vec<ImportItem>>,
    /// Where from.
    pub path: StringText,
    /// The qualifier; `None` for the module's own name.
    pub qualifier: Option<Path>,
}

/// `export a, B as C`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The whole line.
    pub span: Span,
    /// The word `export`.
    pub keyword: Span,
    /// The names shown to the host.
    pub items: Vec<ImportItem>,
}

/// `name` or `name as rename`, in `import`, `use` and `export` lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportItem {
    /// What it is called where it comes from.
    pub name: Path,
    /// What it is called here.
    pub rename: Option<Path>,
}

/// A string in the source, without its quotes. There are no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringText {
    /// The text between the quotes.
    pub text: Name,
    /// Where it stands, quotes included.
    pub span: Span,
}
