//! Which slot or stream a name means at a place in the script.
//!
//! The reference decides it while it runs; a slot has one writer, so here it is decided before.
//! A variable of a fold's body is visible in the same iteration only. Between two places that
//! may have bound a name, the value that is known chooses.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use aquac_ir::{SlotId, StreamId};

use crate::ast::{Kind, What};
use crate::read::gate::Form;
use crate::read::tree::{Order, Tree};

/// A place that binds a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    pub(super) node: usize,
    pub(super) slot: SlotId,
    /// The `new` that it belongs to.
    new: Option<usize>,
    /// The fold whose iterations each have their own.
    fold: Option<usize>,
}

/// All names of a script.
#[derive(Debug, Default)]
pub(super) struct Names<'s> {
    definitions: BTreeMap<&'s str, Vec<Definition>>,
    /// The slot of a fold's element.
    items: BTreeMap<usize, SlotId>,
    /// Streams of a `new`, and of the whole script.
    streams: BTreeMap<(Option<usize>, &'s str), StreamId>,
    /// What binds the name, by node.
    outputs: BTreeMap<usize, SlotId>,
}

/// What a name means where it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The first of these that is known.
    Slots(Vec<SlotId>),
    /// Nothing binds it, now or later.
    Nothing,
    /// It was cleared by a `new` and nothing has set it.
    Cleared,
    /// It is the element of a fold and something else as well.
    Ambiguous,
}

/// Whether a place may bind its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Binding {
    Free,
    /// It is the element of a fold.
    Item,
    /// Something has certainly bound it.
    Taken,
    /// Something has bound it if one of these is known.
    TakenIf(Vec<SlotId>),
}

