//! Frames that nobody should send, from a peer with a valid key to a real host: each is refused for
//! a reason that is counted, or changes nothing; and a run of somebody else succeeds meanwhile.

use aquac_ir::{Digest, Domain, PeerId};
use aquac_peer::Reason;
use aquac_peer::wire::{
    Ack, Chunk, Credit, Frame, FrameId, Hello, Hop, Item, MAX_LIST, Nack, Push, Take, Want,
};
use futures::AsyncWriteExt;
use libp2p::identity::Keypair;
use libp2p::swarm::Stream;
use tokio::sync::mpsc;
use tokio::time::Duration;

use super::mallory::id;
use super::mallory_scene::{BANK, CLIENT, MALLORY, Pieces, Scene, TTL};
use super::program::{End, chain, on};
use crate::swarm::door::Guests;
use crate::swarm::{Command, Happening, Liveness, Network, Setup};
use crate::{AddressBook, Connections, Discovery, clock, peer_of_seed};

fn hello(versions: (u8, u8), network: &str) -> Frame {
    Frame::Hello(Hello {
        versions,
        network: network.to_owned(),
        clock: clock::now().0,
        parcel_bytes: u32::MAX,
        credit: Credit::default(),
    })
}

#[tokio::test]
async fn nothing_is_taken_after_a_hello_that_does_not_fit_whatever_is_said_later() {
    let lies = [
        ("other-network", hello((1, 1), "another")),
        ("unknown-version", hello((2, 9), "test")),
        ("unknown-version", hello((9, 0), "test")),
        ("other-network", hello((1, 1), &"x".repeat(100_000))),
    ];
    for (label, lie) in lies {
        let mut scene = Scene::new().await;
        scene.say(&lie);
        scene.say(&hello((1, 1), "test"));
        let pieces = Pieces::new(|_| {});
        scene.push(pieces.id(), &pieces.items());
        scene.live().await;
        assert!(scene.dropped(label).await >= 2, "the greeting and the parcel: {label}");
        scene.refuses(label).await;
    }
}

#[tokio::test]
async fn chunks_that_lie_about_their_length_are_refused_before_they_take_memory() {
    let chunk = |part, total, bytes: usize| {
        Frame::Chunk(Chunk { of: FrameId(7), part, total, bytes: vec![1; bytes] })
    };
    let lies = [
        ("too-large", chunk(0, u32::MAX, 64 << 10)),
        ("malformed", chunk(0, 0, 0)),
        ("malformed", chunk(9, 100_000, 64 << 10)),
        ("malformed", chunk(u32::MAX, 100_000, 1)),
        ("malformed", chunk(0, 100_000, 10)),
        // All that it says is true, and it is no parcel.
        ("malformed", chunk(0, 100, 100)),
    ];
    for (label, lie) in lies {
        let mut scene = Scene::new().await;
        scene.say(&lie);
        scene.live().await;
        scene.refuses(label).await;
    }
}

#[tokio::test]
async fn acknowledgements_refusals_and_credit_for_nothing_change_nothing() {
    let mut scene = Scene::new().await;
    for first in (0..20_000).step_by(MAX_LIST) {
        scene.say(&Frame::Ack(Ack((first..first + MAX_LIST as u64).map(FrameId).collect())));
    }
    for number in 0..2_000 {
        for (retry_after, reason) in [(0, Reason::Missing), (u32::MAX, Reason::Overloaded)] {
            let (parcel, destination) = (FrameId(number), id(CLIENT));
            scene.say(&Frame::Nack(Nack { parcel, destination, reason, retry_after }));
        }
    }
    scene.live().await;
    scene.others_are_served().await;
    // Who takes nothing still gets one thing at a time.
    for credit in [(u32::MAX, u32::MAX), (0, 0)] {
        scene.say(&Frame::Credit(Credit { parcels: credit.0, bytes: credit.1 }));
        let run = scene.mallory.begin(chain(vec![on(id(BANK), "echo.say")], End::Return));
        scene.live().await;
        assert!(scene.mallory.peer.run(&run).unwrap().result().is_some(), "{credit:?}");
    }
    scene.others_are_served().await;
}

#[tokio::test]
async fn one_who_always_says_that_something_is_missing_gets_it_so_many_times_and_no_more() {
    let mut scene = Scene::new().await;
    let pieces = Pieces::new(|_| {});
    scene.push(pieces.id(), &pieces.items());
    let parcels = scene
        .answering(|push| {
            let (parcel, destination) = (push.id, id(MALLORY));
            let (reason, retry_after) = (Reason::Missing, 0);
            Some(Frame::Nack(Nack { parcel, destination, reason, retry_after }))
        })
        .await;
    assert!(!parcels.is_empty(), "the result comes");
    assert!(parcels.len() <= 20, "the same thing {} times", parcels.len());
    assert!(scene.dropped("quota").await > 0, "{:?}", scene.bank.dropped());
    scene.others_are_served().await;
}

