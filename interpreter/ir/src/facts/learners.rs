//! Who learns what: for something that can travel, the peers at which it can be in clear, whatever
//! the schedule.
//!
//! ```text
//! Carried ──what is computed from it──▶ readers ──what is not over──▶ nodes ──▶ Learners
//! ```
//!
//! A value is sent with whatever is sent while a step that is not over can read it, directly or
//! through what is computed from it; one that decides control is sent for ever, and so is the text
//! of an error. Something is sent to the peer of a step that control has reached, to the home of
//! what waits without a place, to the meeting places of branches, and to the initiator when all is
//! over. See `notes/who-learns-what.md` for the rule.

mod order;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Source;
use crate::tree::count;
use crate::{ArgId, Node, NodeId, SlotId, StreamId, VerifiedProgram};
use order::Order;

/// Something whose bytes can travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carried {
    /// An argument of the program.
    Arg(ArgId),
    /// What a slot holds.
    Slot(SlotId),
    /// The elements of a stream.
    Stream(StreamId),
    /// The text of the error with which a step fails.
    Fault(NodeId),
}

/// Where something can be in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Learner {
    /// At the initiator.
    Initiator,
    /// At the place of a node.
    At(NodeId),
    /// At the home of a node.
    Home(NodeId),
}

impl VerifiedProgram {
    /// Everywhere where something can be in clear, where it is made included. What relays see is
    /// not said: they pass what goes to and from these places.
    #[must_use]
    pub fn learners(&self, of: Carried) -> BTreeSet<Learner> {
        let mut learners = BTreeSet::new();
        let mut seen = BTreeSet::from([of]);
        let mut open = alloc::vec![of];
        while let Some(part) = open.pop() {
            let window = Window::new(self, part);
            window.find(&mut learners);
            open.extend(window.copies.iter().filter(|copy| seen.insert(**copy)));
        }
        learners
    }
}

/// While something is live.
struct Window<'a> {
    order: Order<'a>,
    /// None for an argument: it is there from the start.
    makers: Option<Vec<NodeId>>,
    /// Nodes that read it, or what is computed from it without being recorded.
    readers: BTreeSet<NodeId>,
    /// Snapshots that have it in them: they travel by themselves.
    copies: Vec<Carried>,
    /// It is needed for ever.
    forever: bool,
    /// Loops around the outermost of what it is computed into: with one more, there is a new one
    /// for each iteration.
    depth: u32,
    fault: Option<NodeId>,
}

impl<'a> Window<'a> {
    fn new(program: &'a VerifiedProgram, of: Carried) -> Self {
        let mut window = Self {
            order: Order(program),
            makers: None,
            readers: BTreeSet::new(),
            copies: Vec::new(),
            forever: false,
            depth: u32::MAX,
            fault: None,
        };
        match of {
            Carried::Arg(_) => {}
            Carried::Slot(slot) => window.makers = Some(program.writer(slot).into_iter().collect()),
            Carried::Stream(stream) => window.makers = Some(pushes(program, stream)),
            Carried::Fault(node) => {
                window.makers = Some(alloc::vec![node]);
                window.fault = Some(node);
                window.forever = true;
                window.depth = program.facts().loop_depth(node);
            }
        }
        window.follow(of);
        window
    }

    /// Finds the readers, from one to the next.
    fn follow(&mut self, of: Carried) {
        let mut seen = BTreeSet::from([of]);
        let mut open = alloc::vec![of];
        while let Some(next) = open.pop() {
            let facts = self.order.0.facts();
            let (readers, control, depth): (&[NodeId], bool, u32) = match next {
                Carried::Arg(arg) => (facts.arg_readers(arg), facts.is_control_arg(arg), 0),
                Carried::Slot(slot) => {
                    let facts = facts.slot(slot);
                    (&facts.readers, facts.control, facts.depth)
                }
                Carried::Stream(stream) => {
                    let facts = facts.stream(stream);
                    (&facts.readers, facts.control, facts.depth)
                }
                Carried::Fault(_) => continue,
            };
            self.forever |= control;
            self.depth = self.depth.min(depth);
            for reader in readers {
                self.readers.insert(*reader);
                let of_stream = matches!(next, Carried::Stream(_));
                let into = match self.order.node(*reader) {
                    Some(Node::Let { slot, .. } | Node::For { item: slot, .. }) => {
                        Carried::Slot(*slot)
                    }
                    Some(Node::Push { stream, .. }) => Carried::Stream(*stream),
                    Some(Node::Snapshot { slot, .. } | Node::Await { slot, .. }) if of_stream => {
                        self.copies.push(Carried::Slot(*slot));
                        continue;
                    }
                    Some(_) | None => continue,
                };
                open.extend(Some(into).filter(|into| seen.insert(*into)));
            }
        }
    }

