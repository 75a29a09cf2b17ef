//! Hosts that end without a word: what was acknowledged goes on.

use std::path::PathBuf;
use std::time::Duration;

use aquac_host::{Disk, Event};
use aquac_ir::Value;
use aquac_peer::{Ending, Report};
use tokio::time::{sleep, timeout};

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{End, chain, on};

#[tokio::test]
async fn a_client_may_die_once_its_particle_is_acknowledged() {
    let mut network = Network::start(&["bank", "telco"]).await;
    let steps = vec![on(id("bank"), "slow.say"), on(id("telco"), "echo.say")];
    let _running = network.run(chain(steps, End::Return), TTL).await;
    network.seen.acknowledged(id("client")).await;
    network.kill("client");
    assert!(network.seen.calls().len() < 2, "the rest is still to come");
    let called = |seen: &aquac_host::Observed| {
        seen.host == id("telco") && matches!(seen.event, Event::Answered { .. })
    };
    network.seen.wait(called).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(network.seen.calls(), ["bank: slow.say(start)", "telco: echo.say(bank(start))"]);
}

#[tokio::test]
async fn a_peer_that_is_away_gets_its_particle_when_it_is_back() {
    let mut network = Network::start(&["bank", "telco"]).await;
    let address = network.hosts["telco"].addresses()[0].clone();
    network.kill("telco");
    let steps = vec![on(id("bank"), "echo.say"), on(id("telco"), "echo.say")];
    let mut running = network.run(chain(steps, End::Return), TTL).await;
    let failed = |seen: &aquac_host::Observed| {
        seen.host == id("bank") && matches!(seen.event, Event::DialFailed { .. })
    };
    network.seen.wait(failed).await;
    network.add("telco", |shape| shape.config.listen = vec![address]).await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("telco(bank(start))")]));
    assert_eq!(network.seen.calls().len(), 2);
}

/// A file that goes with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("aquac-{name}-{}", std::process::id()));
        let _not_there = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _not_there = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_peer_with_a_disk_goes_on_where_it_was_killed() {
    let file = File::new("killed");
    let mut network = Network::start(&["telco"]).await;
    let any = "/ip4/127.0.0.1/tcp/0".parse().unwrap();
    network
        .add("bank", |shape| {
            shape.config.listen = vec![any];
            shape.config.store = Box::new(Disk::open(&file.0).unwrap());
        })
        .await;
    let steps = vec![on(id("bank"), "slow.say"), on(id("telco"), "echo.say")];
    let mut running = network.run(chain(steps, End::Return), TTL).await;
    let acknowledged = |seen: &aquac_host::Observed| {
        let by_bank = |by| by == id("bank");
        matches!(seen.event, Event::Report(Report::Acknowledged { by, .. }) if by_bank(by))
    };
    network.seen.wait(acknowledged).await;
    let address = network.hosts["bank"].addresses()[0].clone();
    network.kill("bank");
    // The store's file is free when the old host's task has ended.
    let disk = loop {
        match Disk::open(&file.0) {
            Ok(disk) => break disk,
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    };
    network
        .add("bank", |shape| {
            shape.config.listen = vec![address];
            shape.config.store = Box::new(disk);
        })
        .await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("telco(bank(start))")]));
    let telco = network.seen.calls().iter().filter(|call| call.starts_with("telco")).count();
    assert_eq!(telco, 1, "{:?}", network.seen.calls());
}
