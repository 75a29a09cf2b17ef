//! What a run costs, in exact counts: work, frames, bytes. Times are in the benchmarks.

use aquac_ir::{LoopMode, PeerId, Value};
use aquac_vm::{Run, SignedTurn, UncheckedSigner, UncheckedVerifier};

use crate::net::{Frame, Net, peer};
use crate::tree::{Behind, E, N, Out, call, compile, par, seq, slot};

/// The bytes that a frame carries of turns and values.
fn weight(frame: &Frame) -> usize {
    let turns: usize = frame.turns.iter().map(|turn| turn.to_bytes().len()).sum();
    let values: usize = frame.values.iter().map(|salted| salted.value.to_bytes().len() + 16).sum();
    turns + values
}

fn bytes(net: &Net) -> usize {
    net.frames.iter().map(weight).sum()
}

/// A sequence of calls on one peer, whose results nobody reads.
fn local(count: usize) -> Net {
    let calls: Vec<N> =
        (0..count).map(|_| call(peer('i'), "id", [E::Int(1)], Out::Nothing)).collect();
    Net::new(compile(&seq(calls)), peer('i'), 1)
}

#[test]
fn the_ten_thousandth_call_costs_what_the_tenth_does() {
    let mut net = local(10_001);
    let me = peer('i');
    let mut costs = Vec::new();
    let mut outcome = net.host(me).run.step(1_000);
    for _ in 0..10_000 {
        let pending = outcome.calls.pop().unwrap();
        let before = net.host(me).run.work();
        let run = &mut net.host(me).run;
        run.resolve(&pending.position, Ok(Value::Null), &UncheckedSigner(me)).unwrap();
        outcome = run.step(1_000);
        let after = run.work();
        costs.push((after.events - before.events, after.records - before.records));
    }
    assert_eq!(costs[10], costs[9_999]);
    assert!(costs[10].0 <= 6, "{:?} events for one call", costs[10]);
}

#[test]
fn absorbing_a_record_costs_the_same_behind_ten_and_behind_ten_thousand() {
    let calls: Vec<N> =
        (0..10_002).map(|_| call(peer('b'), "id", [E::Int(1)], Out::Nothing)).collect();
    let net = Net::new(compile(&seq(calls)), peer('i'), 1);
    let (program, header) = (net.program.clone(), net.header.clone());
    let mut maker = Run::new(program.clone(), header.clone(), peer('b'));
    let mut taker = Run::new(program, header, peer('i'));
    let signer = UncheckedSigner(peer('b'));
    let mut outcome = maker.step(1_000);
    let mut costs = Vec::new();
    for _ in 0..10_000 {
        let pending = outcome.calls.pop().unwrap();
        maker.resolve(&pending.position, Ok(Value::Null), &signer).unwrap();
        outcome = maker.step(1_000);
        let turn = SignedTurn::sign(maker.seal().unwrap(), &signer);
        maker.add_own(turn.clone());
        let before = taker.work();
        taker.absorb([turn], [], &UncheckedVerifier);
        taker.step(1_000);
        let after = taker.work();
        costs.push((after.events - before.events, after.records - before.records));
    }
    // The ten thousandth turn is the last that the run allows, and says so.
    assert_eq!(costs[10], costs[9_998]);
}

#[test]
fn two_peers_in_turn_move_bytes_that_grow_with_the_calls() {
    let ping_pong = |count: usize| {
        let peers = [peer('a'), peer('b')];
        let mut calls: Vec<N> = vec![call(peers[0], "id", [E::Int(1)], Out::Slot(0))];
        for number in 1..u32::try_from(count).unwrap() {
            let to = peers[number as usize % 2];
            calls.push(call(to, "id", [slot(number - 1)], Out::Slot(number)));
        }
        let mut net = Net::new(compile(&seq(calls)), peer('i'), 1);
        net.go();
        assert_eq!(net.frames.len(), count);
        bytes(&net)
    };
    let (half, whole) = (ping_pong(320), ping_pong(640));
    assert!(whole <= 500_000, "{whole} bytes");
    assert!(whole <= half * 21 / 10, "{half} bytes for 320, {whole} for 640");
}

