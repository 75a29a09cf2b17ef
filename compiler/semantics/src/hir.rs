//! The program after names are resolved and types are checked: what lowering reads.
//!
//! Everything that has an identity lives in an arena of [`Program`] and is referred to by its id:
//! functions (closures included), services, constants, locals, expressions. Statements form trees
//! of [`Block`]s that mirror the source. Nothing refers to a name any more, except the fields of
//! structural types.
//!
//! Conversions that the language leaves implicit are nodes here: where a stream meets a place
//! that wants an array there is an [`ExprKind::Snapshot`].

mod expression;
mod statement;

use aquac_base::{Arena, Id, Name, SourceId, Span};

pub use expression::{
    BinaryOperator, Builtin, Call, Callee, CollectionKind, Expr, ExprId, ExprKind, FieldValue,
    Literal, LiteralKind, MapMethod,
};
pub use statement::{
    Block, Handler, HandlerKind, LoopItem, LoopMode, Stmt, StmtKind, Target, Targets,
};

use crate::graph::ModuleId;
use crate::types::{RecordId, TypeId};

/// A function or closure, by its number in [`Program::functions`].
pub type FunctionId = Id<Function>;
/// A declared service.
pub type ServiceId = Id<Service>;
/// A declared constant.
pub type ConstantId = Id<Constant>;
/// A local name: parameter, variable, stream …
pub type LocalId = Id<Local>;

/// Every module of the compilation, resolved and typed.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// In the order of the [`ModuleGraph`](crate::ModuleGraph), with the same numbers.
    pub modules: Vec<Module>,
    /// Functions and closures, in the order in which they are defined.
    pub functions: Arena<Function>,
    /// Services.
    pub services: Arena<Service>,
    /// Constants.
    pub constants: Arena<Constant>,
    /// Named types, for editors; lowering needs only the types of expressions.
    pub type_declarations: Vec<TypeDeclaration>,
    /// Local names of all functions.
    pub locals: Arena<Local>,
    /// Expressions of all functions. Ids of children are smaller than those of their parents.
    pub exprs: Arena<Expr>,
    /// Every use of a declared thing, in no particular order, for editors.
    pub references: Vec<Reference>,
}

/// One module.
#[derive(Debug, Clone)]
pub struct Module {
    /// The name in the `aqua` line; empty if there is none.
    pub name: Name,
    /// The text it comes from.
    pub source: SourceId,
    /// Whether it was asked for, rather than only imported.
    pub entry: bool,
    /// Its own functions, in order.
    pub functions: Vec<FunctionId>,
    /// Its own services, in order.
    pub services: Vec<ServiceId>,
    /// Its own constants, in order.
    pub constants: Vec<ConstantId>,
}

/// A top-level function or a closure.
#[derive(Debug, Clone)]
pub struct Function {
    /// As declared.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// From `func` (or the closure's name) to the end of the signature.
    pub span: Span,
    /// The module it belongs to.
    pub module: ModuleId,
    /// Top-level or closure.
    pub kind: FunctionKind,
    /// An arrow type.
    pub ty: TypeId,
    /// Ability parameters first, then the others.
    pub parameters: Vec<LocalId>,
    /// The declared results.
    pub results: Vec<TypeId>,
    /// What it does. The return line is not in it.
    pub body: Block,
    /// One value for each result, evaluated after the whole body, left to right. Fewer only if
    /// that has been reported.
    pub returns: Vec<ExprId>,
    /// The return line, if there is one.
    pub return_span: Option<Span>,
    /// From the `->` to the last declared result.
    pub results_span: Option<Span>,
}

/// What kind of function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionKind {
    /// Declared by `func` at the top of a module.
    Top,
    /// Defined by `name = (…):` in a body.
    Closure {
        /// `true` for `name = func (…):`, which runs wherever it is called. Otherwise a call goes
        /// to the place (and through the relays) where the closure was defined, and back.
        detached: bool,
        /// Locals of the surrounding functions that it uses, each once, in order of first use:
        /// values and service ids as of the definition, streams by reference.
        captures: Vec<LocalId>,
    },
}

/// A declared service.
#[derive(Debug, Clone)]
pub struct Service {
    /// As declared.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// The declaration's first line, from `service`.
    pub span: Span,
    /// The module it belongs to.
    pub module: ModuleId,
    /// Its type: a [`Type::Service`](crate::Type::Service).
    pub ty: TypeId,
    /// Its methods.
    pub record: RecordId,
    /// The id it has where no statement gives another one. Shared by all uses.
    pub default_id: Option<ExprId>,
}

/// A constant: declared, given from outside, or built in.
#[derive(Debug, Clone)]
pub struct Constant {
    /// As declared.
    pub name: Name,
    /// Where the name stands; `None` if given from outside.
    pub name_span: Option<Span>,
    /// A literal, a built-in, the empty collection, or another constant.
    pub value: ExprId,
    /// The value's type; a literal's type stays a literal type.
    pub ty: TypeId,
}

/// A `data`, `ability` or `alias`.
#[derive(Debug, Clone)]
pub struct TypeDeclaration {
    /// As declared.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// What it is, or stands for.
    pub ty: TypeId,
}

/// A name in a function body.
#[derive(Debug, Clone)]
pub struct Local {
    /// As spelled; a dotted path for an ability parameter `{M.Ab}`.
    pub name: Name,
    /// The name, where it is bound.
    pub span: Span,
    /// Name and type for parameters and streams; the name alone for the others.
    pub declaration: Span,
    /// What it holds.
    pub ty: TypeId,
    /// How it is bound.
    pub kind: LocalKind,
    /// The function or closure whose body binds it.
    pub function: FunctionId,
    /// Whether anything reads it, pushes to it or calls it.
    pub used: bool,
}

/// How a local is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalKind {
    /// A parameter in braces.
    AbilityParameter,
    /// An ordinary parameter.
    Parameter,
    /// `x = e`
    Variable,
    /// `x <- f()`
    Result,
    /// `s: *T` or `m: %T`. Fresh each time the innermost function body, branch or loop body
    /// around it is entered (not `on`, `par`, `co`).
    Stream,
    /// The variable of a `for` or `parseq`.
    Item,
    /// The error that `catch` binds: a copy taken when the handler starts.
    Fault,
    /// `f = (…):`
    Closure,
    /// The id given by a statement `Srv "id"`; has no name in the source, `name` is the service's.
    ServiceId,
}

/// A use of something declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// Where it is used: the name alone.
    pub span: Span,
    /// What is used.
    pub to: Definition,
}

/// Something that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Definition {
    /// A function.
    Function(FunctionId),
    /// A service.
    Service(ServiceId),
    /// A constant.
    Constant(ConstantId),
    /// A local.
    Local(LocalId),
    /// A `data`, `ability` or alias of one: the place of its declaration's name or type.
    Type(TypeId),
    /// A field or method, by the place of its declaration.
    Field(Span),
    /// A module, brought by `import` or `use`.
    Module(ModuleId),
}
