//! Static facts of a program: what the interpreter asks again and again and what follows from the
//! tree alone. Derived when a program is verified, never carried, so nothing has to be trusted.

mod brought;
mod control;
mod learners;
mod meeting;
mod shapes;

pub use learners::{Carried, Learner};

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::sort::distinct;
use crate::tree::count;
use crate::{
    ArgId, Expr, ExprId, Iterable, LoopMode, Node, NodeId, SlotId, StreamId, VerifiedProgram,
    VerifyError,
};

/// Entries in the lists of what each expression reads, all together. Beyond it a program is
/// refused: no real program shares expressions so widely.
const MAX_READS: usize = 1 << 22;

/// What an expression reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A slot.
    Slot(SlotId),
    /// An argument of the program.
    Arg(ArgId),
}

/// What can be written in one branch and read in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// A slot.
    Slot(SlotId),
    /// A stream.
    Stream(StreamId),
}

/// What is known of one slot or stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VariableFacts {
    /// Nodes that read it, in order.
    pub readers: Vec<NodeId>,
    /// Of these, the ones that control can reach without passing the writer: they stand in
    /// another branch, or behind a construct that goes on without the writer's branch.
    pub concurrent: Vec<NodeId>,
    /// Of those that control can reach so, the ones to whose peers whoever has the value brings
    /// it; they are not among the concurrent ones.
    pub brought: Vec<NodeId>,
    /// Where writer and concurrent readers meet: at the home of these nodes.
    pub meetings: Vec<NodeId>,
    /// Every peer needs the value to follow what the program does.
    pub control: bool,
    /// Number of loops around the writer: the part of a reader's path that names the instance.
    pub depth: u32,
    /// The innermost of these loops.
    pub innermost: Option<NodeId>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct NodeFacts {
    innermost: Option<NodeId>,
    depth: u32,
}

/// The facts of one program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    nodes: Vec<NodeFacts>,
    slots: Vec<VariableFacts>,
    streams: Vec<VariableFacts>,
    args_control: Vec<bool>,
    arg_readers: Vec<Vec<NodeId>>,
    reads: Vec<Box<[Source]>>,
    weights: Vec<u32>,
    fallible: Vec<bool>,
    /// In order.
    named_next: Vec<NodeId>,
    live: bool,
    returns: bool,
}

static NOTHING: VariableFacts = VariableFacts {
    readers: Vec::new(),
    concurrent: Vec::new(),
    brought: Vec::new(),
    meetings: Vec::new(),
    control: false,
    depth: 0,
    innermost: None,
};

impl Facts {
    /// Derives the facts of a program whose tree, slots and pools have been checked.
    pub(crate) fn derive(program: &VerifiedProgram) -> Result<Self, VerifyError> {
        let mut facts = Self::default();
        facts.find_loops(program);
        facts.find_reads(program)?;
        facts.find_readers(program);
        shapes::find_fallible(&mut facts, program);
        control::find_control(&mut facts, program);
        meeting::find_meetings(&mut facts, program);
        Ok(facts)
    }

