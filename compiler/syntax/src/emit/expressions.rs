//! Expressions on one line, with all their parentheses.

use crate::ast::{
    Argument, Call, CollectionKind, Construct, Expression, ExpressionKind, Literal, LiteralKind,
    Step,
};

use super::list;

/// An expression as text.
pub(super) fn shown(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Literal(literal) => shown_literal(literal),
        ExpressionKind::Name(name) => name.to_string(),
        ExpressionKind::InitPeer => "%init_peer_id%".to_owned(),
        ExpressionKind::Call(call) => shown_call(call),
        ExpressionKind::Construct(construct) => shown_construct(construct),
        ExpressionKind::Chain(chain) => {
            let steps: String = chain.steps.iter().map(shown_step).collect();
            format!("{}{steps}", shown(&chain.head))
        }
        ExpressionKind::Collection(collection) => {
            let marker = match collection.kind {
                CollectionKind::Array => "",
                CollectionKind::Option => "?",
                CollectionKind::Stream => "*",
            };
            format!("{marker}[{}]", list(&collection.elements, shown))
        }
        ExpressionKind::Not { operand, .. } => format!("!{}", shown(operand)),
        ExpressionKind::Binary { operator, left, right, .. } => {
            format!("({} {} {})", shown(left), operator.as_str(), shown(right))
        }
        ExpressionKind::Group(inner) => format!("({})", shown(inner)),
        ExpressionKind::Error => "<error>".to_owned(),
    }
}

fn shown_literal(literal: &Literal) -> String {
    match literal.kind {
        LiteralKind::String => format!("{:?}", literal.text),
        LiteralKind::Bool(_) | LiteralKind::Unsigned | LiteralKind::Signed | LiteralKind::Float => {
            literal.text.to_string()
        }
    }
}

fn shown_call(call: &Call) -> String {
    let abilities = if call.abilities.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", list(&call.abilities, shown))
    };
    format!("{}{abilities}({})", call.name.name, list(&call.arguments, shown))
}

fn shown_construct(construct: &Construct) -> String {
    format!("{}({})", construct.name.name, shown_arguments(&construct.arguments))
}

/// Fields; the short form ends in a comma, so that a constructor never looks like a call.
fn shown_arguments(arguments: &[Argument]) -> String {
    list(arguments, |argument| match &argument.value {
        Some(value) => format!("{} = {}", argument.name.name, shown(value)),
        None => format!("{} = _", argument.name.name),
    })
}

fn shown_step(step: &Step) -> String {
    match step {
        Step::Field(name) => format!(".{}", name.name),
        Step::Method(call) => format!(".{}", shown_call(call)),
        Step::Construct(construct) => format!(".{}", shown_construct(construct)),
        Step::Copy(copy) => format!(".copy({})", shown_arguments(&copy.arguments)),
        Step::Index { index, .. } => format!("[{}]", shown(index)),
        Step::First(_) => "!".to_owned(),
        Step::At { index, .. } => format!("!{}", index.name),
        Step::Missing(_) => ".<error>".to_owned(),
    }
}
