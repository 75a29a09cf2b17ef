//! From paths to projects: which files are built together, and what their names are relative to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_project::find_manifest;

use crate::failure::Failure;
use crate::request::files;

/// Files that are built together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The folder of their manifest; without one, the folder that was asked for, or the file's own.
    pub(super) root: PathBuf,
    /// The files, each once.
    pub(super) files: Vec<PathBuf>,
}

/// The files at or below the paths, by the manifest nearest to each.
pub(super) fn groups(paths: &[PathBuf]) -> Result<Vec<Group>, Failure> {
    let mut governed: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let mut free: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in paths {
        for file in files(path)? {
            let whole = absolute(&file);
            match find_manifest(&whole).as_deref().and_then(Path::parent) {
                Some(root) => add(&mut governed, root.to_path_buf(), file),
                None if path.is_dir() => add(&mut free, absolute(path), file),
                None => add(&mut free, whole.parent().unwrap_or(&whole).to_path_buf(), file),
            }
        }
    }
    // Of folders without a manifest, only the outermost count.
    let roots: Vec<PathBuf> = free.keys().cloned().collect();
    for (root, files) in free {
        let outer = roots.iter().find(|outer| root.starts_with(outer)).unwrap_or(&root).clone();
        files.into_iter().for_each(|file| add(&mut governed, outer.clone(), file));
    }
    Ok(governed.into_iter().map(|(root, files)| Group { root, files }).collect())
}

fn add(groups: &mut BTreeMap<PathBuf, Vec<PathBuf>>, root: PathBuf, file: PathBuf) {
    let files = groups.entry(root).or_default();
    if !files.iter().any(|known| absolute(known) == absolute(&file)) {
        files.push(file);
    }
}

/// A path from the root of the file system, without `.` in it.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
