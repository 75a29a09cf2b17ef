//! Arguments against parameters, by position and by name.

use std::collections::HashMap;

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::convert::{Why, WhyKind};
use super::names::Wanted;
use crate::error::{CallProblem, MemberProblem, ServiceProblem};
use crate::hir::{Callee, ExprId};
use crate::symbols::QuickHash;
use crate::types::{ParameterNote, Type, TypeId};

/// Something that is called, as messages name it.
pub(super) struct Callable {
    pub(super) name: String,
    /// An arrow type.
    pub(super) ty: TypeId,
    /// Names and places of the parameters, as far as they are known.
    pub(super) notes: Vec<ParameterNote>,
}

/// A named argument whose name occurs once.
pub(super) struct Given<'a> {
    pub(super) name: &'a ast::Ident,
    pub(super) value: ExprId,
}

impl<'a> Checker<'a> {
    /// Names and places of the parameters of a function or a local that holds one.
    pub(super) fn parameter_notes(&self, callee: &Callee) -> Vec<ParameterNote> {
        let function = match callee {
            Callee::Function(id) => *id,
            Callee::Local(local) => match self.closures.get(local) {
                Some(id) => *id,
                None => return Vec::new(),
            },
            Callee::Service { .. } | Callee::Member { .. } => return Vec::new(),
        };
        let parameters = self.program.functions[function].parameters.iter();
        let note = |local: &crate::hir::LocalId| {
            let local = self.local(*local);
            ParameterNote { name: local.name.clone(), span: local.declaration }
        };
        parameters.map(note).collect()
    }

    /// Checks the arguments of a call and converts them. `host`: they leave the program.
    pub(super) fn arguments(
        &mut self,
        callable: &Callable,
        call: &'a ast::Call,
        host: bool,
    ) -> Vec<ExprId> {
        let given: Vec<ExprId> =
            call.abilities.iter().chain(&call.arguments).map(|value| self.expr(value)).collect();
        let parameters: Box<[TypeId]> =
            self.types.as_arrow(callable.ty).map_or_else(Box::default, |a| a.parameters.clone());
        if given.len() != parameters.len() {
            self.report_count(callable, call, &given, &parameters);
            return given;
        }
        let mut converted = Vec::with_capacity(given.len());
        for (at, (value, expected)) in given.into_iter().zip(&*parameters).enumerate() {
            let note = callable.notes.get(at);
            let parameter = note.map_or("", |note| note.name.as_str());
            let kind = WhyKind::Argument { callee: &callable.name, parameter };
            let why = Why { kind, span: note.map(|note| note.span) };
            let before = self.diagnostics.len();
            let value = self.convert(value, *expected, why);
            if host && before == self.diagnostics.len() {
                self.check_leaves(value);
            }
            converted.push(value);
        }
        converted
    }

    /// What goes to a service must be data.
    fn check_leaves(&mut self, value: ExprId) {
        let what = match self.types.get(self.ty(value)) {
            Type::Arrow(_) => "a function",
            Type::Service(_) => "a service",
            Type::Ability(_) => "an ability",
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Data(_) => return,
        };
        let span = self.span(value);
        self.report(ServiceProblem::CannotSend { what, span });
    }

    fn report_count(
        &mut self,
        callable: &Callable,
        call: &'a ast::Call,
        given: &[ExprId],
        parameters: &[TypeId],
    ) {
        let note = |at: usize| {
            let note = callable.notes.get(at);
            let ty = parameters.get(at).map_or_else(String::new, |ty| self.show(*ty));
            let name = note.map_or_else(String::new, |note| note.name.to_string());
            (name, ty, note.map(|note| note.span))
        };
        let wanted: Vec<_> = (0..parameters.len()).map(note).collect();
        let place = match given.get(parameters.len()) {
            Some(extra) => {
                let last = given.last().map_or(*extra, |last| *last);
                self.span(*extra).to(self.span(last))
            }
            None => given.last().map_or(call.parentheses, |last| self.span(*last)),
        };
        let texts: Vec<String> =
            given.iter().map(|value| self.text(self.span(*value)).to_owned()).collect();
        self.report(CallProblem::ArgumentCount {
            callee: callable.name.clone(),
            span: place,
            wanted,
            given: texts,
        });
    }

    /// Checks the arguments of a call that cannot be checked against anything.
    pub(super) fn loose_call(&mut self, call: &'a ast::Call) {
        for value in call.abilities.iter().chain(&call.arguments) {
            self.expr(value);
        }
    }

    /// The same for the arguments of a constructor.
    pub(super) fn loose_arguments(&mut self, arguments: &'a [ast::Argument]) {
        for argument in arguments {
            self.argument_value(argument);
        }
    }

    fn argument_value(&mut self, argument: &'a ast::Argument) -> ExprId {
        match &argument.value {
            Some(value) => self.expr(value),
            None => self.name_expr(&argument.name.name, argument.name.span, Wanted::Value),
        }
    }

    /// Named arguments, each name once; repeated ones are reported and dropped.
    pub(super) fn named_arguments(&mut self, arguments: &'a [ast::Argument]) -> Vec<Given<'a>> {
        let mut seen: HashMap<&Name, Span, QuickHash> = HashMap::default();
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.argument_value(argument);
            if let Some(first) = seen.get(&argument.name.name) {
                let (name, span) = (argument.name.name.clone(), argument.name.span);
                self.report(MemberProblem::GivenTwice { name, span, first: *first });
                continue;
            }
            seen.insert(&argument.name.name, argument.name.span);
            given.push(Given { name: &argument.name, value });
        }
        given
    }

    /// The value given for a field, converted to the field's type.
    pub(super) fn given_field(
        &mut self,
        given: &Given<'a>,
        wanted: TypeId,
        declared: Option<Span>,
    ) -> ExprId {
        let kind = WhyKind::Field(&given.name.name);
        self.convert(given.value, wanted, Why { kind, span: declared })
    }
}
