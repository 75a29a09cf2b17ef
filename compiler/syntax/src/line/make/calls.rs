//! Calls and constructors: the same parentheses, told apart by the name before them and by what
//! stands in them.

use aquac_base::Span;

use crate::ast::{Argument, Call, Construct, Copy, Expression, ExpressionKind, Ident, Step};
use crate::error::ForeignError;
use crate::line::item::Given;

use super::Make;

impl Make<'_> {
    /// `name(…)` where a value starts.
    pub(crate) fn call(
        &mut self,
        name: Ident,
        abilities: Vec<Expression>,
        (parentheses, given): (Span, Vec<Given>),
    ) -> Expression {
        let span = name.span.to(parentheses);
        let kind = if self.constructs(&name, &given) {
            let arguments = self.fields(given);
            ExpressionKind::Construct(Box::new(Construct { name, arguments, parentheses }))
        } else {
            let arguments = self.positional(&name, given);
            ExpressionKind::Call(Box::new(Call { name, abilities, arguments, parentheses }))
        };
        Expression { span, kind }
    }

    /// `.name(…)` behind a value.
    pub(crate) fn method(
        &mut self,
        name: Ident,
        abilities: Vec<Expression>,
        (parentheses, given): (Span, Vec<Given>),
    ) -> Step {
        if self.constructs(&name, &given) {
            let arguments = self.fields(given);
            return Step::Construct(Box::new(Construct { name, arguments, parentheses }));
        }
        if name.name.as_str() == "copy" && !given.is_empty() && given.iter().all(is_field) {
            let arguments = self.fields(given);
            return Step::Copy(Box::new(Copy { keyword: name.span, arguments, parentheses }));
        }
        let arguments = self.positional(&name, given);
        Step::Method(Box::new(Call { name, abilities, arguments, parentheses }))
    }

    /// Whether these parentheses hold the fields of a type: a capitalised name before them, and
    /// a named field among them or nothing but names.
    fn constructs(&self, name: &Ident, given: &[Given]) -> bool {
        name.name.starts_with(|c: char| c.is_ascii_uppercase())
            && !given.is_empty()
            && (given.iter().any(|one| matches!(one, Given::Field(..)))
                || given.iter().all(is_field) && !self.misnamed_methods.contains(&name.name))
    }

    /// Arguments of a constructor. One without a name is reported and left out.
    fn fields(&mut self, given: Vec<Given>) -> Vec<Argument> {
        let mut fields = Vec::with_capacity(given.len());
        for one in given {
            match one {
                Given::Field(field) => {
                    let (name, _, value) = *field;
                    fields.push(Argument { name, value: Some(value) })
                }
                Given::Value(Expression { span, kind: ExpressionKind::Name(name) }) => {
                    fields.push(Argument { name: Ident { name, span }, value: None });
                }
                Given::Value(value) => {
                    self.report(ForeignError::FieldWithoutName { span: value.span })
                }
            }
        }
        fields
    }

    /// Arguments of a call. A name before one is reported and left out.
    fn positional(&mut self, function: &Ident, given: Vec<Given>) -> Vec<Expression> {
        let mut arguments = Vec::with_capacity(given.len());
        for one in given {
            match one {
                Given::Value(value) => arguments.push(value),
                Given::Field(field) => {
                    let (name, operator, value) = *field;
                    let span: Span = name.span.to(operator);
                    let value_span = value.span;
                    self.report(ForeignError::NamedArgument {
                        span,
                        value: value_span,
                        function: function.name.clone(),
                    });
                    arguments.push(value);
                }
            }
        }
        arguments
    }
}

/// `name = value` or a name alone.
fn is_field(given: &Given) -> bool {
    match given {
        Given::Field(..) => true,
        Given::Value(value) => matches!(value.kind, ExpressionKind::Name(_)),
    }
}
