//! What a compiled function is.
//!
//! The tree is a flat vector of nodes in pre-order: the children of a node follow it directly, so
//! a [`NodeId`] is also a position in program order. Names are gone: values live in numbered
//! slots, streams are numbered, texts and constants are in pools in the order of their first use.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Expr, Shape, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// Its number as an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A node, by its position in pre-order.
    NodeId
    /// A value that is written once per activation of its writer.
    SlotId
    /// A stream or stream map.
    StreamId
    /// An argument of the program.
    ArgId
    /// A constant in its pool.
    ConstId
    /// An expression in its pool.
    ExprId
    /// A place in its pool.
    PlaceId
    /// A text in its pool: a field name.
    TextId
    /// A declared type in its pool.
    ShapeId
}

/// Where a step happens: a peer, and the relays through which one goes to it and comes back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Evaluates to the text of a peer id.
    pub peer: ExprId,
    /// Relays from the outside to the peer. Each evaluates to the text of a peer id or to an
    /// array of them, which stands for several relays or none.
    pub via: Box<[ExprId]>,
}

/// What a snapshot of a stream looks like as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SnapshotForm {
    /// The array of a stream's elements; of a map, the array of its `{key, value}` pairs.
    Elements,
    /// Of a map: one object, the first value of each key (AIR's `canon` of a map to a scalar).
    Object,
}

/// How a `Match` compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MatchKind {
    /// Runs its body if the values are equal, fails with 10001 otherwise.
    Equal,
    /// Runs its body if the values differ, fails with 10002 otherwise.
    Different,
}

/// What a loop runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Iterable {
    /// The elements of an array, by index.
    Array(ExprId),
    /// The elements of a map snapshot: one `{key, value}` pair per key, its last, in the order of
    /// these last pairs.
    Entries(ExprId),
    /// A stream that may still grow: every element is an iteration of its own.
    Live(StreamId),
}

/// How the iterations of a loop over an array follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LoopMode {
    /// Each starts when the one before has completed; fails with the first that fails.
    Sequential,
    /// All at once; complete when one is.
    Parallel,
    /// Each starts when the one before has failed; complete with the first that completes.
    UntilSuccess,
    /// Where the body says [`Node::Next`]. All that AIR's `fold` can say. Over a live stream each
    /// element is an iteration of its own, so there `next` is what [`Last`] says.
    Explicit,
    /// Only over a live stream, and like [`LoopMode::Explicit`] there, but one element after the
    /// other in the order of the stream: an iteration starts when the one before it has reached
    /// its `next`, is complete or has failed. An iteration of which anything is recorded has begun,
    /// also where the elements came in another order. For AIR whose body reads what earlier
    /// iterations pushed.
    InOrder,
}

/// What stands where a loop has no further element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Last {
    /// Complete.
    Complete,
    /// Never complete.
    Never,
    /// The second child of the loop runs.
    Body,
}

/// Where the result of a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Output {
    /// Nowhere: only that the call was done is kept.
    Nothing,
    /// Into a slot.
    Slot(SlotId),
    /// Onto a stream.
    Stream(StreamId),
}

/// Whether a stream has keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StreamKind {
    /// Elements only.
    List,
    /// Pairs of a key, which is a text or an integer, and a value.
    Map,
}

