//! Activations: the tree of what was started. Each is a node in an iteration; it waits, is
//! complete or has failed, and only ever moves forward.

use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{Digest, NodeId, PeerId, StreamId, Value};

use crate::cause::CauseId;
use crate::datum::Datum;
use crate::eval::CellKey;
use crate::failure::Failure;
use crate::few::Acts;
use crate::path::PathId;

/// An activation, by its number in the order of starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ActId(pub(crate) u32);

/// How far an activation is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Phase {
    Waiting,
    Complete,
    Failed(Arc<Failure>),
}

/// A node in an iteration.
#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) node: NodeId,
    pub(crate) path: PathId,
    pub(crate) parent: Option<ActId>,
    /// Number of activations above.
    pub(crate) depth: u32,
    pub(crate) phase: Phase,
    /// Why control got here.
    pub(crate) reached: CauseId,
    /// Why it is complete or has failed, once it is.
    pub(crate) done: CauseId,
    /// Live-stream iterations entered on the way here, and on the way behind it.
    pub(crate) level: u32,
    pub(crate) level_out: u32,
    /// Of `Par` and loops: children that failed, and why they did.
    pub(crate) failed: u32,
    pub(crate) partial: CauseId,
    pub(crate) detail: Detail,
    /// Where its [`Site`] is kept; [`NOTHING`] if it has none.
    pub(crate) site: u32,
}

/// Where more is kept, once it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    Nothing,
    /// Of a step: its [`Placed`].
    Step(u32),
    /// Of a loop over an array: its [`Items`].
    Loop(u32),
}

/// No place in a list.
pub(crate) const NOTHING: u32 = u32::MAX;

/// What kind of unfinished step it is; peers tell each other of steps by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SiteKind {
    /// A step at a place: a call, a snapshot, an await, a visit, a return.
    Placed,
    /// Something that every peer computes and that waits for a value, or a step whose place is
    /// not known yet.
    Pure,
    /// A `Par` with failed branches and without a complete one.
    HalfFailed,
    /// A loop over a live stream.
    Live,
    /// The run has failed and nothing catches that: the initiator must know.
    Final,
    /// Never completes.
    Never,
}

/// An unfinished step: what it waits for, and why it is there.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) kind: SiteKind,
    /// Where it happens, if that is known and it happens at one peer.
    pub(crate) place: Option<PeerId>,
    /// Why it is reached, its place known, and those of its inputs there that are.
    pub(crate) cause: CauseId,
    pub(crate) missing: Vec<CellKey>,
    pub(crate) absent: Option<Digest>,
    /// The stream for whose elements it waits, with how many are enough.
    pub(crate) elements: Option<(StreamId, PathId, u64)>,
}

/// An instance of a slot.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) datum: Option<Datum>,
    pub(crate) cause: CauseId,
    pub(crate) waiters: Acts,
}

impl Default for Cell {
    fn default() -> Self {
        Self { datum: None, cause: CauseId::START, waiters: Acts::new() }
    }
}

/// An iteration of a loop over an array, or of a live loop.
#[derive(Debug, Clone)]
pub(crate) struct IterationOf {
    pub(crate) of: ActId,
    pub(crate) index: u32,
}

impl Items {
    /// How many iterations there are.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }
}

/// The elements that a loop runs over.
#[derive(Debug, Clone)]
pub(crate) struct Items {
    pub(crate) items: Vec<Value>,
    pub(crate) array: Datum,
    pub(crate) cause: CauseId,
}

/// A live loop whose iterations start one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct InOrder {
    /// Elements whose iterations have started and have not reached their `Next`, with the paths
    /// of those.
    pub(crate) running: Vec<(u32, PathId)>,
    /// Elements, by their place in the stream's instance, whose iterations have not started.
    pub(crate) waiting: Vec<u32>,
    /// Why those that have reached it did.
    pub(crate) over: Option<CauseId>,
}

/// A step whose place is known.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) peer: PeerId,
    /// Why it is reached and its place known.
    pub(crate) cause: CauseId,
    /// Of a call.
    pub(crate) service: Arc<str>,
    pub(crate) function: Arc<str>,
    /// Of a step that waits for elements at another peer: how many were looked at.
    pub(crate) announced: u32,
}
