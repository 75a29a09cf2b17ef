//! Where control is, as far as it can be told apart before anything runs, and how many frames it
//! takes from there to somewhere else.

use std::collections::HashMap;

use crate::guarantee::steps::Steps;
use crate::placed::PlacedKind;
use crate::plan::PlaceId;
use crate::terms::{SlotId, Term, TermId};

/// Names that stand for names are followed so far.
const MAX_NAMES: u32 = 16;

/// A peer. Different keys are taken to be different peers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// What a term says.
    Said(TermId),
    /// This id.
    Text(String),
    /// What a term says in this round of the loops around it.
    Round(TermId, Vec<usize>),
}

/// A peer and the relays to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    pub(super) peer: Key,
    pub(super) via: Vec<Key>,
}

/// What the item of a loop is in this round.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// An element that the program names.
    Element(Key),
    /// Some element: the how-manieth round it is.
    Some(usize),
}

/// The items of the loops around a step.
pub(super) type Items = HashMap<SlotId, Item>;

/// A place in this round.
pub(super) fn site(steps: &Steps<'_>, items: &Items, place: PlaceId) -> Site {
    let place = &steps.pools().places[place];
    let key = |term: &TermId| key(steps, items, *term, MAX_NAMES);
    Site { peer: key(&place.peer), via: place.via.iter().map(key).collect() }
}

/// Which peer a term says.
pub(super) fn key(steps: &Steps<'_>, items: &Items, term: TermId, names: u32) -> Key {
    let terms = &steps.pools().terms;
    if let Some(text) = terms.constant(term).and_then(aquac_ir::Value::as_text) {
        return Key::Text(text.to_owned());
    }
    if let Term::Slot(slot) = terms.get(term) {
        if let Some(Item::Element(known)) = items.get(slot) {
            return known.clone();
        }
        if let Some(PlacedKind::Let { value, .. }) = steps.writer(*slot).map(|by| steps.kind(by))
            && names > 0
        {
            return key(steps, items, *value, names - 1);
        }
    }
    let mut rounds = Vec::new();
    let mut open = vec![term];
    while let Some(term) = open.pop() {
        if let Term::Slot(slot) = terms.get(term)
            && let Some(Item::Some(round)) = items.get(slot)
        {
            rounds.push(*round);
        }
        open.extend(terms.parts(term));
    }
    if rounds.is_empty() { Key::Said(term) } else { Key::Round(term, rounds) }
}

impl Key {
    /// Whether it is another peer in other rounds.
    pub(super) const fn differs(&self) -> bool {
        matches!(self, Self::Round(..))
    }

    /// What says which peer it is.
    pub(super) const fn term(&self) -> Option<TermId> {
        match self {
            Self::Said(term) | Self::Round(term, _) => Some(*term),
            Self::Text(_) => None,
        }
    }
}

/// The links from one place to another: out through my relays, in through the other's; relays
/// that both have, from the outside, are passed once.
pub(super) fn links(from: &Site, to: &Site) -> Vec<(Key, Key)> {
    if from.peer == to.peer {
        return Vec::new();
    }
    let shared = from.via.iter().zip(&to.via).take_while(|(mine, theirs)| mine == theirs).count();
    let out = from.via.iter().skip(shared.saturating_sub(1)).rev();
    let mut way: Vec<&Key> = vec![&from.peer];
    way.extend(out.chain(to.via.iter().skip(shared)));
    way.push(&to.peer);
    way.dedup();
    way.iter().zip(way.iter().skip(1)).map(|(a, b)| ((*a).clone(), (*b).clone())).collect()
}
