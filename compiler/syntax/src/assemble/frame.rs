//! An open block: the line that opened it and what has been read of its body.

use aquac_base::Span;

use crate::ast::{Block, DeclarationKind, Ident, Member, Statement, StatementKind};
use crate::layout::Line;
use crate::line::feed::Mode;
use crate::line::item::{Item, Prefix};

/// An open block.
pub(super) struct Frame {
    pub(super) head: Head,
    /// The line that opened it.
    pub(super) line: Line,
    /// Its first line, with which all others are aligned.
    pub(super) child: Option<Line>,
    /// Whether that line has a problem, so that its indentation may be wrong too.
    pub(super) doubtful: bool,
    /// Bytes of the indentation that was last reported in this block.
    pub(super) misaligned: Option<(u32, u32)>,
    /// Whether a missing body has been reported or does not matter.
    pub(super) quiet: bool,
    pub(super) statements: Vec<Statement>,
    pub(super) members: Vec<Member>,
    /// How many groups are nested in the last statement.
    pub(super) groups: u32,
    /// The problem of its first line, if that is a word of another language.
    pub(super) foreign_word: Option<usize>,
    /// Misplaced returns below this function, and the line that opens the block of the first.
    pub(super) returns: Option<(Vec<Span>, Span)>,
}

/// The line that opened a block.
pub(super) enum Head {
    Declaration {
        span: Span,
        doc: Option<Span>,
        keyword: Span,
        kind: DeclarationKind,
    },
    Statement {
        span: Span,
        prefix: Prefix,
        kind: StatementKind,
    },
    Else {
        span: Span,
        keyword: Span,
    },
    ElseIf {
        span: Span,
        keyword: Span,
        kind: StatementKind,
    },
    Otherwise {
        span: Span,
        keyword: Span,
    },
    Catch {
        span: Span,
        keyword: Span,
        name: Ident,
    },
    /// An unreadable line in a body.
    Damaged {
        span: Span,
        binds: Vec<Ident>,
    },
    /// An unreadable function: its body is read for its mistakes only.
    DamagedFunction,
    /// Something unreadable whose body is not read.
    Skipped,
}

impl Frame {
    pub(super) fn new(head: Head, line: Line, quiet: bool) -> Self {
        Self {
            head,
            line,
            child: None,
            doubtful: false,
            misaligned: None,
            quiet,
            statements: Vec::new(),
            members: Vec::new(),
            groups: 0,
            foreign_word: None,
            returns: None,
        }
    }

    /// How lines in this block are read; `None` if they are not.
    pub(super) fn mode(&self) -> Option<Mode> {
        match &self.head {
            Head::Declaration { kind, .. } => match kind {
                DeclarationKind::Data(_)
                | DeclarationKind::Service(_)
                | DeclarationKind::Ability(_) => Some(Mode::Members),
                DeclarationKind::Alias(_)
                | DeclarationKind::Const(_)
                | DeclarationKind::Function(_) => Some(Mode::Body),
            },
            Head::Statement { .. }
            | Head::Else { .. }
            | Head::ElseIf { .. }
            | Head::Otherwise { .. }
            | Head::Catch { .. }
            | Head::Damaged { .. }
            | Head::DamagedFunction => Some(Mode::Body),
            Head::Skipped => None,
        }
    }

    /// The type that it returns, if it is a function with one result.
    pub(super) fn result(&self) -> Option<Span> {
        let signature = match &self.head {
            Head::Declaration { kind: DeclarationKind::Function(function), .. } => {
                &function.signature
            }
            Head::Statement { kind: StatementKind::Closure(closure), .. } => &closure.signature,
            Head::Declaration { .. }
            | Head::Statement { .. }
            | Head::Else { .. }
            | Head::ElseIf { .. }
            | Head::Otherwise { .. }
            | Head::Catch { .. }
            | Head::Damaged { .. }
            | Head::DamagedFunction
            | Head::Skipped => return None,
        };
        let [result] = signature.results.as_slice() else { return None };
        Some(result.span)
    }

    /// Whether the line that opened it could not be read.
    pub(super) fn is_damaged(&self) -> bool {
        matches!(self.head, Head::Damaged { .. } | Head::DamagedFunction | Head::Skipped)
    }

    /// What it declares, if it is the body of a declaration.
    pub(super) fn declares(&self) -> Option<&DeclarationKind> {
        match &self.head {
            Head::Declaration { kind, .. } => Some(kind),
            Head::Statement { .. }
            | Head::Else { .. }
            | Head::ElseIf { .. }
            | Head::Otherwise { .. }
            | Head::Catch { .. }
            | Head::Damaged { .. }
            | Head::DamagedFunction
            | Head::Skipped => None,
        }
    }

    /// Whether `<-` may stand directly in it.
    pub(super) fn returns_here(&self) -> bool {
        match &self.head {
            Head::Declaration { .. } | Head::DamagedFunction | Head::Skipped => true,
            Head::Statement { kind, .. } => matches!(kind, StatementKind::Closure(_)),
            Head::Else { .. }
            | Head::ElseIf { .. }
            | Head::Otherwise { .. }
            | Head::Catch { .. }
            | Head::Damaged { .. } => false,
        }
    }

    /// The statements of its body.
    pub(super) fn block(&mut self) -> Block {
        Block { statements: std::mem::take(&mut self.statements) }
    }
}

/// Whether a statement has a body.
pub(super) fn has_body(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::For(_)
            | StatementKind::Parseq(_)
            | StatementKind::On(_)
            | StatementKind::If(_)
            | StatementKind::Try(_)
            | StatementKind::Closure(_)
    )
}

/// A line that opens a block, in words: the name it declares, or its first word.
pub(super) fn described(item: &Item, line: &str) -> String {
    let name = match item {
        Item::Declaration(_, kind) => match kind {
            DeclarationKind::Data(data) => Some(&data.name),
            DeclarationKind::Service(service) => Some(&service.name),
            DeclarationKind::Ability(ability) => Some(&ability.name),
            DeclarationKind::Alias(alias) => Some(&alias.name),
            DeclarationKind::Const(constant) => Some(&constant.name),
            DeclarationKind::Function(function) => Some(&function.name),
        },
        Item::Statement(_, StatementKind::Closure(closure)) => Some(&closure.name),
        Item::Statement(..)
        | Item::Header(_)
        | Item::Head(_)
        | Item::Member(_)
        | Item::Else(_)
        | Item::ElseIf(..)
        | Item::Otherwise(_)
        | Item::Catch(..) => None,
    };
    match name {
        Some(name) => format!("`{}`", name.name),
        None => format!("`{}`", line.split_whitespace().next().unwrap_or_default()),
    }
}
