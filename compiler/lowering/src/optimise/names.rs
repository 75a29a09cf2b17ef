//! Names that nobody reads, and values that are read once.
//!
//! A step that only names a value is dropped if nothing reads the name. If one thing reads it, in
//! the same iteration, or if the value is no more than another name, it moves there: it is pure,
//! so only *when it fails* could show. A value that may fail therefore moves only into the very
//! next step. Answers and snapshots that nobody reads are not kept, a snapshot is then not taken
//! at all.

use crate::placed::{Placed, PlacedKind};
use crate::plan::{Output, Over, PlaceId, Pools};
use crate::terms::{MAX_TERM_DEPTH, Risk, SlotId, Term, TermId, Terms};

/// Removes and moves.
pub(super) fn names(mut placed: Placed, pools: &mut Pools) -> Placed {
    let live = Live::of(&placed, pools);
    live.forget_dead(&mut placed, &pools.terms);
    let uses = Uses::of(&placed, pools);
    let terms = &mut pools.terms;
    let mut moves = Moves { uses, moved: vec![None; terms.slot_count()] };
    moves.apply(&mut placed, terms);
    placed
}

/// The places that a construct names: where it is at home, and where it happens.
fn own_places(placed: &Placed) -> [PlaceId; 2] {
    [placed.home, placed.place()]
}

/// The terms of all places that something here or inside names, each place once.
fn place_terms(placed: &Placed, pools: &Pools) -> Vec<TermId> {
    let mut seen = vec![false; pools.places.len()];
    let mut terms = Vec::new();
    let mut rest = vec![placed];
    while let Some(placed) = rest.pop() {
        for place in own_places(placed) {
            if let Some(first) = seen.get_mut(place.index()).filter(|seen| !**seen) {
                *first = true;
                let place = &pools.places[place];
                terms.extend(place.via.iter().chain([&place.peer]).copied());
            }
        }
        rest.extend(placed.children());
    }
    terms
}

/// The terms that a construct itself reads, not those of what is inside, to change them.
fn own_terms_mut(placed: &mut Placed) -> Vec<&mut TermId> {
    match &mut placed.kind {
        PlacedKind::If { condition: one, .. }
        | PlacedKind::Let { value: one, .. }
        | PlacedKind::Wait(one)
        | PlacedKind::Await { count: one, .. } => vec![one],
        PlacedKind::Call { call, .. } => {
            [&mut call.service, &mut call.function].into_iter().chain(&mut call.args).collect()
        }
        PlacedKind::Push { key, value, .. } => key.iter_mut().chain([value]).collect(),
        PlacedKind::For(each) => match &mut each.over {
            Over::Array(value) | Over::Entries(value) => vec![value],
            Over::Live(_) => Vec::new(),
        },
        PlacedKind::Return(values) => values.iter_mut().collect(),
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Par(_)
        | PlacedKind::Try { .. }
        | PlacedKind::Snapshot { .. }
        | PlacedKind::Scope { .. } => Vec::new(),
    }
}

/// Which slots something reads that is itself needed.
struct Live {
    slots: Vec<bool>,
}

impl Live {
    fn of(placed: &Placed, pools: &Pools) -> Self {
        let terms = &pools.terms;
        let mut optional = vec![None; terms.slot_count()];
        let mut needed = place_terms(placed, pools);
        gather(placed, pools, &mut optional, &mut needed);
        let mut slots = vec![false; terms.slot_count()];
        let mut seen = vec![false; terms.term_count()];
        while let Some(term) = needed.pop() {
            let Some(first) = seen.get_mut(term.index()).filter(|seen| !**seen) else { continue };
            *first = true;
            if let Term::Slot(slot) = terms.get(term)
                && let Some(live) = slots.get_mut(slot.index())
            {
                *live = true;
                needed.extend(optional.get(slot.index()).copied().flatten());
            }
            needed.extend(terms.each_part(term));
        }
        Self { slots }
    }

    fn is_live(&self, slot: SlotId) -> bool {
        self.slots.get(slot.index()).copied().unwrap_or(false)
    }

