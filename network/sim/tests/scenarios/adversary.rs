//! A peer with a valid key of its own that changes what it passes on: the next hop refuses each
//! change with its own reason.

use aquac_ir::{Digest, Node, NodeId, PeerId, Salt, Value};
use aquac_peer::vm::{Entry, Record, SaltedValue, SignedTurn};
use aquac_peer::wire::Item;
use aquac_peer::{Reason, Report};
use aquac_sim::adversary::Rewriter;
use aquac_sim::{Setup, Signing, World};

use crate::stage::{Author, assert_once, calls, chain, services, start};

/// The middle peer of a chain changes what it sends to the last. Gives the reasons of the last,
/// and the calls that were made.
fn middle_changes(
    rewrite: impl Fn(PeerId, Vec<Item>) -> Vec<Item> + 'static,
) -> (Vec<Reason>, Vec<String>) {
    let setup = Setup::new(&["client", "bank", "middle", "telco"], 1);
    let script = r#"[["bank/s/f",{"ok":700}],["middle/s/f","args"],["*/s/f","echo"]]"#;
    let mut world = World::new(&setup, services(script));
    let middle = world.names.id("middle").unwrap();
    world.tamper(Box::new(Rewriter::new(middle, move |_, items| rewrite(middle, items))));
    let program = chain(&setup, &[("bank", &[]), ("middle", &[]), ("telco", &[])]);
    start(&mut world, "client", program, vec![]);
    world.run_until_quiet(10_000, 100_000);
    assert_once(&world);
    let telco = world.names.id("telco").unwrap();
    (world.trace.refusals(telco).collect(), calls(&world))
}

/// Applies a change to each turn of this author, and signs it with the middle peer's key.
fn change_turns(
    items: Vec<Item>,
    of: impl Fn(&SignedTurn) -> bool,
    change: impl Fn(&mut SignedTurn),
    sign: bool,
) -> Vec<Item> {
    let keys = Signing::Ed25519.keys("middle");
    let changed = |mut item: Item| {
        if let Item::Turn(turn) = &mut item
            && of(turn)
        {
            change(turn);
            if sign {
                *turn = SignedTurn::sign(turn.body.clone(), &*keys.signer);
            }
        }
        item
    };
    items.into_iter().map(changed).collect()
}

fn first_record(turn: &mut SignedTurn) -> &mut Record {
    turn.body
        .entries
        .iter_mut()
        .find_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            Entry::Saw { .. } => None,
        })
        .expect("every turn here has a record")
}

