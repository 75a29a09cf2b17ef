//! What a peer holds for a run that waits: counted, so exact, and the same each time.

use std::hint::black_box;

use allocation_counter::measure;
use aquac_ir::{Builder, Limits, Node, Nonce, Place, Value, encode};
use aquac_peer::{Input, Output, Peer};

use crate::net::{peer, who};
use crate::relay::{START, outputs};

/// Runs that wait.
const RUNS: u8 = 200;

/// A run that only visits the bank and never ends there.
fn waits_at_the_bank() -> Vec<u8> {
    let mut b = Builder::new();
    let seq = b.open(Node::Seq(0));
    let peer = b.constant(Value::text(&who("bank").to_string()));
    let place = b.place(Place { peer, via: Box::new([]) });
    b.leaf(Node::Visit { place });
    b.leaf(Node::Never);
    b.close(seq);
    encode(&b.finish())
}

/// The frames that a client sends to the bank, one for each run.
fn frames() -> Vec<Vec<u8>> {
    let mut client = peer("client", |_| {});
    client.handle(START, Input::Connected { peer: who("bank") });
    outputs(&mut client);
    let frame = |number: u8| {
        let (program, nonce) = (waits_at_the_bank(), Nonce([number; 16]));
        let start = client.draft(START, program, vec![], nonce, 60_000, Limits::default());
        client.handle(START, Input::Start(Box::new(start)));
        let sent = outputs(&mut client).into_iter().find_map(|output| {
            if let Output::Send { bytes, .. } = output { Some(bytes) } else { None }
        });
        sent.expect("the run leaves for the bank")
    };
    (0..=RUNS).map(frame).collect()
}

fn take(bank: &mut Peer, bytes: Vec<u8>) {
    bank.handle(START, Input::Frame { from: who("client"), bytes });
    while bank.poll().is_some() {}
}

#[test]
fn a_run_that_waits_holds_little() {
    let mut bank = peer("bank", |_| {});
    bank.handle(START, Input::Connected { peer: who("client") });
    let mut frames = frames().into_iter();
    frames.next().into_iter().for_each(|first| take(&mut bank, first));
    let held = measure(|| frames.for_each(|bytes| take(&mut bank, bytes)));
    assert_eq!(bank.particles().len(), usize::from(RUNS) + 1);
    let (bytes, pieces) =
        (held.bytes_current / i64::from(RUNS), held.count_current / i64::from(RUNS));
    drop(black_box(bank));
    println!("{bytes} bytes in {pieces} pieces");
    // The goal is 4,096 resident bytes; whoever gives memory out takes a tenth for itself.
    assert!(bytes <= 3_600, "{bytes} bytes");
}
