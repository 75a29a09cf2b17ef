//! Follows a workflow and counts what each step makes necessary.

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::Span;

use super::MAX_NAMES;
use super::amount::{Chain, Weight};
use super::doubt::Doubt;
use super::frames::{Frames, RELAY};
use super::moments::{Moment, Moments};
use super::ways::{Items, Key, Site, links, site};
use super::worlds::{World, decide};
use crate::guarantee::count::Count;
use crate::guarantee::steps::{StepId, Steps};
use crate::placed::PlacedKind;
use crate::plan::{Over, PlaceId};
use crate::terms::{SlotId, Term};

/// Where control comes from.
pub(super) type Arrivals = BTreeMap<Site, Leaving>;

/// How control leaves a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaving {
    /// How many leave, side by side.
    pub(super) times: Count,
    /// Branches that begin at one moment share the frames on links that they share.
    pub(super) moment: Option<Moment>,
    /// Whether nothing has happened on the way: the particle's header alone leads here.
    pub(super) by_header: bool,
    /// How many frames later than the beginning.
    pub(super) at: Chain,
}

impl Leaving {
    const fn alone(times: Count, at: Chain) -> Self {
        Self { times, moment: None, by_header: false, at }
    }

    /// At the beginning.
    pub(super) fn first() -> Self {
        Self { by_header: true, ..Self::alone(Count::number(1), Chain::default()) }
    }
}

/// A branch that nobody waited for.
#[derive(Clone)]
pub(super) struct Open {
    /// Everything in it.
    pub(super) branch: StepId,
    pub(super) ends: Arrivals,
    /// Where it has steps.
    pub(super) passes: BTreeSet<Site>,
    /// Whether control has waited for all of it.
    pub(super) is_over: bool,
    /// Where control may have been before what it made comes there.
    pub(super) comes_to: Option<Site>,
    /// How many steps there had been when it was followed.
    pub(super) since: usize,
}

