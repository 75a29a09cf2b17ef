//! Links and relays, with parcels that nobody needs to understand.

use aquac_ir::{Digest, ParticleId, PeerId};
use aquac_peer::wire::{
    Ack, Credit, Frame, FrameId, Hello, Hop, MAX_TRAIL, Nack, Push, Take, decode, encode,
};
use aquac_peer::{
    Activity, AllowAll, Change, Config, Durability, Input, Keys, Output, Pairs, Peer, PeerLimits,
    Reason, Relaying, Report, Time,
};

pub(crate) const START: Time = Time(1_700_000_000_000);

pub(crate) fn id(name: u8) -> PeerId {
    PeerId([name; 32])
}

pub(crate) fn relay(config: impl FnOnce(&mut Config)) -> Peer {
    let mut settings = Config::new("test");
    settings.durability = Durability::Volatile;
    config(&mut settings);
    Peer::new(settings, Keys::unchecked(id(100)))
}

/// A parcel from `1` for `2` behind the receiver.
pub(crate) fn parcel(number: u64, item: &[u8]) -> Push {
    Push {
        id: FrameId(number),
        particle: ParticleId(Digest([7; 32])),
        expires: START.0 + 10_000,
        trail: Vec::new(),
        take: Take::Nothing,
        hops: vec![Hop { to: id(2), take: Take::All, branches: 0 }],
        items: vec![item.to_vec()],
    }
}

/// Everything that a peer wants done.
pub(crate) fn outputs(peer: &mut Peer) -> Vec<Output> {
    std::iter::from_fn(|| peer.poll()).collect()
}

/// The frames that it sends, but for the first words of a link.
pub(crate) fn sent(peer: &mut Peer) -> Vec<(PeerId, Frame)> {
    let frames = outputs(peer).into_iter().filter_map(|output| {
        if let Output::Send { to, bytes, .. } = output {
            Some((to, decode(&bytes).unwrap()))
        } else {
            None
        }
    });
    frames.filter(|(_, frame)| !matches!(frame, Frame::Hello(_))).collect()
}

pub(crate) fn connect(peer: &mut Peer, names: &[u8]) {
    for name in names {
        peer.handle(START, Input::Connected { peer: id(*name) });
    }
    outputs(peer);
}

pub(crate) fn give(peer: &mut Peer, now: Time, from: u8, frame: &Frame) {
    peer.handle(now, Input::Frame { from: id(from), bytes: encode(frame) });
}

pub(crate) fn only_push(frames: Vec<(PeerId, Frame)>, to: u8) -> Push {
    let pushes: Vec<(PeerId, Push)> = frames
        .into_iter()
        .filter_map(
            |(to, frame)| {
                if let Frame::Push(push) = frame { Some((to, push)) } else { None }
            },
        )
        .collect();
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0].0, id(to));
    pushes[0].1.clone()
}

#[test]
fn a_relay_without_a_store_acknowledges_what_the_next_one_has() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let frames = sent(&mut relay);
    assert_eq!(frames.len(), 1, "nothing is promised yet");
    let onward = only_push(frames, 2);
    give(&mut relay, START, 2, &Frame::Ack(Ack(vec![onward.id])));
    assert_eq!(sent(&mut relay), [(id(1), Frame::Ack(Ack(vec![FrameId(5)])))]);
    assert_eq!((&onward.take, &onward.items), (&Take::All, &vec![b"sealed".to_vec()]));
    assert_eq!((onward.trail, onward.hops.len()), (vec![id(1)], 0));
}

#[test]
fn a_relay_without_a_store_acknowledges_when_the_last_branch_has_its_part() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2, 3]);
    let hop = |name: u8| Hop { to: id(name), take: Take::All, branches: 0 };
    let both = Push { hops: vec![hop(2), hop(3)], ..parcel(5, b"sealed") };
    give(&mut relay, START, 1, &Frame::Push(both));
    let mut onward = Vec::new();
    for (to, frame) in sent(&mut relay) {
        let Frame::Push(push) = frame else { panic!("{frame:?}") };
        onward.push((to, push.id));
    }
    let ack = |number: FrameId| Frame::Ack(Ack(vec![number]));
    relay.handle(START, Input::Frame { from: onward[0].0, bytes: encode(&ack(onward[0].1)) });
    assert_eq!(sent(&mut relay), []);
    relay.handle(START, Input::Frame { from: onward[1].0, bytes: encode(&ack(onward[1].1)) });
    assert_eq!(sent(&mut relay), [(id(1), ack(FrameId(5)))]);
}

