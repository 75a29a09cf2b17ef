//! AST to names resolved and types checked.
//!
//! Reads a [`ModuleGraph`] and writes a [`Typed`] program. Resolving and checking are one walk,
//! because in this language what a name means depends on types: `x <- f()` pushes if `x` is a
//! stream, `f(x)` may call a variable, `A.b` is a module's part, a service's method or a field.
//! The walk is total: what is wrong gets the error type and is not reported again.

mod call;
mod check;
pub mod codes;
mod dump;
mod error;
mod graph;
pub mod hir;
mod symbols;
mod typed;
mod types;

pub use call::{Argument, CheckedCall, check_call};
pub use check::check;
pub use dump::dump;
pub use graph::{GivenConstant, Link, ModuleGraph, ModuleId, ParsedModule};
pub use typed::{Export, ExportItem, Interface, InterfaceParameter, Typed};
pub use types::{
    Arrow, ArrowId, Field, LiteralType, MAX_TYPE_DEPTH, ParameterNote, Record, RecordId, Relation,
    Scalar, Shown, Type, TypeId, Types,
};
