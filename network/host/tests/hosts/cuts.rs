//! Links that are cut on purpose, and come back.

use std::collections::BTreeSet;
use std::time::Duration;

use aquac_host::Event;
use aquac_ir::Value;
use aquac_peer::Ending;
use tokio::time::timeout;

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{End, chain, on};

#[tokio::test]
async fn what_waits_for_a_cut_link_goes_on_when_the_cut_is_healed() {
    let network = Network::start(&["bank"]).await;
    let there = network.ending(chain(vec![on(id("bank"), "echo.say")], End::Return)).await;
    assert_eq!(there, Ending::Returned(vec![Value::text("bank(start)")]));

    network.hosts["bank"].deny(BTreeSet::from([id("client")])).await;
    let down = |seen: &aquac_host::Observed| {
        seen.host == id("client") && matches!(seen.event, Event::LinkDown { .. })
    };
    network.seen.wait(down).await;
    let program = chain(vec![on(id("bank"), "echo.say")], End::Return);
    let mut running = network.run(program, TTL).await;
    let early = timeout(Duration::from_millis(700), running.ended()).await;
    assert!(early.is_err(), "the client dials again and again, and is refused: {early:?}");
    assert_eq!(network.seen.calls().len(), 1);

    network.hosts["bank"].deny(BTreeSet::new()).await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
}

#[tokio::test]
async fn a_host_does_not_dial_whom_it_denies_until_it_is_told() {
    let network = Network::start(&["bank"]).await;
    network.hosts["client"].deny(BTreeSet::from([id("bank")])).await;
    let program = chain(vec![on(id("bank"), "echo.say")], End::Return);
    let mut running = network.run(program, TTL).await;
    let refused = |seen: &aquac_host::Observed| matches!(&seen.event, Event::DialFailed { reason, .. } if reason.contains("cut"));
    network.seen.wait(refused).await;
    network.hosts["client"].deny(BTreeSet::new()).await;
    let ending = timeout(Duration::from_secs(1), running.ended()).await.expect("at once").unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
}