    /// Everywhere where something is sent while it is live.
    fn find(&self, learners: &mut BTreeSet<Learner>) {
        let program = self.order.0;
        match &self.makers {
            None => _ = learners.insert(Learner::Initiator),
            Some(makers) => learners.extend(makers.iter().map(|maker| self.site(*maker))),
        }
        for number in 0..count(program.program().nodes.len()) {
            let node = NodeId(number);
            if self.is_during(node) {
                self.told_of_node(node, learners);
            }
        }
        self.told_of_meetings(learners);
        if self.lasts_to_the_end() {
            learners.insert(Learner::Initiator);
        }
    }

    /// Where a node happens.
    fn site(&self, node: NodeId) -> Learner {
        match self.order.node(node) {
            Some(Node::Return { .. }) => Learner::Initiator,
            Some(content) if content.place().is_some() => Learner::At(node),
            Some(_) | None => Learner::Home(node),
        }
    }

    /// Whether control can be at a node while it is live.
    fn is_during(&self, node: NodeId) -> bool {
        self.is_begun_at(node) && !self.is_dead_at(node)
    }

    /// Whether control can be at a node when it is made.
    fn is_begun_at(&self, node: NodeId) -> bool {
        let makers = self.makers.as_ref();
        let begun = makers.is_none_or(|all| all.iter().any(|maker| !self.is_before(node, *maker)));
        begun && !self.fault.is_some_and(|failing| self.order.skips(failing, node))
    }

    /// Whether every reader is over when a node begins.
    fn is_dead_at(&self, node: NodeId) -> bool {
        !self.forever && self.readers.iter().all(|reader| self.is_after(node, *reader))
    }

    /// Whether a node is over for certain when it is made.
    fn is_before(&self, node: NodeId, maker: NodeId) -> bool {
        let once = |each| self.order.is_sequential(each) && self.dies_in(each);
        if node != maker && self.order.0.contains(node, maker) {
            // It waited only for what it reads itself.
            return !self.order.is_open(node) && self.order.loops_around(node).all(once);
        }
        self.order.is_over(node, maker, once)
    }

    /// Whether a node begins only when a reader is over for certain. One that reads in a loop that
    /// the value outlives counts as open for ever: nobody looks into the loop. One that may still
    /// read when its iteration is over may do so while the node begins in the next.
    fn is_after(&self, node: NodeId, reader: NodeId) -> bool {
        let once = |each| {
            let new = self.order.is_sequential(each) && self.is_new_in(each);
            new && !self.order.runs_on(reader, each)
        };
        !self.stays_open(reader) && self.order.is_over(reader, node, once)
    }

    /// Whether each iteration has its own.
    fn is_new_in(&self, each: NodeId) -> bool {
        self.order.0.facts().loop_depth(each) < self.depth
    }

    fn stays_open(&self, reader: NodeId) -> bool {
        self.order.loops_around(reader).any(|each| !self.is_new_in(each))
    }

    /// Whether nothing of an iteration needs it when the next one begins.
    fn dies_in(&self, each: NodeId) -> bool {
        let over = |reader: &NodeId| {
            !self.stays_open(*reader)
                && self.order.0.contains(each, *reader)
                && !self.order.runs_on(*reader, each)
        };
        !self.forever && self.is_new_in(each) && self.readers.iter().all(over)
    }

    /// Who is told that control is at a node.
    fn told_of_node(&self, node: NodeId, learners: &mut BTreeSet<Learner>) {
        let Some(content) = self.order.node(node) else { return };
        let happens = content.place().is_some() || matches!(content, Node::Return { .. });
        if happens {
            learners.insert(self.site(node));
        }
        let half_fails = matches!(content, Node::Par(_)) || self.order.is_open(node);
        if half_fails || self.may_wait(node) {
            self.add_home(node, learners);
        }
    }

