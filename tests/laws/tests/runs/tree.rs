//! Programs as trees, short to write and easy to generate; [`compile`] turns one into IR.

use aquac_ir::{
    BinaryOp, Builder, Expr, ExprId, Fact, IndexKind, Iterable, Last, LoopMode, MatchKind, Node,
    NodeId, Output, PeerId, Place, PlaceId, Program, SlotId, SnapshotForm, StreamId, StreamKind,
    Value, VerifiedProgram,
};
use std::sync::Arc;

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum E {
    Int(i64),
    Text(&'static str),
    Peer(PeerId),
    Peers(Vec<PeerId>),
    Ints(Vec<i64>),
    Slot(u32),
    Initiator,
    Add(Box<E>, i64),
    Odd(Box<E>),
    Equal(Box<E>, Box<E>),
    Index(Box<E>, i64),
    Length(Box<E>),
    Array(Vec<E>),
    /// The first of these that is there.
    Either(Vec<E>),
    /// One of these peers, by the number modulo their count.
    OneOf(Vec<PeerId>, Box<E>),
    /// Fails if the number is divisible by three.
    Check(Box<E>),
    /// An error object.
    Error(i64, &'static str),
    Field(Box<E>, &'static str),
    /// The entries of a map's snapshot. Only for a loop.
    Entries(Box<E>),
}

/// Where a result goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Out {
    Nothing,
    Slot(u32),
    Stream(u32),
}

/// A node.
#[derive(Debug, Clone)]
pub(crate) enum N {
    Seq(Vec<N>),
    Par(Vec<N>),
    Try(Box<N>, Box<N>, Option<u32>),
    If(E, Box<N>, Box<N>),
    Match(bool, E, E, Box<N>),
    Never,
    Null,
    Fail(E),
    Call(E, &'static str, Vec<E>, Out),
    CallVia(E, Vec<E>, &'static str, Vec<E>, Out),
    Let(u32, E),
    Push(u32, E),
    PushKey(u32, E, E),
    Snapshot(E, u32, u32),
    Await(E, u32, E, u32),
    Visit(E),
    /// Over an array: element, mode, what stands behind the last, body.
    For(E, u32, LoopMode, Behind, Box<N>),
    Live(u32, u32, LoopMode, Behind, Box<N>),
    /// Of the loop with this element.
    Next(u32),
    Scope(Vec<u32>, Box<N>),
    Return(Vec<E>),
    /// At home at a peer.
    On(E, Box<N>),
    OnVia(E, Vec<E>, Box<N>),
}

/// What stands behind the last element.
#[derive(Debug, Clone)]
pub(crate) enum Behind {
    Complete,
    Never,
    Body(Box<N>),
}

pub(crate) fn seq(nodes: impl Into<Vec<N>>) -> N {
    N::Seq(nodes.into())
}

pub(crate) fn par(nodes: impl Into<Vec<N>>) -> N {
    N::Par(nodes.into())
}

pub(crate) fn call(peer: PeerId, function: &'static str, args: impl Into<Vec<E>>, out: Out) -> N {
    N::Call(E::Peer(peer), function, args.into(), out)
}

pub(crate) fn slot(number: u32) -> E {
    E::Slot(number)
}

pub(crate) fn add(of: E, number: i64) -> E {
    E::Add(Box::new(of), number)
}

struct Compiler {
    builder: Builder,
    loops: Vec<(u32, NodeId)>,
}

/// Compiles; slots and streams are those that the tree names.
pub(crate) fn program(tree: &N) -> Program {
    let (mut slots, mut streams, mut maps) = (0, 0, Vec::new());
    visit(tree, &mut |node| {
        let (slot, stream, map) = numbers(node);
        slots = slots.max(slot.map_or(0, |slot| slot + 1));
        streams = streams.max(stream.map_or(0, |stream| stream + 1));
        if map {
            maps.extend(stream);
        }
    });
    let mut builder = Builder::new();
    for _ in 0..slots {
        builder.slot();
    }
    for stream in 0..streams {
        let kind = if maps.contains(&stream) { StreamKind::Map } else { StreamKind::List };
        builder.stream(kind);
    }
    let mut compiler = Compiler { builder, loops: Vec::new() };
    compiler.node(tree);
    compiler.builder.finish()
}

pub(crate) fn compile(tree: &N) -> Arc<VerifiedProgram> {
    match VerifiedProgram::new(program(tree)) {
        Ok(program) => Arc::new(program),
        Err(error) => panic!("{error}: {tree:?}"),
    }
}

/// Calls `look` with every node.
pub(crate) fn visit(tree: &N, look: &mut dyn FnMut(&N)) {
    look(tree);
    match tree {
        N::Seq(nodes) | N::Par(nodes) => nodes.iter().for_each(|node| visit(node, look)),
        N::Try(a, b, _) | N::If(_, a, b) => {
            visit(a, look);
            visit(b, look);
        }
        N::For(.., behind, body) | N::Live(.., behind, body) => {
            visit(body, look);
            if let Behind::Body(last) = behind {
                visit(last, look);
            }
        }
        N::Match(.., body) | N::Scope(_, body) | N::On(_, body) | N::OnVia(_, _, body) => {
            visit(body, look)
        }
        _ => {}
    }
}

/// The largest slot and stream that a node names, and whether the stream has keys.
fn numbers(node: &N) -> (Option<u32>, Option<u32>, bool) {
    let out = |out: &Out| match out {
        Out::Nothing => (None, None, false),
        Out::Slot(slot) => (Some(*slot), None, false),
        Out::Stream(stream) => (None, Some(*stream), false),
    };
    match node {
        N::Try(_, _, error) => (*error, None, false),
        N::Call(.., o) | N::CallVia(.., o) => out(o),
        N::Let(slot, _) | N::For(_, slot, ..) => (Some(*slot), None, false),
        N::Push(stream, _) => (None, Some(*stream), false),
        N::PushKey(stream, ..) => (None, Some(*stream), true),
        N::Snapshot(_, stream, slot) | N::Await(_, stream, _, slot) => {
            (Some(*slot), Some(*stream), false)
        }
        N::Live(stream, slot, ..) => (Some(*slot), Some(*stream), false),
        N::Scope(streams, _) => (None, streams.iter().max().copied(), false),
        _ => (None, None, false),
    }
}

impl Compiler {
    fn node(&mut self, tree: &N) {
        match tree {
            N::Seq(nodes) => self.children(Node::Seq(0), nodes),
            N::Par(nodes) => self.children(Node::Par(0), nodes),
            N::Try(a, b, error) => {
                let node = Node::Try { error: error.map(SlotId) };
                self.two(node, a, b);
            }
            N::If(condition, a, b) => {
                let condition = self.expr(condition);
                self.two(Node::If { condition }, a, b);
            }
            N::Match(equal, left, right, body) => {
                let kind = if *equal { MatchKind::Equal } else { MatchKind::Different };
                let node = Node::Match { kind, left: self.expr(left), right: self.expr(right) };
                self.children(node, core::slice::from_ref(body));
            }
            N::On(place, body) => self.at_home(place, &[], body),
            N::OnVia(place, via, body) => self.at_home(place, via, body),
            N::Scope(streams, body) => {
                let streams = streams.iter().map(|stream| StreamId(*stream)).collect();
                self.children(Node::Scope { streams }, core::slice::from_ref(body));
            }
            N::For(array, item, mode, behind, body) => {
                let iterable = match array {
                    E::Entries(map) => Iterable::Entries(self.expr(map)),
                    array => Iterable::Array(self.expr(array)),
                };
                self.repeat(iterable, *item, *mode, behind, body);
            }
            N::Live(stream, item, mode, behind, body) => {
                self.repeat(Iterable::Live(StreamId(*stream)), *item, *mode, behind, body);
            }
            leaf => {
                let node = self.leaf(leaf);
                self.builder.leaf(node);
            }
        }
    }

    fn at_home(&mut self, place: &E, via: &[E], body: &N) {
        let place = self.place(place, via);
        let node = self.builder.next_node();
        self.builder.home(node, place);
        self.children(Node::Seq(0), core::slice::from_ref(body));
    }

    fn children(&mut self, node: Node, children: &[N]) {
        let open = self.builder.open(node);
        children.iter().for_each(|child| self.node(child));
        self.builder.close(open);
    }

    fn two(&mut self, node: Node, a: &N, b: &N) {
        let open = self.builder.open(node);
        self.node(a);
        self.node(b);
        self.builder.close(open);
    }

    fn repeat(&mut self, iterable: Iterable, item: u32, mode: LoopMode, behind: &Behind, body: &N) {
        let last = match behind {
            Behind::Complete => Last::Complete,
            Behind::Never => Last::Never,
            Behind::Body(_) => Last::Body,
        };
        let open = self.builder.open(Node::For { iterable, item: SlotId(item), mode, last });
        self.loops.push((item, open.node()));
        self.node(body);
        self.loops.pop();
        if let Behind::Body(last) = behind {
            self.node(last);
        }
        self.builder.close(open);
    }

    fn leaf(&mut self, leaf: &N) -> Node {
        match leaf {
            N::Never => Node::Never,
            N::Fail(error) => Node::Fail { error: self.expr(error) },
            N::Call(peer, function, args, out) => self.call(peer, &[], function, args, *out),
            N::CallVia(peer, via, function, args, out) => {
                self.call(peer, via, function, args, *out)
            }
            N::Let(slot, expr) => Node::Let { slot: SlotId(*slot), expr: self.expr(expr) },
            N::Push(stream, value) => {
                Node::Push { stream: StreamId(*stream), key: None, value: self.expr(value) }
            }
            N::PushKey(stream, key, value) => {
                let key = Some(self.expr(key));
                Node::Push { stream: StreamId(*stream), key, value: self.expr(value) }
            }
            N::Snapshot(place, stream, slot) => Node::Snapshot {
                place: self.place(place, &[]),
                stream: StreamId(*stream),
                form: SnapshotForm::Elements,
                slot: SlotId(*slot),
            },
            N::Await(place, stream, count, slot) => Node::Await {
                place: self.place(place, &[]),
                stream: StreamId(*stream),
                count: self.expr(count),
                slot: SlotId(*slot),
            },
            N::Visit(place) => Node::Visit { place: self.place(place, &[]) },
            N::Next(item) => {
                let of = self.loops.iter().rev().find(|(of, _)| of == item);
                Node::Next { of: of.map_or(NodeId(u32::MAX), |(_, node)| *node) }
            }
            N::Return(values) => {
                Node::Return { values: values.iter().map(|value| self.expr(value)).collect() }
            }
            _ => Node::Null,
        }
    }

    fn call(&mut self, peer: &E, via: &[E], function: &str, args: &[E], out: Out) -> Node {
        let place = self.place(peer, via);
        let service = self.builder.constant(Value::text("srv"));
        let function = self.builder.constant(Value::text(function));
        let args = args.iter().map(|arg| self.expr(arg)).collect();
        let output = match out {
            Out::Nothing => Output::Nothing,
            Out::Slot(slot) => Output::Slot(SlotId(slot)),
            Out::Stream(stream) => Output::Stream(StreamId(stream)),
        };
        Node::Call { place, service, function, args, output, returns: None }
    }

    fn place(&mut self, peer: &E, via: &[E]) -> PlaceId {
        let peer = self.expr(peer);
        let via = via.iter().map(|relay| self.expr(relay)).collect();
        self.builder.place(Place { peer, via })
    }

    fn constant(&mut self, value: Value) -> ExprId {
        self.builder.constant(value)
    }

    fn expr(&mut self, expr: &E) -> ExprId {
        let peer = |peer: &PeerId| Value::text(&peer.to_string());
        let expr = match expr {
            E::Int(number) => return self.constant(Value::from(*number)),
            E::Text(text) => return self.constant(Value::text(text)),
            E::Peer(id) => return self.constant(peer(id)),
            E::Peers(ids) => {
                return self.constant(Value::array(ids.iter().map(peer).collect()).unwrap());
            }
            E::Ints(numbers) => {
                let items = numbers.iter().map(|number| Value::from(*number)).collect();
                return self.constant(Value::array(items).unwrap());
            }
            E::Entries(map) => return self.expr(map),
            E::Slot(slot) => Expr::Slot(SlotId(*slot)),
            E::Initiator => Expr::Fact(Fact::Initiator),
            E::Add(of, number) => return self.binary(BinaryOp::Add, of, &E::Int(*number)),
            E::Odd(of) => {
                let two = E::Int(2);
                let rest = self.binary(BinaryOp::Rem, of, &two);
                let one = self.constant(Value::from(1_i64));
                Expr::Binary { op: BinaryOp::Equal, left: rest, right: one }
            }
            E::Check(of) => {
                let rest = self.binary(BinaryOp::Rem, of, &E::Int(3));
                let left = self.constant(Value::from(6_i64));
                Expr::Binary { op: BinaryOp::Div, left, right: rest }
            }
            E::Equal(left, right) => return self.binary(BinaryOp::Equal, left, right),
            E::Index(of, index) => {
                let of = self.expr(of);
                let index = self.constant(Value::from(*index));
                Expr::Index { of, index, kind: IndexKind::Value }
            }
            E::Length(of) => Expr::Length(self.expr(of)),
            E::Array(parts) => Expr::Array(parts.iter().map(|part| self.expr(part)).collect()),
            E::Either(parts) => Expr::Either(parts.iter().map(|part| self.expr(part)).collect()),
            E::OneOf(ids, number) => {
                let count = i64::try_from(ids.len()).unwrap();
                let index = self.binary(BinaryOp::Rem, number, &E::Int(count));
                let of = self.expr(&E::Peers(ids.clone()));
                Expr::Index { of, index, kind: IndexKind::Value }
            }
            E::Error(code, message) => {
                let fields =
                    [("error_code", Value::from(*code)), ("message", Value::text(message))];
                let fields = fields.into_iter().map(|(name, value)| (Arc::from(name), value));
                return self.constant(Value::object(fields.collect()).unwrap());
            }
            E::Field(of, name) => {
                let of = self.expr(of);
                Expr::Field { of, name: self.builder.text(name) }
            }
        };
        self.builder.expr(expr)
    }

    fn binary(&mut self, op: BinaryOp, left: &E, right: &E) -> ExprId {
        let (left, right) = (self.expr(left), self.expr(right));
        self.builder.expr(Expr::Binary { op, left, right })
    }
}
