//! Types as messages write them: like the source.

use std::fmt::{self, Display, Write};

use super::{Type, TypeId, Types};

/// A type that can be printed.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    types: &'a Types,
    ty: TypeId,
}

impl Types {
    /// The type as the source would write it.
    #[must_use]
    pub const fn show(&self, ty: TypeId) -> Shown<'_> {
        Shown { types: self, ty }
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.types.write(f, self.ty)
    }
}

impl Types {
    fn write(&self, f: &mut fmt::Formatter<'_>, ty: TypeId) -> fmt::Result {
        match self.get(ty) {
            Type::Error => f.write_char('_'),
            Type::Top => f.write_char('⊤'),
            Type::Bottom => f.write_char('⊥'),
            Type::Scalar(scalar) => Display::fmt(&scalar, f),
            Type::Literal(literal) => Display::fmt(&literal, f),
            Type::Array(of) => self.write_collection(f, "[]", of),
            Type::Option(of) => self.write_collection(f, "?", of),
            Type::Stream(of) => self.write_collection(f, "*", of),
            Type::Map(of) => self.write_collection(f, "%", of),
            Type::Data(record) | Type::Service(record) | Type::Ability(record) => {
                f.write_str(&self.record(record).name)
            }
            Type::Arrow(arrow) => {
                let arrow = self.arrow(arrow);
                self.write_list(f, &arrow.parameters)?;
                if !arrow.parameters.is_empty() {
                    f.write_char(' ')?;
                }
                f.write_str("-> ")?;
                if arrow.results.is_empty() {
                    return f.write_str("()");
                }
                self.write_list(f, &arrow.results)
            }
        }
    }

    fn write_collection(&self, f: &mut fmt::Formatter<'_>, sign: &str, of: TypeId) -> fmt::Result {
        f.write_str(sign)?;
        self.write(f, of)
    }

    fn write_list(&self, f: &mut fmt::Formatter<'_>, types: &[TypeId]) -> fmt::Result {
        for (at, ty) in types.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            if matches!(self.get(*ty), Type::Arrow(_)) {
                f.write_char('(')?;
                self.write(f, *ty)?;
                f.write_char(')')?;
            } else {
                self.write(f, *ty)?;
            }
        }
        Ok(())
    }
}
