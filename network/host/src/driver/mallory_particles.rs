//! Particles, turns and values that nobody should send, from a peer with a valid key to a real
//! host: each is refused for a reason that is counted, and a run of somebody else succeeds
//! meanwhile.

use aquac_ir::{Digest, Domain, Header, NodeId, ParticleId, Salt, Value};
use aquac_peer::vm::{Entry, Position, Record, SaltedValue, SignedTurn, TurnBody, sign_header};
use aquac_peer::wire::{Ack, Frame, FrameId, Item, Push, Take, encode};

use super::mallory::{Mallory, id};
use super::mallory_scene::{A_WHILE, BANK, CLIENT, MALLORY, Pieces, Scene, keys};
use super::program::{End, chain, on};
use crate::clock;

#[tokio::test]
async fn a_particle_from_the_past_from_the_future_or_for_ever_starts_nothing() {
    type Change = fn(&mut Header);
    let wrong: [(&str, Change); 4] = [
        ("expired", |header| header.issued_at -= 100_000),
        ("clock-skew", |header| header.issued_at += 3_600_000),
        ("ttl-too-long", |header| header.ttl = u32::MAX),
        ("unknown-version", |header| header.version = 77),
    ];
    for (label, change) in wrong {
        let mut scene = Scene::new().await;
        let pieces = Pieces::new(change);
        scene.push(pieces.id(), &pieces.items());
        scene.live().await;
        scene.refuses(label).await;
    }
}

#[tokio::test]
async fn a_program_that_does_not_verify_starts_nothing() {
    let good = chain(vec![on(id(BANK), "echo.say")], End::Return);
    let mut cut = good.clone();
    cut.truncate(good.len() - 3);
    for program in [Vec::new(), vec![0xff; 100_000], cut, [&good[..], &[0]].concat()] {
        let mut scene = Scene::new().await;
        let pieces = Pieces::of(program.clone(), |header| {
            header.program = Digest::of(Domain::Program, &[&program]);
        });
        scene.push(pieces.id(), &pieces.items());
        scene.live().await;
        scene.refuses("bad-program").await;
    }
}

/// A turn of somebody, with one record at the first step.
fn turn(author: u8, particle: ParticleId, entries: Vec<Entry>) -> SignedTurn {
    let body = TurnBody { particle, author: id(author), number: 1, previous: particle.0, entries };
    SignedTurn::sign(body, &*keys(author).signer)
}

fn record(node: u32) -> Entry {
    let position = Position { node: NodeId(node), path: Vec::new() };
    Entry::Record(Record { position, arguments: Digest([3; 32]), outcome: Ok(Digest([4; 32])) })
}

/// The bank calls slowly, so that the run is there while others speak of it.
fn waiting() -> Pieces {
    let steps = vec![on(id(BANK), "slow.say"), on(id(CLIENT), "echo.say")];
    Pieces::of(chain(steps, End::Return), |_| {})
}

#[tokio::test]
async fn turns_of_those_whom_the_program_does_not_name_are_not_kept() {
    let mut scene = Scene::new().await;
    let pieces = waiting();
    scene.push(pieces.id(), &pieces.items());
    for author in 100..200 {
        let turn = turn(author, pieces.id(), vec![record(u32::from(author % 4))]);
        scene.push(pieces.id(), &[Item::Turn(turn)]);
    }
    scene.bank.drops("stranger").await;
    scene.live().await;
    assert_eq!(scene.dropped("stranger").await, 100, "{:?}", scene.bank.dropped());
    scene.others_are_served().await;
}

#[tokio::test]
async fn a_turn_that_claims_to_have_seen_what_is_not_there_leads_to_nothing() {
    let mut scene = Scene::new().await;
    let pieces = waiting();
    scene.push(pieces.id(), &pieces.items());
    let saw = Entry::Saw { peer: id(BANK), number: 1, digest: Digest([8; 32]) };
    let forged = turn(CLIENT, pieces.id(), vec![saw, record(2)]);
    scene.push(pieces.id(), &[Item::Turn(forged)]);
    let parcels = scene.answering(|push| Some(Frame::Ack(Ack(vec![push.id])))).await;
    assert!(parcels.len() < 20, "it is asked for, and not for ever: {}", parcels.len());
    let run = scene.bank.host.standing(pieces.id()).await.waiting;
    assert!(!run.is_empty(), "the run does not rest on it");
    scene.others_are_served().await;
}

