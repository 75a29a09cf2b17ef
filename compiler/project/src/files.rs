//! Sources on disk.

use std::path::{Path, PathBuf};

/// The name of a project's manifest.
pub const MANIFEST: &str = "aqua.toml";

/// The manifest that governs a file or folder: the nearest `aqua.toml` at or above it.
#[must_use]
pub fn find_manifest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(MANIFEST)).find(|path| path.is_file())
}

/// Reads sources from the file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskSources;
