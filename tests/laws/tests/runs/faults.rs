//! What a peer may record as an error: what became of a call of its own. Errors that follow from
//! the program and its values are everybody's to compute, and nobody's to claim.

use aquac_ir::{FaultCode, PeerId, Value};
use aquac_vm::{
    Entry, Receipt, ReceiptError, Record, RecordedFault, Refusal, Run, SaltedValue, SignedTurn,
    UncheckedSigner, UncheckedVerifier,
};

use crate::net::{Net, peer};
use crate::receipts::{receipt, sign_all_again};
use crate::tree::{E, N, Out, call, compile, par, seq, slot};

/// What may become of a call: only its peer knows.
const OF_A_CALL: [i64; 8] = [10000, 11001, 11002, 11003, 11004, 11005, 11006, 11007];

/// What only the program can say, among them all that end a run everywhere.
const OF_THE_PROGRAM: [i64; 17] = [
    10001, 10002, 10003, 10005, 10006, 10007, 10008, 10009, 10010, 10011, 10012, 20004, 20007,
    20013, 11008, 11009, 11010,
];

/// A call that may fail, in a `try`; behind it more, and a branch that has nothing to do with it.
fn story() -> N {
    let caught = N::Try(
        Box::new(call(peer('b'), "f", [], Out::Nothing)),
        Box::new(call(peer('c'), "id", [E::Text("caught")], Out::Nothing)),
        None,
    );
    seq([
        par([seq([caught, call(peer('q'), "f", [], Out::Nothing)]), N::Null]),
        N::Visit(E::Peer(peer('r'))),
        N::Snapshot(E::Peer(peer('s')), 0, 0),
        N::Return(vec![slot(0)]),
    ])
}

fn played() -> Net {
    let mut net = Net::new(compile(&story()), peer('i'), 5);
    net.go();
    // The initiator asks everybody.
    for host in ["b", "q", "r", "s"].map(|name| peer(name.chars().next().unwrap())) {
        let turns = net.host(host).run.turns_since(&aquac_vm::Heads::default());
        let turns: Vec<SignedTurn> = turns.iter().map(|turn| (**turn).clone()).collect();
        let run = &mut net.host(peer('i')).run;
        run.absorb(turns, [], &UncheckedVerifier);
        run.step(1000);
    }
    net
}

fn message() -> SaltedValue {
    SaltedValue { value: Value::from("so it was"), salt: aquac_ir::Salt([3; 16]) }
}

fn claim(number: i64) -> RecordedFault {
    let code = FaultCode::from_number(number).expect("it is one of ours");
    RecordedFault { code, message: message().digest() }
}

/// The receipt, in which a peer says that its first step ended with this error.
fn claiming(author: char, number: i64) -> Receipt {
    let mut receipt = receipt(&mut played());
    let record = receipt
        .turns
        .iter_mut()
        .filter(|turn| turn.body.author == peer(author))
        .flat_map(|turn| &mut turn.body.entries)
        .find_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            Entry::Saw { .. } => None,
        });
    let record = record.expect("it has done a step");
    let was = std::mem::replace(&mut record.outcome, Err(claim(number)));
    // Nothing speaks of what it had made any more.
    receipt.values.retain(|salted| Ok(salted.digest()) != was);
    receipt.values.push(message());
    sign_all_again(&mut receipt);
    receipt
}

fn verdict(receipt: &Receipt) -> Result<(), ReceiptError> {
    receipt.verify(&UncheckedVerifier).map(|_| ())
}

fn refused(author: PeerId) -> Result<(), ReceiptError> {
    Err(ReceiptError::Turn { author, number: 1, why: Refusal::NotItsToSay })
}

#[test]
fn every_code_is_either_of_a_call_or_of_the_program() {
    let known = (10_000..30_000).filter(|number| FaultCode::from_number(*number).is_some());
    let mut listed = [&OF_A_CALL[..], &OF_THE_PROGRAM[..]].concat();
    listed.sort_unstable();
    assert_eq!(known.collect::<Vec<i64>>(), listed);
}

#[test]
fn what_only_the_program_can_say_is_refused_from_a_peer_in_a_receipt() {
    assert_eq!(verdict(&receipt(&mut played())), Ok(()));
    for number in OF_THE_PROGRAM {
        assert_eq!(verdict(&claiming('b', number)), refused(peer('b')), "{number}");
    }
    // What becomes of a call may be so: another branch of the program would have run then.
    for number in OF_A_CALL {
        assert_ne!(verdict(&claiming('b', number)), refused(peer('b')), "{number}");
    }
}

#[test]
fn what_only_the_program_can_say_is_refused_from_a_peer_in_a_turn() {
    for (numbers, taken) in [(&OF_THE_PROGRAM[..], false), (&OF_A_CALL[..], true)] {
        for number in numbers {
            let net = Net::new(compile(&story()), peer('i'), 5);
            let mut run = Run::new(net.program.clone(), net.header.clone(), peer('i'));
            run.step(1000);
            let waiting = run.waiting();
            let step = waiting.iter().find(|waiting| waiting.place == Some(peer('b'))).unwrap();
            let arguments = aquac_ir::Digest::of(aquac_ir::Domain::Arguments, &[]);
            let outcome = Err(claim(*number));
            let record = Record { position: step.position.clone(), arguments, outcome };
            let body = aquac_vm::TurnBody {
                particle: run.particle(),
                author: peer('b'),
                number: 1,
                previous: run.particle().0,
                entries: vec![Entry::Record(record)],
            };
            let turn = SignedTurn::sign(body, &UncheckedSigner(peer('b')));
            let absorbed = run.absorb([turn], [message()], &UncheckedVerifier);
            let why: Vec<Refusal> = absorbed.refused.iter().map(|refused| refused.why).collect();
            let expected = if taken { vec![] } else { vec![Refusal::NotItsToSay] };
            assert_eq!(why, expected, "{number}");
            run.step(1000);
            assert_eq!(run.result(), None, "{number} ends nothing");
            let handled = run.waiting().iter().any(|waiting| waiting.place == Some(peer('c')));
            assert_eq!(handled, taken, "{number} is caught if it counts");
        }
    }
}

#[test]
fn a_step_that_is_no_call_has_no_error() {
    for (author, number) in [('r', 11002), ('s', 10000), ('i', 11003)] {
        let claiming = claiming(author, number);
        let refused = verdict(&claiming);
        assert!(
            matches!(refused, Err(ReceiptError::Failed { author: liar, .. }) if liar == peer(author)),
            "{author}: {refused:?}"
        );
    }
}
