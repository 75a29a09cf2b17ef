//! Truth and choice. An arm is computed only if it is chosen, and its errors pass.

use alloc::vec::Vec;

use aquac_ir::{Expr, ExprId};

use crate::ast::{Accessor, Kind, Lens, Operand, Variable};
use crate::write::code::Code;
use crate::write::{ONE, Writer, Written, scalar, whole};

impl Writer<'_> {
    pub(super) fn logic(&mut self, expr: &Expr, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        // What takes a peer is computed at home, in whatever arm, so no arm moves.
        if expr.parts().any(|part| self.needs_peer(part)) {
            self.settle(out)?;
        }
        match expr {
            Expr::Not(of) => {
                let of = self.plain(*of, out)?;
                let result = self.fresh(Kind::Scalar)?;
                let is = |truth| Code::ap(Operand::Bool(truth), result.clone());
                out.push(Code::xor(Code::matches(of, Operand::Bool(true), is(false)), is(true)));
                Ok(whole(result))
            }
            Expr::And(left, right) => self.short(*left, false, *right, out),
            Expr::Or(left, right) => self.short(*left, true, *right, out),
            Expr::Choose { condition, then, otherwise } => {
                let chosen = self.chosen(*condition, out)?;
                let result = self.fresh(Kind::Scalar)?;
                let then = self.arm(*then, &result)?;
                let otherwise = self.arm(*otherwise, &result)?;
                let item = self.fresh(Kind::Scalar)?;
                out.push(Code::choose(&chosen, item, then, otherwise));
                Ok(whole(result))
            }
            Expr::Const(_)
            | Expr::Arg(_)
            | Expr::Slot(_)
            | Expr::Fact(_)
            | Expr::Field { .. }
            | Expr::Index { .. }
            | Expr::Length(_)
            | Expr::Binary { .. }
            | Expr::Array(_)
            | Expr::Object(_)
            | Expr::Update { .. }
            | Expr::First(_)
            | Expr::Either(_)
            | Expr::Contains { .. }
            | Expr::Keys(_)
            | Expr::Grouped(_)
            | Expr::Raise(_)
            | Expr::Thrown(_)
            | Expr::Named { .. } => Ok(Operand::Empty),
        }
    }

    /// The left side if it decides, else the right.
    fn short(
        &mut self,
        left: ExprId,
        decides: bool,
        right: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let left = self.plain(left, out)?;
        let result = self.fresh(Kind::Scalar)?;
        let decided = Code::ap(Operand::Bool(decides), result.clone());
        let right = self.arm(right, &result)?;
        out.push(Code::xor(Code::matches(left, Operand::Bool(decides), decided), right));
        Ok(whole(result))
    }

    fn arm(&mut self, expr: ExprId, result: &Variable<'static>) -> Written<Code> {
        let mut steps = Vec::new();
        let value = self.applicable(expr, &mut steps)?;
        steps.push(Code::ap(value, result.clone()));
        Ok(Code::seq(steps))
    }

    /// An array that is not empty exactly if a condition holds.
    pub(super) fn chosen(
        &mut self,
        condition: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Variable<'static>> {
        self.uses_one = true;
        let condition = self.plain(condition, out)?;
        let chosen = self.fresh(Kind::Scalar)?;
        let one = Code::ap(whole(scalar(ONE.into())), chosen.clone());
        let none = Code::ap(Operand::Empty, chosen.clone());
        out.push(Code::xor(Code::matches(condition, Operand::Bool(true), one), none));
        Ok(chosen)
    }

    /// The first of these that does not fail, as an array.
    pub(super) fn first(
        &mut self,
        parts: &[ExprId],
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        self.settle(out)?;
        let stream = self.fresh(Kind::Stream)?;
        let mut tried = Code::null();
        for part in parts.iter().rev() {
            tried = Code::xor(self.arm(*part, &stream)?, tried);
        }
        self.frozen(stream, alloc::vec![tried], out)
    }

    /// The first of these that is known.
    pub(super) fn either(
        &mut self,
        parts: &[ExprId],
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        self.settle(out)?;
        let stream = self.fresh(Kind::Stream)?;
        let mut branches = Vec::new();
        for part in parts {
            branches.push(self.arm(*part, &stream)?);
        }
        let known = self.frozen(stream, alloc::vec![Code::par(branches)], out)?;
        if let Operand::Variable(array, None) = known {
            let first = Lens::Path(alloc::vec![Accessor::Index(0)]);
            return Ok(Operand::Variable(array, Some(first)));
        }
        Ok(known)
    }
}
