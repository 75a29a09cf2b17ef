//! Where the exported functions of a program go.

use aquac_base::Diagnostic;
use aquac_lowering::{Options, Route};

use crate::passes::Checked;

/// The way of each exported function, in the order of the exports.
///
/// # Errors
///
/// Everything that stands in the way of building one of them.
pub fn routes(checked: &Checked, options: &Options) -> Result<Vec<Route>, Vec<Diagnostic>> {
    let mut problems = checked.errors();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut routes = Vec::new();
    for exported in checked.exported_functions() {
        match aquac_lowering::route(&checked.typed, &checked.sources, exported.id, options) {
            Ok(route) => routes.push(Route { function: exported.name.to_owned(), ..route }),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(routes) } else { Err(problems) }
}
