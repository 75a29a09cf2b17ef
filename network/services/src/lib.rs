//! Answers to calls.
//!
//! A peer gets a [`aquac_ir::Call`] from a program and asks its [`Registry`], which finds the [`Service`] by
//! its id and holds it to the call's deadline and to the size of an answer. Services are scripted
//! (answers from `aqua.toml`), HTTP APIs, processes that speak JSON lines, or Rust closures; all
//! are described by the plain data of [`config`].
//!
//! A [`Policy`] decides which calls may be asked at all.
//!
//! Nothing here knows the interpreter or the network.

mod builtin;
pub mod config;
#[cfg(feature = "http")]
mod http;
mod native;
mod policy;
#[cfg(feature = "process")]
mod process;
mod registry;
mod scripted;
mod service;
mod template;
mod time;

pub use builtin::{Access, Surroundings, access, builtins};
#[cfg(feature = "http")]
pub use http::web_client;
pub use native::native;
pub use policy::{BadRule, Policy, PolicyError, Unlisted};
pub use registry::{Registry, Setup};
pub use service::{AnswerFuture, Service, error};
pub use template::TemplateError;
