//! A peer and what two neighbours may send it: whole frames, damaged ones, and its own runs
//! beside them. It never panics, and says what it does within bounds.

#![no_main]

use std::collections::VecDeque;

use aquac_fuzz::Chain;
use aquac_ir::{Limits, Nonce, PeerId, Value, encode};
use aquac_peer::wire::{self, Frame, Item, Push, Take};
use aquac_peer::{Config, Input, Keys, Output, Peer, Time};
use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};

#[derive(Arbitrary, Debug)]
enum Happens {
    Raw(u8, Vec<u8>),
    /// A frame whose bytes are well formed as far as the version.
    Body(u8, Vec<u8>),
    /// A parcel about the run, with items as they come.
    Parcel {
        from: u8,
        id: u8,
        items: Vec<Vec<u8>>,
        own: bool,
    },
    Link(u8, bool),
    Start,
    Answer(u8),
    Time(u16),
}

/// Outputs of one input beyond which a peer runs wild.
const MOST: usize = 20_000;

fuzz_target!(|happens: Vec<Happens>| {
    let me = PeerId([1; 32]);
    let mut peer = Peer::new(Config::new("fuzz"), Keys::unchecked(me));
    let chain = Chain::new();
    let mut now = Time(1_000);
    let mut calls = VecDeque::new();
    let mut particle = chain.header.header.id();
    for one in happens.into_iter().take(64) {
        let neighbour = |number: u8| PeerId([2 + number % 2; 32]);
        let input = match one {
            Happens::Raw(from, bytes) => Input::Frame { from: neighbour(from), bytes },
            Happens::Body(from, mut bytes) => {
                bytes.insert(0, wire::WIRE_VERSION);
                Input::Frame { from: neighbour(from), bytes }
            }
            Happens::Parcel { from, id, items, own } => {
                let mut items = items;
                if own {
                    items.push(Item::Header((*chain.header).clone()).to_bytes());
                    items.push(Item::Program(encode(chain.program.program())).to_bytes());
                }
                let push = Push {
                    id: wire::FrameId(u64::from(id)),
                    particle,
                    expires: now.0 + 10_000,
                    trail: Vec::new(),
                    take: Take::All,
                    hops: Vec::new(),
                    items,
                };
                Input::Frame { from: neighbour(from), bytes: wire::encode(&Frame::Push(push)) }
            }
            Happens::Link(other, true) => Input::Connected { peer: neighbour(other) },
            Happens::Link(other, false) => Input::Disconnected { peer: neighbour(other) },
            Happens::Start => {
                let program = encode(chain.program.program());
                let start =
                    peer.draft(now, program, Vec::new(), Nonce([1; 16]), 60_000, Limits::default());
                particle = start.header.header.id();
                Input::Start(Box::new(start))
            }
            Happens::Answer(value) => match calls.pop_front() {
                Some((particle, key)) => {
                    Input::Answer { particle, key, result: Ok(Value::text(&value.to_string())) }
                }
                None => Input::Tick,
            },
            Happens::Time(passed) => {
                now = now.after(u64::from(passed));
                Input::Tick
            }
        };
        peer.handle(now, input);
        drain(&mut peer, now, &mut calls);
    }
});

fn drain(
    peer: &mut Peer,
    now: Time,
    calls: &mut VecDeque<(aquac_ir::ParticleId, aquac_ir::IdempotencyKey)>,
) {
    for _ in 0..MOST {
        match peer.poll() {
            Some(Output::Store(batch)) => peer.handle(now, Input::Stored { batch: batch.id }),
            Some(Output::Call { call, .. }) => calls.push_back((call.particle, call.key)),
            Some(_) => {}
            None => return,
        }
    }
    panic!("a peer that never stops");
}
