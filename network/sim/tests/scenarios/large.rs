//! Large programs and values travel once.

use aquac_ir::{Node, Value};
use aquac_sim::{Setup, World};

use crate::stage::{Author, assert_once, calls, finish, returned, services, start};

#[test]
fn a_large_program_comes_once_whoever_runs_it() {
    let setup = Setup::new(&["client", "other", "bank"], 1);
    let mut author = Author::new(&setup);
    let bank = author.place("bank", &[]);
    let seq = author.builder.open(Node::Seq(0));
    let word = author.text(&"x".repeat(300_000));
    let small = author.text("y");
    author.call(bank, "f", &[small]);
    author.give_back(&[small]);
    author.builder.leaf(Node::Fail { error: word });
    author.builder.close(seq);
    let program = author.finish();
    let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
    let first = start(&mut world, "client", program.clone(), vec![]);
    finish(&mut world);
    returned(&world, first);
    let bytes = world.trace.bytes();
    assert!((300_000..330_000).contains(&bytes), "{bytes}");
    // The bank has it: nobody carries it there again.
    let second = start(&mut world, "other", program, vec![]);
    finish(&mut world);
    returned(&world, second);
    assert!(world.trace.bytes() - bytes < 3_000, "{}", world.trace.bytes() - bytes);
    assert_once(&world);
}

/// `x <- on bank: big()`, `par: a <- on A: f(x) / b <- on B: f(x)`, `on C: g(x, a, b)`.
fn two_ways(setup: &Setup) -> Vec<u8> {
    let mut author = Author::new(setup);
    let [bank, a, b, c] = ["bank", "A", "B", "C"].map(|name| author.place(name, &[]));
    let seq = author.builder.open(Node::Seq(0));
    let word = author.text("begin");
    let x = author.call(bank, "big", &[word]);
    let x = author.read(x);
    let par = author.builder.open(Node::Par(0));
    let from_a = author.call(a, "f", &[x]);
    let from_b = author.call(b, "f", &[x]);
    author.builder.close(par);
    let (from_a, from_b) = (author.read(from_a), author.read(from_b));
    let end = author.call(c, "f", &[x, from_a, from_b]);
    let end = author.read(end);
    author.give_back(&[end]);
    author.builder.close(seq);
    author.finish()
}

#[test]
fn a_large_value_that_two_could_send_comes_once() {
    let setup = Setup::new(&["client", "bank", "A", "B", "C"], 1);
    let large = "x".repeat(400_000);
    let script = format!(r#"[["bank/s/big",{{"ok":"{large}"}}],["*","name"]]"#);
    let mut world = World::new(&setup, services(&script));
    let id = start(&mut world, "client", two_ways(&setup), vec![]);
    finish(&mut world);
    assert_eq!(returned(&world, id), [Value::text("s.f")]);
    assert_eq!(calls(&world).len(), 4);
    let large = world.trace.messages.iter().filter(|message| message.bytes > 400_000);
    let mut to: Vec<String> = large.map(|message| world.names.name(message.to)).collect();
    to.sort();
    assert_eq!(to, ["A", "B", "C"]);
    let times = world.trace.bytes() as f64 / 400_000.0;
    assert!((3.0..3.1).contains(&times), "{times} times");
    assert_once(&world);
}

/// The same, and the first who is asked for it dies.
#[test]
fn a_large_value_is_asked_of_another_if_the_first_is_gone() {
    for at in 8..30 {
        let mut setup = Setup::new(&["client", "bank", "A", "B", "C"], 1);
        let crash = format!(r#"[{{"at":{at},"crash":"A"}}]"#);
        setup.faults = serde_json::from_str(&crash).unwrap();
        let large = "x".repeat(400_000);
        let script = format!(r#"[["bank/s/big",{{"ok":"{large}"}}],["*","name"]]"#);
        let mut world = World::new(&setup, services(&script));
        let id = start(&mut world, "client", two_ways(&setup), vec![]);
        world.run_until_quiet(50_000, crate::stage::MANY);
        if calls(&world).len() == 4 {
            assert_eq!(returned(&world, id), [Value::text("s.f")], "at {at}");
        }
        assert_once(&world);
    }
}
