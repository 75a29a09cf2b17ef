//! The real binary, real processes, real sockets: what a user sees.

#![expect(clippy::disallowed_methods, reason = "these tests are about processes, files and time")]

mod architecture;
mod check;
mod console;
mod docs;
mod examples;
mod failures;
mod harness;
mod peers;
mod receipts;
mod story;
