//! Every way of changing the receipt of a random run is refused, each with its own reason: what
//! anybody can change, what a peer can with its own key, and what all can who sign again together.

use std::collections::BTreeMap;

use aquac_ir::{Digest, FaultCode, Node, PeerId, Salt, Value, VerifiedProgram};
use aquac_vm::{
    Entry, HeaderError, Heads, Receipt, ReceiptError, Record, RecordedFault, Refusal, SaltedValue,
    SignedTurn, TurnBody, UncheckedSigner, UncheckedVerifier,
};

use crate::net::{Dice, Faults, Net, peer};
use crate::random::{peers, tree};
use crate::receipts::{receipt, sign_all_again};
use crate::tree::{N, compile};

/// Changes a receipt, if it has what is to be changed.
type Change = fn(&mut Receipt, &mut Dice) -> Option<()>;

/// Whether this is the reason for which it must be refused.
type Reason = fn(&ReceiptError) -> bool;

const CLASSES: [(&str, Change, Reason); 22] = [
    ("an outcome that its author did not sign", other_outcome, is_unsigned),
    ("arguments that its author did not sign", other_arguments, is_unsigned),
    ("a turn under another name", other_author, is_unsigned),
    ("a turn of another run", other_run, |why| is_refused(why, Refusal::OtherParticle)),
    ("a turn left out", without_a_turn, is_missing),
    ("a branch left out with all that it signed", without_a_branch, is_missing),
    ("a branch left out, and from the seal as well", without_a_sealed_branch, is_bad_seal),
    ("a turn twice", twice, |why| matches!(why, ReceiptError::OutOfOrder)),
    ("a turn before those on which it rests", too_early, |why| {
        matches!(why, ReceiptError::OutOfOrder)
    }),
    ("a turn more", one_more, |why| matches!(why, ReceiptError::NotSealed { .. })),
    ("a second opinion", second_opinion, |why| matches!(why, ReceiptError::Forked { .. })),
    ("a proof against an honest peer", proof, is_bad_seal),
    ("another header", other_header, |why| {
        matches!(why, ReceiptError::Header(HeaderError::BadSignature))
    }),
    ("another program", other_program, |why| matches!(why, ReceiptError::OtherProgram)),
    ("a damaged program", damaged_program, |why| matches!(why, ReceiptError::Program(_))),
    ("the seal of somebody else", other_seal, is_bad_seal),
    ("a value changed", other_value, |why| matches!(why, ReceiptError::StrayValue)),
    ("a value more", stray_value, |why| matches!(why, ReceiptError::StrayValue)),
    ("other arguments, signed by all", signed_arguments, |why| {
        matches!(why, ReceiptError::OtherArguments { .. })
    }),
    ("a step that is nobody's, signed by all", signed_position, |why| {
        matches!(why, ReceiptError::OutOfPlace { .. })
    }),
    ("an error of the program's, signed by all", signed_fault, |why| {
        is_refused(why, Refusal::NotItsToSay)
    }),
    ("an error of a step that is no call, signed by all", signed_failure, |why| {
        matches!(why, ReceiptError::Failed { .. })
    }),
];

fn is_refused(why: &ReceiptError, wanted: Refusal) -> bool {
    matches!(why, ReceiptError::Turn { why, .. } if *why == wanted)
}

fn is_unsigned(why: &ReceiptError) -> bool {
    is_refused(why, Refusal::BadSignature)
}

fn is_missing(why: &ReceiptError) -> bool {
    matches!(why, ReceiptError::MissingTurn { .. })
}

fn is_bad_seal(why: &ReceiptError) -> bool {
    matches!(why, ReceiptError::BadSeal)
}

/// One of the records for which `wanted` holds.
fn record<'a>(
    receipt: &'a mut Receipt,
    dice: &mut Dice,
    wanted: impl Fn(&Record) -> bool,
) -> Option<&'a mut Record> {
    let entries = receipt.turns.iter_mut().flat_map(|turn| &mut turn.body.entries);
    let mut records: Vec<&mut Record> = entries
        .filter_map(|entry| match entry {
            Entry::Record(record) if wanted(record) => Some(record),
            Entry::Record(_) | Entry::Saw { .. } => None,
        })
        .collect();
    let at = dice.below(records.len());
    (!records.is_empty()).then(|| records.swap_remove(at))
}

