//! Declared types to what a peer checks answers against.

use std::collections::HashMap;

use aquac_ir::limits::MAX_SHAPE_DEPTH;
use aquac_ir::{Builder, Shape, ShapeField, ShapeId};
use aquac_semantics::{LiteralType, RecordId, Scalar, Type, TypeId, Types};

/// The shapes of the types met so far.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    known: HashMap<(TypeId, usize), ShapeId>,
}

impl Shapes {
    /// The shape of a type. What nests deeper than a shape may is not looked at.
    pub(crate) fn of(&mut self, ty: TypeId, types: &Types, builder: &mut Builder) -> ShapeId {
        self.below(ty, usize::from(types.depth(ty)).min(MAX_SHAPE_DEPTH), types, builder)
    }

    fn below(
        &mut self,
        ty: TypeId,
        levels: usize,
        types: &Types,
        builder: &mut Builder,
    ) -> ShapeId {
        if let Some(shape) = self.known.get(&(ty, levels)) {
            return *shape;
        }
        let shape = match types.get(ty) {
            Type::Array(_) | Type::Option(_) | Type::Stream(_) | Type::Data(_) if levels == 0 => {
                Shape::Any
            }
            Type::Array(of) | Type::Stream(of) => {
                Shape::Array(self.below(of, levels - 1, types, builder))
            }
            Type::Option(of) => Shape::Option(self.below(of, levels - 1, types, builder)),
            Type::Data(record) => self.object(record, levels - 1, types, builder),
            Type::Scalar(scalar) => of_scalar(scalar),
            Type::Literal(literal) => of_literal(literal),
            Type::Bottom => Shape::Nothing,
            Type::Error
            | Type::Top
            | Type::Map(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => Shape::Any,
        };
        let shape = builder.shape(shape);
        self.known.insert((ty, levels), shape);
        shape
    }

    fn object(
        &mut self,
        record: RecordId,
        levels: usize,
        types: &Types,
        builder: &mut Builder,
    ) -> Shape {
        let fields = types.record(record).sorted().map(|field| {
            let shape = self.below(field.ty, levels, types, builder);
            ShapeField { name: builder.text(&field.name), shape }
        });
        Shape::Object(fields.collect())
    }
}

const fn of_scalar(scalar: Scalar) -> Shape {
    match scalar {
        Scalar::U8 => Shape::Unsigned(8),
        Scalar::U16 => Shape::Unsigned(16),
        Scalar::U32 => Shape::Unsigned(32),
        Scalar::U64 => Shape::Unsigned(64),
        Scalar::I8 => Shape::Signed(8),
        Scalar::I16 => Shape::Signed(16),
        Scalar::I32 => Shape::Signed(32),
        Scalar::I64 => Shape::Signed(64),
        Scalar::F32 | Scalar::F64 => Shape::Float,
        Scalar::Bool => Shape::Bool,
        Scalar::String => Shape::Text,
    }
}

/// The widest scalar that a literal could become.
const fn of_literal(literal: LiteralType) -> Shape {
    match literal {
        LiteralType::Unsigned => Shape::Unsigned(64),
        LiteralType::Signed => Shape::Signed(64),
        LiteralType::Float => Shape::Float,
        LiteralType::Bool => Shape::Bool,
        LiteralType::String => Shape::Text,
    }
}
