//! From what a run wants to tell others to the parcels that carry it.
//!
//! Everything that one batch says goes in one route tree, so each link carries one parcel; what
//! several receivers need stands in it once. A receiver is not sent twice what is on its way to
//! it: the outbox repeats that.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use aquac_ir::{Digest, PeerId};
use aquac_vm::{Departure, Entry, Heads, Run, SaltedValue, SignedTurn};

use crate::Reason;
use crate::few::Few;
use crate::particle::{Other, Particle};
use crate::route::{self, Branch, Delivery};
use crate::shared::Core;
use crate::wire::{
    Item, MAX_LIST, Push, Take, Want, header_bytes, program_bytes, turn_bytes, value_bytes,
};

/// Bytes of items after which a parcel is closed and the next begun. Well below what a peer
/// takes, so that one value more still fits.
const PARCEL_BYTES: usize = 4 << 20;

/// Bytes from which on a value that somebody else made is offered instead of sent: others may
/// have sent it already.
pub(crate) const OFFERED_BYTES: usize = 256 << 10;

/// Bytes from which on a program waits to be asked for: it is named by the header, and the
/// receiver may have it.
const ASKED_BYTES: usize = 64 << 10;

/// Items beside turns and values that most parcels have at most: header, program, what is known.
const OTHER_ITEMS: usize = 3;

/// Items after which a parcel is closed; their numbers have 16 bits.
const PARCEL_ITEMS: usize = 60_000;

/// The items of a parcel in the making, each once.
#[derive(Default)]
struct Table {
    /// Whether the same may be needed again: for another receiver, or because somebody asks twice.
    repeats: bool,
    items: Vec<Vec<u8>>,
    bytes: usize,
    header: Option<u16>,
    program: Option<u16>,
    /// With the signature, because the two turns of a fork have one author and number.
    turns: BTreeMap<(PeerId, u32, [u8; 64]), u16>,
    values: BTreeMap<Digest, u16>,
}

impl Table {
    fn add(&mut self, item: &Item) -> u16 {
        self.put(item.to_bytes())
    }

    fn put(&mut self, bytes: Vec<u8>) -> u16 {
        let number = u16::try_from(self.items.len()).unwrap_or(u16::MAX);
        self.bytes += bytes.len();
        self.items.push(bytes);
        number
    }

    fn turn(&mut self, turn: &SignedTurn) -> u16 {
        if !self.repeats {
            return self.put(turn_bytes(turn));
        }
        let key = (turn.body.author, turn.body.number, turn.signature.0);
        if let Some(number) = self.turns.get(&key) {
            return *number;
        }
        let number = self.put(turn_bytes(turn));
        self.turns.insert(key, number);
        number
    }

    fn value(&mut self, digest: Digest, value: &SaltedValue) -> u16 {
        if !self.repeats {
            return self.put(value_bytes(value));
        }
        if let Some(number) = self.values.get(&digest) {
            return *number;
        }
        let number = self.put(value_bytes(value));
        self.values.insert(digest, number);
        number
    }

    /// The next parcel's.
    fn next(&mut self) -> Self {
        let next = Self { repeats: self.repeats, ..Self::default() };
        mem::replace(self, next)
    }

    fn is_full(&self) -> bool {
        self.bytes >= PARCEL_BYTES || self.items.len() >= PARCEL_ITEMS
    }
}

/// A batch in the making.
struct Batch<'a> {
    core: &'a mut Core,
    table: Table,
    deliveries: Vec<Delivery>,
    /// What each destination learns that I have.
    told: Vec<(PeerId, Heads)>,
}

/// Posts what a run wants to tell others.
pub(crate) fn deliver(core: &mut Core, particle: &mut Particle, departures: Vec<Departure>) {
    if departures.is_empty() {
        return;
    }
    let table = Table { repeats: departures.len() > 1, ..Table::default() };
    let mut batch = Batch { core, table, deliveries: Vec::new(), told: Vec::new() };
    for departure in departures {
        batch.add(particle, departure);
    }
    batch.post(particle);
}

