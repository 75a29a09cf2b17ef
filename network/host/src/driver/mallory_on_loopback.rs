//! What a peer with a valid key can do with frames, and how little comes of it: each lie has its
//! reason, broken streams lose their own link, and others are served meanwhile.

use std::time::Duration;

use aquac_ir::{Builder, Digest, ExprId, Node, Place, Salt, Value, encode as encode_program};
use aquac_peer::vm::{Entry, SaltedValue, SignedTurn};
use aquac_peer::wire::{Frame, FrameId, Hello, Item, MAX_FRAME_BYTES, Push, decode, encode};
use aquac_peer::{Ending, Keys};
use aquac_services::config::AllowConfig;
use aquac_services::{Policy, Unlisted};
use aquac_sim::adversary::{Rewriter, Tamper as _};
use tokio::time::{Instant, timeout};

use super::mallory::{Mallory, Tamper, Victim, id};
use super::program::{End, call_many, chain, on};
use crate::{AddressBook, Config, Declared, Job};

const BANK: u8 = 1;
const MALLORY: u8 = 2;
const CLIENT: u8 = 3;
const TELCO: u8 = 4;
/// Long enough for everything on loopback.
const A_WHILE: Duration = Duration::from_millis(400);

fn asks(call: &'static str) -> Vec<u8> {
    chain(vec![on(id(BANK), call)], End::Return)
}

/// Another client's run, which must succeed whatever Mallory does. How long it took.
async fn served(book: &AddressBook) -> Duration {
    let mut config = Config::new([CLIENT; 32], aquac_peer::Config::new("test"));
    config.book = book.clone();
    config.keep = vec![id(BANK)];
    let client = crate::start(config).await.unwrap();
    let began = Instant::now();
    let mut running = client.run(Job::new(asks("echo.say"), Vec::new(), 30_000)).await.unwrap();
    let ending = timeout(Duration::from_secs(10), running.ended()).await;
    let ending = ending.expect("others are served").unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("start")]));
    began.elapsed()
}

#[tokio::test]
async fn a_stream_that_is_broken_loses_its_own_link_and_no_other() {
    let book = AddressBook::default();
    let long = vec![0; MAX_FRAME_BYTES + 1];
    for (broken, why, label) in
        [(long, "claims", "too-large"), (Vec::new(), "without bytes", "malformed")]
    {
        let bank = Victim::start(BANK, &book, None).await;
        let mut mallory = Mallory::honest(MALLORY, &book).await;
        mallory.link(id(BANK)).await;
        mallory.say(id(BANK), &broken);
        let reason = bank.cuts(id(MALLORY)).await;
        assert!(reason.contains(why), "{reason}");
        assert_eq!(bank.dropped(), [label]);
        served(&book).await;
        mallory.live(A_WHILE).await;
        mallory.link(id(BANK)).await;
    }
}

#[tokio::test]
async fn frames_that_are_none_are_counted_and_the_rest_is_served() {
    let book = AddressBook::default();
    let bank = Victim::start(BANK, &book, None).await;
    let mut mallory = Mallory::honest(MALLORY, &book).await;
    mallory.link(id(BANK)).await;
    let hello = Frame::Hello(Hello {
        versions: (1, 1),
        network: "test".to_owned(),
        clock: crate::clock::now().0,
        parcel_bytes: 1,
        credit: aquac_peer::wire::Credit::default(),
    });
    let good = encode(&hello);
    let longer = [good.as_slice(), &[0]].concat();
    let shorter = &good[..good.len() - 1];
    let bundled = encode(&Frame::Bundle(vec![encode(&Frame::Bundle(Vec::new())), vec![7; 40]]));
    let huge_list = [1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f];
    for bytes in [&longer[..], shorter, &[1], &[1, 99], &bundled, &[0xff; 300], &huge_list] {
        mallory.say(id(BANK), bytes);
    }
    mallory.say(id(BANK), &[9, 0, 0]);
    bank.drops("unknown-version").await;
    assert!(bank.dropped().iter().filter(|label| **label == "malformed").count() >= 6);
    served(&book).await;
    let own = mallory.begin(asks("echo.say"));
    mallory.live(A_WHILE).await;
    assert!(mallory.peer.run(&own).unwrap().result().is_some(), "even Mallory is served");
}

