//! What compiler and interpreter rely on: one program has one encoding and one text, whatever
//! is broken is refused, and nothing that arrives can make the check fall over.

#[cfg(test)]
mod bytes;
#[cfg(test)]
mod json;
#[cfg(test)]
mod random;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod text;
