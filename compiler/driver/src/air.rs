//! Programs as AIR, for the reference interpreter.

use aquac_air::{Frame, Relay, write};
use aquac_base::{Code, Diagnostic, SourceId, Span};
use aquac_ir::VerifiedProgram;
use aquac_lowering::{Options, Relay as Reached};

use crate::passes::Artifact;

/// A program that cannot be written as AIR.
const NOT_AIR: Code = Code("AQ0811");

/// An artifact as AIR text.
///
/// # Errors
///
/// Why AIR cannot say what the program says.
pub fn air(artifact: &Artifact, options: &Options) -> Result<String, Box<Diagnostic>> {
    let relay = match options.relay {
        Reached::Used => Relay::Loaded,
        Reached::Unused => Relay::None,
    };
    let frame = Frame::Function { parameters: &artifact.debug.parameters, relay };
    let written = VerifiedProgram::new(artifact.program.clone())
        .map_err(|error| error.to_string())
        .and_then(|program| write(&program, frame).map_err(|error| error.to_string()));
    written.map_err(|why| {
        let message = format!("`{}` cannot be written as AIR: {why}", artifact.function);
        let nowhere = Span::new(SourceId(0), 0, 0);
        Box::new(Diagnostic { primary: None, ..Diagnostic::error(NOT_AIR, message, nowhere, "") })
    })
}
