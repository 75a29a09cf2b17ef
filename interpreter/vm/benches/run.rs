//! What the interpreter costs, beside what the reference costs: `cargo bench -p aquac-vm`.
//!
//! First a table with the best of several times, then criterion's medians of the same. The
//! reference's figures are thread CPU times of AquaVM, native, on the machine on which these
//! goals were set; a ratio between two machines or two hours is a hint and no more. The counters
//! of work done are exact.

#![expect(clippy::indexing_slicing, reason = "a bench that panics is a bench that tells")]

#[path = "run/net.rs"]
mod net;
#[path = "run/programs.rs"]
mod programs;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aquac_ir::{Digest, VerifiedProgram, encode};
use aquac_vm::{
    Claim, Ed25519Verifier, PendingCall, Purpose, Run, SignedTurn, UncheckedVerifier, Verifier,
};
use criterion::Criterion;
use net::{FUEL, Host, Net, Signing, header};

/// Times that each case is tried for the table.
const REPEATS: usize = 15;

/// A measurement: makes what it needs, and says how long the thing itself took.
struct Case {
    name: &'static str,
    /// Microseconds of the reference.
    reference: Option<f64>,
    /// Microseconds that it may take.
    goal: Option<f64>,
    run: Box<dyn Fn() -> Duration>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["once", "fan-out", peers] => {
            return fan_out_once(peers.parse().expect("a number of peers"));
        }
        ["once", name] => {
            let found = cases().into_iter().find(|case| case.name == *name);
            (found.expect("there is such a case").run)();
            return;
        }
        _ => {}
    }
    let cases = cases();
    println!(
        "{:48} {:>11} {:>11} {:>9} {:>8}",
        "best of several, in us", "ours", "reference", "ratio", "goal"
    );
    for case in &cases {
        let best = (0..REPEATS).map(|_| (case.run)()).min().unwrap_or_default();
        let ours = best.as_secs_f64() * 1e6;
        let number = |number: Option<f64>| {
            number.map_or_else(|| "-".into(), |number| format!("{number:.0}"))
        };
        let ratio = number(case.reference.map(|reference| reference / ours));
        println!(
            "{:48} {ours:11.2} {:>11} {ratio:>9} {:>8}",
            case.name,
            number(case.reference),
            number(case.goal)
        );
    }
    nth_calls();
    memory_of_steps();
    moved();
    chains();
    let mut criterion = Criterion::default().configure_from_args();
    for case in &cases {
        criterion.bench_function(case.name, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| (case.run)()).sum());
        });
    }
    criterion.final_summary();
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    black_box(work());
    begin.elapsed()
}

fn case(
    name: &'static str,
    reference: Option<f64>,
    goal: Option<f64>,
    run: impl Fn() -> Duration + 'static,
) -> Case {
    Case { name, reference, goal, run: Box::new(run) }
}

fn cases() -> Vec<Case> {
    let mut cases = alone();
    cases.extend(signatures());
    cases.extend(together());
    cases
}

/// A host that has just begun a run of this program.
fn begun(program: &Arc<VerifiedProgram>, signing: Signing) -> Host {
    let signer = signing.signer(0);
    let header = header(program, &*signer);
    Host { run: Run::new(program.clone(), header, signer.peer()), signer }
}

/// One peer.
fn alone() -> Vec<Case> {
    let null = programs::null();
    let null_bytes = encode(null.program());
    let me = Signing::Unchecked.peers(1)[0];
    let (chain, branches, pushes) =
        (programs::chain(300, &[me]), programs::branches(500, me), programs::pushes(1_000));
    let signed_chain = programs::chain(300, &Signing::Ed25519.peers(1));
    let null_again = null.clone();
    vec![
        case("empty step: nothing new", Some(53.0), Some(2.0), move || {
            let mut host = begun(&null, Signing::Unchecked);
            host.run.step(FUEL);
            timed(|| (host.run.step(FUEL), host.run.forward()))
        }),
        case("empty run: program read, checked and run", Some(53.0), None, move || {
            let header = header(&null_again, &*Signing::Unchecked.signer(0));
            timed(|| {
                let program =
                    Arc::new(VerifiedProgram::from_bytes(&null_bytes).expect("it is one"));
                let mut run = Run::new(program, header.clone(), header.header.initiator);
                (run.step(FUEL), run.forward())
            })
        }),
        case(
            "300 calls in sequence, unsigned until it leaves",
            Some(432_000.0),
            Some(3_000.0),
            move || {
                let mut host = begun(&chain, Signing::Unchecked);
                timed(|| drive(&mut host, |_| {}))
            },
        ),
        case("300 calls in sequence, each result signed", Some(432_000.0), None, move || {
            let mut host = begun(&signed_chain, Signing::Ed25519);
            timed(|| drive(&mut host, Host::seal))
        }),
        case("500 results in one step", Some(12_600.0), None, move || {
            let mut host = begun(&branches, Signing::Unchecked);
            let calls = host.run.step(FUEL).calls;
            assert_eq!(calls.len(), 500, "all branches ask at once");
            timed(|| {
                for (call, number) in calls.iter().zip(1..) {
                    host.resolve(call, number);
                }
                host.run.step(FUEL)
            })
        }),
        case("1,000 pushes, then a snapshot of all", Some(11_300.0), Some(500.0), move || {
            let mut host = begun(&pushes, Signing::Unchecked);
            let took = timed(|| host.run.step(FUEL));
            let result = host.run.result().expect("it ends").expect("and well");
            assert_eq!(result.first().and_then(|all| all.as_array()).map(<[_]>::len), Some(1_000));
            took
        }),
    ]
}

