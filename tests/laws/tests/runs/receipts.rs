//! Receipts: an honest one proves its run; every way of changing it is refused, each with its own
//! reason, even when the one who changed it signs again what it can sign.

use std::sync::Arc;

use aquac_ir::{Digest, FaultCode, Header, PeerId, Value, VerifiedProgram};
use aquac_vm::{
    Deed, Entry, HeaderError, Heads, Receipt, ReceiptError, Record, RecordedFault, Refusal, Run,
    SaltedValue, SignedTurn, UncheckedSigner, UncheckedVerifier, sign_header,
};

use crate::net::{Faults, Net, peer};
use crate::random::{peers, tree};
use crate::tree::{E, N, Out, call, compile, par, seq, slot};

/// Two branches, a condition, a snapshot, a return.
fn story() -> N {
    seq([
        call(peer('a'), "list", [], Out::Slot(0)),
        N::If(
            E::Equal(Box::new(E::Length(Box::new(slot(0)))), Box::new(E::Int(3))),
            Box::new(call(peer('b'), "id", [slot(0)], Out::Slot(1))),
            Box::new(N::Null),
        ),
        par([
            call(peer('p'), "id", [E::Text("P")], Out::Stream(0)),
            call(peer('q'), "id", [E::Text("Q")], Out::Stream(0)),
            N::Null,
        ]),
        call(peer('a'), "id", [E::Text("again")], Out::Nothing),
        N::Await(E::Peer(peer('r')), 0, E::Int(2), 2),
        N::Return(vec![slot(1), slot(2)]),
    ])
}

fn net() -> Net {
    let mut net = Net::new(compile(&story()), peer('i'), 5);
    net.go();
    net
}

fn signer(peer: PeerId) -> UncheckedSigner {
    UncheckedSigner(peer)
}

pub(crate) fn receipt(net: &mut Net) -> Receipt {
    let initiator = net.initiator();
    let run = &net.host(initiator).run;
    Receipt::seal(run, &signer(initiator))
}

fn verdict(receipt: &Receipt) -> Result<(), ReceiptError> {
    receipt.verify(&UncheckedVerifier).map(|_| ())
}

/// Signs a turn again, and every later turn that names it, as if all had changed their mind, and
/// has the initiator seal the result.
pub(crate) fn sign_all_again(receipt: &mut Receipt) {
    let mut named: Vec<(PeerId, u32, Digest)> = Vec::new();
    let particle = receipt.header.header.id();
    let last = |named: &[(PeerId, u32, Digest)], author: PeerId, number: u32| {
        named.iter().find(|(a, n, _)| (*a, *n) == (author, number)).map(|(_, _, digest)| *digest)
    };
    for turn in &mut receipt.turns {
        let mut body = turn.body.clone();
        body.previous = last(&named, body.author, body.number - 1).unwrap_or(particle.0);
        for entry in &mut body.entries {
            if let Entry::Saw { peer, number, digest } = entry {
                *digest = last(&named, *peer, *number).unwrap_or(*digest);
            }
        }
        *turn = SignedTurn::sign(body.clone(), &signer(body.author));
        named.push((body.author, body.number, body.digest()));
    }
    seal_again(receipt);
}

/// Has the initiator seal whatever is there.
fn seal_again(receipt: &mut Receipt) {
    let program = VerifiedProgram::from_bytes(&receipt.program).unwrap();
    let initiator = receipt.header.header.initiator;
    let mut run = Run::new(Arc::new(program), Arc::new(receipt.header.clone()), initiator);
    run.absorb(receipt.turns.clone(), [], &UncheckedVerifier);
    let sealed = Receipt::seal(&run, &signer(initiator));
    (receipt.heads, receipt.seal) = (sealed.heads, sealed.seal);
}

fn turn_of(receipt: &mut Receipt, author: PeerId, number: u32) -> &mut SignedTurn {
    let found = |turn: &&mut SignedTurn| turn.body.author == author && turn.body.number == number;
    receipt.turns.iter_mut().find(found).unwrap()
}

