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
mod round_trip;
