//! Names for the page: of slots and streams, and terms as the source might write them.

use std::collections::{HashMap, HashSet};

use aquac_base::Name;
use aquac_ir::{Fact, Value, ops};
use aquac_semantics::Typed;

use crate::inline::Parameter;
use crate::plan::{PlaceId, Pools, StreamId};
use crate::terms::{SlotId, Term, TermId};

/// Names given so far.
pub(crate) struct Names<'a> {
    pools: &'a Pools,
    parameters: &'a [Parameter],
    slots: HashMap<SlotId, String>,
    streams: HashMap<StreamId, String>,
    taken: HashSet<String>,
    /// What the source calls a text that names a peer.
    peers: HashMap<String, Name>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(pools: &'a Pools, parameters: &'a [Parameter]) -> Self {
        let taken = parameters.iter().map(|parameter| parameter.name.to_string()).collect();
        let (slots, streams, peers) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { pools, parameters, slots, streams, taken, peers }
    }

    /// Calls peers by the constants of the program that stand for them.
    pub(crate) fn with_peers(mut self, typed: &Typed) -> Self {
        self.peers = typed.texts().map(|(name, text)| (text.to_owned(), name.clone())).collect();
        self
    }

    pub(crate) fn slot(&mut self, slot: SlotId) -> String {
        if let Some(name) = self.slots.get(&slot) {
            return name.clone();
        }
        let name = self.fresh(self.pools.terms.slot_name(slot));
        self.slots.insert(slot, name.clone());
        name
    }

    /// Calls a slot that has no name in the source by what is in it.
    pub(crate) fn call_nameless(&mut self, slot: SlotId, value: String) {
        if self.pools.terms.slot_name(slot).is_empty() {
            self.slots.entry(slot).or_insert(value);
        }
    }

    pub(crate) fn stream(&mut self, stream: StreamId) -> String {
        if let Some(name) = self.streams.get(&stream) {
            return name.clone();
        }
        let name = self.fresh(&self.pools.streams[stream].name);
        let name = format!("*{name}");
        self.streams.insert(stream, name.clone());
        name
    }

    pub(crate) fn argument(&self, number: u32) -> String {
        match self.parameters.get(number as usize) {
            Some(parameter) => parameter.name.to_string(),
            None => format!("argument {number}"),
        }
    }

    /// The name if it is free, otherwise with the first number that makes it so.
    fn fresh(&mut self, name: &Name) -> String {
        let numbered = (1_u32..).map(|number| format!("{name}_{number}"));
        let candidates = std::iter::once(name.to_string()).filter(|name| !name.is_empty());
        let free = candidates.chain(numbered).find(|candidate| !self.taken.contains(candidate));
        let name = free.unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }

    /// The peer of a place and its relays.
    pub(crate) fn place_parts(&mut self, place: PlaceId) -> (String, Vec<String>) {
        let place = &self.pools.places[place];
        let via = place.via.iter().map(|relay| self.peer(*relay)).collect();
        (self.peer(place.peer), via)
    }

    fn peer(&mut self, term: TermId) -> String {
        if let Term::Const(Value::Text(text)) = self.pools.terms.get(term)
            && let Some(name) = self.peers.get(&**text)
        {
            return name.to_string();
        }
        self.term(term)
    }

    pub(crate) fn place(&mut self, place: PlaceId) -> String {
        let (peer, via) = self.place_parts(place);
        via.iter().fold(peer, |text, relay| format!("{text} via {relay}"))
    }

    fn list(&mut self, terms: &[TermId]) -> String {
        let terms: Vec<_> = terms.iter().map(|term| self.term(*term)).collect();
        terms.join(", ")
    }

    fn fields(&mut self, fields: &[(Name, TermId)]) -> String {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}: {}", self.term(*value))).collect();
        fields.join(", ")
    }

    pub(crate) fn term(&mut self, term: TermId) -> String {
        match self.pools.terms.get(term) {
            Term::Const(value) => value.to_string(),
            Term::Arg(number) => self.argument(*number),
            Term::Slot(slot) => self.slot(*slot),
            Term::Fact(fact) => match fact {
                Fact::Initiator => "initiator",
                Fact::Host => "host",
                Fact::Timestamp => "timestamp",
                Fact::Ttl => "ttl",
            }
            .to_owned(),
            Term::Field { of, name } => format!("{}.{name}", self.term(*of)),
            Term::Index { of, index, .. } => format!("{}[{}]", self.term(*of), self.term(*index)),
            Term::Length(of) => format!("{}.length", self.term(*of)),
            Term::Not(of) => format!("!{}", self.term(*of)),
            Term::And(left, right) => format!("({} && {})", self.term(*left), self.term(*right)),
            Term::Or(left, right) => format!("({} || {})", self.term(*left), self.term(*right)),
            Term::Binary { op, left, right } => {
                format!("({} {} {})", self.term(*left), ops::symbol(*op), self.term(*right))
            }
            Term::Array(items) => format!("[{}]", self.list(items)),
            Term::Object(fields) => format!("{{{}}}", self.fields(fields)),
            Term::Update { of, fields } => {
                format!("{} with {{{}}}", self.term(*of), self.fields(fields))
            }
            Term::First(items) => format!("?[{}]", self.list(items)),
            Term::Either(items) => format!("either({})", self.list(items)),
            Term::Contains { map, key } => {
                format!("{}.contains({})", self.term(*map), self.term(*key))
            }
            Term::Keys(of) => format!("{}.keys()", self.term(*of)),
        }
    }
}
