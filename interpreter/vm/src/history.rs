//! The history: which turns are known. It only grows; merging two is set union.
//!
//! A turn takes its place when its author's turn before it and every turn that it saw are there;
//! until then it is parked. So what is in place is always closed under "rests on", whatever the
//! order in which turns arrive. Two turns of one author that exclude each other are a fork, parked
//! or not: the forked turn and all later ones of that author are void, the proof is kept.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{Digest, Limits, ParticleId, PeerId, sorted_places};

use crate::few::{Few, room};
use crate::fork::Fork;
use crate::sign::{Claim, Verifier};
use crate::turn::{Entry, Head, Heads, NamedTurn, Record, SignedTurn};

/// Turns of a run that may wait for turns on which they rest; what comes beyond is refused and
/// has to be sent again.
pub const MAX_PARKED_TURNS: usize = 4096;

/// Why a turn was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// It belongs to another run.
    #[error("it belongs to another particle")]
    OtherParticle,
    /// The signature is not its author's, or not over this turn.
    #[error("its author did not sign it")]
    BadSignature,
    /// Turns are numbered from 1.
    #[error("it has number 0")]
    NumberZero,
    /// A first turn that does not begin at the particle.
    #[error("it is a first turn and does not begin at the particle")]
    BadStart,
    /// More turns or records of one author than the run allows.
    #[error("its author has used up what one peer may add")]
    OverQuota,
    /// The author forked before or at this turn.
    #[error("its author has forked")]
    Void,
    /// It records an error that follows from the program, and not from a call.
    #[error("it records an error that only the program can say")]
    NotItsToSay,
    /// Too many turns wait for others.
    #[error("too many turns wait for turns that are missing")]
    TooManyParked,
}

/// A turn that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Whose turn it says it is.
    pub author: PeerId,
    /// Its number.
    pub number: u32,
    /// Why.
    pub why: Refusal,
}

/// A turn that is missing: others rest on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// Its author.
    pub author: PeerId,
    /// Its number.
    pub number: u32,
}

/// What became of turns that were offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absorbed {
    /// Turns that took their place, in an order in which each stands behind those it rests on.
    pub added: Vec<NamedTurn>,
    /// Turns that were refused.
    pub refused: Vec<Refused>,
    /// Turns on which parked ones rest and that nobody has sent yet: ask for them.
    pub missing: Vec<Missing>,
    /// Authors that were shown to have forked.
    pub forks: Vec<Fork>,
    /// Values that nothing refers to, or that are too large; they were dropped.
    pub unwanted_values: usize,
}

#[derive(Debug, Clone, Default)]
struct Author {
    turns: Vec<NamedTurn>,
    /// For each turn its number in the order of all turns.
    places: Vec<u64>,
    records: usize,
}

type Key = (PeerId, u32, Digest);

/// Turns that wait for turns.
#[derive(Debug, Clone, Default)]
struct Parked {
    turns: Few<Key, NamedTurn>,
    /// Those that were parked since the last [`History::take_parked`].
    just: Vec<NamedTurn>,
    /// Turns by one thing that each of them waits for.
    waiting: Few<(PeerId, u32), Vec<Key>>,
}

/// The turns of one run.
#[derive(Debug, Clone)]
pub struct History {
    particle: ParticleId,
    limits: Limits,
    authors: Few<PeerId, Author>,
    parked: Option<Box<Parked>>,
    forks: Few<PeerId, Fork>,
    placed: u64,
}

impl History {
    /// No turns.
    #[must_use]
    pub const fn new(particle: ParticleId, limits: Limits) -> Self {
        Self { particle, limits, authors: Few::new(), parked: None, forks: Few::new(), placed: 0 }
    }

    /// The turns of an author that are in place, in order.
    #[must_use]
    pub fn turns_of(&self, author: &PeerId) -> &[NamedTurn] {
        self.authors.get(author).map_or(&[], |author| &author.turns)
    }

    /// One turn, if it is in place.
    #[must_use]
    pub fn turn(&self, author: &PeerId, number: u32) -> Option<&NamedTurn> {
        self.turns_of(author).get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Everybody who has a turn in place.
    pub fn authors(&self) -> impl Iterator<Item = &PeerId> {
        self.authors.keys()
    }

    /// How many turns are in place.
    #[must_use]
    pub fn len(&self) -> usize {
        self.authors.values().map(|author| author.turns.len()).sum()
    }

    /// Whether no turn is in place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authors.is_empty()
    }

