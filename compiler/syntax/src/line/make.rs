//! Builds the nodes of one line; what the grammar's actions call.

mod calls;
mod types;

use std::collections::BTreeSet;

use aquac_base::{Name, Span};

use crate::ast::{
    Assign, BinaryOperator, Bind, Chain, Collection, CollectionKind, Const, DeclarationKind,
    Expression, ExpressionKind, Ident, Literal, LiteralKind, Path, Push, Return, StatementKind,
    Step, StringText, Via,
};
use crate::error::{ForeignError, LineError, SyntaxError};
use crate::lex::Tokens;

use super::item::{Given, Item, Prefix};
use super::operators;

/// Operands with the operators behind them, in source order.
pub(crate) type Operation = Vec<(Expression, BinaryOperator, Span)>;

/// Builds nodes, and collects the problems that have a production of their own.
pub(crate) struct Make<'t> {
    pub(crate) tokens: &'t Tokens<'t>,
    /// The place of the line.
    pub(crate) line: Span,
    pub(crate) errors: Vec<SyntaxError>,
    /// Whether the colon that opens a body is missing.
    pub(crate) misses_colon: bool,
    /// Methods that were declared with a capital letter.
    misnamed_methods: &'t BTreeSet<Name>,
}

impl<'t> Make<'t> {
    /// For one line.
    pub(crate) fn new(
        tokens: &'t Tokens<'t>,
        line: Span,
        misnamed_methods: &'t BTreeSet<Name>,
    ) -> Self {
        Self { tokens, line, errors: Vec::new(), misses_colon: false, misnamed_methods }
    }