/// Every kind of change to an item of Mallory's own parcels.
fn items(mut change: impl FnMut(&mut Item) + Send + 'static) -> Tamper {
    let mut rewriter = Rewriter::new(id(MALLORY), move |_, mut items: Vec<Item>| {
        items.iter_mut().for_each(&mut change);
        items
    });
    Box::new(move |to, bytes| rewriter.frame(id(MALLORY), to, bytes))
}

#[tokio::test]
async fn a_header_that_its_initiator_did_not_sign_so_starts_nothing() {
    type Change = fn(&mut Item);
    let changes: [(&str, Change); 4] = [
        ("bad-header-signature", |item| {
            if let Item::Header(header) = item {
                header.signature.0[5] ^= 1;
            }
        }),
        ("bad-header-signature", |item| {
            if let Item::Header(header) = item {
                let own = Keys::ed25519([MALLORY; 32]);
                header.header.initiator = id(CLIENT);
                header.signature =
                    aquac_peer::vm::sign_header(header.header.clone(), &*own.signer).signature;
            }
        }),
        ("other-network", |item| {
            if let Item::Header(header) = item {
                let own = Keys::ed25519([MALLORY; 32]);
                header.header.network = "another".to_owned();
                *header = aquac_peer::vm::sign_header(header.header.clone(), &*own.signer);
            }
        }),
        ("bad-program", |item| {
            if let Item::Program(program) = item {
                program[3] ^= 1;
            }
        }),
    ];
    for (reason, change) in changes {
        let book = AddressBook::default();
        let bank = Victim::start(BANK, &book, None).await;
        let mut mallory = Mallory::start(MALLORY, &book, items(change)).await;
        mallory.link(id(BANK)).await;
        mallory.begin(asks("echo.say"));
        mallory.live(A_WHILE).await;
        assert_eq!(bank.calls(), Vec::<String>::new(), "{reason}: {:?}", bank.dropped());
        assert!(bank.dropped().contains(&reason), "{reason}: {:?}", bank.dropped());
    }
}

#[tokio::test]
async fn a_parcel_that_comes_again_and_again_is_one_run_with_one_call() {
    let book = AddressBook::default();
    let bank = Victim::start(BANK, &book, None).await;
    let mut mallory = Mallory::honest(MALLORY, &book).await;
    mallory.link(id(BANK)).await;
    mallory.begin(asks("echo.say"));
    mallory.live(A_WHILE).await;
    let frames: Vec<Vec<u8>> = mallory.sent.iter().map(|(_, bytes)| bytes.clone()).collect();
    let mut number = 1_000;
    let mut again = |mallory: &mut Mallory| {
        for bytes in &frames {
            mallory.say(id(BANK), bytes);
            if let Ok(Frame::Push(push)) = decode(bytes) {
                number += 1;
                mallory.say(id(BANK), &encode(&Frame::Push(Push { id: FrameId(number), ..push })));
            }
        }
    };
    for _ in 0..20 {
        again(&mut mallory);
    }
    mallory.live(A_WHILE).await;
    drop(mallory);
    let mut somebody = Mallory::honest(CLIENT, &book).await;
    somebody.link(id(BANK)).await;
    again(&mut somebody);
    somebody.live(A_WHILE).await;
    assert_eq!(bank.calls(), ["echo.say"]);
    assert_eq!(bank.host.counters().await.unwrap().turns, 1);
}

