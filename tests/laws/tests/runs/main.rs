//! Runs: many peers, one particle, any schedule.

#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "the specification names what it gives a meaning to, in one place"
)]

#[cfg(test)]
mod air;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forgeries;
#[cfg(test)]
mod in_order;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod loops;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod net;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod random;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod shrink;
#[cfg(test)]
mod stories;
#[cfg(test)]
#[path = "../../../end_to_end/reference/table.rs"]
mod table;
#[cfg(test)]
mod taint;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod union;
#[cfg(test)]
mod unreachable;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod visits;
