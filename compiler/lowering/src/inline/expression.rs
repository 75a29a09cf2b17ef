//! Expressions to terms, with the steps that they need first.

use aquac_base::{Name, Span};
use aquac_ir::{BinaryOp, Fact, IndexKind, Value, from_json};
use aquac_semantics::hir::{
    BinaryOperator, Builtin, Expr, ExprId, ExprKind, FieldValue, Literal, LiteralKind,
};

use super::Inliner;
use super::binding::{Arrow, Binding, Environment};
use crate::Relay;
use crate::error::LowerError;
use crate::plan::{Plan, PlanKind, StreamId};
use crate::terms::{Term, TermId};

impl<'a> Inliner<'a> {
    /// What an expression stands for.
    pub(super) fn binding(&mut self, id: ExprId) -> Binding {
        let expr = &self.program().exprs[id];
        self.deeper(expr.span, |inliner| inliner.expression(expr))
            .unwrap_or_else(|| self.no_value())
    }

    /// The value of an expression. A stream is frozen where this is evaluated.
    pub(super) fn data(&mut self, id: ExprId) -> TermId {
        let span = self.program().exprs[id].span;
        let binding = self.binding(id);
        let value = self.frozen(binding, span);
        self.shallow(value, span)
    }

    /// The values of several, left to right: if one fails, the whole fails with its error.
    pub(super) fn all(&mut self, ids: &[ExprId]) -> Vec<TermId> {
        ids.iter().map(|id| self.data(*id)).collect()
    }

    /// A binding as a value; a stream is frozen here.
    pub(super) fn frozen(&mut self, binding: Binding, span: Span) -> TermId {
        match binding {
            Binding::Data(value) => value,
            Binding::Stream(stream) => self.snapshot(stream, span),
            Binding::Arrow(_) | Binding::Ability(_) | Binding::Service { .. } => {
                self.errors.push(LowerError::ArrowAtBorder { span });
                self.pools.terms.intern(Term::Const(Value::Null))
            }
        }
    }

    /// The content of a stream at this place.
    pub(super) fn snapshot(&mut self, stream: StreamId, span: Span) -> TermId {
        let name = self.pools.streams[stream].name.clone();
        let slot = self.pools.terms.slot(name);
        self.step(span, PlanKind::Snapshot { stream, slot });
        self.pools.terms.read(slot)
    }

    fn expression(&mut self, expr: &'a Expr) -> Binding {
        let span = expr.span;
        let value = match &expr.kind {
            ExprKind::Error => return self.no_value(),
            ExprKind::Literal(literal) => self.literal(literal, span),
            ExprKind::Builtin(builtin) => self.builtin(*builtin),
            ExprKind::Constant(constant) => {
                let value = self.program().constants[*constant].value;
                return self.within(Environment::default(), |inliner| inliner.binding(value));
            }
            ExprKind::Local(local) => return self.local(*local, span),
            ExprKind::Function(function) => return Binding::Arrow(Arrow::Function(*function)),
            ExprKind::Service { service, id } => {
                let ty = self.program().services[*service].ty;
                return Binding::Service { ty, id: self.data(*id) };
            }
            ExprKind::Field { base, name } => {
                let of = self.data(*base);
                self.pools.terms.field(of, name)
            }
            ExprKind::Member { base, name } => {
                let base = self.binding(*base);
                return self.member(&base, name, span);
            }
            ExprKind::Length(of) => {
                let of = self.data(*of);
                self.pools.terms.length(of)
            }
            ExprKind::Element { base, index } => self.element(*base, *index),
            ExprKind::Await { stream, index } => self.awaited(*stream, *index, span),
            ExprKind::Snapshot(of) => {
                let of = self.binding(*of);
                self.frozen(of, span)
            }
            ExprKind::Copy { base, fields } => self.copy(*base, fields, span),
            ExprKind::Construct(fields) => {
                let fields = self.fields(fields);
                self.pools.terms.object(fields)
            }
            ExprKind::Ability(fields) => return self.ability(fields),
            ExprKind::Collection { kind, elements } => {
                return self.collection(*kind, elements, span);
            }
            ExprKind::Not(of) => {
                let of = self.data(*of);
                self.pools.terms.not(of)
            }
            ExprKind::Binary { operator, float, left, right } => {
                self.operator(*operator, *float, (*left, *right), span)
            }
            ExprKind::Call(call) => {
                let first = self.call(call, span).into_iter().next();
                return first.unwrap_or_else(|| self.no_value());
            }
            ExprKind::Map { map, method } => return self.map_method(*map, *method, span),
        };
        Binding::Data(value)
    }