#[test]
fn a_relay_without_a_store_lets_the_sender_keep_what_is_for_one_who_is_away() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1]);
    let frame = Frame::Push(parcel(5, b"sealed"));
    let wait = Nack {
        parcel: FrameId(5),
        destination: id(2),
        reason: Reason::Unreachable,
        retry_after: 1000,
    };
    give(&mut relay, START, 1, &frame);
    assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(wait.clone()))]);
    // Asked again, it says the same and keeps it once.
    give(&mut relay, START.after(1000), 1, &frame);
    assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(wait))]);
    assert_eq!(relay.activity().parcels, 1);
    relay.handle(START.after(1100), Input::Connected { peer: id(2) });
    let onward = only_push(sent(&mut relay), 2);
    give(&mut relay, START.after(1101), 2, &Frame::Ack(Ack(vec![onward.id])));
    assert_eq!(sent(&mut relay), [(id(1), Frame::Ack(Ack(vec![FrameId(5)])))]);
    give(&mut relay, START.after(2000), 1, &frame);
    assert_eq!(sent(&mut relay), [(id(1), Frame::Ack(Ack(vec![FrameId(5)])))]);
}

#[test]
fn a_parcel_that_comes_twice_goes_on_once_and_is_acknowledged_twice() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    let frame = Frame::Push(parcel(5, b"sealed"));
    give(&mut relay, START, 1, &frame);
    let onward = only_push(sent(&mut relay), 2);
    give(&mut relay, START, 1, &frame);
    assert_eq!(sent(&mut relay), [], "it is under way");
    give(&mut relay, START, 2, &Frame::Ack(Ack(vec![onward.id])));
    assert_eq!(sent(&mut relay), [(id(1), Frame::Ack(Ack(vec![FrameId(5)])))]);
    give(&mut relay, START, 1, &frame);
    assert_eq!(sent(&mut relay), [(id(1), Frame::Ack(Ack(vec![FrameId(5)])))]);
    // The number alone does not make it the same: the sender may have started again.
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"another")));
    only_push(sent(&mut relay), 2);
}

#[test]
fn a_relay_keeps_parcels_for_a_peer_that_is_away() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let dials: Vec<Output> = outputs(&mut relay);
    assert!(dials.contains(&Output::Dial { peer: id(2) }));
    relay.handle(START, Input::DialFailed { peer: id(2) });
    assert!(
        outputs(&mut relay)
            .contains(&Output::Report(Report::Unreachable { peer: id(2), parcels: 1 }))
    );
    relay.handle(START.after(50), Input::Connected { peer: id(2) });
    only_push(sent(&mut relay), 2);
}

#[test]
fn dialling_again_waits_longer_each_time() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    outputs(&mut relay);
    let mut now = START;
    let mut waits = Vec::new();
    for _ in 0..4 {
        relay.handle(now, Input::DialFailed { peer: id(2) });
        let next = relay.deadline().unwrap();
        waits.push(next.since(now));
        now = next;
        outputs(&mut relay);
        relay.handle(now, Input::Tick);
        assert!(outputs(&mut relay).contains(&Output::Dial { peer: id(2) }));
    }
    assert_eq!(waits, [100, 200, 400, 800]);
}

#[test]
fn what_nobody_fetches_expires_and_the_sender_is_told() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    outputs(&mut relay);
    relay.handle(START.after(10_001), Input::Tick);
    let nack =
        Nack { parcel: FrameId(5), destination: id(2), reason: Reason::Expired, retry_after: 0 };
    let ack = Frame::Ack(Ack(vec![FrameId(5)]));
    assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(nack)), (id(1), ack)]);
    assert_eq!(relay.activity(), Activity::default());
}

#[test]
fn a_mailbox_is_bounded_and_says_when_to_come_again() {
    let limits = PeerLimits { mailbox_frames: 2, ..PeerLimits::default() };
    let mut relay = relay(|config| config.limits = limits);
    connect(&mut relay, &[1]);
    for number in 1..=3 {
        give(&mut relay, START, 1, &Frame::Push(parcel(number, b"sealed")));
    }
    let nack = Nack {
        parcel: FrameId(3),
        destination: id(2),
        reason: Reason::Overloaded,
        retry_after: 1000,
    };
    assert!(sent(&mut relay).contains(&(id(1), Frame::Nack(nack))));
    assert_eq!(relay.activity().parcels, 2);
}

