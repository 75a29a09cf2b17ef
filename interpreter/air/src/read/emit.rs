//! The tree of a script, node by node, into a program.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{
    Builder, Expr, ExprId, Fact, FaultCode, MatchKind, Node, NodeId, Open, Output, Place, PlaceId,
    Program, SlotId, SnapshotForm, StreamKind,
};

use crate::Span;
use crate::ast::{Kind, Operand, Register, Variable, What};
use crate::print::instruction;
use crate::read::errors::Registers;
use crate::read::gate::{Form, Gate};
use crate::read::names::{Binding, Meaning, Names};
use crate::read::tree::Tree;

/// What is known while nodes are made.
pub(super) struct Emitter<'s, 'a> {
    pub(super) tree: &'s Tree<'s, 'a>,
    pub(super) builder: Builder,
    pub(super) names: Names<'s>,
    pub(super) registers: Registers,
    /// The loop of each fold.
    pub(super) loops: BTreeMap<usize, NodeId>,
    /// Each `next` that the mode of its loop says.
    pub(super) implied: BTreeSet<usize>,
    pub(super) never_slot: Option<SlotId>,
    /// The last place that is certain before the current node.
    pub(super) here: Option<PlaceId>,
    /// Where the nodes that are open are at home.
    home: Option<PlaceId>,
    /// The place of the initiator, which is home outside everything.
    initiator: Option<PlaceId>,
    slot_names: Vec<String>,
    spans: Vec<(NodeId, Span)>,
}

/// The program, where its nodes stand in the script, and the names of its slots and streams.
pub(super) type Emitted = (Program, Vec<(NodeId, Span)>, Vec<String>, Vec<String>);

pub(super) fn emit(tree: &Tree<'_, '_>) -> Emitted {
    let mut builder = Builder::new();
    let (mut slot_names, mut stream_names) = (Vec::new(), Vec::new());
    let mut streams = Vec::new();
    let names = Names::collect(
        tree,
        |name| {
            slot_names.push(name.to_string());
            builder.slot()
        },
        |name, kind| {
            stream_names.push(name.to_string());
            streams.push(kind);
            aquac_ir::StreamId(u32::try_from(streams.len() - 1).unwrap_or(u32::MAX))
        },
    );
    for kind in streams {
        builder.stream(if kind == Kind::Map { StreamKind::Map } else { StreamKind::List });
    }
    let mut emitter = Emitter {
        tree,
        builder,
        names,
        registers: Registers::find(tree),
        loops: BTreeMap::new(),
        implied: BTreeSet::new(),
        never_slot: None,
        here: None,
        home: None,
        initiator: None,
        slot_names,
        spans: Vec::new(),
    };
    emitter.node(0);
    (emitter.builder.finish(), emitter.spans, emitter.slot_names, stream_names)
}

impl Emitter<'_, '_> {
    pub(super) fn slot(&mut self, name: &str) -> SlotId {
        self.slot_names.push(name.to_string());
        self.builder.slot()
    }

    /// Opens a node that stands for one of the script.
    pub(super) fn open(&mut self, node: usize, content: Node) -> Open {
        self.mark(node);
        self.builder.open(content)
    }

    fn leaf(&mut self, node: usize, content: Node) {
        self.mark(node);
        self.builder.leaf(content);
    }

    fn mark(&mut self, node: usize) {
        if let Some(flat) = self.tree.get(node) {
            self.spans.push((self.builder.next_node(), flat.span));
        }
    }

    /// A node of the script with everything below it.
    pub(super) fn node(&mut self, node: usize) {
        let outer_home = self.home;
        if let Some(here) = self.here
            && self.home.or(self.initiator) != self.here
            && !self.is_step(node)
        {
            self.builder.home(self.builder.next_node(), here);
            self.home = self.here;
        }
        let form = self.tree.get(node).map_or(Form::Plain, |flat| flat.form);
        match form {
            Form::Plain => self.plain(node),
            Form::Visit(peer) => {
                let place = self.place(peer, node);
                self.leaf(node, Node::Visit { place });
                self.here = Some(place);
            }
            Form::Gate(gate) => self.gate(node, &gate),
        }
        self.home = outer_home;
    }

