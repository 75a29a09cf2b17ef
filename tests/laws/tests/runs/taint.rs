//! Live values: nobody gets what the analysis says it does not get, and nobody lacks what it needs,
//! in random programs, whatever the network does.
//!
//! ```text
//! frames ──digests──▶ records ──nodes──▶ Carried ──learners──▶ peers that may have it
//! ```

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use aquac_ir::{
    Carried, Digest, Expr, Fact, Learner, LoopMode, Node, NodeId, Output, PeerId, PlaceId,
    VerifiedProgram,
};
use aquac_vm::{Heads, WaitsFor};

use crate::laws::{drawn, judge};
use crate::net::{Faults, Net, Places, letter, peer};
use crate::random::{peers, tree};
use crate::shrink::{shown, shrink};
use crate::tree::{Behind, E, N, Out, call, compile, par, program, seq, slot};

/// Where the relay of the initiator is.
const RELAY: char = 'z';

/// What a record made, and who made it.
struct Made {
    node: NodeId,
    digest: Digest,
    carried: Option<Carried>,
    author: PeerId,
}

/// Everything that somebody recorded.
fn made(net: &Net) -> Vec<Made> {
    let mut made = Vec::new();
    for host in net.hosts.values() {
        for turn in host.run.turns_since(&Heads::default()) {
            for record in turn.body.records() {
                let node = record.position.node;
                let (digest, carried) = match record.outcome {
                    Ok(digest) => (digest, carried(&net.program, node)),
                    Err(fault) => (fault.message, Some(Carried::Fault(node))),
                };
                made.push(Made { node, digest, carried, author: turn.body.author });
            }
        }
    }
    made
}

/// What is made where this node answers; none if nothing takes it.
fn carried(program: &VerifiedProgram, node: NodeId) -> Option<Carried> {
    match program.program().node(node)? {
        Node::Call { output: Output::Stream(stream), .. } => Some(Carried::Stream(*stream)),
        other => other.written_slot().map(Carried::Slot),
    }
}

/// Where each node was, where only the run can tell.
fn seen_places(net: &Net, made: &[Made]) -> Places {
    let mut seen = net.places.clone().unwrap_or_default();
    for made in made {
        seen.entry(made.node).or_default().insert(made.author);
    }
    for waiting in net.union(PeerId([0; 32])).waiting() {
        seen.entry(waiting.position.node).or_default().extend(waiting.place);
    }
    seen
}

/// The peers that may have it.
fn allowed(net: &Net, carried: Carried, seen: &Places) -> BTreeSet<PeerId> {
    let program = &net.program;
    let mut allowed = BTreeSet::new();
    let mut at = |place: Option<PlaceId>, node: NodeId| match place {
        None => _ = allowed.insert(net.initiator()),
        Some(place) if is_initiator(program, place) => _ = allowed.insert(net.initiator()),
        Some(place) => match program.peer(place) {
            Some(peer) => _ = allowed.insert(peer),
            None => allowed.extend(seen.get(&node).into_iter().flatten()),
        },
    };
    for learner in program.learners(carried) {
        match learner {
            Learner::Initiator => at(None, NodeId(0)),
            Learner::At(node) => at(program.program().node(node).and_then(Node::place), node),
            Learner::Home(node) => at(program.home(node), node),
        }
    }
    allowed
}

fn is_initiator(program: &VerifiedProgram, place: PlaceId) -> bool {
    let peer = program.program().place(place).map(|place| place.peer);
    let expr = peer.and_then(|peer| program.program().expr(peer));
    matches!(expr, Some(Expr::Fact(Fact::Initiator)))
}

/// What was counted: pairs of values and peers that the analysis allows, that are there, and all.
#[derive(Default)]
struct Counts {
    said: Cell<usize>,
    held: Cell<usize>,
    all: Cell<usize>,
}

