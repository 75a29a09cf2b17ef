//! Folds into loops: the usual forms are marked, so that they run without nesting iterations.

use aquac_ir::{Expr, FaultCode, Iterable, Last, LoopMode, MatchKind, Node};

use crate::ast::{Kind, Operand, Variable, What};
use crate::read::emit::Emitter;
use crate::read::names::Meaning;
use crate::read::tree::Tree;

/// How the body of a fold goes on, below the `new`s that it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `(seq … (next i))`, or nothing but `next`.
    Behind,
    /// `(par … (next i))`
    Beside,
    /// `(par (next i) …)`
    BesideFirst,
    /// `(xor … (next i))`
    Instead,
    /// Anything else, or no `next` at all.
    Other,
}

impl Emitter<'_, '_> {
    pub(super) fn fold(&mut self, node: usize) {
        let Some(What::Fold { iterable, item, .. }) = self.tree.what(node) else { return };
        let Some(slot) = self.names.item(node) else { return };
        let (shape, next) = shape(self.tree, node, item);
        let (iterable, live) = self.iterable(iterable, node);
        let mode = match (shape, live) {
            (Shape::Behind, false) => LoopMode::Sequential,
            (Shape::Beside, _) | (Shape::BesideFirst, true) => LoopMode::Parallel,
            (Shape::Instead, false) => LoopMode::UntilSuccess,
            (_, true) if self.reads_own_pushes(node) => LoopMode::InOrder,
            (Shape::Behind | Shape::BesideFirst | Shape::Instead | Shape::Other, _) => {
                LoopMode::Explicit
            }
        };
        let explicit = matches!(mode, LoopMode::Explicit | LoopMode::InOrder);
        if let Some(next) = next.filter(|_| !explicit) {
            self.implied.insert(next);
        }
        let last = self.last(node, shape, live);
        let open = self.open(node, Node::For { iterable, item: slot, mode, last });
        self.loops.insert(node, open.node());
        let here = self.here;
        if let Some(body) = self.tree.children(node).first() {
            if live && self.may_stumble(node) {
                self.forgiving(node, *body);
            } else {
                self.node(*body);
            }
        }
        if last == Last::Body
            && let Some(last) = self.tree.children(node).get(1)
        {
            self.here = here;
            self.node(*last);
        }
        // No iteration is certain.
        self.here = here;
        self.builder.close(open);
    }

    /// The body of a fold over a stream that may end with an error of its own making: a comparison,
    /// a path that leads nowhere, a variable that is not set. To the reference such an iteration is
    /// as good as complete, unlike one whose call fails or that throws.
    fn forgiving(&mut self, node: usize, body: usize) {
        let error = self.slot("");
        let open = self.open(node, Node::Try { error: Some(error) });
        self.node(body);
        let of = self.expr(Expr::Slot(error));
        let name = self.builder.text("error_code");
        let left = self.expr(Expr::Field { of, name });
        let mut not = |code: FaultCode| {
            let right = self.builder.constant(code.number().into());
            self.builder.open(Node::Match { kind: MatchKind::Different, left, right })
        };
        let (call, thrown) = (not(FaultCode::Service), not(FaultCode::User));
        self.builder.leaf(Node::Null);
        self.builder.close(thrown);
        self.builder.close(call);
        self.builder.close(open);
    }

    /// What the loop runs over, and whether that may still grow.
    fn iterable(&mut self, iterable: &Operand<'_>, node: usize) -> (Iterable, bool) {
        if let Operand::Variable(variable, None) = iterable {
            match variable.kind {
                Kind::Stream | Kind::Map => {
                    let stream = self.names.stream(self.tree, &variable.name, node);
                    if let Some(stream) = stream {
                        return (Iterable::Live(stream), true);
                    }
                }
                Kind::CanonMap => {
                    return (Iterable::Entries(self.variable(variable, node)), false);
                }
                Kind::Scalar | Kind::Canon => {}
            }
        }
        (Iterable::Array(self.named_fully(iterable, node)), false)
    }

    fn last(&self, node: usize, shape: Shape, live: bool) -> Last {
        let last = self.tree.children(node).get(1).and_then(|last| self.tree.what(*last));
        match last {
            Some(What::Null) => Last::Complete,
            Some(What::Never) => Last::Never,
            Some(
                What::Call { .. }
                | What::Canon { .. }
                | What::Ap { .. }
                | What::Seq
                | What::Par
                | What::Xor
                | What::Match { .. }
                | What::Fold { .. }
                | What::Next(_)
                | What::New(_)
                | What::Fail(_)
                | What::FailWith { .. },
            ) => Last::Body,
            // A branch that is nothing but `next` does not make its `par` complete.
            None if live || matches!(shape, Shape::Beside | Shape::BesideFirst) => Last::Never,
            None if next_is_branch(self.tree, node) => Last::Never,
            None => Last::Complete,
        }
    }