fn record_of(receipt: &mut Receipt, author: PeerId) -> &mut Record {
    let entries = &mut turn_of(receipt, author, 1).body.entries;
    entries
        .iter_mut()
        .find_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            Entry::Saw { .. } => None,
        })
        .unwrap()
}

#[test]
fn an_honest_receipt_proves_every_step() {
    let mut net = net();
    let receipt = receipt(&mut net);
    let read = Receipt::from_bytes(&receipt.to_bytes()).unwrap();
    assert_eq!(read, receipt);
    let proved = read.verify(&UncheckedVerifier).unwrap();
    assert_eq!(proved.result.unwrap().unwrap().len(), 2);
    assert_eq!(proved.arguments_believed, []);
    assert_eq!(proved.snapshots_believed, []);
    assert_eq!(proved.open, []);
    let deeds =
        |wanted: fn(&Deed) -> bool| proved.steps.iter().filter(|done| wanted(&done.deed)).count();
    assert_eq!(deeds(|deed| matches!(deed, Deed::Call { .. })), 5);
    assert_eq!(deeds(|deed| matches!(deed, Deed::Snapshot)), 1);
    assert_eq!(deeds(|deed| matches!(deed, Deed::Return)), 1);
}

#[test]
fn receipts_of_random_runs_hold() {
    for seed in 0..400 {
        let mut net = Net::new(compile(&tree(seed)), peers()[0], seed);
        net.faults = Faults { drop: 10, double: 10, crash: 5, gather: 50, silence: 30 };
        net.go();
        let receipt = receipt(&mut net);
        if let Err(error) = receipt.verify(&UncheckedVerifier) {
            panic!("seed {seed}: {error} {:?} {}", error, crate::shrink::shown(&tree(seed)));
        }
    }
}

#[test]
fn what_is_rewritten_without_its_author_is_refused_at_the_signature() {
    let honest = receipt(&mut net());
    let bad = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = honest.clone();
        change(&mut receipt);
        verdict(&receipt)
    };
    let refused =
        |author| Err(ReceiptError::Turn { author, number: 1, why: Refusal::BadSignature });
    let b = peer('b');
    assert_eq!(bad(&|r| record_of(r, b).outcome = Ok(Digest([1; 32]))), refused(b));
    assert_eq!(bad(&|r| record_of(r, b).arguments = Digest([1; 32])), refused(b));
    assert_eq!(bad(&|r| record_of(r, b).position.node.0 += 1), refused(b));
    assert_eq!(bad(&|r| turn_of(r, b, 1).body.entries.reverse()), refused(b));
    assert_eq!(bad(&|r| turn_of(r, b, 1).body.author = peer('z')), refused(peer('z')));
}

#[test]
fn a_value_that_was_rewritten_or_left_out_is_missed() {
    let mut changed = receipt(&mut net());
    let found = changed.values.iter_mut().find(|salted| salted.value.as_array().is_some()).unwrap();
    found.value = Value::array(vec![9_i64.into()]).unwrap();
    assert_eq!(verdict(&changed), Err(ReceiptError::StrayValue));
    let mut less = receipt(&mut net());
    less.values.retain(|salted| salted.value.as_array().is_none_or(|items| items.len() != 3));
    assert!(matches!(verdict(&less), Err(ReceiptError::MissingValue(_))));
}

#[test]
fn a_turn_that_is_left_out_is_missed_even_with_all_that_it_signed() {
    let mut middle = receipt(&mut net());
    let a = peer('a');
    middle.turns.retain(|turn| (turn.body.author, turn.body.number) != (a, 1));
    assert_eq!(verdict(&middle), Err(ReceiptError::MissingTurn { author: a, number: 1 }));
    let mut branch = receipt(&mut net());
    let p = peer('p');
    branch.turns.retain(|turn| turn.body.author != p);
    assert_eq!(verdict(&branch), Err(ReceiptError::MissingTurn { author: p, number: 1 }));
}

