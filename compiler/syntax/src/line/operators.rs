//! A flat list of operators and operands → a tree, by precedence.

use aquac_base::Span;

use crate::ast::{BinaryOperator, Expression, ExpressionKind};

use super::make::Operation;

/// How tightly an operator binds; a higher number binds tighter.
const fn precedence(operator: BinaryOperator) -> u8 {
    match operator {
        BinaryOperator::Or => 1,
        BinaryOperator::And => 2,
        BinaryOperator::Equal | BinaryOperator::NotEqual => 3,
        BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual => COMPARISON,
        BinaryOperator::Add | BinaryOperator::Subtract => 5,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => 6,
        BinaryOperator::Power => POWER,
    }
}

/// Comparisons do not chain.
const COMPARISON: u8 = 4;
/// The only operator that groups from the right.
const POWER: u8 = 7;

/// Builds the tree. Also gives the first operator that compares the result of a comparison.
pub(crate) fn tree(operation: Operation, last: Expression) -> (Expression, Option<Span>) {
    let mut waiting: Operation = Vec::with_capacity(operation.len());
    let mut chained = None;
    for (operand, operator, span) in operation {
        let operand = reduce(&mut waiting, operand, |before| {
            precedence(before) > precedence(operator)
                || (before_is_first(before, operator) && precedence(operator) != POWER)
        });
        if precedence(operator) == COMPARISON && is_comparison(&operand) {
            chained = chained.or(Some(span));
        }
        waiting.push((operand, operator, span));
    }
    (reduce(&mut waiting, last, |_| true), chained)
}

/// Joins what waits with its right operand as long as it binds first.
fn reduce(
    waiting: &mut Operation,
    mut right: Expression,
    first: impl Fn(BinaryOperator) -> bool,
) -> Expression {
    while let Some((left, operator, operator_span)) = waiting.pop_if(|(_, op, _)| first(*op)) {
        right = Expression {
            span: left.span.to(right.span),
            kind: ExpressionKind::Binary {
                operator,
                operator_span,
                left: Box::new(left),
                right: Box::new(right),
            },
        };
    }
    right
}

fn before_is_first(before: BinaryOperator, operator: BinaryOperator) -> bool {
    precedence(before) == precedence(operator)
}

fn is_comparison(operand: &Expression) -> bool {
    matches!(
        &operand.kind,
        ExpressionKind::Binary { operator, .. } if precedence(*operator) == COMPARISON
    )
}
