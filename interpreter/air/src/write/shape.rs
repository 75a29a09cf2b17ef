//! What is known of a value before anything runs: from the types that arguments and results are
//! declared to have.

use alloc::vec::Vec;

use aquac_ir::{Expr, ExprId, Iterable, Node, Shape, ShapeId, SlotId};

use crate::write::Writer;

/// How deep a chain of names is followed.
const MAX_STEPS: usize = 64;

/// How many texts a value is.
pub(super) enum Texts {
    One,
    Many,
    /// These, one by one.
    Listed(Vec<ExprId>),
}

impl Writer<'_> {
    /// Whether a relay is one peer or several.
    pub(super) fn texts(&self, expr: ExprId) -> Texts {
        match self.program.expr(expr) {
            Some(Expr::Array(parts)) => return Texts::Listed(parts.to_vec()),
            Some(Expr::Const(id)) => {
                let many = self.program.constant(*id).is_some_and(|v| v.as_array().is_some());
                return if many { Texts::Many } else { Texts::One };
            }
            Some(Expr::First(_)) => return Texts::Many,
            Some(_) | None => {}
        }
        match self.shape_of(expr, 0).and_then(|shape| self.program.shape(shape)) {
            Some(Shape::Array(_) | Shape::Option(_)) => Texts::Many,
            Some(
                Shape::Any
                | Shape::Nothing
                | Shape::Bool
                | Shape::Unsigned(_)
                | Shape::Signed(_)
                | Shape::Float
                | Shape::Text
                | Shape::Object(_),
            )
            | None => {
                if self.is_snapshot(expr) {
                    Texts::Many
                } else {
                    Texts::One
                }
            }
        }
    }

    /// The fields that an object has for certain, by name.
    pub(super) fn fields_of(&self, expr: ExprId) -> Option<Vec<&str>> {
        match self.shape_of(expr, 0).and_then(|shape| self.program.shape(shape))? {
            Shape::Object(fields) => {
                fields.iter().map(|field| self.program.text(field.name)).collect()
            }
            Shape::Any
            | Shape::Nothing
            | Shape::Bool
            | Shape::Unsigned(_)
            | Shape::Signed(_)
            | Shape::Float
            | Shape::Text
            | Shape::Array(_)
            | Shape::Option(_) => None,
        }
    }

    fn shape_of(&self, expr: ExprId, steps: usize) -> Option<ShapeId> {
        if steps > MAX_STEPS {
            return None;
        }
        let inner = |expr: ExprId| self.shape_of(expr, steps + 1);
        match self.program.expr(expr)? {
            Expr::Arg(arg) => self.program.parameters.get(arg.index()).copied(),
            Expr::Slot(slot) => self.slot_shape(*slot, steps),
            Expr::Named { of, .. } | Expr::Update { of, .. } => inner(*of),
            Expr::Field { of, name } => {
                let Shape::Object(fields) = self.program.shape(inner(*of)?)? else { return None };
                fields.iter().find(|field| field.name == *name).map(|field| field.shape)
            }
            Expr::Index { of, .. } => self.element(inner(*of)?),
            Expr::Either(parts) => parts.first().and_then(|part| inner(*part)),
            Expr::Choose { then, .. } => inner(*then),
            Expr::Const(_)
            | Expr::Fact(_)
            | Expr::Length(_)
            | Expr::Not(_)
            | Expr::And(..)
            | Expr::Or(..)
            | Expr::Binary { .. }
            | Expr::Array(_)
            | Expr::Object(_)
            | Expr::First(_)
            | Expr::Contains { .. }
            | Expr::Keys(_)
            | Expr::Grouped(_)
            | Expr::Raise(_)
            | Expr::Thrown(_) => None,
        }
    }

    fn element(&self, shape: ShapeId) -> Option<ShapeId> {
        if let Shape::Array(of) | Shape::Option(of) = self.program.shape(shape)? {
            Some(*of)
        } else {
            None
        }
    }

    fn slot_shape(&self, slot: SlotId, steps: usize) -> Option<ShapeId> {
        let writer = self.writer(slot)?;
        if let Node::Let { expr, .. } = writer {
            return self.shape_of(*expr, steps + 1);
        }
        if let Node::For { iterable: Iterable::Array(expr), .. } = writer {
            return self.element(self.shape_of(*expr, steps + 1)?);
        }
        writer.declared()
    }

    pub(super) fn writer(&self, slot: SlotId) -> Option<&Node> {
        self.program.node(self.verified.writer(slot)?)
    }

    /// Whether a value is the frozen content of a stream.
    fn is_snapshot(&self, expr: ExprId) -> bool {
        match self.program.expr(expr) {
            Some(Expr::Slot(slot)) => {
                matches!(self.writer(*slot), Some(Node::Snapshot { .. } | Node::Await { .. }))
            }
            Some(_) | None => false,
        }
    }
}
