//! The bytes of every frame and item: a change here is a change of the wire.

use aquac_ir::{Digest, Header, Limits, Nonce, ParticleId, PeerId, Salt, Signature, SignedHeader};
use aquac_peer::Reason;
use aquac_peer::vm::{Entry, SaltedValue, SignedTurn, TurnBody};
use aquac_peer::wire::{
    Ack, Chunk, Credit, Frame, FrameError, FrameId, Hello, Hop, Item, MAX_FRAME_BYTES, Nack, Push,
    Take, WIRE_VERSION, Want, decode, encode, show,
};

fn hex(bytes: &[u8]) -> String {
    // Runs of one byte are written short: ids in these tests are such.
    let mut text = String::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        let byte = run[0];
        match run.len() {
            1..=4 => run.iter().for_each(|_| text.push_str(&format!("{byte:02x} "))),
            many => text.push_str(&format!("{byte:02x}*{many} ")),
        }
    }
    text.trim_end().to_owned()
}

fn push() -> Push {
    Push {
        id: FrameId(300),
        particle: ParticleId(Digest([0xaa; 32])),
        expires: 1_700_000_000_000,
        trail: vec![PeerId([0xbb; 32])],
        take: Take::Nothing,
        hops: vec![
            Hop { to: PeerId([0xc1; 32]), take: Take::All, branches: 1 },
            Hop { to: PeerId([0xc2; 32]), take: Take::Some(vec![1]), branches: 0 },
        ],
        items: vec![vec![1, 2, 3], vec![]],
    }
}

fn frames() -> Vec<Frame> {
    vec![
        Frame::Hello(Hello {
            versions: (1, 1),
            network: "net".to_owned(),
            clock: 1_700_000_000_000,
            parcel_bytes: 1 << 20,
            credit: Credit { parcels: 256, bytes: 1 << 20 },
        }),
        Frame::Push(push()),
        Frame::Chunk(Chunk { of: FrameId(7), part: 1, total: 65_540, bytes: vec![5; 4] }),
        Frame::Ack(Ack(vec![FrameId(7), FrameId(300)])),
        Frame::Nack(Nack {
            parcel: FrameId(7),
            destination: PeerId([0xdd; 32]),
            reason: Reason::Overloaded,
            retry_after: 500,
        }),
        Frame::Credit(Credit { parcels: 0, bytes: 1 }),
        Frame::Bundle(vec![vec![1, 2], vec![3]]),
    ]
}

#[test]
fn every_frame_has_these_bytes() {
    let all: Vec<String> = frames().iter().map(|frame| hex(&encode(frame))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

fn items(particle: ParticleId) -> [Item; 7] {
    let header = Header {
        version: 1,
        network: "net".to_owned(),
        initiator: PeerId([0x11; 32]),
        relay: None,
        program: Digest([0x22; 32]),
        args: vec![Digest([0x33; 32])],
        nonce: Nonce([0x44; 16]),
        issued_at: 1_700_000_000_000,
        ttl: 60_000,
        limits: Limits::default(),
    };
    let body = TurnBody {
        particle,
        author: PeerId([0xbb; 32]),
        number: 1,
        previous: Digest([0xaa; 32]),
        entries: vec![Entry::Saw {
            peer: PeerId([0xcc; 32]),
            number: 2,
            digest: Digest([0xdd; 32]),
        }],
    };
    let signature = Signature([0x55; 64]);
    let want = Want {
        header: true,
        program: false,
        turns: vec![(PeerId([1; 32]), 3)],
        values: vec![Digest([2; 32])],
    };
    [
        Item::Header(SignedHeader { header, signature }),
        Item::Program(vec![9, 8, 7]),
        Item::Turn(SignedTurn { body, signature }),
        Item::Value(SaltedValue { value: "hi".into(), salt: Salt([0x66; 16]) }),
        Item::Knows(vec![(PeerId([1; 32]), 3)]),
        Item::Want(want),
        Item::Have(vec![Digest([3; 32])]),
    ]
}

#[test]
fn every_item_has_these_bytes() {
    let particle = ParticleId(Digest([0xaa; 32]));
    let items = items(particle);
    for item in &items {
        assert_eq!(Item::from_bytes(&item.to_bytes(), particle).as_ref(), Ok(item));
    }
    let all: Vec<String> = items.iter().map(|item| hex(&item.to_bytes())).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn every_frame_comes_back_and_no_cut_or_longer_one_does() {
    for frame in frames() {
        let bytes = encode(&frame);
        assert_eq!(decode(&bytes).as_ref(), Ok(&frame));
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} bytes of {frame:?}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(decode(&longer), Err(FrameError::NotCanonical));
    }
}

#[test]
fn other_versions_and_too_many_bytes_are_named() {
    let mut bytes = encode(&Frame::Credit(Credit::default()));
    bytes[0] = WIRE_VERSION + 1;
    assert_eq!(decode(&bytes), Err(FrameError::UnknownVersion(WIRE_VERSION + 1)));
    assert_eq!(decode(&[]), Err(FrameError::Empty));
    let large = vec![WIRE_VERSION; MAX_FRAME_BYTES + 1];
    assert_eq!(decode(&large), Err(FrameError::TooLarge(MAX_FRAME_BYTES + 1)));
}

#[test]
fn a_length_that_lies_allocates_nothing() {
    // An acknowledgement that claims 2^60 numbers.
    let lie = [WIRE_VERSION, 3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    assert!(matches!(decode(&lie), Err(FrameError::Damaged(_))));
    // A chunk that claims 2^60 bytes.
    let lie = [WIRE_VERSION, 2, 7, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    assert!(matches!(decode(&lie), Err(FrameError::Damaged(_))));
}

#[test]
fn a_number_that_is_written_longer_than_needed_is_refused() {
    let bytes = encode(&Frame::Ack(Ack(vec![FrameId(7)])));
    assert_eq!(bytes, [WIRE_VERSION, 3, 1, 7]);
    let longer = [WIRE_VERSION, 3, 1, 0x87, 0x00];
    assert_eq!(decode(&longer), Err(FrameError::NotCanonical));
}

#[test]
fn what_is_in_a_frame_can_be_shown() {
    let items: Vec<Vec<u8>> = items(push().particle).iter().map(Item::to_bytes).collect();
    let mut frames = frames();
    let full = Push { items: items.into_iter().chain([vec![99]]).collect(), ..push() };
    frames.push(Frame::Bundle(vec![encode(&Frame::Push(full)), vec![1]]));
    let all: Vec<String> = frames.iter().map(|frame| show(frame).to_string()).collect();
    insta::assert_snapshot!(all.join("\n"));
}
