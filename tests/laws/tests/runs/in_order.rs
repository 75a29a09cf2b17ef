//! Loops over a stream whose iterations follow each other, where the elements come from several
//! peers: each peer may come to know them in another order, and still all agree on what was done.

use std::collections::BTreeSet;

use aquac_ir::{LoopMode, PeerId};
use aquac_vm::{Heads, Receipt, SignedTurn, UncheckedSigner, UncheckedVerifier};

use crate::laws::{differs, judge, seeds};
use crate::net::{Dice, Faults, Net, peer};
use crate::random::peers;
use crate::tree::{Behind, E, N, Out, call, compile, par, seq, slot};
use crate::union::{delivered, same};

const NOBODY: PeerId = PeerId([0; 32]);

fn in_order(body: N) -> N {
    par([N::Live(0, 0, LoopMode::InOrder, Behind::Never, Box::new(body)), N::Null])
}

/// Elements for stream 0 from two peers, and from the initiator itself.
fn elements() -> N {
    par([
        call(peer('p'), "id", [E::Int(1)], Out::Stream(0)),
        call(peer('q'), "id", [E::Int(2)], Out::Stream(0)),
        N::Push(0, E::Int(3)),
    ])
}

fn played(tree: &N, seed: u64) -> Net {
    let mut net = Net::new(compile(tree), peers()[0], seed);
    net.faults = Faults { drop: 10, double: 10, crash: 5, gather: 50, silence: 0 };
    net.go();
    net
}

/// Everything that must hold of a run in which each peer saw the elements in its own order, and in
/// which every iteration comes to its end.
fn holds(tree: &N, seed: u64) -> Net {
    let mut net = played(tree, seed);
    assert_eq!(judge(&net), None, "seed {seed}");
    assert_eq!(differs(&net), None, "seed {seed}");
    let mut union = net.union(NOBODY);
    let turns = union.turns_since(&Heads::default());
    let turns: Vec<SignedTurn> = turns.iter().map(|turn| (**turn).clone()).collect();
    let values: Vec<_> = union.values().cloned().collect();
    let expected = union.picture();
    let mut dice = Dice(seed);
    for _ in 0..4 {
        let found = delivered(&net, &turns, &values, &mut dice);
        same(&expected, &found, &format!("seed {seed}"));
    }
    is_proved(&mut net, seed);
    net
}

/// All that anybody did counts for whoever knows it all.
fn is_proved(net: &mut Net, seed: u64) {
    let union = net.union(NOBODY);
    let turns = union.turns_since(&Heads::default());
    let turns: Vec<SignedTurn> = turns.iter().map(|turn| (**turn).clone()).collect();
    let initiator = net.initiator();
    let run = &mut net.host(initiator).run;
    run.absorb(turns, union.values().cloned(), &UncheckedVerifier);
    run.step(1_000_000);
    let receipt = Receipt::seal(run, &UncheckedSigner(initiator));
    if let Err(why) = receipt.verify(&UncheckedVerifier) {
        panic!("seed {seed}: {why}");
    }
}

/// Adds to a second stream and fixes its content at a peer, and says how long it is.
fn counts(at: char) -> N {
    let fixed = N::Snapshot(E::Peer(peer(at)), 1, 1);
    let length = E::Length(Box::new(slot(1)));
    let said = call(peer('b'), "id", [length], Out::Stream(2));
    seq([N::Push(1, slot(0)), fixed, said, N::Next(0)])
}

#[test]
fn what_follows_an_iteration_is_told_to_who_does_it() {
    let pushes = [7, 8, 9].map(|number| N::Push(0, E::Int(number)));
    let body = seq([
        call(peer('p'), "id", [slot(0)], Out::Slot(3)),
        N::Push(1, slot(0)),
        N::Snapshot(E::Peer(peer('r')), 1, 1),
        call(peer('q'), "id", [slot(1)], Out::Stream(2)),
        N::Next(0),
    ]);
    let tree = seq([
        seq(pushes),
        in_order(body),
        N::Await(E::Initiator, 2, E::Int(3), 2),
        N::Return(vec![slot(2)]),
    ]);
    for seed in 0..seeds() / 10 {
        let net = holds(&tree, seed);
        assert_eq!(net.result().as_deref(), Some("[[7],[7,8],[7,8,9]]"), "seed {seed}");
    }
    // By the one who was there last, not only by way of the loop's home.
    let mut net = Net::new(compile(&tree), peers()[0], 1);
    net.go();
    assert!(net.trips().contains("r>q q>i q>p"), "{}", net.trips());
}

#[test]
fn elements_of_several_peers_are_counted_one_after_the_other() {
    let tree = seq([
        par([elements(), N::Null]),
        in_order(counts('a')),
        N::Await(E::Initiator, 2, E::Int(3), 2),
        N::Return(vec![slot(2)]),
    ]);
    for seed in 0..seeds() / 10 {
        let net = holds(&tree, seed);
        let result = net.result().expect("it ends");
        let mut lengths: Vec<char> = result.chars().filter(char::is_ascii_digit).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, ['1', '2', '3'], "seed {seed}: {result}");
    }
}

#[test]
fn an_iteration_that_is_under_way_somewhere_is_under_way_everywhere() {
    // One of the elements waits for ever, at whoever begins with it.
    let waits = N::Match(true, slot(0), E::Int(2), Box::new(N::Never));
    let or_goes_on = N::Try(Box::new(waits), Box::new(counts('a')), None);
    let here = call(peer('a'), "id", [slot(0)], Out::Nothing);
    let tree = seq([par([elements(), N::Null]), in_order(seq([here, or_goes_on]))]);
    let mut others = 0;
    for seed in 0..seeds() / 10 {
        let mut net = played(&tree, seed);
        let positions: BTreeSet<_> = net.calls.iter().map(|(_, position, _)| position).collect();
        assert_eq!(positions.len(), net.calls.len(), "seed {seed}: a call was made twice");
        others += net.calls.iter().filter(|(_, _, call)| call.function == "id").count();
        is_proved(&mut net, seed);
    }
    assert!(others as u64 > seeds() / 10 * 3, "none of them had begun with another");
}
