//! Resolved, typed expressions.

use aquac_base::{Id, Name, Span};

pub use aquac_syntax::ast::{BinaryOperator, CollectionKind, Literal, LiteralKind};

use super::{ConstantId, FunctionId, LocalId, ServiceId};
use crate::types::TypeId;

/// An expression, by its number in [`Program::exprs`](super::Program::exprs).
pub type ExprId = Id<Expr>;

/// An expression with its type.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type. For a call: that of its first result, or the error type if it has none (a
    /// statement may still call it).
    pub ty: TypeId,
    /// Where it stands.
    pub span: Span,
}

/// What an expression does.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// Wrong, and reported. Lowering never sees one in a program without errors.
    Error,
    /// A literal; its type is the literal type, it becomes the scalar that its context wants.
    Literal(Literal),
    /// A value that the run-time environment knows.
    Builtin(Builtin),
    /// A constant.
    Constant(ConstantId),
    /// A local: parameter, variable, stream, closure …
    Local(LocalId),
    /// A top-level function as a value.
    Function(FunctionId),
    /// A service as a value, with the id that is in force here.
    Service {
        /// Which service.
        service: ServiceId,
        /// Its id: a [`ExprKind::Local`] of kind `ServiceId`, or the service's default id.
        id: ExprId,
    },
    /// `struct.field`
    Field {
        /// The struct.
        base: ExprId,
        /// The field.
        name: Name,
    },
    /// `ability.field`, or a method of an ability or service as a value. Compile-time only.
    Member {
        /// The ability or service.
        base: ExprId,
        /// The field or method.
        name: Name,
    },
    /// `collection.length`; streams are wrapped in a snapshot.
    Length(ExprId),
    /// `array[i]`, `option!`: an element, which must be there.
    Element {
        /// An array or option.
        base: ExprId,
        /// A whole number; the literal `0` for `!`.
        index: ExprId,
    },
    /// `stream[i]`, `stream!`: waits until the stream holds `index + 1` elements.
    Await {
        /// The stream.
        stream: ExprId,
        /// A whole number; the literal `0` for `!`.
        index: ExprId,
    },
    /// The content of a stream as an array, frozen here and now on the current peer. Of a stream
    /// map: an array of `{key, value}`.
    Snapshot(ExprId),
    /// `struct.copy(field = …)`
    Copy {
        /// The struct that is copied.
        base: ExprId,
        /// The replaced fields, in source order.
        fields: Vec<FieldValue>,
    },
    /// `Data(field = …)`: every field of the type once, in source order.
    Construct(Vec<FieldValue>),
    /// `Ability(field = …)`: every member once, in source order. Compile-time only.
    Ability(Vec<FieldValue>),
    /// `[…]`, `?[…]`, `*[…]`; also `nil`, which is an empty option. Stream elements are wrapped in
    /// snapshots.
    Collection {
        /// Array, option (first element that does not fail), or a fresh stream.
        kind: CollectionKind,
        /// Evaluated in order.
        elements: Vec<ExprId>,
    },
    /// `!e`
    Not(ExprId),
    /// `a op b`, operands left to right; `&&` and `||` skip the right one when they can.
    Binary {
        /// Which operator.
        operator: BinaryOperator,
        /// For `*`: whether it multiplies fractions (the result is a whole number, cut off).
        float: bool,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// A call; its value is the first result.
    Call(Box<Call>),
    /// A method of a stream map.
    Map {
        /// The map.
        map: ExprId,
        /// Which method.
        method: MapMethod,
    },
}

/// What only the run-time environment knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// `HOST_PEER_ID`: the initiator's relay, or the initiator if there is none.
    HostPeer,
    /// `INIT_PEER_ID`
    InitPeer,
    /// `PARTICLE_TTL`, in milliseconds.
    Ttl,
    /// `PARTICLE_TIMESTAMP`, in milliseconds since 1970.
    Timestamp,
    /// `LAST_ERROR`: the last error so far, wherever it is read.
    LastError,
}

/// A field with the value given to it.
#[derive(Debug, Clone)]
pub struct FieldValue {
    /// The field.
    pub name: Name,
    /// Its value, converted to the field's type.
    pub value: ExprId,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// Abilities first, then the others; streams for parameters that are not streams are wrapped
    /// in snapshots. When two or more need computation, it runs in parallel.
    pub arguments: Vec<ExprId>,
    /// Types of all results.
    pub results: Box<[TypeId]>,
}

/// What is called.
#[derive(Debug, Clone)]
pub enum Callee {
    /// A top-level function.
    Function(FunctionId),
    /// An arrow in a local: a callback parameter, a closure, a function bound by `=` or returned.
    Local(LocalId),
    /// A method of a declared service: a request to the current peer.
    Service {
        /// Which service.
        service: ServiceId,
        /// The id in force, as in [`ExprKind::Service`].
        id: ExprId,
        /// Which method.
        method: Name,
    },
    /// A method of an ability, or of a service that is held by a variable.
    Member {
        /// The ability or service value.
        base: ExprId,
        /// Which method.
        method: Name,
    },
}

/// The methods of a stream map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapMethod {
    /// `get(key)`: all values for the key, frozen.
    Get(ExprId),
    /// `getStream(key)`: a live stream of the values for the key.
    GetStream(ExprId),
    /// `keys()`: frozen.
    Keys,
    /// `keysStream()`: live.
    KeysStream,
    /// `contains(key)`: frozen.
    Contains(ExprId),
}
