//! Checks of the pools: every expression and type is made of earlier ones, and not too deeply.

use alloc::vec::Vec;

use crate::limits::{MAX_EXPR_DEPTH, MAX_EXPRS, MAX_NODES, MAX_SHAPE_DEPTH, MAX_TEXT_BYTES};
use crate::sort::distinct;
use crate::tree::count;
use crate::{Expr, ExprId, Program, Shape, TextId, VerifyError};

/// Checks everything that is not a node.
pub(crate) fn check_pools(program: &Program) -> Result<(), VerifyError> {
    check_sizes(program)?;
    check_shapes(program)?;
    check_exprs(program)?;
    for expr in program.places.iter().flat_map(|place| place.exprs()) {
        check_expr(program, expr)?;
    }
    Ok(())
}

/// The expression exists.
pub(crate) fn check_expr(program: &Program, expr: ExprId) -> Result<(), VerifyError> {
    exists(program.expr(expr).is_some(), "expression", expr.0)
}

fn exists(there: bool, what: &'static str, number: u32) -> Result<(), VerifyError> {
    if there { Ok(()) } else { Err(VerifyError::Dangling { what, number }) }
}

fn check_sizes(program: &Program) -> Result<(), VerifyError> {
    let too_many = |what, length: usize, most| {
        if length > most { Err(VerifyError::TooLarge(what)) } else { Ok(()) }
    };
    if program.nodes.is_empty() {
        return Err(VerifyError::Empty);
    }
    too_many("nodes", program.nodes.len(), MAX_NODES)?;
    too_many("slots", program.slots as usize, MAX_NODES)?;
    too_many("streams", program.streams.len(), MAX_NODES)?;
    let longest = program.texts.iter().map(|text| text.len()).max().unwrap_or(0);
    too_many("bytes in a field's name", longest, MAX_TEXT_BYTES)?;
    too_many("expressions", program.exprs.len(), MAX_EXPRS)
}

/// The depth of something whose parts stand before it. One pass finds dangling numbers, cycles
/// and the depth.
fn next_depth(
    depths: &[usize],
    parts: impl Iterator<Item = usize>,
    what: &'static str,
) -> Result<usize, VerifyError> {
    let mut deepest = 0;
    for part in parts {
        let depth =
            depths.get(part).ok_or_else(|| VerifyError::Dangling { what, number: count(part) })?;
        deepest = deepest.max(depth + 1);
    }
    Ok(deepest)
}

fn check_exprs(program: &Program) -> Result<(), VerifyError> {
    let mut depths: Vec<usize> = Vec::with_capacity(program.exprs.len());
    for (at, expr) in program.exprs.iter().enumerate() {
        let depth = next_depth(&depths, expr.parts().map(|part| part.index()), "expression")?;
        if depth > MAX_EXPR_DEPTH {
            return Err(VerifyError::TooLarge("nested expressions"));
        }
        depths.push(depth);
        check_leaves(program, expr, count(at))?;
    }
    Ok(())
}

/// What it is made of beside other expressions.
fn check_leaves(program: &Program, expr: &Expr, at: u32) -> Result<(), VerifyError> {
    if let Expr::Const(id) = expr {
        exists(program.constant(*id).is_some(), "constant", id.0)?;
    } else if let Expr::Arg(id) = expr {
        exists(id.index() < program.parameters.len(), "argument", id.0)?;
    } else if let Expr::Slot(id) = expr {
        exists(id.0 < program.slots, "slot", id.0)?;
    }
    check_names(program, expr.names(), "expression", at)
}

fn check_names(
    program: &Program,
    names: impl Iterator<Item = TextId>,
    what: &'static str,
    at: u32,
) -> Result<(), VerifyError> {
    let names: Vec<TextId> = names.collect();
    for name in &names {
        exists(program.text(*name).is_some(), "text", name.0)?;
    }
    if distinct(&names).len() == names.len() {
        Ok(())
    } else {
        Err(VerifyError::DuplicateField { what, number: at })
    }
}

fn check_shapes(program: &Program) -> Result<(), VerifyError> {
    let mut depths: Vec<usize> = Vec::with_capacity(program.shapes.len());
    for (at, shape) in program.shapes.iter().enumerate() {
        let depth = next_depth(&depths, shape.parts().map(|part| part.index()), "type")?;
        if depth > MAX_SHAPE_DEPTH {
            return Err(VerifyError::TooLarge("nested types"));
        }
        depths.push(depth);
        if let Shape::Unsigned(bits) | Shape::Signed(bits) = shape
            && !matches!(bits, 8 | 16 | 32 | 64)
        {
            return Err(VerifyError::BadWidth(*bits));
        }
        check_names(program, shape.names(), "type", count(at))?;
    }
    Ok(())
}
