//! What frames weigh: what their sender has and their receiver, as far as the sender knows, has not.
//!
//! ```text
//! frame = FRAME + RELAY · relays                   and, to whom the sender has not met yet, but for
//!                                                  the initiator, who wrote it,
//!       + HEADER + program + arguments             and, of what the receiver has not seen,
//!       + (TURN + BEHIND) · turns + RECORD · steps + VALUE + |v| for each value that is still read
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::amount::Weight;
use super::ways::{Items, Key, site};
use crate::guarantee::count::Count;
use crate::guarantee::steps::{StepId, Steps, written};
use crate::placed::PlacedKind;
use crate::route::{Bytes, Uses, Variable};
use crate::show::names::Names;
use crate::terms::Term;

/// A frame with nothing in it that goes straight to its receiver.
const FRAME: i64 = 45;
/// More for each relay on the way: its name.
pub(super) const RELAY: i64 = 34;
/// A particle's signed header without arguments.
const HEADER: i64 = 213;
/// An argument in it: a digest.
const ARGUMENT: usize = 32;
/// A turn: who wrote it, and the signature.
const TURN: i64 = 100;
/// A turn behind which it stands.
const BEHIND: i64 = 66;
/// A step in a turn.
const RECORD: i64 = 70;
/// A value's salt and what stands around it.
const VALUE: i64 = 19;

/// The id of a peer.
const PEER: i64 = 54;

/// What a value weighs, and until when it travels.
struct Value {
    weight: Weight,
    /// The last step that may read it; none if everybody who follows the program needs it.
    read: Option<usize>,
}

/// A step at a peer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    by: Key,
    step: StepId,
    /// Bytes of the turn that begins with it.
    turn: i64,
}

/// Who has what.
pub(super) struct Frames {
    /// What goes to whom the sender has not met.
    first: Weight,
    /// Who wrote all that.
    initiator: Key,
    arguments: Vec<Value>,
    made: HashMap<StepId, Value>,
    /// Who knows that who has the header.
    met: BTreeSet<(Key, Key)>,
    seen: BTreeMap<Key, Seen>,
    /// How much of what one peer has seen it has told another.
    told: BTreeMap<(Key, Key), usize>,
}

/// What a peer has seen.
#[derive(Default)]
struct Seen {
    /// In the order in which it came.
    records: Vec<Record>,
    counts: BTreeMap<Record, Count>,
    authors: BTreeSet<Key>,
}

impl Seen {
    /// So often, unless it is known.
    fn learn(&mut self, record: &Record, count: impl FnOnce() -> Count) -> &mut Count {
        self.counts.entry(record.clone()).or_insert_with(|| {
            self.records.push(record.clone());
            self.authors.insert(record.by.clone());
            count()
        })
    }
}

impl Value {
    fn is_live(&self, at: StepId) -> bool {
        self.read.is_none_or(|read| at.index() <= read)
    }
}

/// Weighs what can travel.
struct Scale<'a> {
    steps: &'a Steps<'a>,
    names: Names<'a>,
    uses: &'a Uses,
    /// Whether everybody who follows the program needs a value.
    control: &'a dyn Fn(Variable) -> bool,
}

impl Scale<'_> {
    /// So many values with the size of this one.
    fn value(&mut self, variable: Variable, times: &Count) -> Value {
        let known = self.uses.iter().find(|known| known.variable == variable);
        let name = match variable {
            Variable::Arg(number) => self.names.argument(number),
            Variable::Slot(slot) => self.names.slot(slot),
            Variable::Stream(stream) => self.names.stream(stream),
        };
        let content = match known.and_then(|known| known.bytes) {
            _ if self.is_peer(variable) => Weight::of_bytes(times.times(&Count::number(PEER))),
            Some(Bytes::Exactly(bytes) | Bytes::AtMost(bytes)) => {
                Weight::of_bytes(times.times(&number(bytes)))
            }
            None => Weight::of_value(&name, times.clone()),
        };
        let weight = content.plus(&Weight::of_bytes(Count::number(VALUE)));
        // Constructs have numbers from 1 there.
        let read = known.map_or(0, |known| known.read.saturating_sub(1));
        Value { weight, read: (!(self.control)(variable)).then_some(read) }
    }

    /// Whether something happens at the peer that a value names, or through it.
    fn is_peer(&self, variable: Variable) -> bool {
        let pools = self.steps.pools();
        let mut peers =
            pools.places.iter().flat_map(|(_, place)| place.via.iter().chain([&place.peer]));
        peers.any(|term| match (pools.terms.get(*term), variable) {
            (Term::Arg(peer), Variable::Arg(argument)) => *peer == argument,
            (Term::Slot(peer), Variable::Slot(slot)) => *peer == slot,
            _ => false,
        })
    }

    /// What a step makes.
    fn made(&mut self, step: StepId) -> Option<Value> {
        let placed = self.steps.get(step).placed;
        let slot = written(placed).map(Variable::Slot);
        let one = Count::number(1);
        let (stream, elements) = match &placed.kind {
            PlacedKind::Call { .. } => {
                let made = slot.or_else(|| placed.pushed().map(Variable::Stream));
                return made.map(|variable| self.value(variable, &one));
            }
            PlacedKind::Await { stream, count, .. } => (*stream, self.steps.count_of(*count)),
            PlacedKind::Snapshot { stream, .. } => (*stream, one.clone()),
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::For(_)
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => return None,
        };
        let read = slot.and_then(|slot| self.value(slot, &one).read);
        let elements = self.value(Variable::Stream(stream), &elements);
        Some(Value { read, ..elements })
    }
}

