//! What every pass of the compiler shares: where things are in the source ([`Span`]), what they
//! are called ([`Name`]), and how a problem is described ([`Diagnostic`]).
//!
//! Nothing here reads files or knows how a diagnostic is shown; that is `aquac-project` and
//! `aquac-driver`.

mod arena;
mod diagnostic;
mod name;
mod repair;
mod source;
mod suggest;

pub use arena::{Arena, Id};
pub use diagnostic::{Code, CodePage, Diagnostic, Edit, Fix, Label, Severity};
pub use name::Name;
pub use repair::{Repaired, repair};
pub use source::{LineColumn, Source, SourceId, SourceMap, Span};
pub use suggest::did_you_mean;
