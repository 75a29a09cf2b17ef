//! Bytes that are not here: of whom they are asked, and of whom next.

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::{Digest, PeerId};
use aquac_vm::{Run, WaitsFor};

use crate::admit::Maker;
use crate::deliver;
use crate::particle::Particle;
use crate::shared::Core;
use crate::wire::{MAX_LIST, Want};

/// After this long, in milliseconds, what was asked of one is asked of another who has it.
pub(crate) const PATIENCE: u64 = 2_000;

/// Values of one run of which it is remembered who has them. More are asked for once.
const MOST_OFFERS: usize = 1024;

/// Others who have a value, beside the one who was asked.
const MOST_OTHERS: usize = 8;

/// A value that was offered and asked for.
#[derive(Debug)]
struct Asked {
    of: PeerId,
    /// Who else has it.
    others: Vec<Maker>,
}

/// Values of one run that are not here, and those that were not.
#[derive(Debug, Default)]
pub(crate) struct Lacking {
    /// Large values that somebody else made.
    pub(crate) came_large: BTreeSet<Digest>,
    /// Values that were offered and asked for.
    asked: BTreeMap<Digest, Asked>,
    /// Values that were missed in what somebody sent, and asked of it.
    missed: BTreeSet<(PeerId, Digest)>,
}

/// The maker of a parcel has these: what is not here and was asked of nobody is asked for. Says
/// whether it was.
pub(crate) fn offered(
    core: &mut Core,
    particle: &mut Particle,
    maker: &Maker,
    haves: Vec<Digest>,
) -> bool {
    let mut wanted = Vec::new();
    for digest in haves.into_iter().take(MAX_LIST) {
        if is_here(particle, &digest) {
            continue;
        }
        let asked_for = &mut particle.lacking.get_or_insert_default().asked;
        let room = asked_for.len() < MOST_OFFERS;
        match asked_for.get_mut(&digest) {
            Some(asked) if asked.others.len() < MOST_OTHERS => asked.others.push(maker.clone()),
            Some(_) => {}
            None if room => {
                let asked = Asked { of: maker.peer, others: Vec::new() };
                asked_for.insert(digest, asked);
                wanted.push(digest);
            }
            None => {}
        }
    }
    ask(core, particle, maker, wanted)
}

/// A parcel that led to nothing: perhaps a value is missing that its maker has.
pub(crate) fn bytes(core: &mut Core, particle: &mut Particle, maker: &Maker) {
    let Some(run) = &particle.run else { return };
    let me = core.me;
    let mut wanted: Vec<Digest> = run
        .waiting()
        .into_iter()
        .filter(|waiting| waiting.place.is_none_or(|place| place == me))
        .filter_map(|waiting| match waiting.waits_for {
            WaitsFor::Bytes(digest) => Some(digest),
            WaitsFor::Place
            | WaitsFor::Value
            | WaitsFor::Element
            | WaitsFor::Elements { .. }
            | WaitsFor::NoPeer(_)
            | WaitsFor::Forever => None,
        })
        .collect();
    if wanted.is_empty() {
        return;
    }
    let Lacking { asked, missed, .. } = &mut **particle.lacking.get_or_insert_default();
    wanted.retain(|digest| {
        let room = missed.len() < MOST_OFFERS && !asked.contains_key(digest);
        room && missed.insert((maker.peer, *digest))
    });
    wanted.truncate(MAX_LIST);
    ask(core, particle, maker, wanted);
}

/// What did not come is asked of the next who has it. Says whether something was.
pub(crate) fn again(core: &mut Core, particle: &mut Particle) -> bool {
    let mut next: Vec<(Digest, Maker)> = Vec::new();
    let Some(lacking) = &mut particle.lacking else { return false };
    let run = &particle.run;
    let came = |digest: &Digest| run.as_ref().is_some_and(|run| run.value(digest).is_some());
    lacking.asked.retain(|digest, _| !came(digest));
    for (digest, asked) in &mut lacking.asked {
        if let Some(maker) = asked.others.pop() {
            asked.of = maker.peer;
            next.push((*digest, maker));
        }
    }
    for (digest, maker) in &next {
        ask(core, particle, maker, vec![*digest]);
    }
    !next.is_empty()
}

fn is_here(particle: &Particle, digest: &Digest) -> bool {
    let here = |run: &Run| run.value(digest).is_some();
    particle.run.as_deref().is_some_and(here)
}

fn ask(core: &mut Core, particle: &mut Particle, maker: &Maker, wanted: Vec<Digest>) -> bool {
    if wanted.is_empty() {
        return false;
    }
    let want = Want { values: wanted, ..Want::default() };
    deliver::ask(core, particle, maker.way.clone(), want);
    true
}