    fn forget_dead(&self, placed: &mut Placed, terms: &Terms) {
        match &mut placed.kind {
            PlacedKind::Let { slot, value } => {
                if !self.is_live(*slot) && terms.risk(*value) != Risk::Calculates {
                    placed.kind = PlacedKind::Null;
                }
            }
            PlacedKind::Snapshot { slot, .. } => {
                if !self.is_live(*slot) {
                    placed.kind = PlacedKind::Null;
                }
            }
            PlacedKind::Call { call, .. } => {
                if let Output::Slot(slot) = call.output
                    && !self.is_live(slot)
                {
                    call.output = Output::Nothing;
                    call.returns = None;
                }
            }
            PlacedKind::Try { error, .. } => *error = error.filter(|slot| self.is_live(*slot)),
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::If { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::For(_)
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => {}
        }
        placed.children_mut().for_each(|child| self.forget_dead(child, terms));
    }
}

/// Splits terms into those of names that may turn out unneeded, by slot, and those needed anyway.
fn gather(
    placed: &Placed,
    pools: &Pools,
    optional: &mut [Option<TermId>],
    needed: &mut Vec<TermId>,
) {
    if let PlacedKind::Let { slot, value } = &placed.kind
        && pools.terms.risk(*value) != Risk::Calculates
    {
        if let Some(entry) = optional.get_mut(slot.index()) {
            *entry = Some(*value);
        }
    } else {
        needed.extend(placed.each_own_term());
    }
    placed.children().for_each(|child| gather(child, pools, optional, needed));
}

/// How often each slot is read, and in which loop body.
struct Uses {
    count: Vec<u32>,
    /// The loop body of the only reader.
    reader: Vec<u32>,
    /// The loop body of the name, if it stands before all its readers.
    writer: Vec<Option<u32>>,
    /// Slots that places read, or that decide by being written.
    pinned: Vec<bool>,
    loops: u32,
    /// Room for the terms that are still to be looked at.
    rest: Vec<TermId>,
}

impl Uses {
    fn of(placed: &Placed, pools: &Pools) -> Self {
        let slots = pools.terms.slot_count();
        let mut uses = Self {
            count: vec![0; slots],
            reader: vec![0; slots],
            writer: vec![None; slots],
            pinned: vec![false; slots],
            loops: 0,
            rest: Vec::new(),
        };
        uses.pin(place_terms(placed, pools), &pools.terms);
        uses.walk(placed, 0, &pools.terms);
        uses
    }

    fn walk(&mut self, placed: &Placed, body: u32, terms: &Terms) {
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend(placed.each_own_term());
        while let Some(term) = rest.pop() {
            // Every occurrence counts: a value that moved to two would be computed twice.
            if let Term::Slot(slot) = terms.get(term) {
                self.read(*slot, body);
            } else if let Term::Either(names) = terms.get(term) {
                // Which of the names was written is what decides.
                self.pin(names.clone(), terms);
            } else {
                rest.extend(terms.each_part(term));
            }
        }
        self.rest = rest;
        if let PlacedKind::Let { slot, .. } = &placed.kind
            && self.times(*slot) == 0
            && let Some(writer) = self.writer.get_mut(slot.index())
        {
            *writer = Some(body);
        }
        if let PlacedKind::For(each) = &placed.kind {
            self.loops += 1;
            let inner = self.loops;
            self.walk(&each.body, inner, terms);
        } else {
            placed.children().for_each(|child| self.walk(child, body, terms));
        }
    }

    /// Slots that must stay what they are.
    fn pin(&mut self, mut rest: Vec<TermId>, terms: &Terms) {
        while let Some(term) = rest.pop() {
            rest.extend(terms.each_part(term));
            if let Term::Slot(slot) = terms.get(term)
                && let Some(pinned) = self.pinned.get_mut(slot.index())
            {
                *pinned = true;
            }
        }
    }

    fn is_pinned(&self, slot: SlotId) -> bool {
        self.pinned.get(slot.index()).copied().unwrap_or(false)
    }

    fn read(&mut self, slot: SlotId, body: u32) {
        if let Some(count) = self.count.get_mut(slot.index()) {
            *count = count.saturating_add(1);
        }
        if let Some(reader) = self.reader.get_mut(slot.index()) {
            *reader = body;
        }
    }

    fn times(&self, slot: SlotId) -> u32 {
        self.count.get(slot.index()).copied().unwrap_or(0)
    }

    /// Whether the name stands before everything that reads it.
    fn is_first(&self, slot: SlotId) -> bool {
        !self.is_pinned(slot) && self.writer.get(slot.index()).is_some_and(Option::is_some)
    }

