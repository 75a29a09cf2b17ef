//! `-- @budget hops<=6 trips<=2 bytes<=20KB` above a function: what it may cost. What that depends on
//! may be bounded as well, by the names of the report: `-- @budget hops<=16 ps.length<=5 |score|<=1KB`.

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_semantics::Typed;
use aquac_semantics::hir::{FunctionId, Module};

use super::cost::{Amount, Cost, Sizes, cost};
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

/// What a clause is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    /// What the function may cost.
    Cost(Measure),
    /// How large something is with which the cost grows.
    Size(String),
}

/// One clause of a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    span: Span,
    about: About,
    most: u64,
}

/// Checks the budgets of one module. A budget is that of the function below it.
pub(super) fn budgets(typed: &Typed, sources: &SourceMap, module: &Module) -> Vec<Diagnostic> {
    let text = Text::new(sources);
    let start = |function: &FunctionId| typed.program.functions[*function].span.start;
    let mut found = Vec::new();
    let mut budgets: BTreeMap<FunctionId, Vec<Clause>> = BTreeMap::new();
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
        match below {
            Some(function) => budgets.entry(*function).or_default().extend(clauses),
            None => found.push(Finding::StrayBudget { span: comment }.into()),
        }
    }
    for (function, clauses) in budgets {
        // What cannot be lowered says so where it is built.
        if let Ok(cost) = cost(typed, sources, function, &Options::default()) {
            found.extend(held(&cost, &clauses).into_iter().map(Diagnostic::from));
        }
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
    let (bounded, most) = word.split_once("<=")?;
    let about = match bounded {
        "hops" => About::Cost(Measure::Hops),
        "trips" => About::Cost(Measure::Trips),
        "bytes" => About::Cost(Measure::Bytes),
        size if size.contains(['.', '|']) => About::Size(size.to_owned()),
        _ => return None,
    };
    let (digits, unit) = match most.strip_suffix("KB") {
        Some(digits) => (digits, 1_000),
        None => match most.strip_suffix("MB") {
            Some(digits) => (digits, 1_000_000),
            None => (most, 1),
        },
    };
    let in_bytes = match &about {
        About::Cost(measure) => *measure == Measure::Bytes,
        About::Size(size) => size.starts_with('|'),
    };
    if unit != 1 && !in_bytes {
        return None;
    }
    let most = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    Some(Clause { span, about, most })
}

/// Holds a cost against the clauses of its budget.
fn held(cost: &Cost, clauses: &[Clause]) -> Vec<Finding> {
    let is_cost = |clause: &Clause| matches!(clause.about, About::Cost(_));
    if let Some(first) = clauses.first().filter(|_| !clauses.iter().any(is_cost)) {
        return vec![Finding::BadBudget { span: first.span }];
    }
    let amounts = [&cost.hops, &cost.chain, &cost.bytes];
    let sizes: BTreeSet<&str> = amounts.into_iter().flat_map(Amount::sizes).collect();
    let mut known = Sizes::new();
    let mut found = Vec::new();
    for clause in clauses {
        let About::Size(size) = &clause.about else { continue };
        known.insert(size.clone(), clause.most);
        if !sizes.contains(size.as_str()) {
            found.push(Finding::NoSuchSize {
                span: clause.span,
                function: cost.function.clone(),
                sizes: sizes.iter().map(ToString::to_string).collect(),
            });
        }
    }
    let over = |clause: &Clause| match clause.about {
        About::Cost(measure) => over(cost, measure, (clause.span, clause.most), &known),
        About::Size(_) => None,
    };
    found.extend(clauses.iter().filter_map(over));
    found
}

fn over(
    cost: &Cost,
    measure: Measure,
    (clause, allowed): (Span, u64),
    known: &Sizes,
) -> Option<Finding> {
    let (amount, unit) = match measure {
        Measure::Hops => (cost.hops.clone(), "hop"),
        Measure::Trips => (cost.trips(), "round trip"),
        Measure::Bytes => (cost.bytes.clone(), "byte"),
    };
    let most = amount.at_most(known);
    if most.is_some_and(|most| most <= allowed) {
        return None;
    }
    let mut dearest: Vec<_> = cost.lines.iter().collect();
    let of = |line: &super::cost::LineCost| match measure {
        Measure::Bytes => line.bytes.clone(),
        Measure::Hops | Measure::Trips => line.hops.clone(),
    };
    // What depends on a length may be any number.
    dearest.sort_by_key(|line| std::cmp::Reverse(of(line).number.unwrap_or(u64::MAX)));
    let of_line = if measure == Measure::Bytes { "byte" } else { "hop" };
    let lines = dearest.into_iter().take(MAX_LINES);
    Some(Finding::OverBudget {
        clause,
        function: cost.function.clone(),
        certain: amount.number.is_some(),
        amount: amount.counted(unit),
        most: most.filter(|_| amount.number.is_none()),
        allowed,
        unsaid: unsaid(&amount, known, allowed),
        lines: lines.map(|line| (line.span, format!("+{}", of(line).plain(of_line)))).collect(),
    })
}

/// With what an amount grows of which it is not known how large it is; nothing, if it is too much
/// without that.
fn unsaid(amount: &Amount, known: &Sizes, allowed: u64) -> Vec<String> {
    let unsaid: BTreeSet<&str> = amount.sizes().filter(|size| !known.contains_key(*size)).collect();
    let mut without = known.clone();
    without.extend(unsaid.iter().map(|size| ((*size).to_owned(), 0)));
    if amount.at_most(&without).is_none_or(|least| least > allowed) {
        return Vec::new();
    }
    unsaid.into_iter().map(ToOwned::to_owned).collect()
}