    /// Whether something else than a service or a thrown error may fail in the body of a fold
    /// without anything in the body noticing: a comparison, a path into a value, a fold over no
    /// array, a variable that its `new` cleared, a `fail` with what is no error.
    fn may_stumble(&self, fold: usize) -> bool {
        let tree = self.tree;
        let Some(body) = tree.children(fold).first() else { return false };
        (*body..tree.end(*body)).any(|node| {
            let notices = |(outer, number): (usize, usize)| match tree.what(outer) {
                Some(What::Xor) => number == 0,
                Some(What::Par) => true,
                Some(_) | None => false,
            };
            tree.what(node).is_some_and(|what| stumbles(what) || self.reads_cleared(what, node))
                && tree.get(node).is_some_and(|flat| flat.fold == Some(fold))
                && !tree.around(node).take_while(|(outer, _)| *outer != fold).any(notices)
        })
    }

    /// Whether a node reads a variable inside its `new` that nothing there has set.
    fn reads_cleared(&self, what: &What<'_>, node: usize) -> bool {
        let mut names = what.operands().flat_map(Operand::names);
        names.any(|name| self.names.meaning(self.tree, name, node) == Meaning::Cleared)
    }

    /// Whether the body writes to a stream that it freezes.
    fn reads_own_pushes(&self, fold: usize) -> bool {
        let inside = || fold + 1..self.tree.end(fold);
        let stream = |variable: &Variable<'_>, node: usize| {
            self.names.stream(self.tree, &variable.name, node)
        };
        let frozen = |written| {
            inside().any(|node| match self.tree.what(node) {
                Some(What::Canon { from, .. }) => stream(from, node) == Some(written),
                Some(_) | None => false,
            })
        };
        inside().any(|node| {
            let output = self.tree.what(node).and_then(What::output);
            output.and_then(|variable| stream(variable, node)).is_some_and(frozen)
        })
    }
}

/// How a fold goes on, and where it says so.
fn shape(tree: &Tree<'_, '_>, fold: usize, item: &Variable<'_>) -> (Shape, Option<usize>) {
    let is_next = |node: usize| matches!(tree.what(node), Some(What::Next(of)) if of == item);
    let Some(mut core) = tree.children(fold).first().copied() else { return (Shape::Other, None) };
    while let (Some(What::New(_)), [body]) = (tree.what(core), tree.children(core)) {
        core = *body;
    }
    if is_next(core) {
        return (Shape::Behind, Some(core));
    }
    let children = tree.children(core);
    let Some(next) = children.iter().copied().find(|child| is_next(*child)) else {
        return (Shape::Other, None);
    };
    let is_last = children.last() == Some(&next);
    let shape = match tree.what(core) {
        Some(What::Seq) if is_last => Shape::Behind,
        Some(What::Par) if is_last => Shape::Beside,
        Some(What::Par) => Shape::BesideFirst,
        Some(What::Xor) if is_last => Shape::Instead,
        Some(_) | None => Shape::Other,
    };
    (shape, Some(next))
}

fn stumbles(what: &What<'_>) -> bool {
    let has_path = |operand: &Operand<'_>| {
        matches!(operand, Operand::Variable(_, Some(_)) | Operand::Error(_, Some(_)))
    };
    let over_scalar = matches!(what.iterated(), Some(variable) if variable.kind == Kind::Scalar);
    let by_key = matches!(what, What::Ap { key: Some(Operand::Variable(..)), .. });
    // What it throws may turn out to be no error. What an `xor` caught always is one.
    let throws = matches!(what, What::Fail(Operand::Variable(..)));
    let compares = matches!(what, What::Match { .. });
    compares || throws || over_scalar || by_key || what.operands().any(has_path)
}

/// Whether the `next` of a fold is a branch of a `par`, somewhere in its body.
fn next_is_branch(tree: &Tree<'_, '_>, fold: usize) -> bool {
    let Some(What::Fold { item, .. }) = tree.what(fold) else { return false };
    let next = (fold + 1..tree.end(fold))
        .find(|node| matches!(tree.what(*node), Some(What::Next(of)) if of == item));
    let parent = next.and_then(|next| tree.get(next)).and_then(|next| next.parent);
    matches!(parent.and_then(|parent| tree.what(parent)), Some(What::Par))
}
