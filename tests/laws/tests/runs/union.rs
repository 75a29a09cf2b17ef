//! Histories: merging is set union, whatever the order, the splits and the repetitions.

use aquac_ir::{Digest, PeerId};
use aquac_vm::{
    Entry, Heads, Picture, Run, SaltedValue, SignedTurn, StepState, TurnBody, UncheckedVerifier,
};

use crate::net::{Dice, Faults, Net};
use crate::random::{peers, tree};
use crate::shrink::shown;
use crate::tree::compile;

const NOBODY: PeerId = PeerId([0; 32]);

fn played(seed: u64) -> Net {
    let mut net = Net::new(compile(&tree(seed)), peers()[0], seed);
    net.faults = Faults { drop: 10, double: 10, crash: 5, gather: 50, silence: 30 };
    net.go();
    net
}

fn turns(run: &Run) -> Vec<SignedTurn> {
    run.turns_since(&Heads::default()).iter().map(|turn| (**turn).clone()).collect()
}

/// A run of which somebody recorded something, with all its turns and values.
fn recorded(seed: u64) -> Option<(Net, Vec<SignedTurn>, Vec<SaltedValue>)> {
    let net = played(seed);
    let union = net.union(NOBODY);
    let (turns, values) = (turns(&union), union.values().cloned().collect());
    (!turns.is_empty()).then_some((net, turns, values))
}

fn shuffled<T: Clone>(items: &[T], dice: &mut Dice) -> Vec<T> {
    let mut items = items.to_vec();
    for at in (1..items.len()).rev() {
        items.swap(at, dice.below(at + 1));
    }
    items
}

/// Everything delivered in some order, in some pieces, some of it twice, with steps in between.
pub(crate) fn delivered(
    net: &Net,
    turns: &[SignedTurn],
    values: &[SaltedValue],
    dice: &mut Dice,
) -> Picture {
    knows(net, turns, values, dice).picture()
}

/// Who knows what was delivered so.
fn knows(net: &Net, turns: &[SignedTurn], values: &[SaltedValue], dice: &mut Dice) -> Run {
    let mut run = Run::new(net.program.clone(), net.header.clone(), NOBODY);
    let mut rest = shuffled(turns, dice);
    while !rest.is_empty() {
        let piece = rest.split_off(rest.len() - 1 - dice.below(rest.len().min(4)));
        if dice.chance(30) {
            rest.extend(piece.iter().take(1).cloned());
            rest = shuffled(&rest, dice);
        }
        let some = shuffled(values, dice).into_iter().take(dice.below(4));
        run.absorb(piece, some, &UncheckedVerifier);
        if dice.chance(50) {
            run.step(1 + dice.next() % 40);
        }
        if rest.len() > 4 * turns.len() {
            rest = turns.to_vec();
        }
    }
    run.absorb(turns.to_vec(), values.to_vec(), &UncheckedVerifier);
    run.step(1_000_000);
    run
}

/// Says where two states differ first.
pub(crate) fn same(a: &Picture, b: &Picture, what: &str) {
    for (position, is) in a.steps.iter().chain(&b.steps) {
        let (here, there) = (a.steps.get(position), b.steps.get(position));
        assert_eq!(here, there, "{what}: {position:?} {is:?}");
    }
    for slot in a.slots.keys().chain(b.slots.keys()) {
        assert_eq!(a.slots.get(slot), b.slots.get(slot), "{what}: {slot:?}");
    }
    assert_eq!(a.streams, b.streams, "{what}");
    assert_eq!(a.result, b.result, "{what}");
}

#[test]
fn any_order_split_or_repetition_of_the_turns_gives_the_same_state() {
    for seed in 0..400 {
        let net = played(seed);
        let mut union = net.union(NOBODY);
        let (turns, values) = (turns(&union), union.values().cloned().collect::<Vec<_>>());
        let expected = union.picture();
        let mut dice = Dice(seed);
        for _ in 0..4 {
            let found = delivered(&net, &turns, &values, &mut dice);
            assert_eq!(found, expected, "seed {seed}: {}", shown(&tree(seed)));
        }
    }
}

#[test]
fn a_part_of_a_history_says_nothing_that_the_whole_takes_back() {
    for seed in 0..400 {
        let net = played(seed + 7000);
        let mut union = net.union(NOBODY);
        let whole = union.picture();
        for host in net.hosts.values() {
            let mut part = Run::new(net.program.clone(), net.header.clone(), NOBODY);
            part.absorb(turns(&host.run), union.values().cloned(), &UncheckedVerifier);
            part.step(1_000_000);
            let part = part.picture();
            for (position, is) in &part.steps {
                assert!(
                    *is == StepState::Waiting || whole.steps.get(position) == Some(is),
                    "seed {seed}: {position:?} was {is:?}"
                );
            }
            for (slot, value) in &part.slots {
                let same = value.is_none() || whole.slots.get(slot) == Some(value);
                assert!(same, "seed {seed}: {slot:?} was {value:?}");
            }
        }
    }
}

#[test]
fn a_peer_that_rebuilds_from_its_store_knows_what_it_knew() {
    for seed in 0..400 {
        let net = played(seed + 9000);
        for (peer, host) in &net.hosts {
            let mut rebuilt = Run::new(net.program.clone(), net.header.clone(), *peer);
            let values: Vec<_> = host.run.values().cloned().collect();
            let turns = shuffled(&turns(&host.run), &mut Dice(seed));
            rebuilt.absorb(turns, values, &UncheckedVerifier);
            rebuilt.step(1_000_000);
            let mut before = Run::new(net.program.clone(), net.header.clone(), NOBODY);
            before.absorb(self::turns(&host.run), host.run.values().cloned(), &UncheckedVerifier);
            before.step(1_000_000);
            assert_eq!(rebuilt.picture(), before.picture(), "seed {seed}");
        }
    }
}