impl Batch<'_> {
    fn add(&mut self, particle: &mut Particle, mut departure: Departure) {
        let to = departure.to;
        let via = departure.route.split_last().map_or(&[][..], |(_, via)| via);
        let path = route::path(self.core.me, self.core.config.relay, via, to);
        if let Some((reason, detail)) = self.hindrance(particle, to) {
            self.core.dropped(reason, Some(particle.id), None, detail);
            return;
        }
        self.table.items.reserve(departure.turns.len() + departure.values.len() + OTHER_ITEMS);
        let mut items = self.first_contact(particle, to);
        items.extend(self.turns(particle, &departure));
        let mut offered: Vec<Digest> = Vec::new();
        for value in mem::take(&mut departure.values) {
            let digest = value.digest();
            if !particle.other(to).values.insert(digest) {
                continue;
            }
            if particle.lacking.as_ref().is_some_and(|lacking| lacking.came_large.contains(&digest))
            {
                offered.push(digest);
                continue;
            }
            items.insert(self.table.value(digest, &value));
            if self.table.is_full() {
                self.deliveries.push(Delivery { path: path.clone(), items: mem::take(&mut items) });
                self.post(particle);
            }
        }
        for offered in offered.chunks(MAX_LIST) {
            items.insert(self.table.add(&Item::Have(offered.to_vec())));
        }
        if let Some(knows) = untold(particle.other(to), &departure) {
            items.insert(self.table.add(&knows));
        }
        self.told.push((to, departure.heads));
        self.deliveries.push(Delivery { path, items });
        if self.table.is_full() {
            self.post(particle);
        }
    }

    /// Why nothing goes to a peer, if so.
    fn hindrance(&self, particle: &mut Particle, to: PeerId) -> Option<(Reason, String)> {
        if let Some(reason) = particle.other(to).refused {
            return Some((reason, format!("{to} wants nothing more of this particle")));
        }
        let may = particle.may_tell(to, self.core.config.limits.fan_out);
        let why = || format!("{to} is one peer more than this run may send to");
        (!may).then(|| (Reason::Quota, why()))
    }

    /// Turns that are not on their way to the other.
    fn turns(&mut self, particle: &mut Particle, departure: &Departure) -> BTreeSet<u16> {
        let mut items = BTreeSet::new();
        let void = proofs(particle, departure);
        let other = particle.other(departure.to);
        other.turns.expect(departure.heads.iter().len());
        for turn in &departure.turns {
            let (author, number) = (turn.body.author, turn.body.number);
            let sent = other.turns.or_default(author);
            if *sent < number || void.contains(&(author, number)) {
                *sent = number.max(*sent);
                items.insert(self.table.turn(turn));
            }
        }
        items
    }

    /// Header and program, if the other has not got them. The initiator wrote both; if it has lost
    /// them it says that they are missing, and is told from the start.
    fn first_contact(&mut self, particle: &mut Particle, to: PeerId) -> BTreeSet<u16> {
        let mut items = BTreeSet::new();
        if to == particle.initiator() {
            return items;
        }
        let header = particle.header.clone();
        let other = particle.other(to);
        if !other.header {
            other.header = true;
            let number = match self.table.header {
                Some(number) => number,
                None => self.table.put(header_bytes(&header)),
            };
            self.table.header = Some(number);
            items.insert(number);
        }
        if !other.program && !self.core.programs.is_at(to, header.header.program) {
            other.program = true;
            items.extend(self.program(&header.header.program));
        }
        items
    }

    fn program(&mut self, digest: &Digest) -> Option<u16> {
        if self.table.program.is_none() {
            let bytes = &self.core.programs.get(digest)?.bytes;
            let bytes = (bytes.len() < ASKED_BYTES).then(|| program_bytes(bytes))?;
            self.table.program = Some(self.table.put(bytes));
        }
        self.table.program
    }

    /// Closes the parcels of this batch.
    fn post(&mut self, particle: &mut Particle) {
        let mut table = self.table.next();
        let mut rest = mem::take(&mut self.deliveries);
        let told = mem::take(&mut self.told);
        if let Some(branch) = route::direct(&rest, &mut table.items) {
            self.send(particle, branch, told);
            return;
        }
        while !rest.is_empty() {
            let before = rest.len();
            let (hops, behind) = route::bundle(rest);
            rest = behind;
            if rest.len() == before {
                let detail = format!("{before} routes are longer than a parcel may go");
                self.core.dropped(Reason::Malformed, Some(particle.id), None, detail);
                return;
            }
            let branches = route::split(&hops, &table.items)
                .expect("bundle makes trees that name only items of this table");
            for branch in branches {
                let takes = |peer: &PeerId| {
                    let hops = branch.hops.iter().map(|hop| (&hop.to, &hop.take));
                    let mut all = hops.chain([(&branch.to, &branch.take)]);
                    all.any(|(to, take)| to == peer && *take != Take::Nothing)
                };
                let told = told.iter().filter(|(peer, _)| takes(peer)).cloned().collect();
                self.send(particle, branch, told);
            }
        }
    }

    /// Sends a parcel; when it has arrived, its destinations know that I have these turns.
    fn send(&mut self, particle: &mut Particle, branch: Branch, told: Vec<(PeerId, Heads)>) {
        let Branch { to, take, hops, items } = branch;
        let push = Push {
            id: self.core.frame_id(),
            particle: particle.id,
            expires: particle.deadline(),
            trail: Vec::new(),
            take,
            hops,
            items,
        };
        let id = self.core.post(to, push, None, particle.initiator());
        particle.away = particle.away.saturating_add(1);
        particle.flying.insert((to, id), told);
    }
}