    /// Whether what a node reads itself may not be there when control comes.
    fn may_wait(&self, node: NodeId) -> bool {
        let program = self.order.0;
        program.facts().node_reads(program, node).iter().any(|source| match source {
            Source::Arg(_) => false,
            Source::Slot(slot) => {
                program.writer(*slot).is_none_or(|writer| !self.order.dominates(writer, node))
            }
        })
    }

    /// A home that cannot be told yet is that of the node above.
    fn add_home(&self, node: NodeId, learners: &mut BTreeSet<Learner>) {
        let program = self.order.0;
        for node in program.ancestors(node) {
            let Some(home) = program.home(node) else { break };
            learners.insert(Learner::Home(node));
            let place = program.program().place(home);
            let reads = place.into_iter().flat_map(crate::Place::exprs);
            let mut reads = reads.flat_map(|expr| program.facts().reads(expr));
            let known = reads.all(|source| match source {
                Source::Arg(_) => true,
                Source::Slot(slot) => {
                    program.writer(*slot).is_some_and(|writer| self.order.dominates(writer, node))
                }
            });
            if known {
                return;
            }
        }
        learners.insert(Learner::Initiator);
    }

    /// Who is told what one branch writes and another reads, if writing or reading can happen
    /// while this is live.
    fn told_of_meetings(&self, learners: &mut BTreeSet<Learner>) {
        let program = self.order.0;
        let facts = program.facts();
        for number in 0..program.program().slots {
            let slot = SlotId(number);
            let facts = facts.slot(slot);
            let writers = program.writer(slot);
            self.meeting(writers.as_slice(), &facts.concurrent, &facts.meetings, learners);
        }
        for number in 0..count(program.program().streams.len()) {
            let stream = StreamId(number);
            let facts = facts.stream(stream);
            if !facts.meetings.is_empty() {
                let writers = pushes(program, stream);
                self.meeting(&writers, &facts.concurrent, &facts.meetings, learners);
            }
        }
    }

    fn meeting(
        &self,
        writers: &[NodeId],
        readers: &[NodeId],
        meetings: &[NodeId],
        learners: &mut BTreeSet<Learner>,
    ) {
        if meetings.is_empty() {
            return;
        }
        let during = writers.iter().chain(readers).any(|node| self.is_during(*node));
        // Who goes on from a writer cannot know whether the meeting place was told, and tells it too.
        let between = writers.iter().any(|writer| !self.is_dead_at(*writer))
            && readers.iter().any(|reader| self.is_begun_at(*reader));
        if during || between {
            meetings.iter().for_each(|meeting| self.add_home(*meeting, learners));
        }
    }

    /// Whether it can be live when the program has failed, which the initiator is told.
    fn lasts_to_the_end(&self) -> bool {
        let program = self.order.0;
        let nodes = (0..count(program.program().nodes.len())).map(NodeId);
        let mut fails = nodes.filter(|node| {
            self.order.can_fail(*node) && !program.is_caught(*node) && self.is_during(*node)
        });
        let outermost = |reader: &NodeId| {
            program.ancestors(*reader).filter(|above| self.order.is_open(*above)).last()
        };
        let own = |failing: NodeId| self.fault == Some(failing);
        let open: Vec<(bool, Option<NodeId>)> =
            self.readers.iter().map(|r| (self.stays_open(*r), outermost(r))).collect();
        fails.any(|failing| {
            let beside = |around: NodeId| !program.contains(around, failing);
            own(failing)
                || self.forever
                || open.iter().any(|(stays, around)| *stays || around.is_some_and(beside))
        })
    }
}

/// The nodes that add to a stream.
fn pushes(program: &VerifiedProgram, stream: StreamId) -> Vec<NodeId> {
    let nodes = super::nodes(program);
    let adds = |node: &Node| {
        let writes = matches!(node, Node::Call { .. } | Node::Push { .. });
        writes && node.used_stream() == Some(stream)
    };
    nodes.filter(|(_, node)| adds(node)).map(|(id, _)| id).collect()
}
