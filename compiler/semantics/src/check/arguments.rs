//! Arguments against parameters, by position and by name.

use std::collections::HashMap;

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::convert::{Why, WhyKind};
use super::names::Wanted;
use super::repeats::Same;
use crate::error::{CallProblem, MemberProblem, ServiceProblem};
use crate::hir::{Callee, ExprId, FunctionId};
use crate::symbols::QuickHash;
use crate::types::{ArrowId, RecordId, TypeId};

/// Something that is called. Its names and places are looked up only for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Callable<'n> {
    /// The name behind the last dot.
    pub(super) name: &'n str,
    pub(super) arrow: ArrowId,
    pub(super) origin: Origin,
}

/// Where parameters have names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    Function(FunctionId),
    Member(RecordId),
    /// Nowhere: a function type has none.
    Unknown,
}

/// A named argument whose name occurs once.
pub(super) struct Given<'a> {
    pub(super) name: &'a ast::Ident,
    pub(super) value: ExprId,
}

impl<'a> Checker<'a> {
    /// Where the parameters of a called function or variable have names.
    pub(super) fn origin(&self, callee: &Callee) -> Origin {
        match callee {
            Callee::Function(id) => Origin::Function(*id),
            Callee::Local(local) => {
                self.closures.get(local).map_or(Origin::Unknown, |id| Origin::Function(*id))
            }
            Callee::Service { .. } | Callee::Member { .. } => Origin::Unknown,
        }
    }

    /// What messages call it: with the service or ability in front.
    pub(super) fn callable_name(&self, callable: Callable<'_>) -> String {
        match callable.origin {
            Origin::Member(record) => {
                format!("{}.{}", self.types.record(record).name, callable.name)
            }
            Origin::Function(_) | Origin::Unknown => callable.name.to_owned(),
        }
    }

    /// Name and place of a parameter; the name is empty if it has none.
    pub(super) fn parameter(&self, callable: Callable<'_>, at: usize) -> Option<(Name, Span)> {
        match callable.origin {
            Origin::Function(id) => {
                let local = self.local(*self.program.functions[id].parameters.get(at)?);
                Some((local.name.clone(), local.declaration))
            }
            Origin::Member(record) => {
                let field = self.types.record(record).field(callable.name)?;
                let note = field.parameters.get(at)?;
                Some((note.name.clone(), note.span))
            }
            Origin::Unknown => None,
        }
    }

    /// Checks the arguments of a call and converts them. `host`: they leave the program.
    pub(super) fn arguments(
        &mut self,
        callable: Callable<'a>,
        call: &'a ast::Call,
        host: bool,
    ) -> Vec<ExprId> {
        let before = self.diagnostics.len();
        let mut given = Vec::with_capacity(call.abilities.len() + call.arguments.len());
        for value in call.abilities.iter().chain(&call.arguments) {
            given.push(self.expr(value));
        }
        if given.len() != self.types.arrow(callable.arrow).parameters.len() {
            // An argument that is wrong may be two that have grown together; so may a parameter.
            let wanted = &self.types.arrow(callable.arrow).parameters;
            let wrong = given
                .iter()
                .map(|value| self.ty(*value))
                .chain(wanted.iter().copied())
                .any(|ty| self.types.is_error(ty));
            if !wrong && !self.errors_since(before) {
                self.report_count(callable, call, &given);
            }
            return given;
        }
        for (at, value) in given.iter_mut().enumerate() {
            let parameters = &self.types.arrow(callable.arrow).parameters;
            let Some(expected) = parameters.get(at).copied() else { continue };
            let why = Why { kind: WhyKind::Argument { callable, at }, span: None };
            let before = self.diagnostics.len();
            *value = self.convert(*value, expected, why);
            if host && before == self.diagnostics.len() {
                self.check_leaves(*value);
            }
        }
        given
    }

    /// What goes to a service must be data.
    fn check_leaves(&mut self, value: ExprId) {
        let Some(what) = self.types.beside_data(self.ty(value)) else { return };
        let span = self.span(value);
        self.report(ServiceProblem::CannotSend { what, span });
    }

    fn report_count(&mut self, callable: Callable<'a>, call: &'a ast::Call, given: &[ExprId]) {
        let callee = self.callable_name(callable);
        let same = Same::Count(self.symbols.of(&Name::new(&callee)), given.len());
        if self.shown_before(same, call.name.span) {
            return;
        }
        let parameters = self.types.arrow(callable.arrow).parameters.clone();
        let wanted: Vec<(String, String, Option<Span>)> = parameters
            .iter()
            .enumerate()
            .map(|(at, ty)| {
                let note = self.parameter(callable, at);
                let span = note.as_ref().map(|(_, span)| *span);
                let name = note.map_or_else(String::new, |(name, _)| name.to_string());
                (name, self.show(*ty), span)
            })
            .collect();
        let place = match given.get(parameters.len()) {
            Some(extra) => {
                let last = given.last().map_or(*extra, |last| *last);
                self.span(*extra).to(self.span(last))
            }
            None => given.last().map_or(call.parentheses, |last| self.span(*last)),
        };
        let texts: Vec<String> =
            given.iter().map(|value| self.text(self.span(*value)).to_owned()).collect();
        self.report(CallProblem::ArgumentCount { callee, span: place, wanted, given: texts });
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
