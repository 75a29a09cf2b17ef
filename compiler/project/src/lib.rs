//! A project on disk: what its `aqua.toml` says, and where its sources are.
//!
//! This is the one place of the compiler that touches files. It hands texts to `aquac-driver` and
//! knows nothing of networks: how a service is reached is a type parameter of the [`Manifest`],
//! which the command line fills in.

mod duration;
mod files;
mod manifest;
mod names;

pub use duration::Milliseconds;
pub use files::{DiskSources, MANIFEST, find_manifest};
pub use manifest::{
    AllowTable, ArgumentRule, Manifest, OriginRule, PeerTable, ProcessTable, ProjectTable,
    RunTable, StringOrList, read_manifest,
};
pub use names::{constant_name, constants};
