//! Scalars, the literals that can become them, and the widening table.
//!
//! Sets of scalars are bit masks, so every question about them is one `and`.

use std::fmt;

/// A built-in type of single values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Scalar {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    Bool,
    String,
}

/// A set of scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scalars(u16);

impl Scalars {
    pub(crate) const UNSIGNED: Self =
        Self::of(&[Scalar::U8, Scalar::U16, Scalar::U32, Scalar::U64]);
    pub(crate) const SIGNED: Self = Self::of(&[Scalar::I8, Scalar::I16, Scalar::I32, Scalar::I64]);
    pub(crate) const INTEGERS: Self = Self(Self::UNSIGNED.0 | Self::SIGNED.0);
    pub(crate) const FLOATS: Self = Self::of(&[Scalar::F32, Scalar::F64]);

    pub(crate) const fn of(members: &[Scalar]) -> Self {
        let mut bits = 0;
        let mut rest = members;
        while let [first, others @ ..] = rest {
            bits |= 1 << *first as u16;
            rest = others;
        }
        Self(bits)
    }

    pub(crate) const fn has(self, scalar: Scalar) -> bool {
        self.0 & (1 << scalar as u16) != 0
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn within(self, other: Self) -> bool {
        self.0 & other.0 == self.0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn members(self) -> impl Iterator<Item = Scalar> {
        Scalar::ALL.into_iter().filter(move |scalar| self.has(*scalar))
    }
}

impl Scalar {
    /// Every scalar.
    pub const ALL: [Self; 12] = [
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::F32,
        Self::F64,
        Self::Bool,
        Self::String,
    ];

    /// The scalars whose every value is a value of this one.
    pub(crate) const fn accepted(self) -> Scalars {
        use Scalar::{Bool, F32, F64, I8, I16, I32, I64, String, U8, U16, U32, U64};
        match self {
            U8 => Scalars::of(&[U8]),
            U16 => Scalars::of(&[U8, U16]),
            U32 => Scalars::of(&[U8, U16, U32]),
            U64 => Scalars::of(&[U8, U16, U32, U64]),
            I8 => Scalars::of(&[I8]),
            I16 => Scalars::of(&[I8, I16, U8]),
            I32 => Scalars::of(&[I8, I16, I32, U8, U16]),
            I64 => Scalars::of(&[I8, I16, I32, I64, U8, U16, U32]),
            F32 => Scalars::of(&[F32, I8, I16, U8, U16]),
            F64 => Scalars::of(&[F32, F64, I8, I16, I32, U8, U16, U32]),
            Bool => Scalars::of(&[Bool]),
            String => Scalars::of(&[String]),
        }
    }

    /// Whether a value of `other` can stand where this is expected.
    #[must_use]
    pub const fn accepts(self, other: Self) -> bool {
        self.accepted().has(other)
    }

    /// Whether it is a whole or fractional number.
    #[must_use]
    pub const fn is_number(self) -> bool {
        !matches!(self, Self::Bool | Self::String)
    }

    /// Whether it is a whole number.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        Scalars::INTEGERS.has(self)
    }

    /// Smallest and largest value of an integer type; `None` for the others.
    #[must_use]
    pub const fn range(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::U8 => (0, u8::MAX as i128),
            Self::U16 => (0, u16::MAX as i128),
            Self::U32 => (0, u32::MAX as i128),
            Self::U64 => (0, u64::MAX as i128),
            Self::I8 => (i8::MIN as i128, i8::MAX as i128),
            Self::I16 => (i16::MIN as i128, i16::MAX as i128),
            Self::I32 => (i32::MIN as i128, i32::MAX as i128),
            Self::I64 => (i64::MIN as i128, i64::MAX as i128),
            Self::F32 | Self::F64 | Self::Bool | Self::String => return None,
        })
    }

    /// As the source spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::String => "string",
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The type of a literal: all the scalars that it could become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LiteralType {
    /// `7`: any integer, or a float where one is expected.
    Unsigned,
    /// `-7`: any signed integer, or a float where one is expected.
    Signed,
    /// `7.5`.
    Float,
    /// `true`.
    Bool,
    /// `"text"`.
    String,
}

impl LiteralType {
    /// Every kind of literal.
    pub const ALL: [Self; 5] =
        [Self::Unsigned, Self::Signed, Self::Float, Self::Bool, Self::String];

    /// The scalars that it could have.
    pub(crate) const fn scalars(self) -> Scalars {
        match self {
            Self::Unsigned => Scalars::INTEGERS,
            Self::Signed => Scalars::SIGNED,
            Self::Float => Scalars::FLOATS,
            Self::Bool => Scalars::of(&[Scalar::Bool]),
            Self::String => Scalars::of(&[Scalar::String]),
        }
    }

    /// What messages call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsigned | Self::Signed => "integer",
            Self::Float => "fraction",
            Self::Bool => "bool",
            Self::String => "string",
        }
    }
}

