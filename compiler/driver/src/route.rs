//! Where the exported functions of a program go, and what each line of the way costs.

use aquac_base::Diagnostic;
use aquac_lowering::guarantee::cost::cost;
use aquac_lowering::{Options, Route};

use crate::passes::Checked;

/// The way of each exported function with its cost, in the order of the exports.
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
        let way = aquac_lowering::route(&checked.typed, &checked.sources, exported.id, options);
        let priced = way.and_then(|route| {
            let cost = cost(&checked.typed, &checked.sources, exported.id, options)?;
            Ok(Route { function: exported.name.to_owned(), cost: Some(cost), ..route })
        });
        match priced {
            Ok(route) => routes.push(route),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(routes) } else { Err(problems) }
}
