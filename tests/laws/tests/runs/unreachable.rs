//! When a peer cannot be reached: a step is given up in the turn that leads to it or never, so that
//! what catches the error and the step itself never both happen.

use aquac_ir::{FaultCode, NodeId};
use aquac_vm::{
    Entry, Position, Receipt, ReceiptError, Record, RecordedFault, Run, SaltedValue, SignedTurn,
    UncheckedSigner, UncheckedVerifier,
};

use crate::net::{Net, letter, peer};
use crate::tree::{E, N, Out, call, compile, par, seq, slot};

/// A call at p, then one at q that may fail, with a handler at the initiator.
fn perhaps() -> N {
    seq([
        call(peer('p'), "f", [], Out::Nothing),
        N::Try(
            Box::new(call(peer('q'), "id", [E::Text("done")], Out::Stream(0))),
            Box::new(call(
                peer('i'),
                "id",
                [E::Field(Box::new(slot(0)), "error_code")],
                Out::Stream(0),
            )),
            Some(0),
        ),
        N::Await(E::Initiator, 0, E::Int(1), 1),
        N::Return(vec![E::Index(Box::new(slot(1)), 0)]),
    ])
}

/// Plays until p has its answer and has not sealed it.
fn at_the_fork() -> Net {
    let mut net = Net::new(compile(&perhaps()), peer('i'), 1);
    net.start();
    let frame = net.wire.remove(0);
    net.arrive(&frame);
    let (_, pending) = net.pending.remove(0);
    let run = &mut net.host(peer('p')).run;
    run.resolve(&pending.position, Ok(1_i64.into()), &UncheckedSigner(peer('p'))).unwrap();
    run.step(1000);
    net
}

#[test]
fn a_peer_that_cannot_be_reached_is_an_error_said_in_the_turn_that_leads_to_it() {
    let mut net = at_the_fork();
    let run = &mut net.host(peer('p')).run;
    let probes = run.probes();
    assert_eq!(probes.iter().map(|probe| probe.peer).collect::<Vec<_>>(), [peer('q')]);
    run.unreachable(&probes[0].position, &UncheckedSigner(peer('p'))).unwrap();
    net.work(peer('p'));
    net.quiesce();
    assert_eq!(net.trips(), "i>p p>i");
    assert_eq!(net.result().as_deref(), Some("11001"));
    assert_eq!(net.stuck(), Vec::<String>::new());
}

#[test]
fn once_the_turn_has_left_nobody_gives_the_step_up() {
    let mut net = at_the_fork();
    net.work(peer('p'));
    let run = &mut net.host(peer('p')).run;
    assert_eq!(run.probes(), []);
    // A verdict in a later turn, or by somebody else, counts for nothing.
    let position = Position { node: NodeId(3), path: vec![] };
    assert!(run.unreachable(&position, &UncheckedSigner(peer('p'))).is_err());
    net.quiesce();
    assert_eq!(net.result().as_deref(), Some("\"done\""));
}

/// Gives up every step of a peer that may be given up, and goes on.
fn without(net: &mut Net, at: char, missing: char) {
    let run = &mut net.host(peer(at)).run;
    run.step(1000);
    for probe in run.probes().iter().filter(|probe| probe.peer == peer(missing)) {
        run.unreachable(&probe.position, &UncheckedSigner(peer(at))).unwrap();
    }
    net.work(peer(at));
}

/// What is caught says so at the initiator.
fn caught(body: N) -> N {
    N::Try(Box::new(body), Box::new(call(peer('i'), "id", [E::Text("caught")], Out::Nothing)), None)
}

#[test]
fn the_initiator_gives_up_what_only_the_header_leads_to_before_anything_has_left() {
    let tree = caught(call(peer('q'), "f", [], Out::Nothing));
    let mut net = Net::new(compile(&tree), peer('i'), 1);
    without(&mut net, 'i', 'q');
    net.quiesce();
    assert_eq!(net.called(), ["i.id(\"caught\")"]);
    assert_eq!(net.trips(), "");
}

#[test]
fn once_something_has_left_even_the_initiator_gives_nothing_up() {
    // The frame to p shows p that q has something to do, and p may bring it there.
    let tree = par([
        call(peer('p'), "f", [], Out::Nothing),
        call(peer('i'), "f", [], Out::Slot(0)),
        caught(call(peer('q'), "f", [slot(0)], Out::Nothing)),
    ]);
    let mut net = Net::new(compile(&tree), peer('i'), 1);
    let pending = net.host(peer('i')).run.step(1000).calls.remove(0);
    assert_eq!(net.host(peer('i')).run.probes().len(), 1);
    net.start();
    // The argument comes, in the first turn, and is news for q; it is too late all the same.
    let run = &mut net.host(peer('i')).run;
    run.resolve(&pending.position, Ok(1_i64.into()), &UncheckedSigner(peer('i'))).unwrap();
    run.step(1000);
    assert_eq!(run.probes(), []);
    let mut rebuilt = Run::new(net.program.clone(), net.header.clone(), peer('i'));
    rebuilt.departed();
    rebuilt.step(1000);
    assert_eq!(rebuilt.probes(), []);
}

