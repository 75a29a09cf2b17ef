//! The `aquac` command: the only package that may know every other.

fn main() {}