#[test]
fn sixteen_services_with_four_kilobytes_each_stay_below_a_client_and_a_server() {
    let text: &'static str = Box::leak("x".repeat(4096).into_boxed_str());
    let peers: Vec<PeerId> = (0..16).map(|number| PeerId([130 + number; 32])).collect();
    let mut calls = vec![call(peers[0], "id", [E::Text(text)], Out::Slot(0))];
    for (number, peer) in (1_u32..16).zip(&peers[1..]) {
        calls.push(call(*peer, "id", [slot(number - 1)], Out::Slot(number)));
    }
    calls.push(N::Return(vec![slot(15)]));
    let mut net = Net::new(compile(&seq(calls)), peer('i'), 1);
    net.go();
    let home: usize = net.frames.iter().filter(|f| f.to == peer('i')).map(weight).sum();
    assert!(bytes(&net) <= 115_000, "{} bytes in all", bytes(&net));
    assert!(home <= 9_000, "{home} bytes at the client");
}

#[test]
fn a_fan_out_with_a_join_sends_two_small_frames_per_peer() {
    let peers: Vec<PeerId> = (0..100).map(|number| PeerId([130 + number; 32])).collect();
    let tree = seq([
        par([
            N::For(
                E::Peers(peers),
                0,
                LoopMode::Parallel,
                Behind::Never,
                Box::new(N::Call(slot(0), "id", vec![E::Int(1)], Out::Stream(0))),
            ),
            N::Null,
        ]),
        N::Await(E::Initiator, 0, E::Int(100), 1),
        N::Return(vec![E::Length(Box::new(slot(1)))]),
    ]);
    let mut net = Net::new(compile(&tree), peer('i'), 3);
    net.go();
    assert_eq!(net.frames.len(), 200);
    assert!(bytes(&net) <= 100 * 600, "{} bytes", bytes(&net));
}

#[test]
fn depth_takes_no_native_stack() {
    // Nested as deeply as a program may be, and a loop whose `Next` nests ten thousand deep.
    let mut nested = N::Null;
    for _ in 0..500 {
        nested = seq([nested]);
    }
    let items: Vec<i64> = (0..10_000).collect();
    let body = seq([N::Let(1, slot(0)), N::Next(0)]);
    let looped = N::For(E::Ints(items), 0, LoopMode::Explicit, Behind::Complete, Box::new(body));
    for tree in [nested, looped] {
        let program = compile(&tree);
        let handle = std::thread::Builder::new().stack_size(96 * 1024).spawn(move || {
            let mut net = Net::new(program, peer('i'), 1);
            let outcome = net.host(peer('i')).run.step(10_000_000);
            outcome.status
        });
        assert!(handle.unwrap().join().is_ok());
    }
}

#[test]
fn a_step_stops_when_its_fuel_is_used_up_and_goes_on_from_there() {
    let items: Vec<i64> = (0..1_000).collect();
    let body = N::Let(1, slot(0));
    let tree = N::For(E::Ints(items), 0, LoopMode::Parallel, Behind::Never, Box::new(body));
    let mut net = Net::new(compile(&tree), peer('i'), 1);
    let run = &mut net.host(peer('i')).run;
    let mut steps = 0;
    while run.step(100).status == aquac_vm::Status::OutOfFuel {
        steps += 1;
        assert!(steps < 100, "it never ends");
    }
    assert!(steps >= 10, "{steps} steps of 100 events for 1,000 iterations");
    assert_eq!(run.step(1).status, aquac_vm::Status::Complete);
}

#[test]
fn values_that_double_each_time_are_stopped() {
    let mut steps = vec![N::Let(0, E::Text("0123456789"))];
    for number in 0..60 {
        steps.push(N::Let(number + 1, E::Array(vec![slot(number), slot(number)])));
    }
    steps.push(call(peer('i'), "id", [slot(60)], Out::Nothing));
    let mut net = Net::new(compile(&seq(steps)), peer('i'), 1);
    net.host(peer('i')).run.step(10_000);
    let result = net.result().unwrap();
    assert!(result.contains("11005"), "{result}");
}
