//! Random programs: always valid, made from a stream of choices that proptest can shrink.

use aquac_ir::{
    BinaryOp, Builder, Expr, ExprId, Fact, IndexKind, Iterable, Last, LoopMode, MatchKind, Node,
    NodeId, Output, Place, PlaceId, Program, Shape, ShapeField, ShapeId, SlotId, SnapshotForm,
    StreamId, StreamKind, Value, from_json,
};

/// Choices; when they run out, the simplest.
pub(crate) struct Choices<'a>(std::slice::Iter<'a, u8>);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % bound)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

struct Maker<'a> {
    choices: Choices<'a>,
    builder: Builder,
    slots: Vec<SlotId>,
    lists: Vec<StreamId>,
    maps: Vec<StreamId>,
    /// Loops whose body asks for the next iteration.
    loops: Vec<NodeId>,
    places: Vec<PlaceId>,
}

/// A random program that passes the check.
pub(crate) fn program(bytes: &[u8]) -> Program {
    let mut maker = Maker {
        choices: Choices::new(bytes),
        builder: Builder::new(),
        slots: Vec::new(),
        lists: Vec::new(),
        maps: Vec::new(),
        loops: Vec::new(),
        places: Vec::new(),
    };
    for _ in 0..maker.choices.below(4) {
        let shape = maker.shape(0);
        maker.builder.parameter(shape);
    }
    // Two parameters that every expression may name.
    for _ in 0..2 {
        let any = maker.builder.shape(Shape::Any);
        maker.builder.parameter(any);
    }
    maker.lists.push(maker.builder.stream(StreamKind::List));
    maker.maps.push(maker.builder.stream(StreamKind::Map));
    let slot = maker.builder.slot();
    maker.slots.push(slot);
    let peer = maker.builder.expr(Expr::Fact(Fact::Initiator));
    maker.places.push(maker.builder.place(Place { peer, via: Box::default() }));
    maker.node(0);
    maker.builder.finish()
}

