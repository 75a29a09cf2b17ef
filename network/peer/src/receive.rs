//! Frames from neighbours.

use std::collections::BTreeSet;

use aquac_ir::{ParticleId, PeerId};

use crate::admit::{Arrival, Maker, RETRY, Refusal, admit};
use crate::config::Relaying;
use crate::few::Few;
use crate::link::{Forwarded, Link};
use crate::owed::Part;
use crate::particle::MOST_WANTS;
use crate::particles::Particles;
use crate::reach;
use crate::route::{self, Branch};
use crate::shared::Core;
use crate::wire::{
    Ack, Chunk, Frame, FrameError, Hello, MAX_TRAIL, Nack, Push, Take, WIRE_VERSION, Want, decode,
    decode_whole,
};
use crate::{Durability, Reason, Report, Time, deliver, keep};

/// Parcels of others that this peer may hold for one neighbour: see
/// [`crate::PeerLimits::mailbox_frames`]. After this long, in milliseconds, the sender may try
/// again.
const MAILBOX_RETRY: u32 = 1_000;

/// One who has forgotten a particle gets everything again: as dear as so many questions.
const START_OVER: u32 = MOST_WANTS / 16;

/// What every link begins with.
pub(crate) fn hello(core: &Core, now: Time) -> Frame {
    let limits = &core.config.limits;
    Frame::Hello(Hello {
        versions: (WIRE_VERSION, WIRE_VERSION),
        network: core.config.network.clone(),
        clock: now.0,
        parcel_bytes: u32::try_from(limits.parcel_bytes).unwrap_or(u32::MAX),
        credit: core.load.credit(),
    })
}

/// Takes one frame.
pub(crate) fn frame(
    core: &mut Core,
    particles: &mut Particles,
    now: Time,
    from: PeerId,
    bytes: &[u8],
) {
    // What it had sent before it was told.
    if core.links.get(&from).is_some_and(|link| link.is_shut_out(now)) {
        return;
    }
    match decode(bytes) {
        Ok(frame) => dispatch(core, particles, now, from, frame, bytes),
        Err(error) => bad_frame(core, from, &error),
    }
}

fn bad_frame(core: &mut Core, from: PeerId, error: &FrameError) {
    let reason = match error {
        FrameError::TooLarge(_) => Reason::TooLarge,
        FrameError::UnknownVersion(_) => Reason::UnknownVersion,
        FrameError::Empty | FrameError::Damaged(_) | FrameError::NotCanonical => Reason::Malformed,
    };
    core.dropped(reason, None, Some(from), error.to_string());
    core.malformed(from);
}

fn no_parcel(core: &mut Core, from: PeerId, what: &str) {
    core.dropped(Reason::Malformed, None, Some(from), what);
    core.malformed(from);
}

fn dispatch(
    core: &mut Core,
    particles: &mut Particles,
    now: Time,
    from: PeerId,
    frame: Frame,
    bytes: &[u8],
) {
    match frame {
        Frame::Hello(hello) => greet(core, now, from, &hello),
        Frame::Push(parcel) => {
            received(core, from, &[(&parcel, bytes)]);
            push(core, particles, now, from, parcel, bytes);
        }
        Frame::Bundle(parts) => bundle(core, particles, now, from, &parts),
        Frame::Chunk(part) => chunk(core, particles, now, from, part),
        Frame::Ack(ack) => acknowledged(core, particles, from, &ack),
        Frame::Nack(nack) => refused(core, particles, now, from, &nack),
        Frame::Credit(credit) => core.link(from).set_credit(credit),
    }
}

fn greet(core: &mut Core, now: Time, from: PeerId, hello: &Hello) {
    let (oldest, newest) = hello.versions;
    if !(oldest..=newest).contains(&WIRE_VERSION) {
        let detail = format!("it speaks versions {oldest} to {newest}");
        core.dropped(Reason::UnknownVersion, None, Some(from), detail);
        core.link(from).refused = Some(Reason::UnknownVersion);
    }
    if hello.network != core.config.network {
        let detail = format!("it is in network {:?}", hello.network);
        core.dropped(Reason::OtherNetwork, None, Some(from), detail);
        core.link(from).refused = Some(Reason::OtherNetwork);
    }
    let differs = hello.clock.cast_signed().wrapping_sub(now.0.cast_signed());
    if differs.unsigned_abs() > core.config.limits.skew {
        core.report(Report::ClockDiffers { peer: from, milliseconds: differs });
    }
    core.link(from).set_credit(hello.credit);
}