/// Who has what it should not have.
fn spilled(net: &Net, counts: &Counts) -> Option<String> {
    let made = made(net);
    let seen = seen_places(net, &made);
    let made: BTreeMap<Digest, Made> = made.into_iter().map(|made| (made.digest, made)).collect();
    let mut held: BTreeSet<(PeerId, Digest)> = BTreeSet::new();
    for frame in &net.frames {
        for value in &frame.values {
            let digest = value.digest();
            let peers = frame.route.iter().chain([&frame.from, &frame.to]);
            held.extend(peers.map(|peer| (*peer, digest)));
        }
    }
    for (peer, host) in &net.hosts {
        held.extend(host.run.values().map(|value| (*peer, value.digest())));
    }
    let mut reports: BTreeMap<Digest, BTreeSet<PeerId>> = BTreeMap::new();
    for (holder, digest) in &held {
        let Some(value) = made.get(digest) else {
            return Some(format!("{} has what nobody made", letter(holder)));
        };
        let report = reports.entry(*digest).or_insert_with(|| {
            let carried = value.carried.map(|carried| allowed(net, carried, &seen));
            let mut report = carried.unwrap_or_default();
            // Who tells that a peer cannot be reached is not that peer.
            report.insert(value.author);
            if report.len() > 1 && report.contains(&net.initiator()) {
                report.insert(peer(RELAY));
            }
            report
        });
        if !report.contains(holder) {
            let may: String = report.iter().map(letter).collect();
            let node = value.node.0;
            return Some(format!("{} has what {node} made; {may} may", letter(holder)));
        }
    }
    let add = |cell: &Cell<usize>, more: usize| cell.set(cell.get() + more);
    add(&counts.said, reports.values().map(BTreeSet::len).sum());
    add(&counts.held, held.len());
    add(
        &counts.all,
        reports.len() * (peers().len() + usize::from(net.header.header.relay.is_some())),
    );
    None
}

fn play(tree: &N, seed: u64, faults: Faults) -> Net {
    let relay = seed.is_multiple_of(3).then(|| peer(RELAY));
    let mut net = Net::with_args(compile(tree), peers()[0], relay, &[], seed.wrapping_mul(11) + 3);
    net.faults = faults;
    net.places = Some(Places::default());
    net.go();
    net
}

fn verdict(tree: &N, seed: u64, faults: Faults, counts: &Counts) -> Option<String> {
    let played = catch_unwind(|| {
        let net = play(tree, seed, faults);
        let counts = Counts::default();
        let wrong = spilled(&net, &counts).or_else(|| lacks(&net)).or_else(|| judge(&net));
        (wrong, counts.said.get(), counts.held.get(), counts.all.get())
    });
    let (wrong, said, held, all) = played.unwrap_or_else(|_| (Some("a panic".to_owned()), 0, 0, 0));
    for (cell, more) in [(&counts.said, said), (&counts.held, held), (&counts.all, all)] {
        cell.set(cell.get() + more);
    }
    wrong
}

/// Who needs bytes for a step of its own, or to see how the run goes on, and has not got them.
fn lacks(net: &Net) -> Option<String> {
    net.hosts.iter().find_map(|(peer, host)| {
        let waiting = host.run.waiting();
        let own = |place: Option<PeerId>| place.is_none_or(|place| place == *peer);
        let lacking =
            waiting.iter().find(|w| matches!(w.waits_for, WaitsFor::Bytes(_)) && own(w.place));
        lacking.map(|waiting| format!("{} lacks a value: {waiting:?}", letter(peer)))
    })
}

#[test]
fn nobody_has_what_the_analysis_denies_and_nobody_lacks_what_it_needs() {
    let all_faults = [
        Faults { gather: 30, ..Faults::default() },
        Faults { drop: 20, double: 20, crash: 10, gather: 50, silence: 0 },
        Faults { drop: 10, double: 10, crash: 5, gather: 50, silence: 40 },
    ];
    let counts = Counts::default();
    for (number, faults) in (0..).zip(all_faults) {
        for seed in drawn() {
            let seed = seed.wrapping_add((50 + number) << 32);
            let Some(wrong) = verdict(&tree(seed), seed, faults, &counts) else { continue };
            let kind = wrong.get(2..8).unwrap_or_default().to_owned();
            let none = Counts::default();
            let again = |smaller: &N| {
                (0..6).find_map(|more| {
                    let wrong = verdict(smaller, seed + 3 * more, faults, &none);
                    wrong.filter(|wrong| wrong.get(2..8) == Some(kind.as_str()))
                })
            };
            let small = shrink(&tree(seed), &|smaller| again(smaller).is_some());
            let why = again(&small).unwrap_or(wrong);
            let text = aquac_ir::print(&program(&small));
            panic!("seed {seed}: {why}\n{}\n{text}", shown(&small));
        }
    }
    let [said, held, all] = [counts.said.get(), counts.held.get(), counts.all.get()];
    println!("of {all} pairs of values and peers {said} may be, {held} were");
    assert!(said < all, "nothing is denied");
}

#[test]
fn when_nothing_goes_on_the_initiator_is_told_so_and_no_values() {
    let body = seq([
        call(peer('p'), "f", [], Out::Slot(0)),
        // One more than a stream may hold.
        N::For(
            E::Ints(vec![0; 65]),
            1,
            LoopMode::Sequential,
            Behind::Complete,
            Box::new(N::Push(0, E::Int(1))),
        ),
        call(peer('q'), "g", [slot(0)], Out::Nothing),
    ]);
    let mut net = Net::new(compile(&N::Scope(vec![0], Box::new(body))), peers()[0], 1);
    net.go();
    assert_eq!(net.trips(), "i>p p>i");
    assert!(net.frames.iter().all(|frame| frame.values.is_empty()), "{:?}", net.frames);
}

