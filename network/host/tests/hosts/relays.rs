//! Peers that have no address: everything for them goes through a relay.

use aquac_host::Event;
use aquac_ir::Value;
use aquac_peer::{Ending, Report};
use tokio::time::timeout;

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{End, Step, chain};

/// A relay, and `bank` and `client` behind it, without addresses.
async fn behind_a_relay() -> Network {
    let mut network = Network::default();
    network.listening("relay").await;
    network.add("bank", |shape| shape.config.peer.relay = Some(id("relay"))).await;
    network.add("client", |shape| shape.config.peer.relay = Some(id("relay"))).await;
    network
}

fn via_relay(call: &'static str) -> Vec<Step> {
    vec![Step { peer: id("bank"), via: vec![id("relay")], call }]
}

#[tokio::test]
async fn peers_without_addresses_meet_at_their_relay() {
    let network = behind_a_relay().await;
    let ending = network.ending(chain(via_relay("echo.say"), End::Return)).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
    assert_eq!(network.link("client", "bank").await.sent.frames, 0);
    assert_eq!(network.link("bank", "client").await.sent.frames, 0);
    assert_eq!(network.link("client", "relay").await.sent.parcels, 1);
    assert_eq!(network.link("relay", "bank").await.sent.parcels, 1);
    let interpreted = |seen: &aquac_host::Observed| {
        seen.host == id("relay") && matches!(seen.event, Event::Report(Report::Sealed { .. }))
    };
    assert!(!network.seen.has(interpreted), "a relay only forwards");
}

#[tokio::test]
async fn a_relay_that_starts_again_is_found_again() {
    let mut network = behind_a_relay().await;
    let address = network.hosts["relay"].addresses()[0].clone();
    network.kill("relay");
    let mut running = network.run(chain(via_relay("echo.say"), End::Return), TTL).await;
    network.add("relay", |shape| shape.config.listen = vec![address]).await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
}

#[tokio::test]
async fn a_relay_keeps_what_is_for_a_peer_that_is_briefly_away() {
    let mut network = behind_a_relay().await;
    network.kill("bank");
    let mut running = network.run(chain(via_relay("echo.say"), End::Return), TTL).await;
    network.seen.acknowledged(id("client")).await;
    network.add("bank", |shape| shape.config.peer.relay = Some(id("relay"))).await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
}
