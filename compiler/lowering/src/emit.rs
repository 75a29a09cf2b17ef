//! From placed steps to numbered nodes: names become numbers, terms become expressions.
//!
//! Everything gets its number where it first occurs in program order, so one workflow has one
//! program, byte for byte. What people need beside it goes into the debug table.

use aquac_base::{Name, SourceMap};
use aquac_ir::{
    ArgId, Builder, Debug, Expr, ExprId, Home, Iterable, Node, Output as IrOutput,
    Place as IrPlace, PlaceId as IrPlaceId, Program, SlotId as IrSlotId, SnapshotForm,
    StreamId as IrStreamId, TextId,
};
use aquac_semantics::Types;

use crate::Workflow;
use crate::debug::Notes;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Call, Output, Over, PlaceId, Pools, StreamId};
use crate::shapes::Shapes;
use crate::terms::{SlotId, Term, TermId};

/// Numbers everything.
pub(crate) fn emit(workflow: &Workflow, types: &Types, sources: &SourceMap) -> (Program, Debug) {
    let mut emitter = Emitter {
        pools: &workflow.inlined.pools,
        types,
        builder: Builder::new(),
        shapes: Shapes::default(),
        slots: vec![None; workflow.inlined.pools.terms.slot_count()],
        streams: vec![None; workflow.inlined.pools.streams.len()],
        exprs: vec![None; workflow.inlined.pools.terms.term_count()],
        places: vec![None; workflow.inlined.pools.places.len()],
        notes: Notes::new(sources),
    };
    for parameter in &workflow.inlined.parameters {
        let shape = emitter.shapes.of(parameter.ty, types, &mut emitter.builder);
        emitter.builder.parameter(shape);
    }
    emitter.node(&workflow.placed, workflow.inlined.root);
    (emitter.builder.finish(), emitter.notes.finish())
}

struct Emitter<'a> {
    pools: &'a Pools,
    types: &'a Types,
    builder: Builder,
    shapes: Shapes,
    /// The numbers that were given, by the numbers of the workflow.
    slots: Vec<Option<IrSlotId>>,
    streams: Vec<Option<IrStreamId>>,
    exprs: Vec<Option<ExprId>>,
    places: Vec<Option<IrPlaceId>>,
    notes: Notes<'a>,
}

