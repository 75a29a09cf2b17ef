//! Where source texts come from: files, open editor buffers, or a table in a test.

use std::collections::BTreeMap;

/// Why a path gives no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no file.
    #[error("there is no such file")]
    NotFound,
    /// There is one, and it cannot be read; the reason in words.
    #[error("{0}")]
    Unreadable(String),
}

/// Gives texts by path. Paths use `/` and are normalised by the caller.
pub trait Sources {
    /// The text of a file.
    ///
    /// # Errors
    ///
    /// [`ReadError::NotFound`] if there is no regular file, [`ReadError::Unreadable`] if there is
    /// one that is not UTF-8 or may not be read.
    fn read(&self, path: &str) -> Result<String, ReadError>;
}

/// Texts held in memory.
impl Sources for BTreeMap<String, String> {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        self.get(path).cloned().ok_or(ReadError::NotFound)
    }
}

/// A path without `.`, without `name/..`, with single slashes. `..` at the front of a relative
/// path stays.
#[must_use]
pub fn normalise(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// The folder of a file: what stands before the last `/`.
#[must_use]
pub fn folder(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => path.get(..at).unwrap_or_default(),
        None => "",
    }
}

/// A path below a folder, normalised; an absolute path stays what it is.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') || folder.is_empty() {
        normalise(path)
    } else {
        normalise(&format!("{folder}/{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        assert_eq!(normalise("a/./b//../c.aqua"), "a/c.aqua");
        assert_eq!(normalise("../x/../../y"), "../../y");
        assert_eq!(normalise("/../a"), "/a");
        assert_eq!(join("src/deep", "../lib.aqua"), "src/lib.aqua");
        assert_eq!(folder("/main.aqua"), "/");
        assert_eq!(folder("main.aqua"), "");
    }
}
