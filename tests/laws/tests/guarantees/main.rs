//! What the compiler promises before a program runs, held against the simulator: programs without
//! a finding do not get stuck, costs are as predicted, and nobody learns what the report leaves
//! out. The numbers of programs are for every day; `AQUAC_PROGRAMS` says another one.

mod costs;
mod programs;
mod runs;
mod soundness;
mod taint;

/// How many programs to try: what the environment says, or so many.
#[expect(clippy::disallowed_methods, reason = "a test is where the environment is read")]
fn programs_to_try(otherwise: u64) -> u64 {
    std::env::var("AQUAC_PROGRAMS").ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
