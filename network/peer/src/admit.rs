//! What arrives about particles: checked, taken in, and what it leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

use aquac_ir::{Digest, Node, NodeId, ParticleId, PeerId, SignedHeader};
use aquac_vm::{Absorbed, Head, HeaderError, Heads, NamedValue, Run, SignedTurn, check_header};

use crate::deliver::{self, OFFERED_BYTES, note_heads};
use crate::few::Few;
use crate::judge::{
    judge_records, records_of_others, refuted, take_disorderly, take_strangers, verdict,
};
use crate::lacking;
use crate::particle::{Early, MOST_EARLY, MOST_OTHERS, MOST_WANTS, Particle};
use crate::particles::Particles;
use crate::route::Path;
use crate::settle::Settled;
use crate::shared::Core;
use crate::wire::{Item, MAX_LIST, Want};
use crate::{Reason, Time, keep};

/// After this long, in milliseconds, one that was refused for want of room may try again.
pub(crate) const RETRY: u32 = 500;

/// Peers behind one neighbour whose questions are answered, if each asks as often as it may.
const BEHIND_ONE: u32 = 16;

/// Peers of a particle that cost nothing. Names can be made up, so further ones take room.
const FEW_OTHERS: usize = 16;
/// About what one of them takes.
const OTHER_BYTES: usize = 256;

/// Why something was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// What a parcel has for this peer, read but not checked.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    header: Option<Came<SignedHeader>>,
    program: Option<Vec<u8>>,
    turns: Vec<Came<SignedTurn>>,
    values: Vec<Came<NamedValue>>,
    knows: Vec<(PeerId, u32)>,
    wants: Vec<Want>,
    haves: Vec<Digest>,
}

/// Something together with the bytes in which it came: they are stored as they are.
#[derive(Debug)]
pub(crate) struct Came<T> {
    pub(crate) what: T,
    pub(crate) bytes: Vec<u8>,
}

impl Arrival {
    /// Reads the items.
    ///
    /// # Errors
    ///
    /// [`Reason::Malformed`] if one is damaged.
    pub(crate) fn read(items: Vec<Vec<u8>>, particle: ParticleId) -> Result<Self, Refusal> {
        let mut arrival = Self { turns: Vec::with_capacity(items.len()), ..Self::default() };
        for bytes in items {
            let item = Item::from_bytes(&bytes, particle)
                .map_err(|error| Refusal::new(Reason::Malformed, error.to_string()))?;
            match item {
                Item::Header(what) => arrival.header = Some(Came { what, bytes }),
                Item::Program(program) => arrival.program = Some(program),
                Item::Turn(what) => arrival.turns.push(Came { what, bytes }),
                Item::Value(value) => {
                    arrival.values.push(Came { what: value.into(), bytes });
                }
                Item::Knows(knows) => arrival.knows.extend(knows),
                Item::Want(want) => arrival.wants.push(want),
                Item::Have(values) => arrival.haves.extend(values),
            }
        }
        Ok(arrival)
    }

    /// Bytes of what would be kept.
    fn bytes(&self) -> usize {
        let turns = self.turns.iter().map(|turn| turn.bytes.len());
        turns.chain(self.values.iter().map(|value| value.bytes.len())).sum()
    }

    fn brings_something(&self) -> bool {
        !self.turns.is_empty()
            || !self.values.is_empty()
            || self.header.is_some()
            || self.program.is_some()
    }
}

/// Who made a parcel, and the way back to it.
#[derive(Debug, Clone)]
pub(crate) struct Maker {
    pub(crate) peer: PeerId,
    pub(crate) way: Path,
}

