//! `aquac man`: manual pages.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::arguments::{Arguments, ManArguments};
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the command: the page of `aquac` on standard output, or all pages into a folder.
pub(crate) fn man(arguments: &ManArguments) -> Result<Exit, Failure> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = &arguments.folder else {
        crate::files::write_or_print("-".as_ref(), &page(command)?)?;
        return Ok(Exit::Success);
    };
    write_pages(folder, "aquac", &command)?;
    Ok(Exit::Success)
}

/// The page of a command and those of its subcommands: as deep as our own table of them.
fn write_pages(folder: &Path, name: &str, command: &clap::Command) -> Result<(), Failure> {
    let file = folder.join(format!("{name}.1"));
    crate::files::write(&file, page(command.clone())?.as_bytes())?;
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        write_pages(folder, &format!("{name}-{}", subcommand.get_name()), subcommand)?;
    }
    Ok(())
}

fn page(command: clap::Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    Man::new(command)
        .render(&mut text)
        .map_err(|error| Failure::new(Exit::Bug, format!("cannot write the page: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