#[tokio::test]
async fn who_floods_a_peer_with_slow_calls_does_not_stop_others() {
    let book = AddressBook::default();
    let bank = Victim::start(BANK, &book, None).await;
    let alone = served(&book).await;
    let mut mallory = Mallory::honest(MALLORY, &book).await;
    mallory.link(id(BANK)).await;
    for _ in 0..250 {
        mallory.begin(many("slow.say", 20));
    }
    mallory.live(Duration::from_millis(300)).await;
    let meanwhile = tokio::join!(served(&book), mallory.live(Duration::from_secs(3))).0;
    let slow = bank.calls().iter().filter(|call| *call == "slow.say").count();
    assert!(slow > 100, "the flood is there: {slow}");
    assert!(
        meanwhile < Duration::from_millis(900) + alone * 20,
        "not behind a second of sleep: {meanwhile:?}, alone {alone:?}"
    );
}

/// Calls beside each other.
fn many(call: &'static str, count: usize) -> Vec<u8> {
    let mut builder = Builder::new();
    let par = builder.open(Node::Par(0));
    let argument = builder.constant(Value::text("start"));
    for _ in 0..count {
        call_many(&mut builder, &on(id(BANK), call), vec![argument]);
    }
    builder.close(par);
    encode_program(&builder.finish())
}

const RULE: &str = r#"
    [[allow]]
    call = "sms.send"
    initiator = ["client"]
    args.1.from = { peer = "bank", service = "credit", function = "check" }
"#;

fn policy() -> Box<dyn aquac_peer::Policy + Send> {
    #[derive(serde::Deserialize)]
    struct Table {
        allow: Vec<AllowConfig>,
    }
    let table: Table = toml::from_str(RULE).unwrap();
    let find = |name: &str| Some(id(if name == "bank" { BANK } else { MALLORY }));
    Box::new(Declared(Policy::new(&table.allow, Unlisted::Deny, find).unwrap()))
}

/// The score of the bank, carried by Mallory, who began the run, to the telco.
fn carried() -> Vec<u8> {
    let mut builder = Builder::new();
    let seq = builder.open(Node::Seq(0));
    let who = builder.constant(Value::text("al"));
    let score = call_many(&mut builder, &on(id(BANK), "credit.check"), vec![who]);
    let me: ExprId = builder.constant(Value::text(&id(MALLORY).to_string()));
    let place = builder.place(Place { peer: me, via: Box::new([]) });
    builder.leaf(Node::Visit { place });
    let phone = builder.constant(Value::text("+1"));
    let receipt = call_many(&mut builder, &on(id(TELCO), "sms.send"), vec![phone, score]);
    builder.leaf(Node::Return { values: [receipt].into() });
    builder.close(seq);
    encode_program(&builder.finish())
}

/// Carries the score with this change. What the telco was asked, and what it dropped.
async fn carries(
    change: impl FnMut(&mut Item) + Send + 'static,
) -> (Vec<String>, Vec<&'static str>) {
    let book = AddressBook::default();
    let _bank = Victim::start(BANK, &book, None).await;
    let telco = Victim::start(TELCO, &book, Some(policy())).await;
    let mut mallory = Mallory::start(MALLORY, &book, items(change)).await;
    mallory.link(id(BANK)).await;
    mallory.link(id(TELCO)).await;
    mallory.begin(carried());
    mallory.live(2 * A_WHILE).await;
    (telco.calls(), telco.dropped())
}

fn of_bank(item: &mut Item) -> Option<&mut SignedTurn> {
    if let Item::Turn(turn) = item
        && turn.body.author == id(BANK)
    {
        return Some(turn);
    }
    None
}

fn outcome(turn: &mut SignedTurn) -> Option<&mut Digest> {
    turn.body.entries.iter_mut().find_map(|entry| match entry {
        Entry::Record(record) => record.outcome.as_mut().ok(),
        Entry::Saw { .. } => None,
    })
}

fn lie() -> SaltedValue {
    SaltedValue { value: Value::from(800_i64), salt: Salt([1; 16]) }
}

