//! Answers to calls.
//!
//! A peer gets a [`Call`] from a program and asks its [`Registry`], which finds the [`Service`] by
//! its id and holds it to the call's deadline and to the size of an answer. Services are scripted
//! (answers from `aqua.toml`), HTTP APIs, processes that speak JSON lines, or Rust closures; all
//! are described by the plain data of [`config`].
//!
//! Nothing here knows the interpreter or the network.

pub mod config;
#[cfg(feature = "http")]
mod http;
mod native;
#[cfg(feature = "process")]
mod process;
mod registry;
mod scripted;
mod service;
mod template;
mod time;

pub use native::native;
pub use registry::{Registry, Setup};
pub use service::{AnswerFuture, Service, error};
pub use template::TemplateError;
