//! Sources on disk.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aquac_driver::{ReadError, Sources};

/// The name of a project's manifest.
pub const MANIFEST: &str = "aqua.toml";

/// The largest source that is read, in bytes. Beyond it a file is refused.
const MAX_SOURCE_BYTES: u64 = 16 << 20;

/// Folders below the one that is asked for that are searched for sources.
const MAX_FOLDER_DEPTH: usize = 32;

/// The manifest that governs a file or folder: the nearest `aqua.toml` at or above it.
#[must_use]
pub fn find_manifest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(MANIFEST)).find(|path| path.is_file())
}

/// Every `.aqua` file in a folder and below it, sorted by path. Hidden folders, `node_modules`
/// and `target` are left out.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn sources_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                let skipped = name.starts_with('.') || matches!(name, "node_modules" | "target");
                if !skipped && depth < MAX_FOLDER_DEPTH {
                    open.push((path, depth + 1));
                }
            } else if path.extension().is_some_and(|extension| extension == "aqua") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads sources from the file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskSources;

impl Sources for DiskSources {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        let unreadable = |error: std::io::Error| {
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
                ReadError::NotFound
            } else {
                ReadError::Unreadable(error.to_string())
            }
        };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        // A module may be called like a folder, so that another root is tried.
        if metadata.is_dir() {
            return Err(ReadError::NotFound);
        }
        if !metadata.is_file() {
            return Err(ReadError::Unreadable("it is a device or a pipe, not a file".to_owned()));
        }
        if metadata.len() > MAX_SOURCE_BYTES {
            return Err(ReadError::Unreadable(format!(
                "it has {} bytes, more than the {MAX_SOURCE_BYTES} that a source may have",
                metadata.len()
            )));
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        String::from_utf8(bytes)
            .map_err(|error| ReadError::Unreadable(format!("it is not UTF-8 text ({error})")))
    }
}
