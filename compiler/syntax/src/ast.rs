//! The syntax tree: what a module says, before anyone asks what it means.
//!
//! Owned and complete: every node that a message may point at has a [`Span`]. The tree is total:
//! a damaged line leaves a node (`Error`, `Damaged`) behind which the parser has already
//! reported, so that later passes stay silent about it. Words are contextual, so a name may be
//! spelled like any keyword.

use aquac_base::{Name, SourceId, Span};

mod declaration;
mod expression;
mod header;
mod statement;
mod types;

pub use declaration::{
    Ability, Alias, Const, Data, Declaration, DeclarationKind, Field, Function, Member, Method,
    MethodForm, Parameter, Service, Signature,
};
pub use expression::{
    Argument, BinaryOperator, Call, CallText, Chain, Collection, CollectionKind, Construct, Copy,
    Expression, ExpressionKind, Literal, LiteralKind, Step, Value, ValueKind,
};
pub use header::{Declares, Export, HeadLine, Header, Import, ImportItem, StringText, Use};
pub use statement::{
    Assign, Attempt, Bind, Block, Branch, Catch, Closure, Else, For, ForMode, Handler, If, On,
    Otherwise, Par, Parseq, Push, Return, Statement, StatementKind, Try, Via,
};
pub use types::{ArrowType, Scalar, Type, TypeKind};

/// A name where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// The spelling.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// One or more names joined by dots: `Lib`, `Lib.Sub.Thing`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The whole spelling, dots included, blanks left out.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

impl Path {
    /// The names between the dots, each with its own place.
    pub fn parts(&self) -> impl Iterator<Item = Ident> + '_ {
        let mut start = self.span.start;
        self.name.split('.').map(move |part| {
            let end = start.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
            let span = Span::new(self.span.source, start, end.min(self.span.end));
            start = end.saturating_add(1);
            Ident { name: Name::new(part), span }
        })
    }

    /// Whether it is a single name.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        !self.name.contains('.')
    }
}

/// A whole source text.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// The text it comes from.
    pub source: SourceId,
    /// The whole text.
    pub span: Span,
    /// The `aqua` line; `None` if it is missing, which has been reported.
    pub header: Option<Header>,
    /// The other header lines, in order.
    pub head: Vec<HeadLine>,
    /// The declarations, in order.
    pub declarations: Vec<Declaration>,
    /// Names that unreadable lines would have declared or brought in; the lines have been
    /// reported, so uses of these names should not be.
    pub damaged: Vec<Ident>,
}