impl<'s> Names<'s> {
    /// Finds everything that binds a name; the allocators are asked in the order of the script.
    pub(super) fn collect<'a>(
        tree: &Tree<'s, 'a>,
        mut slot: impl FnMut(&str) -> SlotId,
        mut stream: impl FnMut(&str, Kind) -> StreamId,
    ) -> Self {
        let mut names = Self::default();
        let mut node = 0;
        while let Some(flat) = tree.get(node) {
            let define = |names: &mut Self, name: &'s str, slot: SlotId| {
                let new = innermost_new(tree, name, node);
                let definition = Definition { node, slot, new, fold: flat.fold };
                names.definitions.entry(name).or_default().push(definition);
                names.outputs.insert(node, slot);
            };
            match flat.form {
                Form::Plain => {}
                Form::Visit(_) => {
                    node = flat.end;
                    continue;
                }
                Form::Gate(gate) => {
                    let taken = slot(&gate.result.name);
                    define(&mut names, &gate.result.name, taken);
                    if let Some(copy) = gate.copy {
                        define(&mut names, &copy.name, taken);
                    }
                    node = flat.end;
                    continue;
                }
            }
            if let Some(variable) = flat.what.output() {
                match variable.kind {
                    Kind::Scalar | Kind::Canon | Kind::CanonMap => {
                        define(&mut names, &variable.name, slot(&variable.name));
                    }
                    Kind::Stream | Kind::Map => {}
                }
            }
            if let What::Fold { item, .. } = flat.what {
                names.items.insert(node, slot(&item.name));
            }
            node += 1;
        }
        names.collect_streams(tree, &mut stream);
        names
    }

    fn collect_streams<'a>(
        &mut self,
        tree: &Tree<'s, 'a>,
        stream: &mut impl FnMut(&str, Kind) -> StreamId,
    ) {
        let mut hidden = 0;
        for (node, flat) in tree.nodes.iter().enumerate() {
            let gate = if let Form::Gate(gate) = flat.form { Some(gate.stream) } else { None };
            if node < hidden {
                continue;
            }
            if flat.form != Form::Plain {
                hidden = flat.end;
            }
            let mut used = |at: Option<usize>, variable: &'s crate::ast::Variable<'a>| {
                if matches!(variable.kind, Kind::Stream | Kind::Map) {
                    let key = (at, &*variable.name);
                    self.streams
                        .entry(key)
                        .or_insert_with(|| stream(&variable.name, variable.kind));
                }
            };
            if let Some(watched) = gate {
                used(innermost_new(tree, &watched.name, node), watched);
            }
            if flat.form != Form::Plain {
                continue;
            }
            if let What::New(variable) = flat.what {
                used(Some(node), variable);
            }
            let from = if let What::Canon { from, .. } = flat.what { Some(from) } else { None };
            let iterable = flat.what.iterated();
            for variable in [from, iterable, flat.what.output()].into_iter().flatten() {
                used(innermost_new(tree, &variable.name, node), variable);
            }
        }
    }

    /// The stream that a name means at a node.
    pub(super) fn stream(&self, tree: &Tree<'_, '_>, name: &str, node: usize) -> Option<StreamId> {
        let key = (innermost_new(tree, name, node), name);
        self.streams.get(&key).copied()
    }

    /// The stream that a `new` makes.
    pub(super) fn fresh_stream(&self, node: usize, name: &str) -> Option<StreamId> {
        self.streams.get(&(Some(node), name)).copied()
    }

    /// The slot that a node writes.
    pub(super) fn output(&self, node: usize) -> Option<SlotId> {
        self.outputs.get(&node).copied()
    }

    /// The slot of a fold's element.
    pub(super) fn item(&self, fold: usize) -> Option<SlotId> {
        self.items.get(&fold).copied()
    }

    /// The innermost fold around a node whose element has this name.
    pub(super) fn fold_of(tree: &Tree<'_, '_>, name: &str, node: usize) -> Option<usize> {
        tree.around(node).map(|(outer, _)| outer).find(
            |outer| matches!(tree.what(*outer), Some(What::Fold { item, .. }) if item.name == name),
        )
    }

    /// What a name means where a node reads it.
    pub(super) fn meaning(&self, tree: &Tree<'_, '_>, name: &str, node: usize) -> Meaning {
        let new = innermost_new(tree, name, node);
        let mut slots = Vec::new();
        for definition in self.definitions.get(name).iter().flat_map(|all| all.iter().rev()) {
            if definition.new != new || !tree.in_body(definition.fold, node) {
                continue;
            }
            match tree.order(definition.node, node) {
                Order::Certain => {
                    slots.push(definition.slot);
                    break;
                }
                Order::Perhaps | Order::Failed | Order::Beside => slots.push(definition.slot),
                Order::Not => {}
            }
        }
        let item = Self::fold_of(tree, name, node).and_then(|fold| self.item(fold));
        match (item, slots.is_empty()) {
            (Some(item), true) => Meaning::Slots(alloc::vec![item]),
            (Some(_), false) => Meaning::Ambiguous,
            (None, false) => Meaning::Slots(slots),
            (None, true) if new.is_some() => Meaning::Cleared,
            (None, true) => Meaning::Nothing,
        }
    }

    /// Whether a name certainly has a value where a node reads it.
    pub(super) fn is_certain(&self, tree: &Tree<'_, '_>, name: &str, node: usize) -> bool {
        let new = innermost_new(tree, name, node);
        let bound = self.definitions.get(name).is_some_and(|all| {
            all.iter().any(|definition| {
                definition.new == new
                    && tree.in_body(definition.fold, node)
                    && tree.order(definition.node, node) == Order::Certain
            })
        });
        bound || Self::fold_of(tree, name, node).is_some()
    }

    /// Whether a node may bind its name.
    pub(super) fn binding(&self, tree: &Tree<'_, '_>, name: &str, node: usize) -> Binding {
        let own = self.definitions.get(name).and_then(|all| all.iter().find(|d| d.node == node));
        let Some(own) = own else { return Binding::Free };
        if Self::fold_of(tree, name, node).is_some() {
            return Binding::Item;
        }
        // Inside a fold a variable may be bound again.
        if own.fold.is_some() {
            return Binding::Free;
        }
        let mut perhaps = Vec::new();
        for earlier in self.definitions.get(name).iter().flat_map(|all| all.iter()) {
            let same = earlier.new == own.new && earlier.fold.is_none();
            if !same || earlier.node >= node {
                continue;
            }
            match tree.order(earlier.node, node) {
                Order::Certain => return Binding::Taken,
                Order::Beside if always_beside(tree, earlier.node, node) => return Binding::Taken,
                Order::Failed if ends_failed_arm(tree, earlier.node, node) => {}
                Order::Perhaps | Order::Failed => perhaps.push(earlier.slot),
                Order::Beside | Order::Not => {}
            }
        }
        if perhaps.is_empty() { Binding::Free } else { Binding::TakenIf(perhaps) }
    }
}

fn innermost_new(tree: &Tree<'_, '_>, name: &str, node: usize) -> Option<usize> {
    tree.around(node)
        .map(|(outer, _)| outer)
        .find(|outer| matches!(tree.what(*outer), Some(What::New(new)) if new.name == name))
}

/// Whether a place in another branch is reached whenever the branch is.
fn always_beside(tree: &Tree<'_, '_>, one: usize, other: usize) -> bool {
    let meeting = tree.around(one).map(|(outer, _)| outer).find(|outer| tree.end(*outer) > other);
    tree.around(one)
        .map(|(outer, _)| outer)
        .take_while(|outer| Some(*outer) != meeting)
        .all(|outer| matches!(tree.what(outer), Some(What::Seq | What::New(_))))
}

/// Whether the arm that failed cannot have failed behind this place.
fn ends_failed_arm(tree: &Tree<'_, '_>, one: usize, other: usize) -> bool {
    let mut inner = one;
    for (outer, _) in tree.around(one) {
        if tree.end(outer) > other {
            return tree.ends_arm(one, inner);
        }
        inner = outer;
    }
    false
}
