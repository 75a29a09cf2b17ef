//! Reading and writing files, with errors that name the file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aquac_project::sources_below;

use crate::exit::Exit;
use crate::failure::Failure;

/// The largest file that is read, in bytes: more than any job or receipt, and less than a device
/// that never ends.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// The whole of a file; the error is the reason in words.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("it has more than {MAX_FILE_BYTES} bytes"));
    }
    Ok(bytes)
}

/// The file, or every source below the folder: there may be none.
pub(crate) fn sources(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    sources_below(path).map_err(|error| unreadable(path, &error))
}

/// The whole text of a file; the error is the reason in words.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    String::from_utf8(read(path)?).map_err(|wrong| {
        let before = wrong.as_bytes().get(..wrong.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        format!("it is not UTF-8 text: line {line} is wrong")
    })
}

/// Writes a file, making its folder.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, bytes)).map_err(|error| {
        let text = format!("cannot write {}: {}", path.display(), reason(&error));
        Failure::new(Exit::BadCommand, text)
    })
}

/// Writes a text to a file, or to standard output if the path is `-`.
pub(crate) fn write_or_print(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        crate::output::print(text);
        return Ok(());
    }
    write(path, text.as_bytes())
}

/// That a file or folder cannot be read, and why.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::BadText, format!("cannot read {}: {}", path.display(), reason(error)))
}

/// What went wrong, without the number that the system gives it.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
