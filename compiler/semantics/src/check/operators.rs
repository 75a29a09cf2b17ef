//! Operators between two values.

use aquac_base::Span;
use aquac_syntax::ast::{self, BinaryOperator};

use super::Checker;
use crate::error::OperatorProblem;
use crate::hir::{ExprId, ExprKind};
use crate::types::{LiteralType, Scalar, Type, TypeId};

/// What an operator works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Logic,
    Equality,
    Order,
    Arithmetic,
}

const fn family(operator: BinaryOperator) -> Family {
    match operator {
        BinaryOperator::Or | BinaryOperator::And => Family::Logic,
        BinaryOperator::Equal | BinaryOperator::NotEqual => Family::Equality,
        BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual => Family::Order,
        BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Remainder
        | BinaryOperator::Power => Family::Arithmetic,
    }
}

/// A binary expression whose operands are checked.
#[derive(Debug, Clone, Copy)]
struct Operation {
    operator: BinaryOperator,
    place: Span,
    left: ExprId,
    right: ExprId,
    span: Span,
}

impl<'a> Checker<'a> {
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        place: Span,
        (left, right): (&'a ast::Expression, &'a ast::Expression),
        span: Span,
    ) -> ExprId {
        let (left, right) = (self.expr(left), self.expr(right));
        let operation = Operation { operator, place, left, right, span };
        let broken = self.types.is_error(self.ty(left)) || self.types.is_error(self.ty(right));
        match family(operator) {
            Family::Equality if !broken => self.equality(operation),
            Family::Equality | Family::Order | Family::Logic => {
                let works = broken || self.check_operands(operation);
                let bool_type = self.types.scalar(Scalar::Bool);
                let ty = if works { bool_type } else { self.types.error() };
                self.operation(operation, false, ty)
            }
            Family::Arithmetic if broken => self.operation(operation, false, self.types.error()),
            Family::Arithmetic => self.arithmetic(operation),
        }
    }

    fn operation(&mut self, of: Operation, float: bool, ty: TypeId) -> ExprId {
        let Operation { operator, left, right, span, .. } = of;
        self.add(ExprKind::Binary { operator, float, left, right }, ty, span)
    }

    fn equality(&mut self, of: Operation) -> ExprId {
        let (left, right) = (self.ty(of.left), self.ty(of.right));
        if !self.types.comparable(left, right) {
            let error = self.types.error();
            let (left, right) = (self.found(of.left), self.found(of.right));
            self.report(OperatorProblem::Incomparable { span: of.span, left, right });
            return self.operation(of, false, error);
        }
        let frozen = Operation { left: self.freeze(of.left), right: self.freeze(of.right), ..of };
        let bool_type = self.types.scalar(Scalar::Bool);
        self.operation(frozen, false, bool_type)
    }

    /// Reports operands that the operator does not work on; whether there are any.
    fn check_operands(&mut self, of: Operation) -> bool {
        let left = self.is_operand(of.operator, self.ty(of.left), false);
        let right = self.is_operand(of.operator, self.ty(of.right), true);
        if left && right {
            return true;
        }
        let blamed = if left { of.right } else { of.left };
        let found = self.found(blamed);
        let both = !left && !right && self.show(self.ty(of.right)) == found.ty;
        let strings = self.is_text(self.ty(of.left)) || self.is_text(self.ty(of.right));
        let wrong = (!left).then(|| self.span(of.left));
        let wrong = wrong.or_else(|| (!right).then(|| self.span(of.right))).unwrap_or(of.span);
        self.report(OperatorProblem::Operand {
            operator: of.operator,
            span: of.span,
            wrong,
            found,
            both,
            strings,
            text: (
                self.text(self.span(of.left)).to_owned(),
                self.text(self.span(of.right)).to_owned(),
            ),
        });
        false
    }

    fn is_text(&self, ty: TypeId) -> bool {
        match self.types.get(ty) {
            Type::Scalar(scalar) => scalar == Scalar::String,
            Type::Literal(literal) => literal == LiteralType::String,
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => false,
        }
    }

    fn is_operand(&mut self, operator: BinaryOperator, ty: TypeId, right: bool) -> bool {
        match family(operator) {
            Family::Logic => {
                let bool_type = self.types.scalar(Scalar::Bool);
                self.types.accepts(bool_type, ty)
            }
            Family::Arithmetic if operator == BinaryOperator::Power && right => {
                self.is_one_of(ty, &[Scalar::U64])
            }
            Family::Arithmetic | Family::Order => self.is_integer(ty),
            Family::Equality => true,
        }
    }

    /// Whether some integer scalar accepts values of the type.
    pub(super) fn is_integer(&mut self, ty: TypeId) -> bool {
        self.is_one_of(ty, &[Scalar::U64, Scalar::I64])
    }

    fn is_one_of(&mut self, ty: TypeId, scalars: &[Scalar]) -> bool {
        scalars.iter().any(|scalar| self.types.accepts(self.types.scalar(*scalar), ty))
    }

    fn arithmetic(&mut self, of: Operation) -> ExprId {
        if of.operator == BinaryOperator::Multiply
            && (self.can_be_float(of.left) || self.can_be_float(of.right))
        {
            return self.float_product(of);
        }
        if !self.check_operands(of) {
            return self.operation(of, false, self.types.error());
        }
        let (left, right) = (self.ty(of.left), self.ty(of.right));
        let joined = self.types.join(left, right);
        if let Type::Scalar(_) | Type::Literal(_) = self.types.get(joined) {
            let id = self.operation(of, false, joined);
            self.fold(id, of.operator, (of.left, of.right));
            return id;
        }
        let (left, right) = (self.show(left), self.show(right));
        self.report(OperatorProblem::WideResult { operator: of.place, span: of.span, left, right });
        let wide = self.types.scalar(Scalar::I64);
        self.operation(of, false, wide)
    }

    /// `*` of two numbers one of which is a fraction; the result is a whole number.
    fn float_product(&mut self, of: Operation) -> ExprId {
        for operand in [of.left, of.right] {
            if !self.is_one_of(self.ty(operand), &[Scalar::F32, Scalar::F64]) {
                let found = self.found(operand);
                self.report(OperatorProblem::Operand {
                    operator: of.operator,
                    span: of.span,
                    wrong: self.span(operand),
                    strings: self.is_text(self.ty(operand)),
                    found,
                    both: false,
                    text: (
                        self.text(self.span(of.left)).to_owned(),
                        self.text(self.span(of.right)).to_owned(),
                    ),
                });
                return self.operation(of, true, self.types.error());
            }
        }
        let whole = self.types.scalar(Scalar::I64);
        self.operation(of, true, whole)
    }

    /// Whether the operand's type accepts a fraction.
    fn can_be_float(&mut self, operand: ExprId) -> bool {
        let (ty, fraction) = (self.ty(operand), self.types.literal(LiteralType::Float));
        self.types.accepts(ty, fraction)
    }
}
