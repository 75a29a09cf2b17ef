//! A program that is safe to run, whoever made it.
//!
//! Everything the interpreter relies on is checked here, once, before the first step: every
//! number names something, nesting is bounded, each slot has one writer, each `next` has its
//! loop. With the check come the shape of the tree and the facts that are derived from it.

use alloc::vec::Vec;

use crate::limits::{MAX_EXPR_DEPTH, MAX_EXPRS, MAX_NODE_DEPTH, MAX_NODES, MAX_SHAPE_DEPTH};
use crate::{
    DecodeError, Digest, Domain, Expr, ExprId, Iterable, Last, LoopMode, Node, NodeId, Output,
    PlaceId, Program, Shape, ShapeId, SlotId, SnapshotForm, StreamId, StreamKind, decode, encode,
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
    /// Homes are not sorted by node.
    #[error("the homes are not in the order of their nodes")]
    UnsortedHomes,
}

/// A program that passed every check, with the shape of its tree.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedProgram {
    program: Program,
    digest: Digest,
    tree: Vec<TreeNode>,
    writers: Vec<Option<NodeId>>,
    scopes: Vec<Option<NodeId>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct TreeNode {
    parent: Option<NodeId>,
    /// One past the last node below.
    end: NodeId,
    home: Option<PlaceId>,
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
        check_sizes(&program)?;
        check_shapes(&program)?;
        check_exprs(&program)?;
        for place in &program.places {
            check_expr(&program, place.peer)?;
            place.via.iter().try_for_each(|relay| check_expr(&program, *relay))?;
        }
        let tree = grow(&program)?;
        let mut verified = Self { program, digest, tree, writers: Vec::new(), scopes: Vec::new() };
        verified.check_homes()?;
        verified.writers = verified.find_writers()?;
        verified.scopes = verified.find_scopes()?;
        verified.check_nodes()?;
        Ok(verified)
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// The digest of the program's bytes: its name.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The node above.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.tree.get(node.index())?.parent
    }

    /// One past the last node below; the node itself if it has no children.
    #[must_use]
    pub fn end(&self, node: NodeId) -> NodeId {
        self.tree.get(node.index()).map_or(node, |entry| entry.end)
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

    /// Where control is at home at this node: the place of the enclosing `on`. `None` is the
    /// initiator.
    #[must_use]
    pub fn home(&self, node: NodeId) -> Option<PlaceId> {
        self.tree.get(node.index())?.home
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

    fn check_homes(&mut self) -> Result<(), VerifyError> {
        if !self.program.homes.is_sorted_by(|a, b| a.node < b.node) {
            return Err(VerifyError::UnsortedHomes);
        }
        let mut homes = self.program.homes.iter().peekable();
        for index in 0..self.tree.len() {
            let node = NodeId(count(index));
            let inherited = self.parent(node).and_then(|parent| self.home(parent));
            let own = homes.next_if(|home| home.node == node).map(|home| home.place);
            if let Some(place) = own
                && self.program.place(place).is_none()
            {
                return Err(VerifyError::Dangling { what: "place", number: place.0 });
            }
            if let Some(entry) = self.tree.get_mut(index) {
                entry.home = own.or(inherited);
            }
        }
        homes
            .next()
            .map_or(Ok(()), |home| Err(VerifyError::Dangling { what: "node", number: home.node.0 }))
    }

    fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.program.nodes.iter().enumerate().map(|(at, node)| (NodeId(count(at)), node))
    }

    fn find_writers(&self) -> Result<Vec<Option<NodeId>>, VerifyError> {
        let mut writers: Vec<Option<NodeId>> = alloc::vec![None; self.program.slots as usize];
        for (node, content) in self.nodes() {
            let Some(slot) = written_slot(content) else { continue };
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
        self.nodes().try_for_each(|(node, content)| {
            node_exprs(content).try_for_each(|expr| check_expr(&self.program, expr))?;
            if let Some(place) = node_place(content)
                && self.program.place(place).is_none()
            {
                return Err(VerifyError::Dangling { what: "place", number: place.0 });
            }
            if let Some(stream) = used_stream(content) {
                self.check_stream(node, content, stream)?;
            }
            match content {
                Node::Call { returns: Some(shape), .. } if self.program.shape(*shape).is_none() => {
                    Err(VerifyError::Dangling { what: "type", number: shape.0 })
                }
                Node::Next { of } => self.check_next(node, *of),
                _ => Ok(()),
            }
        })
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
            _ => true,
        };
        if fits { Ok(()) } else { Err(VerifyError::WrongStreamKind(node)) }
    }

    fn check_next(&self, node: NodeId, of: NodeId) -> Result<(), VerifyError> {
        let explicit =
            matches!(self.program.node(of), Some(Node::For { mode: LoopMode::Explicit, .. }));
        let in_body = self.children(of).next().is_some_and(|body| self.contains(body, node));
        if explicit && in_body { Ok(()) } else { Err(VerifyError::StrayNext(node)) }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn check_sizes(program: &Program) -> Result<(), VerifyError> {
    let too_many = |what, length: usize, most| {
        if length > most { Err(VerifyError::TooLarge(what)) } else { Ok(()) }
    };
    if program.nodes.is_empty() {
        return Err(VerifyError::Empty);
    }
    too_many("nodes", program.nodes.len(), MAX_NODES)?;
    too_many("slots", program.slots as usize, MAX_NODES)?;
    too_many("expressions", program.exprs.len(), MAX_EXPRS)
}

/// Parts stand before the whole, so one pass finds dangling numbers, cycles and the depth.
fn check_exprs(program: &Program) -> Result<(), VerifyError> {
    let mut depths: Vec<usize> = Vec::with_capacity(program.exprs.len());
    for (at, expr) in program.exprs.iter().enumerate() {
        let mut deepest = 0;
        for part in expr_parts(expr) {
            let depth = depths
                .get(part.index())
                .ok_or(VerifyError::Dangling { what: "expression", number: part.0 })?;
            deepest = deepest.max(depth + 1);
        }
        if deepest > MAX_EXPR_DEPTH {
            return Err(VerifyError::TooLarge("nested expressions"));
        }
        depths.push(deepest);
        check_expr_leaves(program, expr, count(at))?;
    }
    Ok(())
}

fn check_expr_leaves(program: &Program, expr: &Expr, at: u32) -> Result<(), VerifyError> {
    let exists = |there: bool, what, number| {
        if there { Ok(()) } else { Err(VerifyError::Dangling { what, number }) }
    };
    match expr {
        Expr::Const(id) => exists(program.constant(*id).is_some(), "constant", id.0),
        Expr::Arg(id) => exists(id.index() < program.parameters.len(), "argument", id.0),
        Expr::Slot(id) => exists(id.0 < program.slots, "slot", id.0),
        Expr::Field { name, .. } => exists(program.text(*name).is_some(), "text", name.0),
        Expr::Object(fields) | Expr::Update { fields, .. } => {
            for (name, _) in fields {
                exists(program.text(*name).is_some(), "text", name.0)?;
            }
            let mut names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            names.sort_unstable();
            if names.is_sorted_by(|a, b| a < b) {
                Ok(())
            } else {
                Err(VerifyError::DuplicateField { what: "expression", number: at })
            }
        }
        Expr::Fact(_)
        | Expr::Index { .. }
        | Expr::Length(_)
        | Expr::Not(_)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Binary { .. }
        | Expr::Array(_)
        | Expr::First(_)
        | Expr::Either(_)
        | Expr::Choose { .. }
        | Expr::Contains { .. }
        | Expr::Keys(_)
        | Expr::Grouped(_) => Ok(()),
    }
}

fn check_expr(program: &Program, expr: ExprId) -> Result<(), VerifyError> {
    let known = program.expr(expr).is_some();
    if known { Ok(()) } else { Err(VerifyError::Dangling { what: "expression", number: expr.0 }) }
}

fn check_shapes(program: &Program) -> Result<(), VerifyError> {
    let mut depths: Vec<usize> = Vec::with_capacity(program.shapes.len());
    for (at, shape) in program.shapes.iter().enumerate() {
        let parts: Vec<ShapeId> = match shape {
            Shape::Array(of) | Shape::Option(of) => alloc::vec![*of],
            Shape::Object(fields) => {
                let mut names: Vec<_> = fields.iter().map(|field| field.name).collect();
                names.sort_unstable();
                if !names.is_sorted_by(|a, b| a < b) {
                    return Err(VerifyError::DuplicateField { what: "type", number: count(at) });
                }
                if let Some(name) = names.iter().find(|name| program.text(**name).is_none()) {
                    return Err(VerifyError::Dangling { what: "text", number: name.0 });
                }
                fields.iter().map(|field| field.shape).collect()
            }
            Shape::Any
            | Shape::Nothing
            | Shape::Bool
            | Shape::Unsigned(_)
            | Shape::Signed(_)
            | Shape::Float
            | Shape::Text => Vec::new(),
        };
        let mut deepest = 0;
        for part in parts {
            let depth = depths
                .get(part.index())
                .ok_or(VerifyError::Dangling { what: "type", number: part.0 })?;
            deepest = deepest.max(depth + 1);
        }
        if deepest > MAX_SHAPE_DEPTH {
            return Err(VerifyError::TooLarge("nested types"));
        }
        depths.push(deepest);
    }
    Ok(())
}

/// How many children a node has.
fn arity(node: &Node) -> u32 {
    match node {
        Node::Seq(children) | Node::Par(children) => *children,
        Node::Try { .. } | Node::If { .. } | Node::For { last: Last::Body, .. } => 2,
        Node::Match { .. } | Node::Scope { .. } | Node::For { .. } => 1,
        Node::Never
        | Node::Null
        | Node::Fail { .. }
        | Node::Call { .. }
        | Node::Let { .. }
        | Node::Push { .. }
        | Node::Snapshot { .. }
        | Node::Await { .. }
        | Node::Visit { .. }
        | Node::Next { .. }
        | Node::Return { .. } => 0,
    }
}

/// Finds parents and ends in one pass, without recursion.
fn grow(program: &Program) -> Result<Vec<TreeNode>, VerifyError> {
    let mut tree: Vec<TreeNode> = Vec::with_capacity(program.nodes.len());
    // Open nodes with the number of children that are still to come.
    let mut open: Vec<(NodeId, u32)> = Vec::new();
    for (at, node) in program.nodes.iter().enumerate() {
        let id = NodeId(count(at));
        let parent = open.last().map(|(parent, _)| *parent);
        if at > 0 && parent.is_none() {
            return Err(VerifyError::BadTree(id));
        }
        if let Some((_, missing)) = open.last_mut() {
            *missing -= 1;
        }
        tree.push(TreeNode { parent, end: NodeId(id.0 + 1), home: None });
        open.push((id, arity(node)));
        if open.len() > MAX_NODE_DEPTH {
            return Err(VerifyError::TooLarge("nested nodes"));
        }
        while let Some((done, _)) = open.pop_if(|(_, missing)| *missing == 0) {
            if let Some(entry) = tree.get_mut(done.index()) {
                entry.end = NodeId(id.0 + 1);
            }
        }
    }
    open.last().map_or(Ok(tree), |(unfinished, _)| Err(VerifyError::BadTree(*unfinished)))
}

fn written_slot(node: &Node) -> Option<SlotId> {
    match node {
        Node::Try { error } => *error,
        Node::Call { output: Output::Slot(slot), .. }
        | Node::Let { slot, .. }
        | Node::Snapshot { slot, .. }
        | Node::Await { slot, .. }
        | Node::For { item: slot, .. } => Some(*slot),
        Node::Call { output: Output::Nothing | Output::Stream(_), .. }
        | Node::Seq(_)
        | Node::Par(_)
        | Node::If { .. }
        | Node::Match { .. }
        | Node::Never
        | Node::Null
        | Node::Fail { .. }
        | Node::Push { .. }
        | Node::Visit { .. }
        | Node::Next { .. }
        | Node::Scope { .. }
        | Node::Return { .. } => None,
    }
}

fn used_stream(node: &Node) -> Option<StreamId> {
    match node {
        Node::Call { output: Output::Stream(stream), .. }
        | Node::Push { stream, .. }
        | Node::Snapshot { stream, .. }
        | Node::Await { stream, .. }
        | Node::For { iterable: Iterable::Live(stream), .. } => Some(*stream),
        Node::Call { output: Output::Nothing | Output::Slot(_), .. }
        | Node::For { iterable: Iterable::Array(_) | Iterable::Entries(_), .. }
        | Node::Seq(_)
        | Node::Par(_)
        | Node::Try { .. }
        | Node::If { .. }
        | Node::Match { .. }
        | Node::Never
        | Node::Null
        | Node::Fail { .. }
        | Node::Let { .. }
        | Node::Visit { .. }
        | Node::Next { .. }
        | Node::Scope { .. }
        | Node::Return { .. } => None,
    }
}

fn node_place(node: &Node) -> Option<PlaceId> {
    match node {
        Node::Call { place, .. }
        | Node::Snapshot { place, .. }
        | Node::Await { place, .. }
        | Node::Visit { place } => Some(*place),
        Node::Seq(_)
        | Node::Par(_)
        | Node::Try { .. }
        | Node::If { .. }
        | Node::Match { .. }
        | Node::Never
        | Node::Null
        | Node::Fail { .. }
        | Node::Let { .. }
        | Node::Push { .. }
        | Node::For { .. }
        | Node::Next { .. }
        | Node::Scope { .. }
        | Node::Return { .. } => None,
    }
}

fn node_exprs(node: &Node) -> impl Iterator<Item = ExprId> {
    let (some, many): ([Option<ExprId>; 2], &[ExprId]) = match node {
        Node::If { condition: one }
        | Node::Fail { error: one }
        | Node::Let { expr: one, .. }
        | Node::Await { count: one, .. }
        | Node::For { iterable: Iterable::Array(one) | Iterable::Entries(one), .. } => {
            ([Some(*one), None], &[])
        }
        Node::Match { left, right, .. } => ([Some(*left), Some(*right)], &[]),
        Node::Call { service, function, args, .. } => ([Some(*service), Some(*function)], args),
        Node::Push { key, value, .. } => ([*key, Some(*value)], &[]),
        Node::Return { values } => ([None, None], values),
        Node::Seq(_)
        | Node::Par(_)
        | Node::Try { .. }
        | Node::Never
        | Node::Null
        | Node::Snapshot { .. }
        | Node::Visit { .. }
        | Node::For { iterable: Iterable::Live(_), .. }
        | Node::Next { .. }
        | Node::Scope { .. } => ([None, None], &[]),
    };
    some.into_iter().flatten().chain(many.iter().copied())
}

/// The expressions that an expression is made of.
pub(crate) fn expr_parts(expr: &Expr) -> impl Iterator<Item = ExprId> {
    let (some, many): ([Option<ExprId>; 3], &[ExprId]) = match expr {
        Expr::Const(_) | Expr::Arg(_) | Expr::Slot(_) | Expr::Fact(_) | Expr::Object(_) => {
            ([None; 3], &[])
        }
        Expr::Field { of, .. }
        | Expr::Length(of)
        | Expr::Not(of)
        | Expr::Keys(of)
        | Expr::Grouped(of)
        | Expr::Update { of, .. } => ([Some(*of), None, None], &[]),
        Expr::Index { of: a, index: b, .. }
        | Expr::And(a, b)
        | Expr::Or(a, b)
        | Expr::Binary { left: a, right: b, .. }
        | Expr::Contains { map: a, key: b } => ([Some(*a), Some(*b), None], &[]),
        Expr::Choose { condition, then, otherwise } => {
            ([Some(*condition), Some(*then), Some(*otherwise)], &[])
        }
        Expr::Array(parts) | Expr::First(parts) | Expr::Either(parts) => ([None; 3], parts),
    };
    let fields = match expr {
        Expr::Object(fields) | Expr::Update { fields, .. } => &**fields,
        _ => &[],
    };
    some.into_iter()
        .flatten()
        .chain(many.iter().copied())
        .chain(fields.iter().map(|(_, value)| *value))
}
