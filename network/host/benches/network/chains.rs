//! k services one after the other: the particle goes from one to the next, or the client asks
//! each in turn.

use std::time::{Duration, Instant};

use aquac_host::{AddressBook, Handle, LinkCounters};
use aquac_ir::Value;
use serde_json::json;

use super::hosts::{Step, TTL, Taken, host, id, program, run};
use super::raw::Raw;
use super::{Times, proxy, raw, tell};

/// What a service is given and answers, in bytes.
const PAYLOAD: usize = 64;

const NAMES: [&str; 16] = [
    "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15",
    "s16",
];

/// See the table in `main`.
pub(crate) async fn all(quick: bool) {
    let lengths: &[usize] = if quick { &[2] } else { &[1, 2, 4, 8, 16] };
    for delay in [0, 10] {
        for k in lengths {
            let count = if quick { 3 } else { 60 };
            one(*k, Duration::from_millis(delay), count).await;
        }
    }
}

async fn one(k: usize, delay: Duration, count: usize) {
    let forward = forward(k, delay, count).await;
    let in_turn = in_turn(k, delay, count).await;
    let ideal = (k + 1) as f64 * delay.as_secs_f64() * 1e6;
    // The delay that a link really has, timers and system included.
    let bare = (k + 1) as f64 * in_turn.at(0.5) / (2 * k) as f64;
    tell(
        "chains",
        &json!({
            "k": k,
            "link_ms": delay.as_millis() as u64,
            "forward": forward.times.json(),
            "client_server": in_turn.json(),
            "client_server_over_forward": in_turn.at(0.5) / forward.times.at(0.5),
            "forward_over_ideal": if ideal > 0.0 { json!(forward.times.at(0.5) / ideal) } else { json!(null) },
            "forward_over_bare_links": forward.times.at(0.5) / bare,
        "messages": { "forward": forward.messages, "client_server": 2 * k },
            "bytes": { "forward": forward.bytes, "client_server_payload": 2 * k * PAYLOAD },
            "client_bytes": forward.client_bytes,
            "goal": "k = 8, 10 ms: forward_over_ideal <= 1.2",
        }),
    );
}

struct Forward {
    times: Times,
    messages: f64,
    bytes: f64,
    client_bytes: f64,
}

async fn forward(k: usize, delay: Duration, count: usize) -> Forward {
    let taken = Taken::default();
    let (mut hosts, mut books) = (Vec::new(), Vec::new());
    for name in &NAMES[..k] {
        let book = AddressBook::default();
        hosts.push(host(name, &book, &taken, |_| {}).await);
        books.push(book);
    }
    let book = AddressBook::default();
    books.push(book.clone());
    // Each learns where the others are, behind the link that takes its time.
    for other in &hosts {
        let address = proxy::before(&other.addresses()[0], delay).await;
        for book in &books {
            book.add(other.peer(), [address.clone()]);
        }
    }
    let client = host("client", &book, &taken, |config| {
        config.listen.clear();
        config.keep = NAMES[..k].iter().map(|name| id(name)).collect();
    })
    .await;
    let steps = NAMES[..k].iter().map(|name| Step::Call(id(name), "echo.say"));
    let chain = program(Value::text(&"x".repeat(PAYLOAD)), steps.chain([Step::Return]));
    // Until links and programs are there.
    for _ in 0..5 {
        run(&client, &chain, TTL).await.ended().await.unwrap();
        tokio::time::sleep(4 * delay).await;
    }
    let before = traffic(&hosts, &client).await;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        run(&client, &chain, TTL).await.ended().await.unwrap();
        times.push(began.elapsed());
    }
    tokio::time::sleep(4 * delay + Duration::from_millis(50)).await;
    let after = traffic(&hosts, &client).await;
    let each = |at: usize| (after[at] - before[at]) as f64 / count as f64;
    let times = Times::of(times);
    Forward { times, messages: each(0), bytes: each(1), client_bytes: each(2) }
}

/// Parcels and bytes that left all, and bytes that passed the client.
async fn traffic(hosts: &[Handle], client: &Handle) -> [u64; 3] {
    let (mut parcels, mut bytes) = (0, 0);
    for host in hosts.iter().chain([client]) {
        for link in host.counters().await.unwrap().links.values() {
            parcels += link.sent.parcels;
            bytes += link.sent.bytes;
        }
    }
    let own = client.counters().await.unwrap();
    let passed = |link: &LinkCounters| link.sent.bytes + link.received.bytes;
    [parcels, bytes, own.links.values().map(passed).sum()]
}

async fn in_turn(k: usize, delay: Duration, count: usize) -> Times {
    let mut servers = Vec::new();
    let mut addresses = Vec::new();
    for _ in 0..k {
        let server = Raw::start().await;
        addresses.push((server.id, proxy::before(&server.address, delay).await));
        servers.push(server);
    }
    let mut client = Raw::client(&addresses).await;
    let mut streams = Vec::new();
    for (id, _) in &addresses {
        streams.push(client.open(*id).await);
    }
    raw::in_turn(&mut streams, PAYLOAD, count).await
}
