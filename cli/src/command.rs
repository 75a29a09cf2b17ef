//! The subcommands, one file each.

mod build;
mod check;
mod explain;
mod peer;
mod receipt;
mod run;

use aquac_driver::render::Colour;

use crate::arguments::Command;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs a subcommand.
pub(crate) fn run(command: Command, colour: Colour) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::check(&arguments, colour),
        Command::Build(arguments) => build::build(&arguments, colour),
        Command::Run(arguments) => run::run(&arguments, colour),
        Command::Receipt(arguments) => receipt::receipt(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Peer(arguments) => peer::peer(&arguments),
    }
}
