//! `aquac build`: a program's exported functions as files.

use std::path::{Path, PathBuf};

use aquac_driver::render::Colour;
use aquac_driver::{Artifact, Checked, Options, Relay, air, build as compile, check, emit};
use aquac_project::DiskSources;

use super::check::paths_or_here;
use crate::arguments::{BuildArguments, Target};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Project, shorten};
use crate::report::report;
use crate::request::request;

/// Runs the command.
pub(crate) fn build(arguments: &BuildArguments, colour: Colour) -> Result<Exit, Failure> {
    let paths = paths_or_here(&arguments.paths);
    let project = Project::of(paths.first().unwrap_or(&PathBuf::new()))?;
    let request = request(&paths, &arguments.sources, &project)?;
    let checked = check(&request, &DiskSources);
    let relay = if arguments.no_relay { Relay::Unused } else { Relay::Used };
    let options = Options { relay };
    let outcome = match arguments.emit {
        Some(rung) => emit(&checked, rung.into(), &options).map(|text| print!("{text}")),
        None => write_artifacts(arguments, &checked, &options, &project)?,
    };
    let mut diagnostics = checked.diagnostics.clone();
    let failed = outcome.is_err();
    if let Err(found) = outcome {
        diagnostics.extend(found.into_iter().filter(|new| !checked.diagnostics.contains(new)));
    }
    report(&diagnostics, &checked.sources, arguments.format, colour);
    Ok(if failed { Exit::BadText } else { Exit::Success })
}

type Outcome = Result<(), Vec<aquac_base::Diagnostic>>;

fn write_artifacts(
    arguments: &BuildArguments,
    checked: &Checked,
    options: &Options,
    project: &Project,
) -> Result<Outcome, Failure> {
    let artifacts = match compile(checked, options) {
        Ok(artifacts) => artifacts,
        Err(diagnostics) => return Ok(Err(diagnostics)),
    };
    for artifact in &artifacts {
        let stem = stem(&arguments.output, artifact, project);
        match arguments.target {
            Target::Ir => {
                write(&stem, "aqir", &aquac_ir::encode(&artifact.program))?;
                let debug = stem.with_added_extension("aqdbg");
                crate::files::write(&debug, &artifact.debug.to_bytes())?;
            }
            Target::Air => match air(artifact, options) {
                Ok(text) => write(&stem, "air", text.as_bytes())?,
                Err(diagnostic) => return Ok(Err(vec![*diagnostic])),
            },
        }
    }
    Ok(Ok(()))
}

/// `DIR/<path of the source below the project's sources>.<function>`.
fn stem(output: &Path, artifact: &Artifact, project: &Project) -> PathBuf {
    let module = std::path::absolute(&artifact.module).unwrap_or_default();
    let sources = project.root.join(&project.manifest.project.src);
    let below =
        [&sources, &project.root].into_iter().find_map(|root| module.strip_prefix(root).ok());
    let name = module.file_name().map(Path::new).unwrap_or(&module);
    let source = below.unwrap_or(name).with_extension(&artifact.function);
    output.join(source)
}

fn write(stem: &Path, extension: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = stem.with_added_extension(extension);
    crate::files::write(&path, bytes)?;
    eprintln!("wrote {} ({} bytes)", shorten(&path), bytes.len());
    Ok(())
}