    /// Whether there is one reader, and it reads once for each time that the name is written.
    fn is_single(&self, slot: SlotId) -> bool {
        let body = self.writer.get(slot.index()).copied().flatten();
        let reader = self.reader.get(slot.index()).copied();
        self.is_first(slot) && self.times(slot) == 1 && body == reader
    }
}

/// Values on their way to their readers.
struct Moves {
    uses: Uses,
    moved: Vec<Option<TermId>>,
}

impl Moves {
    fn apply(&mut self, placed: &mut Placed, terms: &mut Terms) {
        for term in own_terms_mut(placed) {
            let moved = |slot: SlotId| self.moved.get(slot.index()).copied().flatten();
            *term = replaced(*term, terms, &moved);
        }
        if let PlacedKind::Let { slot, value } = placed.kind {
            let shallow = terms.depth(value) < MAX_TERM_DEPTH;
            let once = self.uses.is_single(slot) && terms.risk(value) == Risk::None && shallow;
            if once || (self.uses.is_first(slot) && terms.is_cheap(value)) {
                if let Some(moved) = self.moved.get_mut(slot.index()) {
                    *moved = Some(value);
                }
                placed.kind = PlacedKind::Null;
            }
        }
        placed.children_mut().for_each(|child| self.apply(child, terms));
        if let PlacedKind::Seq(steps) = &mut placed.kind {
            steps.retain(|step| !step.is_null());
            self.join_neighbours(steps, terms);
        }
    }

    /// From the last step to the first: a risky name that only the next step reads becomes part
    /// of it, and an answer that the next step only pushes goes to the stream directly.
    fn join_neighbours(&self, steps: &mut Vec<Placed>, terms: &mut Terms) {
        let mut done: Vec<Placed> = Vec::with_capacity(steps.len());
        while let Some(mut step) = steps.pop() {
            let joined = match (&mut step.kind, done.last_mut()) {
                (PlacedKind::Let { slot, value }, Some(next)) => {
                    self.join_name(*slot, *value, next, terms)
                }
                (PlacedKind::Call { call, .. }, Some(next)) => {
                    if let PlacedKind::Push { stream, key: None, value } = &next.kind
                        && let Output::Slot(slot) = call.output
                        && *terms.get(*value) == Term::Slot(slot)
                        && self.uses.times(slot) == 1
                        && !self.uses.is_pinned(slot)
                    {
                        call.output = Output::Stream(*stream);
                        done.pop();
                    }
                    false
                }
                _ => false,
            };
            if !joined {
                done.push(step);
            }
        }
        done.reverse();
        *steps = done;
    }

    fn join_name(&self, slot: SlotId, value: TermId, next: &mut Placed, terms: &mut Terms) -> bool {
        let certain = |term: &TermId| is_certain(*term, slot, terms);
        let shallow = terms.depth(value) < MAX_TERM_DEPTH;
        if !self.uses.is_single(slot)
            || !shallow
            || !next.each_own_term().any(|term| certain(&term))
        {
            return false;
        }
        for term in own_terms_mut(next) {
            *term = replaced(*term, terms, &|read| (read == slot).then_some(value));
        }
        true
    }
}

/// The term with the values of some slots in their stead.
fn replaced(term: TermId, terms: &mut Terms, moved: &impl Fn(SlotId) -> Option<TermId>) -> TermId {
    if let Term::Slot(slot) = *terms.get(term) {
        return moved(slot).unwrap_or(term);
    }
    let parts = terms.parts(term);
    let new: Vec<TermId> = parts.iter().map(|part| replaced(*part, terms, moved)).collect();
    if new == parts {
        return term;
    }
    let mut new = new.into_iter();
    terms.rebuild(term, |part| new.next().unwrap_or(part))
}

/// Whether evaluating a term certainly evaluates a slot in it.
fn is_certain(term: TermId, slot: SlotId, terms: &Terms) -> bool {
    let inside = |part: &TermId| is_certain(*part, slot, terms);
    match terms.get(term) {
        Term::Slot(read) => *read == slot,
        Term::And(left, _) | Term::Or(left, _) => inside(left),
        Term::First(_) | Term::Either(_) => false,
        Term::Const(_)
        | Term::Arg(_)
        | Term::Fact(_)
        | Term::Field { .. }
        | Term::Index { .. }
        | Term::Length(_)
        | Term::Not(_)
        | Term::Binary { .. }
        | Term::Array(_)
        | Term::Object(_)
        | Term::Update { .. }
        | Term::Contains { .. }
        | Term::Keys(_) => terms.each_part(term).any(|part| inside(&part)),
    }
}