    fn slice(&self, span: Span) -> &'t str {
        self.tokens.bytes(span.start, span.end)
    }

    fn text(&self, span: Span) -> Name {
        Name::new(self.slice(span))
    }

    fn report(&mut self, error: impl Into<SyntaxError>) {
        self.errors.push(error.into());
    }

    // ---------- names ----------

    pub(crate) fn ident(&self, span: Span) -> Ident {
        Ident { name: self.text(span), span }
    }

    pub(crate) fn path(&self, span: Span) -> Path {
        let text = self.slice(span);
        let name = if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
        {
            Name::new(text)
        } else {
            // Blanks, line ends and comments around the dots.
            let code = text.lines().filter_map(|line| line.split("--").next());
            let joined: String = code.flat_map(str::split_whitespace).collect();
            Name::new(&joined)
        };
        Path { name, span }
    }

    pub(crate) fn string_text(&self, span: Span) -> StringText {
        let quoted = self.slice(span);
        let mut inner = quoted.chars();
        let first = inner.next();
        let open = first == Some('"') && (quoted.len() < 2 || !quoted.ends_with('"'));
        if !open && matches!(first, Some('"' | '\'' | '“' | '‘')) {
            inner.next_back();
            return StringText { text: Name::new(inner.as_str()), span };
        }
        let text = if open { inner.as_str() } else { quoted };
        StringText { text: Name::new(text), span }
    }

    // ---------- what is missing ----------

    /// The value behind something, which may be missing.
    pub(crate) fn value(&mut self, value: Option<Expression>, before: Span) -> Expression {
        value.unwrap_or_else(|| {
            let at = before.at_end();
            self.report(LineError::MissingValue { at });
            Expression { span: at, kind: ExpressionKind::Error }
        })
    }

    pub(crate) fn missing_name(&mut self, dot: Span) -> Step {
        let at = dot.at_end();
        self.report(LineError::MissingName { at, what: "after the dot" });
        Step::Missing(at)
    }

    // ---------- statements ----------

    /// `catch:`, which handles the error without a name for it.
    pub(crate) fn nameless_catch(&mut self, keyword: Span) -> Box<Item> {
        let at = keyword.at_end();
        self.report(LineError::MissingName { at, what: "for the error that is caught" });
        Box::new(Item::Otherwise(keyword))
    }

    /// `join` waits for what streams will hold, which no operator gives.
    pub(crate) fn join(&mut self, keyword: Span, values: Vec<Expression>) -> Box<StatementKind> {
        for value in &values {
            if let ExpressionKind::Binary { .. } | ExpressionKind::Not { .. } = &value.kind {
                self.report(LineError::JoinedComputation { span: value.span });
            }
        }
        Box::new(StatementKind::Join { keyword, values })
    }

    pub(crate) fn empty_return(&mut self, arrow: Span) -> Box<Item> {
        self.report(LineError::MissingValue { at: arrow.at_end() });
        let kind = StatementKind::Return(Return { arrow, values: Vec::new() });
        Box::new(Item::Statement(Prefix::None, kind))
    }

    pub(crate) fn assignment(
        &mut self,
        name: Ident,
        operator: Span,
        value: Option<Expression>,
    ) -> Box<StatementKind> {
        let value = self.value(value, operator);
        if let ExpressionKind::Collection(collection) = &value.kind
            && collection.elements.is_empty()
        {
            self.report(LineError::EmptyCollection { span: value.span, kind: collection.kind });
        }
        Box::new(StatementKind::Assign(Assign { name, operator, value }))
    }

    pub(crate) fn constant(
        &mut self,
        keyword: Span,
        name: Ident,
        operator: Span,
        overridable: bool,
        value: Option<Expression>,
    ) -> Box<Item> {
        let mut value = self.value(value, operator);
        while let ExpressionKind::Group(inner) = value.kind {
            value = *inner;
        }
        let what = match &value.kind {
            ExpressionKind::Literal(_)
            | ExpressionKind::Name(_)
            | ExpressionKind::InitPeer
            | ExpressionKind::Error => None,
            ExpressionKind::Call(_) => Some("a call"),
            ExpressionKind::Construct(_) => Some("a constructor"),
            ExpressionKind::Chain(_) => Some("a part of another value"),
            ExpressionKind::Collection(_) => Some("a collection"),
            ExpressionKind::Not { .. } | ExpressionKind::Binary { .. } => Some("a computation"),
            ExpressionKind::Group(_) => None,
        };
        if let Some(what) = what {
            self.report(LineError::ConstantValue { span: value.span, what });
            value.kind = ExpressionKind::Error;
        }
        let kind = DeclarationKind::Const(Const { name, operator, overridable, value });
        Box::new(Item::Declaration(keyword, kind))
    }

    pub(crate) fn push(
        &mut self,
        target: Ident,
        operator: Span,
        value: Option<Expression>,
    ) -> Box<StatementKind> {
        let value = self.value(value, operator);
        Box::new(StatementKind::Push(Push { target, operator, key: None, value }))
    }

    pub(crate) fn bind(
        &mut self,
        targets: Vec<Ident>,
        arrow: Span,
        value: Option<Expression>,
    ) -> Box<StatementKind> {
        let value = self.value(value, arrow);
        Box::new(StatementKind::Bind(Bind { targets, arrow, value }))
    }

    pub(crate) fn via(
        &mut self,
        mut before: Vec<Via>,
        keyword: Span,
        relay: Option<Expression>,
    ) -> Vec<Via> {
        let relay = self.value(relay, keyword);
        before.push(Via { keyword, relay });
        before
    }

    // ---------- values ----------

    pub(crate) fn name(&self, span: Span) -> Expression {
        Expression { span, kind: ExpressionKind::Name(self.text(span)) }
    }

    pub(crate) fn literal(&self, kind: LiteralKind, span: Span) -> Expression {
        let literal = Literal { kind, text: self.text(span) };
        Expression { span, kind: ExpressionKind::Literal(literal) }
    }

    pub(crate) fn string(&self, text: StringText) -> Expression {
        let literal = Literal { kind: LiteralKind::String, text: text.text };
        Expression { span: text.span, kind: ExpressionKind::Literal(literal) }
    }

    pub(crate) fn collection(
        &self,
        kind: CollectionKind,
        start: Span,
        (elements, end): (Vec<Expression>, Span),
    ) -> Expression {
        let kind = ExpressionKind::Collection(Collection { kind, elements });
        Expression { span: start.to(end), kind }
    }

    pub(crate) fn not(&self, operator: Span, operand: Expression) -> Expression {
        let span = operator.to(operand.span);
        Expression { span, kind: ExpressionKind::Not { operator, operand: Box::new(operand) } }
    }

    pub(crate) fn operators(
        &mut self,
        operation: Operation,
        last: Option<Expression>,
    ) -> Expression {
        let before = operation.last().map_or(self.line, |(_, _, span)| *span);
        let last = self.value(last, before);
        let (tree, chained) = operators::tree(operation, last);
        if let Some(operator) = chained {
            self.report(ForeignError::ChainedComparison { operator });
        }
        tree
    }

    pub(crate) fn chain(&self, head: Expression, step: Step) -> Expression {
        let span = head.span.to(step.span());
        Expression {
            span,
            kind: ExpressionKind::Chain(Box::new(Chain { head, steps: vec![step] })),
        }
    }

    pub(crate) fn extend(&self, mut chain: Expression, step: Step) -> Expression {
        chain.span = chain.span.to(step.span());
        if let ExpressionKind::Chain(inner) = &mut chain.kind {
            inner.steps.push(step);
        }
        chain
    }

    pub(crate) fn field(
        &mut self,
        name: Ident,
        operator: Span,
        value: Option<Expression>,
    ) -> Given {
        let value = self.value(value, operator);
        Given::Field(Box::new((name, operator, value)))
    }
}
