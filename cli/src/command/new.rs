//! `aquac new`: a project that runs and whose test passes.

use std::path::Path;

use crate::arguments::{NewArguments, Template};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::say;

/// What a project begins with.
struct Contents {
    /// Files below the project's folder, with their texts.
    files: &'static [(&'static str, &'static str)],
    /// The call that its README runs.
    call: &'static str,
}

/// The files of a template, from its folder in `templates/`.
macro_rules! template {
    ($folder:literal, $call:literal $(, $more:literal)*) => {
        Contents {
            files: &[
                ("aqua.toml", include_str!(concat!("../../templates/", $folder, "/aqua.toml"))),
                ("README.md", include_str!(concat!("../../templates/", $folder, "/README.md"))),
                ("src/main.aqua", include_str!(concat!("../../templates/", $folder, "/src/main.aqua"))),
                ("src/main_test.toml", include_str!(concat!("../../templates/", $folder, "/src/main_test.toml"))),
                (".gitignore", "/out\n"),
                $(($more, include_str!(concat!("../../templates/", $folder, "/", $more))),)*
            ],
            call: $call,
        }
    };
}

const fn contents(template: Template) -> Contents {
    match template {
        Template::Hello => template!("hello", r#"hello("Ada")"#),
        Template::Chain => template!("chain", r#"pay("ada", 30)"#),
        Template::Fanout => template!("fanout", r#"cheapest("apples")"#),
        Template::Service => template!("service", r#"shout("hello")"#, "service.sh"),
    }
}

/// Runs the command.
pub(crate) fn new(arguments: &NewArguments) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let name = project_name(folder)?;
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
        || folder.is_file()
    {
        return Err(Failure::command(format!("{} is there already", folder.display())));
    }
    let Contents { files, call } = contents(arguments.template);
    let shown = folder.display().to_string();
    let shown = if shown.contains(' ') { format!("'{shown}'") } else { shown };
    for (path, text) in files {
        let text = text.replace("{{name}}", &name).replace("{{call}}", call);
        crate::files::write(&folder.join(path), text.as_bytes())?;
    }
    say(format!("made {shown}; next:\n"));
    say(format!("  aquac run {shown}/src/main.aqua -f '{call}'"));
    say(format!("  aquac test {shown}"));
    Ok(Exit::Success)
}

/// The last part of the path, which goes into `aqua.toml`.
fn project_name(folder: &Path) -> Result<String, Failure> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    if name.is_empty() || !name.chars().all(good) {
        return Err(Failure::command(format!(
            "`{}` is no name of a project: take letters, digits, `-` and `_`",
            folder.display()
        )));
    }
    Ok(name.into_owned())
}
