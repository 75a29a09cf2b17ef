//! The compiler as one API: [`check`], [`build`], and the rendering of what they say.
//!
//! Reads texts through [`Sources`] and returns data; it touches no files and prints nothing.
//! Start reading at `passes.rs`.

mod constants;
mod load;
mod passes;
pub mod render;
mod sources;

pub use aquac_semantics::GivenConstant;
pub use constants::constant;
pub use load::{ImportRoots, Loaded, load};
pub use passes::{Checked, Request, check};
pub use sources::{ReadError, Sources, folder, join, normalise};
