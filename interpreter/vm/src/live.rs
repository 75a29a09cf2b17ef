//! Loops over live streams: every element is an iteration of its own, named by the element. The
//! loop is complete when one iteration is, and swallows what goes wrong in the others.

use aquac_ir::{Iterable, Last, LoopMode, StreamId};

use crate::Iteration;
use crate::activation::{ActId, IterationOf, Phase, Site, SiteKind};
use crate::cause::CauseId;
use crate::loops::Loop;
use crate::path::PathId;
use crate::state::State;
use crate::stream::Instance;

impl State {
    pub(crate) fn look_live(&mut self, id: ActId, stream: StreamId) {
        let key = self.instance_key(stream, self.act(id).path);
        let instance = self.streams.or_insert(key, Instance::default);
        if instance.loops.contains(&id) {
            return;
        }
        instance.loops.push(id);
        let count = u32::try_from(instance.elements.len()).unwrap_or(u32::MAX);
        let cause = self.act(id).reached;
        self.show_site(id, Site::new(SiteKind::Live, cause));
        self.news.loops.insert(id);
        let in_order = self.loop_at(self.act(id).node).map(|of| of.mode) == Some(LoopMode::InOrder);
        if in_order {
            return self.wait_in_order(id, 0..count);
        }
        for element in (0..count).rev() {
            self.start_element(id, key, element, cause);
        }
    }

    /// An element for a live loop.
    pub(crate) fn element_for(&mut self, id: ActId, key: (StreamId, PathId), element: u32) {
        let Some(of) = self.loop_at(self.act(id).node) else { return };
        if of.mode == LoopMode::InOrder {
            return self.wait_in_order(id, [element]);
        }
        self.start_element(id, key, element, CauseId::START);
    }

    /// Starts the iteration of an element. `why` is what else had to be so.
    pub(crate) fn start_element(
        &mut self,
        id: ActId,
        key: (StreamId, PathId),
        element: u32,
        why: CauseId,
    ) {
        let Some(of) = self.loop_at(self.act(id).node) else { return };
        let Some(element) =
            self.streams.get(&key).and_then(|instance| instance.elements.get(element as usize))
        else {
            return;
        };
        let (maker, datum, cause) = (element.act, element.datum.clone(), element.cause);
        let name = self.position(maker).name();
        if let Some(instance) = self.streams.get_mut(&key) {
            instance.names.insert(name, maker);
        }
        let path = self.paths.child(self.act(id).path, Iteration::Named(name));
        let level = self.act(id).level.max(self.act(maker).level) + 1;
        let loop_reached = self.act(id).reached;
        let reached = self.causes.all([loop_reached, cause, why]);
        self.iterations.insert((self.act(id).node, path), IterationOf { of: id, index: 0 });
        self.write(of.item, path, datum, cause);
        if of.mode == LoopMode::Parallel && of.last == Last::Body {
            self.spawn(of.behind, path, Some(id), reached, level);
        }
        self.spawn(of.body, path, Some(id), reached, level);
        if of.mode == LoopMode::Parallel && of.last == Last::Complete {
            let any = self.causes.any(reached);
            self.way_opens(id, any, level);
        }
    }

    /// The loop is complete for this reason too.
    fn way_opens(&mut self, id: ActId, cause: CauseId, level: u32) {
        if self.act(id).phase == Phase::Waiting {
            self.finish(id, Phase::Complete, cause, level);
        } else {
            let any = self.act(id).done;
            self.causes.or(any, cause);
            if level < self.act(id).level_out {
                self.act_mut(id).level_out = level;
                self.levels_fell = true;
            }
        }
    }

    pub(crate) fn live_key(&self, id: ActId) -> Option<(StreamId, PathId)> {
        match self.loop_at(self.act(id).node)?.iterable {
            Iterable::Live(stream) => Some(self.instance_key(stream, self.act(id).path)),
            Iterable::Array(_) | Iterable::Entries(_) => None,
        }
    }

    pub(crate) fn live_goes_on(&mut self, parent: ActId, child: ActId, of: Loop) {
        let (node, path) = self.at(child);
        let complete = self.act(child).phase == Phase::Complete;
        let goes_on = match of.mode {
            LoopMode::Sequential => complete,
            LoopMode::UntilSuccess => !complete,
            LoopMode::Parallel | LoopMode::Explicit | LoopMode::InOrder => false,
        };
        if node == of.body && goes_on {
            self.live_ends(parent, child, of);
        } else if complete {
            self.one_way_done(parent, child);
        }
        let done = self.act(child).done;
        self.next_in_order(parent, path, done);
    }

    /// What stands behind the body of an iteration, which never has a following one.
    fn live_ends(&mut self, parent: ActId, child: ActId, of: Loop) {
        let (done, level) = (self.act(child).done, self.act(child).level_out);
        let path = self.act(child).path;
        match of.last {
            Last::Complete => {
                let any = self.causes.any(done);
                self.way_opens(parent, any, level);
            }
            Last::Never => {}
            Last::Body => {
                if self.act_at((of.behind, path)).is_none() {
                    self.spawn(of.behind, path, Some(parent), done, level);
                }
            }
        }
    }
}
