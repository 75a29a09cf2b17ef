//! What the compiler promises before a program runs, held against the simulator: programs without
//! a finding do not get stuck, costs are as predicted, and nobody learns what the report leaves
//! out. The numbers of programs are for every day; `AQUAC_PROGRAMS` says another one, and
//! `AQUAC_FIRST` the first. How many were judged is told with `--nocapture`.

mod amounts;
mod broken;
mod costs;
mod measured;
mod plain;
mod programs;
mod runs;
mod secrets;
mod soundness;
mod taint;

use plain::{Shape, plain};
use programs::program;

/// The programs of a number: a long one, and short ones as people write them.
fn texts(seed: u64) -> [String; 3] {
    [program(seed), plain(seed, Shape::Flat), plain(seed, Shape::Nested)]
}

/// The numbers of the programs to try: so many, or as the environment says.
fn programs_to_try(otherwise: u64) -> std::ops::Range<u64> {
    let first = said("AQUAC_FIRST").unwrap_or_default();
    first..first + said("AQUAC_PROGRAMS").unwrap_or(otherwise)
}

#[expect(clippy::disallowed_methods, reason = "a test is where the environment is read")]
fn said(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
