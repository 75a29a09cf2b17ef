//! Programs that run, fail, wait and are refused.

use std::time::{Duration, Instant};

use aquac_host::{Job, RunError, StopReason, quiet};
use aquac_ir::Value;
use aquac_peer::{Ending, Reason};
use tokio::time::timeout;

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{End, chain, on};

#[tokio::test]
async fn a_particle_goes_from_peer_to_peer_and_the_client_sends_one_and_gets_one() {
    let network = Network::start(&["bank", "telco"]).await;
    let steps = vec![on(id("bank"), "echo.say"), on(id("telco"), "echo.say")];
    let ending = network.ending(chain(steps, End::Return)).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("telco(bank(start))")]));
    assert_eq!(network.seen.calls(), ["bank: echo.say(start)", "telco: echo.say(bank(start))"]);
    quiet(&network.hosts.values().collect::<Vec<_>>(), Duration::from_millis(100)).await;
    let parcels = async |from, to| network.link(from, to).await.sent.parcels;
    assert_eq!(
        [
            parcels("client", "bank").await,
            parcels("bank", "telco").await,
            parcels("telco", "client").await
        ],
        [1, 1, 1]
    );
    assert_eq!(
        [
            parcels("client", "telco").await,
            parcels("bank", "client").await,
            parcels("telco", "bank").await
        ],
        [0, 0, 0]
    );
    for (one, other) in [("client", "bank"), ("bank", "telco"), ("telco", "client")] {
        let (there, back) = (network.link(one, other).await, network.link(other, one).await);
        assert_eq!(there.sent, back.received, "{one} to {other}");
        assert_eq!(there.received, back.sent, "{other} to {one}");
    }
}

#[tokio::test]
async fn a_thing_that_is_no_program_is_refused_at_once() {
    let network = Network::start(&[]).await;
    let refused = network.hosts["client"].run(Job::new(vec![1, 2, 3], Vec::new(), TTL)).await;
    let Err(RunError::Refused { reason, detail }) = refused else { panic!("it is no program") };
    assert_eq!(reason, Reason::BadProgram);
    assert!(!detail.is_empty());
}

#[tokio::test]
async fn a_run_ends_at_its_deadline() {
    let network = Network::start(&["bank"]).await;
    let steps = vec![on(id("bank"), "echo.say")];
    let mut running = network.run(chain(steps, End::Never), 400).await;
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert!(matches!(ending, Ending::Expired { .. }), "{ending:?}");
}

#[tokio::test]
async fn a_program_that_waits_for_nothing_is_seen_soon_and_a_slow_service_is_not_mistaken() {
    let network = Network::start(&["bank"]).await;
    let started = Instant::now();
    let steps = vec![on(id("bank"), "slow.say"), on(id("bank"), "echo.say")];
    let mut running = network.run(chain(steps, End::Never), TTL).await;
    let hosts: Vec<_> = network.hosts.values().collect();
    timeout(PATIENCE, quiet(&hosts, Duration::from_millis(100))).await.expect("it is quiet");
    let took = started.elapsed();
    assert!(took > Duration::from_secs(1), "the slow service has answered: {took:?}");
    assert!(took < Duration::from_millis(1500), "it is quiet soon after: {took:?}");
    assert_eq!(network.seen.calls().len(), 2);
    assert!(timeout(Duration::from_millis(10), running.ended()).await.is_err());
}

#[tokio::test]
async fn a_peer_that_stops_finishes_its_calls_first() {
    let mut network = Network::start(&["bank"]).await;
    let steps = vec![on(id("bank"), "slow.say")];
    let mut running = network.run(chain(steps, End::Return), TTL).await;
    network.seen.acknowledged(id("client")).await;
    let bank = network.hosts.remove("bank").unwrap();
    assert_eq!(bank.stop(PATIENCE).await, StopReason::Finished);
    assert_eq!(network.seen.calls(), ["bank: slow.say(start)"]);
    let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
}

#[tokio::test]
async fn a_stop_that_takes_too_long_is_cut_off() {
    let mut network = Network::start(&["bank"]).await;
    let steps = vec![on(id("bank"), "slow.say")];
    let _running = network.run(chain(steps, End::Return), TTL).await;
    network.seen.acknowledged(id("client")).await;
    let bank = network.hosts.remove("bank").unwrap();
    assert_eq!(bank.stop(Duration::from_millis(50)).await, StopReason::Overdue);
}

#[tokio::test]
async fn a_peer_that_is_down_does_not_look_like_work() {
    let mut network = Network::start(&["bank"]).await;
    network.kill("bank");
    let mut running = network.run(chain(vec![on(id("bank"), "echo.say")], End::Return), TTL).await;
    let hosts: Vec<_> = network.hosts.values().collect();
    let quiet = quiet(&hosts, Duration::from_millis(100));
    let status = timeout(Duration::from_secs(2), quiet).await.expect("nothing is under way");
    let unreached: Vec<_> = status.iter().flat_map(|status| &status.unreached).collect();
    assert_eq!(unreached, [&(id("bank"), 1)]);
    let waiting = network.hosts["client"].standing(running.particle).await.waiting;
    assert_eq!(waiting.iter().map(|step| step.place).collect::<Vec<_>>()[..1], [Some(id("bank"))]);
    assert!(timeout(Duration::from_millis(10), running.ended()).await.is_err());
}

#[tokio::test]
async fn a_value_of_many_chunks_arrives_whole() {
    let network = Network::start(&["bank", "telco"]).await;
    let steps = vec![on(id("bank"), "big.say"), on(id("telco"), "big.length")];
    let ending = network.ending(chain(steps, End::Return)).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("3000000")]));
    assert!(network.link("bank", "telco").await.sent.frames > 10, "in many frames");
}
