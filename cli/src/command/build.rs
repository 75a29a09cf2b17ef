//! `aquac build`: a program's exported functions as files.
use aquac_driver::render::Colour;

use crate::arguments::BuildArguments;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn build(_arguments: &BuildArguments, _colour: Colour) -> Result<Exit, Failure> {
    Err(Failure::command("not built yet"))
}