#[test]
fn a_branch_that_nobody_saw_cannot_be_left_out_either() {
    let tree = par([
        call(peer('p'), "f", [], Out::Nothing),
        seq([call(peer('q'), "f", [], Out::Slot(0)), N::Return(vec![slot(0)])]),
    ]);
    let mut net = Net::new(compile(&tree), peer('i'), 1);
    net.go();
    // The other branch reports to nobody; the initiator asks for what it has.
    let turns = net.host(peer('p')).run.turns_since(&Heads::default());
    let initiator = &mut net.host(peer('i')).run;
    initiator.absorb(turns.iter().map(|turn| (**turn).clone()), [], &UncheckedVerifier);
    let mut receipt = receipt(&mut net);
    assert_eq!(verdict(&receipt), Ok(()));
    receipt.turns.retain(|turn| turn.body.author != peer('p'));
    let missing = ReceiptError::MissingTurn { author: peer('p'), number: 1 };
    assert_eq!(verdict(&receipt), Err(missing));
}

#[test]
fn turns_in_another_order_twice_or_of_another_run_are_refused() {
    let mut swapped = receipt(&mut net());
    let last = swapped.turns.len() - 1;
    swapped.turns.swap(0, last);
    assert_eq!(verdict(&swapped), Err(ReceiptError::OutOfOrder));
    let mut doubled = receipt(&mut net());
    let again = doubled.turns[0].clone();
    doubled.turns.push(again);
    assert_eq!(verdict(&doubled), Err(ReceiptError::OutOfOrder));
    let mut moved = receipt(&mut net());
    let mut other = Net::with_args(compile(&story()), peer('i'), Some(peer('z')), &[], 5);
    other.go();
    moved.turns.push(receipt(&mut other).turns[0].clone());
    let refused = verdict(&moved);
    let why = Refusal::OtherParticle;
    assert_eq!(refused, Err(ReceiptError::Turn { author: peer('a'), number: 1, why }));
}

#[test]
fn a_second_opinion_of_a_peer_is_a_fork() {
    let mut forked = receipt(&mut net());
    let mut body = turn_of(&mut forked, peer('b'), 1).body.clone();
    body.entries.truncate(1);
    forked.turns.push(SignedTurn::sign(body, &signer(peer('b'))));
    let fork = ReceiptError::Forked { author: peer('b'), number: 1 };
    assert_eq!(verdict(&forked), Err(fork));
}

#[test]
fn header_program_and_seal_must_be_the_initiators() {
    let mut receipt = receipt(&mut net());
    let honest = receipt.clone();
    receipt.header.header.ttl += 1;
    assert_eq!(verdict(&receipt), Err(ReceiptError::Header(HeaderError::BadSignature)));
    let mut receipt = honest.clone();
    receipt.program = aquac_ir::encode(compile(&N::Null).program());
    assert_eq!(verdict(&receipt), Err(ReceiptError::OtherProgram));
    let mut receipt = honest.clone();
    receipt.program.push(0);
    assert!(matches!(verdict(&receipt), Err(ReceiptError::Program(_))));
    let mut receipt = honest.clone();
    let last = receipt.heads.iter().last().map(|(author, _)| *author);
    last.map(|author| receipt.heads.remove(&author));
    assert_eq!(verdict(&receipt), Err(ReceiptError::BadSeal));
    let mut receipt = honest.clone();
    let header = Header { initiator: peer('z'), ..receipt.header.header.clone() };
    receipt.header = sign_header(header, &signer(peer('z')));
    assert_eq!(verdict(&receipt), Err(ReceiptError::BadSeal));
    let mut receipt = honest;
    let header = Header { version: 9, ..receipt.header.header.clone() };
    receipt.header = sign_header(header, &signer(peer('i')));
    assert_eq!(verdict(&receipt), Err(ReceiptError::Header(HeaderError::UnknownVersion(9))));
}

