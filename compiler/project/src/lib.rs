//! aqua.toml and the file system.
