//! Programs as files: `DIR/<source below its root, without extension>.<function>.aqir`, its debug
//! table beside it, or `….air`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aquac_base::Diagnostic;
use aquac_driver::{Artifact, Checked, Options, air, build};

use super::groups::absolute;
use crate::arguments::Target;
use crate::failure::Failure;
use crate::project::shorten;

/// Where the names of outputs begin.
pub(super) struct Roots<'a> {
    /// The project's sources.
    pub(super) sources: &'a Path,
    /// The project.
    pub(super) root: &'a Path,
    /// Whether other projects write into the same folder.
    pub(super) several: bool,
}

/// The folder that is written to.
pub(super) struct Output<'a> {
    folder: &'a Path,
    written: BTreeSet<PathBuf>,
    programs: usize,
}

impl<'a> Output<'a> {
    /// Nothing is written yet.
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { folder, written: BTreeSet::new(), programs: 0 }
    }

    /// How many programs were written.
    pub(super) fn programs(&self) -> usize {
        self.programs
    }

    /// Writes every exported function of a program, or nothing if one cannot be built.
    pub(super) fn artifacts(
        &mut self,
        target: Target,
        checked: &Checked,
        options: &Options,
        roots: &Roots<'_>,
    ) -> Result<Result<(), Vec<Diagnostic>>, Failure> {
        let artifacts = match build(checked, options) {
            Ok(artifacts) => artifacts,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        };
        let mut scripts = Vec::new();
        if target == Target::Air {
            for artifact in &artifacts {
                match air(artifact, options) {
                    Ok(text) => scripts.push(text),
                    Err(diagnostic) => return Ok(Err(vec![*diagnostic])),
                }
            }
        }
        for artifact in &artifacts {
            let name = name(artifact, roots);
            if target == Target::Ir {
                self.program(&name, "aqir", &aquac_ir::encode(&artifact.program))?;
                let debug = self.folder.join(&name).with_added_extension("aqdbg");
                crate::files::write(&debug, &artifact.debug.to_bytes())?;
            }
        }
        for (artifact, text) in artifacts.iter().zip(scripts) {
            self.program(&name(artifact, roots), "air", text.as_bytes())?;
        }
        Ok(Ok(()))
    }

    /// Writes one program and says so.
    pub(super) fn program(
        &mut self,
        name: &Path,
        extension: &str,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        let path = self.folder.join(name).with_added_extension(extension);
        if !self.written.insert(path.clone()) {
            let path = shorten(&path);
            let text = format!("two functions would be written to {path}: build them one by one");
            return Err(Failure::command(text));
        }
        crate::files::write(&path, bytes)?;
        self.programs += 1;
        tell!("wrote {} ({} bytes)", shorten(&path), bytes.len());
        Ok(())
    }
}

/// `<path of the source below the project's sources>.<function>`; of several projects, below a
/// folder for each.
fn name(artifact: &Artifact, roots: &Roots<'_>) -> PathBuf {
    let module = absolute(Path::new(&artifact.module));
    let below =
        [roots.sources, roots.root].into_iter().find_map(|root| module.strip_prefix(root).ok());
    let alone = module.file_name().map(Path::new).unwrap_or(&module);
    let name = below.unwrap_or(alone).with_extension(&artifact.function);
    if roots.several { project_name(roots.root).join(name) } else { name }
}

/// A project's folder as seen from here, or its last part if it is elsewhere.
fn project_name(root: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let below = root.strip_prefix(&here).ok();
    below.or_else(|| root.file_name().map(Path::new)).unwrap_or(Path::new("")).to_path_buf()
}
