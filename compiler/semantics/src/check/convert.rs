//! A value meets a type: does it fit, is it frozen on the way, and if not, what to say.

use aquac_base::Span;

use super::Checker;
use super::arguments::Callable;
use super::repeats::Same;
use crate::error::{Found, MismatchProblem, Reason};
use crate::hir::{ExprId, ExprKind, LiteralKind};
use crate::types::{Scalar, Type, TypeId};

/// Why a type is expected somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Why<'n> {
    pub(super) kind: WhyKind<'n>,
    /// The declaration that says so.
    pub(super) span: Option<Span>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum WhyKind<'n> {
    /// An argument of a function or method.
    Argument {
        callable: Callable<'n>,
        at: usize,
    },
    Return,
    /// A field of a constructor or `copy`.
    Field(&'n str),
    Condition,
    /// What is pushed into a stream.
    Push,
    ServiceId,
    Peer,
    Via,
    Key,
    Constant,
}

impl Why<'_> {
    /// A reason that is the same everywhere.
    pub(super) const fn plain(kind: WhyKind<'_>) -> Why<'_> {
        Why { kind, span: None }
    }
}

impl Checker<'_> {
    /// The value as a value of the expected type: itself, or its snapshot if it is a stream and
    /// something frozen is wanted. Reports it if it does not fit.
    pub(super) fn convert(&mut self, value: ExprId, expected: TypeId, why: Why<'_>) -> ExprId {
        let given = self.ty(value);
        if given == expected || self.types.is_error(given) || self.types.is_error(expected) {
            return value;
        }
        if self.misfit(value, expected, why) {
            return value;
        }
        if !self.fits(expected, given) {
            self.report_mismatch(value, expected, why);
            return value;
        }
        match (self.types.get(given), self.types.get(expected)) {
            (Type::Stream(_), Type::Stream(_)) => value,
            (Type::Stream(_), _) => self.snapshot(value),
            _ => value,
        }
    }

    /// Whether a value of one type can be used where another is expected. `⊤` is for values that
    /// can be stored and sent.
    pub(super) fn fits(&mut self, expected: TypeId, given: TypeId) -> bool {
        if expected == self.types.top() {
            return self.types.is_data(given) || self.types.is_stream(given);
        }
        self.types.accepts(expected, given)
    }

    /// The frozen content of a stream; other values stay as they are.
    pub(super) fn freeze(&mut self, value: ExprId) -> ExprId {
        if self.types.is_stream(self.ty(value)) { self.snapshot(value) } else { value }
    }

    pub(super) fn snapshot(&mut self, stream: ExprId) -> ExprId {
        let ty = match self.types.get(self.ty(stream)) {
            Type::Stream(of) => self.types.array(of),
            Type::Map(of) => {
                let pair = self.types.pair(of);
                self.types.array(pair)
            }
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => self.ty(stream),
        };
        let span = self.span(stream);
        self.add(ExprKind::Snapshot(stream), ty, span)
    }

    fn report_mismatch(&mut self, value: ExprId, expected: TypeId, why: Why<'_>) {
        let given = self.ty(value);
        if self.is_open(given) || self.is_open(expected) {
            return;
        }
        let span = self.span(value);
        if let Some(local) = self.local_of(value)
            && self.said_before(Same::Mismatch(local, expected), span)
        {
            return;
        }
        let reason = self.reason(why);
        if let (WhyKind::Argument { .. }, Some(place)) = (why.kind, reason.span)
            && self.shown_before(Same::Argument(place, given), span)
        {
            return;
        }
        let found = self.found(value);
        let expected_text = self.show(expected);
        if let WhyKind::Peer = why.kind {
            let one = self.one_of(expected, given);
            self.report(MismatchProblem::Peer { span, found, one });
            return;
        }
        if let Some(kind) = self.one_of(expected, given) {
            let of = self.types.element(given).map_or_else(String::new, |of| self.show(of));
            let text = self.text(span).to_owned();
            self.report(MismatchProblem::Many {
                span,
                found,
                expected: expected_text,
                kind,
                of,
                reason,
                text,
            });
            return;
        }
        let field = self.field_instead(value, expected, why);
        let wrap = self.wrapped_fits(expected, given);
        let detail =
            self.field_detail(expected, given).or_else(|| self.call_detail(expected, given));
        let text = self.text(span).to_owned();
        let float = self.is_fraction(value);
        self.report(MismatchProblem::Other {
            span,
            found,
            expected: expected_text,
            reason,
            field,
            wrap,
            detail,
            text,
            float,
        });
    }

    /// Whether it is a named type with members that could not be read, or a function type with a
    /// part that is wrong.
    pub(super) fn is_open(&self, ty: TypeId) -> bool {
        if let Some(arrow) = self.types.as_arrow(ty) {
            let mut parts = arrow.parameters.iter().chain(&arrow.results);
            return parts.any(|part| self.types.is_error(*part) || self.is_open(*part));
        }
        self.types.named(ty).is_some_and(|record| self.open_records.contains(&record))
    }

    fn is_fraction(&self, value: ExprId) -> bool {
        let ExprKind::Literal(literal) = &self.program.exprs[value].kind else { return false };
        literal.kind == LiteralKind::Float
    }

    /// The declaration that asks for the type.
    pub(super) fn why_span(&self, why: Why<'_>) -> Option<Span> {
        if let WhyKind::Argument { callable, at } = why.kind {
            return self.parameter(callable, at).map(|(_, span)| span);
        }
        why.span
    }

    fn reason(&self, why: Why<'_>) -> Reason {
        let (what, says) = match why.kind {
            WhyKind::Argument { callable, at } => {
                let parameter = self.parameter(callable, at).map(|(name, _)| name.to_string());
                ("argument", (self.callable_name(callable), parameter.unwrap_or_default()))
            }
            WhyKind::Return => ("return", (String::new(), String::new())),
            WhyKind::Field(name) => ("field", (String::new(), name.to_owned())),
            WhyKind::Condition => ("condition", (String::new(), String::new())),
            WhyKind::Push => ("push", (String::new(), String::new())),
            WhyKind::ServiceId => ("service id", (String::new(), String::new())),
            WhyKind::Peer => ("peer id", (String::new(), String::new())),
            WhyKind::Via => ("relay", (String::new(), String::new())),
            WhyKind::Key => ("key", (String::new(), String::new())),
            WhyKind::Constant => ("constant", (String::new(), String::new())),
        };
        Reason { what, callee: says.0, parameter: says.1, span: self.why_span(why) }
    }

    /// A value as messages describe it, with the place where its type comes from.
    pub(super) fn found(&self, value: ExprId) -> Found {
        let expr = &self.program.exprs[value];
        let ty = self.show(expr.ty);
        let (literal, declared) = match &expr.kind {
            ExprKind::Literal(literal) => {
                let text = match literal.kind {
                    LiteralKind::String => format!("\"{}\"", literal.text),
                    LiteralKind::Bool(_)
                    | LiteralKind::Unsigned
                    | LiteralKind::Signed
                    | LiteralKind::Float => literal.text.to_string(),
                };
                (Some(text), None)
            }
            ExprKind::Local(local) => (None, Some(self.local(*local).declaration)),
            ExprKind::Error
            | ExprKind::Builtin(_)
            | ExprKind::Constant(_)
            | ExprKind::Function(_)
            | ExprKind::Service { .. }
            | ExprKind::Field { .. }
            | ExprKind::Member { .. }
            | ExprKind::Length(_)
            | ExprKind::Element { .. }
            | ExprKind::Await { .. }
            | ExprKind::Snapshot(_)
            | ExprKind::Copy { .. }
            | ExprKind::Construct(_)
            | ExprKind::Ability(_)
            | ExprKind::Collection { .. }
            | ExprKind::Not(_)
            | ExprKind::Binary { .. }
            | ExprKind::Call(_)
            | ExprKind::Map { .. } => (None, None),
        };
        Found { ty, literal, declared }
    }

    /// The kind of collection that is given where one of its elements would fit.
    fn one_of(&mut self, expected: TypeId, given: TypeId) -> Option<&'static str> {
        let (of, kind) = match self.types.get(given) {
            Type::Stream(of) => (of, "stream"),
            Type::Option(of) => (of, "option"),
            Type::Array(of) => (of, "array"),
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Map(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => return None,
        };
        let bottom = self.types.bottom();
        (of != bottom && self.types.accepts(expected, of)).then_some(kind)
    }

    /// A field of the given struct that would fit: one with the parameter's name if there is,
    /// else the only one. The flag says which.
    fn field_instead(
        &mut self,
        value: ExprId,
        expected: TypeId,
        why: Why<'_>,
    ) -> Option<(String, bool)> {
        let Type::Data(record) = self.types.get(self.ty(value)) else { return None };
        let wanted = match why.kind {
            WhyKind::Argument { callable, at } => {
                self.parameter(callable, at).map_or_else(String::new, |(name, _)| name.to_string())
            }
            WhyKind::Field(parameter) => parameter.to_owned(),
            WhyKind::Return
            | WhyKind::Condition
            | WhyKind::Push
            | WhyKind::ServiceId
            | WhyKind::Peer
            | WhyKind::Via
            | WhyKind::Key
            | WhyKind::Constant => String::new(),
        };
        let fields: Vec<_> =
            self.types.record(record).fields.iter().map(|f| (f.name.clone(), f.ty)).collect();
        let mut fitting = Vec::new();
        for (name, ty) in fields {
            if self.types.accepts(expected, ty) {
                fitting.push(name);
            }
        }
        if let Some(same) = fitting.iter().find(|name| name.as_str() == wanted.as_str()) {
            return Some((same.to_string(), true));
        }
        let [only] = fitting.as_slice() else { return None };
        Some((only.to_string(), false))
    }

    /// How a single value would have to be written to fit a collection.
    fn wrapped_fits(&mut self, expected: TypeId, given: TypeId) -> Option<&'static str> {
        let (of, sign) = match self.types.get(expected) {
            Type::Array(of) => (of, "["),
            Type::Option(of) => (of, "?["),
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => return None,
        };
        (self.types.is_data(given) && self.types.accepts(of, given)).then_some(sign)
    }

    /// A function whose result would fit.
    fn call_detail(&mut self, expected: TypeId, given: TypeId) -> Option<String> {
        let result = *self.types.as_arrow(given)?.results.first()?;
        let fits = self.types.accepts(expected, result);
        fits.then(|| format!("this is a function: call it to get a `{}`", self.show(result)))
    }

    /// Of two named types, the first member that is missing or has another type.
    fn field_detail(&mut self, expected: TypeId, given: TypeId) -> Option<String> {
        let (wanted, have) = (self.types.named(expected)?, self.types.named(given)?);
        let members: Vec<_> =
            self.types.record(wanted).fields.iter().map(|f| (f.name.clone(), f.ty)).collect();
        for (name, ty) in members {
            let Some(other) = self.types.record(have).field(&name).map(|field| field.ty) else {
                return Some(format!("`{name}` is missing in `{}`", self.show(given)));
            };
            if !self.types.accepts(ty, other) {
                let (expected, found) = (self.show(ty), self.show(other));
                return Some(format!("`{name}` should be `{expected}`, it is `{found}`"));
            }
        }
        None
    }

    pub(super) fn string(&self) -> TypeId {
        self.types.scalar(Scalar::String)
    }
}
