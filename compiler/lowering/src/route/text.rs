//! A route as a table for people.

use std::fmt::Write;

use super::costs::{Costs, total};
use super::{Bytes, Carried, Route, RouteLine, RoutePart};

/// The step column is at most so wide; what is longer pushes the way to the right.
const WIDEST_STEP: usize = 48;
/// So is the cost column.
const WIDEST_COST: usize = 32;

/// One line of the table.
struct Row {
    line: String,
    peer: String,
    step: String,
    cost: String,
    way: String,
}

/// The table, below a line with the function's name.
pub(super) fn text(route: &Route) -> String {
    let mut rows = vec![Row {
        line: "line".to_owned(),
        peer: "peer".to_owned(),
        step: "step".to_owned(),
        cost: route.cost.as_ref().map_or("", |_| "cost").to_owned(),
        way: "way".to_owned(),
    }];
    parts(&route.parts, (route, &mut Costs::of(route)), 0, &mut rows);
    let width = |of: fn(&Row) -> &String, most: usize| {
        rows.iter().map(|row| of(row).chars().count().min(most)).max().unwrap_or(0)
    };
    let line = width(|row| &row.line, usize::MAX);
    let peer = width(|row| &row.peer, usize::MAX);
    let step = width(|row| &row.step, WIDEST_STEP);
    let cost = width(|row| &row.cost, WIDEST_COST);
    let Route { function, file, program, .. } = route;
    let in_all = route.cost.as_ref().map(|cost| format!("; {}", total(cost))).unwrap_or_default();
    let mut text = format!("{function}, {file}: a program of {program} bytes{in_all}\n");
    for row in &rows {
        let Row { step: what, way, .. } = row;
        let said =
            if route.cost.is_some() { format!("{:cost$}  ", row.cost) } else { String::new() };
        let whole = format!("{:>line$}  {:peer$}  {what:step$}  {said}{way}", row.line, row.peer);
        let _ = writeln!(text, "{}", whole.trim_end());
    }
    text
}

fn parts(
    parts: &[RoutePart],
    (route, costs): (&Route, &mut Costs<'_>),
    level: usize,
    rows: &mut Vec<Row>,
) {
    let indent = level * 2;
    for part in parts {
        match part {
            RoutePart::Step(step) => rows.push(Row {
                line: line(&step.line, route),
                peer: step.peer.clone(),
                step: format!("{:indent$}{}", "", step.what),
                cost: costs.take(step).unwrap_or_default(),
                way: way(&step.ways, &step.carried),
            }),
            RoutePart::Block(block) => {
                for (number, branch) in block.branches.iter().enumerate() {
                    rows.push(Row {
                        line: if number == 0 { line(&block.line, route) } else { String::new() },
                        peer: String::new(),
                        step: format!("{:indent$}{}", "", branch.head),
                        cost: String::new(),
                        way: String::new(),
                    });
                    self::parts(&branch.parts, (route, &mut *costs), level + 1, rows);
                }
            }
        }
    }
}

/// The number, with the file if it is not the function's own.
fn line(line: &RouteLine, route: &Route) -> String {
    let RouteLine { file, number } = line;
    if *file == route.file { number.to_string() } else { format!("{file}:{number}") }
}

fn way(ways: &[Vec<String>], carried: &[Carried]) -> String {
    let ways: Vec<String> = ways.iter().map(|way| way.join(" > ")).collect();
    let mut text = ways.join(" | ");
    if !carried.is_empty() {
        let _ = write!(text, "  with {}", list(carried));
    }
    text
}

fn bytes(number: usize) -> String {
    if number == 1 { "1 byte".to_owned() } else { format!("{number} bytes") }
}

/// `program (210 bytes), x (at most 6 bytes), name`.
pub(super) fn list(carried: &[Carried]) -> String {
    let each = carried.iter().map(|one| match one.bytes {
        Some(Bytes::Exactly(number)) => format!("{} ({})", one.name, bytes(number)),
        Some(Bytes::AtMost(number)) => format!("{} (at most {})", one.name, bytes(number)),
        None => one.name.clone(),
    });
    each.collect::<Vec<_>>().join(", ")
}
