//! A peer that cannot be reached: given up where a `try` sees it, and never done as well.

use aquac_ir::{Node, Value};
use aquac_peer::Reason;
use aquac_sim::{Fault, Setup, World};

use crate::stage::{Author, MANY, assert_once, calls, finish, hops, returned, services, start};

const SERVICES: &str = r#"[["*","name"]]"#;

/// `x <- on A: f()`, `try: y <- on B: g(x) / otherwise: y <- on client: h(x)`, `<- the end`.
fn careful(setup: &Setup) -> Vec<u8> {
    let mut author = Author::new(setup);
    let (a, b) = (author.place("A", &[]), author.place("B", &[]));
    let client = author.place("client", &[]);
    let seq = author.builder.open(Node::Seq(0));
    let word = author.text("begin");
    let x = author.call(a, "f", &[word]);
    let x = author.read(x);
    let error = author.builder.slot();
    let attempt = author.builder.open(Node::Try { error: Some(error) });
    author.call(b, "g", &[x]);
    let error = author.read(error);
    author.call(client, "h", &[x, error]);
    author.builder.close(attempt);
    author.give_back(&[x]);
    author.builder.close(seq);
    author.finish()
}

fn played(faults: &str, seed: u64) -> (World, aquac_ir::ParticleId) {
    let mut setup = Setup::new(&["client", "A", "B"], seed);
    setup.faults = serde_json::from_str::<Vec<Fault>>(faults).unwrap();
    let mut world = World::new(&setup, services(SERVICES));
    let id = start(&mut world, "client", careful(&setup), vec![]);
    world.run_until_quiet(60_000, MANY);
    (world, id)
}

fn functions(world: &World) -> Vec<&str> {
    world.trace.calls.iter().map(|asked| asked.call.function.as_str()).collect()
}

#[test]
fn a_peer_that_is_there_is_dialled_and_does_its_step() {
    let (world, id) = played("[]", 1);
    returned(&world, id);
    assert_eq!(functions(&world), ["f", "g"]);
    assert_eq!(hops(&world), ["client->A", "A->B", "B->client"]);
}

#[test]
fn a_peer_that_cannot_be_dialled_is_given_up_at_once() {
    let (world, id) = played(r#"[{"at":0,"crash":"B"}]"#, 1);
    returned(&world, id);
    assert_eq!(functions(&world), ["f", "h"]);
    assert!(world.elapsed() < 100, "{} ms", world.elapsed());
    assert!(calls(&world)[1].contains("11001"), "{:?}", calls(&world));
    assert_eq!(hops(&world), ["client->A", "A->client"]);
    // The verdict stands in the turn of the record that leads to the step.
    let authors: Vec<String> =
        world.trace.turns.iter().map(|(peer, _)| world.names.name(*peer)).collect();
    assert_eq!(authors, ["A", "client"]);
}

#[test]
fn who_gives_a_step_up_is_accused_of_nothing() {
    let (world, _) = played(r#"[{"at":0,"crash":"B"}]"#, 1);
    for name in ["client", "A"] {
        let refusals: Vec<Reason> = world.trace.refusals(world.names.id(name).unwrap()).collect();
        assert_eq!(refusals, [], "{name}");
    }
}

#[test]
fn a_first_step_whose_peer_is_away_is_given_up_by_the_initiator() {
    let mut setup = Setup::new(&["client", "A", "B"], 1);
    setup.faults = serde_json::from_str(r#"[{"at":0,"crash":"B"}]"#).unwrap();
    let mut author = Author::new(&setup);
    let b = author.place("B", &[]);
    let client = author.place("client", &[]);
    let seq = author.builder.open(Node::Seq(0));
    let word = author.text("x");
    let attempt = author.builder.open(Node::Try { error: None });
    author.call(b, "g", &[word]);
    author.call(client, "h", &[word]);
    author.builder.close(attempt);
    author.give_back(&[word]);
    author.builder.close(seq);
    let program = author.finish();
    let mut world = World::new(&setup, services(SERVICES));
    world.run_until_quiet(1, MANY);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    assert_eq!(returned(&world, id), [Value::text("x")]);
    assert_eq!(functions(&world), ["h"]);
    assert!(world.elapsed() < 100);
}

#[test]
fn without_a_try_what_is_for_a_peer_that_is_away_waits_for_it() {
    let mut setup = Setup::new(&["client", "B"], 1);
    setup.faults =
        serde_json::from_str(r#"[{"at":0,"crash":"B"},{"at":5000,"restart":"B"}]"#).unwrap();
    let program = crate::stage::chain(&setup, &[("B", &[])]);
    let mut world = World::new(&setup, services(SERVICES));
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    returned(&world, id);
    assert!(world.elapsed() > 5_000);
}

#[test]
fn whatever_happens_a_step_is_done_or_given_up_and_never_both() {
    let (mut done, mut given_up) = (0, 0);
    for seed in 0..300 {
        let at = seed % 25;
        let faults = format!(
            r#"[{{"drop":{{"p":0.1}}}},{{"duplicate":{{"p":0.1}}}},{{"delay":{{"ms":[1,4]}}}},
                {{"at":{at},"crash":"B"}},{{"at":{},"restart":"B"}},
                {{"at":{},"crash":"A"}},{{"at":{},"restart":"A"}}]"#,
            at + seed % 7,
            seed % 19,
            seed % 19 + 9,
        );
        let (world, id) = played(&faults, seed);
        returned(&world, id);
        assert_once(&world);
        let functions = functions(&world);
        let (g, h) = (functions.contains(&"g"), functions.contains(&"h"));
        assert!(g != h, "seed {seed}: {functions:?}");
        done += u32::from(g);
        given_up += u32::from(h);
    }
    assert!(done > 50 && given_up > 10, "{done} done, {given_up} given up");
}

#[test]
fn a_run_that_lives_too_long_for_its_first_peer_is_given_up_there_if_that_is_certain() {
    let (mut given_up, mut waited) = (0, 0);
    for seed in 0..60 {
        let mut setup = Setup::new(&["client", "A", "B"], seed);
        setup.limits.ttl = 1_000;
        let loss = r#"[{"drop":{"p":0.2}},{"duplicate":{"p":0.2}}]"#;
        setup.faults = serde_json::from_str(if seed == 0 { "[]" } else { loss }).unwrap();
        let mut author = Author::new(&setup);
        let (a, client) = (author.place("A", &[]), author.place("client", &[]));
        let seq = author.builder.open(Node::Seq(0));
        let word = author.text("x");
        let attempt = author.builder.open(Node::Try { error: None });
        author.call(a, "g", &[word]);
        author.call(client, "h", &[word]);
        author.builder.close(attempt);
        author.give_back(&[word]);
        author.builder.close(seq);
        let mut world = World::new(&setup, services(SERVICES));
        let id = start(&mut world, "client", author.finish(), vec![]);
        world.run_until_quiet(70_000, MANY);
        assert_once(&world);
        assert!(!functions(&world).contains(&"g"), "seed {seed}: it was refused");
        if functions(&world) == ["h"] {
            returned(&world, id);
            given_up += 1;
        } else {
            // The parcel, or the refusal, was lost: it went twice, and nothing is certain.
            waited += 1;
        }
        assert!(seed > 0 || given_up == 1, "without faults nothing is uncertain");
    }
    assert!(given_up > 20 && waited > 0, "{given_up} given up, {waited} not");
}
