//! The order of a stream's elements: first by level, the number of live-stream iterations that
//! were entered on the way to what made the element; then by position in the tree of activations,
//! in which `Next` holds the following iteration. Neither turns nor time enter it.

use alloc::vec::Vec;
use core::cmp::Ordering;

use aquac_ir::{Iterable, Last, LoopMode, Node, NodeId, StreamId, sorted_places};

use crate::Iteration;
use crate::activation::{ActId, Phase};
use crate::path::PathId;
use crate::state::State;

impl State {
    /// Sorts elements, given by their places in an instance.
    pub(crate) fn sort_elements(&mut self, key: (StreamId, PathId), places: &mut Vec<u32>) {
        let mut compared = 0;
        if let Some(instance) = self.streams.get(&key) {
            let place = |at: u32| places.get(at as usize).copied();
            let act = |at: u32| instance.elements.get(place(at)? as usize).map(|e| e.act);
            let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
            let order = sorted_places(count, &mut |a, b| match (act(a), act(b)) {
                (Some(a), Some(b)) => {
                    compared += 1;
                    self.compare(a, b) == Ordering::Less
                }
                (a, b) => a < b,
            });
            *places = order.into_iter().filter_map(place).collect();
        }
        self.work.comparisons += compared;
    }

    /// Compares what two activations made.
    fn compare(&self, a: ActId, b: ActId) -> Ordering {
        let (mut a, mut b) = (a, b);
        // Iterations of one live loop compare as their elements do, which are strictly older.
        loop {
            let levels = self.act(a).level.cmp(&self.act(b).level);
            if levels != Ordering::Equal || a == b {
                return levels;
            }
            let Some((above, of_a, of_b)) = self.meet(a, b) else { return a.cmp(&b) };
            match self.compare_children(above, of_a, of_b) {
                Children::Ordered(order) => return order,
                Children::Elements(of_a, of_b) => (a, b) = (of_a, of_b),
            }
        }
    }

    /// The lowest activation above both, with its children towards them.
    fn meet(&self, a: ActId, b: ActId) -> Option<(ActId, ActId, ActId)> {
        let (mut a, mut b) = (a, b);
        loop {
            let (act_a, act_b) = (self.act(a), self.act(b));
            if act_a.depth == act_b.depth && act_a.parent == act_b.parent {
                return Some((act_a.parent?, a, b));
            }
            let (depth_a, depth_b) = (act_a.depth, act_b.depth);
            if depth_a >= depth_b {
                a = act_a.parent?;
            }
            if depth_b >= depth_a {
                b = act_b.parent?;
            }
            if a == b {
                return None; // One is above the other; what makes an element has nothing below.
            }
        }
    }

    fn compare_children(&self, above: ActId, a: ActId, b: ActId) -> Children {
        let (above_node, act_a, act_b) = (self.act(above).node, self.act(a), self.act(b));
        let nodes = act_a.node.cmp(&act_b.node);
        let is_loop = |node: NodeId| self.loop_at(node);
        let Some(of) = is_loop(above_node) else { return Children::Ordered(nodes) };
        let steps = (self.paths.last(act_a.path), self.paths.last(act_b.path));
        match (of.iterable, steps) {
            (Iterable::Live(stream), (Some(x), Some(y))) if x != y => {
                let key = self.instance_key(stream, self.act(above).path);
                match (self.maker(key, x), self.maker(key, y)) {
                    (Some(x), Some(y)) => Children::Elements(x, y),
                    (x, y) => Children::Ordered(x.cmp(&y)),
                }
            }
            // What runs in the end stands behind all bodies.
            (Iterable::Array(_) | Iterable::Entries(_), (Some(x), Some(y))) => {
                Children::Ordered(nodes.then(x.cmp(&y)))
            }
            (Iterable::Live(_) | Iterable::Array(_) | Iterable::Entries(_), _) => {
                Children::Ordered(nodes)
            }
        }
    }

    /// What made the element that names an iteration.
    fn maker(&self, key: (StreamId, PathId), step: Iteration) -> Option<ActId> {
        let Iteration::Named(name) = step else { return None };
        self.streams.get(&key)?.names.get(&name).copied()
    }

