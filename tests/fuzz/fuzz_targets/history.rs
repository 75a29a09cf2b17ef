//! Turns that hostile peers make, well signed and in good order: a run takes them in any order,
//! and knows the same.

#![no_main]

use aquac_fuzz::{Chain, FUEL, no_arguments, seen, stock};
use aquac_ir::{Digest, FaultCode, NodeId, PeerId};
use aquac_vm::{
    Entry, Iteration, Position, Record, RecordedFault, Run, SaltedValue, SignedTurn, Status,
    TurnBody, UncheckedSigner, UncheckedVerifier,
};
use libfuzzer_sys::{Corpus, arbitrary, arbitrary::Arbitrary, fuzz_target};

#[derive(Arbitrary, Debug)]
struct Turn {
    author: u8,
    /// Nothing, or another turn in the place of the author's last: a fork.
    fork: bool,
    entries: Vec<Said>,
}

#[derive(Arbitrary, Debug)]
enum Said {
    Saw(u8),
    SawNothing(u8, u8),
    Record { node: u8, path: Vec<Where>, right: bool, value: u8, fault: Option<u8> },
}

#[derive(Arbitrary, Debug)]
enum Where {
    Index(u8),
    Element { node: u8, of: Vec<u8> },
}

fuzz_target!(|given: (Vec<Turn>, bool)| -> Corpus {
    let (given, halves) = given;
    if given.len() > 24 || given.iter().any(|turn| turn.entries.len() > 16) {
        return Corpus::Reject;
    }
    let chain = Chain::new();
    let turns = write(&chain, &given);
    let values = stock();
    let mut one = Run::new(chain.program.clone(), chain.header.clone(), chain.me);
    one.absorb(turns.clone(), values.clone(), &UncheckedVerifier);
    let settled = settle(&mut one);
    let mut other = Run::new(chain.program, chain.header, chain.me);
    if halves {
        let (first, second) = turns.split_at(turns.len() / 2);
        other.absorb(second.to_vec(), [], &UncheckedVerifier);
        other.step(FUEL);
        other.forward();
        other.absorb(first.to_vec(), values.clone(), &UncheckedVerifier);
        other.absorb(turns, values, &UncheckedVerifier);
    } else {
        for turn in turns.into_iter().rev() {
            other.absorb([turn], [], &UncheckedVerifier);
            other.step(FUEL);
        }
        let values: Vec<SaltedValue> = values.into_iter().rev().collect();
        other.absorb([], values, &UncheckedVerifier);
    }
    if settled && settle(&mut other) && one.forks().next().is_none() {
        assert_eq!(seen(&one), seen(&other), "the order does not matter");
    }
    Corpus::Keep
});

fn settle(run: &mut Run) -> bool {
    let status = run.step(FUEL).status;
    run.forward();
    status != Status::OutOfFuel
}

/// Turns as their authors would sign them. Our own author's are left to us.
fn write(chain: &Chain, given: &[Turn]) -> Vec<SignedTurn> {
    let particle = chain.header.header.id();
    let mut made: Vec<(PeerId, u32, Digest)> = Vec::new();
    let mut turns = Vec::new();
    for turn in given {
        let author = PeerId([2 + turn.author % 3; 32]);
        let mut own =
            made.iter().filter(|(of, ..)| *of == author).rev().skip(usize::from(turn.fork));
        let (number, previous) =
            own.next().map_or((1, particle.0), |(_, number, digest)| (number + 1, *digest));
        let entries = turn.entries.iter().map(|said| entry(said, &made)).collect();
        let body = TurnBody { particle, author, number, previous, entries };
        made.push((author, number, body.digest()));
        turns.push(SignedTurn::sign(body, &UncheckedSigner(author)));
    }
    turns
}

fn entry(said: &Said, made: &[(PeerId, u32, Digest)]) -> Entry {
    match said {
        Said::Saw(which) => match made.get(usize::from(*which) % made.len().max(1)) {
            Some((peer, number, digest)) => {
                Entry::Saw { peer: *peer, number: *number, digest: *digest }
            }
            None => Entry::Saw { peer: PeerId([9; 32]), number: 1, digest: Digest([0; 32]) },
        },
        Said::SawNothing(peer, number) => Entry::Saw {
            peer: PeerId([*peer; 32]),
            number: u32::from(*number),
            digest: Digest([0; 32]),
        },
        Said::Record { node, path, right, value, fault } => {
            let stock = stock();
            let digest =
                stock.get(usize::from(*value) % 8).map_or(Digest([5; 32]), SaltedValue::digest);
            let outcome = match fault {
                None => Ok(digest),
                Some(code) => Err(RecordedFault { code: fault_code(*code), message: digest }),
            };
            let arguments = if *right { no_arguments() } else { Digest([6; 32]) };
            Entry::Record(Record { position: position(*node, path), arguments, outcome })
        }
    }
}

fn position(node: u8, path: &[Where]) -> Position {
    let path = path.iter().take(4).map(|step| match step {
        Where::Index(index) => Iteration::Index(u32::from(*index)),
        Where::Element { node, of } => {
            let path = of.iter().map(|index| Iteration::Index(u32::from(*index))).collect();
            Iteration::Named(Position { node: NodeId(u32::from(*node)), path }.name())
        }
    });
    Position { node: NodeId(u32::from(node)), path: path.collect() }
}

fn fault_code(number: u8) -> FaultCode {
    let known = FaultCode::from_number(10_000 + i64::from(number % 32));
    known.unwrap_or(FaultCode::TooLarge)
}
