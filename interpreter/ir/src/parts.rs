//! What nodes, places and expressions are made of: the numbers that they hold, by kind.
//!
//! Everything that walks programs (the check, the canonical order, the facts, the printers) asks
//! here, so a new kind of node is described once.

use crate::{
    Expr, ExprId, Iterable, Last, LoopMode, Node, Output, Place, PlaceId, Program, Shape,
    ShapeField, ShapeId, SlotId, StreamId, TextId, Value,
};

impl Program {
    /// The constant that an expression is, under whatever name.
    #[must_use]
    pub fn constant_of(&self, expr: ExprId) -> Option<&Value> {
        let named = self.expr(expr)?;
        let plain = if let Expr::Named { of, .. } = named { self.expr(*of)? } else { named };
        if let Expr::Const(id) = plain { self.constant(*id) } else { None }
    }
}

impl Node {
    /// How many children it has.
    #[must_use]
    pub const fn arity(&self) -> u32 {
        match self {
            Self::Seq(children) | Self::Par(children) => *children,
            Self::Try { .. } | Self::If { .. } | Self::For { last: Last::Body, .. } => 2,
            Self::Match { .. }
            | Self::Scope { .. }
            | Self::For { last: Last::Complete | Last::Never, .. } => 1,
            Self::Never
            | Self::Null
            | Self::Fail { .. }
            | Self::Call { .. }
            | Self::Let { .. }
            | Self::Push { .. }
            | Self::Snapshot { .. }
            | Self::Await { .. }
            | Self::Visit { .. }
            | Self::Next { .. }
            | Self::Return { .. } => 0,
        }
    }

    /// Whether it goes on when its first child, the body, has failed with something that can be
    /// caught.
    #[must_use]
    pub const fn catches(&self) -> bool {
        matches!(self, Self::Try { .. } | Self::For { mode: LoopMode::UntilSuccess, .. })
    }

    /// The slot that it writes.
    #[must_use]
    pub const fn written_slot(&self) -> Option<SlotId> {
        match self {
            Self::Try { error } => *error,
            Self::Call { output: Output::Slot(slot), .. }
            | Self::Let { slot, .. }
            | Self::Snapshot { slot, .. }
            | Self::Await { slot, .. }
            | Self::For { item: slot, .. } => Some(*slot),
            Self::Call { output: Output::Nothing | Output::Stream(_), .. }
            | Self::Seq(_)
            | Self::Par(_)
            | Self::If { .. }
            | Self::Match { .. }
            | Self::Never
            | Self::Null
            | Self::Fail { .. }
            | Self::Push { .. }
            | Self::Visit { .. }
            | Self::Next { .. }
            | Self::Scope { .. }
            | Self::Return { .. } => None,
        }
    }

    /// The stream that it reads or writes. A scope only makes streams.
    #[must_use]
    pub const fn used_stream(&self) -> Option<StreamId> {
        match self {
            Self::Call { output: Output::Stream(stream), .. }
            | Self::Push { stream, .. }
            | Self::Snapshot { stream, .. }
            | Self::Await { stream, .. }
            | Self::For { iterable: Iterable::Live(stream), .. } => Some(*stream),
            Self::Call { output: Output::Nothing | Output::Slot(_), .. }
            | Self::For { iterable: Iterable::Array(_) | Iterable::Entries(_), .. }
            | Self::Seq(_)
            | Self::Par(_)
            | Self::Try { .. }
            | Self::If { .. }
            | Self::Match { .. }
            | Self::Never
            | Self::Null
            | Self::Fail { .. }
            | Self::Let { .. }
            | Self::Visit { .. }
            | Self::Next { .. }
            | Self::Scope { .. }
            | Self::Return { .. } => None,
        }
    }

    /// Where it happens, if it happens at a place.
    #[must_use]
    pub const fn place(&self) -> Option<PlaceId> {
        match self {
            Self::Call { place, .. }
            | Self::Snapshot { place, .. }
            | Self::Await { place, .. }
            | Self::Visit { place } => Some(*place),
            Self::Seq(_)
            | Self::Par(_)
            | Self::Try { .. }
            | Self::If { .. }
            | Self::Match { .. }
            | Self::Never
            | Self::Null
            | Self::Fail { .. }
            | Self::Let { .. }
            | Self::Push { .. }
            | Self::For { .. }
            | Self::Next { .. }
            | Self::Scope { .. }
            | Self::Return { .. } => None,
        }
    }

