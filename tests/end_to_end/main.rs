//! The real binary, real processes, real sockets: what a user sees.

mod architecture;
