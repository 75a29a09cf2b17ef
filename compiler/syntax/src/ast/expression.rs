//! Expressions: literals, names, calls, chains of postfix steps, collections, operators.
//!
//! What follows a value after dots and brackets is a flat [`Chain`], because qualified names are
//! found by trying prefixes of it: `A.B.f(x).c` is the head `A` with the steps `.B`, `.f(x)`,
//! `.c`.

use aquac_base::{Name, Span};

use super::Ident;

/// An expression where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExpressionKind,
}

/// The ways to write an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpressionKind {
    /// `1`, `-1`, `1.5`, `true`, `"text"`
    Literal(Literal),
    /// A variable, constant, function, or a service as a value. Its span is the expression's.
    Name(Name),
    /// `%init_peer_id%`
    InitPeer,
    /// `f(x)`, `f{a}(x)`
    Call(Box<Call>),
    /// `Point(x = 1, y)`
    Construct(Box<Construct>),
    /// A value followed by steps: `.field`, `.method()`, `[i]`, `!` …
    Chain(Box<Chain>),
    /// `[a, b]`, `?[a]`, `*[a]`
    Collection(Collection),
    /// `!e`
    Not {
        /// The `!`.
        operator: Span,
        /// What is negated.
        operand: Box<Expression>,
    },
    /// `left operator right`
    Binary {
        /// Which operator.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// Left operand.
        left: Box<Expression>,
        /// Right operand.
        right: Box<Expression>,
    },
    /// `( e )`
    Group(Box<Expression>),
    /// Missing or unreadable; reported by the parser.
    Error,
}

/// A literal. Its text is carried verbatim: numbers have any number of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// Numbers and words as spelled; strings without their quotes.
    pub text: Name,
}

/// The kinds of literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiteralKind {
    /// `true` or `false`
    Bool(bool),
    /// `12`
    Unsigned,
    /// `-12`
    Signed,
    /// `1.5`, `-1.5`
    Float,
    /// `"text"`
    String,
}

/// `name{abilities}(arguments)`, as a function call or as a step after a dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function or method.
    pub name: Ident,
    /// Values in braces; they come before the arguments.
    pub abilities: Vec<Expression>,
    /// The arguments.
    pub arguments: Vec<Expression>,
    /// From `(` to `)`.
    pub parentheses: Span,
}

/// `Name(field = e, other)`, as an expression or as a step after a dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Construct {
    /// The type.
    pub name: Ident,
    /// The fields given; at least one.
    pub arguments: Vec<Argument>,
    /// From `(` to `)`.
    pub parentheses: Span,
}

/// A field given to a constructor or to `copy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The field.
    pub name: Ident,
    /// The value; `None` for the short form, where the field is given by the variable of the
    /// same name.
    pub value: Option<Expression>,
}

/// A value and what is taken from it, left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// What the steps start from; never a chain itself.
    pub head: Expression,
    /// The steps; at least one.
    pub steps: Vec<Step>,
}

/// One postfix step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `.name`, with the place of the name.
    Field(Ident),
    /// `.name(…)`
    Method(Box<Call>),
    /// `.Name(field = …)`: the end of a qualified constructor.
    Construct(Box<Construct>),
    /// `.copy(field = …)`
    Copy(Box<Copy>),
    /// `[index]`
    Index {
        /// From `[` to `]`.
        span: Span,
        /// What is between the brackets.
        index: Box<Expression>,
    },
    /// `!`: the first element.
    First(Span),
    /// `!2`: the element at a literal index.
    At {
        /// From `!` to the last digit.
        span: Span,
        /// The digits.
        index: Ident,
    },
    /// A dot with nothing after it; reported by the parser. The place behind the dot.
    Missing(Span),
}

impl Step {
    /// Where the step stands: the name for `.name`, from the name to `)` for calls.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Field(name) => name.span,
            Self::Method(call) => call.name.span.to(call.parentheses),
            Self::Construct(construct) => construct.name.span.to(construct.parentheses),
            Self::Copy(copy) => copy.keyword.to(copy.parentheses),
            Self::Index { span, .. }
            | Self::First(span)
            | Self::At { span, .. }
            | Self::Missing(span) => *span,
        }
    }
}

/// `.copy(field = e)`: the same struct with some fields replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The word `copy`.
    pub keyword: Span,
    /// The fields replaced; at least one.
    pub arguments: Vec<Argument>,
    /// From `(` to `)`.
    pub parentheses: Span,
}

/// `[a, b]`, `?[a, b]`, `*[a, b]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Array, option or stream.
    pub kind: CollectionKind,
    /// The elements.
    pub elements: Vec<Expression>,
}

/// The kinds of collection literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionKind {
    /// `[…]`
    Array,
    /// `?[…]`
    Option,
    /// `*[…]`
    Stream,
}

/// The operators between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `**`
    Power,
}

impl BinaryOperator {
    /// The spelling in source.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "**",
        }
    }
}

/// A call given as text on the command line: `main("x", 3, [1, 2], {a: 1}, name)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallText {
    /// The function; dotted if it is in a used module.
    pub function: super::Path,
    /// The arguments.
    pub arguments: Vec<Value>,
    /// From `(` to `)`.
    pub parentheses: Span,
}

/// An argument of a [`CallText`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// The kinds of arguments of a [`CallText`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// A number, a bool or a string.
    Literal(Literal),
    /// `null`, `nil`: nothing.
    Null,
    /// A name that is looked up in the data given beside the call.
    Name(Name),
    /// `[…]`
    Array(Vec<Value>),
    /// `{field: value}`; a field may be quoted.
    Object(Vec<(Ident, Value)>),
}
