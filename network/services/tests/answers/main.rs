//! Services as a peer uses them: configured in TOML, asked through a registry.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and bounds the time it takes by the clock"
)]

mod http;
#[cfg(feature = "https")]
mod https;
mod process;
mod scripted;
mod server;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aquac_ir::{
    Argument, Call, CallResult, Digest, IdempotencyKey, Origin, ParticleId, PeerId, from_json,
    to_json,
};
use aquac_services::config::{ConfigError, ServiceConfig};
use aquac_services::{Registry, Setup};

const BANK: PeerId = PeerId([7; 32]);

#[derive(serde::Deserialize)]
struct Table {
    service: Vec<ServiceConfig>,
}

fn made(toml: &str) -> Result<Registry, ConfigError> {
    let table: Table = toml::from_str(toml).unwrap();
    Registry::new(Setup { configured: table.service, ..Setup::default() })
}

fn registry(toml: &str) -> Registry {
    made(toml).unwrap()
}

fn in_time(left: Duration) -> u64 {
    (SystemTime::now() + left).duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// A call with a deadline in ten seconds. The arguments are results of `credit.check` on the bank.
fn call(service: &str, function: &str, args: &str) -> Call {
    let values = from_json(args).unwrap();
    let origin = Origin::Result {
        peer: BANK,
        service: "credit".to_owned(),
        function: "check".to_owned(),
        path: ".näme".to_owned(),
    };
    let args = values.as_array().unwrap().iter();
    Call {
        particle: ParticleId(Digest([1; 32])),
        initiator: PeerId([2; 32]),
        service: service.to_owned(),
        function: function.to_owned(),
        args: args.map(|value| Argument { value: value.clone(), origin: origin.clone() }).collect(),
        deadline: in_time(Duration::from_secs(10)),
        key: IdempotencyKey(Digest([3; 32])),
    }
}

async fn asked(registry: &Registry, service: &str, function: &str, args: &str) -> String {
    shown(registry.call(call(service, function, args)).await)
}

fn shown(result: CallResult) -> String {
    match result {
        Ok(value) => to_json(&value),
        Err(error) => format!("{}: {}", error.code, error.message),
    }
}
