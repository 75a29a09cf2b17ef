//! The executable specification: what a program means, read directly off its nodes.
//!
//! The state is a function of program, header and history. Here it is computed in the plainest
//! way: the whole tree is walked again and again, until a walk finds nothing new. Nothing is
//! remembered between walks but which slots and stream elements were written, how high each
//! element stands, and where in the walk it was met.

use std::collections::BTreeMap;

use aquac_ir::{
    Digest, Expr, ExprId, Fact, Fault, FaultCode, IndexKind, Iterable, Last, LoopMode, MatchKind,
    Node, NodeId, Output, PeerId, SignedHeader, SlotId, StreamId, TooDeep, Value, VerifiedProgram,
    limits::MAX_VALUE_BYTES, ops,
};
use aquac_vm::{Iteration, Picture, Position, Record, RecordedFault, SaltedValue, StepState};

type Path = Vec<Iteration>;

/// Why a step failed.
#[derive(Debug, Clone, PartialEq)]
struct Failure {
    fault: Fault,
    instruction: String,
    peer: PeerId,
}

/// How a step stands, with its level: the number of live-stream iterations entered before it.
#[derive(Debug, Clone, PartialEq)]
enum Is {
    Waiting,
    Complete(u32),
    Failed(u32, Failure),
}

/// Why an expression has no value.
enum Stop {
    Missing,
    Fault(Fault),
    Raised(Fault, Value),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// In a stream, elements stand in the order of levels, and then of ranks.
#[derive(Debug, Clone, PartialEq)]
struct Element {
    value: Value,
    level: u32,
    /// When the walk met what made it.
    rank: u32,
}

/// Where the walk is: a node in an iteration, reached at a level.
#[derive(Debug, Clone, Copy)]
struct At<'a> {
    node: NodeId,
    path: &'a Path,
    level: u32,
}

/// What is known, and what the last walk has found.
#[derive(Debug, Clone)]
pub(crate) struct Naive<'a> {
    program: &'a VerifiedProgram,
    header: &'a SignedHeader,
    records: BTreeMap<Position, Vec<(PeerId, Record)>>,
    values: BTreeMap<Digest, Value>,
    slots: BTreeMap<(SlotId, Path), Value>,
    streams: BTreeMap<(StreamId, Path), BTreeMap<Position, Element>>,
    steps: BTreeMap<Position, StepState>,
    /// The elements of each loop over an array, and each of its iterations by its index.
    loops: BTreeMap<(NodeId, Path), (Vec<Value>, Path)>,
    indices: BTreeMap<(NodeId, Path), usize>,
    rank: u32,
    /// All records in order, and the first of them that is a result.
    order: Vec<Position>,
    result: Option<(usize, Vec<Value>)>,
    failed: Option<Fault>,
}

impl<'a> Naive<'a> {
    /// The state for these turns and values.
    pub(crate) fn picture(
        program: &'a VerifiedProgram,
        header: &'a SignedHeader,
        records: impl IntoIterator<Item = (PeerId, Record)>,
        values: impl IntoIterator<Item = SaltedValue>,
    ) -> Picture {
        let mut naive = Self {
            program,
            header,
            records: BTreeMap::new(),
            values: values.into_iter().map(|salted| (salted.digest(), salted.value)).collect(),
            slots: BTreeMap::new(),
            streams: BTreeMap::new(),
            steps: BTreeMap::new(),
            loops: BTreeMap::new(),
            indices: BTreeMap::new(),
            rank: 0,
            order: Vec::new(),
            result: None,
            failed: None,
        };
        for (author, record) in records {
            naive.order.push(record.position.clone());
            naive.records.entry(record.position.clone()).or_default().push((author, record));
        }
        naive.walk_until_nothing_is_new()
    }