#[tokio::test]
async fn two_turns_with_one_number_are_found_out() {
    let mut scene = Scene::new().await;
    let steps = vec![on(id(MALLORY), "echo.say"), on(id(BANK), "echo.say")];
    let pieces = Pieces::of(chain(steps, End::Return), |_| {});
    let mut items = pieces.items();
    items.push(Item::Turn(turn(MALLORY, pieces.id(), vec![record(1)])));
    let saw = Entry::Saw { peer: id(MALLORY), number: 1, digest: Digest([8; 32]) };
    items.push(Item::Turn(turn(MALLORY, pieces.id(), vec![saw, record(1)])));
    let other = Record {
        position: Position { node: NodeId(1), path: Vec::new() },
        arguments: Digest([3; 32]),
        outcome: Ok(Digest([5; 32])),
    };
    items.push(Item::Turn(turn(MALLORY, pieces.id(), vec![Entry::Record(other)])));
    scene.push(pieces.id(), &items);
    scene.live().await;
    scene.refuses("equivocation").await;
}

/// The bytes of a value with so many arrays around nothing, which nobody can make as a value.
fn nested(levels: usize) -> Vec<u8> {
    let item = |value: Value| Item::Value(SaltedValue { value, salt: Salt([1; 16]) }).to_bytes();
    let around = |value: Value| Value::array(vec![value]).unwrap();
    let (one, two) = (item(around(Value::Null)), item(around(around(Value::Null))));
    let length = two.len() - one.len();
    let at = (0..two.len() - 2 * length)
        .find(|at| two[*at..at + length] == two[at + length..at + 2 * length])
        .unwrap();
    let level = &two[at..at + length];
    [&two[..at], &level.repeat(levels), &two[at + 2 * length..]].concat()
}

#[tokio::test]
async fn a_value_of_a_hundred_thousand_levels_and_values_that_nobody_speaks_of_are_refused() {
    let mut scene = Scene::new().await;
    assert!(Item::from_bytes(&nested(2), waiting().id()).is_ok(), "the bytes are those of values");
    let pieces = waiting();
    scene.push(pieces.id(), &pieces.items());
    scene.push_bytes(pieces.id(), vec![nested(100_000)]);
    scene.bank.drops("malformed").await;
    for number in 0..50 {
        let value = Value::text(&format!("{number}{}", "x".repeat(100_000)));
        let junk = SaltedValue { value, salt: Salt([1; 16]) };
        scene.push(pieces.id(), &[Item::Value(junk)]);
    }
    scene.bank.drops("wrong-value").await;
    scene.live().await;
    assert_eq!(scene.dropped("wrong-value").await, 50, "{:?}", scene.bank.dropped());
    scene.others_are_served().await;
}

#[tokio::test]
async fn what_is_over_stays_over_however_it_comes_again() {
    let mut scene = Scene::new().await;
    let pieces = Pieces::new(|header| header.ttl = 400);
    scene.push(pieces.id(), &pieces.items());
    scene.live().await;
    scene.live().await;
    assert_eq!(scene.bank.calls(), ["echo.say"]);
    // As it was; signed again; without its header; by somebody else.
    scene.push(pieces.id(), &pieces.items());
    let again = sign_header(pieces.header.header.clone(), &*keys(MALLORY).signer);
    scene.push(pieces.id(), &[Item::Header(again), Item::Program(pieces.program.clone())]);
    scene.push(pieces.id(), &[Item::Program(pieces.program.clone())]);
    scene.bank.drops("ended").await;
    let mut somebody = Mallory::honest(CLIENT + 1, &scene.book).await;
    somebody.link(id(BANK)).await;
    let push = Push {
        id: FrameId(5),
        particle: pieces.id(),
        expires: clock::now().0 + 10_000,
        trail: vec![id(MALLORY)],
        take: Take::All,
        hops: Vec::new(),
        items: pieces.items().iter().map(Item::to_bytes).collect(),
    };
    somebody.say(id(BANK), &encode(&Frame::Push(push)));
    somebody.live(A_WHILE).await;
    scene.live().await;
    assert_eq!(scene.dropped("ended").await, 4, "{:?}", scene.bank.dropped());
    assert_eq!(scene.bank.calls(), ["echo.say"]);
}