/// Takes in what a parcel has for this peer.
///
/// # Errors
///
/// [`Refusal`] with the first thing that was not accepted; what was good is kept all the same.
pub(crate) fn admit(
    core: &mut Core,
    particles: &mut Particles,
    now: Time,
    id: ParticleId,
    maker: &Maker,
    mut arrival: Arrival,
) -> Result<(), Refusal> {
    let fresh = arrival.brings_something();
    let header = arrival.header.take();
    let Some(particle) = find_or_enter(core, particles, now, id, header)? else { return Ok(()) };
    note_maker(core, particle, maker, &arrival)?;
    core.room(particle, arrival.bytes())?;
    answer_all(core, particle, maker, &arrival.wants)?;
    if let Some(program) = &arrival.program {
        take_program(core, particle, program)?;
    }
    let before = refuted(particle);
    let named = records_of_others(&arrival.turns, core.me);
    let haves = mem::take(&mut arrival.haves);
    let outcome = absorb(core, particle, maker, arrival);
    if lacking::offered(core, particle, maker, haves) {
        particles.ask_again(core, id);
    }
    if fresh {
        let settled = particles.settle(core, &id);
        if settled == Settled::Quiet {
            particles.get(&id).into_iter().for_each(|one| lacking::bytes(core, one, maker));
        }
        if let Some(particle) = particles.get(&id) {
            return outcome.and(judge_records(particle, before, &named));
        }
    }
    outcome
}

/// The particle, which begins here with its header.
fn find_or_enter<'a>(
    core: &mut Core,
    particles: &'a mut Particles,
    now: Time,
    id: ParticleId,
    header: Option<Came<SignedHeader>>,
) -> Result<Option<&'a mut Particle>, Refusal> {
    if particles.is_buried(&id) {
        return Err(Refusal::new(Reason::Ended, "the particle has ended here"));
    }
    if particles.get(&id).is_none() {
        let Some(Came { what: header, bytes }) = header else {
            return Err(Refusal::new(Reason::Missing, "the particle's header did not come"));
        };
        check(core, now, id, &header)?;
        particles.admit(core, id, Arc::new(header), bytes)?;
    }
    Ok(particles.get(&id))
}

/// Who sends something about a particle has its header and program, and can be reached the way
/// it came.
fn note_maker(
    core: &mut Core,
    particle: &mut Particle,
    maker: &Maker,
    arrival: &Arrival,
) -> Result<(), Refusal> {
    if !particle.others.contains(&maker.peer) {
        let many = particle.others.len();
        // What made-up names take leaves the run itself most of its room.
        let room = core.config.limits.bytes_per_particle / 4 / OTHER_BYTES;
        if many >= room.clamp(FEW_OTHERS, MOST_OTHERS) {
            return Err(Refusal::new(Reason::Quota, "too many peers speak of this particle"));
        }
        if many >= FEW_OTHERS {
            core.keep_bytes(particle, OTHER_BYTES);
        }
    }
    let program = particle.header.header.program;
    if !arrival.wants.iter().any(|want| want.program) {
        core.programs.seen_at(maker.peer, program);
    }
    let other = particle.other(maker.peer);
    other.header = true;
    other.program = true;
    if maker.way.len() > 1 {
        other.way = Some(maker.way.clone());
    }
    other.turns.expect(other.turns.len() + first_turns(&arrival.turns));
    for body in arrival.turns.iter().map(|turn| &turn.what.body) {
        other.turns.raise(body.author, body.number);
    }
    Ok(())
}

/// How many authors begin with these turns.
fn first_turns(turns: &[Came<SignedTurn>]) -> usize {
    turns.iter().filter(|turn| turn.what.body.number == 1).count()
}

fn answer_all(
    core: &mut Core,
    particle: &mut Particle,
    maker: &Maker,
    wants: &[Want],
) -> Result<(), Refusal> {
    // Who asked is proved by the link. Of a parcel that came through others, only the last is.
    let (asks, most) = match maker.way.as_slice() {
        [neighbour, _, ..] => (*neighbour, MOST_WANTS * BEHIND_ONE),
        [] | [_] => (maker.peer, MOST_WANTS),
    };
    for want in wants {
        let other = particle.other(asks);
        if other.wants >= most {
            return Err(Refusal::new(Reason::Quota, "it has asked too often"));
        }
        other.wants += 1;
        deliver::answer(core, particle, maker.peer, maker.way.clone(), want);
    }
    Ok(())
}