#[test]
fn a_lie_that_everybody_signs_again_is_found_by_running_the_program() {
    let b = peer('b');
    let mut arguments = receipt(&mut net());
    record_of(&mut arguments, b).arguments = Digest([1; 32]);
    sign_all_again(&mut arguments);
    assert!(matches!(
        verdict(&arguments),
        Err(ReceiptError::OtherArguments { author, .. }) if author == b
    ));
    let mut position = receipt(&mut net());
    record_of(&mut position, b).position.node.0 += 1;
    sign_all_again(&mut position);
    let refused = verdict(&position);
    assert!(matches!(refused, Err(ReceiptError::OutOfPlace { author, .. }) if author == b));
    let mut outcome = receipt(&mut net());
    record_of(&mut outcome, b).outcome =
        Err(RecordedFault { code: FaultCode::Denied, message: Digest([1; 32]) });
    sign_all_again(&mut outcome);
    assert!(verdict(&outcome).is_err());
}

/// A turn of this peer behind its last one, validly signed.
fn one_more(receipt: &Receipt, author: PeerId, entries: Vec<Entry>) -> SignedTurn {
    let last = receipt.turns.iter().rfind(|turn| turn.body.author == author);
    let body = aquac_vm::TurnBody {
        particle: receipt.header.header.id(),
        author,
        number: last.map_or(1, |turn| turn.body.number + 1),
        previous: last.map_or(receipt.header.header.id().0, |turn| turn.body.digest()),
        entries,
    };
    SignedTurn::sign(body, &signer(author))
}

#[test]
fn one_of_the_peers_gets_nowhere_with_its_own_key() {
    let honest = receipt(&mut net());
    let b = peer('b');
    let forged = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = honest.clone();
        change(&mut receipt);
        verdict(&receipt)
    };
    let again = |receipt: &mut Receipt, change: &dyn Fn(&mut Vec<Entry>)| {
        let turn = turn_of(receipt, b, 1);
        let mut body = turn.body.clone();
        change(&mut body.entries);
        *turn = SignedTurn::sign(body, &signer(b));
    };
    // Its own turn, changed and signed again: the seal names another, and so do those behind it.
    let record = |entry: &Entry| matches!(entry, Entry::Record(_));
    for change in [
        &(|entries: &mut Vec<Entry>| entries.retain(record)) as &dyn Fn(&mut Vec<Entry>),
        &|entries: &mut Vec<Entry>| entries.retain(|entry| !record(entry)),
        &|entries: &mut Vec<Entry>| entries.reverse(),
        &|entries: &mut Vec<Entry>| entries.push(entries[0].clone()),
    ] {
        let refused = forged(&|receipt| again(receipt, change));
        assert!(
            matches!(
                refused,
                Err(ReceiptError::MissingTurn { .. }
                    | ReceiptError::NotSealed { .. }
                    | ReceiptError::Forked { .. })
            ),
            "{refused:?}"
        );
    }
    // A turn more, whether it says something or not, by it or by somebody who has no part in it.
    for author in [b, peer('z')] {
        let more = one_more(&honest, author, Vec::new());
        let number = more.body.number;
        let refused = forged(&|receipt| receipt.turns.push(more.clone()));
        assert_eq!(refused, Err(ReceiptError::NotSealed { author, number }));
    }
    // What only the initiator signs.
    let header = Err(ReceiptError::Header(HeaderError::BadSignature));
    assert_eq!(forged(&|receipt| receipt.header.header.issued_at += 1), header);
    assert_eq!(forged(&|receipt| receipt.header.header.limits.fan_out += 1), header);
    assert_eq!(forged(&|receipt| receipt.header.header.nonce.0[0] ^= 1), header);
    assert_eq!(forged(&|receipt| receipt.header.header.args.push(Digest([1; 32]))), header);
    // A proof that it contradicted itself is not for it to add: its turns would count for nothing.
    let turn = honest.turns.iter().find(|turn| turn.body.author == b).unwrap();
    let mut other = turn.body.clone();
    other.entries.clear();
    let proof = (turn.clone(), SignedTurn::sign(other, &signer(b)));
    assert_eq!(forged(&|r| r.forks.push(proof.clone())), Err(ReceiptError::BadSeal));
    assert!(forged(&|r| r.turns.clear()).is_err());
    assert!(forged(&|r| r.turns.truncate(3)).is_err());
    // A value that nothing signed refers to.
    let stray = SaltedValue { value: "mine".into(), salt: aquac_ir::Salt([1; 16]) };
    assert_eq!(forged(&|r| r.values.push(stray.clone())), Err(ReceiptError::StrayValue));
}