fn bundle(core: &mut Core, particles: &mut Particles, now: Time, from: PeerId, parts: &[Vec<u8>]) {
    let mut parcels = Vec::new();
    for bytes in parts {
        match decode(bytes) {
            Ok(Frame::Push(parcel)) => parcels.push((parcel, bytes.as_slice())),
            Ok(_) => no_parcel(core, from, "a bundle of no parcels"),
            Err(error) => bad_frame(core, from, &error),
        }
    }
    let all: Vec<(&Push, &[u8])> = parcels.iter().map(|(push, bytes)| (push, *bytes)).collect();
    received(core, from, &all);
    for (parcel, bytes) in parcels {
        push(core, particles, now, from, parcel, bytes);
    }
}

/// Reports what came in one frame: each particle once.
fn received(core: &mut Core, from: PeerId, parcels: &[(&Push, &[u8])]) {
    let mut shares: Few<ParticleId, usize> = Few::default();
    for (parcel, bytes) in parcels {
        *shares.or_default(parcel.particle) += bytes.len();
    }
    for (particle, bytes) in shares.iter() {
        core.report(Report::Received { from, particle: *particle, bytes: *bytes });
    }
}

fn chunk(core: &mut Core, particles: &mut Particles, now: Time, from: PeerId, part: Chunk) {
    let id = part.of;
    let most = core.config.limits.parcel_bytes;
    match core.link(from).assembly.add(part, most) {
        Ok(None) => {}
        Ok(Some(bytes)) => match decode_whole(&bytes) {
            Ok(Frame::Push(parcel)) => {
                received(core, from, &[(&parcel, &bytes)]);
                push(core, particles, now, from, parcel, &bytes);
            }
            Ok(_) => no_parcel(core, from, "chunks of no parcel"),
            Err(error) => bad_frame(core, from, &error),
        },
        Err(reason) => {
            core.dropped(reason, None, Some(from), "a chunk that does not fit");
            if reason == Reason::Malformed {
                core.malformed(from);
            }
            let me = core.me;
            core.refuse(Forwarded { from, id }, me, reason, 0);
        }
    }
}

fn push(
    core: &mut Core,
    particles: &mut Particles,
    now: Time,
    from: PeerId,
    parcel: Push,
    bytes: &[u8],
) {
    let handle = Forwarded { from, id: parcel.id };
    if core.link(from).is_repeated(parcel.id, bytes) {
        if core.owed.parts(handle).is_empty() {
            core.link(from).acks.push(parcel.id);
        } else {
            ask_to_wait(core, handle);
        }
        let detail = "a parcel that was here already";
        core.dropped(Reason::Duplicate, Some(parcel.particle), Some(from), detail);
        return;
    }
    let destinations = parcel.destinations(core.me);
    let particle = parcel.particle;
    let made_there = parcel.trail.is_empty();
    let refusals = take_and_forward(core, particles, now, handle, parcel);
    let all = destinations.iter().all(|peer| refusals.iter().any(|(by, _)| by == peer));
    for (destination, refusal) in refusals {
        let retry = match (refusal.reason.passing(), destination == core.me) {
            (true, true) => RETRY,
            (true, false) => MAILBOX_RETRY,
            (false, _) => 0,
        };
        core.refuse(handle, destination, refusal.reason, retry);
        // Who only forwards does not read the items.
        if refusal.reason == Reason::Malformed && made_there {
            core.malformed(from);
        }
        core.dropped(refusal.reason, Some(particle), Some(from), refusal.detail);
    }
    if all && !destinations.is_empty() {
        core.link(from).unhear(handle.id);
    } else if !core.owed.parts(handle).is_empty() {
        ask_to_wait(core, handle);
    } else {
        core.link(from).acks.push(handle.id);
    }
}

/// A neighbour behind this relay is away, and the relay stores nothing: whoever sent the parcel
/// keeps it, and need not hold its other parcels back for it.
fn ask_to_wait(core: &mut Core, handle: Forwarded) {
    let is_up = |peer: &PeerId| core.links.get(peer).is_some_and(|link| link.up);
    let away = core.owed.parts(handle).iter().filter(|part| !is_up(&part.behind));
    let destinations: BTreeSet<PeerId> =
        away.flat_map(|part| part.destinations.iter().copied()).collect();
    for destination in destinations {
        core.refuse(handle, destination, Reason::Unreachable, MAILBOX_RETRY);
    }
}

type Refusals = Vec<(PeerId, Refusal)>;

