//! Standard output and standard error, which may be gone, or full.
//!
//! A reader that has gone away (`| head`) is no error. What else keeps results from being written
//! is remembered, and said at the end.

use std::fmt::Arguments;
use std::io::{ErrorKind, Result, Write};
use std::sync::OnceLock;

/// Why results were lost, the first time.
static LOST: OnceLock<String> = OnceLock::new();

/// Why results were lost, in words, if they were.
pub(crate) fn lost() -> Option<&'static str> {
    wrote(std::io::stdout().lock().flush());
    LOST.get().map(String::as_str)
}

/// Takes note of how writing to standard output went.
fn wrote(result: Result<()>) {
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        LOST.get_or_init(|| crate::files::reason(&error));
    }
}

/// Writes a line of results to standard output.
pub(crate) fn say(line: impl AsRef<str>) {
    wrote(writeln!(std::io::stdout().lock(), "{}", line.as_ref()));
}

/// Writes a text to standard output as it stands.
pub(crate) fn print(text: &str) {
    wrote(std::io::stdout().lock().write_all(text.as_bytes()));
}

/// Writes a line for people to standard error. Nobody can be told if that fails.
pub(crate) fn tell(line: Arguments<'_>) {
    let _nobody = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes a text for people to standard error, without ending the line.
pub(crate) fn tell_part(text: Arguments<'_>) {
    let _nobody = write!(std::io::stderr().lock(), "{text}");
}

/// `1 program`, `2 programs`.
pub(crate) fn counted(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