/// Keys.
fn signatures() -> Vec<Case> {
    vec![
        case("30 signatures: made", None, None, || {
            let signer = Signing::Ed25519.signer(0);
            timed(|| {
                for number in 0..30 {
                    black_box(signer.sign(Purpose::Turn, &Digest([number; 32])));
                }
            })
        }),
        case("30 signatures: checked", Some(14_400.0), None, || {
            let claims = claims(30);
            timed(|| assert!(Ed25519Verifier.verify(&claims).iter().all(|holds| *holds)))
        }),
    ]
}

fn claims(count: u8) -> Vec<Claim> {
    let claim = |number| {
        let signer = Signing::Ed25519.signer(u16::from(number));
        let digest = Digest([number; 32]);
        let signature = signer.sign(Purpose::Turn, &digest);
        Claim { signer: signer.peer(), purpose: Purpose::Turn, digest, signature }
    };
    (0..count).map(claim).collect()
}

/// Answers one call after the other until there is none.
fn drive(host: &mut Host, mut after: impl FnMut(&mut Host)) {
    let mut calls: Vec<PendingCall> = host.run.step(FUEL).calls;
    let mut number = 0;
    while let Some(call) = calls.pop() {
        number += 1;
        host.resolve(&call, number);
        calls.extend(host.run.step(FUEL).calls);
        after(host);
    }
}

/// Several peers.
fn together() -> Vec<Case> {
    let all = Signing::Unchecked.peers(101);
    let sure = Signing::Ed25519.peers(101);
    let fan_out = programs::fan_out(&all[1..]);
    let signed_fan_out = programs::fan_out(&sure[1..]);
    let (mine, theirs) = histories(TurnsOf::EachCall);
    let (mine_whole, theirs_whole) = histories(TurnsOf::Everything);
    vec![
        case(
            "union of two histories of 500 calls, 500 turns",
            Some(7_800.0),
            Some(1_000.0),
            move || union(&mine, &theirs),
        ),
        case(
            "union of two histories of 500 calls, one turn",
            Some(7_800.0),
            Some(1_000.0),
            move || union(&mine_whole, &theirs_whole),
        ),
        case("fan-out to 100 peers with join, unsigned", Some(478_000.0), None, move || {
            let mut net = Net::new(fan_out.clone(), Signing::Unchecked, 101);
            let took = timed(|| net.go());
            ended(&mut net);
            took
        }),
        case("fan-out to 100 peers with join, signed", Some(478_000.0), None, move || {
            let mut net = Net::new(signed_fan_out.clone(), Signing::Ed25519, 101);
            let took = timed(|| net.go());
            ended(&mut net);
            took
        }),
    ]
}

/// What a fan-out to many peers costs: each of them looks at the steps of all.
fn fan_out_once(peers: u16) {
    let all = Signing::Unchecked.peers(peers + 1);
    let mut net = Net::new(programs::fan_out(&all[1..]), Signing::Unchecked, peers + 1);
    let took = timed(|| net.go());
    ended(&mut net);
    let (frames, bytes) = (net.moved.frames, net.moved.bytes);
    println!("fan-out to {peers} peers with join: {took:.1?}, {frames} frames, {bytes} bytes");
}

fn ended(net: &mut Net) {
    let initiator = net.initiator();
    assert!(matches!(net.host(initiator).run.result(), Some(Ok(_))), "the run ends well");
}

/// When turns are closed.
#[derive(Clone, Copy)]
enum TurnsOf {
    EachCall,
    Everything,
}

/// What one peer did: its program and its turns.
struct Lived {
    program: Arc<VerifiedProgram>,
    turns: Vec<SignedTurn>,
}

/// Two peers beside each other, 500 calls each.
fn histories(turns: TurnsOf) -> (Lived, Lived) {
    let peers = Signing::Unchecked.peers(2);
    let program = programs::two_chains(500, [peers[0], peers[1]]);
    let header = header(&program, &*Signing::Unchecked.signer(0));
    let live = |number: u16| {
        let run = Run::new(program.clone(), header.clone(), peers[usize::from(number)]);
        let mut host = Host { run, signer: Signing::Unchecked.signer(number) };
        match turns {
            TurnsOf::EachCall => drive(&mut host, Host::seal),
            TurnsOf::Everything => drive(&mut host, |_| {}),
        }
        host.seal();
        let turns = host.run.history().turns_of(&peers[usize::from(number)]);
        let turns = turns.iter().map(|turn| (**turn.turn()).clone()).collect();
        Lived { program: program.clone(), turns }
    };
    (live(0), live(1))
}

