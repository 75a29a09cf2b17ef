//! Types as they are written.

use aquac_base::Span;

use super::Path;

/// A type where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// Where it stands; parentheses around a function type belong to it.
    pub span: Span,
    /// What it is.
    pub kind: TypeKind,
}

/// The ways to write a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// `u8` … `string`
    Scalar(Scalar),
    /// `⊤`
    Top,
    /// `⊥`
    Bottom,
    /// `[]T`
    Array(Box<Type>),
    /// `?T`
    Option(Box<Type>),
    /// `*T`
    Stream(Box<Type>),
    /// `%T`: a stream map with string keys.
    StreamMap(Box<Type>),
    /// `A, B -> C`
    Arrow(Box<ArrowType>),
    /// A name that is not a scalar, in any spelling: `Point`, `Lib.Point`.
    Named(Path),
    /// Missing or unreadable; reported by the parser.
    Error,
}

/// The type of a function: `{Ability} A, B -> C, D`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrowType {
    /// Ability parameters in braces.
    pub abilities: Vec<Path>,
    /// Types of the parameters.
    pub parameters: Vec<Type>,
    /// The `->`.
    pub arrow: Span,
    /// Types of the results; `-> ()` is none.
    pub results: Vec<Type>,
}

/// The built-in scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scalar {
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `bool`
    Bool,
    /// `string`
    String,
}

impl Scalar {
    /// Every scalar type, narrow before wide.
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

    /// The spelling in source.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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

    /// The scalar type with this spelling.
    #[must_use]
    pub fn from_spelling(text: &str) -> Option<Self> {
        Some(match text {
            "u8" => Self::U8,
            "u16" => Self::U16,
            "u32" => Self::U32,
            "u64" => Self::U64,
            "i8" => Self::I8,
            "i16" => Self::I16,
            "i32" => Self::I32,
            "i64" => Self::I64,
            "f32" => Self::F32,
            "f64" => Self::F64,
            "bool" => Self::Bool,
            "string" => Self::String,
            _ => return None,
        })
    }
}
