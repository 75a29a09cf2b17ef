//! Many steps on one peer: signed when they leave, and not lost before.

use aquac_peer::Reason;
use aquac_sim::{Setup, World};

use crate::stage::{MANY, assert_once, chain, finish, returned, services, start};

const SERVICES: &str = r#"[["bank/s/f",{"delay_ms":2,"then":"args"}]]"#;

fn setup() -> Setup {
    Setup::new(&["client", "bank"], 1)
}

fn program(setup: &Setup, steps: usize) -> Vec<u8> {
    chain(setup, &vec![("bank", &[] as &[&str]); steps])
}

fn turns_of(world: &World, name: &str) -> usize {
    let peer = world.names.id(name).unwrap();
    world.trace.turns.iter().filter(|(author, _)| *author == peer).count()
}

#[test]
fn a_sequence_on_one_peer_is_signed_once() {
    let setup = setup();
    let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
    let id = start(&mut world, "client", program(&setup, 100), vec![]);
    finish(&mut world);
    returned(&world, id);
    assert_eq!(turns_of(&world, "bank"), 1);
    assert_eq!(world.trace.calls.len(), 100);
    assert_once(&world);
}

#[test]
fn what_is_recorded_and_not_signed_outlives_a_crash_at_any_time() {
    for torn in ["", r#"{"torn_write":"bank"},"#] {
        for at in 1..20 {
            let mut setup = setup();
            let crash = format!(
                r#"[{torn}{{"at":{at},"crash":"bank"}},{{"at":{},"restart":"bank"}}]"#,
                at + 5
            );
            setup.faults = serde_json::from_str(&crash).unwrap();
            let mut world = World::new(&setup, services(SERVICES));
            let id = start(&mut world, "client", program(&setup, 6), vec![]);
            finish(&mut world);
            assert_eq!(returned(&world, id)[0].to_string(), r#"[[[[[["begin"]]]]]]"#, "at {at}");
            assert_eq!(world.trace.calls.len(), 6, "at {at}");
            assert_once(&world);
            let client = world.names.id("client").unwrap();
            let forked = |reason| reason == Reason::Equivocation;
            assert!(!world.trace.refusals(client).any(forked), "at {at}");
        }
    }
}

#[test]
fn a_call_that_is_slow_holds_nothing_else_up() {
    // par: bank calls slowly / bank calls quickly and tells telco.
    let setup = Setup::new(&["client", "bank", "telco"], 1);
    let mut author = crate::stage::Author::new(&setup);
    let bank = author.place("bank", &[]);
    let telco = author.place("telco", &[]);
    let word = author.text("x");
    let seq = author.builder.open(aquac_ir::Node::Seq(0));
    let par = author.builder.open(aquac_ir::Node::Par(0));
    author.call(bank, "slow", &[word]);
    let fast = author.builder.open(aquac_ir::Node::Seq(0));
    let x = author.call(bank, "f", &[word]);
    let x = author.read(x);
    author.call(telco, "f", &[x]);
    author.builder.close(fast);
    author.builder.close(par);
    author.give_back(&[word]);
    author.builder.close(seq);
    let script = r#"[["bank/s/slow",{"delay_ms":10000,"then":"echo"}],["*","echo"]]"#;
    let mut world = World::new(&setup, services(script));
    let id = start(&mut world, "client", author.finish(), vec![]);
    world.run_until_quiet(100, MANY);
    returned(&world, id);
    assert!(world.trace.calls.iter().all(|asked| asked.at < 100));
    assert_eq!(world.trace.calls.len(), 2);
}
