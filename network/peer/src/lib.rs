//! The logic of a peer, without I/O.
