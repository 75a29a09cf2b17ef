//! The subcommands, one file each.

mod build;
mod check;
mod completions;
mod explain;
mod flow;
mod fmt;
mod info;
mod key;
mod man;
mod net;
mod new;
mod peer;
mod receipt;
mod run;
mod sim;
mod test;

use aquac_driver::render::Colour;

use crate::arguments::Command;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs a subcommand.
pub(crate) fn run(command: Command, colour: Colour) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::check(&arguments, colour),
        Command::Flow(arguments) => flow::flow(&arguments, colour),
        Command::Build(arguments) => build::build(&arguments, colour),
        Command::Run(arguments) => run::run(&arguments, colour),
        Command::Net(arguments) => net::net(&arguments),
        Command::Key(arguments) => key::key(&arguments),
        Command::Receipt(arguments) => receipt::receipt(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::New(arguments) => new::new(&arguments),
        Command::Test(arguments) => test::test(&arguments, colour),
        Command::Sim(arguments) => sim::sim(&arguments),
        Command::Fmt(arguments) => fmt::fmt(&arguments, colour),
        Command::Completions(arguments) => completions::completions(&arguments),
        Command::Man(arguments) => man::man(&arguments),
        Command::Info(arguments) => info::info(&arguments),
        Command::Peer(arguments) => peer::peer(&arguments),
    }
}