#[tokio::test]
async fn questions_are_answered_so_many_times_and_no_more() {
    let mut scene = Scene::new().await;
    let pieces = Pieces::new(|_| {});
    scene.push(pieces.id(), &pieces.items());
    let all = Want {
        header: true,
        program: true,
        turns: vec![(id(BANK), 1); 8],
        values: vec![Digest([1; 32]); 8],
    };
    for _ in 0..600 {
        scene.push(pieces.id(), &[Item::Want(all.clone())]);
    }
    let parcels = scene.answering(|push| Some(Frame::Ack(Ack(vec![push.id])))).await;
    assert!(parcels.len() <= 300, "{} answers", parcels.len());
    let bytes: usize = parcels.iter().flat_map(|push| &push.items).map(Vec::len).sum();
    assert!(bytes < 4 << 20, "{bytes} bytes");
    assert!(scene.dropped("quota").await > 0, "{:?}", scene.bank.dropped());
    scene.others_are_served().await;
}

#[tokio::test]
async fn offers_of_what_nobody_needs_are_asked_for_so_often_and_no_more() {
    let mut scene = Scene::new().await;
    let pieces = Pieces::of(chain(vec![on(id(BANK), "slow.say")], End::Return), |_| {});
    scene.push(pieces.id(), &pieces.items());
    for round in 0..30_u8 {
        let digests = (0..MAX_LIST)
            .map(|number| Digest::of(Domain::Value, &[&[round], &number.to_le_bytes()]));
        scene.push(pieces.id(), &[Item::Have(digests.collect())]);
    }
    let parcels = scene.answering(|push| Some(Frame::Ack(Ack(vec![push.id])))).await;
    let wanted: usize = parcels
        .iter()
        .flat_map(|push| &push.items)
        .filter_map(|item| match Item::from_bytes(item, pieces.id()) {
            Ok(Item::Want(want)) => Some(want.values.len()),
            Ok(_) | Err(_) => None,
        })
        .sum();
    assert!(wanted <= 2 * MAX_LIST, "{wanted} of {} are asked for", 30 * MAX_LIST);
    scene.others_are_served().await;
}

#[tokio::test]
async fn a_relay_keeps_so_much_for_those_who_are_away_and_no_more() {
    let mut scene = Scene::new().await;
    let particle = Pieces::new(|_| {}).id();
    let away = peer_of_seed([200; 32]).unwrap();
    for number in 0..4_400 {
        scene.number += 1;
        let push = Push {
            id: FrameId(scene.number),
            particle,
            expires: clock::now().0 + u64::from(TTL),
            trail: Vec::new(),
            take: Take::Nothing,
            hops: vec![Hop { to: away, take: Take::All, branches: 0 }],
            items: vec![vec![number as u8; 8]],
        };
        scene.say(&Frame::Push(push));
        if number % 200 == 0 {
            scene.mallory.live(Duration::from_millis(1)).await;
        }
    }
    scene.bank.drops("overloaded").await;
    assert!(scene.dropped("overloaded").await > 0);
    scene.others_are_served().await;
}

/// A bare stream to the bank, and what keeps it.
async fn bare(number: u8, book: &AddressBook) -> (Stream, mpsc::Sender<Command>) {
    let setup = Setup {
        network: "test".to_owned(),
        listen: Vec::new(),
        liveness: Liveness::default(),
        connections: Connections::default(),
        guests: Guests::default(),
        discovery: Discovery::default(),
        book: book.clone(),
    };
    let key = Keypair::ed25519_from_bytes([number; 32]).unwrap();
    let network = Network::start(key, setup).await.unwrap();
    let (commands, commanded) = mpsc::channel(16);
    let (happened, mut happenings) = mpsc::channel(16);
    tokio::spawn(network.run(commanded, happened));
    let peer: PeerId = id(BANK);
    commands.send(Command::Dial { peer, addresses: book.of(peer) }).await.unwrap();
    loop {
        if let Happening::Opened { stream, .. } = happenings.recv().await.unwrap() {
            return (stream, commands);
        }
    }
}

#[tokio::test]
async fn those_who_begin_a_frame_and_say_no_more_hold_up_nobody() {
    let scene = Scene::new().await;
    let mut silent = Vec::new();
    for number in 0..30 {
        let (mut stream, commands) = bare(30 + number, &scene.book).await;
        let bytes = u32::from(number) * 8_000;
        stream.write_all(&bytes.to_le_bytes()).await.unwrap();
        stream.write_all(&vec![1; bytes as usize / 2]).await.unwrap();
        stream.flush().await.unwrap();
        silent.push((stream, commands));
    }
    scene.others_are_served().await;
    // Who lies about the length loses the link, before the bytes come.
    let (mut liar, _commands) = bare(90, &scene.book).await;
    liar.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
    liar.flush().await.unwrap();
    let reason = scene.bank.cuts(id(90)).await;
    assert!(reason.contains("claims"), "{reason}");
    scene.others_are_served().await;
}
