//! How much is under way between neighbours, and in which order it leaves.

use aquac_peer::wire::{Ack, CHUNK_BYTES, Credit, Frame, FrameId, Hop, Push, Take, decode, encode};
use aquac_peer::{BatchId, Durability, Input, Lane, Output, Peer};

use crate::relay::{START, connect, give, id, outputs, parcel, relay, sent};

/// The parcels for `2` that leave now, by their items.
fn leaving(peer: &mut Peer) -> Vec<Push> {
    let mut all = Vec::new();
    for (to, frame) in sent(peer).into_iter().filter(|(to, _)| *to == id(2)) {
        match &frame {
            Frame::Push(push) => all.push(push.clone()),
            Frame::Bundle(parts) => {
                for bytes in parts {
                    let Ok(Frame::Push(push)) = decode(bytes) else { panic!("a parcel") };
                    all.push(push);
                }
            }
            Frame::Hello(_)
            | Frame::Chunk(_)
            | Frame::Ack(_)
            | Frame::Nack(_)
            | Frame::Credit(_) => {
                panic!("{frame:?} to {to}")
            }
        }
    }
    all
}

#[test]
fn a_neighbour_gets_no_more_than_its_credit_until_it_acknowledges() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 2, &Frame::Credit(Credit { parcels: 2, bytes: 1 << 20 }));
    for number in 1..=5 {
        give(&mut relay, START, 1, &Frame::Push(parcel(number, b"sealed")));
    }
    let first = leaving(&mut relay);
    assert_eq!(first.len(), 2);
    give(&mut relay, START, 2, &Frame::Ack(Ack(vec![first[0].id])));
    assert_eq!(leaving(&mut relay).len(), 1);
    give(&mut relay, START, 2, &Frame::Credit(Credit { parcels: 100, bytes: 1 << 20 }));
    relay.handle(START, Input::Tick);
    assert_eq!(leaving(&mut relay).len(), 2);
}

#[test]
fn one_parcel_goes_whatever_the_credit_says() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    give(&mut relay, START, 2, &Frame::Credit(Credit { parcels: 0, bytes: 0 }));
    give(&mut relay, START, 1, &Frame::Push(parcel(1, b"sealed")));
    assert_eq!(leaving(&mut relay).len(), 1);
}

#[test]
fn one_whose_disk_is_slow_lets_its_neighbours_send_less_and_then_more_again() {
    let mut relay = relay(|config| {
        config.durability = Durability::Stored;
        config.limits.mailbox_frames = 10_000;
    });
    connect(&mut relay, &[1, 2]);
    let mut said = Vec::new();
    let mut last = None;
    let mut listen = |relay: &mut Peer, last: &mut Option<BatchId>| {
        for output in outputs(relay) {
            if let Output::Send { to, bytes, lane } = output {
                if let Ok(Frame::Credit(credit)) = decode(&bytes) {
                    assert_eq!(lane, Lane::Control);
                    said.extend((to == id(1)).then_some(credit.parcels));
                }
            } else if let Output::Store(batch) = output {
                *last = Some(batch.id);
            }
        }
    };
    for number in 1..=1200 {
        give(&mut relay, START, 1, &Frame::Push(parcel(number, b"sealed")));
        listen(&mut relay, &mut last);
    }
    let batch = last.unwrap();
    relay.handle(START, Input::Stored { batch });
    listen(&mut relay, &mut last);
    assert_eq!(said, [32, 256]);
}

#[test]
fn one_who_sends_much_waits_for_one_who_sends_little() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2, 3]);
    give(&mut relay, START, 2, &Frame::Credit(Credit { parcels: 1, bytes: 1 << 20 }));
    for number in 1..=20 {
        give(&mut relay, START, 1, &Frame::Push(parcel(number, b"much")));
    }
    give(&mut relay, START, 3, &Frame::Push(parcel(1, b"little")));
    let mut order = Vec::new();
    for _ in 0..4 {
        let push = leaving(&mut relay).remove(0);
        order.push(String::from_utf8(push.items[0].clone()).unwrap());
        give(&mut relay, START, 2, &Frame::Ack(Ack(vec![push.id])));
    }
    assert_eq!(order, ["much", "little", "much", "much"]);
}

#[test]
fn a_mailbox_that_one_has_filled_has_room_for_another() {
    let mut relay = relay(|config| config.limits.mailbox_frames = 4);
    connect(&mut relay, &[1, 3]);
    for number in 1..=6 {
        give(&mut relay, START, 1, &Frame::Push(parcel(number, b"much")));
    }
    assert_eq!(relay.activity().parcels, 4);
    for number in 1..=6 {
        give(&mut relay, START, 3, &Frame::Push(parcel(number, b"little")));
    }
    assert_eq!(relay.activity().parcels, 6);
}

#[test]
fn no_acknowledgement_waits_behind_more_than_a_chunk() {
    let mut relay = relay(|_| {});
    connect(&mut relay, &[1, 2]);
    // 200,000 bytes for `2`, and an acknowledgement to it for something of its own.
    let hops = vec![Hop { to: id(2), take: Take::All, branches: 0 }];
    let large = Push { hops, ..parcel(1, &vec![7; 200_000]) };
    give(&mut relay, START, 1, &Frame::Push(large));
    let own = Push { take: Take::Nothing, hops: Vec::new(), ..parcel(9, b"") };
    relay.handle(START, Input::Frame { from: id(2), bytes: encode(&Frame::Push(own)) });
    let mut acknowledged = false;
    for output in outputs(&mut relay) {
        let Output::Send { to, lane, bytes } = output else { continue };
        let frame = decode(&bytes).unwrap();
        if to == id(2) && matches!(frame, Frame::Ack(_)) {
            assert_eq!((frame, lane), (Frame::Ack(Ack(vec![FrameId(9)])), Lane::Control));
            acknowledged = true;
        } else if lane == Lane::Bulk {
            assert!(bytes.len() < CHUNK_BYTES + 64, "{} bytes", bytes.len());
        }
    }
    assert!(acknowledged);
}
