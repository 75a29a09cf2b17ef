//! Pure expressions: what every peer computes for itself, and checks by computing it.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::{ArgId, ConstId, ExprId, SlotId, TextId};

/// Something about the particle itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The initiator's peer id, as text.
    Initiator,
    /// The initiator's relay, as text; the initiator itself if it has none.
    Host,
    /// When the particle was issued, in milliseconds since 1970.
    Timestamp,
    /// How long it lives, in milliseconds.
    Ttl,
}

/// Operators of two operands. What each computes is in [`crate::ops`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BinaryOp {
    /// Integer addition.
    Add,
    /// Integer subtraction.
    Sub,
    /// Integer multiplication.
    Mul,
    /// Multiplication of numbers of which one may be a fraction; the result is cut to an integer.
    FloatMul,
    /// Integer division, cut towards zero.
    Div,
    /// Remainder of [`BinaryOp::Div`].
    Rem,
    /// Power with a non-negative exponent.
    Pow,
    /// Less than.
    Less,
    /// Less than or equal.
    LessEqual,
    /// Greater than.
    Greater,
    /// Greater than or equal.
    GreaterEqual,
    /// Structural equality; `1` and `1.0` differ.
    Equal,
    /// Not [`BinaryOp::Equal`].
    Different,
}

/// What an index means; they differ in their errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IndexKind {
    /// Of a value: a number selects from an array, a text from an object.
    Value,
    /// Of a stream's snapshot: a number selects an element. A constant text is the mistake of
    /// asking for a field, with a message of its own.
    Snapshot,
    /// Of a map's snapshot: a text or an integer selects the array of the key's values.
    Map,
}

/// One expression. Its parts are earlier in the pool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Expr {
    /// A constant.
    Const(ConstId),
    /// An argument of the program.
    Arg(ArgId),
    /// The value of a slot; waits until it is written.
    Slot(SlotId),
    /// Something about the particle.
    Fact(Fact),
    /// A field of an object.
    Field {
        /// The object.
        of: ExprId,
        /// The field's name.
        name: TextId,
    },
    /// What an index selects.
    Index {
        /// What is selected from.
        of: ExprId,
        /// What selects.
        index: ExprId,
        /// What the index means.
        kind: IndexKind,
    },
    /// Number of elements of an array; of a map's snapshot, number of pairs.
    Length(ExprId),
    /// Boolean negation.
    Not(ExprId),
    /// The right side only counts if the left is `true`.
    And(ExprId, ExprId),
    /// The right side only counts if the left is `false`.
    Or(ExprId, ExprId),
    /// An operator on two operands.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// An array of these elements.
    Array(Box<[ExprId]>),
    /// An object with these fields, no name twice.
    Object(Box<[(TextId, ExprId)]>),
    /// The object with some fields replaced.
    Update {
        /// The object.
        of: ExprId,
        /// The new fields.
        fields: Box<[(TextId, ExprId)]>,
    },
    /// An array with the first of these that does not fail, or an empty one.
    First(Box<[ExprId]>),
    /// The first of these that is known: chooses by the arm that completed.
    Either(Box<[ExprId]>),
    /// The first value if the condition is `true`, the second if it is `false`.
    Choose {
        /// Must give a boolean.
        condition: ExprId,
        /// If `true`.
        then: ExprId,
        /// If `false`.
        otherwise: ExprId,
    },
    /// Whether a map's snapshot has the key.
    Contains {
        /// The snapshot.
        map: ExprId,
        /// The key.
        key: ExprId,
    },
    /// The keys of a map's snapshot in the order of its pairs, with duplicates.
    Keys(ExprId),
    /// A map's snapshot as one object: for each key the array of its values.
    Grouped(ExprId),
    /// Has no value: fails with what an error object says, with its very `error_code` and
    /// `message`, so that a handler can throw on what it caught. An object that cannot be thrown
    /// fails with 10008. AIR's `fail :error:`.
    Raise(ExprId),
    /// Of an error object that a `Try` caught: what was thrown. For 10006 that is the object given
    /// to `fail`, which the message quotes; for any other code the error object itself. AIR's
    /// `%last_error%`.
    Thrown(ExprId),
    /// The same value. Messages of errors call it by this name.
    Named {
        /// The value.
        of: ExprId,
        /// The name: a variable, perhaps with a path into it.
        name: TextId,
    },
}