    fn local(&mut self, local: aquac_semantics::hir::LocalId, span: Span) -> Binding {
        if let Some(binding) = self.environment.find(local) {
            return binding.clone();
        }
        let name = self.program().locals[local].name.clone();
        self.errors.push(LowerError::NoValue { name, span });
        self.no_value()
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> TermId {
        let text = literal.text.as_str();
        let value = match literal.kind {
            LiteralKind::Bool(truth) => Some(truth.into()),
            LiteralKind::String => Some(Value::text(text)),
            LiteralKind::Unsigned | LiteralKind::Signed => {
                let signed = text.parse::<i64>().map(Value::from);
                signed.ok().or_else(|| text.parse::<u64>().map(Value::from).ok())
            }
            LiteralKind::Float => from_json(text).ok(),
        };
        let value = value.unwrap_or_else(|| {
            self.errors.push(LowerError::Overflow { calculation: text.to_owned(), span });
            Value::Null
        });
        self.pools.terms.intern(Term::Const(value))
    }

    fn builtin(&mut self, builtin: Builtin) -> TermId {
        let fact = match builtin {
            Builtin::HostPeer => match self.relay {
                Relay::Used => Fact::Host,
                Relay::Unused => Fact::Initiator,
            },
            Builtin::InitPeer => Fact::Initiator,
            Builtin::Ttl => Fact::Ttl,
            Builtin::Timestamp => Fact::Timestamp,
            Builtin::LastError => return self.last_error(),
        };
        self.pools.terms.intern(Term::Fact(fact))
    }

    /// The error of the handler around here; outside every handler there is none.
    fn last_error(&mut self) -> TermId {
        if let Some(slot) = self.fault {
            return self.pools.terms.read(slot);
        }
        let code = self.pools.terms.value(0_u64);
        let message = self.pools.terms.value("");
        let fields = vec![(Name::new("error_code"), code), (Name::new("message"), message)];
        self.pools.terms.object(fields)
    }

    fn element(&mut self, base: ExprId, index: ExprId) -> TermId {
        let frozen = matches!(self.program().exprs[base].kind, ExprKind::Snapshot(_));
        let kind = if frozen { IndexKind::Snapshot } else { IndexKind::Value };
        let of = self.data(base);
        let index = self.data(index);
        self.pools.terms.index(of, index, kind)
    }

    /// An element of a stream, once the stream has it.
    pub(super) fn awaited(&mut self, stream: ExprId, index: ExprId, span: Span) -> TermId {
        let stream = self.binding(stream);
        let index = self.data(index);
        let Binding::Stream(stream) = stream else {
            let of = self.frozen(stream, span);
            return self.pools.terms.index(of, index, IndexKind::Value);
        };
        let count = self.pools.terms.successor(index);
        let name = self.pools.streams[stream].name.clone();
        let slot = self.pools.terms.slot(name);
        self.step(span, PlanKind::Await { stream, count, slot });
        let of = self.pools.terms.read(slot);
        self.pools.terms.index(of, index, IndexKind::Snapshot)
    }

    fn fields(&mut self, fields: &[FieldValue]) -> Vec<(Name, TermId)> {
        fields.iter().map(|field| (field.name.clone(), self.data(field.value))).collect()
    }

    /// `base.copy(…)`: a struct with the given fields, and the others of its type from `base`. Said
    /// field by field, because AIR has no words for the whole of an unknown struct.
    fn copy(&mut self, base: ExprId, fields: &[FieldValue], span: Span) -> TermId {
        let of = self.data(base);
        let mut fields = self.fields(fields);
        let types = &self.typed.types;
        let Some(record) = types.named(self.program().exprs[base].ty) else {
            return self.pools.terms.update(of, fields);
        };
        let of = self.named(of, &Name::new(""), span);
        for field in &types.record(record).fields {
            if !fields.iter().any(|(given, _)| *given == field.name) {
                let kept = self.pools.terms.field(of, &field.name);
                fields.push((field.name.clone(), kept));
            }
        }
        self.pools.terms.object(fields)
    }

    fn operator(
        &mut self,
        operator: BinaryOperator,
        float: bool,
        (left, right): (ExprId, ExprId),
        span: Span,
    ) -> TermId {
        let op = match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                return self.either_side(operator, left, right, span);
            }
            BinaryOperator::Equal => BinaryOp::Equal,
            BinaryOperator::NotEqual => BinaryOp::Different,
            BinaryOperator::Less => BinaryOp::Less,
            BinaryOperator::LessOrEqual => BinaryOp::LessEqual,
            BinaryOperator::Greater => BinaryOp::Greater,
            BinaryOperator::GreaterOrEqual => BinaryOp::GreaterEqual,
            BinaryOperator::Add => BinaryOp::Add,
            BinaryOperator::Subtract => BinaryOp::Sub,
            BinaryOperator::Multiply if float => BinaryOp::FloatMul,
            BinaryOperator::Multiply => BinaryOp::Mul,
            BinaryOperator::Divide => BinaryOp::Div,
            BinaryOperator::Remainder => BinaryOp::Rem,
            BinaryOperator::Power => BinaryOp::Pow,
        };
        let left = self.data(left);
        let right = self.data(right);
        self.pools.terms.binary(op, left, right).unwrap_or_else(|overflow| {
            let calculation = overflow.calculation;
            self.errors.push(LowerError::Overflow { calculation, span });
            left
        })
    }

    /// `&&` and `||`: the steps of the right side run only if its value counts.
    fn either_side(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> TermId {
        let mut left = self.data(left);
        let mut value = None;
        let steps = self.collect(span, |inliner| value = Some(inliner.data(right)));
        let right = value.unwrap_or(left);
        let and = operator == BinaryOperator::And;
        if !steps.is_nothing() {
            left = self.named(left, &Name::new(""), span);
            let (steps, nothing) = (Box::new(steps), Box::new(Plan::nothing(span)));
            let (then, otherwise) = if and { (steps, nothing) } else { (nothing, steps) };
            self.step(span, PlanKind::If { condition: left, then, otherwise });
        }
        if and { self.pools.terms.and(left, right) } else { self.pools.terms.or(left, right) }
    }
}
