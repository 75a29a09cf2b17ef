//! Bounds that hold before a program runs. Beyond any of them a program is refused when it is
//! read, with [`crate::VerifyError::TooLarge`] or [`crate::DecodeError::TooLarge`].

/// Bytes of an encoded program.
pub const MAX_PROGRAM_BYTES: usize = 4 << 20;
/// Nodes of a program.
pub const MAX_NODES: usize = 1 << 20;
/// Nesting of nodes.
pub const MAX_NODE_DEPTH: usize = 512;
/// Expressions of a program.
pub const MAX_EXPRS: usize = 1 << 20;
/// Nesting of an expression.
pub const MAX_EXPR_DEPTH: usize = 128;
/// Nesting of a declared type.
pub const MAX_SHAPE_DEPTH: usize = 64;
/// Nesting of a value. Deeper ones cannot be made or read; one level more is too deep for the JSON
/// reader.
pub const MAX_VALUE_DEPTH: usize = 127;
/// Bytes of one encoded value.
pub const MAX_VALUE_BYTES: usize = 16 << 20;
/// Bytes of a field's name in a program.
pub const MAX_TEXT_BYTES: usize = 4096;
