//! Whether a program is its one encoding: its pools hold each thing once, in the order in which
//! the tree first uses it, and nothing else. What [`crate::canonical`] makes is checked here
//! without making it again, because every peer checks every program.

use alloc::vec::Vec;

use serde::Serialize;

use crate::sort::sorted_places;
use crate::tree::count;
use crate::{Expr, ExprId, Node, PlaceId, Program, ShapeId, TextId};

/// Whether the pools are in order. The program's expressions and types are made of earlier ones,
/// no deeper than [`crate::limits::MAX_EXPR_DEPTH`], and its homes are sorted.
pub(crate) fn is_in_order(program: &Program) -> bool {
    let mut walk = Walk { program, exprs: 0, places: 0, shapes: 0, constants: 0, texts: 0 };
    walk.all().is_some()
        && are_distinct(&program.exprs)
        && are_distinct(&program.places)
        && are_distinct(&program.shapes)
        && are_distinct(&program.constants)
        && are_distinct(&program.texts)
}

/// How many of each pool were met: the first that is new must be the next.
struct Walk<'a> {
    program: &'a Program,
    exprs: u32,
    places: u32,
    shapes: u32,
    constants: u32,
    texts: u32,
}

/// Meets something; nothing if another should have come before it.
fn meet(met: &mut u32, number: u32) -> Option<()> {
    if number == *met {
        *met += 1;
    }
    (number < *met).then_some(())
}

impl Walk<'_> {
    /// Everything that the tree uses; nothing if it is out of order, or not all there is.
    fn all(&mut self) -> Option<()> {
        let program = self.program;
        program.parameters.iter().try_for_each(|shape| self.shape(*shape))?;
        let mut homes = program.homes.iter().peekable();
        for (at, node) in program.nodes.iter().enumerate() {
            while let Some(home) = homes.next_if(|home| home.node.index() == at) {
                self.place(home.place)?;
            }
            self.node(node)?;
        }
        homes.try_for_each(|home| self.place(home.place))?;
        let met = [self.exprs, self.places, self.shapes, self.constants, self.texts];
        let there = [
            program.exprs.len(),
            program.places.len(),
            program.shapes.len(),
            program.constants.len(),
            program.texts.len(),
        ];
        (met == there.map(count)).then_some(())
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        node.place().map_or(Some(()), |place| self.place(place))?;
        node.exprs().try_for_each(|expr| self.expr(expr))?;
        if let Node::Call { returns: Some(shape), .. } = node {
            self.shape(*shape)
        } else {
            Some(())
        }
    }

    fn place(&mut self, id: PlaceId) -> Option<()> {
        if id.0 >= self.places {
            let place = self.program.place(id)?;
            self.expr(place.peer)?;
            place.via.iter().try_for_each(|relay| self.expr(*relay))?;
        }
        meet(&mut self.places, id.0)
    }

    /// Parts first; recursion ends because parts stand before the whole, at a checked depth.
    fn expr(&mut self, id: ExprId) -> Option<()> {
        if id.0 < self.exprs {
            return Some(());
        }
        let expr = self.program.expr(id)?;
        for part in expr.parts() {
            self.expr(part)?;
        }
        if let Expr::Const(constant) = expr {
            meet(&mut self.constants, constant.0)?;
        }
        expr.names().try_for_each(|name| self.text(name))?;
        meet(&mut self.exprs, id.0)
    }

    fn shape(&mut self, id: ShapeId) -> Option<()> {
        if id.0 < self.shapes {
            return Some(());
        }
        let shape = self.program.shape(id)?;
        for part in shape.parts() {
            self.shape(part)?;
        }
        shape.names().try_for_each(|name| self.text(name))?;
        meet(&mut self.shapes, id.0)
    }

    fn text(&mut self, id: TextId) -> Option<()> {
        meet(&mut self.texts, id.0)
    }
}

