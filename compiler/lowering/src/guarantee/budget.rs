//! `-- @budget hops<=6 trips<=2 bytes<=20KB` above a function: what it may cost.

use std::collections::HashMap;

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_semantics::Typed;
use aquac_semantics::hir::{FunctionId, Module};

use super::cost::{Cost, cost};
use super::error::Finding;
use super::text::Text;
use crate::Options;

/// The word in a comment that begins a budget.
const WORD: &str = "@budget";
/// Lines that are shown because they cost most.
const MAX_LINES: usize = 3;

/// What a clause bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Hops,
    Trips,
    Bytes,
}

/// One clause of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Clause {
    span: Span,
    measure: Measure,
    most: u64,
}

/// Checks the budgets of one module. A budget is that of the function below it.
pub(super) fn budgets(typed: &Typed, sources: &SourceMap, module: &Module) -> Vec<Diagnostic> {
    let text = Text::new(sources);
    let start = |function: &FunctionId| typed.program.functions[*function].span.start;
    let mut found = Vec::new();
    let mut costs: HashMap<FunctionId, Option<Cost>> = HashMap::new();
    for comment in text.comments(module.source) {
        let clauses = match read(text, comment).into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(clauses) if clauses.is_empty() => continue,
            Ok(clauses) => clauses,
            // One comment is one mistake: its first.
            Err(span) => {
                found.push(Finding::BadBudget { span }.into());
                continue;
            }
        };
        let below = module.functions.iter().find(|function| start(function) > comment.end);
        let below =
            below.filter(|function| text.is_blank(module.source, comment.end, start(function)));
        let Some(function) = below else {
            found.push(Finding::StrayBudget { span: comment }.into());
            continue;
        };
        // What cannot be lowered says so where it is built.
        let cost = costs
            .entry(*function)
            .or_insert_with(|| cost(typed, sources, *function, &Options::default()).ok());
        let Some(cost) = cost else { continue };
        found.extend(clauses.iter().filter_map(|clause| over(cost, *clause)).map(Diagnostic::from));
    }
    found
}

/// The clauses of one comment, or where it cannot be read.
fn read(text: Text<'_>, comment: Span) -> Vec<Result<Clause, Span>> {
    let line = text.at(comment);
    let body = line.trim_start_matches('-').trim_start();
    let Some(rest) = body.strip_prefix(WORD) else { return Vec::new() };
    if rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
        return Vec::new();
    }
    let mut at = line.len() - rest.len();
    let mut clauses = Vec::new();
    for part in rest.split_inclusive(char::is_whitespace) {
        let word = part.trim_end();
        if !word.is_empty() {
            let start = comment.start + u32::try_from(at).unwrap_or_default();
            let end = start + u32::try_from(word.len()).unwrap_or_default();
            let span = Span::new(comment.source, start, end);
            clauses.push(clause(word, span).ok_or(span));
        }
        at += part.len();
    }
    if clauses.is_empty() {
        clauses.push(Err(comment));
    }
    clauses
}

fn clause(word: &str, span: Span) -> Option<Clause> {
    let (measure, most) = word.split_once("<=")?;
    let measure = match measure {
        "hops" => Measure::Hops,
        "trips" => Measure::Trips,
        "bytes" => Measure::Bytes,
        _ => return None,
    };
    let (digits, unit) = match most.strip_suffix("KB") {
        Some(digits) => (digits, 1_000),
        None => match most.strip_suffix("MB") {
            Some(digits) => (digits, 1_000_000),
            None => (most, 1),
        },
    };
    if unit != 1 && measure != Measure::Bytes {
        return None;
    }
    let most = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    Some(Clause { span, measure, most })
}

fn over(cost: &Cost, clause: Clause) -> Option<Finding> {
    let (amount, unit) = match clause.measure {
        Measure::Hops => (cost.hops.clone(), "hop"),
        Measure::Trips => (cost.trips(), "round trip"),
        Measure::Bytes => (cost.bytes.clone(), "byte"),
    };
    if amount.number.is_some_and(|number| number <= clause.most) {
        return None;
    }
    let mut dearest: Vec<_> = cost.lines.iter().collect();
    let of = |line: &super::cost::LineCost| match clause.measure {
        Measure::Bytes => line.bytes.clone(),
        Measure::Hops | Measure::Trips => line.hops.clone(),
    };
    // What depends on a length may be any number.
    dearest.sort_by_key(|line| std::cmp::Reverse(of(line).number.unwrap_or(u64::MAX)));
    let of_line = if clause.measure == Measure::Bytes { "byte" } else { "hop" };
    let lines = dearest.into_iter().take(MAX_LINES);
    Some(Finding::OverBudget {
        clause: clause.span,
        function: cost.function.clone(),
        certain: amount.number.is_some(),
        amount: amount.counted(unit),
        most: clause.most,
        lines: lines.map(|line| (line.span, format!("+{}", of(line).plain(of_line)))).collect(),
    })
}
