//! Makes a [`Program`] node by node, in program order.
//!
//! Equal entries of the pools are shared, and [`Builder::finish`] puts them in the order in which
//! the tree uses them, so one tree has one encoding whatever the order of its making.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::canonical::in_order;
use crate::{
    ConstId, Expr, ExprId, Home, Node, NodeId, Place, PlaceId, Program, Shape, ShapeId, SlotId,
    StreamId, StreamKind, TextId, Value,
};

/// A node whose children are being added; give it back to [`Builder::close`].
#[derive(Debug)]
#[must_use = "a node that is opened must be closed"]
pub struct Open {
    node: NodeId,
    depth: usize,
}

impl Open {
    /// The node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }
}

/// A program in the making.
#[derive(Debug, Default)]
pub struct Builder {
    program: Program,
    exprs: BTreeMap<Expr, ExprId>,
    places: BTreeMap<Place, PlaceId>,
    constants: BTreeMap<Value, ConstId>,
    texts: BTreeMap<Box<str>, TextId>,
    shapes: BTreeMap<Shape, ShapeId>,
    /// Children so far of each open node.
    open: Vec<u32>,
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("a program has fewer than 2^32 parts of a kind")
}

impl Builder {
    /// A program without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the next argument must look like.
    pub fn parameter(&mut self, shape: ShapeId) {
        self.program.parameters.push(shape);
    }

    /// A new slot.
    pub fn slot(&mut self) -> SlotId {
        self.program.slots += 1;
        SlotId(self.program.slots - 1)
    }

    /// A new stream.
    pub fn stream(&mut self, kind: StreamKind) -> StreamId {
        self.program.streams.push(kind);
        StreamId(number(self.program.streams.len() - 1))
    }

    /// An expression; its parts must be of this builder.
    pub fn expr(&mut self, expr: Expr) -> ExprId {
        let next = ExprId(number(self.program.exprs.len()));
        *self.exprs.entry(expr).or_insert_with_key(|expr| {
            self.program.exprs.push(expr.clone());
            next
        })
    }

    /// A constant as an expression.
    pub fn constant(&mut self, value: Value) -> ExprId {
        let id = self.constant_id(value);
        self.expr(Expr::Const(id))
    }

    pub(crate) fn constant_id(&mut self, value: Value) -> ConstId {
        let next = ConstId(number(self.program.constants.len()));
        *self.constants.entry(value).or_insert_with_key(|value| {
            self.program.constants.push(value.clone());
            next
        })
    }

    /// A text.
    pub fn text(&mut self, text: &str) -> TextId {
        let next = TextId(number(self.program.texts.len()));
        *self.texts.entry(text.into()).or_insert_with_key(|text| {
            self.program.texts.push(text.clone());
            next
        })
    }

    /// A place.
    pub fn place(&mut self, place: Place) -> PlaceId {
        let next = PlaceId(number(self.program.places.len()));
        *self.places.entry(place).or_insert_with_key(|place| {
            self.program.places.push(place.clone());
            next
        })
    }

    /// A declared type.
    pub fn shape(&mut self, shape: Shape) -> ShapeId {
        let next = ShapeId(number(self.program.shapes.len()));
        *self.shapes.entry(shape).or_insert_with_key(|shape| {
            self.program.shapes.push(shape.clone());
            next
        })
    }

    /// Adds a node without children.
    pub fn leaf(&mut self, node: Node) -> NodeId {
        self.add(node)
    }

    /// Adds a node whose children follow until it is closed. The number of children that
    /// [`Node::Seq`] and [`Node::Par`] state is filled in then.
    pub fn open(&mut self, node: Node) -> Open {
        let node = self.add(node);
        self.open.push(0);
        Open { node, depth: self.open.len() }
    }

    /// Ends the children of a node.
    ///
    /// # Panics
    ///
    /// If nodes are closed in another order than the reverse of their opening: a bug of the
    /// caller.
    pub fn close(&mut self, open: Open) {
        assert_eq!(open.depth, self.open.len(), "nodes are closed innermost first");
        let children = self.open.pop().unwrap_or(0);
        if let Some(Node::Seq(count) | Node::Par(count)) =
            self.program.nodes.get_mut(open.node.index())
        {
            *count = children;
        }
    }

    /// Says where control is at home in a node and below it.
    pub fn home(&mut self, node: NodeId, place: PlaceId) {
        self.program.homes.push(Home { node, place });
    }

    /// The id that the next node will have.
    #[must_use]
    pub fn next_node(&self) -> NodeId {
        NodeId(number(self.program.nodes.len()))
    }

    /// The finished program. The numbers that this builder gave to expressions, places, texts and
    /// types are not those of the program; nodes, slots and streams keep theirs.
    #[must_use]
    pub fn finish(self) -> Program {
        in_order(&self.program)
    }

    /// What was added, as it was added.
    pub(crate) fn into_parts(self) -> Program {
        self.program
    }

    /// Numbers of slots and kinds of streams, when they are known from elsewhere.
    pub(crate) fn declare(&mut self, slots: u32, streams: Vec<StreamKind>) {
        self.program.slots = slots;
        self.program.streams = streams;
    }

    fn add(&mut self, node: Node) -> NodeId {
        if let Some(children) = self.open.last_mut() {
            *children += 1;
        }
        let id = self.next_node();
        self.program.nodes.push(node);
        id
    }
}