    fn walk_until_nothing_is_new(mut self) -> Picture {
        loop {
            let before = (self.slots.clone(), self.streams.clone(), self.steps.len());
            self.steps.clear();
            self.rank = 0;
            let root = self.go(At { node: NodeId(0), path: &Vec::new(), level: 0 });
            if let Is::Failed(_, failure) = &root {
                self.failed = Some(failure.fault.clone());
            }
            if before == (self.slots.clone(), self.streams.clone(), self.steps.len()) {
                let complete = matches!(root, Is::Complete(_));
                return self.into_picture(complete);
            }
        }
    }

    fn into_picture(self, complete: bool) -> Picture {
        let has_return =
            self.program.program().nodes.iter().any(|node| matches!(node, Node::Return { .. }));
        let ended = (complete && !has_return).then(Vec::new);
        let result =
            self.result.map(|(_, values)| values).or(ended).map(Ok).or(self.failed.map(Err));
        let mut streams = BTreeMap::new();
        for (key, elements) in self.streams {
            let mut order: Vec<&Element> = elements.values().collect();
            order.sort_by_key(|element| (element.level, element.rank));
            let values: Vec<_> = order.iter().map(|element| Some(element.value.clone())).collect();
            if !values.is_empty() {
                streams.insert(key, values);
            }
        }
        let slots = self.slots.into_iter().map(|(key, value)| (key, Some(value))).collect();
        Picture { steps: self.steps, slots, streams, result }
    }

