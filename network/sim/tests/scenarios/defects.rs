//! What went wrong in systems before this one: each has a sentence here.

use std::cell::RefCell;
use std::rc::Rc;

use aquac_ir::{Limits, PeerId};
use aquac_peer::wire::Item;
use aquac_peer::{AllowAll, Config, Ending, Keys, Peer, PeerLimits, Reason, Time};
use aquac_sim::adversary::Rewriter;
use aquac_sim::{Setup, Signing, World};

use crate::stage::{MANY, assert_once, chain, finish, returned, services, start};

const ECHO: &str = r#"[["*","echo"]]"#;

fn two(limits: PeerLimits) -> Setup {
    let mut setup = Setup::new(&["client", "bank"], 1);
    setup.limits = limits;
    setup
}

/// A full channel dropped what was to be sent (D-5).
#[test]
fn however_much_is_to_be_sent_nothing_is_dropped() {
    let setup = two(PeerLimits { particles: 40, ..PeerLimits::default() });
    let mut world = World::new(&setup, services(ECHO));
    let program = chain(&setup, &[("bank", &[])]);
    let client = world.names.id("client").unwrap();
    // More than the bank has room for: it refuses, and they come again when others have ended.
    let mut runs = Vec::new();
    for _ in 0..40 {
        let run = world.run(client, program.clone(), vec![], 2_000, Limits::default());
        runs.extend(run);
    }
    finish(&mut world);
    runs.iter().for_each(|id| drop(returned(&world, *id)));
    assert_eq!(runs.len(), 40);
    assert_once(&world);
}

/// A pool lost a place for ever when something failed in it (D-9), and calls outlived their run
/// (D-4).
#[test]
fn a_call_that_is_never_answered_gives_its_place_back_at_the_deadline() {
    let setup = two(PeerLimits { calls: 1, ..PeerLimits::default() });
    let script = r#"[["bank/s/f",{"seq":[{"delay_ms":100000000,"then":"echo"},"echo"]}]]"#;
    let mut world = World::new(&setup, services(script));
    let program = chain(&setup, &[("bank", &[])]);
    let client = world.names.id("client").unwrap();
    let first = world.run(client, program.clone(), vec![], 1_000, Limits::default()).unwrap();
    let second = world.run(client, program, vec![], 20_000, Limits::default()).unwrap();
    world.run_until_quiet(1_500, MANY);
    assert!(matches!(world.trace.endings.get(&first), Some(Ending::Expired { .. })));
    returned(&world, second);
}

/// Dumps and left-overs filled the disk (D-12), groups and timers were never released (D-16),
/// nothing was swept (D-24).
#[test]
fn of_what_has_ended_nothing_stays() {
    let setup = two(PeerLimits { skew: 100, ..PeerLimits::default() });
    let script = r#"[["bank/s/f",{"seq":["echo",{"err":[1,"no"]},{"delay_ms":5000,"then":"echo"},{"raw":"{"}]}]]"#;
    let mut world = World::new(&setup, services(script));
    let program = chain(&setup, &[("bank", &[])]);
    let client = world.names.id("client").unwrap();
    for _ in 0..8 {
        world.run(client, program.clone(), vec![], 1_000, Limits::default()).unwrap();
        world.run_until(world.elapsed() + 50);
    }
    world.run_until(5_000);
    for name in ["client", "bank"] {
        let id = world.names.id(name).unwrap();
        let peer = world.peer(id).unwrap();
        assert_eq!(peer.particles(), []);
        assert!(peer.activity().is_quiet());
        assert_eq!(world.stored(id), [], "{name}");
    }
}

/// A file that could not be read counted as empty (D-24).
#[test]
fn a_store_that_cannot_be_read_is_no_empty_store() {
    let setup = two(PeerLimits::default());
    let script = r#"[["bank/s/f",{"delay_ms":500,"then":"echo"}]]"#;
    let mut world = World::new(&setup, services(script));
    start(&mut world, "client", chain(&setup, &[("bank", &[])]), vec![]);
    world.run_until(100);
    let pairs = world.stored(world.names.id("bank").unwrap());
    assert!(pairs.len() >= 3, "header, program and intent");
    let restored = |pairs| {
        let keys = Keys::ed25519(aquac_ir::development_seed("bank"));
        Peer::restore(Config::new("sim"), keys, Box::new(AllowAll), Time(1_700_000_000_100), pairs)
    };
    assert!(restored(pairs.clone()).is_ok());
    for at in 0..pairs.len() {
        let mut torn = pairs.clone();
        if torn[at].1.is_empty() {
            continue;
        }
        let half = torn[at].1.len() / 2;
        torn[at].1.truncate(half);
        // A program that is damaged is asked for again; everything else stops the start.
        let is_program = torn[at].0[0] == b'g';
        assert_eq!(restored(torn).is_ok(), is_program, "pair {at}");
    }
}