#[test]
fn a_fork_voids_its_author_from_there_on_in_any_order() {
    for seed in 0..200 {
        let Some((net, mut turns, values)) = recorded(seed + 11_000) else { continue };
        let mut dice = Dice(seed);
        let mut other = dice.pick(&turns).body;
        other.entries.clear();
        let author = other.author;
        turns.push(SignedTurn::sign(other, &aquac_vm::UncheckedSigner(author)));
        let first = delivered(&net, &turns, &values, &mut dice);
        for _ in 0..4 {
            let other = delivered(&net, &turns, &values, &mut dice);
            same(&other, &first, &format!("seed {seed}, fork of {author}"));
        }
    }
}

/// What an author could have signed in the place of one of its turns.
fn another(turn: &SignedTurn, dice: &mut Dice) -> SignedTurn {
    let mut body = turn.body.clone();
    let author = body.author;
    let saw = |peer, number| Entry::Saw { peer, number, digest: Digest([7; 32]) };
    match dice.below(4) {
        0 => body.entries.insert(0, saw(NOBODY, 1)),
        1 => body.entries.insert(0, saw(author, body.number + 1)),
        2 if body.number > 1 => body.previous = Digest([9; 32]),
        _ => body.entries.clear(),
    }
    SignedTurn::sign(body, &aquac_vm::UncheckedSigner(author))
}

#[test]
fn a_fork_is_one_in_any_order_whatever_its_turns_rest_on() {
    let mut forks = 0;
    for seed in 0..600 {
        let Some((net, mut turns, values)) = recorded(seed + 12_000) else { continue };
        let mut dice = Dice(seed);
        for _ in 0..=dice.below(3) {
            let other = another(&dice.pick(&turns), &mut dice);
            turns.push(other);
        }
        if turns.len() > 3 && dice.chance(40) {
            turns.remove(dice.below(turns.len()));
        }
        let told = |run: &Run| -> Vec<(PeerId, u32)> {
            run.forks().map(|fork| (fork.author, fork.number)).collect()
        };
        let mut first = knows(&net, &turns, &values, &mut dice);
        forks += told(&first).len();
        for _ in 0..4 {
            let mut other = knows(&net, &turns, &values, &mut dice);
            assert_eq!(told(&other), told(&first), "seed {seed}");
            same(&other.picture(), &first.picture(), &format!("seed {seed}"));
        }
    }
    assert!(forks > 500, "{forks} forks");
}

#[test]
fn turns_that_saw_each_other_s_void_turns_are_no_circle() {
    let tree = crate::tree::call(peers()[1], "f", [], crate::tree::Out::Nothing);
    let net = Net::new(compile(&tree), peers()[0], 1);
    let particle = net.header.header.id();
    let sign = |author: PeerId, number, previous, entries| {
        let body = TurnBody { particle, author, number, previous, entries };
        SignedTurn::sign(body, &aquac_vm::UncheckedSigner(author))
    };
    let saw = |peer| Entry::Saw { peer, number: 251, digest: Digest([7; 32]) };
    let mut turns = Vec::new();
    for (author, other) in [(peers()[1], peers()[2]), (peers()[2], peers()[1])] {
        let first = sign(author, 1, particle.0, vec![saw(other), saw(author)]);
        let digest = first.body.digest();
        turns.push(first);
        turns.extend([vec![], vec![saw(other)]].map(|entries| sign(author, 2, digest, entries)));
    }
    let mut run = Run::new(net.program.clone(), net.header.clone(), NOBODY);
    run.absorb(turns, [], &UncheckedVerifier);
    assert_eq!(run.forks().map(|fork| fork.number).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(run.history().len(), 2);
}

#[test]
fn a_turn_that_continues_another_turn_than_the_one_that_is_known_is_a_fork() {
    let tree = crate::tree::seq([
        crate::tree::call(peers()[1], "f", [], crate::tree::Out::Nothing),
        crate::tree::call(peers()[2], "f", [], crate::tree::Out::Nothing),
        crate::tree::call(peers()[1], "f", [], crate::tree::Out::Nothing),
    ]);
    let mut net = Net::new(compile(&tree), peers()[0], 1);
    net.go();
    let author = peers()[1];
    let honest = turns(&net.union(NOBODY));
    let second = honest.iter().find(|turn| turn.body.author == author && turn.body.number == 2);
    let mut body = second.unwrap().body.clone();
    body.previous = Digest([9; 32]);
    let other = SignedTurn::sign(body, &aquac_vm::UncheckedSigner(author));
    for turns in [vec![honest[0].clone(), other.clone()], vec![other, honest[0].clone()]] {
        let mut run = Run::new(net.program.clone(), net.header.clone(), NOBODY);
        for turn in turns {
            run.absorb([turn], [], &UncheckedVerifier);
        }
        let forks: Vec<_> = run.forks().map(|fork| (fork.author, fork.number)).collect();
        assert_eq!(forks, [(author, 1)]);
        assert!(run.history().turns_of(&author).is_empty());
    }
}
