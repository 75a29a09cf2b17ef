//! What a parcel lacks is asked for; what must not be is refused.

use std::cell::Cell;
use std::rc::Rc;

use aquac_ir::PeerId;
use aquac_peer::vm::sign_header;
use aquac_peer::{Ending, Reason};
use aquac_sim::adversary::Rewriter;
use aquac_sim::{Setup, Signing, World};

use crate::stage::{MANY, assert_once, calls, chain, finish, returned, services, start};
use aquac_peer::wire::Item;

const SERVICES: &str = r#"[["bank/s/f",{"ok":700}],["*","echo"]]"#;

fn three() -> Setup {
    Setup::new(&["client", "bank", "telco"], 1)
}

/// The first time that this peer sends such an item, it is lost.
fn loses_once(who: &str, what: impl Fn(&Item) -> bool + 'static) -> World {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let peer = world.names.id(who).unwrap();
    let lost = Cell::new(false);
    let rewrite = move |_: PeerId, mut items: Vec<Item>| {
        if !lost.get() {
            let before = items.len();
            items.retain(|item| !what(item));
            lost.set(items.len() < before);
        }
        items
    };
    world.tamper(Box::new(Rewriter::new(peer, rewrite)));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    returned(&world, id);
    assert_eq!(calls(&world), [r#"bank: f("begin")"#, "telco: f(700)"]);
    assert_once(&world);
    world
}

#[test]
fn a_header_that_is_lost_comes_again() {
    let world = loses_once("client", |item| matches!(item, Item::Header(_)));
    let bank = world.names.id("bank").unwrap();
    assert_eq!(world.trace.refusals(bank).next(), Some(Reason::Missing));
}

#[test]
fn a_program_that_is_lost_is_asked_for() {
    loses_once("client", |item| matches!(item, Item::Program(_)));
    loses_once("bank", |item| matches!(item, Item::Program(_)));
}

#[test]
fn a_turn_that_is_lost_is_asked_for() {
    let bank = Signing::Ed25519.keys("bank").signer.peer();
    // Its own turn shows the client that there is another.
    let world = loses_once(
        "telco",
        move |item| matches!(item, Item::Turn(turn) if turn.body.author == bank),
    );
    let client = world.names.id("client").unwrap();
    assert!(world.trace.refusals(client).next().is_none());
}

#[test]
fn a_value_that_is_lost_is_asked_for() {
    loses_once("bank", |item| matches!(item, Item::Value(_)));
    loses_once("telco", |item| matches!(item, Item::Value(_)));
}

#[test]
fn one_who_has_lost_everything_is_told_everything_again() {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[]), ("bank", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    let bank = world.names.id("bank").unwrap();
    // Telco has got the bank's answer, and the bank's disk burns.
    while calls(&world).len() < 2 {
        world.run_until_quiet(world.elapsed() + 1, MANY);
    }
    world.burn(bank);
    world.restart(bank);
    finish(&mut world);
    returned(&world, id);
    assert_eq!(calls(&world).len(), 3);
    assert_once(&world);
}

#[test]
fn an_initiator_is_sent_what_it_wrote_only_if_it_has_lost_it() {
    for (loses, copies) in [(false, 0), (true, 1)] {
        let setup = three();
        let mut world = World::new(&setup, services(SERVICES));
        let [client, telco] = ["client", "telco"].map(|name| world.names.id(name).unwrap());
        let counted = Rc::new(Cell::new([0, 0]));
        let counts = counted.clone();
        let count = move |to: PeerId, items: Vec<Item>| {
            let [headers, programs] = counts.get();
            let of = |what: fn(&Item) -> bool| items.iter().filter(|item| what(item)).count();
            if to == client {
                counts.set([
                    headers + of(|item| matches!(item, Item::Header(_))),
                    programs + of(|item| matches!(item, Item::Program(_))),
                ]);
            }
            items
        };
        world.tamper(Box::new(Rewriter::new(telco, count)));
        let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
        let id = start(&mut world, "client", program, vec![]);
        while calls(&world).len() < 2 {
            world.run_until_quiet(world.elapsed() + 1, MANY);
        }
        if loses {
            world.burn(client);
            world.restart(client);
        }
        finish(&mut world);
        returned(&world, id);
        assert_eq!(counted.get(), [copies, copies]);
        assert_once(&world);
    }
}

/// The client changes what it sends; gives the bank's first refusal.
fn refused(change: impl Fn(Item) -> Item + 'static) -> Option<Reason> {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let client = world.names.id("client").unwrap();
    let rewrite = move |_: PeerId, items: Vec<Item>| items.into_iter().map(&change).collect();
    world.tamper(Box::new(Rewriter::new(client, rewrite)));
    let program = chain(&setup, &[("bank", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    world.run_until_quiet(1_000, MANY);
    assert!(!matches!(world.trace.endings.get(&id), Some(Ending::Returned(_))));
    assert_eq!(calls(&world), [] as [&str; 0]);
    let bank = world.names.id("bank").unwrap();
    world.trace.refusals(bank).next()
}

#[test]
fn a_header_that_was_changed_is_refused() {
    let changed = refused(|mut item| {
        if let Item::Header(signed) = &mut item {
            signed.header.ttl += 1;
        }
        item
    });
    assert_eq!(changed, Some(Reason::BadHeaderSignature));
    let signed_again = refused(|mut item| {
        if let Item::Header(signed) = &mut item {
            signed.header.ttl += 1;
            let keys = Signing::Ed25519.keys("client");
            *signed = sign_header(signed.header.clone(), &*keys.signer);
        }
        item
    });
    assert_eq!(signed_again, Some(Reason::Malformed));
    let another_network = refused(|mut item| {
        if let Item::Header(signed) = &mut item {
            signed.header.network = "elsewhere".to_owned();
        }
        item
    });
    assert_eq!(another_network, Some(Reason::OtherNetwork));
}

#[test]
fn another_program_than_the_header_names_is_refused() {
    let changed = refused(|item| match item {
        Item::Program(mut bytes) => {
            bytes.push(0);
            Item::Program(bytes)
        }
        Item::Header(_)
        | Item::Turn(_)
        | Item::Value(_)
        | Item::Knows(_)
        | Item::Want(_)
        | Item::Have(_) => item,
    });
    assert_eq!(changed, Some(Reason::BadProgram));
}

#[test]
fn a_run_that_lives_too_long_is_refused() {
    let mut setup = three();
    setup.limits.ttl = 10_000;
    let mut world = World::new(&setup, services(SERVICES));
    let program = chain(&setup, &[("bank", &[])]);
    start(&mut world, "client", program, vec![]);
    world.run_until_quiet(1_000, MANY);
    let bank = world.names.id("bank").unwrap();
    assert_eq!(world.trace.refusals(bank).next(), Some(Reason::TtlTooLong));
}
