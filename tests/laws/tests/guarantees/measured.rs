//! A program over simulated peers, and what it cost: frames, the longest chain of them, bytes.

use std::collections::BTreeMap;

use aquac_ir::{Limits, Value, encode};
use aquac_lowering::Lowered;
use aquac_peer::Ending;
use aquac_sim::{Answer, Delay, Fault, Script, Setup, Signing, World};

use crate::programs::{LISTED, PEERS};

/// Milliseconds that every frame takes where links are alike; far more than it takes to dial.
const LINK: u64 = 200;
/// Calls of one function of one peer whose answers take times of their own.
const LATE_ANSWERS: u64 = 8;
/// After so many frames one after the other, or milliseconds, a run is stuck.
const TTL: u32 = 60_000;
const MAX_EVENTS: u64 = 1_000_000;

/// How long frames take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// All the same.
    Alike,
    /// Anything, from this number.
    Chance(u64),
}

/// What a run cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Frames over links.
    pub(crate) hops: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// How many frames follow each other until the result is there; nothing if links differ.
    pub(crate) chain: Option<u64>,
    /// Who sent to whom.
    pub(crate) ways: String,
}

/// Runs a program with these answers to its two questions and all listed peers; `None` if it gives
/// no result.
pub(crate) fn measure(
    lowered: &Lowered,
    (c, d): (bool, bool),
    listed: usize,
    links: Links,
) -> Option<Measured> {
    let seed = match links {
        Links::Alike => 0,
        Links::Chance(seed) => seed,
    };
    let names = ["init", "relay"].iter().chain(&PEERS).chain(&LISTED).copied();
    let mut setup = Setup::new(&names.collect::<Vec<_>>(), seed);
    setup.signing = Signing::Unchecked;
    setup.relays = BTreeMap::from([("init".to_owned(), "relay".to_owned())]);
    let ms = match links {
        Links::Alike => (LINK, LINK),
        Links::Chance(_) => (1, LINK),
    };
    let all = || "*".to_owned();
    setup.faults = vec![Fault::Delay { delay: Delay { from: all(), to: all(), ms } }];
    let answer = match links {
        Links::Alike => Answer::Ok(Value::text("answer")),
        Links::Chance(seed) => {
            Answer::Seq((1..=LATE_ANSWERS).map(|number| late(seed, number)).collect())
        }
    };
    let services = Script::new(vec![("*/*/*".to_owned(), answer)]);
    let mut world = World::new(&setup, Box::new(services));
    let ids: BTreeMap<&str, Value> = PEERS
        .iter()
        .chain(&LISTED)
        .map(|name| (*name, world.names.id(name).expect("it is one of the peers").to_string()))
        .map(|(name, id)| (name, Value::text(&id)))
        .collect();
    let id = |name: &str| ids.get(name).cloned().unwrap_or(Value::Null);
    let mut args: Vec<Value> = PEERS.iter().map(|name| id(name)).collect();
    let list = LISTED.iter().take(listed).map(|name| id(name)).collect();
    args.extend([Value::array(list).expect("it nests once"), c.into(), d.into()]);
    let init = world.names.id("init")?;
    let run = world.run(init, encode(&lowered.program), args, TTL, Limits::default())?;
    let chain = (links == Links::Alike).then(|| until_it_ends(&mut world, run));
    world.run_until_quiet(u64::from(TTL) - 1, MAX_EVENTS);
    if !matches!(world.trace.endings.get(&run), Some(Ending::Returned(_))) {
        return None;
    }
    let way = |message: &aquac_sim::Message| {
        format!("{}>{} ", world.names.name(message.from), world.names.name(message.to))
    };
    Some(Measured {
        hops: world.trace.messages.len() as u64,
        bytes: world.trace.bytes() as u64,
        chain: chain.flatten(),
        ways: world.trace.messages.iter().map(way).collect(),
    })
}

/// The answer to a call, after some time.
fn late(seed: u64, number: u64) -> Answer {
    // Any odd number mixes well enough.
    let mixed = (seed + 1).wrapping_mul(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    Answer::Delayed { delay: mixed % (2 * LINK), then: Box::new(Answer::Ok(Value::text("answer"))) }
}

/// How many links far the result is; dialling takes less than half of one in all.
fn until_it_ends(world: &mut World, run: aquac_ir::ParticleId) -> Option<u64> {
    (0..u64::from(TTL) / LINK).find(|links| {
        world.run_until(links * LINK + LINK / 2);
        world.trace.endings.contains_key(&run)
    })
}
