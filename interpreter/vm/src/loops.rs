//! Loops. Every mode means the same as writing out what the body and the following iteration do:
//! `seq body next`, `par body next`, `try body next`, or, with an explicit `Next`, what the body
//! says. The usual modes are worked off flat, so that a long loop nests nothing.

use alloc::format;
use alloc::vec::Vec;

use aquac_ir::{ExprId, Fault, FaultCode, Iterable, Last, LoopMode, Node, NodeId, SlotId, Value};

use crate::activation::{ActId, Items, IterationOf, Phase, Site, SiteKind};
use crate::cause::CauseId;
use crate::datum::{Datum, DatumSalt};
use crate::eval::{Stop, Trace, name_of};
use crate::path::PathId;
use crate::state::State;
use crate::{Iteration, lens};

/// What a `For` says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loop {
    pub(crate) iterable: Iterable,
    pub(crate) item: SlotId,
    pub(crate) mode: LoopMode,
    pub(crate) last: Last,
    pub(crate) body: NodeId,
    /// The node behind the body: what runs in the end, if something does.
    pub(crate) behind: NodeId,
}

impl State {
    pub(crate) fn loop_at(&self, node: NodeId) -> Option<Loop> {
        let body = NodeId(node.0 + 1);
        match self.program.program().node(node) {
            Some(Node::For { iterable, item, mode, last }) => Some(Loop {
                iterable: *iterable,
                item: *item,
                mode: *mode,
                last: *last,
                body,
                behind: self.program.end(body),
            }),
            Some(_) | None => None,
        }
    }

    pub(crate) fn look_for(&mut self, id: ActId, iterable: Iterable) {
        match iterable {
            Iterable::Array(expr) => self.look_array(id, expr, false),
            Iterable::Entries(expr) => self.look_array(id, expr, true),
            Iterable::Live(stream) => self.look_live(id, stream),
        }
    }

    fn look_array(&mut self, id: ActId, expr: ExprId, entries: bool) {
        if self.items(id).is_some() {
            return; // It runs; two of what it waited for came at once.
        }
        let mut trace = Trace::default();
        let result = self.evaluate(self.at(id), expr, &mut trace);
        let cause = self.read_cause(id, &trace);
        let array = match result {
            Ok(array) => array,
            Err(stop) => return self.stop(id, stop, cause),
        };
        let Some(value) = &array.value else {
            return self.stop(id, Stop::Absent(array.lacks()), cause);
        };
        let Some(items) = value.as_array() else {
            let name = name_of(self, expr);
            let text =
                format!("expression '{name}' returned non-array value '{value}' for fold iterable");
            return self.stop(id, Stop::Fault(Fault::new(FaultCode::NotIterable, text)), cause);
        };
        let items: Vec<Value> = if entries {
            lens::entries(value).into_iter().map(|(_, item)| item).collect()
        } else {
            items.to_vec()
        };
        self.start_loop(id, Items { items, array, cause });
    }

    fn start_loop(&mut self, id: ActId, items: Items) {
        let Some(of) = self.loop_at(self.act(id).node) else { return };
        let (cause, count) = (items.cause, items.count());
        self.clear_site(id);
        if count == 0 {
            return self.complete(id, cause);
        }
        self.set_items(id, items);
        let (path, level) = (self.act(id).path, self.act(id).level);
        if of.mode != LoopMode::Parallel {
            let first = self.paths.child(path, Iteration::Index(0));
            return self.start_iteration(id, 0, id, first, (cause, level));
        }
        self.expect_iterations(count as usize);
        if of.last == Last::Body {
            let last = self.paths.child(path, Iteration::Index(count - 1));
            self.spawn(of.behind, last, Some(id), cause, level);
        }
        for index in (0..count).rev() {
            let path = self.paths.child(path, Iteration::Index(index));
            self.start_iteration(id, index, id, path, (cause, level));
        }
        match of.last {
            Last::Complete => {
                let any = self.causes.any(cause);
                self.finish(id, Phase::Complete, any, level);
            }
            Last::Never | Last::Body => {}
        }
    }

    /// How many iterations a loop over an array has; a live one has none of these.
    fn iterations(&self, id: ActId) -> u32 {
        self.items(id).map_or(0, Items::count)
    }

    /// Starts the body with an element. `parent` is the loop, or the `Next` that asked for it.
    fn start_iteration(
        &mut self,
        of: ActId,
        index: u32,
        parent: ActId,
        path: PathId,
        (reached, level): (CauseId, u32),
    ) {
        let node = self.act(of).node;
        self.set_item(of, index, path);
        let body = NodeId(node.0 + 1);
        if self.act_at((body, path)).is_none() {
            self.spawn(body, path, Some(parent), reached, level);
        }
    }

