//! Where control can be behind each construct: where the step after it will be reached from.

use std::collections::BTreeSet;

use crate::placed::{Placed, PlacedKind};
use crate::plan::PlaceId;

/// Where control can be behind a construct.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    /// At one of these.
    places: BTreeSet<PlaceId>,
    /// Or wherever it came from.
    passes: bool,
}

impl Ends {
    fn passing() -> Self {
        Self { places: BTreeSet::new(), passes: true }
    }

    fn at(place: PlaceId) -> Self {
        Self { places: BTreeSet::from([place]), passes: false }
    }

    /// This, and then that.
    fn then(mut self, next: Self) -> Self {
        if next.passes {
            self.places.extend(next.places);
            self
        } else {
            next
        }
    }

    /// This or that.
    fn or(mut self, other: &Self) -> Self {
        self.places.extend(other.places.iter().copied());
        self.passes |= other.passes;
        self
    }

    /// Where control can be if it came from one of these places.
    pub(super) fn after(&self, from: &BTreeSet<PlaceId>) -> BTreeSet<PlaceId> {
        let mut places = self.places.clone();
        if self.passes {
            places.extend(from);
        }
        places
    }
}

/// The ends of every construct, by its number in pre-order.
pub(super) fn ends(placed: &Placed, root: PlaceId) -> Vec<Ends> {
    let mut walk = Walk { root, found: Vec::new() };
    walk.of(placed);
    walk.found
}

struct Walk {
    root: PlaceId,
    found: Vec<Ends>,
}

impl Walk {
    fn of(&mut self, placed: &Placed) -> Ends {
        let number = self.found.len();
        self.found.push(Ends::default());
        let ends = self.kind(placed);
        if let Some(found) = self.found.get_mut(number) {
            found.clone_from(&ends);
        }
        ends
    }

    fn kind(&mut self, placed: &Placed) -> Ends {
        match &placed.kind {
            PlacedKind::Null
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. } => Ends::passing(),
            PlacedKind::Call { place, .. }
            | PlacedKind::Snapshot { place, .. }
            | PlacedKind::Await { place, .. } => Ends::at(*place),
            PlacedKind::Return(_) => Ends::at(self.root),
            PlacedKind::Seq(steps) => {
                steps.iter().fold(Ends::passing(), |ends, step| ends.then(self.of(step)))
            }
            PlacedKind::Scope { body, .. } => self.of(body),
            PlacedKind::Try { body: a, handler: b, .. }
            | PlacedKind::If { then: a, otherwise: b, .. } => {
                let ends = self.of(a);
                ends.or(&self.of(b))
            }
            PlacedKind::For(each) => {
                let ends = self.of(&each.body);
                Ends::passing().or(&ends)
            }
            PlacedKind::Par(branches) => self.beside(branches),
        }
    }

    /// It goes on when one branch is done; at once, if one does nothing.
    fn beside(&mut self, branches: &[Placed]) -> Ends {
        let ends: Vec<Ends> = branches.iter().map(|branch| self.of(branch)).collect();
        if branches.iter().any(Placed::is_null) {
            return Ends::passing();
        }
        ends.iter().fold(Ends::default(), Ends::or)
    }
}
