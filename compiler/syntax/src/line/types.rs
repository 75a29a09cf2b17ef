//! Types between commas and arrows, and which of them belong together.
//!
//! A bare arrow is greedy: in `A, B -> C, D` the arrow takes what is before it back to the last
//! parenthesis and everything behind it. Where that stops depends on where the types stand, so
//! the grammar reads them flat and this module puts them together.

use aquac_base::Span;

use crate::ast::{ArrowType, Path, Type, TypeKind};

/// Types as they stand in a line, not yet put together.
#[derive(Debug)]
pub(crate) enum Sequence {
    /// One type, and whether it stands in parentheses.
    One(Type, bool),
    /// Types between commas.
    List(Vec<Item>),
    /// Types before an arrow, and what is behind it.
    Arrow(Box<Arrow>),
}

/// A type, and whether it stands in parentheses.
type Item = (Type, bool);

/// Types before an arrow, and what is behind it.
#[derive(Debug)]
pub(crate) struct Arrow {
    abilities: Vec<Path>,
    items: Vec<Item>,
    arrow: Span,
    tail: Tail,
}

/// What is behind an arrow.
#[derive(Debug)]
pub(crate) enum Tail {
    /// `()`, with the place of the last parenthesis.
    Unit(Span),
    /// Types.
    Types(Box<Sequence>),
}

impl Tail {
    /// The types, and where they end.
    pub(crate) fn into_results(self) -> (Vec<Type>, Option<Span>) {
        match self {
            Self::Unit(end) => (Vec::new(), Some(end)),
            Self::Types(types) => {
                let results = types.into_results();
                let end = results.last().map(|result| result.span);
                (results, end)
            }
        }
    }
}

impl Sequence {
    /// A single type.
    pub(crate) fn one(one: Type, grouped: bool) -> Self {
        Self::One(one, grouped)
    }

    /// Types before an arrow, and what is behind it.
    pub(crate) fn arrow(items: Vec<Item>, arrow: Span, tail: Tail) -> Self {
        Self::Arrow(Box::new(Arrow { abilities: Vec::new(), items, arrow, tail }))
    }

    /// This, an arrow, and what is behind it.
    pub(crate) fn before_arrow(self, arrow: Span, tail: Tail) -> Self {
        Self::arrow(self.into_items(), arrow, tail)
    }

    /// This, a comma, and one more.
    pub(crate) fn and(self, item: Self) -> Self {
        match self {
            Self::One(..) | Self::List(_) => {
                let mut items = self.into_items();
                items.extend(item.into_items());
                Self::List(items)
            }
            Self::Arrow(_) => self,
        }
    }

    /// Abilities in braces before this.
    pub(crate) fn with_abilities(mut self, abilities: Vec<Path>) -> Self {
        if let Self::Arrow(arrow) = &mut self {
            arrow.abilities = abilities;
        }
        self
    }

    /// The types as if none of them stood before an arrow.
    fn into_items(self) -> Vec<Item> {
        match self {
            Self::One(one, grouped) => vec![(one, grouped)],
            Self::List(items) => items,
            Self::Arrow(arrow) => vec![(arrow.into_type(), false)],
        }
    }

    /// One type, and what stands behind it after commas although nothing can.
    pub(crate) fn into_one(self) -> (Type, Vec<Type>) {
        match self {
            Self::One(one, _) => (one, Vec::new()),
            Self::List(items) => {
                let mut types = ungroup(items);
                let rest = types.split_off(1);
                (types.pop().expect("a list has at least two items"), rest)
            }
            Self::Arrow(arrow) => (arrow.into_type(), Vec::new()),
        }
    }

    /// Results after an arrow: types, the last of which may be a bare arrow.
    pub(crate) fn into_results(self) -> Vec<Type> {
        match self {
            Self::One(one, _) => vec![one],
            Self::List(items) => ungroup(items),
            Self::Arrow(mut arrow) => {
                let group = arrow.items.iter().rposition(|(_, grouped)| *grouped);
                let parameters = arrow.items.split_off(group.map_or(0, |at| at + 1));
                let mut results = ungroup(std::mem::replace(&mut arrow.items, parameters));
                results.push(arrow.into_type());
                results
            }
        }
    }
}

fn ungroup(items: Vec<Item>) -> Vec<Type> {
    items.into_iter().map(|(item, _)| item).collect()
}

impl Arrow {
    fn into_type(self) -> Type {
        let (arrow, span) = self.into_arrow();
        Type { span, kind: TypeKind::Arrow(Box::new(arrow)) }
    }

    /// The function type and its place.
    pub(crate) fn into_arrow(self) -> (ArrowType, Span) {
        let Self { abilities, items, arrow, tail } = self;
        let parameters = ungroup(items);
        let (results, end) = tail.into_results();
        let ends = [
            abilities.first().map(|path| path.span),
            parameters.first().map(|parameter| parameter.span),
            end,
        ];
        let span = ends.into_iter().flatten().fold(arrow, Span::to);
        (ArrowType { abilities, parameters, arrow, results }, span)
    }
}