    /// Gives the loop's element its value in an iteration.
    fn set_item(&mut self, of: ActId, index: u32, path: PathId) {
        let node = self.act(of).node;
        self.iterations.insert((node, path), IterationOf { of, index });
        let Some(Loop { item, .. }) = self.loop_at(node) else { return };
        let Some(Items { items, array, cause }) = self.items(of) else { return };
        let Some(value) = items.get(index as usize) else { return };
        let datum = Datum {
            value: Some(value.clone()),
            salt: array.salt().map_or(DatumSalt::Absent, |salt| DatumSalt::Item(salt, index)),
            digest: None,
            whence: self.item_whence(node, &array.whence, index),
            late: None,
        };
        let cause = *cause;
        self.write(item, path, datum, cause);
    }

    /// What runs in the end sees the element of the iteration that asked for the following one.
    fn same_item(&mut self, of: &Loop, from: PathId, to: PathId, iteration: IterationOf) {
        let node = self.act(iteration.of).node;
        self.iterations.insert((node, to), iteration);
        let cell = self.cells.get(&(of.item, from));
        if let Some((datum, cause)) = cell.and_then(|cell| Some((cell.datum.clone()?, cell.cause)))
        {
            self.write(of.item, to, datum, cause);
        }
    }

    /// An iteration, or what runs in the end, is done.
    pub(crate) fn for_goes_on(&mut self, parent: ActId, child: ActId) {
        let Some(of) = self.loop_at(self.act(parent).node) else { return };
        if matches!(of.iterable, Iterable::Live(_)) {
            return self.live_goes_on(parent, child, of);
        }
        if of.mode == LoopMode::Parallel {
            return self.parallel_goes_on(parent, child, of);
        }
        let goes_on = match (&self.act(child).phase, of.mode) {
            (Phase::Complete, LoopMode::Sequential) => true,
            (Phase::Failed(failure), LoopMode::UntilSuccess) => failure.code.catchable(),
            (Phase::Complete | Phase::Failed(_) | Phase::Waiting, _) => false,
        };
        if !goes_on || self.act(child).node != of.body {
            return self.follow(parent, child);
        }
        let (node, path) = self.at(child);
        let Some(IterationOf { index, .. }) =
            self.iterations.get(&(self.act(parent).node, path)).cloned()
        else {
            return;
        };
        debug_assert_eq!(node, of.body, "only bodies are iterations");
        let (done, level) = (self.act(child).done, self.act(child).level_out);
        if index + 1 < self.iterations(parent) {
            let next = self.paths.child(self.act(parent).path, Iteration::Index(index + 1));
            return self.start_iteration(parent, index + 1, parent, next, (done, level));
        }
        match of.last {
            Last::Complete => self.finish(parent, Phase::Complete, done, level),
            Last::Never => self.show_site(parent, Site::new(SiteKind::Never, done)),
            Last::Body => {
                self.spawn(of.behind, path, Some(parent), done, level);
            }
        }
    }

    fn parallel_goes_on(&mut self, parent: ActId, child: ActId, of: Loop) {
        if self.act(child).phase == Phase::Complete {
            return self.one_way_done(parent, child);
        }
        self.one_way_failed(parent, child);
        if of.last != Last::Body {
            return; // The branch behind the last element never fails.
        }
        let iterations = self.iterations(parent);
        if self.act(parent).failed <= iterations {
            return self.half_failed(parent);
        }
        let last = self.paths.child(self.act(parent).path, Iteration::Index(iterations - 1));
        if let Some(last) = self.act_at((of.behind, last)) {
            let (phase, done) = (self.act(last).phase.clone(), self.act(parent).partial);
            let level = self.act(last).level_out;
            self.finish(parent, phase, done, level);
        }
    }

    /// The following iteration, or what stands where there is none.
    pub(crate) fn look_next(&mut self, id: ActId, of: NodeId) {
        let (node, path) = self.at(id);
        let around = self.paths.prefix(path, self.program.facts().loop_depth(of) + 1);
        let Some(IterationOf { of: loop_id, index }) = self.iterations.get(&(of, around)).cloned()
        else {
            return;
        };
        let named = self.program.facts().names_iterations(node);
        let next = |state: &mut Self, step| {
            let outer = state.paths.parent(around);
            state.paths.child(outer, step)
        };
        let (reached, level) = (self.act(id).reached, self.act(id).level);
        let name = named.then(|| Iteration::Named(self.position(id).name()));
        if index + 1 < self.iterations(loop_id) {
            let path = next(self, name.unwrap_or(Iteration::Index(index + 1)));
            return self.start_iteration(loop_id, index + 1, id, path, (reached, level));
        }
        self.next_in_order(loop_id, around, reached);
        let Some(of) = self.loop_at(of) else { return };
        match of.last {
            Last::Complete => self.complete(id, reached),
            Last::Never => self.show_site(id, Site::new(SiteKind::Never, reached)),
            Last::Body => {
                let path = match name {
                    Some(name) => {
                        let path = next(self, name);
                        self.same_item(&of, around, path, IterationOf { of: loop_id, index });
                        path
                    }
                    None => around,
                };
                if self.act_at((of.behind, path)).is_none() {
                    self.spawn(of.behind, path, Some(id), reached, level);
                }
            }
        }
    }
}