impl Frames {
    /// Before anything has happened; `control` says what everybody needs.
    pub(super) fn new(
        steps: &Steps<'_>,
        program: usize,
        uses: &Uses,
        control: &dyn Fn(Variable) -> bool,
    ) -> Self {
        let names = Names::new(steps.pools(), &steps.inlined().parameters);
        let mut scale = Scale { steps, names, uses, control };
        let arguments = (0_u32..).zip(&steps.inlined().parameters);
        let argument = |(number, _)| scale.value(Variable::Arg(number), &Count::number(1));
        let arguments: Vec<Value> = arguments.map(argument).collect();
        let made = steps.all().filter_map(|step| Some((step, scale.made(step)?))).collect();
        let header = Count::number(HEADER).plus(&number(arguments.len() * ARGUMENT));
        let first = Weight::of_bytes(header.plus(&number(program)));
        let initiator = site(steps, &Items::default(), steps.inlined().root).peer;
        Self {
            first,
            initiator,
            arguments,
            made,
            met: BTreeSet::new(),
            seen: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    /// The weight of what one peer tells another for a step, without relays.
    pub(super) fn parcel(&self, from: &Key, to: &Key, at: StepId) -> Weight {
        let mut weight = Weight::of_bytes(Count::number(FRAME));
        if *to != self.initiator && !self.met.contains(&(from.clone(), to.clone())) {
            weight = weight.plus(&self.first);
            let live = self.arguments.iter().filter(|argument| argument.is_live(at));
            weight = live.fold(weight, |weight, argument| weight.plus(&argument.weight));
        }
        for (record, count) in self.news(from, to) {
            weight = weight.plus(&self.weight(record, at).times(count));
        }
        weight
    }

    /// What one peer has seen, and has neither told another nor heard that it knows.
    fn news<'a>(
        &'a self,
        from: &Key,
        to: &'a Key,
    ) -> impl Iterator<Item = (&'a Record, &'a Count)> {
        let told = self.told.get(&(from.clone(), to.clone())).copied().unwrap_or_default();
        let known = self.seen.get(to);
        let seen = self.seen.get(from).filter(|_| from != to);
        let records = seen.into_iter().flat_map(move |seen| {
            let untold = seen.records.get(told..).unwrap_or_default();
            untold.iter().filter_map(|record| seen.counts.get_key_value(record))
        });
        records.filter(move |(record, _)| {
            !known.is_some_and(|known| known.counts.contains_key(*record))
        })
    }

    fn weight(&self, record: &Record, at: StepId) -> Weight {
        let weight = Weight::of_bytes(Count::number(record.turn + RECORD));
        match self.made.get(&record.step).filter(|value| value.is_live(at)) {
            Some(value) => weight.plus(&value.weight),
            None => weight,
        }
    }

    /// So many senders have told one peer.
    pub(super) fn told(&mut self, from: &Key, to: &Key, senders: &Count) {
        let news = self.news(from, to);
        let news: Vec<_> = news.map(|(record, count)| (record.clone(), count.clone())).collect();
        self.met.extend([(from.clone(), to.clone()), (to.clone(), from.clone())]);
        let all = self.seen.get(from).map_or(0, |seen| seen.records.len());
        self.told.insert((from.clone(), to.clone()), all);
        let authors = self.seen.get(from).into_iter().flat_map(|seen| &seen.authors);
        self.met.extend(authors.map(|author| (to.clone(), author.clone())));
        let seen = self.seen.entry(to.clone()).or_default();
        for (record, count) in news {
            let own = record.by == *from && from.differs() && from != to;
            seen.learn(&record, || if own { count.times(senders) } else { count });
        }
    }

    /// A step has happened at a peer that has just been told of it, or not, so often.
    pub(super) fn acted(&mut self, by: &Key, step: StepId, is_told: bool, times: Count) {
        let seen = self.seen.entry(by.clone()).or_default();
        let begins = is_told || !seen.authors.contains(by);
        let behind = seen.authors.iter().any(|author| author != by);
        let turn = match (begins, behind) {
            (false, _) => 0,
            (true, false) => TURN,
            (true, true) => TURN + BEHIND,
        };
        let record = Record { by: by.clone(), step, turn };
        let count = seen.learn(&record, Count::default);
        *count = count.plus(&times);
    }
}

fn number(number: usize) -> Count {
    Count::number(i64::try_from(number).unwrap_or(i64::MAX))
}
