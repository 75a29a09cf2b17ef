//! What a peer holds: particles that wait, and connections that say nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use aquac_host::{AddressBook, Handle};
use aquac_ir::Value;
use serde_json::json;
use tokio::time::sleep;

use super::child::Process;
use super::hosts::{Step, Taken, host, id, program, run};
use super::tell;

/// How long a parked particle lives.
const LONG: u32 = 3_600_000;
/// Particles that the peer has not acknowledged; beyond it no more are begun.
const UNACKNOWLEDGED: usize = 1024;

/// Lets so many runs begin that wait at the bank for ever.
async fn park(book: &AddressBook, count: usize) -> Handle {
    let source = host("source", book, &Taken::default(), |config| {
        config.listen.clear();
        config.keep = vec![id("bank")];
        let limits = &mut config.peer.limits;
        limits.particles = 1_000_000;
        limits.particles_per_initiator = 1_000_000;
        limits.mailbox_frames = 1_000_000;
        limits.bytes_per_initiator = 4 << 30;
    })
    .await;
    let waiting = program(Value::Null, [Step::Visit(id("bank")), Step::Never]);
    for number in 0..count {
        run(&source, &waiting, LONG).await;
        if number % 256 == 255 {
            settle(&source, UNACKNOWLEDGED).await;
        }
    }
    settle(&source, 0).await;
    sleep(Duration::from_millis(500)).await;
    source
}

async fn settle(source: &Handle, most: usize) {
    loop {
        let status = source.status().await.unwrap();
        let waiting = status.unacknowledged.iter().chain(&status.unreached);
        if waiting.map(|(_, parcels)| *parcels).sum::<usize>() <= most {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// See the table in `main`.
pub(crate) async fn memory(quick: bool, parked: Option<usize>) {
    let (particles, connections) = if quick { (50, 3) } else { (50_000, 300) };
    let particles = parked.unwrap_or(particles);
    let book = AddressBook::default();
    let bank = Process::start(None).await;
    book.add(id("bank"), [bank.address.clone()]);
    let first = park(&book, particles / 10).await;
    let before = bank.resident();
    drop(first);
    let source = park(&book, particles).await;
    let full = bank.resident();
    let mut idle = Vec::new();
    for number in 0..connections {
        let name = format!("idle{number}");
        idle.push(
            host(&name, &book, &Taken::default(), |config| {
                config.listen.clear();
                config.keep = vec![id("bank")];
            })
            .await,
        );
    }
    while !linked(&idle).await {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(500)).await;
    let connected = bank.resident();
    drop(source);
    let each = |more: u64, less: u64, count: usize| more.saturating_sub(less) as f64 / count as f64;
    tell(
        "memory",
        &json!({
            "particles": particles,
            "connections": connections,
            "resident_bytes_before": before,
            "bytes_per_parked_particle": each(full, before, particles),
            "bytes_per_idle_connection": each(connected, full, connections),
            "goal": "bytes_per_parked_particle <= 4096",
        }),
    );
}

async fn linked(idle: &[Handle]) -> bool {
    for host in idle {
        if host.counters().await.unwrap().links_up == 0 {
            return false;
        }
    }
    true
}

/// See the table in `main`.
pub(crate) async fn restart(quick: bool, parked: Option<usize>) {
    let particles = parked.unwrap_or(if quick { 50 } else { 100_000 });
    let folder = std::env::temp_dir().join(format!("aquac-restart-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    restart_in(&folder, particles).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn restart_in(folder: &Path, particles: usize) {
    let path = folder.join("peer.redb");
    let began = Instant::now();
    let empty = Process::start(Some(&path)).await;
    let empty_start = began.elapsed();
    let book = AddressBook::default();
    book.add(id("bank"), [empty.address.clone()]);
    let began = Instant::now();
    let source = park(&book, particles).await;
    let parking = began.elapsed();
    empty.kill().await;
    drop(source);
    let began = Instant::now();
    let again = Process::start(Some(&path)).await;
    let start = began.elapsed();
    tell(
        "restart",
        &json!({
            "particles": particles,
            "parked_per_second": particles as f64 / parking.as_secs_f64(),
            "file_bytes": std::fs::metadata(&path).unwrap().len(),
            "start_empty_ms": empty_start.as_millis() as u64,
            "start_ms": start.as_millis() as u64,
            "resident_bytes": again.resident(),
            "resident_bytes_per_particle": again.resident() as f64 / particles as f64,
        }),
    );
    again.kill().await;
}
