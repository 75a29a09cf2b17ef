//! What functions cost and who learns what, as data, as tables for people, and as JSON.

use aquac_base::{Diagnostic, SourceMap};
use aquac_lowering::Options;
use aquac_lowering::guarantee::cost::{Amount, Cost, cost};
use aquac_lowering::guarantee::flow::{Flow, FlowValue, ValueKind, flow};
use serde_json::{Value as Json, json};

use crate::passes::Checked;

/// The schema of [`cost_json`].
const COST_SCHEMA: &str = "aquac.cost/1";
/// The schema of [`flow_json`].
const FLOW_SCHEMA: &str = "aquac.flow/1";

/// The cost of every exported function, in the order of the exports.
///
/// # Errors
///
/// What stands in the way of building one of them.
pub fn costs(checked: &Checked, options: &Options) -> Result<Vec<Cost>, Vec<Diagnostic>> {
    each(checked, |id| cost(&checked.typed, &checked.sources, id, options))
}

/// Who learns what in every exported function, in the order of the exports.
///
/// # Errors
///
/// What stands in the way of building one of them.
pub fn flows(checked: &Checked, options: &Options) -> Result<Vec<Flow>, Vec<Diagnostic>> {
    each(checked, |id| flow(&checked.typed, &checked.sources, id, options))
}

fn each<T>(
    checked: &Checked,
    one: impl Fn(aquac_semantics::hir::FunctionId) -> Result<T, Vec<Diagnostic>>,
) -> Result<Vec<T>, Vec<Diagnostic>> {
    let errors = checked.errors();
    if !errors.is_empty() {
        return Err(errors);
    }
    checked.exported_functions().map(|export| one(export.id)).collect()
}

/// A cost as a table: the sums, each line that costs something, and what each wait can do without.
#[must_use]
pub fn cost_text(cost: &Cost, sources: &SourceMap) -> String {
    let mut text = format!(
        "{}: {}, {} on the longest way, about {}\n",
        cost.function,
        cost.hops.counted("hop"),
        cost.trips().counted("round trip"),
        cost.bytes.plain("byte"),
    );
    let rows = cost.lines.iter().map(|line| {
        let source = sources.get(line.span.source);
        let shown = source.map(|source| source.slice(line.span)).unwrap_or_default();
        vec![
            line.line.to_string(),
            format!("+{}", line.hops.plain("hop")),
            format!("+{}", line.bytes.plain("byte")),
            shown.lines().next().unwrap_or_default().to_owned(),
        ]
    });
    text.push_str(&table(rows.collect()));
    for because in &cost.doubts {
        let line = sources.get(because.span.source).map(|s| s.line_column(because.span.start).line);
        let line = line.unwrap_or_default();
        text.push_str(&format!("  {line}  depends on {}\n", because.doubt.text()));
    }
    for join in &cost.joins {
        let line = sources.get(join.span.source).map(|s| s.line_column(join.span.start).line);
        let line = line.unwrap_or_default();
        let (need, offered) = (&join.need.text, &join.offered.text);
        let stands = match &join.spare {
            Some(spare) if spare.number == Some(0) => "survives none of them failing".to_owned(),
            Some(spare) => format!("survives {} of {offered} failing", spare.text),
            None if join.offered.number.is_some() => {
                format!("{offered} come in any case, others if conditions hold")
            }
            None => format!("holds if {offered} is at least {need}"),
        };
        let of = match (&join.spare, join.offered.number) {
            (None, Some(_)) => String::new(),
            (Some(_), _) | (None, None) => format!(" of {offered}"),
        };
        text.push_str(&format!("  {line}  waits for {need}{of} of *{}: {stands}\n", join.stream));
    }
    text
}

/// A cost as one JSON object; `schema` says which form it has.
#[must_use]
pub fn cost_json(cost: &Cost, sources: &SourceMap) -> String {
    let lines: Vec<Json> = cost
        .lines
        .iter()
        .map(|line| {
            json!({
                "file": line.file,
                "line": line.line,
                "start": line.span.start,
                "end": line.span.end,
                "hops": amount(&line.hops),
                "bytes": amount(&line.bytes),
            })
        })
        .collect();
    let joins: Vec<Json> = cost
        .joins
        .iter()
        .map(|join| {
            let at = sources.get(join.span.source).map(|s| s.line_column(join.span.start));
            json!({
                "line": at.map(|at| at.line),
                "start": join.span.start,
                "end": join.span.end,
                "stream": join.stream,
                "need": amount(&join.need),
                "offered": amount(&join.offered),
                "spare": join.spare.as_ref().map(amount),
            })
        })
        .collect();
    let doubts: Vec<Json> = cost
        .doubts
        .iter()
        .map(|because| {
            let at = sources.get(because.span.source).map(|s| s.line_column(because.span.start));
            json!({
                "line": at.map(|at| at.line),
                "start": because.span.start,
                "end": because.span.end,
                "text": because.doubt.text(),
            })
        })
        .collect();
    json!({
        "schema": COST_SCHEMA,
        "function": cost.function,
        "hops": amount(&cost.hops),
        "trips": amount(&cost.trips()),
        "bytes": amount(&cost.bytes),
        "lines": lines,
        "joins": joins,
        "doubts": doubts,
    })
    .to_string()
}

