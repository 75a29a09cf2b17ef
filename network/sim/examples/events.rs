//! How many events a second the simulator plays: `cargo run --release -p aquac-sim --example events`.
//! With `unchecked` behind it, only without signatures.

use std::time::Instant;

use aquac_ir::{Builder, Expr, ExprId, Limits, Node, Output, Place, Value, encode};
use aquac_sim::{Script, Setup, Signing, World};

/// Runs of one measurement, and peers of a chain.
const RUNS: usize = 2_000;
const PEERS: usize = 8;

fn main() {
    measure(Signing::Unchecked);
    if std::env::args().nth(1).as_deref() != Some("unchecked") {
        measure(Signing::Ed25519);
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn measure(signing: Signing) {
    let names: Vec<String> = (0..PEERS).map(|number| format!("p{number}")).collect();
    let mut setup = Setup::new(&["client"], 1);
    setup.signing = signing;
    setup.peers.extend(names.clone());
    let rules = serde_json::from_str(r#"[["*","echo"]]"#).expect("this is a script");
    let mut world = World::new(&setup, Box::new(Script::new(rules)));
    let program = chain(&setup, &names);
    let client = world.names.id("client").expect("the client is in the setup");
    let begin = Instant::now();
    for _ in 0..RUNS {
        world.run(client, program.clone(), vec![], 60_000, Limits::default());
        world.run_until_quiet(u64::MAX, u64::MAX);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let inputs: u64 = world.peers().map(|peer| peer.counters().inputs).sum();
    println!(
        "{signing:?}: {inputs} events, {} messages, {} turns in {seconds:.2} s: {:.0} events/s, {:.0} runs/s",
        world.trace.messages.len(),
        world.trace.turns.len(),
        inputs as f64 / seconds,
        RUNS as f64 / seconds,
    );
}

fn chain(setup: &Setup, peers: &[String]) -> Vec<u8> {
    let mut b = Builder::new();
    let seq = b.open(Node::Seq(0));
    let mut value: ExprId = b.constant(Value::text("begin"));
    for name in peers {
        let id = setup.signing.keys(name).signer.peer();
        let peer = b.constant(Value::text(&id.to_string()));
        let place = b.place(Place { peer, via: Box::default() });
        let (service, function) = (b.constant(Value::text("s")), b.constant(Value::text("f")));
        let slot = b.slot();
        let args = Box::new([value]);
        let output = Output::Slot(slot);
        b.leaf(Node::Call { place, service, function, args, output, returns: None });
        value = b.expr(Expr::Slot(slot));
    }
    b.leaf(Node::Return { values: Box::new([value]) });
    b.close(seq);
    encode(&b.finish())
}
