//! Loops over a live stream whose iterations follow each other ([`LoopMode::InOrder`]): an iteration
//! starts when those before it have reached their `next` or are done.
//!
//! Elements come to be known to each peer in another order, so that two peers may begin with
//! different ones. What somebody has recorded of an iteration shows that it has begun, and so it
//! has for everybody, whatever else is under way; as long as nobody has recorded anything of any
//! that is under way, the first in the order of the stream may start.
//!
//! [`LoopMode::InOrder`]: aquac_ir::LoopMode::InOrder

use alloc::vec::Vec;

use aquac_ir::{LoopMode, Node, NodeId, PeerId, StreamId, VerifiedProgram};

use crate::Iteration;
use crate::activation::{ActId, InOrder};
use crate::cause::CauseId;
use crate::path::PathId;
use crate::state::State;

/// The loops of a program whose iterations follow each other.
pub(crate) fn loops_in_order(program: &VerifiedProgram) -> Vec<NodeId> {
    let nodes = program.program().nodes.iter().zip(0..);
    nodes
        .filter(|(node, _)| matches!(node, Node::For { mode: LoopMode::InOrder, .. }))
        .map(|(_, number)| NodeId(number))
        .collect()
}

impl State {
    /// More elements for a loop.
    pub(crate) fn wait_in_order(&mut self, id: ActId, elements: impl IntoIterator<Item = u32>) {
        self.in_order.or_insert(id, InOrder::default).waiting.extend(elements);
        self.in_order_changed(id);
    }

    /// Somebody has recorded something there: the iterations around it have begun.
    pub(crate) fn begins(&mut self, node: NodeId, path: PathId, record: CauseId) {
        for at in 0..self.loops_in_order.len() {
            let Some(of) = self.loops_in_order.get(at).copied() else { return };
            let depth = self.program.facts().loop_depth(of);
            if !self.program.contains(of, node) || self.paths.depth(path) <= depth {
                continue;
            }
            let iteration = self.paths.prefix(path, depth + 1);
            self.begun.or_insert((of, iteration), || record);
            if let Some(id) = self.act_at((of, self.paths.prefix(path, depth))) {
                self.in_order_changed(id);
            }
        }
    }

    /// More may start; and its home has to hear of what waits and of what is over, because nobody
    /// else may know both.
    fn in_order_changed(&mut self, id: ActId) {
        self.orderable.insert(id);
        self.news.loops.insert(id);
    }

    /// Starts what may start: all that have begun elsewhere; else the first that waits, unless
    /// one stands in its way.
    pub(crate) fn start_in_order(&mut self, id: ActId) {
        let of = self.act(id).node;
        let Some(key) = self.live_key(id) else { return };
        let Some(InOrder { running, waiting, over }) = self.in_order.get(&id).cloned() else {
            return;
        };
        let begun = |state: &Self, path: PathId| state.begun.get(&(of, path)).copied();
        let mut starting: Vec<(u32, PathId, CauseId)> = Vec::new();
        for element in &waiting {
            let Some(path) = self.iteration_path(id, key, *element) else { continue };
            starting.extend(begun(self, path).map(|cause| (*element, path, cause)));
        }
        if starting.is_empty() && !running.iter().any(|(_, path)| begun(self, *path).is_some()) {
            let mut all: Vec<u32> = waiting.clone();
            all.extend(running.iter().map(|(element, _)| *element));
            self.sort_elements(key, &mut all);
            let first = all.first().copied().filter(|first| waiting.contains(first));
            let path = first.and_then(|first| Some((first, self.iteration_path(id, key, first)?)));
            starting
                .extend(path.map(|(first, path)| (first, path, over.unwrap_or(CauseId::START))));
        }
        if let Some(order) = self.in_order.get_mut(&id) {
            order.running.extend(starting.iter().map(|(element, path, _)| (*element, *path)));
            order.waiting.retain(|waits| starting.iter().all(|(element, ..)| element != waits));
        }
        for (element, _, why) in starting {
            self.start_element(id, key, element, why);
        }
    }

    fn iteration_path(
        &mut self,
        id: ActId,
        key: (StreamId, PathId),
        element: u32,
    ) -> Option<PathId> {
        let maker = self.streams.get(&key)?.elements.get(element as usize)?.act;
        let name = self.position(maker).name();
        Some(self.paths.child(self.act(id).path, Iteration::Named(name)))
    }

    /// An iteration has reached its `Next` or is done: the next one may start.
    pub(crate) fn next_in_order(&mut self, id: ActId, path: PathId, why: CauseId) {
        let Some(order) = self.in_order.get_mut(&id) else { return };
        let Some(at) = order.running.iter().position(|(_, running)| *running == path) else {
            return;
        };
        order.running.remove(at);
        let over = order.over.unwrap_or(CauseId::START);
        let over = self.causes.all([over, why]);
        if let Some(order) = self.in_order.get_mut(&id) {
            order.over = Some(over);
        }
        self.in_order_changed(id);
    }

    /// What the home of a loop in order must know: which elements wait here, and which iterations
    /// are over.
    pub(crate) fn open_in_order(&self, id: ActId) -> (Vec<CauseId>, Option<CauseId>) {
        let Some(order) = self.in_order.get(&id) else { return (Vec::new(), None) };
        let key = self.live_key(id);
        let elements = key.and_then(|key| self.streams.get(&key));
        let elements = elements.map_or(&[][..], |instance| &instance.elements);
        let waiting = order.waiting.iter().filter_map(|at| elements.get(*at as usize));
        (waiting.map(|element| element.cause).collect(), order.over)
    }

    /// The open steps of iterations that have started here, but of which nothing is recorded:
    /// where those are to be done, another iteration may stand in their way.
    pub(crate) fn unsure_in_order(&self, id: ActId) -> Vec<(ActId, PeerId)> {
        let Some(order) = self.in_order.get(&id) else { return Vec::new() };
        let (of, outer) = self.at(id);
        let depth = self.paths.depth(outer) + 1;
        let unsure = |path: PathId| {
            order.running.iter().any(|(_, running)| *running == path)
                && self.begun.get(&(of, path)).is_none()
        };
        self.sites()
            .filter(|(act, _)| unsure(self.paths.prefix(self.act(*act).path, depth)))
            .filter_map(|(act, site)| Some((act, site.place?)))
            .collect()
    }
}