/// Takes what is for this peer and queues the rest. What is refused comes back, by destination.
fn take_and_forward(
    core: &mut Core,
    particles: &mut Particles,
    now: Time,
    handle: Forwarded,
    parcel: Push,
) -> Refusals {
    let me = core.me;
    let for_all = |refusal: Refusal, parcel: &Push| {
        parcel.destinations(me).into_iter().map(|peer| (peer, refusal.clone())).collect()
    };
    if let Some(reason) = core.link(handle.from).refused {
        let refusal = Refusal::new(reason, "nothing is taken from this neighbour");
        return for_all(refusal, &parcel);
    }
    if core.closing {
        let refusal = Refusal::new(Reason::ShuttingDown, "this peer is shutting down");
        return for_all(refusal, &parcel);
    }
    if parcel.expires < now.0 {
        return for_all(Refusal::new(Reason::Expired, "the parcel came too late"), &parcel);
    }
    // A route may pass a peer twice; each hop uses a part of it up, so it ends.
    if parcel.trail.len() >= MAX_TRAIL {
        return for_all(Refusal::new(Reason::Malformed, "the route is too long"), &parcel);
    }
    let branches = match route::split(&parcel.hops, &parcel.items) {
        Ok(branches) => branches,
        Err(error) => return for_all(Refusal::new(Reason::Malformed, error.to_string()), &parcel),
    };
    let mut refusals = Vec::new();
    for branch in branches {
        forward(core, handle, &parcel, branch, &mut refusals);
    }
    if parcel.take != Take::Nothing
        && let Err(refusal) = take(core, particles, now, handle.from, parcel)
    {
        refusals.push((me, refusal));
    }
    refusals
}

/// Sends a branch on, or keeps it for a neighbour that is away.
fn forward(
    core: &mut Core,
    handle: Forwarded,
    parcel: &Push,
    branch: Branch,
    refusals: &mut Refusals,
) {
    let to = branch.to;
    let mut trail = parcel.trail.clone();
    trail.push(handle.from);
    let onward = Push {
        id: core.frame_id(),
        particle: parcel.particle,
        expires: parcel.expires,
        trail,
        take: branch.take,
        hops: branch.hops,
        items: branch.items,
    };
    let refusal = if !may_forward(core, handle.from, to) {
        Refusal::new(Reason::NotRelayed, format!("no relay for {to}"))
    } else if is_full(core, to, handle.from) {
        Refusal::new(Reason::Overloaded, format!("too much waits for {to}"))
    } else {
        if core.config.durability == Durability::Volatile {
            let destinations = onward.destinations(to);
            core.owed.add(handle, Part { behind: to, destinations });
        }
        core.post(to, onward, Some(handle), handle.from);
        return;
    };
    let destinations: BTreeSet<PeerId> = onward.destinations(to);
    refusals.extend(destinations.into_iter().map(|peer| (peer, refusal.clone())));
}

fn may_forward(core: &Core, from: PeerId, to: PeerId) -> bool {
    match &core.config.relaying {
        Relaying::Nobody => false,
        Relaying::Only(peers) => peers.contains(&to) || peers.contains(&from),
        Relaying::Everybody => true,
    }
}

/// Whether too much waits for a neighbour. One who has filled its mailbox leaves another its share:
/// at most, twice as much waits.
fn is_full(core: &Core, to: PeerId, from: PeerId) -> bool {
    let limits = &core.config.limits;
    match core.links.get(&to) {
        Some(link) if link.up || link.waiting().0 > 0 => {
            let (frames, bytes) = link.waiting();
            let (mine, senders) = link.waiting_of(&from);
            let full = frames >= limits.mailbox_frames || bytes >= limits.mailbox_bytes;
            let very_full =
                frames / 2 >= limits.mailbox_frames || bytes / 2 >= limits.mailbox_bytes;
            very_full || full && mine >= limits.mailbox_frames / senders
        }
        // One more who is away: each costs memory and a dial.
        Some(_) | None => {
            let absent = |link: &&Link| !link.up && link.waiting().0 > 0;
            core.links.values().filter(absent).count() >= limits.absent_neighbours
        }
    }
}

fn take(
    core: &mut Core,
    particles: &mut Particles,
    now: Time,
    from: PeerId,
    parcel: Push,
) -> Result<(), Refusal> {
    let items = route::own_items(&parcel.take, parcel.items)
        .map_err(|error| Refusal::new(Reason::Malformed, error.to_string()))?;
    let arrival = Arrival::read(items, parcel.particle)?;
    let mut way = vec![from];
    way.extend(parcel.trail.iter().rev());
    let peer = parcel.trail.first().copied().unwrap_or(from);
    admit(core, particles, now, parcel.particle, &Maker { peer, way }, arrival)
}

