//! Round trips and rates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use aquac_host::{AddressBook, Counters, Disk, Handle, Touch};
use aquac_ir::Value;
use aquac_peer::Durability;
use libp2p::identity::Keypair;
use serde_json::json;

use super::hosts::{Step, TTL, Taken, host, id, program, run};
use super::{Times, each, raw, tell, worked};

/// Runs that are under way at a time when a rate is measured.
const IN_FLIGHT: u64 = 512;

/// One signature and one check, in microseconds.
fn signing(quick: bool) -> (f64, f64) {
    let rounds = if quick { 50 } else { 20_000 };
    let key = Keypair::ed25519_from_bytes([7; 32]).unwrap();
    let message = [9; 64];
    let signature = key.sign(&message).unwrap();
    let public = key.public();
    let sign = each(rounds, || drop(std::hint::black_box(key.sign(&message))));
    let verify = each(rounds, || {
        assert!(std::hint::black_box(public.verify(&message, &signature)));
    });
    (sign, verify)
}

/// Runs a program again and again, one at a time.
async fn again(client: &Handle, program: &[u8], count: usize) -> Times {
    let mut times = Vec::with_capacity(count);
    for trip in 0..count + 20 {
        let began = Instant::now();
        run(client, program, TTL).await.ended().await.unwrap();
        if trip >= 20 {
            times.push(began.elapsed());
        }
    }
    Times::of(times)
}

/// Bytes of a parcel on average, of those that left a host.
fn parcel_bytes(counters: &Counters) -> usize {
    let sent = counters.links.values().map(|link| link.sent);
    let (parcels, bytes) =
        sent.fold((0, 0), |all, sent| (all.0 + sent.parcels, all.1 + sent.parcel_bytes));
    (bytes / parcels.max(1)) as usize
}

/// See the table in `main`.
pub(crate) async fn hop(quick: bool) {
    let count = if quick { 20 } else { 3000 };
    let (book, taken) = (AddressBook::default(), Taken::default());
    let bank = host("bank", &book, &taken, |_| {}).await;
    let client = host("client", &book, &taken, |config| {
        config.listen.clear();
        config.keep = vec![id("bank")];
    })
    .await;
    let visit = program(Value::Null, [Step::Visit(id("bank")), Step::Return]);
    let ours = again(&client, &visit, count).await;
    let bytes =
        [&client, &bank].map(|host| async { parcel_bytes(&host.counters().await.unwrap()) });
    let [there, back] = bytes;
    let bytes = usize::midpoint(there.await, back.await);
    let (sign, verify) = signing(quick);
    let tcp = raw::tcp(bytes, count).await;
    let stream = raw::stream(bytes, count).await;
    let floor = stream.at(0.5) + sign + verify;
    tell(
        "hop",
        &json!({
            "frame_bytes": bytes,
            "tcp_round_trip": tcp.json(),
            "libp2p_round_trip": stream.json(),
            "sign": sign,
            "verify": verify,
            "run_there_and_back": ours.json(),
            "hop": ours.at(0.5) / 2.0,
            "floor": floor,
            "hop_over_floor": ours.at(0.5) / 2.0 / floor,
            "run_over_floor": ours.at(0.5) / floor,
            "goal": "hop_over_floor <= 1.5",
        }),
    );
}

/// Begins so many runs, as fast as `IN_FLIGHT` allows, and waits until all are taken. Seconds.
async fn pour(from: &Handle, program: &[u8], taken: &Taken, count: u64) -> f64 {
    let (began, before) = (Instant::now(), taken.now());
    for started in 0..count {
        if started >= IN_FLIGHT {
            taken.reach(before + started - IN_FLIGHT + 1).await;
        }
        run(from, program, 20_000).await;
    }
    taken.reach(before + count).await;
    began.elapsed().as_secs_f64()
}