    /// The type that its result must fit.
    #[must_use]
    pub const fn declared(&self) -> Option<ShapeId> {
        if let Self::Call { returns, .. } = self { *returns } else { None }
    }

    /// The expressions that it evaluates, those of its place left out.
    pub fn exprs(&self) -> impl Iterator<Item = ExprId> {
        let (some, many): ([Option<ExprId>; 2], &[ExprId]) = match self {
            Self::If { condition: one }
            | Self::Fail { error: one }
            | Self::Let { expr: one, .. }
            | Self::Await { count: one, .. }
            | Self::For { iterable: Iterable::Array(one) | Iterable::Entries(one), .. } => {
                ([Some(*one), None], &[])
            }
            Self::Match { left, right, .. } => ([Some(*left), Some(*right)], &[]),
            Self::Call { service, function, args, .. } => ([Some(*service), Some(*function)], args),
            Self::Push { key, value, .. } => ([*key, Some(*value)], &[]),
            Self::Return { values } => ([None, None], values),
            Self::Seq(_)
            | Self::Par(_)
            | Self::Try { .. }
            | Self::Never
            | Self::Null
            | Self::Snapshot { .. }
            | Self::Visit { .. }
            | Self::For { iterable: Iterable::Live(_), .. }
            | Self::Next { .. }
            | Self::Scope { .. } => ([None, None], &[]),
        };
        some.into_iter().flatten().chain(many.iter().copied())
    }
}

impl Place {
    /// The expressions that name its peer and its relays.
    pub fn exprs(&self) -> impl Iterator<Item = ExprId> {
        core::iter::once(self.peer).chain(self.via.iter().copied())
    }
}

impl Expr {
    /// The expressions that it is made of, in the order in which they are written.
    pub fn parts(&self) -> impl Iterator<Item = ExprId> {
        let (some, many): ([Option<ExprId>; 3], &[ExprId]) = match self {
            Self::Const(_) | Self::Arg(_) | Self::Slot(_) | Self::Fact(_) | Self::Object(_) => {
                ([None; 3], &[])
            }
            Self::Field { of, .. }
            | Self::Length(of)
            | Self::Not(of)
            | Self::Keys(of)
            | Self::Grouped(of)
            | Self::Raise(of)
            | Self::Thrown(of)
            | Self::Named { of, .. }
            | Self::Update { of, .. } => ([Some(*of), None, None], &[]),
            Self::Index { of: a, index: b, .. }
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Binary { left: a, right: b, .. }
            | Self::Contains { map: a, key: b } => ([Some(*a), Some(*b), None], &[]),
            Self::Choose { condition, then, otherwise } => {
                ([Some(*condition), Some(*then), Some(*otherwise)], &[])
            }
            Self::Array(parts) | Self::First(parts) | Self::Either(parts) => ([None; 3], parts),
        };
        some.into_iter()
            .flatten()
            .chain(many.iter().copied())
            .chain(self.fields().iter().map(|(_, value)| *value))
    }

    /// The texts that it names: fields, and what a value is called.
    pub fn names(&self) -> impl Iterator<Item = TextId> {
        let one = if let Self::Field { name, .. } | Self::Named { name, .. } = self {
            Some(*name)
        } else {
            None
        };
        one.into_iter().chain(self.fields().iter().map(|(name, _)| *name))
    }

    fn fields(&self) -> &[(TextId, ExprId)] {
        if let Self::Object(fields) | Self::Update { fields, .. } = self { fields } else { &[] }
    }
}

impl Shape {
    /// The types that it is made of, in the order in which they are written.
    pub fn parts(&self) -> impl Iterator<Item = ShapeId> {
        let one = if let Self::Array(of) | Self::Option(of) = self { Some(*of) } else { None };
        one.into_iter().chain(self.fields().iter().map(|field| field.shape))
    }

    /// The names of its fields.
    pub fn names(&self) -> impl Iterator<Item = TextId> {
        self.fields().iter().map(|field| field.name)
    }

    fn fields(&self) -> &[ShapeField] {
        if let Self::Object(fields) = self { fields } else { &[] }
    }
}