#[test]
fn a_peer_that_one_branch_gave_up_does_what_another_branch_asks_of_it_and_only_that() {
    // The case that broke the looser rule: r brings the particle to q, which p could not reach.
    let tree = seq([
        call(peer('p'), "f", [], Out::Nothing),
        par([
            caught(call(peer('q'), "f", [E::Text("given up")], Out::Nothing)),
            seq([
                call(peer('r'), "f", [], Out::Nothing),
                call(peer('q'), "f", [E::Text("done")], Out::Nothing),
            ]),
        ]),
    ]);
    let mut net = Net::new(compile(&tree), peer('i'), 1);
    net.start();
    let frame = net.wire.remove(0);
    net.arrive(&frame);
    let (_, pending) = net.pending.remove(0);
    let signer = UncheckedSigner(peer('p'));
    net.host(peer('p')).run.resolve(&pending.position, Ok(1_i64.into()), &signer).unwrap();
    without(&mut net, 'p', 'q');
    net.quiesce();
    assert_eq!(net.called(), ["i.id(\"caught\")", "p.f()", "q.f(\"done\")", "r.f()"]);
}

#[test]
fn what_is_given_up_stays_so_whatever_its_arguments_turn_out_to_be() {
    // At p nothing is known of x yet; where x is known, the argument is an error of its own.
    let tree = par([
        call(peer('a'), "list", [], Out::Slot(0)),
        seq([
            call(peer('p'), "f", [], Out::Nothing),
            N::Try(
                Box::new(call(peer('q'), "f", [E::Index(Box::new(slot(0)), 9)], Out::Nothing)),
                Box::new(call(
                    peer('i'),
                    "id",
                    [E::Field(Box::new(slot(1)), "error_code")],
                    Out::Nothing,
                )),
                Some(1),
            ),
        ]),
    ]);
    for first in ['a', 'p'] {
        let mut net = Net::new(compile(&tree), peer('i'), 1);
        net.start();
        while let Some(at) = net.wire.iter().position(|frame| letter(&frame.to) != first) {
            let frame = net.wire.remove(at);
            net.arrive(&frame);
            let Some((who, pending)) = net.pending.pop() else { continue };
            let answer = (net.services)(&who, &pending.call);
            let signer = UncheckedSigner(who);
            net.host(who).run.resolve(&pending.position, answer, &signer).unwrap();
            without(&mut net, letter(&who), 'q');
        }
        net.faults.silence = 100;
        net.quiesce();
        assert!(net.called().contains(&"i.id(11001)".to_owned()), "{:?}", net.called());
    }
}

#[test]
fn a_visit_that_was_given_up_carries_nothing_on() {
    // Both branches fail, the second because nobody reaches r: its peer tells who catches it.
    let tree = N::Try(
        Box::new(par([
            call(peer('p'), "bad", [], Out::Nothing),
            seq([call(peer('q'), "f", [], Out::Nothing), N::Visit(E::Peer(peer('r')))]),
        ])),
        Box::new(call(peer('i'), "f", [], Out::Nothing)),
        None,
    );
    for seed in 0..20 {
        let mut net = Net::new(compile(&tree), peer('i'), seed);
        net.start();
        net.faults.silence = 100;
        net.quiesce();
        assert_eq!(net.stuck(), Vec::<String>::new(), "seed {seed}");
    }
}

/// The record that gave the step up, and the value of its message.
fn verdict(position: Position) -> (Record, SaltedValue) {
    let message =
        SaltedValue { value: "q cannot be reached".into(), salt: aquac_ir::Salt([1; 16]) };
    let fault = RecordedFault { code: FaultCode::Unreachable, message: message.digest() };
    let arguments = aquac_ir::Digest::of(aquac_ir::Domain::Arguments, &[]);
    (Record { position, arguments, outcome: Err(fault) }, message)
}

#[test]
fn a_receipt_proves_that_a_step_was_given_up_and_refuses_that_it_was_too_late() {
    let mut net = at_the_fork();
    without(&mut net, 'p', 'q');
    net.quiesce();
    let signer = UncheckedSigner(peer('i'));
    let honest = Receipt::seal(&net.host(peer('i')).run, &signer);
    let proved = honest.verify(&UncheckedVerifier).unwrap();
    assert_eq!(proved.steps.iter().filter(|done| done.outcome.is_err()).count(), 1);
    assert_eq!(proved.unreachable_believed, [Position { node: NodeId(3), path: vec![] }]);

    // The same by p in its next turn, or by somebody whose turn does not lead to the step.
    let mut net = at_the_fork();
    net.work(peer('p'));
    net.quiesce();
    for liar in ['p', 'i'] {
        let run = &mut net.host(peer('i')).run;
        let (record, message) = verdict(Position { node: NodeId(3), path: vec![] });
        let head = run.history().heads().get(&peer(liar)).copied();
        let body = aquac_vm::TurnBody {
            particle: run.particle(),
            author: peer(liar),
            number: head.map_or(1, |head| head.number + 1),
            previous: head.map_or(run.particle().0, |head| head.digest),
            entries: vec![Entry::Record(record)],
        };
        let turn = SignedTurn::sign(body, &UncheckedSigner(peer(liar)));
        let mut other = Run::new(run.program().clone(), run.header().clone(), peer('i'));
        let turns = run.turns_since(&aquac_vm::Heads::default());
        let turns = turns.iter().map(|turn| (**turn).clone()).chain([turn]);
        other.absorb(turns, run.values().cloned().chain([message]), &UncheckedVerifier);
        other.step(1000);
        assert_eq!(other.result().unwrap().unwrap(), ["done".into()]);
        let refused = Receipt::seal(&other, &signer).verify(&UncheckedVerifier);
        assert!(
            matches!(refused, Err(ReceiptError::OutOfPlace { author, .. }) if author == peer(liar)),
            "{refused:?}"
        );
    }
}
