//! Statements, already grouped: `else` belongs to its `if`, `catch` and `otherwise` to what they
//! guard, `par` branches to what they run beside.

use aquac_base::Span;

use super::{Expression, Ident, Path, Signature, Type};

/// The statements of a body, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// The statements. Empty only if the body is missing, which has been reported.
    pub statements: Vec<Statement>,
}

/// A statement where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The line itself; without its body if it has one. For a group, its first line.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `Name "id"`: the service has this id from here on.
    ServiceId {
        /// The service.
        service: Path,
        /// Its id.
        id: Expression,
    },
    /// `stream <<- value`, `map <<- key, value`
    Push(Push),
    /// `for x <- xs:`
    For(For),
    /// `parseq x <- xs on peer:`
    Parseq(Parseq),
    /// `on peer via relay:`
    On(On),
    /// `if condition:` with its `else:`
    If(If),
    /// `try:` or any guarded statement, with `catch` and `otherwise`
    Try(Try),
    /// A statement and what runs beside it.
    Par(Par),
    /// `co statement`: runs detached.
    Co {
        /// The word `co`.
        keyword: Span,
        /// What is detached.
        statement: Box<Statement>,
    },
    /// `join a[1], b!`
    Join {
        /// The word `join`.
        keyword: Span,
        /// What is waited for.
        values: Vec<Expression>,
    },
    /// `name: *T`
    Declare {
        /// The new stream (or map).
        name: Ident,
        /// Its type, which need not be a stream: the checker says so.
        kind: Type,
    },
    /// `name = (x: u8) -> u8:`
    Closure(Box<Closure>),
    /// `name = value`
    Assign(Assign),
    /// `a, b <- call()`
    Bind(Bind),
    /// A value alone on its line; it should be a call, which the checker says.
    Value(Expression),
    /// `<- a, b`. Outside the direct body of a function it is misplaced, which has been reported.
    Return(Return),
    /// A line that could not be read; reported. What it seems to bind, and its body.
    Damaged {
        /// Names that the line would have bound.
        binds: Vec<Ident>,
        /// The lines below it.
        body: Block,
    },
}

/// `stream <<- value`, `map <<- key, value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Push {
    /// The stream or map.
    pub target: Ident,
    /// The `<<-`.
    pub operator: Span,
    /// The key, for a map.
    pub key: Option<Expression>,
    /// What is pushed.
    pub value: Expression,
}

/// `for item, second <- source mode:`
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// The word `for`.
    pub keyword: Span,
    /// The loop variable (the key, if there are two).
    pub item: Ident,
    /// The second loop variable: the value of a map's entry.
    pub second: Option<Ident>,
    /// What is iterated.
    pub source: Expression,
    /// `par`, `try` or `rec`, with its place.
    pub mode: Option<(ForMode, Span)>,
    /// The iterated lines.
    pub body: Block,
}

/// The word at the end of a `for` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForMode {
    /// All elements in parallel, detached.
    Par,
    /// One after another until one succeeds.
    Try,
    /// Over a live stream, detached.
    Rec,
}

/// `parseq item, second <- source on peer via relay:`
#[derive(Debug, Clone, PartialEq)]
pub struct Parseq {
    /// The word `parseq`.
    pub keyword: Span,
    /// The loop variable (the key, if there are two).
    pub item: Ident,
    /// The second loop variable: the value of a map's entry.
    pub second: Option<Ident>,
    /// What is iterated.
    pub source: Expression,
    /// The word `on`.
    pub on: Span,
    /// Where each iteration runs.
    pub peer: Expression,
    /// The relays on the way.
    pub via: Vec<Via>,
    /// The iterated lines.
    pub body: Block,
}

/// `on peer via relay:`
#[derive(Debug, Clone, PartialEq)]
pub struct On {
    /// The word `on`.
    pub keyword: Span,
    /// Where the body runs.
    pub peer: Expression,
    /// The relays on the way, in order.
    pub via: Vec<Via>,
    /// What runs there.
    pub body: Block,
}

/// `via relay`.
#[derive(Debug, Clone, PartialEq)]
pub struct Via {
    /// The word `via`.
    pub keyword: Span,
    /// A relay or a collection of them.
    pub relay: Expression,
}

/// `if condition:` … `else:`
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// The word `if`.
    pub keyword: Span,
    /// The condition.
    pub condition: Expression,
    /// What runs if it holds.
    pub body: Block,
    /// What runs otherwise.
    pub otherwise: Option<Else>,
}

/// `else:`
#[derive(Debug, Clone, PartialEq)]
pub struct Else {
    /// The word `else`.
    pub keyword: Span,
    /// What runs.
    pub body: Block,
}

/// Something that may fail, and the alternatives.
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    /// What is tried first.
    pub attempt: Attempt,
    /// The alternatives, in order. None after a lone `try:`, which swallows the error.
    pub handlers: Vec<Handler>,
}

/// What is tried first.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// `try:`
    Block {
        /// The word `try`.
        keyword: Span,
        /// What is tried.
        body: Block,
    },
    /// The item before an `otherwise:`.
    Statement(Box<Statement>),
}

/// An alternative to something that failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Handler {
    /// `catch e:`
    Catch(Catch),
    /// `otherwise:`
    Otherwise(Otherwise),
}

/// `catch e:`
#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    /// The word `catch`.
    pub keyword: Span,
    /// The variable that holds the error.
    pub name: Ident,
    /// What runs then.
    pub body: Block,
}

/// `otherwise:`
#[derive(Debug, Clone, PartialEq)]
pub struct Otherwise {
    /// The word `otherwise`.
    pub keyword: Span,
    /// What runs then.
    pub body: Block,
}

/// A statement and what runs beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Par {
    /// The first branch: the item before the first `par`.
    pub first: Box<Statement>,
    /// The other branches; at least one.
    pub branches: Vec<Branch>,
}

/// `par statement`.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The word `par`.
    pub keyword: Span,
    /// What runs in this branch.
    pub statement: Statement,
}

/// `name = func {Ability}(x: u8) -> u8:`
#[derive(Debug, Clone, PartialEq)]
pub struct Closure {
    /// The new name.
    pub name: Ident,
    /// The word `func` after the `=`: then it runs where it is called, not where it is defined.
    pub func: Option<Span>,
    /// Parameters and results.
    pub signature: Signature,
    /// What it does.
    pub body: Block,
}

/// `name = value`
#[derive(Debug, Clone, PartialEq)]
pub struct Assign {
    /// The new name.
    pub name: Ident,
    /// The `=`.
    pub operator: Span,
    /// The value.
    pub value: Expression,
}

/// `a, b <- call()`
#[derive(Debug, Clone, PartialEq)]
pub struct Bind {
    /// New names, or streams that receive the result.
    pub targets: Vec<Ident>,
    /// The `<-`.
    pub arrow: Span,
    /// Should end in a call, which the checker says.
    pub value: Expression,
}

/// `<- a, b`
#[derive(Debug, Clone, PartialEq)]
pub struct Return {
    /// The `<-`.
    pub arrow: Span,
    /// What is returned.
    pub values: Vec<Expression>,
}
