//! The logic of a peer, without I/O.
//!
//! A [`Peer`] is told what happened ([`Input`]) and says what to do ([`Output`]); it never blocks,
//! never fails, and asks no clock: the same inputs at the same times give the same outputs. The
//! drivers are `network/host` (libp2p, a store on disk) and `network/sim` (many peers in virtual
//! time).
//!
//! ```text
//! frame ─▶ receive ─▶ admit ─▶ run ─▶ settle ─▶ deliver ─▶ link ─▶ gate ─▶ outputs
//!             └─▶ forward, by the route alone ──────────────▲
//! ```

mod account;
mod admit;
mod assembly;
mod calls;
mod config;
mod deliver;
mod departing;
mod event;
mod few;
mod gate;
mod judge;
mod keep;
mod lacking;
mod link;
mod load;
mod owed;
mod particle;
mod particles;
mod peer;
mod policy;
mod programs;
mod reach;
mod reason;
mod receive;
mod restore;
mod rounds;
mod route;
mod settle;
mod shared;
mod store;
mod time;
pub mod wire;

pub use aquac_vm as vm;
pub use config::{Config, Durability, Keys, PeerLimits, Relaying};
pub use event::{Attempt, Ending, Input, Lane, Output, Report, Start};
pub use keep::DamagedStore;
pub use peer::{Activity, Peer};
pub use policy::{AllowAll, Policy, Verdict};
pub use reason::Reason;
pub use shared::Counters;
pub use store::{Batch, BatchId, Change, Pairs};
pub use time::Time;
