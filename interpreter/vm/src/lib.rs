//! One particle on one peer: a library without input, output, clock, randomness or threads.
//!
//! A [`Run`] is what one peer knows of one particle. Turns of other peers go in
//! ([`Run::absorb`]), steps that are this peer's come out ([`Run::step`]), their results go in
//! ([`Run::resolve`]), and what the peer did leaves as a signed turn ([`Run::seal`]) for the
//! peers whom it concerns ([`Run::forward`]). The state is a function of program, header and
//! history, and of nothing else.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod activation;
mod answer;
mod arguments;
mod cause;
mod control;
mod datum;
mod eval;
mod failure;
mod few;
mod fits;
mod fork;
mod forward;
mod history;
mod in_order;
mod knowledge;
mod lens;
mod live;
mod live_values;
mod log;
mod loops;
mod news;
mod order;
mod origin;
mod path;
mod picture;
mod position;
mod rebuild;
mod receipt;
mod route;
mod run;
mod salted;
mod sequence;
mod sign;
mod state;
mod steps;
mod story;
mod stream;
mod table;
mod tetraplet;
mod turn;
mod turn_bytes;
mod unreachable;
mod values;
mod waiting;
mod whence;

pub use answer::ResolveError;
pub use failure::service_error;
pub use fits::fit;
pub use fork::Fork;
pub use history::{Absorbed, History, MAX_PARKED_TURNS, Missing, Refusal, Refused};
pub use picture::{Instance, Picture, StepState};
pub use position::{Iteration, Position};
pub use receipt::{MAX_RECEIPT_FUEL, Proved, Receipt, ReceiptError};
pub use route::route;
pub use run::{Departure, Lie, Outcome, PendingCall, Refuted, Run, Status, Work};
pub use salted::{NamedValue, SaltedValue};
pub use sign::{
    Claim, Ed25519Signer, Ed25519Verifier, HeaderError, Purpose, Signer, UncheckedSigner,
    UncheckedVerifier, Verifier, check_header, sign_header,
};
pub use story::{Deed, Done};
pub use tetraplet::Tetraplet;
pub use turn::{
    Entry, Head, Heads, NamedTurn, Record, RecordedFault, SignedTurn, TurnBody, TurnDecodeError,
};
pub use unreachable::Probe;
pub use waiting::{Finished, Standing, Waiting, WaitsFor};