    fn content(&self, node: NodeId) -> &'a Node {
        self.program.program().node(node).unwrap()
    }

    fn child(&self, node: NodeId, number: usize) -> NodeId {
        self.program.children(node).nth(number).unwrap()
    }

    /// Walks a node and notes how it stands.
    fn go(&mut self, at: At) -> Is {
        self.rank += 1;
        let rank = self.rank;
        let is = self.node(at, rank);
        let state = match &is {
            Is::Waiting => StepState::Waiting,
            Is::Complete(_) => StepState::Complete,
            Is::Failed(_, failure) => StepState::Failed(failure.fault.code.number()),
        };
        self.steps.insert(Position { node: at.node, path: at.path.clone() }, state);
        is
    }

    fn node(&mut self, at: At, rank: u32) -> Is {
        let below = |naive: &Self, number| At { node: naive.child(at.node, number), ..at };
        match self.content(at.node) {
            Node::Null => Is::Complete(at.level),
            Node::Never => Is::Waiting,
            Node::Scope { .. } => self.go(below(self, 0)),
            Node::Seq(_) => self.sequence(at),
            Node::Par(_) => {
                let children: Vec<NodeId> = self.program.children(at.node).collect();
                let all = children.into_iter().map(|node| self.go(At { node, ..at })).collect();
                parallel(all, at.level)
            }
            Node::Try { error } => match self.go(below(self, 0)) {
                Is::Failed(level, failure) if failure.fault.code.catchable() => {
                    if let Some(slot) = error {
                        self.write(at, *slot, failure.object());
                    }
                    self.go(At { level, ..below(self, 1) })
                }
                is => is,
            },
            Node::If { condition } => match self.value(at, *condition).and_then(truth) {
                Ok(holds) => self.go(below(self, usize::from(!holds))),
                Err(stop) => self.stops(at, stop),
            },
            Node::Match { kind, left, right } => {
                let sides =
                    self.value(at, *left).and_then(|left| Ok((left, self.value(at, *right)?)));
                match (sides, kind) {
                    (Err(stop), _) => self.stops(at, stop),
                    (Ok((l, r)), MatchKind::Equal) if l != r => {
                        let text = "compared values do not match";
                        self.stops(at, Fault::new(FaultCode::MatchDifferent, text).into())
                    }
                    (Ok((l, r)), MatchKind::Different) if l == r => {
                        let text = "compared values do not mismatch";
                        self.stops(at, Fault::new(FaultCode::MismatchEqual, text).into())
                    }
                    _ => self.go(below(self, 0)),
                }
            }
            Node::Fail { error } => match self.value(at, *error) {
                Ok(object) => {
                    let text = format!("fail with '{object}' is used without corresponding xor");
                    self.stops(at, Fault::new(FaultCode::User, text).into())
                }
                Err(stop) => self.stops(at, stop),
            },
            Node::Let { slot, expr } => match self.value(at, *expr) {
                Ok(value) => {
                    self.write(at, *slot, value);
                    Is::Complete(at.level)
                }
                Err(stop) => self.stops(at, stop),
            },
            Node::Push { stream, key, value } => match self.pushed(at, *key, *value) {
                Ok(value) => {
                    self.push(at, *stream, value, rank);
                    Is::Complete(at.level)
                }
                Err(stop) => self.stops(at, stop),
            },
            Node::For { iterable: Iterable::Live(stream), .. } => self.live(at, *stream),
            Node::For { iterable: Iterable::Array(expr), .. } => {
                self.array(at, *expr, <[_]>::to_vec)
            }
            Node::For { iterable: Iterable::Entries(expr), .. } => self.array(at, *expr, entries),
            Node::Next { of } => self.next(at, *of),
            Node::Call { .. }
            | Node::Snapshot { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::Return { .. } => self.step(at, rank),
        }
    }

    /// What is pushed: with a key, the pair.
    fn pushed(&self, at: At, key: Option<ExprId>, value: ExprId) -> Result<Value, Stop> {
        let value = self.value(at, value)?;
        let Some(key) = key else { return Ok(value) };
        let key = self.value(at, key)?;
        if key.as_text().is_none() && key.as_integer().is_none() {
            let text = "unsupported type for value map's key";
            return Err(Fault::new(FaultCode::BadKey, text).into());
        }
        let pair = [("key".into(), key), ("value".into(), value)];
        small(Value::object(pair.into_iter().collect()))
    }

    fn sequence(&mut self, at: At) -> Is {
        let mut level = at.level;
        for node in self.program.children(at.node).collect::<Vec<_>>() {
            match self.go(At { node, level, ..at }) {
                Is::Complete(behind) => level = behind,
                is => return is,
            }
        }
        Is::Complete(level)
    }

    // Loops: each iteration is the body, with the following one as the mode says.

    fn array(&mut self, at: At, expr: ExprId, each: fn(&[Value]) -> Vec<Value>) -> Is {
        match self.value(at, expr) {
            Ok(Value::Array(array)) if array.items().is_empty() => Is::Complete(at.level),
            Ok(Value::Array(array)) => {
                let key = (at.node, at.path.clone());
                self.loops.insert(key, (each(array.items()), at.path.clone()));
                let mut first = at.path.clone();
                first.push(Iteration::Index(0));
                self.iteration(at.node, 0, &first, at.level)
            }
            Ok(other) => {
                let text = format!(
                    "expression 'value' returned non-array value '{other}' for fold iterable"
                );
                self.stops(at, Fault::new(FaultCode::NotIterable, text).into())
            }
            Err(stop) => self.stops(at, stop),
        }
    }

    /// One iteration of a loop over an array, together with all that follow it.
    fn iteration(&mut self, of: NodeId, index: usize, path: &Path, level: u32) -> Is {
        let Node::For { item, mode, .. } = self.content(of) else { unreachable!() };
        let outer = path[..path.len() - 1].to_vec();
        self.indices.insert((of, path.clone()), index);
        let items = self.items(of, &outer);
        self.slots.insert((*item, path.clone()), items[index].clone());
        let body = At { node: self.child(of, 0), path, level };
        let mut following = outer;
        following.push(Iteration::Index(u32::try_from(index + 1).unwrap()));
        match mode {
            LoopMode::Explicit | LoopMode::InOrder => self.go(body),
            LoopMode::Sequential => match self.go(body) {
                Is::Complete(level) => self.following(of, index, path, &following, level),
                is => is,
            },
            LoopMode::UntilSuccess => match self.go(body) {
                Is::Failed(level, failure) if failure.fault.code.catchable() => {
                    self.following(of, index, path, &following, level)
                }
                is => is,
            },
            LoopMode::Parallel => {
                let here = self.go(body);
                let there = self.following(of, index, path, &following, level);
                parallel(vec![here, there], level)
            }
        }
    }

    /// The elements of the loop around which the path goes.
    fn items(&self, of: NodeId, outer: &Path) -> Vec<Value> {
        self.loops[&(of, outer.clone())].0.clone()
    }

    /// The iteration behind `index`, or what stands where there is none.
    fn following(&mut self, of: NodeId, index: usize, path: &Path, next: &Path, level: u32) -> Is {
        let Node::For { last, .. } = self.content(of) else { unreachable!() };
        let outer = path[..path.len() - 1].to_vec();
        if index + 1 < self.items(of, &outer).len() {
            return self.iteration(of, index + 1, next, level);
        }
        self.at_the_end(of, *last, path, level)
    }

    fn at_the_end(&mut self, of: NodeId, last: Last, path: &Path, level: u32) -> Is {
        match last {
            Last::Complete => Is::Complete(level),
            Last::Never => Is::Waiting,
            Last::Body => self.go(At { node: self.child(of, 1), path, level }),
        }
    }

    fn next(&mut self, at: At, of: NodeId) -> Is {
        let Node::For { item, last, iterable, .. } = self.content(of) else { unreachable!() };
        let depth = self.loops_around(of);
        let around = at.path[..=depth].to_vec();
        let outer = around[..depth].to_vec();
        let mut next = outer.clone();
        let position = Position { node: at.node, path: at.path.clone() };
        let index = self.indices.get(&(of, around.clone())).copied().unwrap_or(0);
        let named = self.is_named(at.node, of);
        next.push(if named {
            Iteration::Named(position.name())
        } else {
            Iteration::Index(u32::try_from(index + 1).unwrap())
        });
        let live = matches!(iterable, Iterable::Live(_));
        if !live && index + 1 < self.items(of, &outer).len() {
            return self.iteration(of, index + 1, &next, at.level);
        }
        if named && *last == Last::Body {
            let item_value = self.slots[&(*item, around.clone())].clone();
            self.slots.insert((*item, next.clone()), item_value);
            self.indices.insert((of, next.clone()), index);
            return self.at_the_end(of, *last, &next, at.level);
        }
        self.at_the_end(of, *last, &around, at.level)
    }

    /// Whether a `Next` names its iterations: it is not the only one of its loop, or stands in
    /// another loop inside it.
    fn is_named(&self, next: NodeId, of: NodeId) -> bool {
        let nodes = &self.program.program().nodes;
        let several =
            nodes.iter().filter(|node| matches!(node, Node::Next { of: o } if *o == of)).count();
        several > 1 || self.loops_around(next) != self.loops_around(of) + 1
    }

    fn live(&mut self, at: At, stream: StreamId) -> Is {
        let Node::For { item, mode, last, .. } = self.content(at.node) else { unreachable!() };
        let key = self.instance(at, stream);
        let elements = self.streams.get(&key).cloned().unwrap_or_default();
        let mut order: Vec<(&Position, &Element)> = elements.iter().collect();
        order.sort_by_key(|(_, element)| (element.level, element.rank));
        let mut best: Option<u32> = None;
        for (maker, element) in order {
            let mut path = at.path.clone();
            path.push(Iteration::Named(maker.name()));
            self.slots.insert((*item, path.clone()), element.value.clone());
            let level = at.level.max(element.level) + 1;
            let body = At { node: self.child(at.node, 0), path: &path, level };
            let is = match mode {
                LoopMode::Explicit | LoopMode::InOrder => self.go(body),
                LoopMode::Sequential => match self.go(body) {
                    Is::Complete(level) => self.at_the_end(at.node, *last, &path, level),
                    is => is,
                },
                LoopMode::UntilSuccess => match self.go(body) {
                    Is::Failed(level, _) => self.at_the_end(at.node, *last, &path, level),
                    is => is,
                },
                LoopMode::Parallel => {
                    let here = self.go(body);
                    let end = self.at_the_end(at.node, *last, &path, level);
                    parallel(vec![here, end], level)
                }
            };
            if let Is::Complete(level) = is {
                best = Some(best.map_or(level, |best| best.min(level)));
            }
        }
        best.map_or(Is::Waiting, Is::Complete)
    }

    // Steps at a place.

    fn step(&mut self, at: At, rank: u32) -> Is {
        let content = self.content(at.node);
        let place = match self.place(at, content) {
            Ok(place) => place,
            Err(stop) => return self.stops(at, stop),
        };
        let position = Position { node: at.node, path: at.path.clone() };
        let records = self.records.get(&position).cloned().unwrap_or_default();
        if let Some(given_up) = self.given_up(&records, place) {
            return self.failed(at, content, given_up);
        }
        let args: &[ExprId] = match content {
            Node::Call { args, .. } => args,
            Node::Return { values } => values,
            _ => &[],
        };
        let mut given = Vec::new();
        for arg in args {
            match self.value(at, *arg) {
                Ok(value) => given.push(value),
                Err(Stop::Missing) => return Is::Waiting,
                Err(stop) => return self.stops_at(at, stop, place),
            }
        }
        if let Node::Await { count, .. } = content {
            match self.value(at, *count) {
                Ok(value) if value.as_integer().is_some_and(|count| count >= 0) => {}
                Ok(other) => {
                    let text = format!("the number of elements to wait for cannot be {other}");
                    let fault = Stop::Fault(Fault::new(FaultCode::WrongKind, text));
                    return self.stops_at(at, fault, place);
                }
                Err(stop) => return self.stops_at(at, stop, place),
            }
        }
        let own = records.iter().find(|(author, _)| *author == place);
        match own.map(|(author, record)| (author, record.outcome)) {
            None => Is::Waiting,
            Some((_, Ok(digest))) => {
                self.done(at, content, digest, given, rank);
                Is::Complete(at.level)
            }
            Some((author, Err(fault))) => self.failed(at, content, (*author, fault)),
        }
    }

    /// Who says that the step's peer cannot be reached. Honest peers say it only where they may.
    fn given_up(
        &self,
        records: &[(PeerId, Record)],
        place: PeerId,
    ) -> Option<(PeerId, RecordedFault)> {
        records.iter().find_map(|(author, record)| {
            let fault = record.outcome.err()?;
            (*author != place && fault.code == FaultCode::Unreachable).then_some((*author, fault))
        })
    }

    fn failed(&self, at: At, content: &Node, (peer, fault): (PeerId, RecordedFault)) -> Is {
        let text = self.values[&fault.message].as_text().unwrap().to_owned();
        let fault = Fault::new(fault.code, text);
        Is::Failed(at.level, Failure { fault, instruction: self.instruction(content), peer })
    }

    fn done(&mut self, at: At, content: &Node, digest: Digest, given: Vec<Value>, rank: u32) {
        match content {
            Node::Call { output: Output::Slot(slot), .. }
            | Node::Snapshot { slot, .. }
            | Node::Await { slot, .. } => {
                let value = self.values[&digest].clone();
                self.write(at, *slot, value);
            }
            Node::Call { output: Output::Stream(stream), .. } => {
                let value = self.values[&digest].clone();
                self.push(at, *stream, value, rank);
            }
            Node::Return { .. } => {
                let position = Position { node: at.node, path: at.path.clone() };
                let number = self.order.iter().position(|other| *other == position).unwrap();
                if self.result.as_ref().is_none_or(|(first, _)| number < *first) {
                    self.result = Some((number, given));
                }
            }
            _ => {}
        }
    }

    fn place(&self, at: At, content: &Node) -> Result<PeerId, Stop> {
        let Some(place) = content.place() else { return Ok(self.header.header.initiator) };
        let text = |value: Value, expr| match value {
            Value::Text(text) => Ok(text),
            other => {
                let _: ExprId = expr;
                let text = format!(
                    "call cannot resolve non-String triplet variable part `value` with value \
                     '{other}'"
                );
                Err(Stop::Fault(Fault::new(FaultCode::NotText, text)))
            }
        };
        let peer = self.program.program().place(place).unwrap().peer;
        let name = text(self.value(at, peer)?, peer)?;
        let peer = name.parse().map_err(|_| Stop::Missing)?;
        if let Node::Call { service, function, .. } = content {
            text(self.value(at, *service)?, *service)?;
            text(self.value(at, *function)?, *function)?;
        }
        Ok(peer)
    }

    // Slots and streams.

    fn loops_around(&self, node: NodeId) -> usize {
        let is_loop = |node: &NodeId| matches!(self.content(*node), Node::For { .. });
        self.program.ancestors(node).skip(1).filter(is_loop).count()
    }

    fn write(&mut self, at: At, slot: SlotId, value: Value) {
        self.slots.insert((slot, at.path.clone()), value);
    }

    fn instance(&self, at: At, stream: StreamId) -> (StreamId, Path) {
        let depth = self.program.scope(stream).map_or(0, |scope| self.loops_around(scope));
        (stream, at.path[..depth].to_vec())
    }

    fn push(&mut self, at: At, stream: StreamId, value: Value, rank: u32) {
        let key = self.instance(at, stream);
        let maker = Position { node: at.node, path: at.path.clone() };
        let element = Element { value, level: at.level, rank };
        self.streams.entry(key).or_default().insert(maker, element);
    }

    fn read(&self, at: At, slot: SlotId) -> Result<Value, Stop> {
        let writer = self.program.writer(slot).ok_or(Stop::Missing)?;
        let is_loop = |node: &NodeId| matches!(self.content(*node), Node::For { .. });
        let loops = |node, itself: bool| -> Vec<NodeId> {
            let mut loops: Vec<NodeId> =
                self.program.ancestors(node).skip(usize::from(!itself)).filter(is_loop).collect();
            loops.reverse();
            loops
        };
        let around_writer = loops(writer, true);
        let around_reader = loops(at.node, false);
        if !around_reader.starts_with(&around_writer) {
            return Err(Stop::Missing);
        }
        let key = (slot, at.path[..around_writer.len()].to_vec());
        self.slots.get(&key).cloned().ok_or(Stop::Missing)
    }

    // Failing and waiting.

    fn stops(&self, at: At, stop: Stop) -> Is {
        self.stops_at(at, stop, self.header.header.initiator)
    }

    fn stops_at(&self, at: At, stop: Stop, peer: PeerId) -> Is {
        let instruction = self.instruction(self.content(at.node));
        match stop {
            Stop::Missing => Is::Waiting,
            Stop::Fault(fault) => Is::Failed(at.level, Failure { fault, instruction, peer }),
            Stop::Raised(fault, object) => {
                let text = |name| match &object {
                    Value::Object(object) => {
                        object.get(name).and_then(Value::as_text).map(str::to_owned)
                    }
                    _ => None,
                };
                let instruction = text("instruction").unwrap_or(instruction);
                let peer = text("peer_id").and_then(|id| id.parse().ok()).unwrap_or(peer);
                Is::Failed(at.level, Failure { fault, instruction, peer })
            }
        }
    }

    fn instruction(&self, content: &Node) -> String {
        let program = self.program.program();
        let shown = |expr: ExprId| match program.expr(expr) {
            Some(Expr::Const(id)) => program.constant(*id).unwrap().to_string(),
            Some(Expr::Named { name, .. }) => program.text(*name).unwrap().to_owned(),
            _ => "_".to_owned(),
        };
        match content {
            Node::Call { service, function, .. } => {
                format!("call ({} {})", shown(*service), shown(*function))
            }
            Node::Match { kind: MatchKind::Equal, left, right } => {
                format!("match {} {}", shown(*left), shown(*right))
            }
            Node::Match { left, right, .. } => {
                format!("mismatch {} {}", shown(*left), shown(*right))
            }
            Node::Fail { error } => format!("fail {}", shown(*error)),
            Node::For { .. } => "for".to_owned(),
            Node::If { .. } => "if".to_owned(),
            Node::Let { .. } => "let".to_owned(),
            Node::Push { .. } => "push".to_owned(),
            Node::Snapshot { .. } => "snapshot".to_owned(),
            Node::Await { .. } => "await".to_owned(),
            Node::Visit { .. } => "visit".to_owned(),
            Node::Return { .. } => "return".to_owned(),
            _ => String::new(),
        }
    }

    // Expressions, as far as random programs use them.

    fn value(&self, at: At, expr: ExprId) -> Result<Value, Stop> {
        let value = |expr: ExprId| self.value(at, expr);
        let array = |items| small(Value::array(items));
        match self.program.program().expr(expr).unwrap() {
            Expr::Const(id) => Ok(self.program.program().constant(*id).unwrap().clone()),
            Expr::Arg(arg) => {
                let digest = self.header.header.args[arg.index()];
                self.values.get(&digest).cloned().ok_or(Stop::Missing)
            }
            Expr::Slot(slot) => self.read(at, *slot),
            Expr::Fact(fact) => Ok(self.fact(*fact)),
            Expr::Named { of, .. } => value(*of),
            Expr::Field { of, name } => {
                let name = self.program.program().text(*name).unwrap();
                field(&value(*of)?, name)
            }
            Expr::Index { of, index, kind: IndexKind::Value } => {
                element(&value(*of)?, &value(*index)?)
            }
            Expr::Length(of) => {
                let of = value(*of)?;
                let items = of.as_array().ok_or_else(|| no_length(&of))?;
                Ok(Value::from(items.len() as u64))
            }
            Expr::Not(of) => Ok(Value::from(!truth(value(*of)?)?)),
            Expr::And(a, b) => Ok(Value::from(truth(value(*a)?)? && truth(value(*b)?)?)),
            Expr::Or(a, b) => Ok(Value::from(truth(value(*a)?)? || truth(value(*b)?)?)),
            Expr::Binary { op, left, right } => {
                Ok(ops::binary(*op, &value(*left)?, &value(*right)?)?)
            }
            Expr::Array(parts) => {
                array(parts.iter().map(|part| value(*part)).collect::<Result<_, _>>()?)
            }
            Expr::Either(parts) => {
                let known = |part: &ExprId| match value(*part) {
                    Err(Stop::Missing) => None,
                    known => Some(known),
                };
                parts.iter().find_map(known).unwrap_or(Err(Stop::Missing))
            }
            Expr::First(parts) => {
                for part in parts {
                    match value(*part) {
                        Ok(found) => return array(vec![found]),
                        Err(Stop::Missing) => return Err(Stop::Missing),
                        Err(Stop::Fault(_) | Stop::Raised(..)) => {}
                    }
                }
                array(vec![])
            }
            Expr::Choose { condition, then, otherwise } => {
                value(if truth(value(*condition)?)? { *then } else { *otherwise })
            }
            Expr::Raise(of) => {
                let object = value(*of)?;
                Err(Stop::Raised(raised(&object), object))
            }
            other => panic!("random programs do not use {other:?}"),
        }
    }

    fn fact(&self, fact: Fact) -> Value {
        let header = &self.header.header;
        match fact {
            Fact::Initiator => Value::from(header.initiator.to_string()),
            Fact::Host => Value::from(header.relay.unwrap_or(header.initiator).to_string()),
            Fact::Timestamp => Value::from(header.issued_at),
            Fact::Ttl => Value::from(u64::from(header.ttl)),
        }
    }
}

