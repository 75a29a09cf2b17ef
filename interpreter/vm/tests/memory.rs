//! What a run holds while it waits, and how often it asks for memory: counted, so exact, and the
//! same each time. A host keeps a hundred thousand runs that wait for one call each.

use std::hint::black_box;
use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use aquac_ir::{
    Builder, Expr, Header, Limits, Node, Nonce, Output, PeerId, Place, SignedHeader, Value,
    VerifiedProgram,
};
use aquac_vm::{
    NamedTurn, PendingCall, Run, SignedTurn, UncheckedSigner, UncheckedVerifier, sign_header,
};

const FUEL: u64 = 1_000_000;

fn signer(number: u8) -> UncheckedSigner {
    UncheckedSigner(PeerId([number; 32]))
}

/// So many calls, each with the result of the one before, at as many peers in turn.
fn chain(length: usize, peers: usize) -> (Arc<VerifiedProgram>, Arc<SignedHeader>) {
    let mut b = Builder::new();
    let seq = b.open(Node::Seq(0));
    let mut value = b.constant(Value::from(0_i64));
    for number in (0..=u8::MAX).cycle().take(peers).cycle().take(length) {
        let peer = b.constant(Value::text(&signer(number).0.to_string()));
        let (place, slot) = (b.place(Place { peer, via: Box::default() }), b.slot());
        let (service, function) = (b.constant(Value::text("s")), b.constant(Value::text("f")));
        let (args, output) = (Box::new([value]), Output::Slot(slot));
        b.leaf(Node::Call { place, service, function, args, output, returns: None });
        value = b.expr(Expr::Slot(slot));
    }
    b.leaf(Node::Return { values: Box::new([value]) });
    b.close(seq);
    let program = VerifiedProgram::new(b.finish()).expect("the program is right");
    let header = Header {
        version: Header::VERSION,
        network: "test".into(),
        initiator: signer(0).0,
        relay: None,
        program: program.digest(),
        args: Vec::new(),
        nonce: Nonce([7; 16]),
        issued_at: 1_700_000_000_000,
        ttl: 60_000,
        limits: Limits::default(),
    };
    (Arc::new(program), Arc::new(sign_header(header, &signer(0))))
}

fn answer(run: &mut Run, calls: &[PendingCall], by: u8) {
    let call = calls.first().expect("a call waits");
    run.resolve(&call.position, Ok(Value::from(7_i64)), &signer(by)).expect("it was asked");
}

/// What the first peer sends to the second of a chain of eight.
fn first_frame() -> (Arc<VerifiedProgram>, Arc<SignedHeader>, aquac_vm::Departure) {
    let (program, header) = chain(8, 8);
    let mut run = Run::new(program.clone(), header.clone(), signer(0).0);
    let calls = run.step(FUEL).calls;
    answer(&mut run, &calls, 0);
    run.step(FUEL);
    let body = run.seal().expect("a result was recorded");
    run.add_own(NamedTurn::sign(body, &signer(0)));
    let departure = run.forward().into_iter().next().expect("the second peer is told");
    (program, header, departure)
}

#[test]
fn a_run_that_waits_for_its_first_call_holds_little() {
    let (program, header) = chain(8, 8);
    let mut kept = None;
    let held = measure(|| {
        let mut run = Run::new(program, header, signer(0).0);
        run.step(FUEL);
        kept = Some(run);
    });
    drop(black_box(kept));
    within(&held, "at the initiator", 600);
}

#[test]
fn a_run_that_waits_for_its_call_after_that_of_another_holds_little() {
    let (program, header, departure) = first_frame();
    let turns: Vec<SignedTurn> = departure.turns.iter().map(|turn| (**turn).clone()).collect();
    let (values, heads) = (departure.values, departure.heads);
    let mut kept = None;
    let held = measure(|| {
        let mut run = Run::new(program, header, signer(1).0);
        run.absorb_named(turns, values, &UncheckedVerifier);
        run.received(signer(0).0, &heads);
        run.step(FUEL);
        run.forward();
        kept = Some(run);
    });
    drop(black_box(kept));
    within(&held, "at the second peer", 1_700);
}

/// What is held; what came from outside (turns, values) was allocated before and is not counted.
fn within(held: &AllocationInfo, what: &str, most: i64) {
    let bytes = held.bytes_current;
    println!(
        "{what}: {bytes} bytes in {} pieces, {} asked for; the run itself {} bytes",
        held.count_current,
        held.count_total,
        size_of::<Run>()
    );
    assert!(bytes <= most, "{what}: {bytes} bytes are held, {most} are allowed");
}

#[test]
fn the_thousandth_step_asks_for_no_more_memory_than_the_tenth() {
    let (program, header) = chain(1_100, 1);
    let mut run = Run::new(program, header, signer(0).0);
    let mut calls = run.step(FUEL).calls;
    let mut asked = Vec::new();
    for _ in 0..1_024 {
        let counted = measure(|| {
            answer(&mut run, &calls, 0);
            calls = run.step(FUEL).calls;
        });
        asked.push(counted.count_total);
    }
    // The least of several: now and then a list grows.
    let least = |from: usize| asked.iter().skip(from).take(16).min().copied().unwrap_or(0);
    println!("pieces of memory asked for in a step: {} and {}", least(8), least(1_000));
    assert_eq!(least(8), least(1_000));
    assert!(least(8) <= 40, "{}", least(8));
}