#[test]
fn what_an_iteration_leaves_behind_keeps_its_values_live_in_the_next() {
    let left = seq([
        call(peer('q'), "f", [], Out::Slot(1)),
        call(peer('p'), "f", [slot(1)], Out::Nothing),
    ]);
    let body = N::If(
        E::Odd(Box::new(slot(0))),
        Box::new(call(peer('a'), "f", [], Out::Nothing)),
        Box::new(par([left, N::Null])),
    );
    let numbers = E::Ints(vec![0, 1]);
    let tree = N::For(numbers, 0, LoopMode::Sequential, Behind::Never, Box::new(body));
    let program = compile(&tree);
    let at_a = NodeId(2);
    let place = program.program().node(at_a).and_then(Node::place).unwrap();
    assert_eq!(program.peer(place), Some(peer('a')));
    let learners = program.learners(Carried::Slot(aquac_ir::SlotId(1)));
    assert!(learners.contains(&Learner::At(at_a)), "{learners:?}");
}

#[test]
fn a_run_that_had_a_result_and_ended_later_is_over_for_everybody() {
    let push = Box::new(N::Push(0, E::Int(1)));
    // One more than a stream may hold.
    let numbers = E::Ints(vec![0; 65]);
    let fill = N::For(numbers, 1, LoopMode::Sequential, Behind::Complete, push);
    let more =
        seq([call(peer('p'), "f", [], Out::Nothing), fill, call(peer('q'), "f", [], Out::Nothing)]);
    let mut net = Net::new(compile(&par([N::Return(vec![E::Int(1)]), more])), peers()[0], 1);
    net.go();
    assert_eq!(net.result().as_deref(), Some("1"));
    assert_eq!(net.called().len(), 1);
    assert!(net.union(PeerId([0; 32])).ended_by().is_some());
    assert_eq!(judge(&net), None);
}

#[test]
fn what_the_header_alone_leads_to_is_no_news_for_the_initiator() {
    let one = seq([
        N::Push(0, E::Int(1)),
        call(peer('b'), "f", [], Out::Slot(0)),
        call(peer('a'), "f", [slot(0)], Out::Nothing),
    ]);
    let other =
        seq([call(peer('q'), "f", [], Out::Nothing), N::Snapshot(E::Peer(peer('q')), 0, 1)]);
    let tree = N::Scope(vec![0], Box::new(par([one, other])));
    let mut net = Net::new(compile(&tree), peers()[0], 1);
    net.go();
    let mut trips: Vec<String> = net.trips().split(' ').map(ToOwned::to_owned).collect();
    trips.sort();
    assert_eq!(trips, ["b>a", "i>b", "i>q"]);
    assert_eq!(spilled(&net, &Counts::default()), None);
}

#[test]
fn who_goes_on_from_a_writer_may_tell_of_it_what_it_still_holds_itself() {
    // The stream has a writer in a branch, so whoever waits for it meets the others at home; and
    // whoever is told of the first element cannot know whether home was told.
    let body = seq([
        call(peer('q'), "f", [], Out::Slot(2)),
        N::Push(0, slot(2)),
        call(peer('p'), "f", [], Out::Slot(0)),
        call(peer('r'), "f", [slot(0)], Out::Nothing),
    ]);
    let waits = seq([
        par([N::Null, call(peer('a'), "f", [], Out::Stream(0))]),
        N::Await(E::Peer(peer('b')), 0, E::Int(2), 1),
    ]);
    let tree = N::Try(Box::new(body), Box::new(waits), None);
    for seed in 0..20 {
        let mut net = Net::new(compile(&tree), peers()[0], seed);
        net.go();
        assert_eq!(spilled(&net, &Counts::default()), None, "{}", net.trips());
    }
}

#[test]
fn nobody_is_told_of_a_stream_whose_readers_an_error_kept_from_starting() {
    // Who would have read it in a branch of its own is behind the step that fails.
    let waits = N::Await(E::Peer(peer('q')), 0, E::Int(2), 1);
    let body = seq([
        call(peer('b'), "bad", [], Out::Nothing),
        par([waits, call(peer('a'), "f", [], Out::Stream(0))]),
    ]);
    let caught = N::Try(Box::new(body), Box::new(N::Null), Some(2));
    let tree = N::Scope(vec![0], Box::new(seq([call(peer('r'), "f", [], Out::Stream(0)), caught])));
    let mut net = Net::new(compile(&tree), peers()[0], 1);
    net.go();
    assert_eq!(net.trips(), "i>r r>b");
    assert_eq!(spilled(&net, &Counts::default()), None);
}