    /// The innermost loop around a node.
    #[must_use]
    pub fn innermost_loop(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.index())?.innermost
    }

    /// How many loops are around a node: the length of its path.
    #[must_use]
    pub fn loop_depth(&self, node: NodeId) -> u32 {
        self.nodes.get(node.index()).map_or(0, |facts| facts.depth)
    }

    /// Whether the loops around a variable's instance are also around the node: whether the node
    /// stands where it can read it.
    #[must_use]
    pub fn in_scope(&self, node: NodeId, of: &VariableFacts) -> bool {
        let mut around = self.innermost_loop(node);
        while let Some(inner) = around {
            if self.loop_depth(inner) + 1 == of.depth {
                return of.innermost == Some(inner);
            }
            around = self.innermost_loop(inner);
        }
        of.depth == 0
    }

    /// What is known of a slot.
    #[must_use]
    pub fn slot(&self, slot: SlotId) -> &VariableFacts {
        self.slots.get(slot.index()).unwrap_or(&NOTHING)
    }

    /// What is known of a stream.
    #[must_use]
    pub fn stream(&self, stream: StreamId) -> &VariableFacts {
        self.streams.get(stream.index()).unwrap_or(&NOTHING)
    }

    /// What is known of a slot or stream.
    #[must_use]
    pub fn variable(&self, variable: Variable) -> &VariableFacts {
        match variable {
            Variable::Slot(slot) => self.slot(slot),
            Variable::Stream(stream) => self.stream(stream),
        }
    }

    /// Whether every peer needs an argument to follow what the program does.
    #[must_use]
    pub fn is_control_arg(&self, arg: ArgId) -> bool {
        self.args_control.get(arg.index()).copied().unwrap_or(true)
    }

    /// The nodes that read an argument, in order.
    #[must_use]
    pub fn arg_readers(&self, arg: ArgId) -> &[NodeId] {
        self.arg_readers.get(arg.index()).map_or(&[], Vec::as_slice)
    }

    /// What an expression reads, each once.
    #[must_use]
    pub fn reads(&self, expr: ExprId) -> &[Source] {
        self.reads.get(expr.index()).map_or(&[], |reads| reads)
    }

    /// How many expressions are evaluated for this one if shared parts are evaluated each time;
    /// at most `u32::MAX`.
    #[must_use]
    pub fn weight(&self, expr: ExprId) -> u32 {
        self.weights.get(expr.index()).copied().unwrap_or(u32::MAX)
    }

    /// Whether evaluating the expression can fail, so that its value decides control.
    #[must_use]
    pub fn is_fallible(&self, expr: ExprId) -> bool {
        self.fallible.get(expr.index()).copied().unwrap_or(true)
    }

    /// Whether the iterations that this `Next` starts are named by it and not by their index:
    /// it stands in another loop inside its own, or its loop has several.
    #[must_use]
    pub fn names_iterations(&self, next: NodeId) -> bool {
        self.named_next.binary_search(&next).is_ok()
    }

    /// Whether there is a loop over a live stream.
    #[must_use]
    pub const fn has_live_loops(&self) -> bool {
        self.live
    }

    /// Whether there is a `Return`.
    #[must_use]
    pub const fn has_return(&self) -> bool {
        self.returns
    }

    fn find_loops(&mut self, program: &VerifiedProgram) {
        let mut nexts: Vec<(NodeId, NodeId)> = Vec::new();
        for (id, node) in nodes(program) {
            let parent = program.parent(id);
            let facts = match parent {
                None => NodeFacts { innermost: None, depth: 0 },
                Some(parent) => {
                    let around = self.loop_depth(parent);
                    if matches!(program.program().node(parent), Some(Node::For { .. })) {
                        NodeFacts { innermost: Some(parent), depth: around + 1 }
                    } else {
                        NodeFacts { innermost: self.innermost_loop(parent), depth: around }
                    }
                }
            };
            self.nodes.push(facts);
            self.live |= matches!(node, Node::For { iterable: Iterable::Live(_), .. });
            self.returns |= matches!(node, Node::Return { .. });
            if let Node::Next { of } = node {
                nexts.push((*of, id));
            }
        }
        let nexts = distinct(&nexts);
        for (at, (of, next)) in nexts.iter().enumerate() {
            let same = |other: Option<&(NodeId, NodeId)>| other.is_some_and(|(o, _)| o == of);
            let several = same(nexts.get(at + 1)) || at > 0 && same(nexts.get(at - 1));
            if several || self.innermost_loop(*next) != Some(*of) {
                self.named_next.push(*next);
            }
        }
        self.named_next = distinct(&self.named_next);
    }

    fn find_reads(&mut self, program: &VerifiedProgram) -> Result<(), VerifyError> {
        let mut total = 0;
        for expr in &program.program().exprs {
            let mut reads: Vec<Source> = Vec::new();
            if let Expr::Slot(slot) = expr {
                reads.push(Source::Slot(*slot));
            } else if let Expr::Arg(arg) = expr {
                reads.push(Source::Arg(*arg));
            }
            let mut weight = 1_u32;
            for part in expr.parts() {
                reads.extend(self.reads(part));
                weight = weight.saturating_add(self.weight(part));
            }
            if expr.parts().nth(1).is_some() {
                reads = distinct(&reads);
            }
            total += reads.len();
            if total > MAX_READS {
                return Err(VerifyError::TooLarge("slots read by expressions"));
            }
            self.reads.push(reads.into());
            self.weights.push(weight);
        }
        Ok(())
    }

    /// What a node reads: its expressions, those of its place and of its home.
    fn node_reads(&self, program: &VerifiedProgram, node: NodeId) -> Vec<Source> {
        let Some(content) = program.program().node(node) else { return Vec::new() };
        let places = content.place().into_iter().chain(program.home(node));
        let of_places = places
            .filter_map(|place| program.program().place(place))
            .flat_map(crate::Place::exprs)
            .collect::<Vec<_>>();
        let exprs = content.exprs().chain(of_places);
        distinct(&exprs.flat_map(|expr| self.reads(expr)).copied().collect::<Vec<_>>())
    }

    fn find_readers(&mut self, program: &VerifiedProgram) {
        self.slots = alloc::vec![VariableFacts::default(); program.program().slots as usize];
        self.streams = alloc::vec![VariableFacts::default(); program.program().streams.len()];
        self.arg_readers = alloc::vec![Vec::new(); program.program().parameters.len()];
        for (id, node) in nodes(program) {
            for source in self.node_reads(program, id) {
                match source {
                    Source::Slot(slot) => {
                        if let Some(facts) = self.slots.get_mut(slot.index()) {
                            facts.readers.push(id);
                        }
                    }
                    Source::Arg(arg) => {
                        if let Some(readers) = self.arg_readers.get_mut(arg.index()) {
                            readers.push(id);
                        }
                    }
                }
            }
            let reads_stream =
                matches!(node, Node::Snapshot { .. } | Node::Await { .. } | Node::For { .. });
            if let Some(stream) = node.used_stream().filter(|_| reads_stream)
                && let Some(facts) = self.streams.get_mut(stream.index())
            {
                facts.readers.push(id);
            }
        }
        self.find_instances(program);
    }

    /// Which part of a path names an instance of a slot or stream.
    fn find_instances(&mut self, program: &VerifiedProgram) {
        for at in 0..self.slots.len() {
            let Some(writer) = program.writer(SlotId(count(at))) else { continue };
            let item = matches!(program.program().node(writer), Some(Node::For { .. }));
            let (depth, innermost) = if item {
                (self.loop_depth(writer) + 1, Some(writer))
            } else {
                (self.loop_depth(writer), self.innermost_loop(writer))
            };
            if let Some(facts) = self.slots.get_mut(at) {
                (facts.depth, facts.innermost) = (depth, innermost);
            }
        }
        for at in 0..self.streams.len() {
            let Some(scope) = program.scope(StreamId(count(at))) else { continue };
            let (depth, innermost) = (self.loop_depth(scope), self.innermost_loop(scope));
            if let Some(facts) = self.streams.get_mut(at) {
                (facts.depth, facts.innermost) = (depth, innermost);
            }
        }
    }
}

fn nodes(program: &VerifiedProgram) -> impl Iterator<Item = (NodeId, &Node)> {
    program.program().nodes.iter().enumerate().map(|(at, node)| (NodeId(count(at)), node))
}

/// Whether a node lets control go on, or start, without one of the branches below it.
fn is_concurrent(node: &Node) -> bool {
    match node {
        Node::Par(_)
        | Node::For { iterable: Iterable::Live(_), .. }
        | Node::For { mode: LoopMode::Parallel, .. } => true,
        Node::For { iterable: Iterable::Array(_) | Iterable::Entries(_), .. }
        | Node::Seq(_)
        | Node::Try { .. }
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
        | Node::Return { .. } => false,
    }
}