/// Turns that are half of a proof: they go however often something of this number went.
fn proofs(particle: &Particle, departure: &Departure) -> BTreeSet<(PeerId, u32)> {
    let Some(run) = &particle.run else { return BTreeSet::new() };
    let turns = departure.turns.iter().map(|turn| (turn.body.author, turn.body.number));
    turns.filter(|(author, number)| run.history().is_void(author, *number)).collect()
}

/// What a turn shows about the one who has it: the turn, and what it says to have seen.
pub(crate) fn note_heads(heads: &mut Few<PeerId, u32>, turn: &SignedTurn) {
    heads.raise(turn.body.author, turn.body.number);
    for entry in &turn.body.entries {
        if let Entry::Saw { peer, number, .. } = entry {
            heads.raise(*peer, *number);
        }
    }
}

/// What the other cannot see from the turns of this parcel and was not told before.
fn untold(other: &mut Other, departure: &Departure) -> Option<Item> {
    let heads = &departure.heads;
    let mut shown = Few::default();
    shown.expect(heads.iter().len());
    departure.turns.iter().for_each(|turn| note_heads(&mut shown, turn));
    let news: Vec<(PeerId, u32)> = heads
        .iter()
        .map(|(author, head)| (*author, head.number))
        .filter(|(author, number)| {
            let told = other.told.get(author).copied().unwrap_or(0);
            *number > told.max(shown.get(author).copied().unwrap_or(0))
        })
        .collect();
    other.told.expect(heads.iter().len());
    heads.iter().for_each(|(author, head)| other.told.raise(*author, head.number));
    (!news.is_empty() && news.len() <= MAX_LIST).then_some(Item::Knows(news))
}

/// Answers one who asks for what an earlier parcel of mine rests on, the way that parcel's
/// receiver can be reached.
pub(crate) fn answer(
    core: &mut Core,
    particle: &mut Particle,
    to: PeerId,
    path: route::Path,
    want: &Want,
) {
    let mut table = Table { repeats: true, ..Table::default() };
    let allowed = &particle.others.get(&to).map(|other| other.values.clone()).unwrap_or_default();
    if want.header {
        table.put(header_bytes(&particle.header));
    }
    if want.program {
        let program = particle.header.header.program;
        core.programs.gone_from(to, program);
        if let Some(known) = core.programs.get(&program) {
            table.put(program_bytes(&known.bytes));
        }
    }
    if let Some(run) = &particle.run {
        for turn in wanted_turns(particle, run, to, want) {
            table.turn(turn);
        }
        // Only what it was sent before: asking must not open what the run keeps from it.
        for digest in want.values.iter().filter(|digest| allowed.contains(*digest)) {
            if let Some(value) = run.value(digest) {
                table.value(*digest, &value);
            }
        }
    }
    if table.items.is_empty() {
        return;
    }
    let items = (0..u16::try_from(table.items.len()).unwrap_or(u16::MAX)).collect();
    let deliveries = vec![Delivery { path, items }];
    Batch { core, table, deliveries, told: Vec::new() }.post(particle);
}

/// The turns that somebody asks for. Later ones come with the values that belong to them, when it
/// is told of them.
fn wanted_turns<'a>(
    particle: &'a Particle,
    run: &'a Run,
    to: PeerId,
    want: &'a Want,
) -> impl Iterator<Item = &'a SignedTurn> {
    want.turns.iter().flat_map(move |(author, first)| {
        let sent = particle.others.get(&to).and_then(|other| other.turns.get(author));
        let sent = sent.map_or(usize::MAX, |number| *number as usize);
        let skip = first.saturating_sub(1) as usize;
        let turns = run.history().turns_of(author).iter().take(sent).skip(skip);
        turns.map(|turn| &**turn.turn())
    })
}

/// Asks the maker of a parcel for what it rests on.
pub(crate) fn ask(core: &mut Core, particle: &mut Particle, path: route::Path, want: Want) {
    let mut table = Table::default();
    table.add(&Item::Want(want));
    let deliveries = vec![Delivery { path, items: BTreeSet::from([0]) }];
    Batch { core, table, deliveries, told: Vec::new() }.post(particle);
}
