//! What a function does, with the place on every step. There is no `on` any more, and no name.

use aquac_base::Span;

use crate::plan::{Call, Loop, Output, Over, PlaceId, StreamId};
use crate::terms::{SlotId, TermId};

/// A step or construct that knows where it is at home: at the place of the `on` around it.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) kind: PlacedKind,
    pub(crate) home: PlaceId,
    pub(crate) span: Span,
}

/// The steps and constructs of a placed workflow.
#[derive(Debug, Clone)]
pub(crate) enum PlacedKind {
    /// Complete at once.
    Null,
    /// One after the other.
    Seq(Vec<Placed>),
    /// Side by side; complete when one is.
    Par(Vec<Placed>),
    /// The handler runs if the body fails.
    Try {
        /// Takes the error, if something reads it.
        error: Option<SlotId>,
        body: Box<Placed>,
        handler: Box<Placed>,
    },
    If {
        condition: TermId,
        then: Box<Placed>,
        otherwise: Box<Placed>,
    },
    Call {
        place: PlaceId,
        call: Call,
    },
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
    Snapshot {
        place: PlaceId,
        stream: StreamId,
        slot: SlotId,
    },
    Await {
        place: PlaceId,
        stream: StreamId,
        count: TermId,
        slot: SlotId,
    },
    For(Box<Loop<Placed>>),
    Scope {
        streams: Vec<StreamId>,
        body: Box<Placed>,
    },
    Return(Vec<TermId>),
}

impl Placed {
    /// Whether it is nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, PlacedKind::Null)
    }

    /// Where it happens, or is at home if it happens nowhere.
    pub(crate) const fn place(&self) -> PlaceId {
        match &self.kind {
            PlacedKind::Call { place, .. }
            | PlacedKind::Snapshot { place, .. }
            | PlacedKind::Await { place, .. } => *place,
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::For(_)
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => self.home,
        }
    }

    /// The stream that it itself adds an element to.
    pub(crate) const fn pushed(&self) -> Option<StreamId> {
        match &self.kind {
            PlacedKind::Push { stream, .. } => Some(*stream),
            PlacedKind::Call { call, .. } => match call.output {
                Output::Stream(stream) => Some(stream),
                Output::Nothing | Output::Slot(_) => None,
            },
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::For(_)
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => None,
        }
    }

    /// The same place and source with another content.
    pub(crate) fn with(&self, kind: PlacedKind) -> Self {
        Self { kind, home: self.home, span: self.span }
    }

    /// Levels of nesting, this one included.
    pub(crate) fn depth(&self) -> usize {
        1 + self.children().map(Self::depth).max().unwrap_or(0)
    }

    /// The terms that a construct itself reads, not those of what is inside.
    pub(crate) fn own_terms(&self) -> Vec<TermId> {
        self.each_own_term().collect()
    }

    /// The same, one by one.
    pub(crate) fn each_own_term(&self) -> impl Iterator<Item = TermId> {
        let none: &[TermId] = &[];
        let (one, two, more) = match &self.kind {
            PlacedKind::If { condition: one, .. }
            | PlacedKind::Let { value: one, .. }
            | PlacedKind::Wait(one)
            | PlacedKind::Await { count: one, .. } => (Some(*one), None, none),
            PlacedKind::Call { call, .. } => {
                (Some(call.service), Some(call.function), call.args.as_slice())
            }
            PlacedKind::Push { key, value, .. } => (*key, Some(*value), none),
            PlacedKind::For(each) => match each.over {
                Over::Array(value) | Over::Entries(value) => (Some(value), None, none),
                Over::Live(_) => (None, None, none),
            },
            PlacedKind::Return(values) => (None, None, values.as_slice()),
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Scope { .. } => (None, None, none),
        };
        one.into_iter().chain(two).chain(more.iter().copied())
    }

    /// Constructs and steps, this one included.
    pub(crate) fn size(&self) -> usize {
        1 + self.children().map(Self::size).sum::<usize>()
    }

    /// The constructs directly inside, in program order.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        let none: &[Self] = &[];
        let (many, one, two) = match &self.kind {
            PlacedKind::Seq(steps) | PlacedKind::Par(steps) => (steps.as_slice(), None, None),
            PlacedKind::Try { body: a, handler: b, .. }
            | PlacedKind::If { then: a, otherwise: b, .. } => (none, Some(&**a), Some(&**b)),
            PlacedKind::For(each) => (none, Some(&each.body), None),
            PlacedKind::Scope { body, .. } => (none, Some(&**body), None),
            PlacedKind::Null
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_) => (none, None, None),
        };
        many.iter().chain(one).chain(two)
    }

    /// The constructs directly inside, to change them.
    pub(crate) fn children_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let none: &mut [Self] = &mut [];
        let (many, one, two) = match &mut self.kind {
            PlacedKind::Seq(steps) | PlacedKind::Par(steps) => (steps.as_mut_slice(), None, None),
            PlacedKind::Try { body: a, handler: b, .. }
            | PlacedKind::If { then: a, otherwise: b, .. } => {
                (none, Some(&mut **a), Some(&mut **b))
            }
            PlacedKind::For(each) => (none, Some(&mut each.body), None),
            PlacedKind::Scope { body, .. } => (none, Some(&mut **body), None),
            PlacedKind::Null
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_) => (none, None, None),
        };
        many.iter_mut().chain(one).chain(two)
    }
}
