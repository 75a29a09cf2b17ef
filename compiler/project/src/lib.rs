//! A project on disk: what its `aqua.toml` says, and where its sources are.
//!
//! This is the one place of the compiler that touches files. It hands texts to `aquac-driver` and
//! knows nothing of networks: how a service is reached is a type parameter of the [`Manifest`],
//! which the command line fills in.

#![expect(clippy::disallowed_methods, reason = "this crate is where the compiler touches files")]

mod files;
mod manifest;
mod names;

pub use files::{DiskSources, MANIFEST, find_manifest, sources_below};
pub use manifest::{
    Manifest, PeerManifest, PeerTable, ProcessTable, ProjectTable, RunTable, read_manifest,
};
pub use names::{constant_name, constants};
