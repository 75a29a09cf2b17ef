//! Programs as text, for people and golden files.
//!
//! One line per node, indented by two spaces per level; what the pools hold is written where it is
//! used. Expressions that would blow up the text, because many others share them, get a name in
//! the head. [`parse`] reads back exactly what [`print`] writes.
//!
//! ```text
//! aqir 1
//! parameters text, {score: u32}
//! slots 1
//!
//! seq
//!   call "credit"."check" [arg 0, 7] at "12D3…" via host -> $0 : bool
//!   return $0
//! ```

mod lex;
mod parse;
mod parse_expr;
mod parse_node;
mod print;
mod print_expr;

use alloc::string::String;

pub use parse::parse;
pub use print::print;

/// The word and version that a text begins with.
const HEAD: (&str, u32) = ("aqir", 1);

/// Why a text is no program, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct TextError {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalars.
    pub column: u32,
    /// What is wrong there.
    pub problem: TextProblem,
}

/// What can be wrong with the text of a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Something else stands there, or nothing.
    #[error("{0} should stand here")]
    Expected(&'static str),
    /// A character that begins nothing.
    #[error("`{0}` begins nothing here")]
    Character(char),
    /// A text or constant that is not closed, or is no JSON.
    #[error("this is no JSON: {0}")]
    Json(String),
    /// A number that does not fit.
    #[error("`{0}` is no number that fits")]
    Number(String),
    /// A word that is no node and no expression.
    #[error("`{0}` is no word of this language")]
    Word(String),
    /// Two spaces per level, and one level at a time.
    #[error("this line is not indented by two spaces more or less than one above it")]
    Indentation,
    /// A node with too few or too many children.
    #[error("this node has {found} children, not {wanted}")]
    Children {
        /// How many it needs.
        wanted: u32,
        /// How many stand below it.
        found: u32,
    },
    /// A name that the head does not explain.
    #[error("`&{0}` is explained nowhere above")]
    Unexplained(u32),
    /// Nested deeper than a program may be.
    #[error("this is nested too deeply")]
    TooDeep,
}
