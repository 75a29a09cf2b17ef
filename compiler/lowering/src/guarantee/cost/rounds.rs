//! Loops: lists that the program writes down are followed element by element; of others, the
//! first two rounds stand for all.

use std::collections::BTreeSet;

use aquac_ir::LoopMode;

use super::doubt::Doubt;
use super::walk::{Arrivals, Walk};
use super::ways::{Item, Key, key};
use super::{MAX_NAMES, MAX_UNROLLED};
use crate::guarantee::count::Count;
use crate::guarantee::steps::StepId;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Loop, Over};
use crate::terms::{SlotId, Term};

impl Walk<'_> {
    pub(super) fn each(
        &mut self,
        id: StepId,
        each: &Loop<Placed>,
        children: &[StepId],
        from: &Arrivals,
    ) -> Arrivals {
        let Some(body) = children.first().copied() else { return from.clone() };
        let often = match each.over {
            Over::Array(value) => self.steps.length_of(value),
            Over::Entries(value) => self.steps.keys_of(value),
            Over::Live(_) => {
                self.unless(false, Doubt::Live, id);
                Count::unknown()
            }
        };
        if let Some(elements) = self.elements(each) {
            return self.unrolled(id, (each, body), &elements, from);
        }
        let outside = self.times.clone();
        self.items.insert(each.item, Item::Some(0));
        let ends = match each.mode {
            LoopMode::Parallel => {
                let mut start = self.together(from);
                for leaving in start.values_mut() {
                    leaving.times = leaving.times.times(&often);
                }
                self.times = outside.times(&often);
                self.beside.push((each.item, often));
                self.began.push(from.keys().cloned().collect());
                let mark = self.stops_at.len();
                let ends = self.visit(body, &start);
                self.beside.pop();
                self.began.pop();
                let passes = self.stops_at.iter().skip(mark).cloned().collect();
                let open = self.followed(body, ends.clone(), passes);
                self.over.push(open);
                self.times = outside;
                ends
            }
            LoopMode::UntilSuccess => self.visit(body, from),
            LoopMode::Sequential | LoopMode::Explicit | LoopMode::InOrder => {
                self.one_by_one(id, (each.item, body), &often, from)
            }
        };
        self.items.remove(&each.item);
        ends
    }

    /// The elements of a short list that the program itself writes down.
    fn elements(&self, each: &Loop<Placed>) -> Option<Vec<Key>> {
        let Over::Array(list) = each.over else { return None };
        let terms = &self.steps.pools().terms;
        let mut list = list;
        for _ in 0..MAX_NAMES {
            let Term::Slot(slot) = terms.get(list) else { break };
            let writer = self.steps.writer(*slot)?;
            let PlacedKind::Let { value, .. } = self.steps.kind(writer) else { return None };
            list = *value;
        }
        let elements: Vec<Key> = if let Term::Array(items) = terms.get(list) {
            items.iter().map(|item| key(self.steps, &self.items, *item, MAX_NAMES)).collect()
        } else {
            let items = terms.constant(list)?.as_array()?;
            items.iter().map(|item| Key::Text(said(item))).collect()
        };
        (elements.len() <= MAX_UNROLLED).then_some(elements)
    }

    /// A loop over elements that are known: each round by itself.
    fn unrolled(
        &mut self,
        id: StepId,
        (each, body): (&Loop<Placed>, StepId),
        elements: &[Key],
        from: &Arrivals,
    ) -> Arrivals {
        if elements.is_empty() {
            return from.clone();
        }
        let together = self.together(from);
        let mut ends = from.clone();
        let mut all = Arrivals::new();
        let mut passed = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for element in elements {
            self.items.insert(each.item, Item::Element(element.clone()));
            match each.mode {
                LoopMode::Parallel => {
                    let mark = self.stops_at.len();
                    let end = self.branch(body, &together, &mut ended);
                    // What ends at one peer twice is told once or twice.
                    let apart = end.keys().all(|site| !all.contains_key(site));
                    let stops: BTreeSet<_> = self.stops_at.iter().skip(mark).cloned().collect();
                    let stays = from.len() == 1 && stops.iter().all(|at| from.contains_key(at));
                    self.unless(stays || passed.is_disjoint(&stops), Doubt::Crossing, id);
                    passed.extend(stops);
                    self.unless(apart || stays, Doubt::Together, id);
                    self.join(&mut all, end);
                }
                LoopMode::UntilSuccess if !all.is_empty() => {}
                LoopMode::UntilSuccess
                | LoopMode::Sequential
                | LoopMode::Explicit
                | LoopMode::InOrder => {
                    ends = self.visit(body, &ends);
                    all.clone_from(&ends);
                }
            }
        }
        self.items.remove(&each.item);
        self.are_over(&ended);
        if each.mode == LoopMode::Parallel {
            let open = self.followed(body, all.clone(), passed);
            self.over.push(open);
        }
        all
    }

    /// The first iteration comes from outside, each other one from the end of the one before.
    fn one_by_one(
        &mut self,
        id: StepId,
        (item, body): (SlotId, StepId),
        often: &Count,
        from: &Arrivals,
    ) -> Arrivals {
        if *often == Count::number(0) {
            return from.clone();
        }
        let open = self.open.len();
        let ends = self.visit(body, from);
        let first = self.behind(&ends);
        // Branches that nobody waits for are as many as there are iterations.
        self.unless(self.open.len() == open, Doubt::Rounds, id);
        self.unless(often.surely_at_least(&Count::number(1)), Doubt::Empty, id);
        self.items.insert(item, Item::Some(1));
        let rest = often.minus(&Count::number(1));
        let factor = self.factor.times(&rest);
        let outside = std::mem::replace(&mut self.factor, factor);
        let mut again = self.visit(body, &ends);
        self.factor = outside;
        let each = self.behind(&again).beyond(&first);
        let last = first.then(&each.times(&rest));
        self.longest = self.longest.or(&last);
        for leaving in again.values_mut() {
            leaving.at.clone_from(&last);
        }
        again
    }
}

/// A constant as a peer's id, or as itself.
fn said(value: &aquac_ir::Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
