//! The script as a tree whose sequences and parallels are flat: `seq` in `seq` is one sequence of
//! many steps. With it comes what is asked of two places in it: which is first, and for certain.

use alloc::vec::Vec;

use aquac_ir::limits::MAX_NODE_DEPTH;

use crate::ast::{Script, What};
use crate::read::gate::{Form, form};
use crate::{AirError, Problem, Span};

/// Levels of the tree. A program has a few more, for checks that the script only implies.
const MAX_DEPTH: usize = MAX_NODE_DEPTH / 2;

#[derive(Debug)]
pub(super) struct Tree<'s, 'a> {
    pub(super) nodes: Vec<Flat<'s, 'a>>,
}

#[derive(Debug)]
pub(super) struct Flat<'s, 'a> {
    pub(super) what: &'s What<'a>,
    pub(super) span: Span,
    pub(super) parent: Option<usize>,
    /// Which child of its parent it is.
    pub(super) number: usize,
    /// One past the last node below.
    pub(super) end: usize,
    depth: usize,
    pub(super) children: Vec<usize>,
    /// The innermost fold whose body it stands in.
    pub(super) fold: Option<usize>,
    /// What it is in disguise.
    pub(super) form: Form<'s, 'a>,
}

/// How one place in a script stands to a later one in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// It is over, and has happened, when the other begins.
    Certain,
    /// It is over when the other begins, if it happened at all.
    Perhaps,
    /// It stands in the arm whose error the other handles.
    Failed,
    /// They run beside each other.
    Beside,
    /// It does not happen before the other.
    Not,
}

impl<'s, 'a> Tree<'s, 'a> {
    pub(super) fn grow(script: &'s Script<'a>) -> Result<Self, AirError> {
        let mut tree = Self { nodes: Vec::with_capacity(script.instructions.len()) };
        // Ends in the script, with the node that the children belong to.
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (at, instruction) in script.instructions.iter().enumerate() {
            while open.pop_if(|(end, _)| *end <= at).is_some() {}
            let parent = open.last().map(|(_, node)| *node);
            let what = &instruction.what;
            let joins = parent.and_then(|parent| tree.nodes.get(parent)).is_some_and(|parent| {
                matches!((parent.what, what), (What::Seq, What::Seq) | (What::Par, What::Par))
            });
            let node = match parent {
                Some(parent) if joins => parent,
                Some(_) | None => tree.add(parent, what, instruction.span)?,
            };
            if what.arity() > 0 {
                open.push((instruction.end, node));
            }
        }
        tree.close();
        Ok(tree)
    }

    fn add(
        &mut self,
        parent: Option<usize>,
        what: &'s What<'a>,
        span: Span,
    ) -> Result<usize, AirError> {
        let node = self.nodes.len();
        let (mut depth, mut number, mut fold) = (0, 0, None);
        if let Some(above) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
            depth = above.depth + 1;
            number = above.children.len();
            above.children.push(node);
            let is_body = matches!(above.what, What::Fold { .. }) && number == 0;
            fold = if is_body { parent } else { above.fold };
        }
        if depth > MAX_DEPTH {
            return Err(AirError { span, problem: Problem::TooDeep });
        }
        self.nodes.push(Flat {
            what,
            span,
            parent,
            number,
            end: node + 1,
            depth,
            children: Vec::new(),
            fold,
            form: Form::Plain,
        });
        Ok(node)
    }

    /// Finds ends and disguises, from the last node to the first.
    fn close(&mut self) {
        for node in (0..self.nodes.len()).rev() {
            let parent = self.get(node).and_then(|flat| flat.parent);
            let end = self.end(node);
            if let Some(above) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
                above.end = above.end.max(end);
            }
            let form = form(self, node);
            if let Some(flat) = self.nodes.get_mut(node) {
                flat.form = form;
            }
        }
    }

    pub(super) fn get(&self, node: usize) -> Option<&Flat<'s, 'a>> {
        self.nodes.get(node)
    }

    pub(super) fn end(&self, node: usize) -> usize {
        self.get(node).map_or(node, |flat| flat.end)
    }

    pub(super) fn what(&self, node: usize) -> Option<&'s What<'a>> {
        self.get(node).map(|flat| flat.what)
    }

    pub(super) fn children(&self, node: usize) -> &[usize] {
        self.get(node).map_or(&[], |flat| &flat.children)
    }

    /// What stands around a node, from the inside out, with the child that leads to the node.
    pub(super) fn around(&self, node: usize) -> impl Iterator<Item = (usize, usize)> {
        let step = |inner: usize| {
            let flat = self.get(inner)?;
            Some((flat.parent?, flat.number))
        };
        core::iter::successors(step(node), move |(outer, _)| step(*outer))
    }

    /// Whether the body of a fold holds a node; no fold at all holds everything.
    pub(super) fn in_body(&self, fold: Option<usize>, node: usize) -> bool {
        fold.is_none_or(|fold| {
            self.children(fold).first().is_some_and(|body| (*body..self.end(*body)).contains(&node))
        })
    }

    /// How `one` stands to `other`.
    pub(super) fn order(&self, one: usize, other: usize) -> Order {
        if one == other || self.end(one) > other && one < other {
            return Order::Not;
        }
        let (mut left, mut right) = (one, other);
        let mut certain = true;
        loop {
            let (Some(l), Some(r)) = (self.get(left), self.get(right)) else { return Order::Not };
            if l.parent == r.parent {
                let Some(meeting) = l.parent.and_then(|parent| self.what(parent)) else {
                    return Order::Not;
                };
                return meet(meeting, l.number, r.number, certain);
            }
            if l.depth >= r.depth {
                let Some(parent) = l.parent else { return Order::Not };
                certain &= self.passes(parent);
                left = parent;
            }
            if r.depth >= l.depth {
                let Some(parent) = r.parent else { return Order::Not };
                right = parent;
            }
        }
    }

    /// Whether a construct that is over has certainly run its children.
    fn passes(&self, node: usize) -> bool {
        matches!(self.what(node), Some(What::Seq | What::New(_) | What::Match { .. }))
    }

    /// Whether nothing can fail behind a node in the arm that holds it.
    pub(super) fn ends_arm(&self, node: usize, arm: usize) -> bool {
        let mut inner = node;
        while inner != arm {
            let Some(flat) = self.get(inner) else { return false };
            let Some(parent) = flat.parent else { return false };
            let last = self.children(parent).len() == flat.number + 1;
            if !last || !self.passes(parent) {
                return false;
            }
            inner = parent;
        }
        true
    }
}

fn meet(meeting: &What<'_>, one: usize, other: usize, certain: bool) -> Order {
    match meeting {
        What::Seq if one < other && certain => Order::Certain,
        What::Seq if one < other => Order::Perhaps,
        What::Par if one != other => Order::Beside,
        What::Xor if one < other => Order::Failed,
        What::Seq
        | What::Par
        | What::Xor
        | What::Call { .. }
        | What::Canon { .. }
        | What::Ap { .. }
        | What::Match { .. }
        | What::Fold { .. }
        | What::Next(_)
        | What::New(_)
        | What::Fail(_)
        | What::FailWith { .. }
        | What::Never
        | What::Null => Order::Not,
    }
}