/// Of pairs the last with each key.
fn entries(pairs: &[Value]) -> Vec<Value> {
    let key = |pair: &Value| field(pair, "key").ok();
    let is_last = |at: usize| pairs[at + 1..].iter().all(|later| key(later) != key(&pairs[at]));
    (0..pairs.len()).filter(|at| is_last(*at)).map(|at| pairs[at].clone()).collect()
}

impl Failure {
    fn object(&self) -> Value {
        let fields = [
            ("error_code", Value::from(self.fault.code.number())),
            ("message", Value::from(self.fault.message.as_str())),
            ("instruction", Value::from(self.instruction.as_str())),
            ("peer_id", Value::from(self.peer.to_string())),
        ];
        Value::object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
            .unwrap()
    }
}

/// Complete with the lowest level of a complete branch; failed only if all are, as the last is.
fn parallel(branches: Vec<Is>, level: u32) -> Is {
    let complete = branches.iter().filter_map(|is| match is {
        Is::Complete(level) => Some(*level),
        Is::Waiting | Is::Failed(..) => None,
    });
    if let Some(level) = complete.min() {
        return Is::Complete(level);
    }
    let failed: Option<Vec<u32>> = branches
        .iter()
        .map(|is| match is {
            Is::Failed(level, _) => Some(*level),
            Is::Waiting | Is::Complete(_) => None,
        })
        .collect();
    match (failed.and_then(|levels| levels.into_iter().max()), branches.into_iter().last()) {
        (Some(level), Some(Is::Failed(_, failure))) => Is::Failed(level, failure),
        (_, None) => Is::Complete(level),
        _ => Is::Waiting,
    }
}