/// Results of one run could be used in another of the same name (threat 7).
#[test]
fn a_turn_of_one_run_is_worth_nothing_in_another() {
    let setup = Setup::new(&["client", "bank", "middle", "telco"], 1);
    let mut world =
        World::new(&setup, services(r#"[["bank/s/f",{"seq":[{"ok":1},{"ok":2}]}],["*","args"]]"#));
    let (bank, middle) = (world.names.id("bank").unwrap(), world.names.id("middle").unwrap());
    // The middle peer keeps the bank's first turn and its value, and shows them ever after.
    let kept: Rc<RefCell<Vec<Item>>> = Rc::default();
    let rewrite = move |_: PeerId, items: Vec<Item>| {
        let mut kept = kept.borrow_mut();
        let of_bank = |item: &Item| matches!(item, Item::Turn(turn) if turn.body.author == bank);
        if kept.is_empty() {
            kept.extend(items.iter().filter(|item| of_bank(item)).cloned());
            return items;
        }
        let others = items.into_iter().filter(|item| !of_bank(item));
        others.chain(kept.iter().cloned()).collect()
    };
    world.tamper(Box::new(Rewriter::new(middle, rewrite)));
    let program = chain(&setup, &[("bank", &[]), ("middle", &[]), ("telco", &[])]);
    let first = start(&mut world, "client", program.clone(), vec![]);
    finish(&mut world);
    returned(&world, first);
    start(&mut world, "client", program, vec![]);
    world.run_until_quiet(2_000, MANY);
    let telco = world.names.id("telco").unwrap();
    assert!(world.trace.refusals(telco).any(|reason| reason == Reason::BadTurnSignature));
    assert_eq!(world.trace.calls.iter().filter(|asked| asked.peer == telco).count(), 1);
}

/// Two processes with one key contradicted each other (threat 20).
#[test]
fn a_peer_that_lost_its_store_goes_on_with_the_turns_that_come_back() {
    for at in 1..25 {
        let setup = Setup::new(&["client", "bank", "telco"], 1);
        let script = r#"[["*",{"delay_ms":2,"then":"args"}]]"#;
        let mut world = World::new(&setup, services(script));
        let bank: &[&str] = &[];
        let program = chain(&setup, &[("bank", bank), ("telco", bank), ("bank", bank)]);
        let id = start(&mut world, "client", program, vec![]);
        world.run_until(at);
        let peer = world.names.id("bank").unwrap();
        world.burn(peer);
        world.restart(peer);
        world.run_until_quiet(50_000, MANY);
        let forked = |id: &PeerId| world.trace.refusals(*id).any(|r| r == Reason::Equivocation);
        if world.trace.endings.contains_key(&id) {
            returned(&world, id);
        }
        assert!(!world.peers().map(Peer::id).any(|id| forked(&id)), "at {at}");
    }
}

/// A sender learned nothing (R-10): each refusal goes back with its reason.
#[test]
fn every_refusal_reaches_the_one_who_sent() {
    let mut setup = two(PeerLimits::default());
    setup.faults = serde_json::from_str(r#"[{"skew":{"peer":"client","ms":60000}}]"#).unwrap();
    let mut world = World::new(&setup, services(ECHO));
    let program = chain(&setup, &[("bank", &[])]);
    start(&mut world, "client", program, vec![]);
    world.run_until_quiet(1_000, MANY);
    let told = world.trace.reports.iter().any(|(at, report)| {
        *at == Signing::Ed25519.keys("client").signer.peer()
            && matches!(report, aquac_peer::Report::Refused { reason: Reason::ClockSkew, .. })
    });
    assert!(told, "{:#?}", world.trace.reports);
    // And each of them has heard how far the clocks are apart.
    let apart: Vec<i64> = world
        .trace
        .reports
        .iter()
        .filter_map(|(_, report)| match report {
            aquac_peer::Report::ClockDiffers { milliseconds, .. } => Some(*milliseconds),
            aquac_peer::Report::Dropped { .. }
            | aquac_peer::Report::Refused { .. }
            | aquac_peer::Report::Sent { .. }
            | aquac_peer::Report::Received { .. }
            | aquac_peer::Report::Acknowledged { .. }
            | aquac_peer::Report::Sealed { .. }
            | aquac_peer::Report::Unreachable { .. } => None,
        })
        .collect();
    assert!(apart.iter().any(|ms| *ms > 50_000) && apart.iter().any(|ms| *ms < -50_000));
}
