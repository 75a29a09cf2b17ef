//! The standard .aqua sources, embedded.