    /// Whether a node happens at a place of its own that is known from the start.
    fn is_step(&self, node: usize) -> bool {
        let known = |peer: &Operand<'_>| match peer {
            Operand::Variable(variable, _) => {
                self.names.is_certain(self.tree, &variable.name, node)
            }
            Operand::Text(_) | Operand::Initiator => true,
            Operand::Int(_)
            | Operand::Float(_)
            | Operand::Bool(_)
            | Operand::Empty
            | Operand::Timestamp
            | Operand::Ttl
            | Operand::Error(..) => false,
        };
        match self.tree.get(node) {
            None => false,
            Some(flat) => match (flat.form, flat.what) {
                (Form::Visit(peer), _)
                | (Form::Gate(Gate { peer, .. }), _)
                | (Form::Plain, What::Call { peer, .. } | What::Canon { peer, .. }) => known(peer),
                (Form::Plain, _) => false,
            },
        }
    }

    fn plain(&mut self, node: usize) {
        let Some(what) = self.tree.what(node) else { return };
        match what {
            What::Call { .. } | What::Canon { .. } | What::Ap { .. } => self.binding(node, what),
            What::Seq => self.seq(node),
            What::Par => self.par(node),
            What::Xor => self.xor(node),
            What::Match { equal, left, right } => {
                let kind = if *equal { MatchKind::Equal } else { MatchKind::Different };
                let (left, right) = (self.value(left, node), self.value(right, node));
                let open = self.open(node, Node::Match { kind, left, right });
                self.children(node);
                self.builder.close(open);
            }
            What::Fold { .. } => self.fold(node),
            What::Next(item) => self.next(node, item),
            What::New(_) => self.fresh(node),
            What::Fail(error) => self.fail(node, error),
            What::FailWith { code, message } => {
                let code = self.builder.constant((*code).into());
                let (message, text) = (self.text(message), self.text(&instruction(what)));
                let peer = self.expr(Expr::Fact(Fact::Initiator));
                let error = self.object(&[
                    ("error_code", code),
                    ("message", message),
                    ("instruction", text),
                    ("peer_id", peer),
                ]);
                self.leaf(node, Node::Fail { error });
            }
            What::Never => self.leaf(node, Node::Never),
            What::Null => self.leaf(node, Node::Null),
        }
    }

    fn seq(&mut self, node: usize) {
        let mut steps = self.tree.children(node).iter().filter(|s| !self.implied.contains(s));
        if let (Some(only), None) = (steps.next().copied(), steps.next()) {
            return self.node(only);
        }
        let open = self.open(node, Node::Seq(0));
        self.children(node);
        self.builder.close(open);
    }

    /// The children one after the other, those left out that the mode of a loop implies.
    fn children(&mut self, node: usize) {
        for child in self.tree.children(node) {
            if !self.implied.contains(child) {
                self.node(*child);
            }
        }
    }

    fn par(&mut self, node: usize) {
        let here = self.here;
        let mut branches = self.tree.children(node).iter().filter(|b| !self.implied.contains(b));
        if let (Some(only), None) = (branches.next().copied(), branches.next()) {
            self.node(only);
            self.here = here;
            return;
        }
        let open = self.open(node, Node::Par(0));
        for child in self.tree.children(node) {
            if self.implied.contains(child) {
                continue;
            }
            self.here = here;
            if self.registers.keeps_swallowed() {
                self.watched(*child);
            } else {
                self.node(*child);
            }
        }
        // No branch is certain.
        self.here = here;
        self.builder.close(open);
    }

    /// A branch whose error is kept, although its `par` may swallow it.
    fn watched(&mut self, node: usize) {
        let error = self.slot("");
        let open = self.open(node, Node::Try { error: Some(error) });
        self.node(node);
        let again = self.expr(Expr::Slot(error));
        let error_again = self.expr(Expr::Raise(again));
        let slot = self.slot("");
        self.leaf(node, Node::Let { slot, expr: error_again });
        self.builder.close(open);
        self.registers.caught(node, error);
    }

    fn xor(&mut self, node: usize) {
        let [body, handler] = self.tree.children(node) else { return };
        if self.implied.contains(handler) {
            return self.node(*body);
        }
        let error = self.registers.needs_slot(node).then(|| self.slot(":error:"));
        let here = self.here;
        let open = self.open(node, Node::Try { error });
        self.node(*body);
        let after_body = core::mem::replace(&mut self.here, here);
        if let Some(slot) = error {
            self.registers.caught(node, slot);
        }
        self.node(*handler);
        if self.here != after_body {
            self.here = here;
        }
        self.builder.close(open);
    }

    fn next(&mut self, node: usize, item: &Variable<'_>) {
        if self.implied.contains(&node) {
            return self.leaf(node, Node::Null);
        }
        let fold = Names::fold_of(self.tree, &item.name, node);
        // In the last instruction there is nothing to come, for ever.
        let fold = fold.filter(|fold| self.tree.in_body(Some(*fold), node));
        match fold.and_then(|fold| self.loops.get(&fold)) {
            Some(of) => self.leaf(node, Node::Next { of: *of }),
            None => self.leaf(node, Node::Never),
        }
    }

    /// Streams become fresh; for other variables only the meaning of their names changes.
    fn fresh(&mut self, node: usize) {
        let mut streams = Vec::new();
        let mut inner = node;
        while let (Some(What::New(variable)), Some(Form::Plain)) =
            (self.tree.what(inner), self.tree.get(inner).map(|flat| flat.form))
        {
            streams.extend(self.names.fresh_stream(inner, &variable.name));
            let Some(body) = self.tree.children(inner).first() else { break };
            inner = *body;
        }
        if streams.is_empty() {
            return self.node(inner);
        }
        let open = self.open(node, Node::Scope { streams: streams.into() });
        self.node(inner);
        self.builder.close(open);
    }

    fn fail(&mut self, node: usize, error: &Operand<'_>) {
        if let Operand::Error(Register::Caught, None) = error {
            let object = self.caught(node);
            let expr = self.expr(Expr::Raise(object));
            let slot = self.slot("");
            return self.leaf(node, Node::Let { slot, expr });
        }
        let variable =
            if let Operand::Variable(variable, _) = error { Some(variable) } else { None };
        let undefined = variable
            .map(|variable| &variable.name)
            .filter(|name| self.names.meaning(self.tree, name, node) == Meaning::Nothing);
        let error = match undefined {
            // Here nobody waits.
            Some(name) => self.fault(
                FaultCode::Undefined,
                &alloc::format!(
                    "variable with name '{name}' wasn't defined during script execution"
                ),
            ),
            None => self.value(error, node),
        };
        self.leaf(node, Node::Fail { error });
    }

    pub(super) fn place(&mut self, peer: &Operand<'_>, node: usize) -> PlaceId {
        let via: Vec<ExprId> = match peer {
            // The initiator is reached as everyone reaches it: through its own relay.
            Operand::Initiator => alloc::vec![self.expr(Expr::Fact(Fact::Host))],
            Operand::Text(_)
            | Operand::Int(_)
            | Operand::Float(_)
            | Operand::Bool(_)
            | Operand::Empty
            | Operand::Timestamp
            | Operand::Ttl
            | Operand::Error(..)
            | Operand::Variable(..) => Vec::new(),
        };
        let outside = !via.is_empty();
        let peer = self.named(peer, node);
        let place = self.builder.place(Place { peer, via: via.into() });
        if outside {
            self.initiator = Some(place);
        }
        place
    }

    /// An instruction that binds a variable, with the check that it may: a call looks before it
    /// does anything, the others when they have the value.
    fn binding(&mut self, node: usize, what: &What<'_>) {
        let name = what.output().map_or("", |variable| &*variable.name);
        let is_call = matches!(what, What::Call { .. });
        let why = Self::bound_twice(name);
        let check = match self.names.binding(self.tree, name, node) {
            Binding::Free => return self.step(node, what),
            // Only a call looks; anything else makes a variable of the same name.
            Binding::Item if !is_call => return self.step(node, what),
            // What certainly fails is never done.
            Binding::Item => {
                let fault = self.fault(FaultCode::ItemWritten, &why);
                return self.check(node, fault);
            }
            Binding::Taken if is_call => {
                let fault = self.fault(FaultCode::WrittenTwice, &why);
                return self.check(node, fault);
            }
            Binding::Taken => self.fault(FaultCode::WrittenTwice, &why),
            Binding::TakenIf(slots) => {
                let checks: Vec<ExprId> = slots
                    .iter()
                    .map(|slot| self.fails_if_known(*slot, FaultCode::WrittenTwice, &why))
                    .collect();
                self.expr(Expr::Array(checks.into()))
            }
        };
        let open = self.open(node, Node::Seq(0));
        if is_call {
            self.check(node, check);
            self.step(node, what);
        } else {
            self.step(node, what);
            self.check(node, check);
        }
        self.builder.close(open);
    }

    fn check(&mut self, node: usize, expr: ExprId) {
        let slot = self.slot("");
        self.leaf(node, Node::Let { slot, expr });
    }

    fn step(&mut self, node: usize, what: &What<'_>) {
        match what {
            What::Call { peer, service, function, args, output } => {
                let place = self.place(peer, node);
                let (service, function) = (self.named(service, node), self.named(function, node));
                let args = args.iter().map(|arg| self.value(arg, node)).collect();
                let output = self.output(node, output.as_ref());
                let returns = None;
                self.leaf(node, Node::Call { place, service, function, args, output, returns });
                self.here = Some(place);
            }
            What::Canon { peer, from, to } => self.canon(node, peer, from, to),
            What::Ap { key, value, to } => {
                let value = self.value(value, node);
                let key = key.as_ref().map(|key| self.key_of(key, to, node));
                let content = match (self.names.stream(self.tree, &to.name, node), to.kind) {
                    (Some(stream), Kind::Stream | Kind::Map) => Node::Push { stream, key, value },
                    (_, Kind::Scalar | Kind::Canon | Kind::CanonMap) | (None, _) => {
                        let slot = self.names.output(node).unwrap_or_else(|| self.slot(""));
                        Node::Let { slot, expr: value }
                    }
                };
                self.leaf(node, content);
            }
            What::Seq
            | What::Par
            | What::Xor
            | What::Match { .. }
            | What::Fold { .. }
            | What::Next(_)
            | What::New(_)
            | What::Fail(_)
            | What::FailWith { .. }
            | What::Never
            | What::Null => {}
        }
    }

    /// A key, which messages speak of by the name of its map.
    fn key_of(&mut self, key: &Operand<'_>, map: &Variable<'_>, node: usize) -> ExprId {
        let of = self.value(key, node);
        if !matches!(key, Operand::Variable(..)) {
            return of;
        }
        let name = self.builder.text(&map.name);
        self.expr(Expr::Named { of, name })
    }

    fn output(&mut self, node: usize, output: Option<&Variable<'_>>) -> Output {
        let Some(variable) = output else { return Output::Nothing };
        if variable.kind == Kind::Stream {
            let stream = self.names.stream(self.tree, &variable.name, node);
            return stream.map_or(Output::Nothing, Output::Stream);
        }
        self.names.output(node).map_or(Output::Nothing, Output::Slot)
    }

    fn canon(&mut self, node: usize, peer: &Operand<'_>, from: &Variable<'_>, to: &Variable<'_>) {
        let place = self.place(peer, node);
        let stream = self.names.stream(self.tree, &from.name, node);
        let (Some(stream), Some(slot)) = (stream, self.names.output(node)) else { return };
        let form =
            if to.kind == Kind::Scalar { SnapshotForm::Object } else { SnapshotForm::Elements };
        self.leaf(node, Node::Snapshot { place, stream, form, slot });
        self.here = Some(place);
    }

    fn gate(&mut self, node: usize, gate: &Gate<'_, '_>) {
        let place = self.place(gate.peer, node);
        let count = self.value(gate.count, node);
        let stream = self.names.stream(self.tree, &gate.stream.name, node);
        let (Some(stream), Some(slot)) = (stream, self.names.output(node)) else { return };
        self.leaf(node, Node::Await { place, stream, count, slot });
        self.here = Some(place);
    }
}
