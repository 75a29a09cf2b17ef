//! Who learns what: for each value of a function, every peer and relay that can ever hold it in
//! clear.
//!
//! ```text
//! placed plan ──emit──▶ program ──learners──▶ nodes ──names──▶ Flow
//! ```
//!
//! Where a value can be is not decided here but by [`VerifiedProgram::learners`], which asks the
//! facts by which the interpreter keeps values at home. Steps and nodes have the same numbers, so
//! here nodes get the names that the source has for their places. See `notes/who-learns-what.md`.

use std::collections::BTreeSet;

use aquac_base::{Diagnostic, SourceMap, Span};
use aquac_ir::{ArgId, Carried, Learner, Node, NodeId, VerifiedProgram};
use aquac_semantics::Typed;
use aquac_semantics::hir::FunctionId;

use super::steps::{StepId, Steps, written};
use crate::placed::{Placed, PlacedKind};
use crate::plan::{PlaceId, StreamId};
use crate::show::names::Names;
use crate::terms::{SlotId, Term, TermId};
use crate::{Options, Workflow};

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
    /// What a service says when it fails: to the handler that stands around it, or to the
    /// initiator.
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
    // What is compiled may run; if not, the build says so, and here everybody learns everything.
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
    /// What fails in the body of this attempt; in the whole function, if nothing is around it.
    Error(Option<StepId>),
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
            let (name, kind) = self.name(holder, &mut names);
            let (maker, holders) = self.peers(holder, &makers, &mut names);
            for holder in &holders {
                if !known.contains(holder) {
                    known.push(holder.clone());
                }
            }
            let made = match (kind, holder) {
                (ValueKind::Argument, _) | (_, Holder::Error(None)) => self.declared,
                (_, Holder::Error(Some(attempt))) => self.steps.span(attempt),
                _ => makers.first().map_or(self.declared, |step| self.steps.span(*step)),
            };
            let control = self.is_control(holder, &makers);
            values.push(FlowValue { name, kind, span: made, maker, holders, control });
        }
        Flow { function, peers: known, values }
    }

    /// Everything that can travel, in the order in which it is made.
    fn holders(&self) -> Vec<Holder> {
        let arguments = 0..u32::try_from(self.steps.inlined().parameters.len()).unwrap_or_default();
        let mut holders: Vec<Holder> = arguments.map(Holder::Argument).collect();
        let mut uncaught = false;
        for step in self.steps.all() {
            let placed = self.steps.get(step).placed;
            let travels = matches!(
                placed.kind,
                PlacedKind::Call { .. } | PlacedKind::Snapshot { .. } | PlacedKind::Await { .. }
            );
            if let Some(slot) = written(placed).filter(|_| travels) {
                holders.push(Holder::Slot(slot));
            }
            if let Some(stream) = placed.pushed()
                && !holders.contains(&Holder::Stream(stream))
            {
                holders.push(Holder::Stream(stream));
            }
            if self.is_call(step) {
                match self.catcher(step) {
                    None => uncaught = true,
                    caught if holders.contains(&Holder::Error(caught)) => {}
                    caught => holders.push(Holder::Error(caught)),
                }
            }
        }
        holders.extend(uncaught.then_some(Holder::Error(None)));
        holders
    }

    fn makers(&self, holder: Holder) -> Vec<StepId> {
        match holder {
            Holder::Argument(_) => vec![self.steps.root()],
            Holder::Slot(slot) => self.steps.writer(slot).into_iter().collect(),
            Holder::Stream(stream) => self.steps.producers(stream).to_vec(),
            Holder::Error(caught) => {
                let calls = self.steps.all().filter(|step| self.is_call(*step));
                calls.filter(|call| self.catcher(*call) == caught).collect()
            }
        }
    }

    fn is_call(&self, step: StepId) -> bool {
        matches!(self.steps.kind(step), PlacedKind::Call { .. })
    }

    /// The attempt whose handler takes what fails here.
    fn catcher(&self, step: StepId) -> Option<StepId> {
        let mut below = step;
        for above in self.steps.around(step).skip(1) {
            let body = self.steps.children(above).next() == Some(below);
            if body && matches!(self.steps.kind(above), PlacedKind::Try { .. }) {
                return Some(above);
            }
            below = above;
        }
        None
    }

    /// Who makes it, and who can hold it, makers and relays included.
    fn peers(
        &self,
        holder: Holder,
        makers: &[StepId],
        names: &mut Names<'_>,
    ) -> (Vec<String>, Vec<String>) {
        let made: BTreeSet<PlaceId> = match holder {
            Holder::Argument(_) => BTreeSet::from([self.steps.inlined().root]),
            Holder::Slot(_) | Holder::Stream(_) | Holder::Error(_) => {
                makers.iter().map(|step| self.steps.get(*step).placed.place()).collect()
            }
        };
        let mut places = self.places(holder, makers);
        places.extend(&made);
        let makers = unique(made.iter().map(|place| names.place_parts(*place).0));
        let peers = places.iter().map(|place| names.place_parts(*place).0).collect::<Vec<_>>();
        let relays = if places.len() > 1 { self.relays(&places, names) } else { Vec::new() };
        let holders = unique(makers.iter().cloned().chain(peers).chain(relays));
        (makers, holders)
    }

    /// The relays of these peers, from wherever they leave. What is at one place all the time
    /// passes nobody.
    fn relays(&self, places: &BTreeSet<PlaceId>, names: &mut Names<'_>) -> Vec<String> {
        let peer = |place: PlaceId| self.steps.pools().places[place].peer;
        let theirs = |place: &PlaceId| {
            places.iter().any(|holder| self.may_be_one(peer(*place), peer(*holder)))
        };
        let used = self.steps.all().map(|step| self.steps.get(step).placed);
        let used = used.flat_map(|placed| [placed.home, placed.place()]);
        let used: BTreeSet<PlaceId> = used.filter(theirs).chain(places.iter().copied()).collect();
        used.into_iter().flat_map(|place| names.place_parts(place).1).collect()
    }

    /// Whether two terms may name one peer: what is not written down or given by name may be
    /// anybody.
    fn may_be_one(&self, one: TermId, other: TermId) -> bool {
        let named = |term| {
            let terms = &self.steps.pools().terms;
            matches!(terms.get(term), Term::Arg(_) | Term::Const(_) | Term::Fact(_))
        };
        one == other || !named(one) || !named(other)
    }

    /// The places at which it can be.
    fn places(&self, holder: Holder, makers: &[StepId]) -> BTreeSet<PlaceId> {
        let Some(verified) = self.verified else {
            let everywhere = self.steps.all().map(|step| self.steps.get(step).placed.place());
            return everywhere.collect();
        };
        let carried = self.carried(verified, holder, makers);
        let learners = carried.into_iter().flat_map(|carried| verified.learners(carried));
        let placed = |node: NodeId| {
            self.steps.all().nth(node.index()).map(|step| self.steps.get(step).placed)
        };
        let place = |learner| match learner {
            Learner::Initiator => Some(self.steps.inlined().root),
            Learner::At(node) => placed(node).map(Placed::place),
            Learner::Home(node) => placed(node).map(|placed| placed.home),
        };
        learners.filter_map(place).collect()
    }

    /// What the program calls it.
    fn carried(
        &self,
        verified: &VerifiedProgram,
        holder: Holder,
        makers: &[StepId],
    ) -> Vec<Carried> {
        let node = |step: &StepId| NodeId(u32::try_from(step.index()).unwrap_or(u32::MAX));
        let content = |step: &StepId| verified.program().node(node(step));
        match holder {
            Holder::Argument(number) => vec![Carried::Arg(ArgId(number))],
            Holder::Slot(_) => {
                let slots = makers.iter().filter_map(|step| content(step)?.written_slot());
                slots.map(Carried::Slot).collect()
            }
            Holder::Stream(_) => {
                let stream = makers.first().and_then(content).and_then(Node::used_stream);
                stream.map(Carried::Stream).into_iter().collect()
            }
            Holder::Error(_) => makers.iter().map(|step| Carried::Fault(node(step))).collect(),
        }
    }

    /// Whether every peer that follows the program needs it, as the interpreter sees it.
    fn is_control(&self, holder: Holder, makers: &[StepId]) -> bool {
        let Some(verified) = self.verified else { return true };
        let facts = verified.facts();
        self.carried(verified, holder, makers).iter().any(|carried| match carried {
            Carried::Arg(arg) => facts.is_control_arg(*arg),
            Carried::Slot(slot) => facts.slot(*slot).control,
            Carried::Stream(stream) => facts.stream(*stream).control,
            // Where something failed, everybody goes on with the handler.
            Carried::Fault(_) => true,
        })
    }

    fn name(&self, holder: Holder, names: &mut Names<'_>) -> (String, ValueKind) {
        match holder {
            Holder::Argument(number) => (names.argument(number), ValueKind::Argument),
            Holder::Stream(stream) => (names.stream(stream), ValueKind::Stream),
            Holder::Error(attempt) => {
                let slot = attempt.and_then(|attempt| written(self.steps.get(attempt).placed));
                let name = slot.map_or_else(|| UNNAMED.to_owned(), |slot| names.slot(slot));
                (name, ValueKind::Error)
            }
            Holder::Slot(slot) => {
                let writer = self.steps.writer(slot).map(|step| self.steps.kind(step));
                let frozen =
                    matches!(writer, Some(PlacedKind::Snapshot { .. } | PlacedKind::Await { .. }));
                let kind = if frozen { ValueKind::Snapshot } else { ValueKind::Answer };
                (names.slot(slot), kind)
            }
        }
    }
}

/// An error to which the source gives no name.
const UNNAMED: &str = "error";

fn unique(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}
