//! How much a simulation plays in a second, and what peers move: `cargo bench -p aquac-sim`.
//!
//! First a table: events a second with signatures that anyone can make and with real ones, and
//! the bytes of a run that goes to and fro between two peers; then criterion's medians.
//! `-- once ping-pong` and `-- once events` do one thing once, for a profiler.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aquac_ir::{Builder, Expr, Limits, Node, Output, Place, Value, encode};
use aquac_sim::{Script, Setup, Signing, Stop, World};
use criterion::{Criterion, Throughput};
use mimalloc::MiMalloc;

/// As in `aquac`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Peers of a chain, and runs of one measurement.
const PEERS: usize = 8;
const RUNS: usize = 200;

/// Times that each measurement is made for the table; the best counts.
const REPEATS: usize = 5;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["once", "events"] => drop(black_box(Chain::new(Signing::Unchecked).play(RUNS))),
        ["once", "ping-pong"] => drop(black_box(ping_pong(640))),
        _ => {
            table();
            criterion();
        }
    }
}

fn table() {
    for (signing, goal) in [(Signing::Unchecked, 300_000), (Signing::Ed25519, 8_000)] {
        let played = (0..REPEATS).map(|_| Chain::new(signing).play(RUNS));
        let best = played.max_by(|a, b| a.per_second().total_cmp(&b.per_second()));
        let best = best.expect("it was played at least once");
        println!(
            "{signing:?}: {:.0} events/s ({} events of {RUNS} runs over {PEERS} peers in {:.1} ms); goal {goal}",
            best.per_second(),
            best.events,
            best.took.as_secs_f64() * 1e3,
        );
    }
    for calls in [80, 160, 320, 640] {
        let moved = ping_pong(calls);
        println!(
            "{calls} calls between two peers in turn: {} frames, {} bytes ({:.0} a call), {} bytes with acknowledgements, {:.1} ms",
            moved.frames,
            moved.bytes,
            moved.bytes as f64 / calls as f64,
            moved.all_bytes,
            moved.took.as_secs_f64() * 1e3,
        );
    }
    println!(
        "  goal: 500,000 bytes for 640 calls, linear; the reference: 120,285,536 bytes and 5,750 ms"
    );
}

fn criterion() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("sim");
    group.sample_size(20);
    for signing in [Signing::Unchecked, Signing::Ed25519] {
        let events = Chain::new(signing).play(10).events;
        group.throughput(Throughput::Elements(events));
        group.bench_function(format!("ten chains over {PEERS} peers, {signing:?}"), |bencher| {
            bencher
                .iter_custom(|times| (0..times).map(|_| Chain::new(signing).play(10).took).sum());
        });
    }
    group.throughput(Throughput::Elements(640));
    group.bench_function("640 calls between two peers in turn", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| ping_pong(640).took).sum());
    });
    group.finish();
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

/// What was played.
struct Played {
    events: u64,
    took: Duration,
}

impl Played {
    fn per_second(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64()
    }
}

/// A client, and peers that a run visits one after the other.
struct Chain {
    world: World,
    program: Vec<u8>,
}

impl Chain {
    fn new(signing: Signing) -> Self {
        let names: Vec<String> = (0..PEERS).map(|number| format!("p{number}")).collect();
        let mut setup = Setup::new(&["client"], 1);
        setup.signing = signing;
        setup.peers.extend(names.clone());
        let program = calls(&setup, &names, PEERS);
        Self { world: world(&setup), program }
    }

    /// One run after the other. An event is one input of one peer.
    fn play(&mut self, runs: usize) -> Played {
        let client = self.world.names.id("client").expect("the client is in the setup");
        let took = timed(|| {
            for _ in 0..runs {
                self.world.run(client, self.program.clone(), vec![], 60_000, Limits::default());
                assert_eq!(self.world.run_until_quiet(u64::MAX, u64::MAX), Stop::Quiet);
            }
        });
        assert_eq!(self.world.trace.endings.len(), runs, "every run ends");
        Played { events: self.world.peers().map(|peer| peer.counters().inputs).sum(), took }
    }
}

/// What a run between two peers moved.
struct Moved {
    frames: usize,
    /// Of frames that carry particles.
    bytes: usize,
    /// Of all frames.
    all_bytes: u64,
    took: Duration,
}

fn ping_pong(length: usize) -> Moved {
    let mut setup = Setup::new(&["client", "other"], 1);
    setup.signing = Signing::Unchecked;
    let mut world = world(&setup);
    let program = calls(&setup, &["client".to_owned(), "other".to_owned()], length);
    let client = world.names.id("client").expect("the client is in the setup");
    let took = timed(|| {
        world.run(client, program, vec![], 600_000, Limits::default());
        world.run_until_quiet(u64::MAX, u64::MAX);
    });
    assert_eq!(world.trace.endings.len(), 1, "the run ends");
    assert_eq!(world.trace.calls.len(), length, "every call is made once");
    Moved {
        frames: world.trace.messages.len(),
        bytes: world.trace.messages.iter().map(|message| message.bytes).sum(),
        all_bytes: world.peers().map(|peer| peer.counters().bytes).sum(),
        took,
    }
}

fn world(setup: &Setup) -> World {
    let rules = serde_json::from_str(r#"[["*","echo"]]"#).expect("this is a script");
    World::new(setup, Box::new(Script::new(rules)))
}

/// So many calls, each with the result of the one before, at these peers in turn.
fn calls(setup: &Setup, peers: &[String], length: usize) -> Vec<u8> {
    let mut b = Builder::new();
    let seq = b.open(Node::Seq(0));
    let mut value = b.constant(Value::from(1_i64));
    for name in peers.iter().cycle().take(length) {
        let id = setup.signing.keys(name).signer.peer();
        let peer = b.constant(Value::text(&id.to_string()));
        let place = b.place(Place { peer, via: Box::default() });
        let (service, function) = (b.constant(Value::text("s")), b.constant(Value::text("f")));
        let slot = b.slot();
        let output = Output::Slot(slot);
        b.leaf(Node::Call {
            place,
            service,
            function,
            args: Box::new([value]),
            output,
            returns: None,
        });
        value = b.expr(Expr::Slot(slot));
    }
    b.leaf(Node::Return { values: Box::new([value]) });
    b.close(seq);
    encode(&b.finish())
}
