//! Streams live as long as the innermost construct around all their uses.
//!
//! A plan makes streams fresh where the language says that they are: at the start of each loop
//! body, the others once. Here each scope moves inwards, to the construct that holds every use of
//! the stream, but never into the body of a loop: there it would be fresh too often. A stream of
//! the whole run that is used where the program as a whole is at home needs no scope at all.

use std::collections::BTreeMap;

use crate::placed::{Placed, PlacedKind};
use crate::plan::{Output, Over, PlaceId, StreamId};

/// A construct by its position in pre-order.
type Position = usize;

/// Moves every scope inwards.
pub(super) fn narrow(placed: Placed) -> Placed {
    let mut tree = Tree::default();
    tree.read(&placed, None);
    let scopes = tree.scopes();
    let mut position = 0;
    rebuild(placed, &scopes, &mut position)
}

#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    /// The innermost construct that holds all uses so far.
    used: BTreeMap<StreamId, Position>,
    /// The scope that declares each stream.
    declared: BTreeMap<StreamId, Position>,
}

#[derive(Debug)]
struct Node {
    parent: Option<Position>,
    depth: usize,
    home: PlaceId,
    repeats: bool,
}

impl Tree {
    fn read(&mut self, placed: &Placed, parent: Option<Position>) {
        let position = self.nodes.len();
        let depth = parent.and_then(|parent| self.nodes.get(parent)).map_or(0, |up| up.depth + 1);
        let repeats = matches!(placed.kind, PlacedKind::For(_));
        self.nodes.push(Node { parent, depth, home: placed.home, repeats });
        if let PlacedKind::Scope { streams, .. } = &placed.kind {
            self.declared.extend(streams.iter().map(|stream| (*stream, position)));
        }
        if let Some(stream) = stream_of(placed) {
            let common =
                self.used.get(&stream).map_or(position, |before| self.common(*before, position));
            self.used.insert(stream, common);
        }
        placed.children().for_each(|child| self.read(child, Some(position)));
    }

    fn up(&self, position: Position) -> Position {
        self.nodes.get(position).and_then(|node| node.parent).unwrap_or(0)
    }

    fn depth(&self, position: Position) -> usize {
        self.nodes.get(position).map_or(0, |node| node.depth)
    }

    /// The innermost construct that holds both.
    fn common(&self, mut one: Position, mut other: Position) -> Position {
        while one != other {
            if self.depth(one) < self.depth(other) {
                other = self.up(other);
            } else {
                one = self.up(one);
            }
        }
        one
    }

    /// Which streams get a scope around which construct.
    fn scopes(&self) -> BTreeMap<Position, Vec<StreamId>> {
        let mut scopes: BTreeMap<Position, Vec<StreamId>> = BTreeMap::new();
        for (stream, declared) in &self.declared {
            let Some(used) = self.used.get(stream) else { continue };
            let mut target = *used;
            let mut repeated = false;
            let mut position = *used;
            while position != 0 {
                position = self.up(position);
                if self.nodes.get(position).is_some_and(|node| node.repeats) {
                    if position > *declared {
                        target = position;
                    } else {
                        repeated = true;
                    }
                }
            }
            // Without a scope, branches meet where the program as a whole is at home.
            let home = |position: Position| self.nodes.get(position).map(|node| node.home);
            if repeated || home(target) != home(0) {
                scopes.entry(target).or_default().push(*stream);
            }
        }
        scopes
    }
}

fn rebuild(
    mut placed: Placed,
    scopes: &BTreeMap<Position, Vec<StreamId>>,
    position: &mut Position,
) -> Placed {
    let here = *position;
    *position += 1;
    for child in placed.children_mut() {
        let nothing = child.with(PlacedKind::Null);
        let taken = std::mem::replace(child, nothing);
        *child = rebuild(taken, scopes, position);
    }
    let (home, span) = (placed.home, placed.span);
    if let PlacedKind::Scope { body, .. } = placed.kind {
        placed = *body;
    }
    match scopes.get(&here) {
        None => placed,
        Some(streams) => {
            let kind = PlacedKind::Scope { streams: streams.clone(), body: Box::new(placed) };
            Placed { kind, home, span }
        }
    }
}

/// The stream that a construct itself uses.
pub(super) fn stream_of(placed: &Placed) -> Option<StreamId> {
    match &placed.kind {
        PlacedKind::Push { stream, .. }
        | PlacedKind::Snapshot { stream, .. }
        | PlacedKind::Await { stream, .. } => Some(*stream),
        PlacedKind::Call { call, .. } => match call.output {
            Output::Stream(stream) => Some(stream),
            Output::Nothing | Output::Slot(_) => None,
        },
        PlacedKind::For(each) => match each.over {
            Over::Live(stream) => Some(stream),
            Over::Array(_) | Over::Entries(_) => None,
        },
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Par(_)
        | PlacedKind::Try { .. }
        | PlacedKind::If { .. }
        | PlacedKind::Let { .. }
        | PlacedKind::Wait(_)
        | PlacedKind::Scope { .. }
        | PlacedKind::Return(_) => None,
    }
}
