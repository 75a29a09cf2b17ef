//! What programs become, by example: one idea each.

mod calls;
mod faults;
mod limits;
mod loops;
mod places;
mod streams;
mod values;
