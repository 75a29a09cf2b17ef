//! `aquac build x.aqirt`: a program that is written as text already.

use std::path::Path;

use aquac_air::{Frame, Relay, write};
use aquac_ir::VerifiedProgram;

use super::files::Output;
use crate::arguments::{BuildArguments, Rung, Target};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::project::shorten;

/// Whether a path is the text form of a program.
pub(super) fn is_program(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "aqirt")
}

/// Reads it, checks it, and writes it as what was asked for.
pub(super) fn build(
    path: &Path,
    arguments: &BuildArguments,
    output: &mut Output,
) -> Result<(), Failure> {
    let shown = shorten(path);
    let wrong = |why: String| Failure::new(Exit::BadText, why);
    let text = crate::files::read_text(path)
        .map_err(|why| wrong(format!("cannot read `{shown}`: {why}")))?;
    let program = aquac_ir::parse(&text).map_err(|error| {
        wrong(format!("{shown}:{}:{}: {}", error.line, error.column, error.problem))
    })?;
    let program = VerifiedProgram::new(program)
        .map_err(|error| wrong(format!("{shown} is no program that may run: {error}")))?;
    let script = || script(&program, arguments).map_err(|why| wrong(format!("{shown}: {why}")));
    let nothing = || {
        let why = "is a program already: `--emit ir` and `--emit air` can be made of it";
        Err(Failure::command(format!("{shown} {why}")))
    };
    if arguments.route.is_some() {
        return nothing();
    }
    let name = path.file_stem().map(Path::new).unwrap_or(path);
    match (arguments.emit, arguments.target) {
        (Some(Rung::Ir), _) => print(&aquac_ir::print(program.program())),
        (Some(Rung::Air), _) => print(&script()?),
        (
            Some(Rung::Tokens | Rung::Lines | Rung::Ast | Rung::Hir | Rung::Plan | Rung::Placed),
            _,
        ) => return nothing(),
        (None, Target::Ir) => {
            output.program(name, "aqir", &aquac_ir::encode(program.program()))?;
        }
        (None, Target::Air) => output.program(name, "air", script()?.as_bytes())?,
    }
    Ok(())
}

/// The text has no names for arguments: the host is asked for `arg0`, `arg1`, ….
fn script(program: &VerifiedProgram, arguments: &BuildArguments) -> Result<String, String> {
    let count = program.program().parameters.len();
    let names: Vec<String> = (0..count).map(|number| format!("arg{number}")).collect();
    let relay = if arguments.no_relay { Relay::None } else { Relay::Loaded };
    write(program, Frame::Function { parameters: &names, relay }).map_err(|error| error.to_string())
}
