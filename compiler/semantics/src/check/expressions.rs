//! Expressions: one typed expression for each written one.

use aquac_base::Span;
use aquac_syntax::ast;

use super::Checker;
use super::convert::{Why, WhyKind};
use super::names::Wanted;
use crate::error::CallProblem;
use crate::hir::{Builtin, ExprId, ExprKind};
use crate::types::Scalar;

impl<'a> Checker<'a> {
    /// A value. A call without results is none, and is reported.
    pub(super) fn expr(&mut self, expression: &'a ast::Expression) -> ExprId {
        let id = self.expr_or_call(expression);
        if let ExprKind::Call(call) = &self.program.exprs[id].kind
            && call.results.is_empty()
        {
            let span = self.span(id);
            let (callee, declared) = self.describe_call(id);
            self.report(CallProblem::NothingToBind { callee, span, declared, bound: None });
            return self.error_expr(span);
        }
        id
    }

    /// A value or a call without results.
    pub(super) fn expr_or_call(&mut self, expression: &'a ast::Expression) -> ExprId {
        let span = expression.span;
        match &expression.kind {
            ast::ExpressionKind::Literal(literal) => self.literal_expr(literal, span),
            ast::ExpressionKind::Name(name) => self.name_expr(name, span, Wanted::Value),
            ast::ExpressionKind::InitPeer => {
                let ty = self.builtin_type(Builtin::InitPeer);
                self.add(ExprKind::Builtin(Builtin::InitPeer), ty, span)
            }
            ast::ExpressionKind::Call(call) => self.function_call(call, span),
            ast::ExpressionKind::Construct(construct) => self.construct(construct, span),
            ast::ExpressionKind::Chain(chain) => self.chain(chain, span),
            ast::ExpressionKind::Collection(collection) => self.collection(collection, span),
            ast::ExpressionKind::Not { operand, .. } => self.negation(operand, span),
            ast::ExpressionKind::Binary { operator, operator_span, left, right } => {
                self.binary(*operator, *operator_span, (left, right), span)
            }
            ast::ExpressionKind::Group(inner) => self.expr_or_call(inner),
            ast::ExpressionKind::Error => self.error_expr(span),
        }
    }

    fn negation(&mut self, operand: &'a ast::Expression, span: Span) -> ExprId {
        let operand = self.expr(operand);
        let bool_type = self.types.scalar(Scalar::Bool);
        let before = self.diagnostics.len();
        let operand = self.convert(operand, bool_type, Why::plain(WhyKind::Condition));
        let ty = if self.errors_since(before) { self.types.error() } else { bool_type };
        self.add(ExprKind::Not(operand), ty, span)
    }
}
