//! Laws of the wire: whatever bytes come, a peer reads them or says why not, and nothing breaks.

use aquac_ir::{Digest, ParticleId, PeerId};
use aquac_peer::wire::{
    Ack, Chunk, Credit, Frame, FrameId, Hello, Hop, Item, Nack, Push, StreamReader, Take, Want,
    decode, encode, frame_to_stream,
};
use aquac_peer::{Config, Durability, Input, Keys, Output, Peer, PeerLimits, Reason, Time};
use proptest::collection::vec;
use proptest::prelude::*;

const START: Time = Time(1_700_000_000_000);

fn peer_id() -> impl Strategy<Value = PeerId> {
    (0_u8..6).prop_map(|name| PeerId([name; 32]))
}

fn take() -> impl Strategy<Value = Take> {
    prop_oneof![Just(Take::Nothing), Just(Take::All), vec(0_u16..5, 0..4).prop_map(Take::Some),]
}

fn hop() -> impl Strategy<Value = Hop> {
    (peer_id(), take(), 0_u16..3).prop_map(|(to, take, branches)| Hop { to, take, branches })
}

fn item() -> impl Strategy<Value = Vec<u8>> {
    let want = (any::<bool>(), any::<bool>(), vec((peer_id(), any::<u32>()), 0..3)).prop_map(
        |(header, program, turns)| {
            Item::Want(Want { header, program, turns, values: Vec::new() }).to_bytes()
        },
    );
    prop_oneof![
        vec(any::<u8>(), 0..20),
        vec(any::<u8>(), 0..20).prop_map(|bytes| Item::Program(bytes).to_bytes()),
        vec((peer_id(), any::<u32>()), 0..3).prop_map(|knows| Item::Knows(knows).to_bytes()),
        want,
    ]
}

fn push() -> impl Strategy<Value = Push> {
    let about = (any::<u64>(), 0_u8..4, START.0 - 5..START.0 + 50_000);
    let route = (vec(peer_id(), 0..3), take(), vec(hop(), 0..5));
    (about, route, vec(item(), 0..5)).prop_map(
        |((id, particle, expires), (trail, take, hops), items)| Push {
            id: FrameId(id),
            particle: ParticleId(Digest([particle; 32])),
            expires,
            trail,
            take,
            hops,
            items,
        },
    )
}

fn frame() -> impl Strategy<Value = Frame> {
    let id = || (0_u64..40).prop_map(FrameId);
    let credit = || (any::<u32>(), any::<u32>()).prop_map(|(p, b)| Credit { parcels: p, bytes: b });
    prop_oneof![
        (any::<(u8, u8)>(), ".{0,5}", any::<u64>(), credit()).prop_map(
            |(versions, network, clock, credit)| {
                Frame::Hello(Hello { versions, network, clock, parcel_bytes: 1, credit })
            }
        ),
        push().prop_map(Frame::Push),
        (id(), 0_u32..4, 0_u32..200_000, vec(any::<u8>(), 0..9))
            .prop_map(|(of, part, total, bytes)| Frame::Chunk(Chunk { of, part, total, bytes })),
        vec(id(), 0..5).prop_map(|ids| Frame::Ack(Ack(ids))),
        (id(), peer_id(), any::<u32>()).prop_map(|(parcel, destination, retry_after)| {
            let reason = Reason::Overloaded;
            Frame::Nack(Nack { parcel, destination, reason, retry_after })
        }),
        credit().prop_map(Frame::Credit),
    ]
}

/// A peer with small queues, so that their ends are reached.
fn small_peer() -> Peer {
    let mut config = Config::new("net");
    config.durability = Durability::Volatile;
    config.limits = PeerLimits { mailbox_frames: 3, parcel_bytes: 1 << 17, ..Default::default() };
    Peer::new(config, Keys::unchecked(PeerId([9; 32])))
}

proptest! {
    #[test]
    fn every_frame_comes_back(frame in frame()) {
        prop_assert_eq!(decode(&encode(&frame)), Ok(frame));
    }

    #[test]
    fn what_is_read_from_any_bytes_is_written_as_these_bytes(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(frame) = decode(&bytes) {
            prop_assert_eq!(encode(&frame), bytes);
        }
    }

    #[test]
    fn a_frame_with_one_changed_byte_is_another_frame_or_none(
        frame in frame(), at in any::<prop::sample::Index>(), change in 1_u8..,
    ) {
        let mut bytes = encode(&frame);
        let at = at.index(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= change;
        }
        if let Ok(other) = decode(&bytes) {
            prop_assert_ne!(other, frame);
        }
    }

    #[test]
    fn frames_come_out_of_a_stream_however_it_is_cut(
        frames in vec(vec(any::<u8>(), 1..50), 0..10), cuts in vec(1_usize..20, 1..10),
    ) {
        let stream: Vec<u8> = frames.iter().flat_map(|frame| frame_to_stream(frame)).collect();
        let mut reader = StreamReader::new();
        let mut seen = Vec::new();
        let mut rest = stream.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, behind) = rest.split_at((*cut).min(rest.len()));
            rest = behind;
            reader.push(piece);
            while let Ok(Some(frame)) = reader.next_frame() {
                seen.push(frame);
            }
        }
        prop_assert_eq!(seen, frames);
    }

    #[test]
    fn no_frames_from_anybody_break_a_peer_or_its_bounds(
        frames in vec((0_u8..4, frame(), any::<bool>()), 0..60),
    ) {
        let mut peer = small_peer();
        for name in 0..4 {
            peer.handle(START, Input::Connected { peer: PeerId([name; 32]) });
        }
        for (round, (from, frame, broken)) in (0_u64..).zip(frames) {
            let mut bytes = encode(&frame);
            if broken {
                bytes.truncate(bytes.len() / 2);
            }
            let now = START.after(round * 100);
            peer.handle(now, Input::Frame { from: PeerId([from; 32]), bytes });
            while let Some(output) = peer.poll() {
                if let Output::Send { bytes, .. } = output {
                    prop_assert!(decode(&bytes).is_ok(), "it sends what nobody can read");
                }
            }
            for (to, parcels) in peer.parcels() {
                // Its own questions come on top of the mailbox of others.
                prop_assert!(parcels <= 3 + 60, "{parcels} parcels wait for {to}");
            }
        }
        // After everything has expired nothing is left.
        peer.handle(START.after(200_000), Input::Tick);
        prop_assert_eq!(peer.activity().parcels, 0);
    }
}
