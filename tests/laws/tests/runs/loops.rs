//! Loops over arrays: what starts them, and how often; and who reads what an iteration adds to a
//! stream that is older than the loop.

use aquac_ir::LoopMode;
use aquac_vm::Heads;

use crate::laws::{differs, judge};
use crate::net::{Faults, Net, peer};
use crate::tree::{Behind, E, N, Out, call, compile, par, seq, slot};

#[test]
fn a_loop_that_waits_for_two_things_that_come_at_once_starts_once() {
    // Two of three iterations fail, and so does what stands behind: the third is still to come, so
    // that the loop has not failed. One that starts twice counts what stands behind twice.
    let third = call(peer('q'), "f", [], Out::Nothing);
    let body = N::Match(true, slot(2), E::Int(3), Box::new(third));
    let behind = Behind::Body(Box::new(N::Fail(E::Error(6, "behind"))));
    let elements = E::Either(vec![slot(0), slot(1)]);
    let each = N::For(elements, 2, LoopMode::Parallel, behind, Box::new(body));
    let caught = call(peer('i'), "id", [E::Text("caught")], Out::Nothing);
    let tree = par([
        call(peer('p'), "list", [], Out::Slot(0)),
        call(peer('p'), "list", [], Out::Slot(1)),
        seq([
            N::Try(Box::new(each), Box::new(caught), None),
            call(peer('r'), "id", [E::Text("behind")], Out::Nothing),
        ]),
    ]);
    let mut at_once = 0;
    for seed in 0..60 {
        let mut net = Net::new(compile(&tree), peer('i'), seed);
        net.faults = Faults { gather: 100, ..Faults::default() };
        net.go();
        let turns = net.host(peer('p')).run.turns_since(&Heads::default());
        at_once += usize::from(turns.iter().any(|turn| turn.body.records().count() > 1));
        assert_eq!(judge(&net), None, "seed {seed}");
        assert_eq!(differs(&net), None, "seed {seed}");
        let called = net.called();
        assert!(!called.iter().any(|call| call.contains("caught")), "seed {seed}: {called:?}");
        assert!(called.iter().any(|call| call.contains("behind")), "seed {seed}: {called:?}");
    }
    assert!(at_once > 0, "they never come at once");
}

/// In the iterations with an odd number, q adds to the stream; in the others, `other` happens.
fn q_adds_or(other: N) -> N {
    let added = seq([call(peer('q'), "f", [], Out::Nothing), N::Push(0, slot(0))]);
    N::If(E::Odd(Box::new(slot(0))), Box::new(added), Box::new(other))
}

/// Of which q hears nothing.
fn p_does_something() -> N {
    call(peer('p'), "f", [], Out::Nothing)
}

fn nobody_is_stuck(mode: LoopMode, body: N) {
    let numbers = E::Ints(vec![0, 1]);
    nobody_waits_in_vain(&N::For(numbers, 0, mode, Behind::Never, Box::new(body)));
}

fn nobody_waits_in_vain(tree: &N) {
    for seed in 0..60 {
        let mut net = Net::new(compile(tree), peer('i'), seed);
        net.go();
        assert_eq!(judge(&net), None, "seed {seed}: {}", net.trips());
        assert_eq!(differs(&net), None, "seed {seed}");
    }
}

/// Waits for an element at a peer of its own in each iteration.
fn waits() -> N {
    let places = vec![peer('a'), peer('b')];
    N::Await(E::OneOf(places, Box::new(slot(0))), 0, E::Int(1), 1)
}

#[test]
fn what_one_iteration_adds_is_brought_to_who_waits_for_it_in_another() {
    nobody_is_stuck(LoopMode::Parallel, seq([q_adds_or(p_does_something()), waits()]));
}

#[test]
fn iterations_of_an_explicit_loop_that_go_on_beside_each_other_read_from_each_other() {
    let own = seq([q_adds_or(p_does_something()), waits()]);
    nobody_is_stuck(LoopMode::Explicit, par([N::Next(0), own]));
}

#[test]
fn what_an_iteration_leaves_behind_gets_what_later_ones_add() {
    let left = par([seq([p_does_something(), waits()]), N::Null]);
    nobody_is_stuck(LoopMode::Sequential, q_adds_or(left));
}

#[test]
fn a_peer_that_is_away_holds_up_only_its_own_iteration() {
    let odd = E::Odd(Box::new(slot(0)));
    let away = call(peer('a'), "f", [], Out::Nothing);
    let body = seq([
        q_adds_or(p_does_something()),
        N::If(odd, Box::new(away), Box::new(N::Null)),
        N::Await(E::Peer(peer('c')), 0, E::Int(1), 1),
        call(peer('c'), "id", [slot(1)], Out::Nothing),
    ]);
    let numbers = E::Ints(vec![0, 1]);
    let each = N::For(numbers, 0, LoopMode::Parallel, Behind::Never, Box::new(body));
    let mut net = Net::new(compile(&each), peer('i'), 1);
    net.start();
    while let Some(at) = net.wire.iter().position(|frame| frame.to != peer('a')) {
        let frame = net.wire.swap_remove(at);
        net.arrive(&frame);
        while !net.pending.is_empty() {
            net.answer();
        }
    }
    assert_eq!(net.called(), ["c.id([1])", "p.f()", "q.f()"]);
}

#[test]
fn what_the_last_iteration_writes_when_the_first_is_done_reaches_who_stands_behind_the_loop() {
    // The first iteration is complete when p has answered; the second, below it, and what stands
    // behind the last go on beside what follows the loop.
    let body = par([N::Next(4), call(peer('p'), "f", [], Out::Nothing)]);
    let behind = seq([call(peer('r'), "g", [], Out::Stream(1)), N::Never]);
    let behind = Behind::Body(Box::new(behind));
    let each = N::For(E::Ints(vec![0, 0]), 4, LoopMode::Explicit, behind, Box::new(body));
    nobody_waits_in_vain(&seq([each, N::Await(E::Peer(peer('p')), 1, E::Int(1), 5)]));
}

#[test]
fn what_a_later_iteration_writes_reaches_who_stands_behind_the_loop() {
    let odd = E::Odd(Box::new(slot(4)));
    let first = Box::new(call(peer('p'), "f", [], Out::Nothing));
    let body = seq([
        call(peer('r'), "g", [], Out::Stream(1)),
        par([N::Next(4), N::If(odd, first, Box::new(N::Never))]),
    ]);
    let each = N::For(E::Ints(vec![1, 0]), 4, LoopMode::Explicit, Behind::Never, Box::new(body));
    nobody_waits_in_vain(&seq([each, N::Await(E::Peer(peer('p')), 1, E::Int(2), 5)]));
}