/// Whether a new particle may run here.
fn check(core: &Core, now: Time, id: ParticleId, signed: &SignedHeader) -> Result<(), Refusal> {
    let header = &signed.header;
    let limits = &core.config.limits;
    if header.network != core.config.network {
        let detail = format!("it belongs to network {:?}", header.network);
        return Err(Refusal::new(Reason::OtherNetwork, detail));
    }
    if header.deadline() < now.0 {
        let detail = format!("it ended {} ms ago", now.0 - header.deadline());
        return Err(Refusal::new(Reason::Expired, detail));
    }
    if header.issued_at > now.after(limits.skew).0 {
        let detail = format!("it is issued {} ms in the future", header.issued_at - now.0);
        return Err(Refusal::new(Reason::ClockSkew, detail));
    }
    if header.ttl > limits.ttl {
        let detail = format!("it lives {} ms, more than {}", header.ttl, limits.ttl);
        return Err(Refusal::new(Reason::TtlTooLong, detail));
    }
    let named = check_header(signed, &*core.keys.verifier).map_err(|error| {
        let reason = match error {
            HeaderError::UnknownVersion(_) => Reason::UnknownVersion,
            HeaderError::BadSignature => Reason::BadHeaderSignature,
        };
        Refusal::new(reason, error.to_string())
    })?;
    if named == id {
        Ok(())
    } else {
        Err(Refusal::new(Reason::Malformed, "the header is of another particle"))
    }
}

/// The program that the particle waits for.
fn take_program(core: &mut Core, particle: &mut Particle, bytes: &[u8]) -> Result<(), Refusal> {
    if particle.run.is_some() {
        return Ok(());
    }
    let digest = Digest::of(aquac_ir::Domain::Program, &[bytes]);
    if digest != particle.header.header.program {
        return Err(Refusal::new(Reason::BadProgram, "it is not the program of the header"));
    }
    if core.programs.get(&digest).is_none() {
        core.programs
            .add(bytes)
            .map_err(|error| Refusal::new(Reason::BadProgram, error.to_string()))?;
    }
    start_run(core, particle);
    Ok(())
}

/// Begins the run if the program is here.
pub(crate) fn start_run(core: &mut Core, particle: &mut Particle) {
    let digest = particle.header.header.program;
    let Some(known) = core.programs.get(&digest).cloned() else { return };
    if core.programs.take(&digest) {
        core.change(keep::program(&digest, &known.bytes));
    }
    let program = known.program.program();
    let nodes = (0..).map_while(|number| program.node(NodeId(number)));
    particle.has_tries = nodes.into_iter().any(Node::catches);
    let run = Run::of(particle.id, known.program, particle.header.clone(), core.me);
    particle.run = Some(Box::new(run));
}

/// Takes turns and values in, or keeps them until the program is here.
fn absorb(
    core: &mut Core,
    particle: &mut Particle,
    maker: &Maker,
    arrival: Arrival,
) -> Result<(), Refusal> {
    let mut turns = arrival.turns;
    let values = arrival.values;
    let disorder = take_disorderly(&mut turns);
    let mut shown = Few::default();
    shown.expect(first_turns(&turns));
    turns.iter().for_each(|turn| note_heads(&mut shown, &turn.what));
    if particle.run.is_none() {
        start_run(core, particle);
    }
    let Some(run) = &mut particle.run else {
        return wait_for_program(core, particle, maker, turns, values);
    };
    let orderly = disorder.and(take_strangers(run, &mut turns, core.me));
    let early = particle.early.take().map(|early| *early).unwrap_or_default();
    if turns.is_empty() && values.is_empty() && arrival.knows.is_empty() && early.is_empty() {
        run.received(maker.peer, &Heads::default());
        return orderly;
    }
    for value in values.iter().filter(|value| value.bytes.len() >= OFFERED_BYTES) {
        particle.lacking.get_or_insert_default().came_large.insert(value.what.digest());
    }
    let (absorbed, kept) = absorb_and_store(core, particle.id, run, early, turns, values);
    run.received(maker.peer, &seen_heads(run, &shown, &arrival.knows));
    core.keep_bytes(particle, kept);
    ask_for_turns(core, particle, maker, &absorbed);
    orderly.and(verdict(core, particle.id, maker, &absorbed))
}