const HONEST: [&str; 3] = [r#"bank: f("begin")"#, "middle: f(700)", "telco: f([700])"];

#[test]
fn an_honest_middle_is_refused_nothing() {
    let (reasons, calls) = middle_changes(|_, items| items);
    assert_eq!(reasons, []);
    assert_eq!(calls, HONEST);
}

#[test]
fn another_result_for_another_peer_has_no_good_signature() {
    let (reasons, calls) = middle_changes(|middle, items| {
        let lie = SaltedValue { value: Value::from(800_i64), salt: Salt([1; 16]) };
        let digest = lie.digest();
        let mut items = change_turns(
            items,
            |turn| turn.body.author != middle,
            |turn| first_record(turn).outcome = Ok(digest),
            false,
        );
        items.push(Item::Value(lie));
        items
    });
    assert_eq!(reasons[0], Reason::BadTurnSignature);
    assert_eq!(calls, HONEST[..2]);
}

#[test]
fn signing_somebody_elses_turn_with_ones_own_key_does_not_help() {
    let (reasons, calls) = middle_changes(|middle, items| {
        change_turns(items, |turn| turn.body.author != middle, |_| {}, true)
    });
    assert_eq!(reasons[0], Reason::BadTurnSignature);
    assert_eq!(calls, HONEST[..2]);
}

#[test]
fn another_value_under_the_same_digest_is_refused() {
    let (reasons, calls) = middle_changes(|_, items| {
        let change = |mut item: Item| {
            if let Item::Value(salted) = &mut item
                && salted.value != Value::text("begin")
            {
                salted.value = Value::from(800_i64);
            }
            item
        };
        items.into_iter().map(change).collect()
    });
    assert_eq!(reasons[0], Reason::WrongValue);
    assert_eq!(calls, HONEST[..2]);
}

#[test]
fn a_record_with_other_arguments_than_the_program_gives_is_refused() {
    let (reasons, calls) = middle_changes(|middle, items| {
        change_turns(
            items,
            |turn| turn.body.author == middle,
            |turn| first_record(turn).arguments = Digest([9; 32]),
            true,
        )
    });
    assert_eq!(reasons[0], Reason::WrongArguments);
    assert_eq!(calls, HONEST[..2]);
}

#[test]
fn a_record_at_somebody_elses_position_is_refused() {
    let (reasons, calls) = middle_changes(|middle, items| {
        change_turns(
            items,
            |turn| turn.body.author == middle,
            |turn| {
                let position = &mut first_record(turn).position;
                position.node = NodeId(position.node.0 + 1);
            },
            true,
        )
    });
    assert_eq!(reasons[0], Reason::WrongPosition);
    assert_eq!(calls, HONEST[..2]);
}

#[test]
fn a_record_that_claims_to_stand_before_what_it_rests_on_is_refused() {
    let (reasons, calls) = middle_changes(|middle, items| {
        change_turns(
            items,
            |turn| turn.body.author == middle,
            |turn| turn.body.entries.reverse(),
            true,
        )
    });
    assert_eq!(reasons[0], Reason::WrongOrder);
    assert_eq!(calls, HONEST[..2]);
}

/// `on B: x <- f()`, `par: on C: f(x) / on D: f(x)`, and both results at the client.
fn fork_and_join(setup: &Setup) -> Vec<u8> {
    let mut author = Author::new(setup);
    let [b, c, d] = ["B", "C", "D"].map(|name| author.place(name, &[]));
    let client = author.place("client", &[]);
    let seq = author.builder.open(Node::Seq(0));
    let x = author.call(b, "f", &[]);
    let x = author.read(x);
    let par = author.builder.open(Node::Par(0));
    let y = author.call(c, "f", &[x]);
    let z = author.call(d, "f", &[x]);
    author.builder.close(par);
    let (y, z) = (author.read(y), author.read(z));
    let both = author.call(client, "f", &[y, z]);
    let both = author.read(both);
    author.give_back(&[both]);
    author.builder.close(seq);
    author.finish()
}

#[test]
fn one_who_tells_two_stories_is_found_out_where_they_meet() {
    let mut setup = Setup::new(&["client", "B", "C", "D"], 1);
    setup.faults = serde_json::from_str(r#"[{"equivocate":"B"}]"#).unwrap();
    let mut world = World::new(&setup, services(r#"[["*","args"]]"#));
    let id = start(&mut world, "client", fork_and_join(&setup), vec![]);
    world.run_until_quiet(10_000, 100_000);
    let found: Vec<PeerId> = world
        .trace
        .reports
        .iter()
        .filter(|(_, report)| {
            matches!(report, Report::Dropped { reason: Reason::Equivocation, .. })
        })
        .map(|(peer, _)| *peer)
        .collect();
    assert!(found.contains(&world.names.id("client").unwrap()), "{:#?}", world.trace.reports);
    // What rests on the void turn does not go on.
    assert_eq!(world.trace.endings.get(&id), None);
    let client = world.peer(world.names.id("client").unwrap()).unwrap();
    let fork = client.run(&id).unwrap().forks().next().unwrap();
    assert_eq!((fork.author, fork.number), (world.names.id("B").unwrap(), 1));
    assert_once(&world);
}

#[test]
fn a_lie_about_ones_own_service_is_signed_and_goes_through() {
    let mut setup = Setup::new(&["client", "B", "C", "D"], 1);
    setup.faults = serde_json::from_str(r#"[{"lie":{"peer":"B","service":"s"}}]"#).unwrap();
    let mut world = World::new(&setup, services(r#"[["*","args"]]"#));
    let id = start(&mut world, "client", fork_and_join(&setup), vec![]);
    world.run_until_quiet(10_000, 100_000);
    let result = crate::stage::returned(&world, id);
    assert_eq!(result[0].to_string(), r#"[["a lie"],["a lie"]]"#);
}

#[test]
fn a_turn_that_is_left_out_is_asked_for() {
    let (reasons, calls) = middle_changes(|middle, items| {
        let keep = |item: &Item| !matches!(item, Item::Turn(turn) if turn.body.author != middle);
        items.into_iter().filter(keep).collect()
    });
    // The middle peer's own turn says that it saw the missing one. Asked, it leaves it out again.
    assert!(!reasons.contains(&Reason::Duplicate));
    assert_eq!(calls, HONEST[..2]);
}
