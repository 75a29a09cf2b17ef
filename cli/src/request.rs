//! From what the user typed to what the compiler is asked.

use std::path::{Path, PathBuf};

use aquac_driver::{GivenConstant, ImportRoots, Request, constant};

use crate::arguments::SourceArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Project, shorten};

/// What to compile: these paths, as part of their project.
pub(crate) fn request(
    paths: &[PathBuf],
    arguments: &SourceArguments,
    project: &Project,
) -> Result<Request, Failure> {
    let mut entries = Vec::new();
    for path in paths {
        entries.extend(files(path)?.iter().map(|file| shorten(file)));
    }
    for folder in arguments.imports.iter().filter(|folder| !folder.is_dir()) {
        tell!("note: --import {}: there is no such folder", folder.display());
    }
    Ok(Request {
        entries,
        roots: roots(paths, arguments, project),
        constants: constants(arguments, project)?,
    })
}

/// A file, or every source below a folder, which has at least one.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let found = crate::files::sources(path)?;
    if found.is_empty() {
        let text = format!("there is no .aqua file in {}", path.display());
        return Err(Failure::new(Exit::BadText, text));
    }
    Ok(found)
}

/// Given folders first, then the project's, then every `node_modules` above.
fn roots(paths: &[PathBuf], arguments: &SourceArguments, project: &Project) -> ImportRoots {
    let given = arguments.imports.iter().map(|folder| shorten(folder));
    let own = project.manifest.project.imports.iter().map(|folder| project.root.join(folder));
    let first = paths.first().map(|path| std::path::absolute(path).unwrap_or_default());
    let modules = first
        .iter()
        .flat_map(|path| path.ancestors())
        .map(|folder| folder.join("node_modules"))
        .filter(|folder| folder.is_dir());
    ImportRoots { folders: given.chain(own.chain(modules).map(|root| shorten(&root))).collect() }
}

/// The peers' ids, what the manifest states, and `--const`, which wins.
fn constants(
    arguments: &SourceArguments,
    project: &Project,
) -> Result<Vec<GivenConstant>, Failure> {
    let peers = project
        .manifest
        .peers
        .keys()
        .filter_map(|name| project.peers.get(name).map(|id| (name.as_str(), *id)));
    let stated = aquac_project::constants(peers, &project.manifest.project.constants);
    let mut constants = Vec::new();
    for (name, value) in &stated {
        constants.push(constant(name, value).ok_or_else(|| {
            Failure::command(format!(
                "aqua.toml: the constant {name} must be a bool, number or string"
            ))
        })?);
    }
    for given in &arguments.constants {
        constants.push(given_constant(given)?);
    }
    Ok(constants)
}

/// `NAME=VALUE`, where the value is a JSON bool, number or string.
fn given_constant(text: &str) -> Result<GivenConstant, Failure> {
    let bad = |why: &str| Failure::command(format!("--const {text}: {why}"));
    let (name, value) =
        text.split_once('=').ok_or_else(|| bad("write NAME=VALUE, for instance LIMIT=700"))?;
    let (name, value) = (name.trim(), value.trim());
    let upper = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !upper {
        return Err(bad("constant names are upper case"));
    }
    aquac_ir::from_json(value)
        .ok()
        .and_then(|value| constant(name, &value))
        .ok_or_else(|| bad("the value must be true, false, a number, or a string in quotes"))
}