fn amount(amount: &Amount) -> Json {
    json!({
        "text": amount.text,
        "number": amount.number,
        "exact": amount.exact,
        "bounded": amount.bounded,
        "least": amount.least,
    })
}

/// Who learns what as a table: values down, peers across, and the place where each is made. `●`
/// makes it, `○` can hold it.
#[must_use]
pub fn flow_text(flow: &Flow, sources: &SourceMap) -> String {
    let mut rows = vec![
        std::iter::once("value".to_owned())
            .chain(flow.peers.iter().map(|peer| short(peer)))
            .chain(["made at".to_owned()])
            .collect(),
    ];
    for value in &flow.values {
        let marks = flow.peers.iter().map(|peer| mark(value, peer).to_owned());
        // That an error decides goes without saying.
        let decides = value.control && value.kind != ValueKind::Error;
        let control = if decides { " (decides)" } else { "" };
        let name = std::iter::once(format!("{}{control}", value.name));
        rows.push(name.chain(marks).chain([made_at(value, sources)]).collect());
    }
    format!("{}: ● makes it, ○ can hold it in clear\n{}", flow.function, table(rows))
}

/// The place of the step that makes a value: line, column, and what stands there. An argument has
/// those of the function.
fn made_at(value: &FlowValue, sources: &SourceMap) -> String {
    let Some(source) = sources.get(value.span.source) else { return String::new() };
    let at = source.line_column(value.span.start);
    let says = source.slice(value.span).lines().next().unwrap_or_default();
    match value.kind {
        ValueKind::Argument => format!("{}:{}", at.line, at.column),
        ValueKind::Answer | ValueKind::Stream | ValueKind::Snapshot => {
            format!("{}:{} {says}", at.line, at.column)
        }
        // The `try` around what fails, or the function.
        ValueKind::Error => {
            let says = says.split('(').next().unwrap_or_default();
            format!("{}:{} {says}", at.line, at.column)
        }
    }
}

fn mark(value: &FlowValue, peer: &str) -> &'static str {
    if value.maker.iter().any(|maker| maker == peer) {
        "●"
    } else if value.holders.iter().any(|holder| holder == peer) {
        "○"
    } else {
        "·"
    }
}

/// A long id by its last letters, which differ.
fn short(peer: &str) -> String {
    let peer = peer.trim_matches('"');
    let letters: Vec<char> = peer.chars().collect();
    if peer.starts_with("12D3KooW") && letters.len() > 12 {
        let end: String = letters.iter().skip(letters.len() - 6).collect();
        return format!("…{end}");
    }
    peer.to_owned()
}

/// Who learns what as one JSON object; `schema` says which form it has.
#[must_use]
pub fn flow_json(flow: &Flow, sources: &SourceMap) -> String {
    let values: Vec<Json> = flow
        .values
        .iter()
        .map(|value| {
            let at = sources.get(value.span.source).map(|s| s.line_column(value.span.start));
            json!({
                "name": value.name,
                "kind": kind(value.kind),
                "line": at.map(|at| at.line),
                "start": value.span.start,
                "end": value.span.end,
                "makers": value.maker,
                "holders": value.holders,
                "decides": value.control,
            })
        })
        .collect();
    json!({ "schema": FLOW_SCHEMA, "function": flow.function, "peers": flow.peers, "values": values })
        .to_string()
}

const fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Argument => "argument",
        ValueKind::Answer => "answer",
        ValueKind::Stream => "stream",
        ValueKind::Snapshot => "snapshot",
        ValueKind::Error => "error",
    }
}

/// Rows with columns of equal width, two blanks between them.
fn table(rows: Vec<Vec<String>>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(&format!("  {}\n", line.trim_end()));
    }
    text
}
