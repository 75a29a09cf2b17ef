//! The standard library's sources, embedded as a table.
//!
//! A source is found under the name by which programs import it, unless the project has a file of
//! its own there.

/// A source of the standard library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Library {
    /// How programs import it, with its extension.
    pub import: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Every source, sorted by import name.
pub const LIBRARIES: &[Library] = &[];

/// The source with this import name.
#[must_use]
pub fn find(import: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|library| library.import == import)
}
