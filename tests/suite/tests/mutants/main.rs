//! What a change of a text may change, and what it may not: lines lost, lines added, names
//! replaced, tokens damaged. Over every program of the repository.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the suite is files, and a test"
)]

mod corpus;
mod insertion;
mod lines;
mod names;
mod tokens;
