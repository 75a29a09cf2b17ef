//! Scripts in and out: what the reference compiler wrote reads, what the reference interpreter
//! refuses is refused, and what is printed reads back.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod meaning;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod random;
#[cfg(test)]
#[expect(dead_code, reason = "made for other laws as well")]
#[path = "../../../ir/tests/contract/random.rs"]
mod random_programs;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod written;
