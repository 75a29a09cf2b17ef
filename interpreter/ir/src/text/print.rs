//! Programs as text: the head, then a line for each node.

use alloc::string::String;
use alloc::vec::Vec;

use super::HEAD;
use super::print_expr::{ExprPrinter, Tightness};
use crate::limits::MAX_NODE_DEPTH;
use crate::{
    ExprId, Iterable, Last, LoopMode, MatchKind, Node, NodeId, Output, PlaceId, Program, SlotId,
    SnapshotForm, StreamId, StreamKind,
};

/// Prints a program. What a program that was never checked names in vain is printed as `?`.
#[must_use]
pub fn print(program: &Program) -> String {
    let mut printer = Printer { to: ExprPrinter::new(program), open: Vec::new() };
    printer.head();
    let mut homes = program.homes.iter().peekable();
    for (node, id) in program.nodes.iter().zip(0..) {
        let id = NodeId(id);
        for _ in 0..printer.open.len().min(MAX_NODE_DEPTH) {
            printer.to.put("  ");
        }
        printer.node(node);
        while let Some(home) = homes.next_if(|home| home.node <= id) {
            printer.to.put(" home ");
            printer.place(home.place);
        }
        printer.to.put("\n");
        printer.descend(id, node);
    }
    printer.to.out
}

struct Printer<'a> {
    to: ExprPrinter<'a>,
    /// Nodes whose children are being printed: how many are to come, and the item if it is a loop.
    open: Vec<(NodeId, u32, Option<SlotId>)>,
}

