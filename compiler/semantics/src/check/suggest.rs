//! "Did you mean": candidates of the right kind, within a budget.

use aquac_base::{Name, Span, did_you_mean};
use aquac_syntax::ast;

use super::Checker;
use super::scope::{TypeNameKind, Value};
use crate::error::Near;
use crate::symbols::Symbol;

/// Candidates looked at in one compilation. A program with more mistakes than this affords gets
/// its errors without suggestions, so that many errors in a large program still take linear time.
pub(super) const BUDGET: usize = 200_000;

/// Names shorter than this are near to everything: only their other-case twin is offered.
const SHORTEST: usize = 3;

impl Checker<'_> {
    /// The candidate that was probably meant.
    pub(super) fn nearest<'n>(
        &mut self,
        wanted: &str,
        candidates: impl Iterator<Item = &'n str>,
    ) -> Option<Name> {
        let mut looked = 0;
        let left = self.suggestions_left;
        let short = wanted.chars().count() < SHORTEST;
        let affordable = candidates
            .take(left)
            .inspect(|_| looked += 1)
            .filter(|candidate| !short || candidate.eq_ignore_ascii_case(wanted));
        let found = did_you_mean(wanted, affordable).map(Name::new);
        self.suggestions_left = left.saturating_sub(looked);
        found
    }

    /// The nearest visible value, or the nearest function if only those can be meant.
    pub(super) fn near_value(&mut self, wanted: &str, callable: bool) -> Option<Near> {
        let visible = self.affordable_values();
        let fitting = visible.into_iter().filter(|(_, v)| !callable || self.is_callable(*v));
        let names: Vec<(Name, Value)> =
            fitting.map(|(symbol, value)| (self.symbols.name(symbol).clone(), value)).collect();
        self.near_among(wanted, names)
    }

    /// The nearest top-level function.
    pub(super) fn near_function(&mut self, wanted: &str) -> Option<Near> {
        let visible = self.affordable_values();
        let functions = visible.into_iter().filter(|(_, v)| matches!(v, Value::Function(_)));
        let names: Vec<(Name, Value)> =
            functions.map(|(symbol, value)| (self.symbols.name(symbol).clone(), value)).collect();
        self.near_among(wanted, names)
    }

    /// The values in scope, as many as may still be looked at.
    fn affordable_values(&mut self) -> Vec<(Symbol, Value)> {
        let visible: Vec<_> = self.scope.visible_values().take(self.suggestions_left).collect();
        self.suggestions_left = self.suggestions_left.saturating_sub(visible.len());
        visible
    }

    fn near_among(&mut self, wanted: &str, names: Vec<(Name, Value)>) -> Option<Near> {
        let name = self.nearest(wanted, names.iter().map(|(name, _)| name.as_str()))?;
        let value = names.into_iter().find(|(candidate, _)| *candidate == name)?.1;
        Some(self.describe_value(name, value))
    }

    fn is_callable(&self, value: Value) -> bool {
        match value {
            Value::Function(_) => true,
            Value::Local(local) => self.types.as_arrow(self.local(local).ty).is_some(),
            Value::Constant(_) | Value::Builtin(_) | Value::Nil | Value::Error => false,
        }
    }

    fn describe_value(&self, name: Name, value: Value) -> Near {
        let (what, span) = match value {
            Value::Local(local) => ("variable", Some(self.local(local).span)),
            Value::Function(id) => ("function", Some(self.program.functions[id].name_span)),
            Value::Constant(id) => ("constant", self.program.constants[id].name_span),
            Value::Builtin(_) | Value::Nil | Value::Error => ("constant", None),
        };
        Near { name, what, span }
    }

    /// The nearest type: a visible one, or a scalar.
    pub(super) fn near_type(&mut self, wanted: &str, services_only: bool) -> Option<Near> {
        let visible: Vec<_> = self.scope.visible_types().take(self.suggestions_left).collect();
        self.suggestions_left = self.suggestions_left.saturating_sub(visible.len());
        let mut names: Vec<(Name, Option<Span>, &'static str)> = visible
            .into_iter()
            .filter(|(_, ty)| !services_only || is_service_like(ty.kind))
            .map(|(symbol, ty)| (self.symbols.name(symbol).clone(), ty.span, word(ty.kind)))
            .collect();
        if !services_only {
            names.extend(ast::Scalar::ALL.map(|s| (Name::new(s.as_str()), None, "type")));
        }
        let name = self.nearest(wanted, names.iter().map(|(name, _, _)| name.as_str()))?;
        let (name, span, what) = names.into_iter().find(|(candidate, _, _)| *candidate == name)?;
        Some(Near { name, what, span })
    }

    /// The nearest part of the module, whatever it is.
    pub(super) fn near_part(&mut self, wanted: &str) -> Option<Near> {
        let value = self.near_value(wanted, false);
        if value.is_some() { value } else { self.near_type(wanted, false) }
    }
}

fn is_service_like(kind: TypeNameKind) -> bool {
    match kind {
        TypeNameKind::Service(_) => true,
        TypeNameKind::Data | TypeNameKind::Ability | TypeNameKind::Alias | TypeNameKind::Error => {
            false
        }
    }
}

pub(super) fn word(kind: TypeNameKind) -> &'static str {
    match kind {
        TypeNameKind::Data | TypeNameKind::Error => "type",
        TypeNameKind::Ability => "ability",
        TypeNameKind::Alias => "alias",
        TypeNameKind::Service(_) => "service",
    }
}
