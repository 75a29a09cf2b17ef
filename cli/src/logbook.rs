//! A log file of JSON lines that never grows without bound: a full one becomes `NAME.1`, in place
//! of the one before.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::event::Entry;

/// Bytes of a log; with the one before it is twice that.
const MAX_BYTES: u64 = 32 << 20;

/// Where the lines before the present ones are.
const BEFORE: &str = "1";

/// A log that is written.
#[derive(Debug)]
pub(crate) struct Logbook {
    path: PathBuf,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
}

impl Logbook {
    /// Goes on at the end of the file.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let file = append(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_path_buf(), open: Mutex::new(Open { file, bytes }) })
    }

    /// Adds a line. A disk that is full costs the line and nothing else.
    pub(crate) fn add(&self, entry: &Entry) {
        let Ok(mut line) = serde_json::to_string(entry) else { return };
        line.push('\n');
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.bytes + line.len() as u64 > MAX_BYTES
            && std::fs::rename(&self.path, before(&self.path)).is_ok()
            && let Ok(file) = append(&self.path)
        {
            *open = Open { file, bytes: 0 };
        }
        if open.file.write_all(line.as_bytes()).is_ok() {
            open.bytes += line.len() as u64;
        }
    }
}

/// The entries of a log, the older file first. Lines that are none, for instance the last of a
/// process that was killed, are left out.
pub(crate) fn entries(path: &Path) -> Vec<Entry> {
    [before(path), path.to_path_buf()]
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .flat_map(|text| {
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<_>>()
        })
        .collect()
}

fn before(path: &Path) -> PathBuf {
    path.with_extension(BEFORE)
}

fn append(path: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).open(path)
}
