//! What a function does, with every call of a function written out: steps, and `on` as scopes.
//!
//! A plan says nothing about where a step happens except through the [`PlanKind::On`] around it;
//! [`place`](crate::place) turns it into [`Placed`](crate::placed::Placed).

use std::collections::HashMap;

use aquac_base::{Arena, Id, Name, Span};
use aquac_ir::{Last, LoopMode, StreamKind};
use aquac_semantics::TypeId;

use crate::terms::{SlotId, TermId, Terms};

/// A stream or stream map, by its number in [`Pools`].
pub(crate) type StreamId = Id<Stream>;
/// A place, by its number in [`Pools`].
pub(crate) type PlaceId = Id<Place>;

/// A stream or stream map.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    /// What the source calls it; empty if it has no name there.
    pub(crate) name: Name,
    /// Whether it has keys.
    pub(crate) kind: StreamKind,
}

/// A peer and the relays to it, from the outside to the peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The peer's id.
    pub(crate) peer: TermId,
    /// Each an id or an array of ids.
    pub(crate) via: Vec<TermId>,
}

/// What the steps of a workflow refer to.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    /// Values.
    pub(crate) terms: Terms,
    /// Streams.
    pub(crate) streams: Arena<Stream>,
    /// Places; equal ones are one.
    pub(crate) places: Arena<Place>,
    known_places: HashMap<Place, PlaceId>,
}

impl Pools {
    /// The place with this peer and these relays. A relay next to itself or to the peer is one
    /// visit, so it is written once.
    pub(crate) fn place(&mut self, peer: TermId, mut via: Vec<TermId>) -> PlaceId {
        via.dedup();
        via.pop_if(|last| *last == peer);
        let place = Place { peer, via };
        *self.known_places.entry(place).or_insert_with_key(|place| self.places.add(place.clone()))
    }

    /// A new stream.
    pub(crate) fn stream(&mut self, name: Name, kind: StreamKind) -> StreamId {
        self.streams.add(Stream { name, kind })
    }
}

/// A step or construct, with the source that it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) kind: PlanKind,
    pub(crate) span: Span,
}

/// The steps and constructs of a plan.
#[derive(Debug, Clone)]
pub(crate) enum PlanKind {
    /// One after the other.
    Seq(Vec<Plan>),
    /// Side by side; complete when one is. With a `Seq` of nothing beside it, a branch is
    /// detached.
    Par(Vec<Plan>),
    /// The body happens at a place.
    On {
        place: PlaceId,
        body: Box<Plan>,
    },
    /// The handler runs if the body fails.
    Try {
        error: SlotId,
        body: Box<Plan>,
        handler: Box<Plan>,
    },
    If {
        condition: TermId,
        then: Box<Plan>,
        otherwise: Box<Plan>,
    },
    Call(Call),
    /// Names a value.
    Let {
        slot: SlotId,
        value: TermId,
    },
    /// Goes on when the value is known.
    Wait(TermId),
    Push {
        stream: StreamId,
        key: Option<TermId>,
        value: TermId,
    },
    /// Freezes a stream where this happens.
    Snapshot {
        stream: StreamId,
        slot: SlotId,
    },
    /// Waits where this happens until a stream has `count` elements, and freezes them.
    Await {
        stream: StreamId,
        count: TermId,
        slot: SlotId,
    },
    For(Box<Loop<Plan>>),
    /// The streams are fresh each time the body starts.
    Scope {
        streams: Vec<StreamId>,
        body: Box<Plan>,
    },
    Return(Vec<TermId>),
}

impl PlanKind {
    /// The stream that a single step writes or reads.
    pub(crate) fn stream(&self) -> Option<StreamId> {
        match self {
            Self::Push { stream, .. }
            | Self::Snapshot { stream, .. }
            | Self::Await { stream, .. } => Some(*stream),
            Self::Call(call) => match call.output {
                Output::Stream(stream) => Some(stream),
                Output::Nothing | Output::Slot(_) => None,
            },
            Self::Seq(_)
            | Self::Par(_)
            | Self::On { .. }
            | Self::Try { .. }
            | Self::If { .. }
            | Self::Let { .. }
            | Self::Wait(_)
            | Self::For(_)
            | Self::Scope { .. }
            | Self::Return(_) => None,
        }
    }
}

/// A request to a service.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) service: TermId,
    pub(crate) function: TermId,
    pub(crate) args: Vec<TermId>,
    pub(crate) output: Output,
    /// What the answer must look like.
    pub(crate) returns: Option<TypeId>,
}

/// Where the answer of a service goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Nothing,
    Slot(SlotId),
    Stream(StreamId),
}

/// A loop in a plan or in what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Loop<Body> {
    pub(crate) over: Over,
    pub(crate) item: SlotId,
    pub(crate) mode: LoopMode,
    pub(crate) last: Last,
    pub(crate) body: Body,
}

/// What a loop runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The elements of an array.
    Array(TermId),
    /// The entries of a map's snapshot, one for each key.
    Entries(TermId),
    /// A stream that may still grow.
    Live(StreamId),
}

impl Plan {
    /// Nothing.
    pub(crate) const fn nothing(span: Span) -> Self {
        Self { kind: PlanKind::Seq(Vec::new()), span }
    }

    /// Whether it is nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(&self.kind, PlanKind::Seq(steps) if steps.is_empty())
    }

    /// Steps one after the other; a single one is itself.
    pub(crate) fn sequence(mut steps: Vec<Self>, span: Span) -> Self {
        match (steps.pop(), steps.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                steps.extend(last);
                Self { kind: PlanKind::Seq(steps), span }
            }
        }
    }
}