    /// Which turns are in place.
    #[must_use]
    pub fn heads(&self) -> Heads {
        let head = |(peer, author): (&PeerId, &Author)| Some((*peer, author.turns.last()?.head()));
        Heads::from_sorted(self.authors.iter().filter_map(head))
    }

    /// The proofs of forks, one for each author that forked.
    pub fn forks(&self) -> impl Iterator<Item = &Fork> {
        self.forks.values()
    }

    /// The turns that were parked since this was asked last.
    pub(crate) fn take_parked(&mut self) -> Vec<NamedTurn> {
        self.parked.as_mut().map(|parked| core::mem::take(&mut parked.just)).unwrap_or_default()
    }

    /// Takes turns in. See [`Absorbed`].
    pub fn absorb(
        &mut self,
        turns: impl IntoIterator<Item = SignedTurn>,
        verifier: &dyn Verifier,
    ) -> Absorbed {
        drop(self.take_parked());
        let mut absorbed = Absorbed::default();
        let turns = turns.into_iter();
        let mut fresh: Vec<NamedTurn> = Vec::with_capacity(turns.size_hint().0);
        for turn in turns.map(NamedTurn::new) {
            match self.admit(&turn) {
                Ok(true) => fresh.push(turn),
                Ok(false) => {}
                Err(why) => refuse(&mut absorbed, &turn, why),
            }
        }
        let claims: Vec<Claim> =
            fresh.iter().map(|turn| turn.turn().claim(turn.digest())).collect();
        let signed = verifier.verify(&claims);
        absorbed.added.reserve_exact(fresh.len());
        let new = fresh.iter().filter(|turn| turn.turn().body.number == 1);
        self.authors.reserve(new.count());
        for (turn, signed) in fresh.into_iter().zip(signed) {
            if !signed {
                refuse(&mut absorbed, &turn, Refusal::BadSignature);
            } else if self
                .parked
                .as_ref()
                .is_some_and(|parked| parked.turns.len() >= MAX_PARKED_TURNS)
            {
                refuse(&mut absorbed, &turn, Refusal::TooManyParked);
            } else {
                self.settle(turn, &mut absorbed);
            }
        }
        absorbed.missing = self.missing();
        absorbed
    }

    /// Whether a turn is new, judged before the dear check of its signature.
    fn admit(&self, turn: &NamedTurn) -> Result<bool, Refusal> {
        let body = &turn.turn().body;
        if body.particle != self.particle {
            Err(Refusal::OtherParticle)
        } else if body.number == 0 {
            Err(Refusal::NumberZero)
        } else if body.number > self.limits.turns_per_peer {
            Err(Refusal::OverQuota)
        } else if body.records().any(is_not_its_to_say) {
            Err(Refusal::NotItsToSay)
        } else if self.is_void(&body.author, body.number) {
            // At the fork itself a turn may still show that the fork is even earlier.
            if self.is_proof(turn) {
                Ok(false)
            } else if self.forked_at(&body.author) < Some(body.number) {
                Err(Refusal::Void)
            } else {
                Ok(true)
            }
        } else {
            let there = self.turn(&body.author, body.number);
            Ok(there.is_none_or(|there| there.digest() != turn.digest())
                && !self.parked.as_ref().is_some_and(|parked| parked.turns.contains(&key(turn))))
        }
    }

    fn forked_at(&self, author: &PeerId) -> Option<u32> {
        self.forks.get(author).map(|fork| fork.number)
    }

    /// Whether turns of this author with this number count for nothing.
    #[must_use]
    pub fn is_void(&self, author: &PeerId, number: u32) -> bool {
        self.forked_at(author).is_some_and(|first| first <= number)
    }

