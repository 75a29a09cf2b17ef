//! How a store's file comes into being: whole or not at all. It is made under another name first,
//! so that a process that is killed meanwhile leaves nothing that is half a store.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What stands behind the name of a file in the making, before the number of its process.
const IN_THE_MAKING: &str = ".new-";

/// Makes sure that there is a file, and that it was made by `make` to its end. When two processes
/// do this at once, both find the same file.
pub(super) fn once<E: From<io::Error>>(
    path: &Path,
    make: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    if !path.exists() {
        let unfinished = unfinished(path, std::process::id());
        let made = make(&unfinished).and_then(|()| match fs::hard_link(&unfinished, path) {
            // Somebody else was faster.
            Err(problem) if problem.kind() == ErrorKind::AlreadyExists => Ok(()),
            // A file system without links.
            Err(_) if !path.exists() => Ok(fs::rename(&unfinished, path)?),
            Ok(()) | Err(_) => Ok(()),
        });
        made?;
        sync_folder(path)?;
    }
    sweep(path)?;
    Ok(())
}

fn unfinished(path: &Path, process: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!("{IN_THE_MAKING}{process}"));
    PathBuf::from(name)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name must not be lost with the machine.
fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(folder(path))?.sync_all()
}

/// Removes what processes have left that were killed.
fn sweep(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let left = format!("{name}{IN_THE_MAKING}");
    for entry in fs::read_dir(folder(path))? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&left)) {
            // Somebody else may have swept it.
            let _gone = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test of files")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all_and_nothing_is_left_behind() {
        let folder = std::env::temp_dir().join(format!("aquac-birth-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("store");
        let killed = once(&path, |unfinished| {
            fs::write(unfinished, b"ha")?;
            Err::<(), _>(io::Error::other("killed"))
        });
        assert!(killed.is_err() && !path.exists());
        fs::write(folder.join("store.new-1"), b"of another process").unwrap();
        once(&path, |unfinished| fs::write(unfinished, b"whole")).unwrap();
        once(&path, |_| Err::<(), _>(io::Error::other("it is there already"))).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        let names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, ["store"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