impl Maker<'_> {
    fn new_slot(&mut self) -> SlotId {
        let slot = self.builder.slot();
        self.slots.push(slot);
        slot
    }

    fn shape(&mut self, depth: usize) -> ShapeId {
        let simple =
            [Shape::Any, Shape::Nothing, Shape::Bool, Shape::Float, Shape::Text, Shape::Signed(8)];
        let shape = match self.choices.below(if depth < 3 { 6 } else { 2 }) {
            0 => self.choices.pick(&simple),
            1 => Shape::Unsigned(self.choices.pick(&[8, 16, 32, 64])),
            2 => Shape::Array(self.shape(depth + 1)),
            3 => Shape::Option(self.shape(depth + 1)),
            _ => {
                let names = ["a", "second field", "length"];
                let wanted = self.choices.below(4);
                let fields = names.iter().take(wanted).map(|name| ShapeField {
                    name: self.builder.text(name),
                    shape: self.shape(depth + 1),
                });
                Shape::Object(fields.collect::<Vec<_>>().into())
            }
        };
        self.builder.shape(shape)
    }

    fn constant(&mut self) -> ExprId {
        let json = self.choices.pick(&[
            "0",
            "-5",
            "18446744073709551615",
            "1.0",
            "-0.125",
            "1e300",
            "null",
            "true",
            "false",
            r#""""#,
            r#""q\"\\\n'[⊤ //""#,
            "[]",
            r#"[1,{"a":[]}]"#,
            r#"{"a":1.5,"b":"]"}"#,
        ]);
        self.builder.constant(from_json(json).unwrap())
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn expr(&mut self, depth: usize) -> ExprId {
        let choice = self.choices.below(if depth < 4 { 24 } else { 4 });
        let expr = match choice {
            0 => return self.constant(),
            1 => Expr::Slot(self.choices.pick(&self.slots.clone())),
            2 => Expr::Arg(aquac_ir::ArgId(u32::from(self.choices.below(2) == 1))),
            3 => Expr::Fact(self.choices.pick(&[
                Fact::Initiator,
                Fact::Host,
                Fact::Timestamp,
                Fact::Ttl,
            ])),
            4 => {
                let of = self.expr(depth + 1);
                let name = self.choices.pick(&["a", "two words", "seq", "1st", ""]);
                Expr::Field { of, name: self.builder.text(name) }
            }
            5 | 6 => Expr::Index {
                of: self.expr(depth + 1),
                index: self.expr(depth + 1),
                kind: self.choices.pick(&[IndexKind::Value, IndexKind::Snapshot, IndexKind::Map]),
            },
            7 => Expr::Length(self.expr(depth + 1)),
            8 => Expr::Not(self.expr(depth + 1)),
            9 => Expr::And(self.expr(depth + 1), self.expr(depth + 1)),
            10 => Expr::Or(self.expr(depth + 1), self.expr(depth + 1)),
            11 | 12 => Expr::Binary {
                op: self.choices.pick(&[
                    BinaryOp::Add,
                    BinaryOp::Sub,
                    BinaryOp::FloatMul,
                    BinaryOp::Pow,
                    BinaryOp::LessEqual,
                    BinaryOp::Different,
                    BinaryOp::Rem,
                    BinaryOp::Mul,
                ]),
                left: self.expr(depth + 1),
                right: self.expr(depth + 1),
            },
            13 => Expr::Array(self.exprs(depth + 1)),
            14 => Expr::First(self.exprs(depth + 1)),
            15 => Expr::Either(self.exprs(depth + 1)),
            16 => Expr::Object(self.fields(depth + 1)),
            17 => {
                let of = self.expr(depth + 1);
                Expr::Update { of, fields: self.fields(depth + 1) }
            }
            18 => Expr::Choose {
                condition: self.expr(depth + 1),
                then: self.expr(depth + 1),
                otherwise: self.expr(depth + 1),
            },
            19 => Expr::Contains { map: self.expr(depth + 1), key: self.expr(depth + 1) },
            20 => Expr::Keys(self.expr(depth + 1)),
            21 => Expr::Grouped(self.expr(depth + 1)),
            22 => Expr::Raise(self.expr(depth + 1)),
            _ => {
                let of = self.expr(depth + 1);
                let of = self.builder.expr(Expr::Thrown(of));
                Expr::Named { of, name: self.builder.text("x.$.[0]") }
            }
        };
        self.builder.expr(expr)
    }

    fn exprs(&mut self, depth: usize) -> Box<[ExprId]> {
        (0..self.choices.below(4)).map(|_| self.expr(depth)).collect()
    }

    fn fields(&mut self, depth: usize) -> Box<[(aquac_ir::TextId, ExprId)]> {
        let wanted = self.choices.below(4);
        let names = ["b", "a", "\"x\""];
        let fields =
            names.iter().take(wanted).map(|name| (self.builder.text(name), self.expr(depth)));
        fields.collect::<Vec<_>>().into()
    }

    fn place(&mut self) -> PlaceId {
        if self.choices.below(2) == 0 {
            return self.choices.pick(&self.places.clone());
        }
        let place = Place { peer: self.expr(2), via: self.exprs(3) };
        let place = self.builder.place(place);
        self.places.push(place);
        place
    }

    fn children(&mut self, node: Node, children: usize, depth: usize) {
        let open = self.builder.open(node);
        self.maybe_home(open.node());
        (0..children).for_each(|_| self.node(depth + 1));
        self.builder.close(open);
    }

    fn maybe_home(&mut self, node: NodeId) {
        if self.choices.below(8) == 7 {
            let place = self.place();
            self.builder.home(node, place);
        }
    }

    fn leaf(&mut self, node: Node) {
        let id = self.builder.leaf(node);
        self.maybe_home(id);
    }

    fn node(&mut self, depth: usize) {
        let choice = self.choices.below(if depth < 7 { 22 } else { 11 });
        match choice {
            0 => self.leaf(Node::Null),
            1 => self.leaf(Node::Never),
            2 => {
                let error = self.expr(0);
                self.leaf(Node::Fail { error });
            }
            3 | 4 => self.call(),
            5 => {
                let expr = self.expr(0);
                let slot = self.new_slot();
                self.leaf(Node::Let { slot, expr });
            }
            6 => self.push(),
            7 => self.snapshot(),
            8 => {
                let place = self.place();
                self.leaf(Node::Visit { place });
            }
            9 => match self.loops.last() {
                Some(of) => self.leaf(Node::Next { of: *of }),
                None => self.leaf(Node::Null),
            },
            10 => {
                let values = self.exprs(0);
                self.leaf(Node::Return { values });
            }
            11..=13 => {
                let count = self.choices.below(4);
                self.children(Node::Seq(0), count, depth);
            }
            14 | 15 => {
                let count = self.choices.below(4);
                self.children(Node::Par(0), count, depth);
            }
            16 => {
                let error = (self.choices.below(2) == 1).then(|| self.new_slot());
                self.children(Node::Try { error }, 2, depth);
            }
            17 => {
                let condition = self.expr(0);
                self.children(Node::If { condition }, 2, depth);
            }
            18 => {
                let kind = self.choices.pick(&[MatchKind::Equal, MatchKind::Different]);
                let (left, right) = (self.expr(0), self.expr(0));
                self.children(Node::Match { kind, left, right }, 1, depth);
            }
            19 | 20 => self.for_loop(depth),
            _ => self.scope(depth),
        }
    }

    fn call(&mut self) {
        let (service, function) = (self.expr(2), self.expr(2));
        let args = self.exprs(0);
        let place = self.place();
        let output = match self.choices.below(3) {
            0 => Output::Nothing,
            1 => Output::Slot(self.new_slot()),
            _ => Output::Stream(self.choices.pick(&self.lists.clone())),
        };
        let returns = (self.choices.below(2) == 1).then(|| self.shape(0));
        self.leaf(Node::Call { place, service, function, args, output, returns });
    }

    fn push(&mut self) {
        let value = self.expr(0);
        if self.choices.below(2) == 0 {
            let stream = self.choices.pick(&self.lists.clone());
            self.leaf(Node::Push { stream, key: None, value });
        } else {
            let key = Some(self.expr(0));
            let stream = self.choices.pick(&self.maps.clone());
            self.leaf(Node::Push { stream, key, value });
        }
    }

    fn snapshot(&mut self) {
        let place = self.place();
        let stream = self.choices.pick(&self.lists.clone());
        let map = self.choices.pick(&self.maps.clone());
        let slot = self.new_slot();
        let node = match self.choices.below(4) {
            0 => Node::Await { place, stream, count: self.expr(0), slot },
            1 => Node::Snapshot { place, stream: map, form: SnapshotForm::Object, slot },
            2 => Node::Snapshot { place, stream: map, form: SnapshotForm::Elements, slot },
            _ => Node::Snapshot { place, stream, form: SnapshotForm::Elements, slot },
        };
        self.leaf(node);
    }

    fn for_loop(&mut self, depth: usize) {
        let item = self.new_slot();
        let live = [LoopMode::Explicit, LoopMode::Parallel, LoopMode::InOrder];
        let array =
            [LoopMode::Explicit, LoopMode::Parallel, LoopMode::Sequential, LoopMode::UntilSuccess];
        let (iterable, mode) = match self.choices.below(3) {
            0 => (Iterable::Array(self.expr(0)), self.choices.pick(&array)),
            1 => (Iterable::Entries(self.expr(0)), self.choices.pick(&array)),
            _ => {
                let stream = self.choices.pick(&self.lists.clone());
                (Iterable::Live(stream), self.choices.pick(&live))
            }
        };
        let last = self.choices.pick(&[Last::Complete, Last::Never, Last::Body]);
        let open = self.builder.open(Node::For { iterable, item, mode, last });
        let explicit = matches!(mode, LoopMode::Explicit | LoopMode::InOrder);
        if explicit {
            self.loops.push(open.node());
        }
        self.node(depth + 1);
        if explicit {
            self.loops.pop();
        }
        if last == Last::Body {
            self.node(depth + 1);
        }
        self.builder.close(open);
    }

    fn scope(&mut self, depth: usize) {
        let mut streams = Vec::new();
        for _ in 0..self.choices.below(3) {
            let stream = self.builder.stream(StreamKind::List);
            self.lists.push(stream);
            streams.push(stream);
        }
        let inside = streams.len();
        self.children(Node::Scope { streams: streams.into() }, 1, depth);
        self.lists.truncate(self.lists.len() - inside);
    }
}

/// A value nested as deeply as it may be.
pub(crate) fn deepest_value() -> Value {
    let mut value = Value::text("core");
    while let Ok(deeper) = Value::array(vec![value.clone()]) {
        value = deeper;
    }
    value
}