fn other_outcome(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    record(receipt, dice, |_| true)?.outcome = Ok(Digest([1; 32]));
    Some(())
}

fn other_arguments(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    record(receipt, dice, |_| true)?.arguments = Digest([1; 32]);
    Some(())
}

fn other_author(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let at = dice.below(receipt.turns.len());
    receipt.turns[at].body.author = peer('z');
    Some(())
}

fn other_run(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let at = dice.below(receipt.turns.len());
    let mut body = receipt.turns[at].body.clone();
    body.particle = aquac_ir::ParticleId(Digest([3; 32]));
    receipt.turns.push(SignedTurn::sign(body.clone(), &UncheckedSigner(body.author)));
    Some(())
}

fn without_a_turn(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let at = dice.below(receipt.turns.len());
    receipt.turns.remove(at);
    Some(())
}

/// Somebody who signed something and did not start the run.
fn other_peer(receipt: &Receipt, dice: &mut Dice) -> Option<PeerId> {
    let initiator = receipt.header.header.initiator;
    let authors: Vec<PeerId> = receipt.heads.iter().map(|(author, _)| *author).collect();
    let authors: Vec<PeerId> = authors.into_iter().filter(|author| *author != initiator).collect();
    (!authors.is_empty()).then(|| dice.pick(&authors))
}

fn without_a_branch(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let author = other_peer(receipt, dice)?;
    receipt.turns.retain(|turn| turn.body.author != author);
    Some(())
}

fn without_a_sealed_branch(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let author = other_peer(receipt, dice)?;
    receipt.turns.retain(|turn| turn.body.author != author);
    receipt.heads.remove(&author);
    Some(())
}

fn twice(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let again = dice.pick(&receipt.turns);
    receipt.turns.push(again);
    Some(())
}

fn too_early(receipt: &mut Receipt, _: &mut Dice) -> Option<()> {
    let rests = |turn: &SignedTurn| {
        turn.body.number > 1 || turn.body.entries.iter().any(|e| matches!(e, Entry::Saw { .. }))
    };
    let at = receipt.turns.iter().rposition(rests)?;
    receipt.turns[..=at].rotate_right(1);
    Some(())
}

fn next_of(receipt: &Receipt, author: PeerId) -> TurnBody {
    let last = receipt.turns.iter().rfind(|turn| turn.body.author == author);
    TurnBody {
        particle: receipt.header.header.id(),
        author,
        number: last.map_or(1, |turn| turn.body.number + 1),
        previous: last.map_or(receipt.header.header.id().0, |turn| turn.body.digest()),
        entries: Vec::new(),
    }
}

fn one_more(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let author = if dice.chance(50) { peer('z') } else { other_peer(receipt, dice)? };
    let body = next_of(receipt, author);
    receipt.turns.push(SignedTurn::sign(body, &UncheckedSigner(author)));
    Some(())
}

/// What an author could have signed in the place of one of its turns.
fn contradiction(receipt: &Receipt, dice: &mut Dice) -> Option<(SignedTurn, SignedTurn)> {
    let one = dice.pick(&receipt.turns);
    let mut body = one.body.clone();
    body.entries.push(body.entries.first()?.clone());
    let other = SignedTurn::sign(body, &UncheckedSigner(one.body.author));
    Some((one, other))
}

fn second_opinion(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let (_, other) = contradiction(receipt, dice)?;
    receipt.turns.push(other);
    Some(())
}

fn proof(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let proof = contradiction(receipt, dice)?;
    receipt.forks.push(proof);
    Some(())
}

fn other_header(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let header = &mut receipt.header.header;
    match dice.below(5) {
        0 => header.ttl += 1,
        1 => header.issued_at += 1,
        2 => header.nonce.0[0] ^= 1,
        3 => header.limits.stream_elements += 1,
        _ => header.args.push(Digest([1; 32])),
    }
    Some(())
}

fn other_program(receipt: &mut Receipt, _: &mut Dice) -> Option<()> {
    receipt.program = aquac_ir::encode(compile(&N::Never).program());
    Some(())
}

