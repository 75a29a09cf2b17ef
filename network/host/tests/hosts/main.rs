//! Hosts in one process, with real sockets on loopback, running whole programs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and bounds the time it takes by the clock"
)]

mod crashes;
mod cuts;
mod finding;
mod forgeries;
mod monitored;
mod network;
mod observed;
mod program;
mod relays;
mod runs;
mod same_turns;
