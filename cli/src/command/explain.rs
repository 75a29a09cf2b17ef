//! `aquac explain`: the page of a diagnostic's code.

use aquac_driver::{explain as page, pages};

use crate::arguments::ExplainArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::say;

/// Runs the command.
pub(crate) fn explain(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let Some(code) = &arguments.code else {
        for page in pages() {
            say(format!("{}  {}", page.code, page.meaning));
        }
        return Ok(Exit::Success);
    };
    let found = page(code).ok_or_else(|| {
        Failure::command(format!("there is no code {code}; `aquac explain` lists them all"))
    })?;
    say(format!("{}: {}\n\nWrong:\n", found.code, found.meaning));
    say(format!("{}\nRight:\n\n{}", indented(found.wrong), indented(found.right)));
    Ok(Exit::Success)
}

fn indented(program: &str) -> String {
    program.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect()
}
