//! Resolved, typed statements: a tree that mirrors the source.

use aquac_base::Span;

use super::{ExprId, FunctionId, LocalId, ServiceId};

/// Statements in order.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// One after another.
    pub statements: Vec<Stmt>,
}

/// A statement where it stands.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// The line, without its body.
    pub span: Span,
    /// What it does.
    pub kind: StmtKind,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// `x = e`: names the value. A stream is aliased, not frozen.
    Bind {
        /// The new name.
        local: LocalId,
        /// The value.
        value: ExprId,
    },
    /// `f()`, `x, y <- f()`: a call and where its results go.
    Call {
        /// An [`ExprKind::Call`](super::ExprKind::Call), or the error expression.
        call: ExprId,
        /// Where its results go.
        targets: Targets,
    },
    /// `stream <<- value`; a stream as value is wrapped in a snapshot.
    Push {
        /// The stream: a local whose type is a stream.
        stream: LocalId,
        /// What is appended.
        value: ExprId,
    },
    /// `map <<- key, value`
    Insert {
        /// The map.
        map: LocalId,
        /// The key, a string.
        key: ExprId,
        /// What is appended under the key.
        value: ExprId,
    },
    /// `s: *T`, `m: %T`: empty from here on; see
    /// [`LocalKind::Stream`](super::LocalKind::Stream) for how long it lives.
    Stream(LocalId),
    /// `f = (…):`. Captures are in the function.
    Closure {
        /// The new name.
        local: LocalId,
        /// The closure.
        closure: FunctionId,
    },
    /// `Srv "id"`: evaluates the id; expressions that use the service below refer to `local`.
    ServiceId {
        /// Which service.
        service: ServiceId,
        /// Holds the id.
        local: LocalId,
        /// The id.
        id: ExprId,
    },
    /// `on peer via relay:`. Names bound in the body stay visible after it.
    On {
        /// Where the body runs: a string.
        peer: ExprId,
        /// Strings or collections of strings (streams wrapped in snapshots), in order of travel.
        via: Vec<ExprId>,
        /// What runs there.
        body: Block,
    },
    /// `if c:` … `else:`
    If {
        /// A bool.
        condition: ExprId,
        /// What runs if it holds; an error in it does not select `otherwise`.
        then: Block,
        /// What runs if it does not.
        otherwise: Option<Block>,
    },
    /// Alternatives in order, the next one only if the previous failed. Without handlers the
    /// error is dropped. For a guarded statement the attempt is a block of that one statement.
    Try {
        /// What is tried first.
        attempt: Block,
        /// Whether the attempt is written `try:`; otherwise it is a statement that an
        /// `otherwise:` guards.
        written: bool,
        /// The alternatives.
        handlers: Vec<Handler>,
    },
    /// Branches side by side; done when the first one is. At least two.
    Par(Vec<Stmt>),
    /// Runs beside everything that follows; nobody waits for it.
    Co(Box<Stmt>),
    /// `for x <- xs mode:`
    For {
        /// How the iterations run.
        mode: LoopMode,
        /// What one iteration sees.
        item: LoopItem,
        /// An array or option; a stream only for [`LoopMode::Live`], elsewhere it is wrapped in a
        /// snapshot, as a map is.
        source: ExprId,
        /// One iteration.
        body: Block,
    },
    /// `parseq x <- xs on peer via relay:`: all iterations side by side, each on its peer; the
    /// loop is done when one of them has come back.
    Parseq {
        /// What one iteration sees.
        item: LoopItem,
        /// As in [`StmtKind::For`].
        source: ExprId,
        /// Where an iteration runs; may use the item.
        peer: ExprId,
        /// As in [`StmtKind::On`]; may use the item.
        via: Vec<ExprId>,
        /// One iteration.
        body: Block,
    },
    /// `join a[1], b!`: waits until all of these are there. Duplicates stay.
    Join(Vec<ExprId>),
    /// A damaged line, or a statement that was reported. The lines below it, checked.
    Error(Block),
}

/// Where the results of a call go.
#[derive(Debug, Clone)]
pub enum Targets {
    /// One target for each of the first results; the others are dropped.
    Each(Vec<Target>),
    /// `map <- f()`: the two results are key and value.
    Insert(LocalId),
}

/// Where one result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A new name. A stream as result is aliased.
    New(LocalId),
    /// Appended to a stream; a stream as result is frozen first.
    Push(LocalId),
    /// Wrong, and reported.
    Error,
}

/// How the iterations of a `for` run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoopMode {
    /// One after another.
    Each,
    /// `try`: one after another until one succeeds.
    Try,
    /// `par`: all side by side; nobody waits.
    Par,
    /// `rec`: over a live stream, side by side, for ever; nobody waits.
    Live,
}

/// What one iteration sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopItem {
    /// The element; of a map a struct of `key` and `value`.
    One(LocalId),
    /// Key and value of a map's entry: one iteration for each key, with its last value.
    Entry {
        /// The key.
        key: LocalId,
        /// The value.
        value: LocalId,
    },
}

/// An alternative of a `try`.
#[derive(Debug, Clone)]
pub struct Handler {
    /// `catch` or `otherwise`.
    pub kind: HandlerKind,
    /// The word.
    pub span: Span,
    /// What runs.
    pub body: Block,
}

/// The kinds of alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerKind {
    /// `catch e:` binds the error.
    Catch(LocalId),
    /// `otherwise:`
    Otherwise,
}
