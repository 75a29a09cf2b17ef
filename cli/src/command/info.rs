//! `aquac info`: what to put into a report of a bug.

use std::path::Path;

use clap::CommandFactory;
use serde::Serialize;

use crate::arguments::{Arguments, InfoArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::place::{DEFAULT_NAME, Place};
use crate::output::say;
use crate::project::shorten;

/// Every variable of the environment that changes what `aquac` does.
const VARIABLES: [&str; 5] = ["NO_COLOR", "CLICOLOR_FORCE", "TERM", "AQUAC_LOG", "RUST_BACKTRACE"];

/// The answer. Its form is an interface.
#[derive(Debug, Serialize)]
struct Info {
    schema: &'static str,
    version: &'static str,
    target: String,
    /// The `aqua.toml` that governs this folder.
    manifest: Option<String>,
    peers: Vec<String>,
    /// Modules that are always there.
    library: Vec<&'static str>,
    /// What can be said to `aquac`.
    commands: Vec<String>,
    /// The local networks that are up here.
    networks: Vec<String>,
    /// Variables that are set.
    environment: Vec<(&'static str, String)>,
}

/// Runs the command.
pub(crate) fn info(arguments: &InfoArguments) -> Result<Exit, Failure> {
    let info = Info::here()?;
    if arguments.json {
        let text = serde_json::to_string(&info)
            .map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        say(text);
        return Ok(Exit::Success);
    }
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let variables: Vec<String> =
        info.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    say(format!("aquac {} ({})", info.version, info.target));
    say(format!("manifest     {}", or_none(info.manifest.unwrap_or_default())));
    say(format!("peers        {}", or_none(info.peers.join(" "))));
    say(format!("library      {}", info.library.join(" ")));
    say(format!("commands     {}", info.commands.join(" ")));
    say(format!("networks     {}", or_none(info.networks.join(" "))));
    say(format!("environment  {}", or_none(variables.join(" "))));
    Ok(Exit::Success)
}

impl Info {
    fn here() -> Result<Self, Failure> {
        let here = std::path::absolute(".").unwrap_or_default();
        let manifest = aquac_project::find_manifest(&here.join("x.aqua"));
        let peers = match &manifest {
            Some(_) => {
                crate::project::Project::of(Path::new("x.aqua"))?.peers.into_keys().collect()
            }
            None => Vec::new(),
        };
        let value = |name| std::env::var(name).ok().map(|value| (name, value));
        Ok(Self {
            schema: "aquac.info/1",
            version: env!("CARGO_PKG_VERSION"),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            manifest: manifest.map(|path| shorten(&path)),
            peers,
            library: aquac_stdlib::LIBRARIES.iter().map(|library| library.import).collect(),
            commands: Arguments::command()
                .get_subcommands()
                .filter(|command| !command.is_hide_set())
                .map(|command| command.get_name().to_owned())
                .collect(),
            networks: Place::here(DEFAULT_NAME)?.up(),
            environment: VARIABLES.into_iter().filter_map(value).collect(),
        })
    }
}
