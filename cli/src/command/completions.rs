//! `aquac completions`: what a shell needs to complete our commands.

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsArguments};
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "aquac", &mut script);
    crate::files::write_or_print("-".as_ref(), &String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
