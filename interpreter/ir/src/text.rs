//! placeholder
use crate::Program;
use alloc::string::String;
/// Why a text is no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TextError {
    /// Line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}
/// Prints.
#[must_use]
pub fn print(_program: &Program) -> String {
    String::new()
}
/// Reads.
///
/// # Errors
///
/// [`TextError`].
pub fn parse(_text: &str) -> Result<Program, TextError> {
    Err(TextError { line: 1, message: String::new() })
}