impl fmt::Display for LiteralType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How two types relate, seen from the left one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Each can stand for the other.
    Equal,
    /// The left one is wider: it accepts the right one.
    Wider,
    /// The left one is narrower: it fits where the right one is expected.
    Narrower,
    /// Neither can stand for the other.
    Unrelated,
}

impl Relation {
    /// Whether a value of the right type fits where the left one is expected.
    #[must_use]
    pub const fn accepts(self) -> bool {
        matches!(self, Self::Equal | Self::Wider)
    }

    /// The relation with the two sides swapped.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Wider => Self::Narrower,
            Self::Narrower => Self::Wider,
            Self::Equal | Self::Unrelated => self,
        }
    }

    /// The relation of two tuples whose parts relate as given.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Equal, that) | (that, Self::Equal) => that,
            (Self::Wider, Self::Wider) => Self::Wider,
            (Self::Narrower, Self::Narrower) => Self::Narrower,
            (Self::Wider | Self::Narrower | Self::Unrelated, _) => Self::Unrelated,
        }
    }
}

/// Rows 6 of the comparison: two scalars.
pub(crate) const fn compare_scalars(left: Scalar, right: Scalar) -> Relation {
    match (left.accepts(right), right.accepts(left)) {
        (true, true) => Relation::Equal,
        (true, false) => Relation::Wider,
        (false, true) => Relation::Narrower,
        (false, false) => Relation::Unrelated,
    }
}

/// Row 7: a literal against a scalar.
pub(crate) const fn compare_literal(literal: LiteralType, scalar: Scalar) -> Relation {
    let set = literal.scalars();
    if set.within(Scalars::of(&[scalar])) {
        Relation::Equal
    } else if scalar.accepted().meets(set) {
        Relation::Narrower
    } else {
        Relation::Unrelated
    }
}

/// Row 9: two literals; a smaller set is the *wider* type.
pub(crate) const fn compare_literals(left: LiteralType, right: LiteralType) -> Relation {
    let (left, right) = (left.scalars(), right.scalars());
    match (left.within(right), right.within(left)) {
        (true, true) => Relation::Equal,
        (true, false) => Relation::Wider,
        (false, true) => Relation::Narrower,
        (false, false) => Relation::Unrelated,
    }
}

/// The largest scalar that both accept; `None` if there is none.
pub(crate) fn greatest_below(left: Scalar, right: Scalar) -> Option<Scalar> {
    let below = |scalar: &Scalar| left.accepts(*scalar) && right.accepts(*scalar);
    let candidates = Scalar::ALL.into_iter().filter(below);
    best(left, right, candidates, |one, other| one.accepts(other))
}

/// The smallest scalar that accepts both; `None` if there is none.
pub(crate) fn least_above(left: Scalar, right: Scalar) -> Option<Scalar> {
    let above = |scalar: &Scalar| scalar.accepts(left) && scalar.accepts(right);
    let candidates = Scalar::ALL.into_iter().filter(above);
    best(left, right, candidates, |one, other| other.accepts(one))
}

/// Floats and signed integers count only if one of the two is one already.
fn best(
    left: Scalar,
    right: Scalar,
    candidates: impl Iterator<Item = Scalar>,
    beats: impl Fn(Scalar, Scalar) -> bool,
) -> Option<Scalar> {
    let given = Scalars::of(&[left, right]);
    let mut kept = candidates.fold(0, |bits, scalar| bits | Scalars::of(&[scalar]).0);
    for family in [Scalars::FLOATS, Scalars::SIGNED] {
        if !given.meets(family) {
            kept = Scalars(kept).without(family).0;
        }
    }
    let kept = Scalars(kept);
    kept.members().find(|one| kept.members().all(|other| beats(*one, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomparable_scalars_meet_where_the_specification_says() {
        use Scalar::{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
        let joins = [
            (U8, I8, Some(I16)),
            (U16, I8, Some(I32)),
            (U16, I16, Some(I32)),
            (U32, I8, Some(I64)),
            (U32, I32, Some(I64)),
            (U64, I64, None),
            (U32, F32, Some(F64)),
            (I32, F32, Some(F64)),
            (U64, F64, None),
            (I64, F32, None),
        ];
        for (left, right, expected) in joins {
            assert_eq!(least_above(left, right), expected, "{left} or {right}");
        }
        let meets =
            [(U16, I16, Some(U8)), (U32, I32, Some(U16)), (U8, I8, None), (U32, F32, Some(U16))];
        for (left, right, expected) in meets {
            assert_eq!(greatest_below(left, right), expected, "{left} and {right}");
        }
    }

    #[test]
    fn a_smaller_set_of_literals_is_the_wider_type() {
        use LiteralType::{Float, Signed, Unsigned};
        assert_eq!(compare_literals(Signed, Unsigned), Relation::Wider);
        assert_eq!(compare_literals(Float, Unsigned), Relation::Unrelated);
        assert_eq!(compare_literal(Signed, Scalar::F32), Relation::Narrower);
        assert_eq!(compare_literal(Signed, Scalar::U8), Relation::Unrelated);
    }
}
