//! Plans and placed workflows as text, for people and golden files.
//!
//! One line for each step, bodies indented. Slots and streams have the names of the source; what
//! has no name there, or shares one, gets a number in the order of appearance. A plan has lines
//! `on peer via relay`; a placed workflow says `@ peer via relay` on each step instead.

pub(crate) mod names;

use std::fmt::Write;

use aquac_ir::{Last, LoopMode};

use crate::inline::Parameter;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Call, Loop, Output, Over, PlaceId, Plan, PlanKind, Pools, StreamId};
use crate::terms::{SlotId, TermId};
use names::Names;

/// A plan as text.
pub(crate) fn plan(plan: &Plan, pools: &Pools, parameters: &[Parameter]) -> String {
    let mut page = Page { names: Names::new(pools, parameters), text: String::new(), indent: 0 };
    page.plan(plan);
    page.text
}

/// A placed workflow as text.
pub(crate) fn placed(placed: &Placed, pools: &Pools, parameters: &[Parameter]) -> String {
    let mut page = Page { names: Names::new(pools, parameters), text: String::new(), indent: 0 };
    page.placed(placed);
    page.text
}

struct Page<'a> {
    names: Names<'a>,
    text: String,
    indent: usize,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        let indent = self.indent * 2;
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    /// A line with a body below it.
    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.line(head);
        self.indent += 1;
        body(self);
        self.indent -= 1;
    }

    fn plan(&mut self, plan: &Plan) {
        match &plan.kind {
            PlanKind::Seq(steps) if steps.is_empty() => self.line("null"),
            PlanKind::Seq(steps) => {
                self.block("seq", |page| steps.iter().for_each(|step| page.plan(step)));
            }
            PlanKind::Par(branches) => {
                self.block("par", |page| branches.iter().for_each(|branch| page.plan(branch)));
            }
            PlanKind::On { place, body } => {
                let head = format!("on {}", self.names.place(*place));
                self.block(&head, |page| page.plan(body));
            }
            PlanKind::Try { error, body, handler } => {
                self.block("try", |page| page.plan(body));
                let head = self.catch(Some(*error));
                self.block(&head, |page| page.plan(handler));
            }
            PlanKind::If { condition, then, otherwise } => {
                let head = format!("if {}", self.names.term(*condition));
                self.block(&head, |page| page.plan(then));
                if !otherwise.is_nothing() {
                    self.block("else", |page| page.plan(otherwise));
                }
            }
            PlanKind::For(each) => {
                let head = self.each(each);
                self.block(&head, |page| page.plan(&each.body));
            }
            PlanKind::Scope { streams, body } => {
                let head = self.new_streams(streams);
                self.block(&head, |page| page.plan(body));
            }
            PlanKind::Call(call) => self.call(call, None),
            PlanKind::Let { slot, value } => self.name(*slot, *value),
            PlanKind::Wait(value) => self.wait(*value),
            PlanKind::Push { stream, key, value } => self.push(*stream, *key, *value),
            PlanKind::Snapshot { stream, slot } => self.snapshot(*stream, *slot, None),
            PlanKind::Await { stream, count, slot } => {
                self.awaited((*stream, *count), *slot, None);
            }
            PlanKind::Return(values) => self.give_back(values),
        }
    }

    fn placed(&mut self, placed: &Placed) {
        match &placed.kind {
            PlacedKind::Null => self.line("null"),
            PlacedKind::Seq(steps) => {
                self.block("seq", |page| steps.iter().for_each(|step| page.placed(step)));
            }
            PlacedKind::Par(branches) => {
                self.block("par", |page| branches.iter().for_each(|branch| page.placed(branch)));
            }
            PlacedKind::Try { error, body, handler } => {
                self.block("try", |page| page.placed(body));
                let head = self.catch(*error);
                self.block(&head, |page| page.placed(handler));
            }
            PlacedKind::If { condition, then, otherwise } => {
                let head = format!("if {}", self.names.term(*condition));
                self.block(&head, |page| page.placed(then));
                if !otherwise.is_null() {
                    self.block("else", |page| page.placed(otherwise));
                }
            }
            PlacedKind::For(each) => {
                let head = self.each(each);
                self.block(&head, |page| page.placed(&each.body));
            }
            PlacedKind::Scope { streams, body } => {
                let head = self.new_streams(streams);
                self.block(&head, |page| page.placed(body));
            }
            PlacedKind::Call { place, call } => self.call(call, Some(*place)),
            PlacedKind::Let { slot, value } => self.name(*slot, *value),
            PlacedKind::Wait(value) => self.wait(*value),
            PlacedKind::Push { stream, key, value } => self.push(*stream, *key, *value),
            PlacedKind::Snapshot { place, stream, slot } => {
                self.snapshot(*stream, *slot, Some(*place));
            }
            PlacedKind::Await { place, stream, count, slot } => {
                self.awaited((*stream, *count), *slot, Some(*place));
            }
            PlacedKind::Return(values) => self.give_back(values),
        }
    }

    /// ` @ peer via relay`, for a step that has a place.
    fn place(&mut self, place: Option<PlaceId>) -> String {
        place.map(|place| format!(" @ {}", self.names.place(place))).unwrap_or_default()
    }

    fn catch(&mut self, error: Option<SlotId>) -> String {
        error.map_or_else(|| "catch".to_owned(), |slot| format!("catch {}", self.names.slot(slot)))
    }

    fn each<Body>(&mut self, each: &Loop<Body>) -> String {
        let over = match each.over {
            Over::Array(value) => self.names.term(value),
            Over::Entries(value) => format!("entries of {}", self.names.term(value)),
            Over::Live(stream) => format!("live {}", self.names.stream(stream)),
        };
        let mode = match each.mode {
            LoopMode::Sequential => "",
            LoopMode::Parallel => " par",
            LoopMode::UntilSuccess => " try",
            LoopMode::Explicit => " explicit",
            LoopMode::InOrder => " in order",
        };
        let last = match each.last {
            Last::Never => ", then never",
            Last::Complete | Last::Body => "",
        };
        format!("for {} <- {over}{mode}{last}", self.names.slot(each.item))
    }

    fn new_streams(&mut self, streams: &[StreamId]) -> String {
        let names: Vec<_> = streams.iter().map(|stream| self.names.stream(*stream)).collect();
        format!("new {}", names.join(", "))
    }

    fn call(&mut self, call: &Call, place: Option<PlaceId>) {
        let service = self.names.term(call.service);
        let function = self.names.term(call.function);
        let args: Vec<_> = call.args.iter().map(|arg| self.names.term(*arg)).collect();
        let output = match call.output {
            Output::Nothing => String::new(),
            Output::Slot(slot) => format!("{} <- ", self.names.slot(slot)),
            Output::Stream(stream) => format!("{} <<- ", self.names.stream(stream)),
        };
        let place = self.place(place);
        self.line(&format!("{output}call {service}.{function}({}){place}", args.join(", ")));
    }

    fn name(&mut self, slot: SlotId, value: TermId) {
        let value = self.names.term(value);
        let line = format!("{} = {value}", self.names.slot(slot));
        self.line(&line);
    }

    fn wait(&mut self, value: TermId) {
        let line = format!("wait {}", self.names.term(value));
        self.line(&line);
    }

    fn push(&mut self, stream: StreamId, key: Option<TermId>, value: TermId) {
        let key = key.map(|key| format!("{}, ", self.names.term(key))).unwrap_or_default();
        let value = self.names.term(value);
        let line = format!("{} <<- {key}{value}", self.names.stream(stream));
        self.line(&line);
    }

    fn snapshot(&mut self, stream: StreamId, slot: SlotId, place: Option<PlaceId>) {
        let stream = self.names.stream(stream);
        let place = self.place(place);
        let line = format!("{} = snapshot {stream}{place}", self.names.slot(slot));
        self.line(&line);
    }

    fn awaited(
        &mut self,
        (stream, count): (StreamId, TermId),
        slot: SlotId,
        place: Option<PlaceId>,
    ) {
        let stream = self.names.stream(stream);
        let count = self.names.term(count);
        let place = self.place(place);
        let line = format!("{} = await {count} of {stream}{place}", self.names.slot(slot));
        self.line(&line);
    }

    fn give_back(&mut self, values: &[TermId]) {
        let values: Vec<_> = values.iter().map(|value| self.names.term(*value)).collect();
        self.line(&format!("return {}", values.join(", ")));
    }
}
