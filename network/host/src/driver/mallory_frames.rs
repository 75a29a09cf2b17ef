//! Frames that nobody should send, one kind after another, from a peer with a valid key to a real
//! host: each is refused for a reason that is counted, or changes nothing; and a run of somebody
//! else succeeds meanwhile.

use std::time::Duration;

use aquac_ir::{Digest, Domain, Header, Limits, Nonce, ParticleId, PeerId, SignedHeader, Value};
use aquac_peer::vm::{Entry, Record, SaltedValue, SignedTurn, TurnBody, sign_header};
use aquac_peer::wire::{
    Ack, Chunk, Credit, Frame, FrameId, Hello, Hop, Item, MAX_LIST, Nack, Push, Take, Want, decode,
    encode,
};
use aquac_peer::{Config as PeerConfig, Ending, Keys, Peer, Reason};
use futures::AsyncWriteExt;
use libp2p::identity::Keypair;
use libp2p::swarm::Stream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::links_on_loopback::Seen;
use super::mallory::{Mallory, Victim, id};
use super::program::{End, chain, on};
use crate::swarm::door::Guests;
use crate::swarm::{Command, Happening, Liveness, Network, Setup};
use crate::{AddressBook, Config, Connections, Discovery, Job, clock, peer_of_seed};

const BANK: u8 = 11;
const MALLORY: u8 = 12;
const CLIENT: u8 = 13;
/// Long enough for everything on loopback.
const A_WHILE: Duration = Duration::from_millis(300);
/// How long a particle lives that says nothing else.
const TTL: u32 = 30_000;

fn keys(number: u8) -> Keys {
    Keys::ed25519([number; 32])
}

/// A bank, and Mallory with a link to it.
struct Scene {
    book: AddressBook,
    bank: Victim,
    mallory: Mallory,
    number: u64,
}

/// A particle of Mallory's, in pieces.
#[derive(Clone)]
struct Pieces {
    header: SignedHeader,
    program: Vec<u8>,
}

impl Pieces {
    fn new(change: impl FnOnce(&mut Header)) -> Self {
        Self::of(chain(vec![on(id(BANK), "echo.say")], End::Return), change)
    }

    fn of(program: Vec<u8>, change: impl FnOnce(&mut Header)) -> Self {
        let peer = Peer::new(PeerConfig::new("test"), keys(MALLORY));
        let no_args = Vec::<Value>::new();
        let nonce = Nonce([9; 16]);
        let limits = Limits::default();
        let start = peer.draft(clock::now(), program, no_args, nonce, TTL, limits);
        let mut header = start.header.header;
        change(&mut header);
        let header = sign_header(header, &*keys(MALLORY).signer);
        Self { header, program: start.program }
    }

    fn id(&self) -> ParticleId {
        self.header.header.id()
    }

    fn items(&self) -> Vec<Item> {
        vec![Item::Header(self.header.clone()), Item::Program(self.program.clone())]
    }
}

impl Scene {
    async fn new() -> Self {
        let book = AddressBook::default();
        let bank = Victim::start(BANK, &book, None).await;
        let mut mallory = Mallory::honest(MALLORY, &book).await;
        mallory.link(id(BANK)).await;
        Self { book, bank, mallory, number: 1 << 20 }
    }

    fn say(&mut self, frame: &Frame) {
        self.mallory.say(id(BANK), &encode(frame));
    }

    /// A parcel of these items for the bank.
    fn push(&mut self, particle: ParticleId, items: &[Item]) {
        let items = items.iter().map(Item::to_bytes).collect();
        self.push_bytes(particle, items);
    }

    fn push_bytes(&mut self, particle: ParticleId, items: Vec<Vec<u8>>) {
        self.number += 1;
        let push = Push {
            id: FrameId(self.number),
            particle,
            expires: clock::now().0 + u64::from(TTL),
            trail: Vec::new(),
            take: Take::All,
            hops: Vec::new(),
            items,
        };
        self.say(&Frame::Push(push));
    }

    async fn live(&mut self) {
        self.mallory.live(A_WHILE).await;
    }

    async fn dropped(&self, label: &str) -> u64 {
        let counters = self.bank.host.counters().await.unwrap();
        counters.dropped.get(label).copied().unwrap_or_default()
    }

    /// The bank counts this reason, and has called nobody.
    async fn refuses(&mut self, label: &str) {
        self.bank.drops(label).await;
        assert!(self.dropped(label).await > 0, "{label} is in the metrics");
        assert_eq!(self.bank.calls(), Vec::<String>::new(), "{:?}", self.bank.dropped());
        self.others_are_served().await;
    }

    async fn others_are_served(&self) {
        let mut config = Config::new([CLIENT; 32], PeerConfig::new("test"));
        config.book = self.book.clone();
        config.keep = vec![id(BANK)];
        let client = crate::start(config).await.unwrap();
        let program = chain(vec![on(id(BANK), "echo.say")], End::Return);
        let mut running = client.run(Job::new(program, Vec::new(), TTL)).await.unwrap();
        let ending = timeout(Duration::from_secs(10), running.ended()).await;
        let ending = ending.expect("others are served").unwrap();
        assert_eq!(ending, Ending::Returned(vec![Value::text("start")]));
    }

    /// Reads what the bank says for a while, and answers each parcel so.
    async fn answering(&mut self, answer: impl Fn(&Push) -> Option<Frame>) -> Vec<Push> {
        let mut parcels = Vec::new();
        let until = tokio::time::Instant::now() + 3 * A_WHILE;
        while let Ok(seen) = tokio::time::timeout_at(until, self.mallory.node.next()).await {
            let Seen::Frame(_, bytes) = seen else { continue };
            let frames = match decode(&bytes) {
                Ok(Frame::Bundle(parts)) => parts,
                Ok(_) | Err(_) => vec![bytes],
            };
            for bytes in frames {
                let Ok(Frame::Push(push)) = decode(&bytes) else { continue };
                if let Some(frame) = answer(&push) {
                    self.say(&frame);
                }
                parcels.push(push);
            }
        }
        parcels
    }
}

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

/// A turn of somebody, with one record at the first step.
fn turn(author: u8, particle: ParticleId, entries: Vec<Entry>) -> SignedTurn {
    let body = TurnBody { particle, author: id(author), number: 1, previous: particle.0, entries };
    SignedTurn::sign(body, &*keys(author).signer)
}

fn record(node: u32) -> Entry {
    let position = aquac_peer::vm::Position { node: aquac_ir::NodeId(node), path: Vec::new() };
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
    let run = scene.bank.host.waiting(pieces.id()).await;
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
        position: aquac_peer::vm::Position { node: aquac_ir::NodeId(1), path: Vec::new() },
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
    let item =
        |value: Value| Item::Value(SaltedValue { value, salt: aquac_ir::Salt([1; 16]) }).to_bytes();
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
        let junk = SaltedValue { value, salt: aquac_ir::Salt([1; 16]) };
        scene.push(pieces.id(), &[Item::Value(junk)]);
    }
    scene.bank.drops("wrong-value").await;
    scene.live().await;
    assert_eq!(scene.dropped("wrong-value").await, 50, "{:?}", scene.bank.dropped());
    scene.others_are_served().await;
}

#[tokio::test]
async fn a_relay_keeps_so_much_for_those_who_are_away_and_no_more() {
    let mut scene = Scene::new().await;
    let particle = waiting().id();
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