impl Printer<'_> {
    fn head(&mut self) {
        let program = self.to.program;
        self.to.put(HEAD.0);
        self.to.put_number(" ", HEAD.1);
        self.to.put("\n");
        let named: Vec<u32> = self.to.shapes.named().collect();
        for shape in named {
            self.to.put_number("type &", shape);
            self.to.put(" = ");
            self.to.whole_shape(crate::ShapeId(shape), 0);
            self.to.put("\n");
        }
        if !program.parameters.is_empty() {
            self.to.put("parameters ");
            self.to.list(&program.parameters, |to, shape| to.shape(shape, 0));
            self.to.put("\n");
        }
        if program.slots > 0 {
            self.to.put_number("slots ", program.slots);
            self.to.put("\n");
        }
        if !program.streams.is_empty() {
            self.to.put("streams ");
            self.to.list(&program.streams, |to, kind| {
                to.put(match kind {
                    StreamKind::List => "list",
                    StreamKind::Map => "map",
                });
            });
            self.to.put("\n");
        }
        let named: Vec<u32> = self.to.exprs.named().collect();
        for expr in named {
            self.to.put_number("expr &", expr);
            self.to.put(" = ");
            self.to.whole_expr(ExprId(expr), Tightness::Loose, 0);
            self.to.put("\n");
        }
        self.to.put("\n");
    }

    /// Opens the node, and closes those that are complete.
    fn descend(&mut self, id: NodeId, node: &Node) {
        if let Some((_, missing, _)) = self.open.last_mut() {
            *missing = missing.saturating_sub(1);
        }
        let item = if let Node::For { item, .. } = node { Some(*item) } else { None };
        self.open.push((id, node.arity(), item));
        while self.open.pop_if(|(_, missing, _)| *missing == 0).is_some() {}
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Seq(_) => self.to.put("seq"),
            Node::Par(_) => self.to.put("par"),
            Node::Try { error } => {
                self.to.put("try");
                error.iter().for_each(|slot| self.write_slot(*slot));
            }
            Node::If { condition } => self.word_exprs("if ", &[*condition]),
            Node::Match { kind: MatchKind::Equal, left, right } => {
                self.word_exprs("match ", &[*left, *right]);
            }
            Node::Match { kind: MatchKind::Different, left, right } => {
                self.word_exprs("mismatch ", &[*left, *right]);
            }
            Node::Never => self.to.put("never"),
            Node::Null => self.to.put("null"),
            Node::Fail { error } => self.word_exprs("fail ", &[*error]),
            Node::Call { .. } => self.call(node),
            Node::Let { slot, expr } => {
                self.to.put_number("let $", slot.0);
                self.word_exprs(" = ", &[*expr]);
            }
            Node::Push { .. } | Node::Snapshot { .. } | Node::Await { .. } => {
                self.stream_step(node);
            }
            Node::Visit { place } => {
                self.to.put("visit");
                self.at(*place);
            }
            Node::For { .. } => self.for_loop(node),
            Node::Next { of } => self.next(*of),
            Node::Scope { streams } => {
                self.to.put(if streams.is_empty() { "scope" } else { "scope " });
                for (at, stream) in streams.iter().enumerate() {
                    self.to.put(if at > 0 { ", " } else { "" });
                    self.stream(*stream);
                }
            }
            Node::Return { values } if values.is_empty() => self.to.put("return"),
            Node::Return { values } => self.word_exprs("return ", values),
        }
    }

    fn stream_step(&mut self, node: &Node) {
        if let Node::Push { stream, key, value } = node {
            self.to.put("push ");
            if let Some(key) = key {
                self.to.expr(*key, Tightness::Loose);
                self.to.put(": ");
            }
            self.to.expr(*value, Tightness::Loose);
            self.to.put(" -> ");
            self.stream(*stream);
        } else if let Node::Snapshot { place, stream, form, slot } = node {
            self.to.put("snapshot ");
            self.stream(*stream);
            self.to.put(match form {
                SnapshotForm::Elements => "",
                SnapshotForm::Object => " as object",
            });
            self.at(*place);
            self.write_slot(*slot);
        } else if let Node::Await { place, stream, count, slot } = node {
            self.to.put("await ");
            self.stream(*stream);
            self.word_exprs(" count ", &[*count]);
            self.at(*place);
            self.write_slot(*slot);
        }
    }

    fn call(&mut self, node: &Node) {
        let Node::Call { place, service, function, args, output, returns } = node else { return };
        self.to.put("call ");
        self.to.expr(*service, Tightness::Atom);
        self.to.put(".");
        self.to.expr(*function, Tightness::Atom);
        self.word_exprs(" [", args);
        self.to.put("]");
        self.at(*place);
        match output {
            Output::Nothing => {}
            Output::Slot(slot) => self.write_slot(*slot),
            Output::Stream(stream) => {
                self.to.put(" -> ");
                self.stream(*stream);
            }
        }
        if let Some(shape) = returns {
            self.to.put(" : ");
            self.to.shape(*shape, 0);
        }
    }

    fn for_loop(&mut self, node: &Node) {
        let Node::For { iterable, item, mode, last } = node else { return };
        self.to.put_number("for $", item.0);
        self.to.put(" in ");
        match iterable {
            Iterable::Array(expr) => self.to.expr(*expr, Tightness::Loose),
            Iterable::Entries(expr) => self.word_exprs("entries ", &[*expr]),
            Iterable::Live(stream) => self.stream(*stream),
        }
        self.to.put(match mode {
            LoopMode::Sequential => " sequential",
            LoopMode::Parallel => " parallel",
            LoopMode::UntilSuccess => " until success",
            LoopMode::Explicit => " explicit",
            LoopMode::InOrder => " in order",
        });
        self.to.put(match last {
            Last::Complete => "",
            Last::Never => ", last never",
            Last::Body => ", last below",
        });
    }

    /// Loops are named by their item, where that says which loop is meant.
    fn next(&mut self, of: NodeId) {
        let item = self.open.iter().find(|(id, ..)| *id == of).and_then(|(_, _, item)| *item);
        let meant = item.filter(|item| {
            let inner = self.open.iter().rev().find(|(_, _, other)| *other == Some(*item));
            inner.is_some_and(|(id, ..)| *id == of)
        });
        match meant {
            Some(item) => self.to.put_number("next $", item.0),
            None => self.to.put_number("next node ", of.0),
        }
    }

    fn word_exprs(&mut self, word: &str, exprs: &[ExprId]) {
        self.to.put(word);
        self.to.exprs(exprs);
    }

    fn stream(&mut self, stream: StreamId) {
        self.to.put_number("*", stream.0);
    }

    fn write_slot(&mut self, slot: SlotId) {
        self.to.put_number(" -> $", slot.0);
    }

    fn at(&mut self, place: PlaceId) {
        self.to.put(" at ");
        self.place(place);
    }

    fn place(&mut self, place: PlaceId) {
        let Some(place) = self.to.program.place(place) else {
            self.to.put("?");
            return;
        };
        self.to.expr(place.peer, Tightness::Loose);
        if !place.via.is_empty() {
            self.word_exprs(" via ", &place.via);
        }
    }
}
