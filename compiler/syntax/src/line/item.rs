//! What one logical line is, before the assembler gives it a body and neighbours.

use aquac_base::Span;

use crate::ast::{DeclarationKind, Expression, HeadLine, Header, Ident, Member, StatementKind};

/// One line.
#[derive(Debug)]
pub(crate) enum Item {
    /// `aqua …`
    Header(Header),
    /// `import`, `use`, `export`
    Head(HeadLine),
    /// A declaration and its first word; its body is still empty.
    Declaration(Span, DeclarationKind),
    /// A line of `data`, `service`, `ability`.
    Member(Member),
    /// A statement; its body is still empty.
    Statement(Prefix, StatementKind),
    /// `else:`, with what follows it if somebody wrote `else if`.
    Else(Span),
    /// `else if …:` has been reported and is an `if` in an `else`.
    ElseIf(Span, StatementKind),
    /// `otherwise:`
    Otherwise(Span),
    /// `catch name:`
    Catch(Span, Ident),
}

/// The word before a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// No word.
    None,
    /// `par`
    Par(Span),
    /// `co`
    Co(Span),
}

/// What stands between the parentheses of a call or a constructor.
#[derive(Debug)]
pub(crate) enum Given {
    /// A value.
    Value(Expression),
    /// `field = value`, with the place of the `=`. Boxed, as every symbol of the parser is as big
    /// as the biggest.
    Field(Box<(Ident, Span, Expression)>),
}