#[test]
fn what_is_cut_is_either_missed_or_said_to_be_believed() {
    let honest = receipt(&mut net());
    let proved = honest.verify(&UncheckedVerifier).unwrap();
    for at in 0..honest.values.len() {
        let mut cut = honest.clone();
        cut.values.remove(at);
        match cut.verify(&UncheckedVerifier) {
            Err(ReceiptError::MissingValue(digest)) => {
                assert_eq!(digest, honest.values[at].digest());
            }
            Err(other) => panic!("{other}"),
            Ok(less) => {
                let shown = |proved: &aquac_vm::Proved| {
                    let known = proved.steps.iter().filter(|d| matches!(d.outcome, Ok(Some(_))));
                    known.count()
                };
                let believed = less.arguments_believed.len() + less.snapshots_believed.len();
                let says = believed > 0 || less.result != proved.result;
                let value = &honest.values[at].value;
                assert!(says || shown(&less) < shown(&proved), "{value} is not missed");
            }
        }
    }
}

#[test]
fn a_snapshot_in_another_order_than_was_seen_is_found() {
    let mut receipt = receipt(&mut net());
    let honest = receipt.values.clone();
    let pair = |salted: &&SaltedValue| salted.value.to_string() == r#"["P","Q"]"#;
    let taken = honest.iter().find(pair).unwrap();
    let swapped = SaltedValue {
        value: Value::array(vec!["Q".into(), "P".into()]).unwrap(),
        salt: taken.salt,
    };
    let (was, is) = (taken.digest(), swapped.digest());
    for turn in &mut receipt.turns {
        for entry in &mut turn.body.entries {
            if let Entry::Record(record) = entry
                && record.outcome == Ok(was)
            {
                record.outcome = Ok(is);
            }
        }
    }
    receipt.values.retain(|salted| salted.digest() != was);
    receipt.values.push(swapped);
    // The return names what it returned, so its arguments change with it.
    sign_all_again(&mut receipt);
    let refused = verdict(&receipt);
    assert!(
        matches!(
            refused,
            Err(ReceiptError::WrongSnapshot { .. } | ReceiptError::OtherArguments { .. })
        ),
        "{refused:?}"
    );
}

#[test]
fn bytes_that_are_no_receipt_or_a_damaged_one_are_told_apart() {
    let bytes = receipt(&mut net()).to_bytes();
    assert_eq!(Receipt::from_bytes(b"%PDF"), Err(ReceiptError::NotAReceipt));
    assert_eq!(Receipt::from_bytes(&bytes[..bytes.len() - 9]), Err(ReceiptError::Damaged));
    let mut newer = bytes.clone();
    newer[4] = 2;
    assert_eq!(Receipt::from_bytes(&newer), Err(ReceiptError::UnknownVersion(2)));
    for at in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        let verdict = Receipt::from_bytes(&flipped).and_then(|receipt| verdict(&receipt));
        assert!(verdict.is_err(), "byte {at} can be changed");
    }
}
