//! One run, twice: in virtual time and over real sockets. Every turn has the same digest, because
//! the peers run the same code and nothing of clocks or networks enters a turn.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aquac_host::{Event, quiet};
use aquac_ir::{Call, Digest, Limits, Nonce, Value, development_seed};
use aquac_peer::{Config, Keys, Peer, Report, Start, Time};
use aquac_sim::{Said, Services, Setup, Stop, World};
use tokio::time::timeout;

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{End, chain, on};

/// What the simulator calls its network.
const NETWORK: &str = "sim";

/// A run of the client, signed once for both worlds.
fn signed(program: Vec<u8>, now: Time) -> Start {
    let keys = Keys::ed25519(development_seed("client"));
    let peer = Peer::new(Config::new(NETWORK), keys);
    peer.draft(now, program, Vec::<Value>::new(), Nonce([7; 16]), TTL, Limits::default())
}

#[expect(clippy::disallowed_methods, reason = "the real network lives in real time")]
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time(u64::try_from(since.as_millis()).unwrap())
}

/// Answers as the hosts' `echo` does.
struct Echo;

impl Services for Echo {
    fn answer(&mut self, peer: &str, call: &Call) -> Said {
        let argument = call.args[0].value.as_text().unwrap_or("?");
        (1, Ok(Value::text(&format!("{peer}({argument})"))))
    }
}

fn in_the_simulator(start: Start, at: Time) -> BTreeSet<Digest> {
    let mut setup = Setup::new(&["client", "bank", "telco"], 3);
    setup.start = at;
    let mut world = World::new(&setup, Box::new(Echo));
    let client = world.names.id("client").unwrap();
    world.begin(client, start);
    assert_eq!(world.run_until_quiet(60_000, 100_000), Stop::Quiet);
    world.trace.turns.iter().map(|(_, turn)| *turn).collect()
}

async fn over_sockets(start: Start) -> BTreeSet<Digest> {
    let mut network = Network::default();
    for name in ["bank", "telco"] {
        network
            .add(name, |shape| {
                shape.config.peer.network = NETWORK.to_owned();
                shape.config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
            })
            .await;
    }
    network
        .add("client", |shape| {
            shape.config.peer.network = NETWORK.to_owned();
            shape.config.keep = vec![id("bank"), id("telco")];
        })
        .await;
    let mut running = network.hosts["client"].begin(start).await.unwrap();
    timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    quiet(&network.hosts.values().collect::<Vec<_>>(), Duration::from_millis(100)).await;
    let events = network.seen.events.lock().unwrap();
    let turn = |event: &Event| {
        if let Event::Report(Report::Sealed { turn, .. }) = event { Some(*turn) } else { None }
    };
    events.iter().filter_map(|seen| turn(&seen.event)).collect()
}

#[tokio::test]
async fn a_simulated_run_and_a_real_one_have_the_same_turns() {
    let steps = || vec![on(id("bank"), "echo.say"), on(id("telco"), "echo.say")];
    let at = now();
    let start = signed(chain(steps(), End::Return), at);
    let simulated = in_the_simulator(start.clone(), at);
    assert_eq!(simulated.len(), 3, "the bank, the telco and the client signed one turn each");
    assert_eq!(over_sockets(start).await, simulated);
}
