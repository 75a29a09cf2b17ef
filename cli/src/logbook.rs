//! A log file of JSON lines that never grows without bound: a full one becomes `NAME.1`, in place
//! of the one before.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
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

/// A log that is read while it is written.
#[derive(Debug)]
pub(crate) struct Tail {
    path: PathBuf,
    /// The file that is read, which may have become the one before.
    file: Option<File>,
    /// The beginning of a line whose end is not written yet.
    rest: Vec<u8>,
    /// Whether what was in the file before is still to be read.
    first: bool,
}

impl Tail {
    /// From the beginning, the older file first.
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_path_buf(), file: None, rest: Vec::new(), first: true }
    }

    /// What was written since the last time.
    pub(crate) fn read(&mut self) -> Vec<Entry> {
        let mut bytes = std::mem::take(&mut self.rest);
        if std::mem::take(&mut self.first) {
            let older = std::fs::read(before(&self.path)).unwrap_or_default();
            bytes.extend(older);
        }
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        while let Some(file) = &mut self.file {
            let _part = file.read_to_end(&mut bytes);
            if is_at(file, &self.path) {
                break;
            }
            // It became the one before; what was written there last was read just now.
            self.file = File::open(&self.path).ok();
        }
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.rest = bytes.split_off(end);
        let text = String::from_utf8_lossy(&bytes);
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// Whether this is the file that has the name.
fn is_at(file: &File, path: &Path) -> bool {
    let id = |data: std::fs::Metadata| (data.dev(), data.ino());
    file.metadata().map(id).ok() == std::fs::metadata(path).map(id).ok()
}

fn before(path: &Path) -> PathBuf {
    path.with_extension(BEFORE)
}

fn append(path: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::What;

    #[test]
    fn a_tail_loses_nothing_when_the_log_becomes_the_one_before() {
        let folder = std::env::temp_dir().join(format!("aquac-tail-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("log");
        let entry =
            |at| Entry { at, peer: "a".to_owned(), what: What::LinkUp { other: "b".to_owned() } };
        let read = |tail: &mut Tail| tail.read().iter().map(|one| one.at).collect::<Vec<_>>();
        let book = Logbook::open(&path).unwrap();
        book.add(&entry(1));
        let mut tail = Tail::of(&path);
        assert_eq!(read(&mut tail), [1]);
        book.add(&entry(2));
        book.open.lock().unwrap().bytes = MAX_BYTES;
        book.add(&entry(3));
        book.add(&entry(4));
        assert_eq!(read(&mut tail), [2, 3, 4]);
        let half = serde_json::to_string(&entry(5)).unwrap();
        append(&path).unwrap().write_all(&half.as_bytes()[..9]).unwrap();
        assert_eq!(read(&mut tail), [0; 0], "half a line is none yet");
        append(&path).unwrap().write_all(&half.as_bytes()[9..]).unwrap();
        append(&path).unwrap().write_all(b"\n").unwrap();
        assert_eq!(read(&mut tail), [5]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