/// A peer that knows one of them gets the other.
fn union(mine: &Lived, theirs: &Lived) -> Duration {
    let mut host = begun(&mine.program, Signing::Unchecked);
    host.run.absorb(mine.turns.clone(), [], &UncheckedVerifier);
    host.run.step(FUEL);
    let turns = theirs.turns.clone();
    let took = timed(|| (host.run.absorb(turns, [], &UncheckedVerifier), host.run.step(FUEL)));
    assert_eq!(host.run.history().len(), mine.turns.len() + theirs.turns.len());
    took
}

/// What the n-th call of a chain at one peer costs: it must not depend on n.
fn nth_calls() {
    const WINDOW: usize = 8;
    let me = Signing::Unchecked.peers(1);
    let program = programs::chain(10_000 + 8 * WINDOW, &me);
    println!(
        "the n-th call in a chain on one peer (the reference: 73 us + 5 us for each call before it)"
    );
    let places = [10, 100, 1_000, 10_000];
    let mut best = [Duration::MAX; 4];
    let mut work = [(0, 0, 0); 4];
    for _ in 0..REPEATS {
        let mut host = begun(&program, Signing::Unchecked);
        let mut calls = host.run.step(FUEL).calls;
        for number in 0..10_000 {
            let Some(at) = places.iter().position(|place| number + WINDOW == *place) else {
                calls = next(&mut host, &calls, number as u64);
                continue;
            };
            let before = host.run.work();
            let took = timed(|| {
                for _ in 0..WINDOW {
                    calls = next(&mut host, &calls, number as u64);
                }
            });
            let after = host.run.work();
            best[at] = best[at].min(took / WINDOW as u32);
            work[at] = (
                after.events - before.events,
                after.records - before.records,
                after.comparisons - before.comparisons,
            );
        }
    }
    for ((place, best), (events, records, comparisons)) in places.iter().zip(best).zip(work) {
        let reference = 73.0 + 5.0 * *place as f64;
        let ours = best.as_secs_f64() * 1e6;
        println!(
            "  n = {place:6}: {ours:6.2} us, the reference about {reference:.0} us; of {WINDOW} calls {events} events, {records} records, {comparisons} comparisons"
        );
    }
}

fn next(host: &mut Host, calls: &[PendingCall], number: u64) -> Vec<PendingCall> {
    for call in calls {
        host.resolve(call, number);
    }
    host.run.step(FUEL).calls
}

/// How often a step asks for memory: exact, and the same behind ten calls and behind a thousand.
fn memory_of_steps() {
    let program = programs::chain(1_100, &Signing::Unchecked.peers(1));
    let mut host = begun(&program, Signing::Unchecked);
    let mut calls = host.run.step(FUEL).calls;
    println!("memory asked for by a step that takes a result and asks for the next");
    for number in 0..1_024 {
        let counted = allocation_counter::measure(|| calls = next(&mut host, &calls, number));
        if matches!(number, 10 | 100 | 1_000) {
            println!(
                "  n = {number:6}: {} times, {} bytes",
                counted.count_total, counted.bytes_total
            );
        }
    }
}

/// A chain of services, each at a peer of its own and each with the answer of the one before.
fn chains() {
    println!("chains of k services, turns and values: bytes in all, of the client, frames, steps");
    for size in [100, 4096] {
        for length in [1, 2, 4, 8, 16, 32] {
            let peers = Signing::Unchecked.peers(length + 1);
            let program = programs::chain(usize::from(length), &peers[1..]);
            let mut net = Net::new(program, Signing::Unchecked, length + 1).answering(size);
            net.go();
            ended(&mut net);
            let moved = net.moved;
            println!(
                "  k = {length:2}, {size:4} bytes each: {:7} {:6} {:3} {:3}",
                moved.bytes, moved.client_bytes, moved.frames, moved.steps
            );
        }
    }
    println!("    (the reference: k = 16, 4096 bytes each: 662,000 78,000; client-server 133,000)");
}

/// What moves between peers: exact, and the same each time.
fn moved() {
    println!("moved between peers: turns and values, without frames");
    let one = |name: &str, mut net: Net| {
        net.go();
        ended(&mut net);
        let moved = net.moved;
        println!("  {name}: {} frames, {} bytes, {} steps", moved.frames, moved.bytes, moved.steps);
    };
    let peers = Signing::Unchecked.peers(101);
    for calls in [64, 640] {
        let program = programs::chain(calls, &peers[..2]);
        one(
            &format!("{calls} calls between two peers in turn"),
            Net::new(program, Signing::Unchecked, 2),
        );
    }
    println!("    (the reference: 640 calls move 120,285,536 bytes)");
    one(
        "fan-out to 100 peers with join",
        Net::new(programs::fan_out(&peers[1..]), Signing::Unchecked, 101),
    );
    println!("    (the reference: 2,429,796 bytes)");
}