fn truth(value: Value) -> Result<bool, Stop> {
    let Value::Bool(truth) = value else {
        let text = format!("a condition must be true or false, not {value}");
        return Err(Fault::new(FaultCode::WrongKind, text).into());
    };
    Ok(truth)
}

fn small(value: Result<Value, TooDeep>) -> Result<Value, Stop> {
    let fault = |text: String| Fault::new(FaultCode::TooLarge, text);
    let value = value.map_err(|deep| fault(deep.to_string()))?;
    let text = || fault(format!("a value may not take more than {MAX_VALUE_BYTES} bytes")).into();
    (value.weight() <= MAX_VALUE_BYTES).then_some(value).ok_or_else(text)
}

fn no_length(of: &Value) -> Fault {
    let text = "the length functor could applied only to an array-like value, but it's applied to";
    Fault::new(FaultCode::NoLength, format!("{text} '{of}'"))
}

fn lens(text: String) -> Stop {
    Stop::Fault(Fault::new(FaultCode::Lens, text))
}

fn field(of: &Value, name: &str) -> Result<Value, Stop> {
    let Value::Object(object) = of else {
        return Err(lens(format!(
            "value '{of}' is not an map-type to match field accessor with field_name = '{name}'"
        )));
    };
    object.get(name).cloned().ok_or_else(|| {
        lens(format!("value '{of}' does not contain element with field name = '{name}'"))
    })
}

fn element(of: &Value, index: &Value) -> Result<Value, Stop> {
    if !matches!(index, Value::Int(_) | Value::Big(_) | Value::Float(_)) {
        return Err(lens(format!("scalar accessor `{index}` should has number or string type")));
    }
    let at = index.as_integer().and_then(|number| u32::try_from(number).ok());
    let at =
        at.ok_or_else(|| lens(format!("index accessor `{index} can't be converted to u32`")))?;
    let items = of.as_array().ok_or_else(|| {
        lens(format!("value '{of}' is not an array-type to match array accessor with idx = '{at}'"))
    })?;
    let none = || lens(format!("value '{of}' does not contain element for idx = '{at}'"));
    items.get(at as usize).cloned().ok_or_else(none)
}

fn raised(object: &Value) -> Fault {
    let code = field(object, "error_code").ok().and_then(|code| code.as_integer());
    let message = field(object, "message").ok().and_then(|m| m.as_text().map(str::to_owned));
    let code = code.and_then(|code| FaultCode::from_number(i64::try_from(code).ok()?));
    Fault::new(code.unwrap_or(FaultCode::User), message.unwrap_or_default())
}