impl Emitter<'_> {
    /// A node and everything below it. `home` is where its parent is at home.
    fn node(&mut self, placed: &Placed, home: PlaceId) {
        self.notes.node(self.builder.next_node(), placed.span);
        if placed.home != home {
            let Home { node, place } =
                Home { node: self.builder.next_node(), place: self.place(placed.home) };
            self.builder.home(node, place);
        }
        let node = self.content(placed);
        let mut children = placed.children().peekable();
        if children.peek().is_none() {
            self.builder.leaf(node);
            return;
        }
        let open = self.builder.open(node);
        for child in children {
            self.node(child, placed.home);
        }
        self.builder.close(open);
    }

    fn content(&mut self, placed: &Placed) -> Node {
        match &placed.kind {
            PlacedKind::Seq(steps) if !steps.is_empty() => Node::Seq(0),
            PlacedKind::Par(branches) if !branches.is_empty() => Node::Par(0),
            PlacedKind::Null | PlacedKind::Seq(_) | PlacedKind::Par(_) => Node::Null,
            PlacedKind::Try { error, .. } => Node::Try { error: error.map(|slot| self.slot(slot)) },
            PlacedKind::If { condition, .. } => Node::If { condition: self.expr(*condition) },
            PlacedKind::Call { place, call } => self.call(*place, call),
            PlacedKind::Let { slot, value } => {
                let expr = self.expr(*value);
                Node::Let { slot: self.slot(*slot), expr }
            }
            PlacedKind::Wait(value) => {
                let expr = self.expr(*value);
                self.notes.slot(&Name::new(""));
                Node::Let { slot: self.builder.slot(), expr }
            }
            PlacedKind::Push { stream, key, value } => {
                let key = key.map(|key| self.expr(key));
                let value = self.expr(*value);
                Node::Push { stream: self.stream(*stream), key, value }
            }
            PlacedKind::Snapshot { place, stream, slot } => {
                let (place, stream) = (self.place(*place), self.stream(*stream));
                let form = SnapshotForm::Elements;
                Node::Snapshot { place, stream, form, slot: self.slot(*slot) }
            }
            PlacedKind::Await { place, stream, count, slot } => {
                let (place, stream) = (self.place(*place), self.stream(*stream));
                let count = self.expr(*count);
                Node::Await { place, stream, count, slot: self.slot(*slot) }
            }
            PlacedKind::For(each) => {
                let iterable = match each.over {
                    Over::Array(value) => Iterable::Array(self.expr(value)),
                    Over::Entries(value) => Iterable::Entries(self.expr(value)),
                    Over::Live(stream) => Iterable::Live(self.stream(stream)),
                };
                let item = self.slot(each.item);
                Node::For { iterable, item, mode: each.mode, last: each.last }
            }
            PlacedKind::Scope { streams, .. } => {
                Node::Scope { streams: streams.iter().map(|stream| self.stream(*stream)).collect() }
            }
            PlacedKind::Return(values) => Node::Return { values: self.all(values) },
        }
    }

    fn call(&mut self, place: PlaceId, call: &Call) -> Node {
        let place = self.place(place);
        let service = self.expr(call.service);
        let function = self.expr(call.function);
        let args = self.all(&call.args);
        let output = match call.output {
            Output::Nothing => IrOutput::Nothing,
            Output::Slot(slot) => IrOutput::Slot(self.slot(slot)),
            Output::Stream(stream) => IrOutput::Stream(self.stream(stream)),
        };
        let returns = call.returns.map(|ty| self.shapes.of(ty, self.types, &mut self.builder));
        Node::Call { place, service, function, args, output, returns }
    }

    fn slot(&mut self, slot: SlotId) -> IrSlotId {
        if let Some(known) = self.slots.get(slot.index()).copied().flatten() {
            return known;
        }
        let number = self.builder.slot();
        self.notes.slot(self.pools.terms.slot_name(slot));
        note(&mut self.slots, slot.index(), number);
        number
    }

    fn stream(&mut self, stream: StreamId) -> IrStreamId {
        if let Some(known) = self.streams.get(stream.index()).copied().flatten() {
            return known;
        }
        let content = &self.pools.streams[stream];
        let number = self.builder.stream(content.kind);
        self.notes.stream(&content.name);
        note(&mut self.streams, stream.index(), number);
        number
    }

    fn place(&mut self, place: PlaceId) -> IrPlaceId {
        if let Some(known) = self.places.get(place.index()).copied().flatten() {
            return known;
        }
        let content = &self.pools.places[place];
        let peer = self.expr(content.peer);
        let via = self.all(&content.via);
        let number = self.builder.place(IrPlace { peer, via });
        note(&mut self.places, place.index(), number);
        number
    }

    fn all(&mut self, terms: &[TermId]) -> Box<[ExprId]> {
        terms.iter().map(|term| self.expr(*term)).collect()
    }

    fn fields(&mut self, fields: &[(Name, TermId)]) -> Box<[(TextId, ExprId)]> {
        fields
            .iter()
            .map(|(name, value)| {
                let value = self.expr(*value);
                (self.builder.text(name), value)
            })
            .collect()
    }

    fn expr(&mut self, term: TermId) -> ExprId {
        if let Some(known) = self.exprs.get(term.index()).copied().flatten() {
            return known;
        }
        let expr = match self.pools.terms.get(term) {
            Term::Const(value) => {
                let constant = self.builder.constant(value.clone());
                note(&mut self.exprs, term.index(), constant);
                return constant;
            }
            Term::Arg(number) => Expr::Arg(ArgId(*number)),
            Term::Slot(slot) => Expr::Slot(self.slot(*slot)),
            Term::Fact(fact) => Expr::Fact(*fact),
            Term::Field { of, name } => {
                let of = self.expr(*of);
                Expr::Field { of, name: self.builder.text(name) }
            }
            Term::Index { of, index, kind } => {
                Expr::Index { of: self.expr(*of), index: self.expr(*index), kind: *kind }
            }
            Term::Length(of) => Expr::Length(self.expr(*of)),
            Term::Not(of) => Expr::Not(self.expr(*of)),
            Term::And(left, right) => Expr::And(self.expr(*left), self.expr(*right)),
            Term::Or(left, right) => Expr::Or(self.expr(*left), self.expr(*right)),
            Term::Binary { op, left, right } => {
                Expr::Binary { op: *op, left: self.expr(*left), right: self.expr(*right) }
            }
            Term::Array(items) => Expr::Array(self.all(items)),
            Term::Object(fields) => Expr::Object(self.fields(fields)),
            Term::Update { of, fields } => {
                let of = self.expr(*of);
                Expr::Update { of, fields: self.fields(fields) }
            }
            Term::First(items) => Expr::First(self.all(items)),
            Term::Either(items) => Expr::Either(self.all(items)),
            Term::Contains { map, key } => {
                Expr::Contains { map: self.expr(*map), key: self.expr(*key) }
            }
            Term::Keys(of) => Expr::Keys(self.expr(*of)),
        };
        let number = self.builder.expr(expr);
        note(&mut self.exprs, term.index(), number);
        number
    }
}

/// Notes the number that something was given.
fn note<Number>(numbers: &mut [Option<Number>], at: usize, number: Number) {
    if let Some(entry) = numbers.get_mut(at) {
        *entry = Some(number);
    }
}