/// See the table in `main`.
pub(crate) async fn rate(quick: bool) {
    let count = if quick { 200 } else { 40_000 };
    let (book, taken) = (AddressBook::default(), Taken::default());
    let sink = host("sink", &book, &taken, |_| {}).await;
    let middle = host("middle", &book, &taken, |_| {}).await;
    let source = host("source", &book, &taken, |_| {}).await;
    let through =
        program(Value::Null, [Step::Visit(id("middle")), Step::Call(id("sink"), "sink.take")]);
    pour(&source, &through, &taken, count / 10).await;
    let before = worked();
    let seconds = pour(&source, &through, &taken, count).await;
    let work_each = (worked() - before).as_secs_f64() * 1e6 / count as f64;
    let mut turns = 0;
    for host in [&source, &middle, &sink] {
        turns += host.counters().await.unwrap().turns;
    }
    let counters = middle.counters().await.unwrap();
    let bytes = parcel_bytes(&counters);
    let (sign, verify) = signing(quick);
    let message = raw::message(bytes, if quick { 500 } else { 100_000 }).await;
    let rate = count as f64 / seconds;
    // Per particle: the header and the middle's and the sink's turns are signed, the header is
    // checked twice and the middle's turn once; two messages travel. Two cores.
    let work = 3.0 * sign + 3.0 * verify + 2.0 * message;
    let floor = 2.0 * 1_000_000.0 / work;
    tell(
        "rate",
        &json!({
            "particles": count,
            "particles_per_second": rate,
            "turns_per_particle": turns as f64 / (count + count / 10) as f64,
            "frame_bytes": bytes,
            "sign": sign,
            "verify": verify,
            "message": message,
            "floor_per_second": floor,
            "share_of_floor": rate / floor,
        "work_per_particle": work_each,
        "floor_of_work": work,
        "share_of_floor_by_work": work / work_each,
            "goal": "particles_per_second >= 4000 or share_of_floor >= 0.6",
        }),
    );
}

/// See the table in `main`.
pub(crate) async fn fair(quick: bool) {
    let (count, flood) = if quick { (10, 5) } else { (500, 500) };
    let (book, taken) = (AddressBook::default(), Taken::default());
    let _bank = host("bank", &book, &taken, |_| {}).await;
    let keeps = |config: &mut aquac_host::Config| {
        config.listen.clear();
        config.keep = vec![id("bank")];
    };
    let client = host("client", &book, &taken, keeps).await;
    let other = host("other", &book, &taken, keeps).await;
    let fast = program(Value::Null, [Step::Call(id("bank"), "echo.say"), Step::Return]);
    let alone = again(&client, &fast, count).await;
    let slow: Vec<Step> = (0..600).map(|_| Step::Call(id("bank"), "slow.say")).collect();
    let slow = program(Value::Null, slow);
    for _ in 0..flood {
        run(&other, &slow, TTL).await;
    }
    let beside = again(&client, &fast, count).await;
    tell(
        "fair",
        &json!({
            "slow_runs_beside": flood,
            "alone": alone.json(),
            "beside": beside.json(),
            "p50_over_alone": beside.at(0.5) / alone.at(0.5),
            "p99_over_alone": beside.at(0.99) / alone.at(0.99),
        }),
    );
}

/// See the table in `main`.
pub(crate) async fn durable(quick: bool) {
    let count = if quick { 200 } else { 20_000 };
    let (book, taken) = (AddressBook::default(), Taken::default());
    let path = std::env::temp_dir().join(format!("aquac-bench-{}.redb", std::process::id()));
    let _not_there = std::fs::remove_file(&path);
    let syncs = Arc::new(AtomicU64::new(0));
    let counted = syncs.clone();
    let disk = Disk::open_watched(
        &path,
        Arc::new(move |touch| {
            if touch == Touch::Sync {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        }),
    );
    let disk = disk.unwrap();
    let _bank = host("bank", &book, &taken, |config| {
        config.peer.durability = Durability::Stored;
        config.store = Box::new(disk);
    })
    .await;
    let source = host("source", &book, &taken, |_| {}).await;
    let taking = program(Value::Null, [Step::Call(id("bank"), "sink.take")]);
    pour(&source, &taking, &taken, count / 10).await;
    let before = syncs.load(Ordering::Relaxed);
    let worked_before = worked();
    let seconds = pour(&source, &taking, &taken, count).await;
    let work_each = (worked() - worked_before).as_secs_f64() * 1e6 / count as f64;
    let flushes = syncs.load(Ordering::Relaxed) - before;
    tell(
        "durable",
        &json!({
            "particles": count,
            "in_flight": IN_FLIGHT,
            "particles_per_second": count as f64 / seconds,
            "work_per_particle": work_each,
        "fsyncs": flushes,
            "fsyncs_per_particle": flushes as f64 / count as f64,
            "goal": "particles_per_second >= 2000 and fsyncs_per_particle <= 0.05",
        }),
    );
    let _gone = std::fs::remove_file(&path);
}
