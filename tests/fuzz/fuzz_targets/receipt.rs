//! A receipt that somebody changed: nothing that was signed can be changed without its author,
//! and whatever is signed again is read, judged and told without a panic.

#![no_main]

use aquac_fuzz::honest_receipt;
use aquac_ir::{Digest, PeerId, Value};
use aquac_vm::{
    Entry, Receipt, Record, SignedTurn, TurnBody, UncheckedSigner, UncheckedVerifier, sign_header,
};
use libfuzzer_sys::{Corpus, arbitrary, arbitrary::Arbitrary, fuzz_target};

#[derive(Arbitrary, Debug)]
enum Given {
    /// What is read as it stands.
    Bytes(Vec<u8>),
    /// The bytes of the honest one, some of them changed.
    Flipped(Vec<(u16, u8)>),
    /// Changes that keep its form; signed again by everybody, or not.
    Changed(Vec<Change>, bool),
}

#[derive(Arbitrary, Debug)]
enum Change {
    DropTurn(u8),
    SwapTurns(u8, u8),
    TurnTwice(u8),
    Fork(u8),
    Author(u8, u8),
    DropEntry(u8, u8),
    SwapEntries(u8, u8, u8),
    Outcome(u8, u8),
    Arguments(u8, u8),
    Node(u8, u8, u8),
    DropValue(u8),
    Value(u8),
    Header(u8),
    Program(u8),
}

fuzz_target!(|given: Given| -> Corpus {
    let honest = honest_receipt();
    match given {
        Given::Bytes(bytes) => {
            let Ok(receipt) = Receipt::from_bytes(&bytes) else { return Corpus::Keep };
            assert_eq!(receipt.to_bytes(), bytes, "one receipt, one encoding");
            drop(receipt.verify(&UncheckedVerifier));
        }
        Given::Flipped(flips) => {
            let mut bytes = honest.to_bytes();
            for (at, by) in flips.iter().take(4) {
                let at = usize::from(*at) % bytes.len();
                bytes[at] ^= by;
            }
            if bytes != honest.to_bytes() {
                let verdict = Receipt::from_bytes(&bytes).map(|it| it.verify(&UncheckedVerifier));
                assert!(!matches!(verdict, Ok(Ok(_))), "a byte can be changed");
            }
        }
        Given::Changed(changes, again) => {
            let mut receipt = honest.clone();
            changes.iter().take(8).for_each(|change| apply(&mut receipt, change));
            if again {
                sign_all_again(&mut receipt);
            }
            assert_eq!(Receipt::from_bytes(&receipt.to_bytes()).as_ref(), Ok(&receipt));
            let proved = receipt.verify(&UncheckedVerifier);
            // Turns that do not rest on each other may stand in any order.
            let signed = |receipt: &Receipt| {
                let Receipt { program, header, mut turns, forks, heads, .. } = receipt.clone();
                turns.sort_by_key(|turn| (turn.body.author, turn.body.number));
                (program, header, turns, forks, heads)
            };
            if !again && signed(&receipt) != signed(honest) {
                assert!(proved.is_err(), "what was signed can be changed");
            }
        }
    }
    Corpus::Keep
});

fn at<T>(items: &[T], number: u8) -> Option<usize> {
    (!items.is_empty()).then(|| usize::from(number) % items.len())
}

fn apply(receipt: &mut Receipt, change: &Change) {
    let turns = &mut receipt.turns;
    match change {
        Change::DropTurn(turn) => drop(at(turns, *turn).map(|at| turns.remove(at))),
        Change::SwapTurns(one, other) => {
            if let (Some(one), Some(other)) = (at(turns, *one), at(turns, *other)) {
                turns.swap(one, other);
            }
        }
        Change::TurnTwice(turn) => {
            turns.extend(at(turns, *turn).map(|at| turns[at].clone()));
        }
        Change::Fork(turn) => {
            if let Some(at) = at(turns, *turn) {
                let mut body = turns[at].body.clone();
                body.entries.pop();
                let other = SignedTurn::sign(body, &UncheckedSigner(turns[at].body.author));
                receipt.forks.push((turns[at].clone(), other));
            }
        }
        Change::Author(turn, author) => {
            with_turn(turns, *turn, |body| body.author = PeerId([1 + author % 4; 32]));
        }
        Change::DropEntry(turn, entry) => with_turn(turns, *turn, |body| {
            drop(at(&body.entries, *entry).map(|at| body.entries.remove(at)));
        }),
        Change::SwapEntries(turn, one, other) => with_turn(turns, *turn, |body| {
            if let (Some(one), Some(other)) = (at(&body.entries, *one), at(&body.entries, *other)) {
                body.entries.swap(one, other);
            }
        }),
        Change::Outcome(turn, entry) => {
            with_record(turns, *turn, *entry, |record| record.outcome = Ok(Digest([3; 32])));
        }
        Change::Arguments(turn, entry) => {
            with_record(turns, *turn, *entry, |record| record.arguments = Digest([3; 32]));
        }
        Change::Node(turn, entry, node) => with_record(turns, *turn, *entry, |record| {
            record.position.node.0 = u32::from(*node);
        }),
        Change::DropValue(value) => {
            drop(at(&receipt.values, *value).map(|at| receipt.values.remove(at)));
        }
        Change::Value(value) => {
            if let Some(at) = at(&receipt.values, *value) {
                receipt.values[at].value = Value::text("another");
            }
        }
        Change::Header(ttl) => receipt.header.header.ttl ^= u32::from(*ttl),
        Change::Program(at) => {
            let at = usize::from(*at) % receipt.program.len().max(1);
            if let Some(byte) = receipt.program.get_mut(at) {
                *byte ^= 1;
            }
        }
    }
}

fn with_turn(turns: &mut [SignedTurn], turn: u8, change: impl FnOnce(&mut TurnBody)) {
    if let Some(at) = at(turns, turn) {
        change(&mut turns[at].body);
    }
}

fn with_record(turns: &mut [SignedTurn], turn: u8, entry: u8, change: impl FnOnce(&mut Record)) {
    with_turn(turns, turn, |body| {
        let records = body.entries.iter_mut().filter_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            Entry::Saw { .. } => None,
        });
        let mut records: Vec<&mut Record> = records.collect();
        if let Some(at) = at(&records, entry) {
            change(records.swap_remove(at));
        }
    });
}

/// Everybody signs what is there, and the initiator seals it.
fn sign_all_again(receipt: &mut Receipt) {
    let initiator = UncheckedSigner(receipt.header.header.initiator);
    receipt.header = sign_header(receipt.header.header.clone(), &initiator);
    let particle = receipt.header.header.id();
    let mut named: Vec<(PeerId, u32, Digest)> = Vec::new();
    for turn in &mut receipt.turns {
        let mut body = turn.body.clone();
        let digest = |author: PeerId, number: u32| {
            let found = named.iter().rev().find(|(a, n, _)| (*a, *n) == (author, number));
            found.map(|(_, _, digest)| *digest)
        };
        body.particle = particle;
        body.previous = digest(body.author, body.number.wrapping_sub(1)).unwrap_or(particle.0);
        for entry in &mut body.entries {
            if let Entry::Saw { peer, number, digest: seen } = entry {
                *seen = digest(*peer, *number).unwrap_or(*seen);
            }
        }
        *turn = SignedTurn::sign(body.clone(), &UncheckedSigner(body.author));
        named.push((body.author, body.number, body.digest()));
    }
    aquac_fuzz::seal_again(receipt);
}
