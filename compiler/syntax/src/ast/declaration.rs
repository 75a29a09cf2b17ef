//! Declarations: data, services, abilities, aliases, constants, functions.

use aquac_base::Span;

use super::{ArrowType, Block, Expression, Ident, Path, Type};

/// A declaration where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The first line, without the body.
    pub span: Span,
    /// The `--` lines directly above, if any: from the first `--` to the end of the last.
    pub doc: Option<Span>,
    /// The word it starts with: `func`, `data` …
    pub keyword: Span,
    /// What it declares.
    pub kind: DeclarationKind,
}

/// The kinds of declarations.
#[derive(Debug, Clone, PartialEq)]
pub enum DeclarationKind {
    /// `data Name:`
    Data(Data),
    /// `service Name("id"):`
    Service(Service),
    /// `ability Name:`
    Ability(Ability),
    /// `alias Name: T`
    Alias(Alias),
    /// `const NAME = value`
    Const(Const),
    /// `func name(…):`
    Function(Function),
}

impl Declaration {
    /// The declared name.
    #[must_use]
    pub fn name(&self) -> &Ident {
        match &self.kind {
            DeclarationKind::Data(data) => &data.name,
            DeclarationKind::Service(service) => &service.name,
            DeclarationKind::Ability(ability) => &ability.name,
            DeclarationKind::Alias(alias) => &alias.name,
            DeclarationKind::Const(constant) => &constant.name,
            DeclarationKind::Function(function) => &function.name,
        }
    }
}

/// `data Name:` with its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// The new type.
    pub name: Ident,
    /// Its fields; empty only if the body is missing or unreadable, which has been reported.
    pub fields: Vec<Field>,
}

/// `service Name("id"):` with its methods.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// The new service.
    pub name: Ident,
    /// The id it has unless a statement says otherwise.
    pub id: Option<Expression>,
    /// Its methods; empty only if the body is missing or unreadable, which has been reported.
    pub methods: Vec<Method>,
}

/// `ability Name:` with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    /// The new ability.
    pub name: Ident,
    /// Its fields and methods; empty only if the body is missing or unreadable, which has been
    /// reported.
    pub members: Vec<Member>,
}

/// A line in the body of an ability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// `name: T`
    Field(Field),
    /// `name(…) -> R` or `name: A -> R`
    Method(Method),
}

/// `name: T` in a `data` or an `ability`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The `--` lines directly above, if any.
    pub doc: Option<Span>,
    /// The field.
    pub name: Ident,
    /// Its type.
    pub kind: Type,
}

/// A method of a service or an ability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// The `--` lines directly above, if any.
    pub doc: Option<Span>,
    /// The method.
    pub name: Ident,
    /// Parameters and results.
    pub form: MethodForm,
}

/// The two ways to write a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodForm {
    /// `name(a: T) -> R`
    Named(Signature),
    /// `name: T -> R`, with the place of the type.
    Bare(ArrowType, Span),
}

/// `alias Name: T`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The new name.
    pub name: Ident,
    /// What it stands for.
    pub kind: Type,
}

/// `const NAME = value`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Const {
    /// The new constant.
    pub name: Ident,
    /// `=` or `?=`.
    pub operator: Span,
    /// Written with `?=`.
    pub overridable: bool,
    /// A literal or a name; `Error` if it was anything else, which has been reported.
    pub value: Expression,
}

/// `func name{Ability}(x: T) -> R:` with its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The new function.
    pub name: Ident,
    /// Parameters and results.
    pub signature: Signature,
    /// What it does.
    pub body: Block,
}

/// Parameters and results of a function, closure or method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// From the first brace or parenthesis to the last result.
    pub span: Span,
    /// Ability parameters in braces.
    pub abilities: Vec<Path>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The `->`, if there is one.
    pub arrow: Option<Span>,
    /// Types of the results.
    pub results: Vec<Type>,
}

/// `name: T`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The parameter.
    pub name: Ident,
    /// Its type; `Error` if it is missing, which has been reported.
    pub kind: Type,
}
