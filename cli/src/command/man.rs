//! `aquac man`: manual pages.

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
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        let file = format!("aquac-{}.1", subcommand.get_name());
        crate::files::write(&folder.join(file), page(subcommand.clone())?.as_bytes())?;
    }
    crate::files::write(&folder.join("aquac.1"), page(command)?.as_bytes())?;
    Ok(Exit::Success)
}

fn page(command: clap::Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    Man::new(command)
        .render(&mut text)
        .map_err(|error| Failure::new(Exit::Bug, format!("cannot write the page: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
