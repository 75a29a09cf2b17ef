//! What one logical line is, before the assembler gives it a body and neighbours.

use aquac_base::Span;

use crate::ast::{
    DeclarationKind, Expression, HeadLine, Header, Ident, Member, StatementKind, Try,
};

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
    /// `field = value`, with the place of the `=`.
    Field(Ident, Span, Expression),
}

impl Item {
    /// Whether lines below it can be its body.
    pub(crate) fn opens(&self) -> bool {
        match self {
            Self::Header(_) | Self::Head(_) | Self::Member(_) => false,
            Self::Else(_) | Self::ElseIf(..) | Self::Otherwise(_) | Self::Catch(..) => true,
            Self::Declaration(_, kind) => declaration_opens(kind),
            Self::Statement(_, kind) => statement_opens(kind),
        }
    }
}

fn declaration_opens(kind: &DeclarationKind) -> bool {
    match kind {
        DeclarationKind::Alias(_) | DeclarationKind::Const(_) => false,
        DeclarationKind::Data(_)
        | DeclarationKind::Service(_)
        | DeclarationKind::Ability(_)
        | DeclarationKind::Function(_) => true,
    }
}

fn statement_opens(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::For(_)
        | StatementKind::Parseq(_)
        | StatementKind::On(_)
        | StatementKind::If(_)
        | StatementKind::Try(Try { .. })
        | StatementKind::Closure(_) => true,
        StatementKind::ServiceId { .. }
        | StatementKind::Push(_)
        | StatementKind::Par(_)
        | StatementKind::Co { .. }
        | StatementKind::Join { .. }
        | StatementKind::Declare { .. }
        | StatementKind::Assign(_)
        | StatementKind::Bind(_)
        | StatementKind::Value(_)
        | StatementKind::Return(_)
        | StatementKind::Damaged { .. } => false,
    }
}
