//! One tree, one encoding: numbers the pools in the order of their first use.
//!
//! Programs are named by the digest of their bytes, and may be made by anyone in any order. The
//! order that counts is that of the tree: the parameters, then each node in pre-order with its
//! home, its place, its expressions and its declared type; parts before the whole. What nothing
//! uses is left out, and what is equal is shared. Slots and streams keep their numbers, because
//! the debug table names them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::builder::Builder;
use crate::{
    ConstId, Expr, ExprId, Iterable, Node, Place, PlaceId, Program, Shape, ShapeField, ShapeId,
    TextId,
};

/// The same program with its pools in order. A number that names nothing becomes one that still
/// names nothing, for the check to find.
pub(crate) fn in_order(old: &Program) -> Program {
    let mut sorter = Sorter {
        old,
        new: Builder::new(),
        exprs: alloc::vec![None; old.exprs.len()],
        places: alloc::vec![None; old.places.len()],
        shapes: alloc::vec![None; old.shapes.len()],
    };
    let mut homes = old.homes.clone();
    homes.sort_by_key(|home| home.node);
    let parameters = old.parameters.iter().map(|shape| sorter.shape(*shape)).collect();
    let mut pending = homes.iter_mut().peekable();
    let mut nodes = Vec::with_capacity(old.nodes.len());
    for (at, node) in old.nodes.iter().enumerate() {
        while let Some(home) = pending.next_if(|home| home.node.index() == at) {
            home.place = sorter.place(home.place);
        }
        nodes.push(sorter.node(node));
    }
    pending.for_each(|home| home.place = sorter.place(home.place));
    let pools = sorter.new.into_parts();
    Program { parameters, nodes, homes, slots: old.slots, streams: old.streams.clone(), ..pools }
}

const NOTHING: u32 = u32::MAX;

struct Sorter<'a> {
    old: &'a Program,
    new: Builder,
    exprs: Vec<Option<ExprId>>,
    places: Vec<Option<PlaceId>>,
    shapes: Vec<Option<ShapeId>>,
}

