//! The real binary, real processes, real sockets: what a user sees.

#![expect(clippy::disallowed_methods, reason = "these tests are about processes, files and time")]

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod build;
#[cfg(test)]
mod chaos_network;
#[cfg(test)]
mod check;
#[cfg(test)]
mod console;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod flags;
#[cfg(test)]
mod fmt;
#[cfg(test)]
mod guarantees;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod library;
#[cfg(test)]
mod net;
#[cfg(test)]
mod net_left;
#[cfg(test)]
mod output;
#[cfg(test)]
mod peer_file;
#[cfg(test)]
mod peer_signals;
#[cfg(test)]
mod peer_store;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod reference_corpora;
#[cfg(test)]
mod run_reach;
#[cfg(test)]
mod run_trace;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod simulations;
#[cfg(test)]
mod story;
#[cfg(test)]
mod trouble;