fn damaged_program(receipt: &mut Receipt, _: &mut Dice) -> Option<()> {
    receipt.program.push(0);
    Some(())
}

fn other_seal(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    receipt.seal.0[dice.below(64)] ^= 1;
    Some(())
}

fn other_value(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let at = dice.below(receipt.values.len());
    receipt.values.get_mut(at)?.value = Value::text("something else");
    Some(())
}

fn stray_value(receipt: &mut Receipt, _: &mut Dice) -> Option<()> {
    receipt.values.push(SaltedValue { value: "mine".into(), salt: Salt([1; 16]) });
    Some(())
}

fn signed_arguments(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    record(receipt, dice, |record| record.outcome.is_ok())?.arguments = Digest([1; 32]);
    sign_all_again(receipt);
    Some(())
}

fn signed_position(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    record(receipt, dice, |_| true)?.position.node.0 = u32::MAX;
    sign_all_again(receipt);
    Some(())
}

fn signed_fault(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let codes = [FaultCode::WrittenTwice, FaultCode::StreamFull, FaultCode::User, FaultCode::Lens];
    let fault = RecordedFault { code: dice.pick(&codes), message: Digest([1; 32]) };
    record(receipt, dice, |_| true)?.outcome = Err(fault);
    sign_all_again(receipt);
    Some(())
}

fn signed_failure(receipt: &mut Receipt, dice: &mut Dice) -> Option<()> {
    let program = VerifiedProgram::from_bytes(&receipt.program).unwrap();
    let is_call = |record: &Record| {
        matches!(program.program().node(record.position.node), Some(Node::Call { .. }))
    };
    let fault = RecordedFault { code: FaultCode::Denied, message: Digest([1; 32]) };
    let record = record(receipt, dice, |record| record.outcome.is_ok() && !is_call(record))?;
    let was = std::mem::replace(&mut record.outcome, Err(fault));
    receipt.values.retain(|salted| Ok(salted.digest()) != was);
    sign_all_again(receipt);
    Some(())
}

/// An honest receipt of all that anybody did, unless the run was ended on every peer at once.
fn honest(seed: u64) -> Option<Receipt> {
    let mut net = Net::new(compile(&tree(seed)), peers()[0], seed);
    net.faults = Faults { drop: 10, double: 10, crash: 5, gather: 50, silence: 20 };
    net.go();
    let union = net.union(PeerId([0; 32]));
    let turns = union.turns_since(&Heads::default());
    let turns: Vec<SignedTurn> = turns.iter().map(|turn| (**turn).clone()).collect();
    let initiator = net.initiator();
    let run = &mut net.host(initiator).run;
    run.absorb(turns, union.values().cloned(), &UncheckedVerifier);
    run.step(1_000_000);
    let ended = matches!(run.result(), Some(Err(fault)) if !fault.code.catchable());
    let receipt = receipt(&mut net);
    (!ended && receipt.turns.len() > 2).then_some(receipt)
}

#[test]
fn every_change_to_a_receipt_is_refused_with_its_reason() {
    let mut tried: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..RUNS {
        let Some(honest) = honest(seed) else { continue };
        if let Err(why) = honest.verify(&UncheckedVerifier) {
            panic!("seed {seed}: an honest receipt is refused: {why}");
        }
        let mut dice = Dice(seed);
        for (name, change, is_reason) in CLASSES {
            let mut changed = honest.clone();
            if change(&mut changed, &mut dice).is_none() {
                continue;
            }
            assert_ne!(changed, honest, "seed {seed}: {name} changes nothing");
            match changed.verify(&UncheckedVerifier) {
                Ok(_) => panic!("seed {seed}: {name} is believed"),
                Err(why) => assert!(is_reason(&why), "seed {seed}: {name} is refused: {why}"),
            }
            *tried.entry(name).or_default() += 1;
        }
    }
    let rare: Vec<_> = CLASSES
        .iter()
        .map(|(name, ..)| (name, tried.get(name).copied().unwrap_or(0)))
        .filter(|(_, times)| *times < OFTEN)
        .collect();
    assert!(rare.is_empty(), "seldom tried: {rare:?}");
}

/// Random runs of which the receipts are changed, and how often each class must be among them.
const RUNS: u64 = 200;
const OFTEN: u32 = 50;