#[test]
fn a_route_to_many_who_are_away_costs_a_bounded_number_of_dials() {
    let limits = PeerLimits { absent_neighbours: 3, ..PeerLimits::default() };
    let mut relay = relay(|config| config.limits = limits);
    connect(&mut relay, &[1]);
    let hop = |name: u8| Hop { to: id(name), take: Take::All, branches: 0 };
    let many = Push { hops: (10..60).map(hop).collect(), ..parcel(5, b"sealed") };
    give(&mut relay, START, 1, &Frame::Push(many));
    let outputs = outputs(&mut relay);
    let dials = outputs.iter().filter(|output| matches!(output, Output::Dial { .. })).count();
    assert_eq!(dials, 3);
    let overloaded = outputs.iter().filter(|output| {
        matches!(output, Output::Report(Report::Dropped { reason: Reason::Overloaded, .. }))
    });
    assert_eq!(overloaded.count(), 47);
}

#[test]
fn nothing_is_taken_from_a_neighbour_of_another_network() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    let hello = Hello {
        versions: (1, 1),
        network: "elsewhere".to_owned(),
        clock: START.0,
        parcel_bytes: 1 << 20,
        credit: Credit::default(),
    };
    give(&mut relay, START, 1, &Frame::Hello(hello));
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let nack = Nack {
        parcel: FrameId(5),
        destination: id(2),
        reason: Reason::OtherNetwork,
        retry_after: 0,
    };
    assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(nack))]);
}

#[test]
fn the_part_that_found_no_room_goes_again_and_only_that() {
    let mut origin = relay(|_| {});
    connect(&mut origin, &[1, 9]);
    // Forwarded to `9`, behind which are `2` and `3`; `3` finds no room there.
    let hops = vec![
        Hop { to: id(9), take: Take::Nothing, branches: 2 },
        Hop { to: id(2), take: Take::Some(vec![0]), branches: 0 },
        Hop { to: id(3), take: Take::Some(vec![1]), branches: 0 },
    ];
    let both = Push { hops, items: vec![b"two".to_vec(), b"three".to_vec()], ..parcel(5, b"") };
    give(&mut origin, START, 1, &Frame::Push(both));
    let first = only_push(sent(&mut origin), 9);
    let nack = Nack {
        parcel: first.id,
        destination: id(3),
        reason: Reason::Overloaded,
        retry_after: 1000,
    };
    give(&mut origin, START, 9, &Frame::Nack(nack));
    give(&mut origin, START, 9, &Frame::Ack(Ack(vec![first.id])));
    assert_eq!(sent(&mut origin), []);
    assert_eq!(origin.activity().parcels, 1);
    origin.handle(START.after(1000), Input::Tick);
    let again = only_push(sent(&mut origin), 9);
    assert_eq!(again.items, [b"three".to_vec()]);
    assert_eq!(again.hops, [Hop { to: id(3), take: Take::All, branches: 0 }]);
}

#[test]
fn who_is_no_relay_says_so() {
    let mut relay = relay(|config| config.relaying = Relaying::Nobody);
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let nack =
        Nack { parcel: FrameId(5), destination: id(2), reason: Reason::NotRelayed, retry_after: 0 };
    assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(nack))]);
}

#[test]
fn a_refusal_further_on_goes_back_to_the_sender() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let onward = only_push(sent(&mut relay), 2);
    let nack = |parcel| Nack { parcel, destination: id(2), reason: Reason::Ended, retry_after: 0 };
    give(&mut relay, START, 2, &Frame::Nack(nack(onward.id)));
    // And nothing of it is left here.
    let ack = Frame::Ack(Ack(vec![FrameId(5)]));
    assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(nack(FrameId(5)))), (id(1), ack)]);
    assert_eq!(relay.activity(), Activity::default());
}

#[test]
fn what_was_not_acknowledged_goes_again_over_the_next_connection() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let first = only_push(sent(&mut relay), 2);
    relay.handle(START.after(1), Input::Disconnected { peer: id(2) });
    relay.handle(START.after(2), Input::Connected { peer: id(2) });
    let again = only_push(sent(&mut relay), 2);
    assert_eq!(first, again);
    give(&mut relay, START.after(3), 2, &Frame::Ack(Ack(vec![again.id])));
    assert_eq!(sent(&mut relay), [(id(1), Frame::Ack(Ack(vec![FrameId(5)])))]);
    relay.handle(START.after(4), Input::Disconnected { peer: id(2) });
    relay.handle(START.after(5), Input::Connected { peer: id(2) });
    assert_eq!(sent(&mut relay), []);
}

#[test]
fn routes_that_are_too_long_or_no_trees_are_refused() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    let circle = Push { trail: vec![id(100); MAX_TRAIL], ..parcel(5, b"sealed") };
    let broken = Push {
        hops: vec![Hop { to: id(2), take: Take::All, branches: 3 }],
        ..parcel(6, b"sealed")
    };
    for push in [circle, broken] {
        let number = push.id;
        give(&mut relay, START, 1, &Frame::Push(push));
        let nack =
            Nack { parcel: number, destination: id(2), reason: Reason::Malformed, retry_after: 0 };
        assert_eq!(sent(&mut relay), [(id(1), Frame::Nack(nack))]);
    }
}

