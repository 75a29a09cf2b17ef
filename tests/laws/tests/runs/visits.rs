//! Visits: the program says where the particle goes on to, and whom it brings there tells the
//! others.

use crate::net::{Faults, Net, peer};
use crate::tree::{E, N, Out, add, call, compile, par, seq, slot};

/// Over many schedules.
fn nobody_is_stuck(tree: &N, faults: Faults) {
    for seed in 0..400 {
        let mut net = Net::new(compile(tree), peer('i'), seed);
        net.faults = faults;
        net.go();
        assert_eq!(net.stuck(), Vec::<String>::new(), "seed {seed}");
    }
}

/// The branch whose value a later step needs is not the one that completes the par.
#[test]
fn a_value_that_comes_after_its_par_is_complete_is_brought_to_who_reads_it() {
    let tree = seq([
        par([
            N::Null,
            seq([
                call(peer('i'), "f", [E::Int(5), E::Int(6)], Out::Slot(0)),
                N::Visit(E::Peer(peer('a'))),
            ]),
        ]),
        call(peer('q'), "maybe", [], Out::Slot(1)),
        call(peer('b'), "f", [E::Check(Box::new(slot(0)))], Out::Slot(2)),
    ]);
    nobody_is_stuck(&tree, Faults::default());
}

#[test]
fn what_one_turn_leads_to_in_two_places_is_carried_on_by_one_of_them() {
    // Both calls at r may be answered in one turn, from which two visits follow. Each of those whom
    // it brings there could think that the other one tells b.
    let first = seq([call(peer('r'), "f", [], Out::Nothing), N::Visit(E::Initiator)]);
    let second = seq([call(peer('r'), "f", [], Out::Slot(0)), N::Visit(E::Peer(peer('p')))]);
    let reads = call(peer('b'), "id", [add(slot(0), 1)], Out::Nothing);
    let lists = call(peer('b'), "list", [], Out::Nothing);
    let tree = par([seq([par([lists, first, N::Visit(E::Peer(peer('p')))]), second]), reads]);
    let faults = Faults { double: 20, crash: 10, gather: 100, ..Faults::default() };
    nobody_is_stuck(&tree, faults);
}

#[test]
fn what_its_carrier_brought_here_is_told_on_from_here() {
    // The program carries the result of f on at p, which tells b of it. b and a, who lead to the
    // return at i, must not leave it to p to tell i: p has done its part.
    let snapshot = seq([N::Snapshot(E::Peer(peer('p')), 1, 0), N::Visit(E::Peer(peer('i')))]);
    let result = seq([call(peer('p'), "f", [], Out::Slot(1)), N::Visit(E::Peer(peer('p')))]);
    let tree = seq([
        par([snapshot, result]),
        N::Snapshot(E::Peer(peer('b')), 2, 2),
        call(peer('a'), "list", [], Out::Nothing),
        N::Return(vec![slot(0), slot(1), slot(2)]),
    ]);
    nobody_is_stuck(&tree, Faults::default());
}

#[test]
fn a_snapshot_waits_for_what_its_place_is_read_from() {
    // It takes what is there of its stream. But where it is to be taken, r says, and the program
    // carries that on to p only.
    let says = seq([call(peer('r'), "f", [], Out::Slot(0)), N::Visit(E::Peer(peer('p')))]);
    let place = E::OneOf(vec![peer('a'), peer('b'), peer('q')], Box::new(slot(0)));
    let taken = seq([N::Visit(E::Peer(peer('a'))), N::Snapshot(place, 0, 1)]);
    nobody_is_stuck(&par([says, taken]), Faults::default());
}

#[test]
fn who_carries_a_value_on_does_not_see_what_rests_on_more_than_it_was_brought() {
    // b is brought the result of g, and never hears of the snapshot behind which q pushes it.
    let result = seq([call(peer('i'), "g", [], Out::Slot(0)), N::Visit(E::Peer(peer('b')))]);
    let pushed = seq([N::Snapshot(E::Peer(peer('q')), 1, 1), N::Push(0, slot(0))]);
    let tree = par([par([result, pushed]), N::Await(E::Peer(peer('q')), 0, E::Int(1), 2)]);
    nobody_is_stuck(&tree, Faults::default());
    nobody_is_stuck(&tree, Faults { drop: 20, double: 20, crash: 10, ..Faults::default() });
}

#[test]
fn who_waits_for_what_is_brought_may_be_waited_for_itself() {
    // q waits for the list, and with it the return at i for what q made. But a list has no sum:
    // that fails wherever the list is, and nobody brings it to q.
    let made = par([
        call(peer('q'), "f", [], Out::Slot(0)),
        call(peer('a'), "list", [E::Int(1)], Out::Slot(1)),
    ]);
    let fails = call(peer('q'), "id", [add(slot(1), 1)], Out::Nothing);
    let caught = N::Try(Box::new(fails), Box::new(N::Null), None);
    nobody_is_stuck(&seq([made, caught, N::Return(vec![slot(0)])]), Faults::default());
}

#[test]
fn what_is_read_behind_another_step_does_not_come_with_control() {
    // b is done with its branch when it tells a, so what a makes leads to nothing new: p goes on
    // without it, and q waits.
    let first =
        seq([call(peer('b'), "f", [], Out::Nothing), call(peer('a'), "f", [], Out::Slot(0))]);
    let second = call(peer('b'), "f", [], Out::Nothing);
    let reads = call(peer('q'), "id", [slot(0)], Out::Nothing);
    let behind = seq([call(peer('p'), "f", [], Out::Nothing), reads]);
    let tree = seq([par([first, second]), behind]);
    nobody_is_stuck(&tree, Faults { gather: 100, ..Faults::default() });
    nobody_is_stuck(&tree, Faults::default());
}