/// One step or construct. The children follow it in pre-order; how many there are is part of
/// the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Node {
    /// One child after the other; fails with the first that fails.
    Seq(u32),
    /// All children at once; complete when one is, failed when all are, with the error of the
    /// last in program order. The others run on.
    Par(u32),
    /// Two children, body and handler: the handler runs if the body fails with something that can
    /// be caught. The error is then in `error`.
    Try {
        /// Takes the error object, for the handler to read.
        error: Option<SlotId>,
    },
    /// Two children: the first runs if the condition is `true`, the second if it is `false`.
    If {
        /// Must give a boolean.
        condition: ExprId,
    },
    /// One child, which runs if the comparison holds; AIR's `match` and `mismatch`.
    Match {
        /// Which way round.
        kind: MatchKind,
        /// Left side.
        left: ExprId,
        /// Right side.
        right: ExprId,
    },
    /// Never completes.
    Never,
    /// Complete at once.
    Null,
    /// Fails with an error object, as code 10006 whose message quotes the object. Throwing a
    /// caught error on with its own code is [`Expr::Raise`].
    Fail {
        /// An object with a non-zero integer `error_code` and a text `message`.
        error: ExprId,
    },
    /// A service call at a place.
    Call {
        /// Where.
        place: PlaceId,
        /// Evaluates to the service's id.
        service: ExprId,
        /// Evaluates to the function's name.
        function: ExprId,
        /// Arguments.
        args: Box<[ExprId]>,
        /// Where the result goes.
        output: Output,
        /// What the result must look like; an answer that does not fit is an error of the call.
        returns: Option<ShapeId>,
    },
    /// Names the value of an expression. Pure: done by every peer that gets there.
    Let {
        /// Takes the value.
        slot: SlotId,
        /// What to evaluate.
        expr: ExprId,
    },
    /// Adds an element to a stream. Pure: done by every peer that gets there.
    Push {
        /// Takes the element.
        stream: StreamId,
        /// The key, exactly if the stream is a map.
        key: Option<ExprId>,
        /// The element.
        value: ExprId,
    },
    /// Fixes the content of a stream as this peer knows it.
    Snapshot {
        /// Who fixes it.
        place: PlaceId,
        /// What is fixed.
        stream: StreamId,
        /// What it looks like.
        form: SnapshotForm,
        /// Takes the content.
        slot: SlotId,
    },
    /// Waits at this peer until the stream holds `count` elements, and fixes the first `count`.
    Await {
        /// Who waits.
        place: PlaceId,
        /// What must grow.
        stream: StreamId,
        /// How many elements are enough: a non-negative integer.
        count: ExprId,
        /// Takes exactly `count` elements.
        slot: SlotId,
    },
    /// Be at this peer and do nothing there.
    Visit {
        /// Where.
        place: PlaceId,
    },
    /// A loop: its body is the first child; with [`Last::Body`] there is a second.
    For {
        /// What it runs over.
        iterable: Iterable,
        /// Takes the current element.
        item: SlotId,
        /// How the iterations follow each other. A live stream starts each by itself, so there
        /// only [`LoopMode::Parallel`], [`LoopMode::Explicit`] and [`LoopMode::InOrder`] make
        /// sense.
        mode: LoopMode,
        /// What stands where there is no further element.
        last: Last,
    },
    /// The following iteration of an enclosing loop with [`LoopMode::Explicit`] or
    /// [`LoopMode::InOrder`].
    Next {
        /// The loop.
        of: NodeId,
    },
    /// One child. The streams are fresh for each activation of it.
    Scope {
        /// The streams.
        streams: Box<[StreamId]>,
    },
    /// The program's result, at the initiator.
    Return {
        /// The results.
        values: Box<[ExprId]>,
    },
}

/// Says in which place control is at home below a node: the enclosing `on`. Branches meet there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Home {
    /// The node with everything below it, as far as no deeper node says otherwise.
    pub node: NodeId,
    /// Where it is at home.
    pub place: PlaceId,
}

/// One compiled function.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// What each argument must look like.
    pub parameters: Vec<ShapeId>,
    /// The tree in pre-order; the first node is the root.
    pub nodes: Vec<Node>,
    /// Homes, in the order of their nodes. Outside them all, home is the initiator.
    pub homes: Vec<Home>,
    /// Number of slots.
    pub slots: u32,
    /// Kind of each stream.
    pub streams: Vec<StreamKind>,
    /// Expressions: an expression's parts stand before it.
    pub exprs: Vec<Expr>,
    /// Places.
    pub places: Vec<Place>,
    /// Constants.
    pub constants: Vec<Value>,
    /// Field names.
    pub texts: Vec<Box<str>>,
    /// Declared types: a type's parts stand before it.
    pub shapes: Vec<Shape>,
}

macro_rules! pools {
    ($($(#[$doc:meta])* $name:ident: $id:ty => $pool:ident -> $item:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self, id: $id) -> Option<&$item> {
            self.$pool.get(id.index())
        }
    )*};
}

impl Program {
    pools! {
        /// The node, if there is one.
        node: NodeId => nodes -> Node;
        /// The expression, if there is one.
        expr: ExprId => exprs -> Expr;
        /// The place, if there is one.
        place: PlaceId => places -> Place;
        /// The constant, if there is one.
        constant: ConstId => constants -> Value;
        /// The declared type, if there is one.
        shape: ShapeId => shapes -> Shape;
    }

    /// The text, if there is one.
    #[must_use]
    pub fn text(&self, id: TextId) -> Option<&str> {
        self.texts.get(id.index()).map(|text| &**text)
    }
}
