//! `aquac key`: the keys of peers.

use std::path::{Path, PathBuf};

use crate::arguments::{KeyArguments, KeyCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::{self, EXTENSION};
use crate::output::say;
use crate::project::{Project, shorten};

/// Runs the command.
pub(crate) fn key(arguments: &KeyArguments) -> Result<Exit, Failure> {
    match &arguments.command {
        KeyCommand::New { key } => {
            let path = file(key)?;
            let seed = keys::fresh()?;
            keys::write(&path, seed)?;
            say(keys::peer_of(seed).to_string());
            tell!("the secret is in {}; keep it", shorten(&path));
        }
        KeyCommand::Show { key } => say(keys::peer_of(keys::read(&file(key)?)?).to_string()),
        KeyCommand::List => list()?,
    }
    Ok(Exit::Success)
}

/// A path if it looks like one, else a key of the project.
fn file(key: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(key);
    if path.components().count() > 1 || path.extension().is_some() || path.is_file() {
        return Ok(path.to_path_buf());
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if key.is_empty() || !key.chars().all(plain) {
        return Err(Failure::command(format!(
            "`{key}` is no name of a key: take letters, digits, `-` and `_`, or write a path"
        )));
    }
    let name = format!("{key}.{EXTENSION}");
    Ok(own_folder()?.join(name))
}

fn own_folder() -> Result<PathBuf, Failure> {
    let root = Project::of(Path::new("x.aqua"))?.root;
    let ignore = root.join(".aquac/.gitignore");
    if !ignore.exists() {
        crate::files::write(&ignore, b"*\n")?;
    }
    Ok(keys::folder(&root))
}

fn list() -> Result<(), Failure> {
    let folder = keys::folder(&Project::of(Path::new("x.aqua"))?.root);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
        .collect();
    paths.sort();
    if paths.is_empty() {
        tell!("there is no key in {}; `aquac key new NAME` makes one", shorten(&folder));
    }
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        say(format!("{name}  {}", keys::peer_of(keys::read(&path)?)));
    }
    Ok(())
}
