//! Literals: their types, and whether a whole number fits where it goes.

use aquac_base::{Name, Span};

use super::Checker;
use super::convert::Why;
use crate::error::LiteralProblem;
use crate::hir::{BinaryOperator, ExprId, ExprKind, Literal, LiteralKind, LocalId};
use crate::types::{LiteralType, Scalar, Type, TypeId};

/// Whole numbers that do not fit one expected type, gathered to be reported together.
#[derive(Debug)]
pub(super) struct Misfit {
    scalar: Scalar,
    expected: Option<Span>,
    numbers: Vec<(Name, i128, Span)>,
}

/// How many different expected types are looked at to find numbers that belong together.
const GATHERED: usize = 16;

pub(super) const fn literal_type(kind: LiteralKind) -> LiteralType {
    match kind {
        LiteralKind::Bool(_) => LiteralType::Bool,
        LiteralKind::Unsigned => LiteralType::Unsigned,
        LiteralKind::Signed => LiteralType::Signed,
        LiteralKind::Float => LiteralType::Float,
        LiteralKind::String => LiteralType::String,
    }
}

impl<'a> Checker<'a> {
    pub(super) fn literal_expr(&mut self, literal: &'a Literal, span: Span) -> ExprId {
        let ty = self.types.literal(literal_type(literal.kind));
        self.add(ExprKind::Literal(literal.clone()), ty, span)
    }

    /// Whether the value is a whole number, or contains one, that does not fit the expected type.
    /// It is noted then, and reported at the end of the function.
    pub(super) fn misfit(&mut self, value: ExprId, expected: TypeId, why: Why<'_>) -> bool {
        match self.types.get(expected) {
            Type::Scalar(scalar) => self.misfit_number(value, scalar, why),
            Type::Array(of) | Type::Option(of) | Type::Stream(of) => {
                let kind = &self.program.exprs[value].kind;
                let ExprKind::Collection { elements, .. } = kind else { return false };
                let elements = elements.clone();
                elements.into_iter().filter(|e| self.misfit(*e, of, why)).count() > 0
            }
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Literal(_)
            | Type::Map(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => false,
        }
    }

    fn misfit_number(&mut self, value: ExprId, scalar: Scalar, why: Why<'_>) -> bool {
        let Some((lowest, highest)) = scalar.range() else { return false };
        let Some((text, number)) = self.known_number(value) else { return false };
        if (lowest..=highest).contains(&number) {
            return false;
        }
        let found = (text, number, self.span(value));
        let expected = self.why_span(why);
        let known = self
            .function
            .misfits
            .iter_mut()
            .rev()
            .take(GATHERED)
            .find(|known| known.scalar == scalar && known.expected == expected);
        match known {
            Some(known) if expected.is_some() => known.numbers.push(found),
            Some(_) | None => {
                self.function.misfits.push(Misfit { scalar, expected, numbers: vec![found] })
            }
        }
        true
    }

    /// The whole number that a value certainly is, and how it is written.
    fn known_number(&self, value: ExprId) -> Option<(Name, i128)> {
        if let Some(number) = self.folded.get(&value) {
            return Some((Name::new(self.text(self.span(value)).trim()), *number));
        }
        let literal = self.known_literal(value)?;
        Some((literal.text.clone(), whole_number(literal)?))
    }

    /// Remembers the result of arithmetic on known numbers.
    pub(super) fn fold(&mut self, of: ExprId, operator: BinaryOperator, sides: (ExprId, ExprId)) {
        let number = |side| self.known_number(side).map(|(_, number)| number);
        let (Some(left), Some(right)) = (number(sides.0), number(sides.1)) else { return };
        let folded = match operator {
            BinaryOperator::Add => left.checked_add(right),
            BinaryOperator::Subtract => left.checked_sub(right),
            BinaryOperator::Multiply => left.checked_mul(right),
            BinaryOperator::Divide
            | BinaryOperator::Remainder
            | BinaryOperator::Power
            | BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => None,
        };
        if let Some(number) = folded {
            self.folded.insert(of, number);
        }
    }

    /// The literal that a value certainly is: written there, or a constant, or a variable that
    /// was bound to one.
    pub(super) fn known_literal(&self, value: ExprId) -> Option<&Literal> {
        let mut at = value;
        loop {
            let expr = &self.program.exprs[at];
            at = if let ExprKind::Literal(literal) = &expr.kind {
                return Some(literal);
            } else if let ExprKind::Constant(id) = &expr.kind {
                self.program.constants[*id].value
            } else if let ExprKind::Local(local) = &expr.kind {
                self.bound_value(*local)?
            } else {
                return None;
            };
        }
    }

    /// What `=` bound to a local.
    pub(super) fn bound_value(&self, local: LocalId) -> Option<ExprId> {
        self.bound.get(&local).copied()
    }

    /// Reports the numbers that were noted.
    pub(super) fn report_misfits(&mut self) {
        for misfit in std::mem::take(&mut self.function.misfits) {
            self.report(LiteralProblem::OutOfRange {
                scalar: misfit.scalar,
                expected: misfit.expected,
                numbers: misfit.numbers,
            });
        }
    }
}

/// The number that a literal spells; one beyond all scalars counts as the largest number.
pub(super) fn whole_number(literal: &Literal) -> Option<i128> {
    match literal.kind {
        LiteralKind::Unsigned => Some(literal.text.parse().unwrap_or(i128::MAX)),
        LiteralKind::Signed => Some(literal.text.parse().unwrap_or(i128::MIN)),
        LiteralKind::Bool(_) | LiteralKind::Float | LiteralKind::String => None,
    }
}