    /// Puts a turn with a good signature in its place, with all that waited for it; or parks it.
    fn settle(&mut self, turn: NamedTurn, absorbed: &mut Absorbed) {
        let mut ready: Vec<NamedTurn> = Vec::new();
        let mut next = Some(turn);
        while let Some(turn) = next.take().or_else(|| ready.pop()) {
            match self.judge(&turn) {
                Verdict::Known => {}
                Verdict::Refuse(why) => refuse(absorbed, &turn, why),
                Verdict::Wait(missing) => {
                    let parked = self.parked.get_or_insert_default();
                    parked.waiting.or_insert(missing, Vec::new).push(key(&turn));
                    parked.just.push(turn.clone());
                    parked.turns.insert(key(&turn), turn);
                }
                Verdict::Over => {
                    refuse(absorbed, &turn, Refusal::OverQuota);
                    // It waits for nothing, as what may contradict other turns of its author.
                    self.parked.get_or_insert_default().turns.insert(key(&turn), turn);
                }
                Verdict::Fork(fork) => ready.extend(self.fork(fork, absorbed)),
                Verdict::Void => {
                    let fork = self.forks.get_mut(&turn.turn().body.author);
                    fork.into_iter().for_each(|fork| fork.keep(&turn));
                    refuse(absorbed, &turn, Refusal::Void);
                }
                Verdict::Place => {
                    let place = (turn.turn().body.author, turn.turn().body.number);
                    self.place(turn, absorbed);
                    ready.extend(self.wake(place));
                }
            }
        }
    }

    fn judge(&self, turn: &NamedTurn) -> Verdict {
        let body = &turn.turn().body;
        if body.number == 1 && body.previous != self.particle.0 {
            return Verdict::Refuse(Refusal::BadStart);
        }
        if self.is_proof(turn) {
            return Verdict::Known;
        }
        if let Some(fork) = self.contradiction(turn) {
            return Verdict::Fork(fork);
        }
        if self.is_void(&body.author, body.number) {
            return Verdict::Void;
        }
        if self.turn(&body.author, body.number).is_some() {
            return Verdict::Known;
        }
        match self.first_missing(turn) {
            Some(missing) => Verdict::Wait(missing),
            None if self.is_over_quota(turn) => Verdict::Over,
            None => Verdict::Place,
        }
    }

    /// Whether this turn is half of a known proof.
    fn is_proof(&self, turn: &NamedTurn) -> bool {
        self.forks.get(&turn.turn().body.author).is_some_and(|fork| fork.holds(turn))
    }

    /// The earliest fork that a turn proves with what is known of its author, in place, parked or
    /// in a proof, if that says more than is known.
    fn contradiction(&self, turn: &NamedTurn) -> Option<Fork> {
        let (author, number) = (turn.turn().body.author, turn.turn().body.number);
        let near = number - 1..=number.saturating_add(1);
        let turns = self.turns_of(&author);
        let placed = turns.iter().skip(number.saturating_sub(2) as usize);
        let placed = placed.take_while(|turn| near.contains(&turn.turn().body.number));
        let first = (author, number - 1, Digest([0; 32]));
        let parked = self.parked.iter().flat_map(|parked| parked.turns.from(&first));
        let parked = parked.take_while(|(key, _)| key.0 == author && near.contains(&key.1));
        let proofs = self.forks.get(&author).into_iter().flat_map(Fork::proof);
        let mut earliest: Option<Fork> = None;
        for known in placed.chain(parked.map(|(_, turn)| turn)).chain(proofs) {
            if let Some(fork) = Fork::of(known, turn)
                && earliest.as_ref().is_none_or(|earliest| fork.number < earliest.number)
            {
                earliest = Some(fork);
            }
        }
        earliest.filter(|fork| !self.is_void(&author, fork.number))
    }

    fn is_over_quota(&self, turn: &NamedTurn) -> bool {
        let body = &turn.turn().body;
        let already = self.authors.get(&body.author).map_or(0, |author| author.records);
        already + body.records().count() > self.limits.records_per_peer as usize
    }

    /// The first thing that must be in place before this turn.
    fn first_missing(&self, turn: &NamedTurn) -> Option<(PeerId, u32)> {
        let body = &turn.turn().body;
        let before = (body.number > 1).then(|| (body.author, body.number - 1));
        let there = |(author, number): &(PeerId, u32)| self.turn(author, *number).is_some();
        if let Some(before) = before.filter(|before| !there(before)) {
            return Some(before);
        }
        body.entries.iter().find_map(|entry| match entry {
            Entry::Saw { peer, number, digest } => {
                let seen = self.is_void(peer, *number)
                    || self.turn(peer, *number).is_some_and(|turn| turn.digest() == *digest);
                (!seen).then_some((*peer, *number))
            }
            Entry::Record(_) => None,
        })
    }

    fn place(&mut self, turn: NamedTurn, absorbed: &mut Absorbed) {
        let entry = self.authors.or_insert(turn.turn().body.author, Author::default);
        entry.records += turn.turn().body.records().count();
        room(&mut entry.turns);
        entry.turns.push(turn.clone());
        room(&mut entry.places);
        entry.places.push(self.placed);
        self.placed += 1;
        absorbed.added.push(turn);
    }

