//! AIR, the language of the reference interpreter, into IR and back.
//!
//! [`parse`] makes a [`Script`] of text and refuses what the reference refuses; [`print`] writes
//! it canonically. [`read`] makes a program that our interpreter runs; [`write()`] makes a script
//! of any program, for the reference interpreter to run.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod ast;
mod error;
mod lens;
mod lex;
mod parse;
mod print;
mod read;
mod validate;
mod write;

pub use ast::Script;
pub use error::{AirError, Problem, Span};
pub use parse::{MAX_SCRIPT_BYTES, parse};
pub use print::{instruction, print};
pub use read::{Reading, read};
pub use write::{Frame, Relay, WriteError, write};