#[test]
fn a_large_parcel_goes_in_chunks_and_comes_out_whole() {
    let mut first = relay(|_| {});
    let mut second = relay(|_| {});
    connect(&mut first, &[1, 2]);
    connect(&mut second, &[1, 3]);
    let large = vec![9; 200_000];
    let hops = vec![
        Hop { to: id(2), take: Take::Nothing, branches: 1 },
        Hop { to: id(3), take: Take::All, branches: 0 },
    ];
    // It arrives in chunks too, made by nobody here: so it comes from a peer's own code.
    let push = Push { hops, ..parcel(5, b"") };
    let mut origin = relay_of_large(push, &large);
    let mut pieces = 0;
    for (_, frame) in sent(&mut origin) {
        pieces += 1;
        give(&mut first, START, 1, &frame);
    }
    assert!(pieces > 3, "{pieces} pieces");
    for (_, frame) in sent(&mut first).into_iter().filter(|(to, _)| *to == id(2)) {
        give(&mut second, START, 1, &frame);
    }
    let whole: Vec<Frame> =
        sent(&mut second).into_iter().filter(|(to, _)| *to == id(3)).map(|(_, f)| f).collect();
    assert!(whole.iter().all(|frame| matches!(frame, Frame::Chunk(_))));
    assert_eq!(whole.len(), 4);
}

/// A peer that forwards a parcel with one large item, which it got in frames that are too large
/// for a link: only tests can do that.
fn relay_of_large(push: Push, item: &[u8]) -> Peer {
    let mut origin = relay(|_| {});
    connect(&mut origin, &[1, 100]);
    let mut hops = vec![Hop { to: id(100), take: Take::Nothing, branches: 1 }];
    hops.extend(push.hops.clone());
    let small = Push { hops, items: vec![item.to_vec()], ..push };
    give(&mut origin, START, 1, &Frame::Push(small));
    origin
}

#[test]
fn a_relay_that_stores_acknowledges_only_what_is_on_its_disk() {
    let mut relay = relay(|config| config.durability = Durability::Stored);
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let first = outputs(&mut relay);
    let batch = first
        .iter()
        .find_map(
            |output| {
                if let Output::Store(batch) = output { Some(batch.clone()) } else { None }
            },
        )
        .unwrap();
    assert!(!first.iter().any(|output| matches!(output, Output::Send { .. })));
    relay.handle(START, Input::Stored { batch: batch.id });
    let frames = sent(&mut relay);
    assert!(frames.contains(&(id(1), Frame::Ack(Ack(vec![FrameId(5)])))));
    only_push(frames, 2);

    // And after a crash what it acknowledged is still there.
    let pairs: Pairs = batch
        .changes
        .into_iter()
        .filter_map(|change| match change {
            Change::Put { key, value } => Some((key, value)),
            Change::Delete { .. } | Change::Clear { .. } => None,
        })
        .collect();
    let config = Config::new("test");
    let mut again =
        Peer::restore(config, Keys::unchecked(id(100)), Box::new(AllowAll), START, pairs).unwrap();
    again.handle(START, Input::Connected { peer: id(2) });
    only_push(sent(&mut again), 2);
}

/// A ban whose beginning was moved with every look at it never ended (D-7).
#[test]
fn whatever_else_happens_the_next_dial_comes_when_it_was_due() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    outputs(&mut relay);
    relay.handle(START, Input::DialFailed { peer: id(2) });
    outputs(&mut relay);
    for millisecond in 1..100 {
        give(&mut relay, START.after(millisecond), 1, &Frame::Push(parcel(6, b"sealed")));
        assert!(!outputs(&mut relay).contains(&Output::Dial { peer: id(2) }));
    }
    relay.handle(START.after(100), Input::Tick);
    assert!(outputs(&mut relay).contains(&Output::Dial { peer: id(2) }));
}

/// A peer of whom one had only heard counted as connected (D-6).
#[test]
fn a_peer_that_is_only_known_is_dialled_and_sent_nothing() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1]);
    give(&mut relay, START, 1, &Frame::Push(parcel(5, b"sealed")));
    let outputs = outputs(&mut relay);
    assert!(outputs.contains(&Output::Dial { peer: id(2) }));
    let sent_to_2 = |output: &Output| matches!(output, Output::Send { to, .. } if *to == id(2));
    assert!(!outputs.iter().any(sent_to_2));
}