/// Takes turns and values in; what is new and good is stored. What came before the program is
/// stored already. Gives the bytes that are kept as well.
fn absorb_and_store(
    core: &mut Core,
    id: ParticleId,
    run: &mut Run,
    early: Early,
    turns: Vec<Came<SignedTurn>>,
    values: Vec<Came<NamedValue>>,
) -> (Absorbed, usize) {
    let mut kept = 0;
    let mut new = Vec::with_capacity(turns.len());
    let mut all = early.turns;
    all.reserve(turns.len());
    for Came { what: turn, bytes } in turns {
        if !is_known(run, &turn) {
            kept += bytes.len();
            new.push((turn.body.author, turn.body.number, core.keeps(|| keep::turn(&turn, bytes))));
        }
        all.push(turn);
    }
    let mut came = Vec::new();
    let mut contents = early.values;
    for Came { what: value, bytes } in values {
        let digest = value.digest();
        if run.value(&digest).is_none() {
            kept += bytes.len();
            came.push((digest, bytes));
        }
        contents.push(value);
    }
    let absorbed = run.absorb_named(all, contents, &*core.keys.verifier);
    let refused: BTreeSet<(PeerId, u32)> =
        absorbed.refused.iter().map(|refused| (refused.author, refused.number)).collect();
    let good = new.into_iter().filter(|(author, number, _)| !refused.contains(&(*author, *number)));
    good.filter_map(|(_, _, change)| change).for_each(|change| core.change(change));
    for (digest, bytes) in came {
        if run.value(&digest).is_some() {
            core.change(keep::value(&id, &digest, bytes));
        }
    }
    (absorbed, kept)
}

fn is_known(run: &Run, turn: &SignedTurn) -> bool {
    run.history()
        .turn(&turn.body.author, turn.body.number)
        .is_some_and(|known| known.turn().signature == turn.signature)
}

/// The heads that a parcel shows of its maker, as far as they are known here.
fn seen_heads(run: &Run, shown: &Few<PeerId, u32>, knows: &[(PeerId, u32)]) -> Heads {
    let mut heads = Heads::default();
    heads.expect(shown.len());
    for (author, number) in shown.iter().map(|(a, n)| (*a, *n)).chain(knows.iter().copied()) {
        if let Some(turn) = run.history().turn(&author, number) {
            heads.raise(author, Head { number, digest: turn.digest() });
        }
    }
    heads
}

fn wait_for_program(
    core: &mut Core,
    particle: &mut Particle,
    maker: &Maker,
    turns: Vec<Came<SignedTurn>>,
    values: Vec<Came<NamedValue>>,
) -> Result<(), Refusal> {
    let kept = turns.iter().map(|turn| turn.bytes.len());
    let kept = kept.chain(values.iter().map(|value| value.bytes.len())).sum();
    core.keep_bytes(particle, kept);
    let early = particle.early.get_or_insert_default();
    if early.turns.len() + early.values.len() + turns.len() + values.len() > MOST_EARLY {
        return Err(Refusal::new(Reason::Overloaded, "too much waits for the program"));
    }
    for Came { what, bytes } in turns {
        core.change(keep::turn(&what, bytes));
        early.turns.push(what);
    }
    for Came { what, bytes } in values {
        core.change(keep::value(&particle.id, &what.digest(), bytes));
        early.values.push(what);
    }
    let want = Want { program: true, ..Want::default() };
    deliver::ask(core, particle, maker.way.clone(), want);
    Ok(())
}

fn ask_for_turns(core: &mut Core, particle: &mut Particle, maker: &Maker, absorbed: &Absorbed) {
    let mut turns: BTreeMap<PeerId, u32> = BTreeMap::new();
    for missing in &absorbed.missing {
        let first = turns.entry(missing.author).or_insert(missing.number);
        *first = missing.number.min(*first);
    }
    // The first that is missing of each author: what stands before it is here.
    if let Some(run) = &particle.run {
        for (author, first) in &mut turns {
            *first = run.history().head(author).map_or(1, |head| head.number + 1).min(*first);
        }
    }
    if !turns.is_empty() {
        let turns = turns.into_iter().take(MAX_LIST).collect();
        let want = Want { turns, ..Want::default() };
        deliver::ask(core, particle, maker.way.clone(), want);
    }
}
