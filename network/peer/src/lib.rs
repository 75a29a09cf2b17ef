//! The logic of a peer, without I/O.
//!
//! A [`Peer`] is told what happened ([`Input`]) and says what to do ([`Output`]); it never blocks,
//! never fails, and asks no clock: the same inputs at the same times give the same outputs. The
//! drivers are `network/host` (libp2p, a store on disk) and `network/sim` (many peers in virtual
//! time).

mod config;
mod event;
mod peer;
mod reason;
mod store;
mod time;
pub mod wire;

pub use config::{Config, Durability, PeerLimits, Relaying};
pub use event::{Ending, Input, Lane, Output, Report, Start};
pub use peer::Peer;
pub use reason::Reason;
pub use store::{Batch, BatchId, Change, Pairs};
pub use time::Time;
