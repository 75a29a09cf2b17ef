//! The straight way: a client, a bank and a phone company.

use aquac_ir::{Limits, Value};
use aquac_peer::Ending;
use aquac_sim::{Setup, Signing, World};

use crate::stage::{assert_once, calls, chain, finish, hops, returned, services, start};

const SERVICES: &str = r#"[["bank/s/f",{"ok":700}],["telco/s/f","args"],["*","echo"]]"#;

fn three() -> Setup {
    Setup::new(&["client", "bank", "telco"], 1)
}

#[test]
fn the_answer_goes_straight_on_and_the_client_gets_one_message() {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    assert_eq!(hops(&world), ["client->bank", "bank->telco", "telco->client"]);
    assert_eq!(calls(&world), [r#"bank: f("begin")"#, "telco: f(700)"]);
    assert_eq!(returned(&world, id), [Value::array(vec![700_i64.into()]).unwrap()]);
    assert_once(&world);
    // One turn of each peer that did something: the client's is its result.
    let authors: Vec<String> =
        world.trace.turns.iter().map(|(peer, _)| world.names.name(*peer)).collect();
    assert_eq!(authors, ["bank", "telco", "client"]);
}

#[test]
fn a_relay_forwards_and_does_nothing_else() {
    let mut setup = Setup::new(&["client", "relay", "bank", "telco"], 1);
    setup.clients.insert("client".to_owned(), "relay".to_owned());
    let mut world = World::new(&setup, services(SERVICES));
    world.run_until_quiet(10, 1000);
    let program = chain(&setup, &[("bank", &[]), ("telco", &["relay"])]);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    assert_eq!(
        hops(&world),
        [
            "client->relay",
            "relay->bank",
            "bank->relay",
            "relay->telco",
            "telco->relay",
            "relay->client"
        ]
    );
    returned(&world, id);
    let relay = world.peer(world.names.id("relay").unwrap()).unwrap();
    assert!(relay.run(&id).is_none());
    assert_eq!(relay.counters().turns, 0);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let history = |seed| {
        let mut setup = three();
        setup.seed = seed;
        setup.faults = serde_json::from_str(
            r#"[{"delay":{"ms":[1,50]}},{"duplicate":{"p":0.3}},{"drop":{"p":0.2}}]"#,
        )
        .unwrap();
        let mut world = World::new(&setup, services(SERVICES));
        let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
        start(&mut world, "client", program, vec![]);
        finish(&mut world);
        format!("{:?}", world.trace)
    };
    assert_eq!(history(7), history(7));
    assert_ne!(history(7), history(8));
}

#[test]
fn without_keys_the_same_happens() {
    let mut setup = three();
    setup.signing = Signing::Unchecked;
    let mut world = World::new(&setup, services(SERVICES));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    assert_eq!(hops(&world), ["client->bank", "bank->telco", "telco->client"]);
    returned(&world, id);
}

#[test]
fn a_value_that_is_larger_than_a_frame_arrives() {
    let setup = three();
    let large = "x".repeat(1_000_000);
    let script = format!(r#"[["bank/s/f",{{"ok":"{large}"}}],["*","echo"]]"#);
    let mut world = World::new(&setup, services(&script));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    assert_eq!(hops(&world), ["client->bank", "bank->telco", "telco->client"]);
    assert_eq!(returned(&world, id), [Value::text(&large)]);
}

#[test]
fn a_second_run_of_a_program_does_not_carry_it_again() {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let first = start(&mut world, "client", program.clone(), vec![]);
    finish(&mut world);
    let bytes = world.trace.bytes();
    let second = start(&mut world, "client", program.clone(), vec![]);
    assert_ne!(first, second);
    finish(&mut world);
    let again = world.trace.bytes() - bytes;
    assert!(again + 2 * program.len() <= bytes, "{bytes} bytes first, then {again}");
    assert_once(&world);
}

#[test]
fn a_service_that_never_answers_ends_with_the_deadline_exactly() {
    let setup = three();
    let script = r#"[["bank/s/f",{"delay_ms":1000000,"then":"echo"}]]"#;
    let mut world = World::new(&setup, services(script));
    let program = chain(&setup, &[("bank", &[])]);
    let client = world.names.id("client").unwrap();
    let id = world.run(client, program, vec![], 5_000, Limits::default()).unwrap();
    world.run_until_quiet(4_999, 100_000);
    assert_eq!(world.trace.endings.get(&id), None);
    world.run_until_quiet(5_001, 100_000);
    assert!(matches!(world.trace.endings.get(&id), Some(Ending::Expired { .. })));
    let bank = world.peer(world.names.id("bank").unwrap()).unwrap();
    assert_eq!(bank.activity().calls, 0, "the call is given up");
    assert!(bank.run(&id).is_none());
}
