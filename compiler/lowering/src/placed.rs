//! What a function does, with the place on every step. There is no `on` any more, and no name.

use aquac_base::Span;

use crate::plan::{Call, Loop, Over, PlaceId, StreamId};
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

    /// The same place and source with another content.
    pub(crate) fn with(&self, kind: PlacedKind) -> Self {
        Self { kind, home: self.home, span: self.span }
    }

    /// Levels of nesting, this one included.
    pub(crate) fn depth(&self) -> usize {
        1 + self.children().into_iter().map(Self::depth).max().unwrap_or(0)
    }

    /// The terms that a construct itself reads, not those of what is inside.
    pub(crate) fn own_terms(&self) -> Vec<TermId> {
        match &self.kind {
            PlacedKind::If { condition: one, .. }
            | PlacedKind::Let { value: one, .. }
            | PlacedKind::Wait(one)
            | PlacedKind::Await { count: one, .. } => vec![*one],
            PlacedKind::Call { call, .. } => {
                [call.service, call.function].into_iter().chain(call.args.iter().copied()).collect()
            }
            PlacedKind::Push { key, value, .. } => key.iter().copied().chain([*value]).collect(),
            PlacedKind::For(each) => match each.over {
                Over::Array(value) | Over::Entries(value) => vec![value],
                Over::Live(_) => Vec::new(),
            },
            PlacedKind::Return(values) => values.clone(),
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Scope { .. } => Vec::new(),
        }
    }

    /// Constructs and steps, this one included.
    pub(crate) fn size(&self) -> usize {
        1 + self.children().into_iter().map(Self::size).sum::<usize>()
    }

    /// The constructs directly inside, in program order.
    pub(crate) fn children(&self) -> Vec<&Self> {
        match &self.kind {
            PlacedKind::Seq(steps) | PlacedKind::Par(steps) => steps.iter().collect(),
            PlacedKind::Try { body: a, handler: b, .. }
            | PlacedKind::If { then: a, otherwise: b, .. } => vec![a, b],
            PlacedKind::For(each) => vec![&each.body],
            PlacedKind::Scope { body, .. } => vec![body],
            PlacedKind::Null
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_) => Vec::new(),
        }
    }

    /// The constructs directly inside, to change them.
    pub(crate) fn children_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.kind {
            PlacedKind::Seq(steps) | PlacedKind::Par(steps) => steps.iter_mut().collect(),
            PlacedKind::Try { body: a, handler: b, .. }
            | PlacedKind::If { then: a, otherwise: b, .. } => vec![a, b],
            PlacedKind::For(each) => vec![&mut each.body],
            PlacedKind::Scope { body, .. } => vec![body],
            PlacedKind::Null
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Return(_) => Vec::new(),
        }
    }
}
