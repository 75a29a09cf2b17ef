//! A program that is safe to run, whoever made it.
//!
//! Everything the interpreter relies on is checked here, once, before the first step: every
//! number names something, nesting is bounded, each slot has one writer, each `next` has its
//! loop. With the check come the shape of the tree and the facts that are derived from it.

use alloc::vec::Vec;

use crate::ordered::is_in_order;
use crate::pools::{check_expr, check_pools};
use crate::tree::{Tree, count};
use crate::{
    DecodeError, Digest, Domain, Facts, Iterable, LoopMode, Node, NodeId, PeerId, Place, PlaceId,
    Program, SlotId, SnapshotForm, StreamId, StreamKind, decode, encode,
};

/// Why a program must not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The bytes are no program.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// More of something, or deeper, than a program may have.
    #[error("the program has too many {0}")]
    TooLarge(&'static str),
    /// There is no node.
    #[error("the program is empty")]
    Empty,
    /// A node has fewer children than it needs, or there are nodes behind the root.
    #[error("the tree at node {} is not complete", .0.0)]
    BadTree(NodeId),
    /// Something names a thing that is not there, or that stands behind it.
    #[error("{what} {number} does not exist where it is used")]
    Dangling {
        /// The kind of thing.
        what: &'static str,
        /// Its number.
        number: u32,
    },
    /// A slot with two writers: its value would depend on who is first.
    #[error("slot {} has two writers, nodes {} and {}", slot.0, first.0, second.0)]
    TwoWriters {
        /// The slot.
        slot: SlotId,
        /// One writer.
        first: NodeId,
        /// The other.
        second: NodeId,
    },
    /// A loop over a live stream that goes in sequence, or one over an array that waits for
    /// elements.
    #[error("the loop at node {} cannot run over what it names in that way", .0.0)]
    BadLoop(NodeId),
    /// A `next` outside the body of its loop, or of a loop that goes on by itself.
    #[error("`next` at node {} is not in the body of a loop that waits for it", .0.0)]
    StrayNext(NodeId),
    /// A stream used outside its scope, or in two scopes.
    #[error("stream {} is used outside its scope at node {}", stream.0, node.0)]
    StreamOutOfScope {
        /// The stream.
        stream: StreamId,
        /// Where.
        node: NodeId,
    },
    /// A key without a map, or a map without a key.
    #[error("node {} uses a stream of the wrong kind", .0.0)]
    WrongStreamKind(NodeId),
    /// An object or an object's type names a field twice.
    #[error("{what} {number} names a field twice")]
    DuplicateField {
        /// The kind of thing.
        what: &'static str,
        /// Its number.
        number: u32,
    },
    /// A type of numbers with a width that numbers do not have.
    #[error("there are no numbers of {0} bits")]
    BadWidth(u8),
    /// The pools are not in the order in which the tree uses them, or hold more than it uses:
    /// another encoding of the same program, which would have another digest.
    #[error("the parts of the program are not in canonical order")]
    NotInOrder,
    /// Homes are not sorted by node.
    #[error("the homes are not in the order of their nodes")]
    UnsortedHomes,
}

/// A program that passed every check, with the shape of its tree.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedProgram {
    program: Program,
    digest: Digest,
    tree: Tree,
    writers: Vec<Option<NodeId>>,
    scopes: Vec<Option<NodeId>>,
    peers: Vec<Option<PeerId>>,
    facts: Facts,
}

