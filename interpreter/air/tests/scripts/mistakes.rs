//! Everything that is wrong with a script is said at once, each with its place.
