//! `aquac flow`: who learns what.

use aquac_driver::render::Colour;
use aquac_driver::{Options, Relay, check, flow_json, flow_text, flows};
use aquac_project::DiskSources;

use crate::arguments::FlowArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::say;
use crate::project::Project;
use crate::report::{Format, report};
use crate::request::request;

/// Runs the command.
pub(crate) fn flow(arguments: &FlowArguments, colour: Colour) -> Result<Exit, Failure> {
    let project = Project::of(&arguments.file)?;
    let files = [arguments.file.clone()];
    let request = request(&files, &arguments.sources, &project)?;
    let checked = check(&request, &DiskSources);
    let relay = if arguments.no_relay { Relay::Unused } else { Relay::Used };
    let found = match flows(&checked, &Options { relay }) {
        Ok(found) => found,
        Err(diagnostics) => {
            report(&diagnostics, &checked.sources, arguments.format, colour);
            return Ok(Exit::BadText);
        }
    };
    for flow in found {
        match arguments.format {
            Format::Human | Format::Short => say(flow_text(&flow, &checked.sources)),
            Format::Json => say(flow_json(&flow, &checked.sources)),
        }
    }
    Ok(Exit::Success)
}
