//! What a run is doing, for whoever watches a terminal: one line that changes in its place, and
//! goes before anything else is written. Where there is no terminal there is no such line.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Nothing is shown before: most runs are over by then.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);
/// How often the line changes.
pub(crate) const STEP: Duration = Duration::from_millis(100);

/// Longest line; what is behind it is cut, so that it stays one line.
const MAX_COLUMNS: usize = 78;

/// Who writes to standard error while a run goes on.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    /// Whether a line stands there.
    stands: Mutex<bool>,
}

impl Progress {
    /// For this process's standard error.
    pub(crate) fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), stands: Mutex::new(false) }
    }

    /// Whether anybody sees it.
    pub(crate) const fn is_seen(&self) -> bool {
        self.terminal
    }

    /// Puts a line in the place of the one before.
    pub(crate) fn show(&self, line: &str) {
        if self.terminal {
            let mut stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
            let short: String = line.chars().take(MAX_COLUMNS).collect();
            write(&format!("\r\x1b[2K{short}"));
            *stands = true;
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        let mut stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *stands) {
            write("\r\x1b[2K");
        }
    }

    /// Writes a line that stays.
    pub(crate) fn say(&self, line: &str) {
        let mut stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        let clear = if std::mem::take(&mut *stands) { "\r\x1b[2K" } else { "" };
        write(&format!("{clear}{line}\n"));
    }
}

/// In one piece. A reader that has gone away is no error.
fn write(text: &str) {
    let _gone = std::io::stderr().lock().write_all(text.as_bytes());
}
