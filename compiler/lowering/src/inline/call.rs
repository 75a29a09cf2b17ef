//! Calls: a function becomes its body; a method or a callback becomes a step.

use std::rc::Rc;

use aquac_base::{Name, Span};
use aquac_ir::{IndexKind, StreamKind, Value};
use aquac_semantics::hir::{Call, Callee, ExprId, FunctionId};
use aquac_semantics::{Type, TypeId};

use super::Inliner;
use super::binding::{Arrow, Binding, Environment};
use crate::error::LowerError;
use crate::plan::{self, Output, PlaceId, PlanKind};
use crate::terms::TermId;

/// The service at the initiator that answers callbacks.
const CALLBACK_SERVICE: &str = "callbackSrv";

impl Inliner<'_> {
    /// The results of a call.
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Vec<Binding> {
        let arrow = match &call.callee {
            Callee::Function(function) => Some(Arrow::Function(*function)),
            Callee::Local(local) => match self.environment.find(*local) {
                Some(Binding::Arrow(arrow)) => Some(arrow.clone()),
                _ => None,
            },
            Callee::Service { service, id, method } => {
                let base = Binding::Service {
                    ty: self.program().services[*service].ty,
                    id: self.data(*id),
                };
                as_arrow(self.member(&base, method, span))
            }
            Callee::Member { base, method } => {
                let base = self.binding(*base);
                as_arrow(self.member(&base, method, span))
            }
        };
        let Some(arrow) = arrow else {
            self.errors.push(LowerError::ArrowAtBorder { span });
            return Vec::new();
        };
        let outermost = self.site;
        if matches!(arrow, Arrow::Function(_) | Arrow::Closure { .. }) {
            self.site.get_or_insert(span);
        }
        let results = self.deeper(span, |inliner| inliner.invoke(arrow, &call.arguments, span));
        self.site = outermost;
        results.unwrap_or_default()
    }

    fn invoke(&mut self, arrow: Arrow, arguments: &[ExprId], span: Span) -> Vec<Binding> {
        match arrow {
            Arrow::Function(function) => self.write_out(function, None, arguments, span),
            Arrow::Closure { function, captured, place: None } => {
                self.write_out(function, Some(captured), arguments, span)
            }
            Arrow::Closure { function, captured, place: Some(place) } => {
                let arguments = self.arguments(function, arguments);
                self.at(place, span, |inliner| {
                    inliner.body(function, Some(captured), arguments, span)
                })
            }
            Arrow::Method { service, method, ty } => {
                let args = self.service_arguments(ty, arguments);
                self.request(service, &method, args, ty, span)
            }
            Arrow::Callback { name, ty } => {
                let args = self.service_arguments(ty, arguments);
                let service = self.pools.terms.value(CALLBACK_SERVICE);
                let root: PlaceId = self.root;
                self.at(root, span, |inliner| inliner.request(service, &name, args, ty, span))
            }
        }
    }

    fn write_out(
        &mut self,
        function: FunctionId,
        captured: Option<Rc<Environment>>,
        arguments: &[ExprId],
        span: Span,
    ) -> Vec<Binding> {
        let arguments = self.arguments(function, arguments);
        self.body(function, captured, arguments, span)
    }

    /// Arguments as the parameters will see them: evaluated here, once, left to right. There may be
    /// more than the function takes.
    fn arguments(&mut self, function: FunctionId, arguments: &[ExprId]) -> Vec<Binding> {
        let parameters = &self.program().functions[function].parameters;
        let mut bindings = Vec::with_capacity(arguments.len());
        for (at, argument) in arguments.iter().enumerate() {
            let span = self.program().exprs[*argument].span;
            let mut binding = self.binding(*argument);
            let Some(parameter) = parameters.get(at) else { continue };
            let parameter = &self.program().locals[*parameter];
            // The function may want less than its type where it is called says.
            if matches!(binding, Binding::Stream(_)) && self.typed.types.is_data(parameter.ty) {
                binding = Binding::Data(self.frozen(binding, span));
            }
            bindings.push(binding.map_data(|value| self.argument(value, &parameter.name, span)));
        }
        bindings
    }

    /// Like `named`, but a value that has a name already keeps it.
    fn argument(&mut self, value: TermId, name: &Name, span: Span) -> TermId {
        if self.pools.terms.is_cheap(value) { value } else { self.named(value, name, span) }
    }

    /// The body of a function and its results.
    fn body(
        &mut self,
        function: FunctionId,
        captured: Option<Rc<Environment>>,
        arguments: Vec<Binding>,
        span: Span,
    ) -> Vec<Binding> {
        let function = &self.program().functions[function];
        let mut environment = Environment::inside(captured);
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            environment.bind(*parameter, argument);
        }
        self.within(environment, |inliner| {
            inliner.block(&function.body);
            inliner.results(&function.returns, function.return_span.unwrap_or(span))
        })
    }

    /// Return values, left to right.
    pub(super) fn results(&mut self, returns: &[ExprId], span: Span) -> Vec<Binding> {
        let mut results = Vec::with_capacity(returns.len());
        for value in returns {
            let result = self.binding(*value);
            results.push(result.map_data(|value| self.shallow(value, span)));
        }
        results
    }

    fn service_arguments(&mut self, ty: TypeId, arguments: &[ExprId]) -> Vec<TermId> {
        let arrow = self.typed.types.as_arrow(ty);
        let parameters = arrow.map(|arrow| arrow.parameters.clone()).unwrap_or_default();
        let mut args = self.all(arguments);
        args.truncate(parameters.len());
        for ((value, expr), ty) in args.iter().zip(arguments).zip(parameters) {
            self.check_range(*value, ty, self.program().exprs[*expr].span);
        }
        args
    }

    /// A constant that was calculated here must fit in the parameter: the checker only saw its
    /// parts.
    fn check_range(&mut self, value: TermId, ty: TypeId, span: Span) {
        let Type::Scalar(scalar) = self.typed.types.get(ty) else { return };
        let value = self.pools.terms.constant(value).and_then(Value::as_integer);
        let Some((value, (least, most))) = value.zip(scalar.range()) else { return };
        if value < least || value > most {
            let (value, ty) = (value.to_string(), scalar.name().to_owned());
            self.errors.push(LowerError::DoesNotFit { value, ty, span });
        }
    }

    /// A step that asks a service here. Only callbacks have several results: the host gives them
    /// as one array.
    fn request(
        &mut self,
        service: TermId,
        function: &Name,
        args: Vec<TermId>,
        ty: TypeId,
        span: Span,
    ) -> Vec<Binding> {
        let function = self.pools.terms.value(function.as_str());
        let arrow = self.typed.types.as_arrow(ty);
        let results = arrow.map(|arrow| arrow.results.clone()).unwrap_or_default();
        let data = results.iter().all(|of| self.typed.types.is_data(*of));
        let (output, returns, bindings) = match *results {
            [] => (Output::Nothing, None, Vec::new()),
            [of] if let Type::Stream(element) = self.typed.types.get(of) => {
                let stream = self.fresh_stream(&Name::new(""), StreamKind::List);
                (Output::Stream(stream), Some(element), vec![Binding::Stream(stream)])
            }
            [of] if data => {
                let slot = self.pools.terms.slot(Name::new(""));
                let value = self.pools.terms.read(slot);
                (Output::Slot(slot), Some(of), vec![Binding::Data(value)])
            }
            [..] if data => {
                let slot = self.pools.terms.slot(Name::new(""));
                let array = self.pools.terms.read(slot);
                let each = (0_u64..).take(results.len()).map(|at| {
                    let at = self.pools.terms.value(at);
                    Binding::Data(self.pools.terms.index(array, at, IndexKind::Value))
                });
                let each = each.collect();
                (Output::Slot(slot), None, each)
            }
            [..] => {
                self.errors.push(LowerError::ArrowAtBorder { span });
                return Vec::new();
            }
        };
        self.step(span, PlanKind::Call(plan::Call { service, function, args, output, returns }));
        bindings
    }
}

fn as_arrow(binding: Binding) -> Option<Arrow> {
    if let Binding::Arrow(arrow) = binding { Some(arrow) } else { None }
}
