//! The Aqua grammar for tree-sitter, as a language that the `tree-sitter` crate loads.
//!
//! Stands apart from every other crate: it links a parser written in C, and is used by tests and
//! by programs that have tree-sitter anyway.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_aqua() -> *const ();
}

/// The grammar.
// SAFETY: the generated parser defines this function, which returns a pointer to a constant.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_aqua) };

/// Which class each node has.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");