impl Sorter<'_> {
    fn node(&mut self, node: &Node) -> Node {
        let mut node = node.clone();
        match &mut node {
            Node::If { condition: one }
            | Node::Fail { error: one }
            | Node::Let { expr: one, .. } => {
                *one = self.expr(*one);
            }
            Node::Match { left, right, .. } => {
                *left = self.expr(*left);
                *right = self.expr(*right);
            }
            Node::Call { place, service, function, args, returns, .. } => {
                *place = self.place(*place);
                *service = self.expr(*service);
                *function = self.expr(*function);
                args.iter_mut().for_each(|arg| *arg = self.expr(*arg));
                *returns = returns.map(|shape| self.shape(shape));
            }
            Node::Push { key, value, .. } => {
                *key = key.map(|key| self.expr(key));
                *value = self.expr(*value);
            }
            Node::Snapshot { place, .. } | Node::Visit { place } => *place = self.place(*place),
            Node::Await { place, count, .. } => {
                *place = self.place(*place);
                *count = self.expr(*count);
            }
            Node::For { iterable: Iterable::Array(one) | Iterable::Entries(one), .. } => {
                *one = self.expr(*one);
            }
            Node::Return { values } => {
                values.iter_mut().for_each(|value| *value = self.expr(*value));
            }
            Node::Seq(_)
            | Node::Par(_)
            | Node::Try { .. }
            | Node::Never
            | Node::Null
            | Node::For { iterable: Iterable::Live(_), .. }
            | Node::Next { .. }
            | Node::Scope { .. } => {}
        }
        node
    }

    fn place(&mut self, id: PlaceId) -> PlaceId {
        if let Some(Some(done)) = self.places.get(id.index()) {
            return *done;
        }
        let Some(place) = self.old.place(id) else { return PlaceId(NOTHING) };
        let peer = self.expr(place.peer);
        let via = place.via.iter().map(|relay| self.expr(*relay)).collect();
        let done = self.new.place(Place { peer, via });
        if let Some(entry) = self.places.get_mut(id.index()) {
            *entry = Some(done);
        }
        done
    }

    /// Parts first, without recursion: nobody has checked the depth yet.
    fn expr(&mut self, id: ExprId) -> ExprId {
        let mut open = alloc::vec![(id, false)];
        while let Some((id, parts_done)) = open.pop() {
            let Some(expr) = self.old.expr(id) else { continue };
            if self.done(id).is_some() {
                continue;
            }
            if parts_done || expr.parts().next().is_none() {
                let expr = self.expr_itself(expr);
                let done = self.new.expr(expr);
                if let Some(entry) = self.exprs.get_mut(id.index()) {
                    *entry = Some(done);
                }
                continue;
            }
            open.push((id, true));
            let behind = open.len();
            // Only what stands before: a cycle must not keep us here.
            open.extend(expr.parts().filter(|part| *part < id).map(|part| (part, false)));
            if let Some(parts) = open.get_mut(behind..) {
                parts.reverse();
            }
        }
        self.done(id).unwrap_or(ExprId(NOTHING))
    }

    fn done(&self, id: ExprId) -> Option<ExprId> {
        self.exprs.get(id.index()).copied().flatten()
    }

    fn part(&self, id: ExprId) -> ExprId {
        self.done(id).unwrap_or(ExprId(NOTHING))
    }

    fn parts(&self, ids: &[ExprId]) -> Box<[ExprId]> {
        ids.iter().map(|id| self.part(*id)).collect()
    }

    fn fields(&mut self, fields: &[(TextId, ExprId)]) -> Box<[(TextId, ExprId)]> {
        fields.iter().map(|(name, value)| (self.text(*name), self.part(*value))).collect()
    }

    fn text(&mut self, id: TextId) -> TextId {
        self.old.text(id).map_or(TextId(NOTHING), |text| self.new.text(text))
    }

    fn expr_itself(&mut self, expr: &Expr) -> Expr {
        match expr {
            Expr::Const(id) => {
                let value = self.old.constant(*id);
                Expr::Const(value.map_or(ConstId(NOTHING), |v| self.new.constant_id(v.clone())))
            }
            Expr::Arg(_) | Expr::Slot(_) | Expr::Fact(_) => expr.clone(),
            Expr::Field { of, name } => Expr::Field { of: self.part(*of), name: self.text(*name) },
            Expr::Named { of, name } => Expr::Named { of: self.part(*of), name: self.text(*name) },
            Expr::Index { of, index, kind } => {
                Expr::Index { of: self.part(*of), index: self.part(*index), kind: *kind }
            }
            Expr::Length(of) => Expr::Length(self.part(*of)),
            Expr::Not(of) => Expr::Not(self.part(*of)),
            Expr::And(left, right) => Expr::And(self.part(*left), self.part(*right)),
            Expr::Or(left, right) => Expr::Or(self.part(*left), self.part(*right)),
            Expr::Binary { op, left, right } => {
                Expr::Binary { op: *op, left: self.part(*left), right: self.part(*right) }
            }
            Expr::Array(parts) => Expr::Array(self.parts(parts)),
            Expr::First(parts) => Expr::First(self.parts(parts)),
            Expr::Either(parts) => Expr::Either(self.parts(parts)),
            Expr::Object(fields) => Expr::Object(self.fields(fields)),
            Expr::Update { of, fields } => {
                Expr::Update { of: self.part(*of), fields: self.fields(fields) }
            }
            Expr::Choose { condition, then, otherwise } => Expr::Choose {
                condition: self.part(*condition),
                then: self.part(*then),
                otherwise: self.part(*otherwise),
            },
            Expr::Contains { map, key } => {
                Expr::Contains { map: self.part(*map), key: self.part(*key) }
            }
            Expr::Keys(of) => Expr::Keys(self.part(*of)),
            Expr::Grouped(of) => Expr::Grouped(self.part(*of)),
            Expr::Raise(of) => Expr::Raise(self.part(*of)),
            Expr::Thrown(of) => Expr::Thrown(self.part(*of)),
        }
    }

    fn shape(&mut self, id: ShapeId) -> ShapeId {
        let mut open = alloc::vec![(id, false)];
        while let Some((id, parts_done)) = open.pop() {
            let Some(shape) = self.old.shape(id) else { continue };
            if self.shapes.get(id.index()).copied().flatten().is_some() {
                continue;
            }
            if parts_done || shape.parts().next().is_none() {
                let shape = self.shape_itself(shape);
                let done = self.new.shape(shape);
                if let Some(entry) = self.shapes.get_mut(id.index()) {
                    *entry = Some(done);
                }
                continue;
            }
            open.push((id, true));
            let behind = open.len();
            open.extend(shape.parts().filter(|part| *part < id).map(|part| (part, false)));
            if let Some(parts) = open.get_mut(behind..) {
                parts.reverse();
            }
        }
        self.shape_part(id)
    }

    fn shape_part(&self, id: ShapeId) -> ShapeId {
        self.shapes.get(id.index()).copied().flatten().unwrap_or(ShapeId(NOTHING))
    }

    fn shape_itself(&mut self, shape: &Shape) -> Shape {
        match shape {
            Shape::Array(of) => Shape::Array(self.shape_part(*of)),
            Shape::Option(of) => Shape::Option(self.shape_part(*of)),
            Shape::Object(fields) => Shape::Object(
                fields
                    .iter()
                    .map(|field| ShapeField {
                        name: self.text(field.name),
                        shape: self.shape_part(field.shape),
                    })
                    .collect(),
            ),
            Shape::Any
            | Shape::Nothing
            | Shape::Bool
            | Shape::Unsigned(_)
            | Shape::Signed(_)
            | Shape::Float
            | Shape::Text => shape.clone(),
        }
    }
}
