//! Who learns what: for each value of a function, every peer and relay that can ever hold it in
//! clear.
//!
//! ```text
//! K(v) = { peers, relays and homes of the steps that can happen while v is live }
//! v is live from the step that makes it until every step that can read it, or what is computed
//! from it, is over; a value that decides control is live for ever
//! ```
//!
//! What decides control comes from the same facts by which the interpreter keeps values at home,
//! see `aquac_ir::facts`; the report is never smaller than what travels. See
//! `notes/who-learns-what.md`.

mod window;

use std::collections::BTreeSet;

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_ir::{ArgId, Node, NodeId, VerifiedProgram};
use aquac_semantics::Typed;
use aquac_semantics::hir::FunctionId;

use super::steps::{StepId, Steps, happens, written};
use crate::placed::PlacedKind;
use crate::plan::{PlaceId, StreamId};
use crate::show::names::Names;
use crate::terms::{SlotId, Term, TermId};
use crate::{Options, Workflow};
use window::Window;

/// Where the values of one function go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The function's name.
    pub function: String,
    /// Every peer of the report, as the source might write it, in the order in which control
    /// first can be there; relays behind them.
    pub peers: Vec<String>,
    /// Values, in the order in which they are made.
    pub values: Vec<FlowValue>,
}

/// A value and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowValue {
    /// As the source calls it; streams begin with `*`.
    pub name: String,
    /// What it is.
    pub kind: ValueKind,
    /// Where it is made; an argument where the function begins.
    pub span: Span,
    /// Who makes it.
    pub maker: Vec<String>,
    /// Who can hold it, its makers included.
    pub holders: Vec<String>,
    /// Whether it decides where the program goes, so that everybody who follows it needs it.
    pub control: bool,
}

/// Kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueKind {
    /// The initiator gives it.
    Argument,
    /// A service answers it.
    Answer,
    /// The elements of a stream.
    Stream,
    /// A stream as it was at one moment.
    Snapshot,
    /// What failed, as a handler names it.
    Error,
}

/// Where the values of a function go.
///
/// # Errors
///
/// As [`lower`](crate::lower).
pub fn flow(
    typed: &Typed,
    sources: &SourceMap,
    function: FunctionId,
    options: &Options,
) -> Result<Flow, Vec<Diagnostic>> {
    let workflow = Workflow::of(typed, function, options)?;
    let (program, _) = crate::emit::emit(&workflow, &typed.types, sources);
    // What is compiled may run; if not, the build says so, and here everything counts as control.
    let verified = VerifiedProgram::new(program).ok();
    let declared = typed.program.functions[function].span;
    let steps = Steps::new(&workflow.placed, &workflow.inlined);
    let table = Table { steps: &steps, typed, verified: verified.as_ref(), declared };
    Ok(table.flow(typed.program.functions[function].name.to_string()))
}

/// Something that can travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Argument(u32),
    Slot(SlotId),
    Stream(StreamId),
}

struct Table<'a> {
    steps: &'a Steps<'a>,
    typed: &'a Typed,
    verified: Option<&'a VerifiedProgram>,
    declared: Span,
}