/// Whether no two are equal: they are exactly if their bytes are.
fn are_distinct<T: Serialize>(pool: &[T]) -> bool {
    let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(pool.len() + 1));
    ends.push(0);
    for thing in pool {
        bytes = postcard::to_extend(thing, bytes)
            .expect("a program has only parts that postcard can encode, and memory grows");
        ends.push(bytes.len());
    }
    all_different(&bytes, &ends)
}

fn all_different(bytes: &[u8], ends: &[usize]) -> bool {
    let thing = |place: u32| -> Option<&[u8]> {
        let at = place as usize;
        bytes.get(*ends.get(at)?..*ends.get(at + 1)?)
    };
    let places = sorted_places(count(ends.len() - 1), &mut |a, b| thing(a) < thing(b));
    places.is_sorted_by(|a, b| thing(*a) < thing(*b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::in_order;
    use crate::{Builder, Output, Place, Shape, ShapeField, StreamKind, Value};

    fn sample() -> Program {
        let mut b = Builder::new();
        let (number, text) = (b.shape(Shape::Unsigned(8)), b.shape(Shape::Text));
        let names = [b.text("x"), b.text("y")];
        let fields = [(names[0], number), (names[1], text)];
        let fields = fields.map(|(name, shape)| ShapeField { name, shape });
        let object = b.shape(Shape::Object(Box::new(fields)));
        b.parameter(object);
        let seq = b.open(Node::Seq(0));
        let peers = ["p", "q", "r"].map(|peer| b.constant(Value::text(peer)));
        let near = b.place(Place { peer: peers[0], via: Box::default() });
        let far = b.place(Place { peer: peers[1], via: Box::new([peers[2], peers[0]]) });
        let stream = b.stream(StreamKind::List);
        for place in [near, far, near] {
            let (slot, service) = (b.slot(), b.constant(Value::text("s")));
            let one = b.expr(Expr::Slot(slot));
            let named = b.expr(Expr::Field { of: one, name: names[1] });
            let both = b.expr(Expr::Object(Box::new([(names[0], one), (names[1], named)])));
            let (args, output) = (Box::new([service, peers[0]]), Output::Slot(slot));
            let function = service;
            b.leaf(Node::Call { place, service, function, args, output, returns: Some(text) });
            b.leaf(Node::Push { stream, key: None, value: both });
        }
        b.close(seq);
        b.finish()
    }

    #[test]
    fn what_is_in_order_is_what_making_it_again_leaves_as_it_is() {
        let good = sample();
        assert!(is_in_order(&good));
        let mut changed = Vec::new();
        for at in 0..good.exprs.len() {
            for other in 0..at {
                let mut program = good.clone();
                program.exprs.swap(at, other);
                changed.push(program);
                let mut program = good.clone();
                program.exprs[at] = program.exprs[other].clone();
                changed.push(program);
            }
        }
        let change = |f: &dyn Fn(&mut Program)| {
            let mut program = good.clone();
            f(&mut program);
            program
        };
        changed.extend([
            change(&|p| p.places.swap(0, 1)),
            change(&|p| p.shapes.swap(0, 1)),
            change(&|p| p.texts.swap(0, 1)),
            change(&|p| p.constants.swap(0, 1)),
            change(&|p| p.constants[1] = p.constants[0].clone()),
            change(&|p| p.places[1] = p.places[0].clone()),
            change(&|p| p.constants.push(Value::Null)),
            change(&|p| p.texts.push("z".into())),
            change(&|p| p.exprs.push(Expr::Slot(crate::SlotId(0)))),
            change(&|p| p.parameters.push(ShapeId(0))),
            change(&|p| p.nodes.swap(1, 3)),
        ]);
        let mut verdicts = [0, 0];
        for program in changed {
            if crate::pools::check_pools(&program).is_err() {
                continue;
            }
            let is = is_in_order(&program);
            assert_eq!(is, in_order(&program) == program, "{program:?}");
            verdicts[usize::from(is)] += 1;
        }
        assert!(verdicts[0] > 20 && verdicts[1] > 0, "{verdicts:?}");
    }
}