pub(super) struct Walk<'a> {
    pub(super) steps: &'a Steps<'a>,
    /// How many of what is visited run side by side.
    pub(super) times: Count,
    /// How often what is visited happens one after the other.
    pub(super) factor: Count,
    /// The loops around here whose rounds run side by side: their items, and how many there are.
    pub(super) beside: Vec<(SlotId, Count)>,
    /// From where their rounds began.
    pub(super) began: Vec<BTreeSet<Site>>,
    /// What the items of the loops around here are.
    pub(super) items: Items,
    pub(super) open: Vec<Open>,
    /// Branches that control has gone past: what they make may come later than control.
    pub(super) over: Vec<Open>,
    /// Whether the longest chain is only at most so long.
    pub(super) late: bool,
    /// What left on each link, and when.
    pub(super) moments: Moments,
    pub(super) lines: BTreeMap<usize, (Span, Count, Weight)>,
    pub(super) hops: Count,
    /// Who has what.
    frames: Frames,
    pub(super) weight: Weight,
    /// How many frames later than the beginning the last step is.
    pub(super) longest: Chain,
    /// The same for the result.
    pub(super) returned: Option<Chain>,
    /// What is left to chance, and where that was noticed first.
    pub(super) doubts: BTreeMap<Doubt, Span>,
    /// How conditions turn out.
    world: &'a World,
    /// Every step in an arm that is not taken, or in a handler: nothing fails in what is predicted.
    pub(super) unreached: BTreeSet<StepId>,
    /// Slots that are read there.
    pub(super) unread: BTreeSet<SlotId>,
    /// Whether a stream is.
    pub(super) reads_streams: bool,
    /// Where there has been a step, in order.
    pub(super) stops_at: Vec<Site>,
    /// How each peer was named first.
    way_to: BTreeMap<Key, Site>,
    /// Steps of which nobody hears who has nothing for them.
    brought: &'a BTreeSet<StepId>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        steps: &'a Steps<'a>,
        frames: Frames,
        world: &'a World,
        brought: &'a BTreeSet<StepId>,
    ) -> Self {
        let arm = |id: StepId| {
            let children = |number| steps.children(id).nth(number);
            match steps.kind(id) {
                PlacedKind::If { condition, .. } => decide(steps, world, *condition, MAX_NAMES)
                    .and_then(|is| children(usize::from(is))),
                PlacedKind::Try { .. } => children(1),
                PlacedKind::Null
                | PlacedKind::Seq(_)
                | PlacedKind::Par(_)
                | PlacedKind::Call { .. }
                | PlacedKind::Let { .. }
                | PlacedKind::Wait(_)
                | PlacedKind::Push { .. }
                | PlacedKind::Snapshot { .. }
                | PlacedKind::Await { .. }
                | PlacedKind::For(_)
                | PlacedKind::Scope { .. }
                | PlacedKind::Return(_) => None,
            }
        };
        let dead: Vec<StepId> = steps.all().filter_map(arm).collect();
        let unreached: BTreeSet<StepId> = dead.iter().flat_map(|arm| steps.below(*arm)).collect();
        let follows = |id: &StepId| matches!(steps.kind(*id), PlacedKind::For(each) if matches!(each.over, Over::Live(_)));
        Self {
            steps,
            frames,
            times: Count::number(1),
            factor: Count::number(1),
            beside: Vec::new(),
            began: Vec::new(),
            items: Items::new(),
            open: Vec::new(),
            over: Vec::new(),
            late: false,
            moments: Moments::default(),
            lines: BTreeMap::new(),
            hops: Count::number(0),
            weight: Weight::default(),
            longest: Chain::default(),
            returned: None,
            doubts: BTreeMap::new(),
            world,
            unread: unreached.iter().flat_map(|id| steps.needs(*id)).collect(),
            reads_streams: unreached.iter().any(|id| steps.frozen(*id).is_some() || follows(id)),
            unreached,
            stops_at: Vec::new(),
            way_to: BTreeMap::new(),
            brought,
        }
    }

    /// Notes what is left to chance.
    pub(super) fn unless(&mut self, certain: bool, doubt: Doubt, at: StepId) {
        if !certain {
            self.doubts.entry(doubt).or_insert(self.steps.span(at));
        }
    }

    /// Whether a step is in an arm that is not taken.
    pub(super) fn is_dead(&self, id: StepId) -> bool {
        self.unreached.contains(&id)
    }

    /// Follows a construct; says from where control leaves it. Recursion is bounded by
    /// [`crate::inline::MAX_DEPTH`].
    pub(super) fn visit(&mut self, id: StepId, from: &Arrivals) -> Arrivals {
        let children: Vec<StepId> = self.steps.children(id).collect();
        let in_vain = self.tells_in_vain(id) || self.waits_in_vain(id);
        self.unless(!in_vain, Doubt::Elsewhere, id);
        match self.steps.kind(id) {
            PlacedKind::Call { place, .. }
            | PlacedKind::Snapshot { place, .. }
            | PlacedKind::Await { place, .. } => self.stop(id, from, *place),
            PlacedKind::Return(_) => {
                let root = self.steps.inlined().root;
                let ends = self.stop(id, from, root);
                self.returned = ends.values().next().map(|leaving| leaving.at.clone());
                ends
            }
            PlacedKind::Seq(_) | PlacedKind::Scope { .. } => {
                children.into_iter().fold(from.clone(), |from, child| self.visit(child, &from))
            }
            PlacedKind::If { condition, .. } => {
                match decide(self.steps, self.world, *condition, MAX_NAMES) {
                    None => self.alternatives(id, &children, from),
                    Some(taken) => self.arm(&children, taken, from),
                }
            }
            PlacedKind::Try { .. } => {
                let Some(body) = children.first() else { return from.clone() };
                self.unless(!self.success_is_awaited(id, &children), Doubt::Elsewhere, id);
                self.visit(*body, from)
            }
            PlacedKind::Par(_) => self.par(id, &children, from),
            PlacedKind::For(each) => self.each(id, each, &children, from),
            PlacedKind::Push { .. } => {
                self.unless(!self.waits_for_branches(id), Doubt::Early, id);
                from.clone()
            }
            PlacedKind::Null | PlacedKind::Let { .. } | PlacedKind::Wait(_) => from.clone(),
        }
    }

    /// A step at a place, reached from several.
    fn stop(&mut self, id: StepId, from: &Arrivals, to: PlaceId) -> Arrivals {
        let here = site(self.steps, &self.items, to);
        self.unless(self.meets_at_home(id, to), Doubt::Elsewhere, id);
        let is_only_way = self.is_only_way(&here);
        self.unless(is_only_way, Doubt::Ways, id);
        self.stops_at.push(here.clone());
        let mut from = from.clone();
        if self.brought.contains(&id) {
            from.retain(|place, _| !self.has_nothing_for(id, place));
        }
        let mut chain = self.reached(&from, &here);
        let hears = to != self.steps.inlined().root && self.hears_early(&from, &here);
        self.unless(!hears, Doubt::Crossing, id);
        self.unless(!self.goes_ahead(id, &here), Doubt::Together, id);
        let ways = from.clone();
        let read = self.arrivals_for(id);
        let is_told = self.is_told_by_branches(id, &read);
        let is_silent = is_told && self.brought.contains(&id);
        self.note_staying(id, &here, &from, (&read, is_silent));
        let by_header = || from.values().any(|leaving| leaving.by_header);
        if is_silent || is_told && by_header() {
            from.clear();
            chain = Chain::default();
        }
        for open in read {
            for (place, leaving) in open.ends {
                let times = from
                    .get(&place)
                    .map_or_else(|| leaving.times.clone(), |old| old.times.larger(&leaving.times));
                from.insert(place, Leaving::alone(times, leaving.at));
            }
        }
        chain = chain.or(&self.awaited(id, &here));
        self.note_lagging(id, &ways, &here);
        let (frames, weight) = self.brought(id, &from, &here);
        self.longest = self.longest.or(&chain);
        self.hops = self.hops.plus(&frames);
        self.weight = self.weight.plus(&weight);
        if frames != Count::number(0) {
            let line = self.lines.entry(id.index());
            let entry = line.or_insert((self.steps.span(id), Count::number(0), Weight::default()));
            entry.1 = entry.1.plus(&frames);
            entry.2 = entry.2.plus(&weight);
        }
        let is_told = frames != Count::number(0);
        let often = if here.peer.differs() { Count::number(1) } else { self.times.clone() };
        self.frames.acted(&here.peer, id, is_told, often.times(&self.factor));
        // Rounds whose peer is the same end together, or one after the other.
        let times = self.rounds_of(&here.peer);
        if times != self.times {
            // Those that have not left the place where their loop began tell nobody.
            let stays = self.began.last().is_some_and(|began| began.contains(&here))
                && from.keys().all(|site| *site == here);
            self.unless(stays, Doubt::Together, id);
        }
        Arrivals::from([(here, Leaving::alone(times, chain))])
    }

    /// Whether a peer, and each relay to it, has not been named with other relays.
    fn is_only_way(&mut self, here: &Site) -> bool {
        let relays = here.via.iter().map(|relay| Site { peer: relay.clone(), via: Vec::new() });
        let mut sites = relays.chain([here.clone()]);
        sites.all(|site| {
            *self.way_to.entry(site.peer.clone()).or_insert_with(|| site.clone()) == site
        })
    }

    /// The frames by which a step is reached, and their bytes.
    fn brought(&mut self, id: StepId, from: &Arrivals, here: &Site) -> (Count, Weight) {
        let (mut frames, mut weight) = (Count::number(0), Weight::default());
        // Rounds that ended at one place leave it for as many as they go to.
        let goals = self.rounds_of(&here.peer);
        let mut from = from.clone();
        let one = Count::number(1);
        let together = |leaving: &&mut Leaving| leaving.moment.is_none() && leaving.times == one;
        for leaving in from.values_mut().filter(together) {
            leaving.times = goals.clone();
        }
        for (place, leaving) in &from {
            self.unless(!self.may_be_one(place, here), Doubt::Same, id);
            let links = links(place, here);
            let relays = i64::try_from(links.len().saturating_sub(1)).unwrap_or(i64::MAX);
            let more = Weight::of_bytes(Count::number(RELAY.saturating_mul(relays)));
            let parcel = self.frames.parcel(&place.peer, &here.peer, id).plus(&more);
            for link in links {
                let passing = self.frames_on(id, link, leaving).times(&self.factor);
                weight = weight.plus(&parcel.times(&passing));
                frames = frames.plus(&passing);
            }
        }
        for (place, leaving) in from.iter().filter(|(place, _)| place.peer != here.peer) {
            self.frames.told(&place.peer, &here.peer, &leaving.times);
        }
        (frames, weight)
    }

    /// Whether a place may be told of what comes behind a branch that it has not finished: who
    /// hears of that does not tell that the branch is over. A branch is not in the list before it
    /// has been followed, so one with this very step in it is from an earlier round.
    fn hears_early(&self, from: &Arrivals, here: &Site) -> bool {
        // Where control goes on from here and to nowhere else, nobody is told of it yet. Branches
        // that begin here and elsewhere at one moment tell each other.
        let goes_on = from.get(here).is_some_and(|leaving| {
            leaving.moment.is_none() || from.len() == 1 && !here.peer.differs()
        });
        !goes_on && self.over.iter().any(|open| !open.is_over && self.passes(open, here))
    }

    /// When control is at a place: as soon as one branch brings it.
    fn reached(&mut self, from: &Arrivals, here: &Site) -> Chain {
        let mut first: Option<Chain> = None;
        for (place, leaving) in from {
            let at = leaving.at.then(&steps_between(place, here));
            first = Some(match first {
                None => at,
                Some(first) => first.shorter(&at).unwrap_or_else(|| {
                    self.late = true;
                    first.or(&at)
                }),
            });
        }
        first.unwrap_or_default()
    }

    /// When control is behind a construct.
    pub(super) fn behind(&mut self, ends: &Arrivals) -> Chain {
        let mut all = ends.values();
        let first = all.next().map(|leaving| leaving.at.clone()).unwrap_or_default();
        all.fold(first, |first, leaving| {
            self.late |= first != leaving.at;
            first.or(&leaving.at)
        })
    }

    /// The frames on one link. What leaves at the same moment travels together.
    fn frames_on(&mut self, id: StepId, link: (Key, Key), leaving: &Leaving) -> Count {
        let together = self.rounds_of(&link.0).times(&self.rounds_of(&link.1));
        let link = (self.alias(link.0), self.alias(link.1));
        let near = self.moments.are_near(&link, leaving.moment);
        self.unless(!near, Doubt::Link, id);
        match (self.moments.is_first(link, leaving.moment), leaving.moment) {
            (true, None) => leaving.times.clone(),
            (true, Some(_)) => together,
            (false, _) => Count::number(0),
        }
    }

    /// How many peers a name stands for in the rounds beside each other.
    fn rounds_of(&self, key: &Key) -> Count {
        let Key::Round(term, _) = key else { return Count::number(1) };
        let mut count = Count::number(1);
        let mut open = vec![*term];
        while let Some(term) = open.pop() {
            if let Term::Slot(slot) = self.steps.pools().terms.get(term)
                && let Some((_, often)) = self.beside.iter().find(|(item, _)| item == slot)
            {
                count = count.times(often);
            }
            open.extend(self.steps.pools().terms.parts(term));
        }
        count
    }

    /// The elements of one list are the same peers in every loop over it.
    pub(super) fn alias(&self, key: Key) -> Key {
        let Key::Round(term, rounds) = &key else { return key };
        let Term::Slot(slot) = self.steps.pools().terms.get(*term) else { return key };
        let Some(PlacedKind::For(each)) = self.steps.writer(*slot).map(|by| self.steps.kind(by))
        else {
            return key;
        };
        match each.over {
            Over::Array(list) | Over::Entries(list) => Key::Round(list, rounds.clone()),
            Over::Live(_) => key,
        }
    }

    /// Whether two places may be one although the program names them differently.
    fn may_be_one(&self, one: &Site, other: &Site) -> bool {
        let alias = |site: &Site| self.alias(site.peer.clone());
        one.peer.differs()
            && other.peer.differs()
            && one.peer != other.peer
            && alias(one).term() == alias(other).term()
    }

    /// The arm that is taken.
    fn arm(&mut self, arms: &[StepId], taken: bool, from: &Arrivals) -> Arrivals {
        let arm = arms.get(usize::from(!taken)).copied();
        arm.map_or_else(|| from.clone(), |arm| self.visit(arm, from))
    }

    fn alternatives(&mut self, id: StepId, arms: &[StepId], from: &Arrivals) -> Arrivals {
        let before = (self.hops.clone(), self.weight.clone());
        let mut best = before.clone();
        let mut ends = Arrivals::new();
        let mut differ = BTreeSet::new();
        for arm in arms {
            (self.hops, self.weight) = before.clone();
            for (place, leaving) in self.visit(*arm, from) {
                ends.insert(place, leaving);
            }
            differ.insert(format!("{:?}", self.hops));
            best.0 = best.0.larger(&self.hops);
            best.1 = best.1.larger(&self.weight);
        }
        self.unless(differ.len() == 1 && ends.len() == 1, Doubt::Choice, id);
        self.late = true;
        (self.hops, self.weight) = best;
        ends
    }
}

/// Frames that follow each other from one place to another.
pub(super) fn steps_between(from: &Site, to: &Site) -> Count {
    Count::number(i64::try_from(links(from, to).len()).unwrap_or(i64::MAX))
}