fn acknowledged(core: &mut Core, particles: &mut Particles, from: PeerId, ack: &Ack) {
    for id in &ack.0 {
        let Some(settled) = core.link(from).acknowledged(*id) else { continue };
        let (particle, forwarded) = (settled.particle, settled.forwarded);
        core.change(keep::no_parcel(&from, *id));
        core.report(Report::Acknowledged { by: from, particle });
        core.settled(forwarded, from);
        let Some(particle) = particles.get(&particle) else { continue };
        let told = particle.flying.remove(&(from, *id)).unwrap_or_default();
        let program = particle.header.header.program;
        for (peer, _) in told.iter().filter(|(peer, _)| *peer == from) {
            core.programs.seen_at(*peer, program);
        }
        if let Some(run) = &mut particle.run {
            told.iter().for_each(|(peer, heads)| run.heard(*peer, heads));
        }
    }
}

fn refused(core: &mut Core, particles: &mut Particles, now: Time, from: PeerId, nack: &Nack) {
    if nack.retry_after > 0 {
        let until = now.after(u64::from(nack.retry_after));
        if postpone(core, from, nack, until) {
            return;
        }
    }
    let Some(refused) = core.link(from).refused(nack.parcel, nack.destination) else { return };
    if refused.gone {
        core.change(keep::no_parcel(&from, nack.parcel));
        core.settled(refused.parcel.forwarded, from);
    }
    let (by, reason, id) = (nack.destination, nack.reason, refused.parcel.particle);
    if let Some(handle) = refused.parcel.forwarded {
        core.refuse(handle, by, reason, nack.retry_after);
        return;
    }
    core.report(Report::Refused { by, reason, particle: id });
    if reason == Reason::NotRelayed {
        core.not_relayed(from, by);
    }
    let Some(particle) = particles.get(&id) else { return };
    particle.flying.remove(&(from, nack.parcel));
    if reason == Reason::Missing {
        let other = particle.other(by);
        if other.wants < MOST_WANTS {
            other.wants += START_OVER;
            start_over(core, particle, from, by);
            return;
        }
        let detail = "it has forgotten too often";
        core.dropped(Reason::Quota, Some(id), Some(from), detail);
    }
    particle.other(by).refused = Some(reason);
    let mine = particle.initiator() == core.me && refused.left_once && by == from;
    if mine && reason.is_before_anything() && reach::came_back(particle) {
        particles.settle(core, &id);
    }
}

/// One of a parcel's destinations has no room now: its part goes again later. Says whether the
/// parcel was here.
fn postpone(core: &mut Core, from: PeerId, nack: &Nack, until: Time) -> bool {
    let Some(parcel) = core.links.get(&from).and_then(|link| link.parcel(nack.parcel)) else {
        return false;
    };
    if !parcel.destinations.contains(&nack.destination) {
        return false;
    }
    if parcel.destinations.len() == 1 {
        return core.link(from).postpone(nack.parcel, until);
    }
    // The others have it, and their acknowledgement would take this part with it.
    let (forwarded, of) = (parcel.forwarded, parcel.of);
    let Ok(Frame::Push(whole)) = decode_whole(&parcel.bytes) else { return false };
    let Some(branch) = route::only(&whole, from, nack.destination) else { return false };
    let id = core.frame_id();
    let Branch { take, hops, items, .. } = branch;
    core.link(from).refused(nack.parcel, nack.destination);
    if let Some(handle) = forwarded.filter(|_| core.config.durability == Durability::Volatile) {
        core.owed.add(handle, Part { behind: from, destinations: [nack.destination].into() });
    }
    core.post(from, Push { id, take, hops, items, ..whole }, forwarded, of);
    core.link(from).postpone(id, until)
}

/// The other has forgotten the particle: everything goes again.
fn start_over(
    core: &mut Core,
    particle: &mut crate::particle::Particle,
    first: PeerId,
    to: PeerId,
) {
    let Some(run) = &particle.run else { return };
    let turns = run.history().authors().map(|author| (*author, 1)).collect();
    let values = particle.other(to).values.iter().copied().collect();
    let want = Want { header: true, program: true, turns, values };
    let way = particle.other(to).way.clone();
    let path = way.unwrap_or_else(|| if first == to { vec![to] } else { vec![first, to] });
    deliver::answer(core, particle, to, path, &want);
}