#[tokio::test]
async fn a_score_that_is_changed_on_the_way_is_not_sent() {
    let nothing = Vec::<String>::new();
    let (calls, dropped) = carries(|_| {}).await;
    assert_eq!((calls, dropped), (vec!["sms.send".to_owned()], vec![]), "as it should be");

    // Another value, in the bank's turn and beside it.
    let (calls, dropped) = carries(|item| {
        if let Some(outcome) = of_bank(item).and_then(outcome) {
            *outcome = lie().digest();
        } else if let Item::Value(salted) = item
            && salted.value == Value::from(700_i64)
        {
            *salted = lie();
        }
    })
    .await;
    assert_eq!((calls, dropped.first()), (nothing.clone(), Some(&"bad-turn-signature")));

    // The same, signed with Mallory's key.
    let (calls, dropped) = carries(|item| {
        if let Some(turn) = of_bank(item) {
            outcome(turn).into_iter().for_each(|outcome| *outcome = lie().digest());
            let own = Keys::ed25519([MALLORY; 32]);
            *turn = SignedTurn::sign(turn.body.clone(), &*own.signer);
        }
    })
    .await;
    assert_eq!((calls, dropped.first()), (nothing.clone(), Some(&"bad-turn-signature")));

    // Only the value, under the digest that the bank signed.
    let (calls, dropped) = carries(|item| {
        if let Item::Value(salted) = item
            && salted.value == Value::from(700_i64)
        {
            salted.value = Value::from(800_i64);
        }
    })
    .await;
    assert_eq!((calls, dropped.first()), (nothing.clone(), Some(&"wrong-value")));

    // As Mallory's own doing.
    let (calls, _) = carries(|item| {
        if let Some(turn) = of_bank(item) {
            turn.body.author = id(MALLORY);
            let own = Keys::ed25519([MALLORY; 32]);
            *turn = SignedTurn::sign(turn.body.clone(), &*own.signer);
        }
    })
    .await;
    assert_eq!(calls, nothing);
}

#[tokio::test]
async fn what_the_bank_signed_in_one_run_is_worth_nothing_in_another() {
    let mut first: Option<(SignedTurn, Option<SaltedValue>)> = None;
    let book = AddressBook::default();
    let _bank = Victim::start(BANK, &book, None).await;
    let telco = Victim::start(TELCO, &book, Some(policy())).await;
    // In the second run the bank's turn of the first stands in place of its own.
    let tamper = items(move |item| {
        if let Some(turn) = of_bank(item) {
            match &first {
                Some((old, _)) if old.body.particle != turn.body.particle => *turn = old.clone(),
                Some(_) => {}
                None => first = Some((turn.clone(), None)),
            }
        }
    });
    let mut mallory = Mallory::start(MALLORY, &book, tamper).await;
    mallory.link(id(BANK)).await;
    mallory.link(id(TELCO)).await;
    mallory.begin(carried());
    mallory.live(2 * A_WHILE).await;
    assert_eq!(telco.calls(), ["sms.send"]);
    mallory.begin(carried());
    mallory.live(2 * A_WHILE).await;
    assert_eq!(telco.calls(), ["sms.send"], "{:?}", telco.dropped());
    assert!(!telco.dropped().is_empty());
}

#[tokio::test]
async fn a_thousand_endless_timers_cost_nobody_else_anything() {
    let book = AddressBook::default();
    let _bank = Victim::start(BANK, &book, None).await;
    let mut mallory = Mallory::honest(MALLORY, &book).await;
    mallory.link(id(BANK)).await;
    let mut builder = Builder::new();
    let par = builder.open(Node::Par(0));
    let endless = builder.constant(Value::text("1152921504606846976"));
    for _ in 0..1000 {
        call_many(&mut builder, &on(id(BANK), "peer.timeout"), vec![endless]);
    }
    builder.close(par);
    mallory.begin(encode_program(&builder.finish()));
    mallory.live(A_WHILE).await;
    let took = served(&book).await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}