impl VerifiedProgram {
    /// Decodes and checks.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] with the first thing that is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VerifyError> {
        let program = decode(bytes)?;
        Self::check(program, Digest::of(Domain::Program, &[bytes]))
    }

    /// Checks a program that was made here.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] with the first thing that is wrong.
    pub fn new(program: Program) -> Result<Self, VerifyError> {
        let digest = Digest::of(Domain::Program, &[&encode(&program)]);
        Self::check(program, digest)
    }

    fn check(program: Program, digest: Digest) -> Result<Self, VerifyError> {
        check_pools(&program)?;
        let mut tree = Tree::grow(&program)?;
        tree.settle(&program)?;
        let (writers, scopes, peers) = (Vec::new(), Vec::new(), Vec::new());
        let facts = Facts::default();
        let mut verified = Self { program, digest, tree, writers, scopes, peers, facts };
        verified.writers = verified.find_writers()?;
        verified.scopes = verified.find_scopes()?;
        verified.check_nodes()?;
        if !is_in_order(&verified.program) {
            return Err(VerifyError::NotInOrder);
        }
        verified.peers = verified.find_peers();
        verified.facts = Facts::derive(&verified)?;
        Ok(verified)
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// What follows from the tree alone.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The digest of the program's bytes: its name.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The node above.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.tree.parent(node)
    }

    /// One past the last node below; the node itself if it has no children.
    #[must_use]
    pub fn end(&self, node: NodeId) -> NodeId {
        self.tree.end(node)
    }

    /// Whether `below` is `node` or somewhere below it.
    #[must_use]
    pub fn contains(&self, node: NodeId, below: NodeId) -> bool {
        node <= below && below < self.end(node)
    }

    /// The children of a node, in order.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.end(node);
        let first = Some(NodeId(node.0 + 1)).filter(|first| *first < end);
        core::iter::successors(first, move |child| {
            Some(self.end(*child)).filter(|next| *next < end)
        })
    }

    /// The node and everything above it, from the inside out.
    pub fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        core::iter::successors(Some(node), |node| self.parent(*node))
    }

    /// Whether an attempt is around the node that catches its failure.
    #[must_use]
    pub fn is_caught(&self, node: NodeId) -> bool {
        let mut below = node;
        for above in self.ancestors(node).skip(1) {
            let attempt = matches!(self.program().node(above), Some(Node::Try { .. }));
            if attempt && below.0 == above.0 + 1 {
                return true;
            }
            below = above;
        }
        false
    }

    /// Where control is at home at this node: the place of the enclosing `on`. `None` is the
    /// initiator.
    #[must_use]
    pub fn home(&self, node: NodeId) -> Option<PlaceId> {
        self.tree.home(node)
    }

    /// The peer of a place that is written as its id: read once for all runs.
    #[must_use]
    pub fn peer(&self, place: PlaceId) -> Option<PeerId> {
        self.peers.get(place.index()).copied().flatten()
    }

    /// The one node that writes a slot.
    #[must_use]
    pub fn writer(&self, slot: SlotId) -> Option<NodeId> {
        self.writers.get(slot.index()).copied().flatten()
    }

    /// The scope that makes a stream fresh; `None` if it lives as long as the run.
    #[must_use]
    pub fn scope(&self, stream: StreamId) -> Option<NodeId> {
        self.scopes.get(stream.index()).copied().flatten()
    }

    fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.program.nodes.iter().enumerate().map(|(at, node)| (NodeId(count(at)), node))
    }

    fn find_peers(&self) -> Vec<Option<PeerId>> {
        let program = &self.program;
        let peer = |place: &Place| program.constant_of(place.peer)?.as_text()?.parse().ok();
        program.places.iter().map(peer).collect()
    }

    fn find_writers(&self) -> Result<Vec<Option<NodeId>>, VerifyError> {
        let mut writers: Vec<Option<NodeId>> = alloc::vec![None; self.program.slots as usize];
        for (node, content) in self.nodes() {
            let Some(slot) = content.written_slot() else { continue };
            let entry = writers
                .get_mut(slot.index())
                .ok_or(VerifyError::Dangling { what: "slot", number: slot.0 })?;
            if let Some(first) = entry.replace(node) {
                return Err(VerifyError::TwoWriters { slot, first, second: node });
            }
        }
        Ok(writers)
    }

    fn find_scopes(&self) -> Result<Vec<Option<NodeId>>, VerifyError> {
        let mut scopes = alloc::vec![None; self.program.streams.len()];
        for (node, content) in self.nodes() {
            let Node::Scope { streams } = content else { continue };
            for stream in streams {
                let entry = scopes
                    .get_mut(stream.index())
                    .ok_or(VerifyError::Dangling { what: "stream", number: stream.0 })?;
                if entry.replace(node).is_some() {
                    return Err(VerifyError::StreamOutOfScope { stream: *stream, node });
                }
            }
        }
        Ok(scopes)
    }

    fn check_nodes(&self) -> Result<(), VerifyError> {
        for parameter in &self.program.parameters {
            if self.program.shape(*parameter).is_none() {
                return Err(VerifyError::Dangling { what: "type", number: parameter.0 });
            }
        }
        self.nodes().try_for_each(|(node, content)| self.check_node(node, content))
    }

    fn check_node(&self, node: NodeId, content: &Node) -> Result<(), VerifyError> {
        content.exprs().try_for_each(|expr| check_expr(&self.program, expr))?;
        if let Some(place) = content.place()
            && self.program.place(place).is_none()
        {
            return Err(VerifyError::Dangling { what: "place", number: place.0 });
        }
        if let Some(shape) = content.declared()
            && self.program.shape(shape).is_none()
        {
            return Err(VerifyError::Dangling { what: "type", number: shape.0 });
        }
        if let Some(stream) = content.used_stream() {
            self.check_stream(node, content, stream)?;
        }
        if let Node::For { iterable, mode, .. } = content
            && !mode_fits(*mode, *iterable)
        {
            return Err(VerifyError::BadLoop(node));
        }
        if let Node::Next { of } = content { self.check_next(node, *of) } else { Ok(()) }
    }

    fn check_stream(
        &self,
        node: NodeId,
        content: &Node,
        stream: StreamId,
    ) -> Result<(), VerifyError> {
        let kind = self
            .program
            .streams
            .get(stream.index())
            .ok_or(VerifyError::Dangling { what: "stream", number: stream.0 })?;
        if self.scope(stream).is_some_and(|scope| !self.contains(scope, node)) {
            return Err(VerifyError::StreamOutOfScope { stream, node });
        }
        let fits = match content {
            Node::Push { key, .. } => key.is_some() == (*kind == StreamKind::Map),
            Node::Call { .. } => *kind == StreamKind::List,
            Node::Snapshot { form: SnapshotForm::Object, .. } => *kind == StreamKind::Map,
            Node::Snapshot { form: SnapshotForm::Elements, .. }
            | Node::Seq(_)
            | Node::Par(_)
            | Node::Try { .. }
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Let { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::For { .. }
            | Node::Next { .. }
            | Node::Scope { .. }
            | Node::Return { .. } => true,
        };
        if fits { Ok(()) } else { Err(VerifyError::WrongStreamKind(node)) }
    }

    fn check_next(&self, node: NodeId, of: NodeId) -> Result<(), VerifyError> {
        let explicit = matches!(
            self.program.node(of),
            Some(Node::For { mode: LoopMode::Explicit | LoopMode::InOrder, .. })
        );
        let in_body = self.children(of).next().is_some_and(|body| self.contains(body, node));
        if explicit && in_body { Ok(()) } else { Err(VerifyError::StrayNext(node)) }
    }
}

const fn mode_fits(mode: LoopMode, iterable: Iterable) -> bool {
    match (mode, iterable) {
        (LoopMode::Parallel | LoopMode::Explicit, _)
        | (
            LoopMode::Sequential | LoopMode::UntilSuccess,
            Iterable::Array(_) | Iterable::Entries(_),
        )
        | (LoopMode::InOrder, Iterable::Live(_)) => true,
        (LoopMode::Sequential | LoopMode::UntilSuccess, Iterable::Live(_))
        | (LoopMode::InOrder, Iterable::Array(_) | Iterable::Entries(_)) => false,
    }
}
