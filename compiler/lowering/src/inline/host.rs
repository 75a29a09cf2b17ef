//! The border to the host: arguments come in, callbacks go out, results are returned.

use aquac_base::Name;
use aquac_ir::{Last, LoopMode, StreamKind};
use aquac_semantics::hir::{Function, FunctionId};
use aquac_semantics::{Type, TypeId};

use super::Inliner;
use super::binding::{Arrow, Binding};
use crate::plan::{Loop, Over, Plan, PlanKind};
use crate::terms::Term;

/// An argument that the host gives.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: Name,
    /// Its type.
    pub(crate) ty: TypeId,
}

impl Inliner<'_> {
    /// Writes an exported function out: what its parameters are, its body, its results.
    pub(super) fn exported(&mut self, function: FunctionId) -> (Vec<Parameter>, Vec<Name>) {
        let function = &self.program().functions[function];
        let (mut values, mut callbacks) = (Vec::new(), Vec::new());
        for parameter in &function.parameters {
            let local = &self.program().locals[*parameter];
            let (name, ty) = (local.name.clone(), local.ty);
            if matches!(self.typed.types.get(ty), Type::Arrow(_)) {
                let arrow = Arrow::Callback { name: name.clone(), ty };
                self.environment.bind(*parameter, Binding::Arrow(arrow));
                callbacks.push(name);
                continue;
            }
            let number = u32::try_from(values.len()).expect("a source has fewer than 2^32 names");
            let value = self.pools.terms.intern(Term::Arg(number));
            let binding = if self.typed.types.is_stream(ty) {
                self.filled(&name, value, function)
            } else {
                Binding::Data(value)
            };
            self.environment.bind(*parameter, binding);
            values.push(Parameter { name, ty });
        }
        self.block(&function.body);
        self.give_back(function);
        (values, callbacks)
    }

    /// A stream that starts with the elements of an argument.
    fn filled(&mut self, name: &Name, value: crate::terms::TermId, function: &Function) -> Binding {
        let span = function.span;
        let stream = self.fresh_stream(name, StreamKind::List);
        self.given.push(stream);
        let item = self.pools.terms.slot(Name::new(""));
        let element = self.pools.terms.read(item);
        let body = Plan { kind: PlanKind::Push { stream, key: None, value: element }, span };
        let (over, mode) = (Over::Array(value), LoopMode::Sequential);
        let each = Loop { over, item, mode, last: Last::Complete, body };
        self.step(span, PlanKind::For(Box::new(each)));
        Binding::Stream(stream)
    }

    /// Results go to the host; a stream is frozen at the initiator.
    fn give_back(&mut self, function: &Function) {
        if function.returns.is_empty() {
            return;
        }
        let span = function.return_span.unwrap_or(function.span);
        let results = self.results(&function.returns, span);
        let values = results.into_iter().map(|result| self.frozen(result, span)).collect();
        self.step(span, PlanKind::Return(values));
    }
}