    /// The parked turns that waited for this one.
    fn wake(&mut self, place: (PeerId, u32)) -> Vec<NamedTurn> {
        let Some(parked) = &mut self.parked else { return Vec::new() };
        let keys = parked.waiting.remove(&place).unwrap_or_default();
        keys.iter().filter_map(|key| parked.turns.remove(key)).collect()
    }

    /// Voids an author's turns from the fork on. What was parked is looked at again: a turn that
    /// is void counts as seen.
    fn fork(&mut self, fork: Fork, absorbed: &mut Absorbed) -> Vec<NamedTurn> {
        let (author, number) = (fork.author, fork.number);
        if let Some(entry) = self.authors.get_mut(&author) {
            entry.turns.truncate(number.saturating_sub(1) as usize);
            entry.places.truncate(entry.turns.len());
            entry.records = entry.turns.iter().map(|turn| turn.turn().body.records().count()).sum();
            if entry.turns.is_empty() {
                self.authors.remove(&author);
            }
        }
        let is_void = |turn: &NamedTurn| {
            turn.turn().body.author == author && turn.turn().body.number >= number
        };
        absorbed.added.retain(|turn| !is_void(turn));
        self.forks.insert(author, fork.clone());
        absorbed.forks.push(fork);
        let Some(parked) = &mut self.parked else { return Vec::new() };
        parked.waiting = Few::new();
        let parked = core::mem::take(&mut parked.turns).into_entries();
        parked.map(|(_, turn)| turn).filter(|turn| !is_void(turn)).collect()
    }

    /// What parked turns wait for and what is not itself parked.
    fn missing(&self) -> Vec<Missing> {
        let Some(parked) = &self.parked else { return Vec::new() };
        let turns: Vec<(PeerId, u32)> =
            parked.turns.keys().map(|(author, number, _)| (*author, *number)).collect();
        parked
            .waiting
            .keys()
            .filter(|place| turns.binary_search(place).is_err())
            .map(|(author, number)| Missing { author: *author, number: *number })
            .collect()
    }

    /// Of each author the turns behind a number, each turn behind those on which it rests.
    pub(crate) fn since(&self, known: impl Fn(&PeerId) -> u32) -> Vec<Arc<SignedTurn>> {
        let mut turns: Vec<(u64, Arc<SignedTurn>)> = Vec::new();
        for (author, entry) in self.authors.iter() {
            let new = entry.turns.iter().zip(&entry.places).skip(known(author) as usize);
            turns.extend(new.map(|(turn, place)| (*place, turn.turn().clone())));
        }
        let place = |at: u32| turns.get(at as usize).map(|(place, _)| *place);
        let count = u32::try_from(turns.len()).unwrap_or(u32::MAX);
        let order = sorted_places(count, &mut |a, b| place(a) < place(b));
        let turn = |at: u32| turns.get(at as usize).map(|(_, turn)| turn.clone());
        order.into_iter().filter_map(turn).collect()
    }

    /// Adds a turn that was signed here, which needs no check.
    pub(crate) fn add_own(&mut self, turn: NamedTurn) -> Absorbed {
        let mut absorbed = Absorbed::default();
        self.settle(turn, &mut absorbed);
        absorbed
    }

    /// The head of an author.
    #[must_use]
    pub fn head(&self, author: &PeerId) -> Option<Head> {
        self.turns_of(author).last().map(NamedTurn::head)
    }
}

/// What is to be done with a turn.
enum Verdict {
    /// Nothing: it is there.
    Known,
    Refuse(Refusal),
    /// It rests on a turn that is not in place.
    Wait((PeerId, u32)),
    /// It contradicts another turn.
    Fork(Fork),
    /// Its author forked before it.
    Void,
    /// It is more than its author may add.
    Over,
    Place,
}

/// Whether a record claims what nobody knows better than the program.
const fn is_not_its_to_say(record: &Record) -> bool {
    matches!(record.outcome, Err(fault) if !fault.code.is_of_a_call())
}

fn key(turn: &NamedTurn) -> Key {
    let body = &turn.turn().body;
    (body.author, body.number, turn.digest())
}

fn refuse(absorbed: &mut Absorbed, turn: &NamedTurn, why: Refusal) {
    let body = &turn.turn().body;
    absorbed.refused.push(Refused { author: body.author, number: body.number, why });
}
