//! Programs as bytes.
//!
//! Magic, format version, then the program in postcard. A program has exactly one encoding: what
//! decodes but would encode differently is refused, because programs are named by the digest of
//! their bytes.

use alloc::vec::Vec;

use crate::Program;
use crate::limits::MAX_PROGRAM_BYTES;

const MAGIC: [u8; 4] = *b"aqir";

/// The version of the format and of the meaning of programs.
const VERSION: u8 = 1;

/// Why bytes are no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes do not begin as a program does.
    #[error("this is not a compiled program")]
    NotAProgram,
    /// Written by another version.
    #[error("the program has format version {0}, this build reads version {VERSION}")]
    UnknownVersion(u8),
    /// More bytes than a program may have.
    #[error("the program has {0} bytes, more than {MAX_PROGRAM_BYTES}")]
    TooLarge(usize),
    /// Damaged.
    #[error("the program is damaged: {0}")]
    Damaged(postcard::Error),
    /// Another encoding of the same program, which would have another digest.
    #[error("the encoding is not the canonical one")]
    NotCanonical,
}

/// The bytes of a program.
#[must_use]
pub fn encode(program: &Program) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    postcard::to_extend(program, bytes)
        .expect("a program has only parts that postcard can encode, and memory grows")
}

/// Reads the bytes of a program. Nothing in it is checked yet: see [`crate::VerifiedProgram`].
///
/// # Errors
///
/// [`DecodeError`] if the bytes are not exactly what [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Program, DecodeError> {
    if bytes.len() > MAX_PROGRAM_BYTES {
        return Err(DecodeError::TooLarge(bytes.len()));
    }
    let (version, body) =
        bytes.strip_prefix(&MAGIC).and_then(<[u8]>::split_first).ok_or(DecodeError::NotAProgram)?;
    if *version != VERSION {
        return Err(DecodeError::UnknownVersion(*version));
    }
    crate::decode::program(body).map_err(DecodeError::Damaged)?.ok_or(DecodeError::NotCanonical)
}