impl Table<'_> {
    fn flow(&self, function: String) -> Flow {
        let names = Names::new(self.steps.pools(), &self.steps.inlined().parameters);
        let mut names = names.with_peers(self.typed);
        let mut values = Vec::new();
        let mut known: Vec<String> = Vec::new();
        for holder in self.holders() {
            let makers = self.makers(holder);
            let control = self.is_control(holder);
            let window = self.window(holder, &makers, control);
            let root = self.steps.inlined().root;
            let made: BTreeSet<PlaceId> = match holder {
                Holder::Argument(_) => BTreeSet::from([root]),
                Holder::Slot(_) | Holder::Stream(_) => {
                    makers.iter().map(|step| self.steps.get(*step).placed.place()).collect()
                }
            };
            let places = self.places(&window, &made);
            let maker = made.iter().map(|place| names.place_parts(*place).0);
            let maker: Vec<String> = unique(maker);
            // What is at one place all the time passes nobody.
            let travels = places.len() > 1;
            let relays = places.iter().filter(|_| travels);
            let relays = relays.flat_map(|place| names.place_parts(*place).1).collect::<Vec<_>>();
            let peers = places.iter().map(|place| names.place_parts(*place).0).collect::<Vec<_>>();
            let holders = unique(maker.iter().cloned().chain(peers).chain(relays));
            for holder in &holders {
                if !known.contains(holder) {
                    known.push(holder.clone());
                }
            }
            let (name, kind) = self.name(holder, &mut names);
            let span = makers.first().map_or(self.declared, |step| self.steps.span(*step));
            let span = if kind == ValueKind::Argument { self.declared } else { span };
            values.push(FlowValue { name, kind, span, maker, holders, control });
        }
        Flow { function, peers: known, values }
    }

    /// Everything that can travel, in the order in which it is made.
    fn holders(&self) -> Vec<Holder> {
        let arguments = 0..u32::try_from(self.steps.inlined().parameters.len()).unwrap_or_default();
        let mut holders: Vec<Holder> = arguments.map(Holder::Argument).collect();
        for step in self.steps.all() {
            let placed = self.steps.get(step).placed;
            let travels = matches!(
                placed.kind,
                PlacedKind::Call { .. }
                    | PlacedKind::Snapshot { .. }
                    | PlacedKind::Await { .. }
                    | PlacedKind::Try { .. }
            );
            if let Some(slot) = written(placed).filter(|_| travels) {
                holders.push(Holder::Slot(slot));
            }
            if let Some(stream) = placed.pushed()
                && !holders.contains(&Holder::Stream(stream))
            {
                holders.push(Holder::Stream(stream));
            }
        }
        holders
    }

    fn makers(&self, holder: Holder) -> Vec<StepId> {
        match holder {
            Holder::Argument(_) => vec![self.steps.root()],
            Holder::Slot(slot) => match self.steps.writer(slot) {
                // Whatever fails in the body makes the error.
                Some(attempt) if self.is_attempt(attempt) => {
                    let body = self.steps.children(attempt).next();
                    let inside = body.into_iter().flat_map(|body| self.steps.below(body));
                    inside.filter(|step| happens(self.steps.get(*step).placed)).collect()
                }
                writer => writer.into_iter().collect(),
            },
            Holder::Stream(stream) => self.steps.producers(stream).to_vec(),
        }
    }

    fn is_attempt(&self, step: StepId) -> bool {
        matches!(self.steps.kind(step), PlacedKind::Try { .. })
    }

    /// Whether every peer that follows the program needs it, as the interpreter sees it. Steps and
    /// nodes have the same numbers.
    fn is_control(&self, holder: Holder) -> bool {
        let Some(verified) = self.verified else { return true };
        let facts = verified.facts();
        let node = |step: StepId| {
            let number = u32::try_from(step.index()).unwrap_or(u32::MAX);
            verified.program().node(NodeId(number))
        };
        match holder {
            Holder::Argument(number) => facts.is_control_arg(ArgId(number)),
            // Where something failed, everybody goes on with the handler.
            Holder::Slot(slot)
                if self.steps.writer(slot).is_some_and(|writer| self.is_attempt(writer)) =>
            {
                true
            }
            Holder::Slot(slot) => {
                self.steps.writer(slot).and_then(node).is_none_or(|node| {
                    node.written_slot().is_none_or(|slot| facts.slot(slot).control)
                })
            }
            Holder::Stream(stream) => {
                let node = self.steps.producers(stream).first().copied().and_then(node);
                node.and_then(Node::used_stream).is_none_or(|stream| facts.stream(stream).control)
            }
        }
    }

    /// The steps that can read a value, or what is computed from it.
    fn readers(&self, holder: Holder) -> BTreeSet<StepId> {
        let mut seen = BTreeSet::from([holder]);
        let mut open = vec![holder];
        let mut readers = BTreeSet::new();
        while let Some(holder) = open.pop() {
            for step in self.steps.all().filter(|step| self.reads(*step, holder)) {
                readers.insert(step);
                let into = match self.steps.kind(step) {
                    PlacedKind::Let { slot, .. } => Some(Holder::Slot(*slot)),
                    PlacedKind::For(each) => Some(Holder::Slot(each.item)),
                    PlacedKind::Push { stream, .. } => Some(Holder::Stream(*stream)),
                    PlacedKind::Snapshot { slot, .. } | PlacedKind::Await { slot, .. } => {
                        Some(Holder::Slot(*slot))
                    }
                    PlacedKind::Null
                    | PlacedKind::Seq(_)
                    | PlacedKind::Par(_)
                    | PlacedKind::Try { .. }
                    | PlacedKind::If { .. }
                    | PlacedKind::Call { .. }
                    | PlacedKind::Wait(_)
                    | PlacedKind::Scope { .. }
                    | PlacedKind::Return(_) => None,
                };
                open.extend(into.filter(|into| seen.insert(*into)));
            }
        }
        readers
    }

    fn reads(&self, step: StepId, holder: Holder) -> bool {
        let placed = self.steps.get(step).placed;
        match holder {
            Holder::Stream(stream) => self.steps.reads_stream(step, stream),
            Holder::Slot(_) | Holder::Argument(_) => {
                let mut terms = placed.own_terms();
                for place in [placed.home, placed.place()] {
                    let place = &self.steps.pools().places[place];
                    terms.extend(place.via.iter().chain([&place.peer]));
                }
                terms.into_iter().any(|term| self.term_reads(term, holder))
            }
        }
    }

    fn term_reads(&self, term: TermId, holder: Holder) -> bool {
        let terms = &self.steps.pools().terms;
        let mut seen = BTreeSet::new();
        let mut open = vec![term];
        while let Some(term) = open.pop() {
            let slot = matches!(terms.get(term), Term::Slot(slot) if holder == Holder::Slot(*slot));
            let arg = |number| holder == Holder::Argument(number);
            if slot || matches!(terms.get(term), Term::Arg(number) if arg(*number)) {
                return true;
            }
            open.extend(terms.parts(term).into_iter().filter(|part| seen.insert(*part)));
        }
        false
    }

    /// The steps that can happen while a value is live.
    fn window(&self, holder: Holder, makers: &[StepId], control: bool) -> BTreeSet<StepId> {
        let readers = self.readers(holder);
        let inside = match holder {
            Holder::Argument(_) => None,
            Holder::Stream(stream) => Some(self.steps.scope(stream)),
            Holder::Slot(slot) => self.steps.writer(slot).and_then(|writer| {
                let mut around = self.steps.around(writer).skip(1);
                around.find(|above| matches!(self.steps.kind(*above), PlacedKind::For(_)))
            }),
        };
        let window = Window { steps: self.steps, inside };
        let argument = matches!(holder, Holder::Argument(_));
        let during = |step: &StepId| {
            let begun = argument || makers.iter().any(|maker| !window.is_apart(*step, *maker));
            let open = control || readers.iter().any(|reader| !window.is_after(*step, *reader));
            begun && open
        };
        self.steps.all().filter(during).collect()
    }

    /// The places of these steps, of the homes that are told what branches make, and of the makers.
    fn places(&self, window: &BTreeSet<StepId>, made: &BTreeSet<PlaceId>) -> BTreeSet<PlaceId> {
        let mut places = made.clone();
        for step in window {
            let placed = self.steps.get(*step).placed;
            match &placed.kind {
                PlacedKind::Call { place, .. }
                | PlacedKind::Snapshot { place, .. }
                | PlacedKind::Await { place, .. } => _ = places.insert(*place),
                PlacedKind::Return(_) => _ = places.insert(self.steps.inlined().root),
                // What has no place is decided at home; branches meet there.
                PlacedKind::Par(_)
                | PlacedKind::For(_)
                | PlacedKind::If { .. }
                | PlacedKind::Let { .. }
                | PlacedKind::Wait(_)
                | PlacedKind::Push { .. } => _ = places.insert(placed.home),
                PlacedKind::Null
                | PlacedKind::Seq(_)
                | PlacedKind::Try { .. }
                | PlacedKind::Scope { .. } => {}
            }
        }
        places
    }

    fn name(&self, holder: Holder, names: &mut Names<'_>) -> (String, ValueKind) {
        match holder {
            Holder::Argument(number) => (names.argument(number), ValueKind::Argument),
            Holder::Stream(stream) => (names.stream(stream), ValueKind::Stream),
            Holder::Slot(slot) => {
                let writer = self.steps.writer(slot).map(|step| self.steps.kind(step));
                let frozen =
                    matches!(writer, Some(PlacedKind::Snapshot { .. } | PlacedKind::Await { .. }));
                let kind = match writer {
                    Some(PlacedKind::Try { .. }) => ValueKind::Error,
                    _ if frozen => ValueKind::Snapshot,
                    _ => ValueKind::Answer,
                };
                (names.slot(slot), kind)
            }
        }
    }
}

fn unique(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}
