//! Arrays, options, anonymous streams, and abilities.

use std::collections::BTreeMap;
use std::rc::Rc;

use aquac_base::{Name, Span};
use aquac_ir::StreamKind;
use aquac_semantics::hir::{CollectionKind, ExprId, FieldValue};

use super::Inliner;
use super::binding::{Arrow, Binding};
use crate::error::LowerError;
use crate::plan::{Plan, PlanKind};
use crate::terms::{SlotId, Term, TermId};

impl Inliner<'_> {
    /// `[…]`, `?[…]`, `*[…]`.
    pub(super) fn collection(
        &mut self,
        kind: CollectionKind,
        elements: &[ExprId],
        span: Span,
    ) -> Binding {
        match kind {
            CollectionKind::Array => {
                let items = self.all(elements);
                Binding::Data(self.pools.terms.array(items))
            }
            CollectionKind::Option => Binding::Data(self.option(elements, span)),
            CollectionKind::Stream => {
                let items = self.all(elements);
                let stream = self.fresh_stream(&Name::new(""), StreamKind::List);
                for value in items {
                    self.step(span, PlanKind::Push { stream, key: None, value });
                }
                Binding::Stream(stream)
            }
        }
    }

    /// The first element that does not fail. Elements that need no steps are one term; otherwise
    /// each is an alternative with its steps, and the value is what the one that completed made.
    fn option(&mut self, elements: &[ExprId], span: Span) -> TermId {
        let mut arms: Vec<(Plan, TermId)> = Vec::with_capacity(elements.len());
        for element in elements {
            let mut value = None;
            let steps = self.collect(span, |inliner| value = Some(inliner.data(*element)));
            arms.extend(value.map(|value| (steps, value)));
        }
        if arms.iter().all(|(steps, _)| steps.is_nothing()) {
            let values = arms.into_iter().map(|(_, value)| value).collect();
            return self.pools.terms.first(values);
        }
        let empty = self.pools.terms.array(Vec::new());
        let (mut tried, slot) = self.arm(Plan::nothing(span), empty, span);
        let mut slots = vec![slot];
        for (steps, value) in arms.into_iter().rev() {
            let array = self.pools.terms.array(vec![value]);
            let (body, slot) = self.arm(steps, array, span);
            slots.push(slot);
            let error = self.pools.terms.slot(Name::new(""));
            let (body, handler) = (Box::new(body), Box::new(tried));
            tried = Plan { kind: PlanKind::Try { error, body, handler }, span };
        }
        self.step(span, tried.kind);
        let values = slots.into_iter().rev().map(|slot| self.pools.terms.read(slot)).collect();
        let value = self.pools.terms.intern(Term::Either(values));
        self.named_always(value, span)
    }

    /// The steps, then a name for their value: written exactly if the steps complete.
    fn arm(&mut self, steps: Plan, value: TermId, span: Span) -> (Plan, SlotId) {
        let slot = self.pools.terms.slot(Name::new(""));
        let name = Plan { kind: PlanKind::Let { slot, value }, span };
        let plan = if steps.is_nothing() { name } else { Plan::sequence(vec![steps, name], span) };
        (plan, slot)
    }

    /// A name for a value, whatever it is.
    fn named_always(&mut self, value: TermId, span: Span) -> TermId {
        let slot = self.pools.terms.slot(Name::new(""));
        self.step(span, PlanKind::Let { slot, value });
        self.pools.terms.read(slot)
    }

    /// `Ability(field = …)`: a bundle that exists only while functions are written out.
    pub(super) fn ability(&mut self, fields: &[FieldValue]) -> Binding {
        let mut members = BTreeMap::new();
        for field in fields {
            let span = self.program().exprs[field.value].span;
            let value = self.binding(field.value);
            let value = value.map_data(|value| self.named(value, &field.name, span));
            members.insert(field.name.clone(), value);
        }
        Binding::Ability(Rc::new(members))
    }

    /// A field or method of an ability, or a method of a service.
    pub(super) fn member(&mut self, base: &Binding, name: &Name, span: Span) -> Binding {
        let found = match base {
            Binding::Ability(members) => members.get(name).cloned(),
            Binding::Service { ty, id } => self
                .typed
                .types
                .named(*ty)
                .and_then(|record| self.typed.types.record(record).field(name))
                .map(|method| {
                    let (method, ty) = (method.name.clone(), method.ty);
                    Binding::Arrow(Arrow::Method { service: *id, method, ty })
                }),
            Binding::Data(_) | Binding::Stream(_) | Binding::Arrow(_) => None,
        };
        found.unwrap_or_else(|| {
            self.errors.push(LowerError::NoValue { name: name.clone(), span });
            self.no_value()
        })
    }
}