    /// Brings all levels up to date after one has fallen: a branch that came late may have a lower
    /// level than the one that let its `Par` go on.
    pub(crate) fn settle_levels(&mut self) {
        if !self.levels_fell {
            return;
        }
        let mut children: Vec<Vec<ActId>> = alloc::vec![Vec::new(); self.act_ids().len()];
        for id in self.act_ids() {
            let parent = self.act(id).parent.and_then(|parent| children.get_mut(parent.0 as usize));
            parent.into_iter().for_each(|children| children.push(id));
        }
        while core::mem::take(&mut self.levels_fell) {
            for id in self.act_ids() {
                let level = self.level_now(id).min(self.act(id).level);
                let below = children.get(id.0 as usize).map_or(&[][..], Vec::as_slice);
                let out = self.level_out_now(id, below);
                self.work.events += 1;
                let act = self.act_mut(id);
                let fell = level < act.level || out < act.level_out;
                (act.level, act.level_out) = (level, out.min(act.level_out));
                self.levels_fell |= fell;
            }
        }
    }

    /// The level at which an activation starts, from what is before it.
    fn level_now(&self, id: ActId) -> u32 {
        let act = self.act(id);
        let Some(parent) = act.parent else { return 0 };
        let above = self.act(parent);
        let before = self.before(id, parent).map(|before| self.act(before).level_out);
        match self.loop_at(above.node) {
            Some(of) if matches!(of.iterable, Iterable::Live(_)) && before.is_none() => {
                let Iterable::Live(stream) = of.iterable else { return act.level };
                let key = self.instance_key(stream, above.path);
                let element = self.paths.last(act.path).and_then(|step| self.maker(key, step));
                element.map_or(act.level, |maker| above.level.max(self.act(maker).level) + 1)
            }
            Some(_) | None => before.unwrap_or(above.level),
        }
    }

    /// The activation whose end started this one, if it was not its parent's start.
    fn before(&self, id: ActId, parent: ActId) -> Option<ActId> {
        let (node, path) = self.at(id);
        let above = self.act(parent).node;
        match self.program.program().node(above)? {
            Node::Seq(_) | Node::Try { .. } => {
                let before =
                    self.program.children(above).take_while(|child| *child < node).last()?;
                self.act_at((before, path))
            }
            Node::For { mode: LoopMode::Sequential | LoopMode::UntilSuccess, .. } => {
                let of = self.loop_at(above)?;
                if node != of.body {
                    return self.act_at((of.body, path));
                }
                let Iteration::Index(index) = self.paths.last(path)? else { return None };
                let mut steps = self.paths.steps(path);
                *steps.last_mut()? = Iteration::Index(index.checked_sub(1)?);
                self.act_at((node, self.paths.find(&steps)?))
            }
            Node::For { .. }
            | Node::Par(_)
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Call { .. }
            | Node::Let { .. }
            | Node::Push { .. }
            | Node::Snapshot { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::Next { .. }
            | Node::Scope { .. }
            | Node::Return { .. } => None,
        }
    }

    /// The level behind an activation: that of its last child, or, where branches go side by
    /// side, the lowest of a complete one.
    fn level_out_now(&self, id: ActId, children: &[ActId]) -> u32 {
        let act = self.act(id);
        let out = |child: &ActId| self.act(*child).level_out;
        let complete = |child: &&ActId| self.act(**child).phase == Phase::Complete;
        let of = self.loop_at(act.node);
        let is_par = matches!(self.program.program().node(act.node), Some(Node::Par(_)));
        let side_by_side = is_par
            || of.is_some_and(|of| {
                of.mode == LoopMode::Parallel || matches!(of.iterable, Iterable::Live(_))
            });
        if act.phase == Phase::Waiting {
            return act.level_out;
        }
        if !side_by_side {
            return children.last().map_or(act.level, out);
        }
        if act.phase != Phase::Complete {
            return children.iter().map(out).max().unwrap_or(act.level);
        }
        let ways = children.iter().filter(complete).map(out);
        // Where nothing stands behind the elements, the loop is complete without any body.
        let at_once = of.filter(|of| of.last == Last::Complete).and_then(|of| match of.iterable {
            Iterable::Array(_) | Iterable::Entries(_) => Some(act.level),
            Iterable::Live(_) if of.mode == LoopMode::Explicit => None,
            Iterable::Live(_) => children.iter().map(|child| self.act(*child).level).min(),
        });
        ways.chain(at_once).min().unwrap_or(act.level)
    }
}

enum Children {
    Ordered(Ordering),
    /// They are iterations of one live loop, over what these made.
    Elements(ActId, ActId),
}
