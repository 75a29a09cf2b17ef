//! What a network of peers costs, beside what the same machine costs bare in the same minutes.
//!
//! `cargo bench -p aquac-host --bench network [-- NAME…]` prints one JSON object per measurement
//! on standard output. Names: `hop`, `rate`, `fair`, `durable`, `chains`, `memory`, `restart`; all
//! without any. A number among them is how many particles `memory` and `restart` park. Times are in
//! microseconds.
//!
//! | name | what |
//! |---|---|
//! | `hop` | round trips: bare TCP, bare libp2p stream, a run whose program only visits a peer; one signature, one check |
//! | `rate` | signed particles per second from a generator through one peer to a sink, in this process |
//! | `fair` | a fast call alone, and while another initiator floods the same peer with slow ones |
//! | `durable` | particles per second through a peer with a store on disk, and flushes per particle |
//! | `chains` | k services one after the other: forwarded, and asked by the client in turn over bare streams; without and with 10 ms per link |
//! | `memory` | resident bytes of a peer per parked particle and per idle connection |
//! | `restart` | how long a peer with 100,000 parked particles in its store takes to start |

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a measurement fails by panicking, and reads the clock"
)]

mod chains;
mod child;
mod hosts;
mod parked;
mod proxy;
mod raw;
mod trips;

use std::time::Duration;

use serde_json::{Value, json};

/// A measurement, by name.
const ALL: [&str; 7] = ["hop", "rate", "fair", "durable", "chains", "memory", "restart"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "peer") {
        return child::run(&arguments[1..]);
    }
    let names: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with("--") && argument.parse::<usize>().is_err())
        .collect();
    let parked = arguments.iter().find_map(|argument| argument.parse().ok());
    for name in &names {
        assert!(ALL.contains(name), "no measurement is called {name}: {ALL:?}");
    }
    // `cargo test --benches` only wants to see that it runs.
    let quick = !arguments.iter().any(|argument| argument == "--bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for name in ALL.into_iter().filter(|name| names.is_empty() || names.contains(name)) {
            match name {
                "hop" => trips::hop(quick).await,
                "rate" => trips::rate(quick).await,
                "fair" => trips::fair(quick).await,
                "durable" => trips::durable(quick).await,
                "chains" => chains::all(quick).await,
                "memory" => parked::memory(quick, parked).await,
                _ => parked::restart(quick, parked).await,
            }
        }
    });
}

/// Prints one measurement.
pub(crate) fn tell(name: &str, fields: &Value) {
    let mut line = json!({ "bench": name });
    let both = line.as_object_mut().zip(fields.as_object());
    if let Some((line, fields)) = both {
        line.extend(fields.clone());
    }
    println!("{line}");
}

/// Times in order of size.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time below which `share` of all are, in microseconds.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let at = ((self.0.len() - 1) as f64 * share).round() as usize;
        self.0[at].as_nanos() as f64 / 1000.0
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "p50": self.at(0.5), "p90": self.at(0.9), "p99": self.at(0.99), "n": self.0.len() })
    }
}

/// How long it takes on average, in microseconds of the processor, whatever else it does.
pub(crate) fn each(times: u32, mut work: impl FnMut()) -> f64 {
    let began = worked();
    (0..times).for_each(|_| work());
    (worked() - began).as_nanos() as f64 / 1000.0 / f64::from(times)
}

/// What the processors have done for this process so far.
pub(crate) fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name may hold spaces; the 12th and 13th field behind it are ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(10 * ticks)
}
