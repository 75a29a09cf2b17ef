//! Metrics and health, as a scraper sees them.

use std::net::SocketAddr;

use aquac_host::{Config, Exposure, Monitor, StartError, start};
use aquac_ir::{Value, development_seed};
use aquac_peer::{Config as PeerConfig, Ending};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::network::{Network, PATIENCE, id};
use super::program::{End, chain, on};

async fn get(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn page(address: SocketAddr, path: &str) -> String {
    get(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).await
}

fn on_loopback() -> Option<Monitor> {
    Some(Monitor { address: "127.0.0.1:0".parse().unwrap(), exposure: Exposure::Loopback })
}

#[tokio::test]
async fn a_peer_tells_how_it_is_and_what_it_did() {
    let mut network = Network::default();
    network
        .add("bank", |shape| {
            shape.config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
            shape.config.monitor = on_loopback();
        })
        .await;
    network.add("client", |shape| shape.config.keep = vec![id("bank")]).await;
    let address = network.hosts["bank"].monitor().unwrap();
    let ending = network.ending(chain(vec![on(id("bank"), "echo.say")], End::Return)).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));

    let health = page(address, "/health").await;
    assert!(health.starts_with("HTTP/1.1 200 OK\r\n"), "{health}");
    assert!(health.contains("\"status\":\"ok\"") && health.contains(&id("bank").to_string()));
    let metrics = page(address, "/metrics").await;
    let client = id("client").to_string();
    for line in [
        "aquac_links 1",
        "aquac_turns_total 1",
        "aquac_calls_total{service=\"echo\"} 1",
        "aquac_call_seconds_count{service=\"echo\"} 1",
        &format!("aquac_link_parcels_in_total{{with=\"{client}\"}} 1"),
        &format!("aquac_initiator_parcels_total{{initiator=\"{client}\"}} 1"),
        "aquac_particle_age_seconds_count 1",
        "aquac_handshake_seconds_count 1",
        "aquac_store_syncs_total 0",
    ] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line} in {metrics}");
    }
    let commits = metrics.lines().find_map(|line| line.strip_prefix("aquac_store_commits_total "));
    assert!(commits.unwrap().parse::<u64>().unwrap() > 0);

    assert!(page(address, "/config").await.starts_with("HTTP/1.1 404"));
    let rebound = get(address, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert!(rebound.starts_with("HTTP/1.1 421"), "{rebound}");
    let bank = network.hosts.remove("bank").unwrap();
    bank.stop(PATIENCE).await;
    assert!(TcpStream::connect(address).await.is_err(), "it ends with its peer");
}

#[tokio::test]
async fn a_request_that_is_none_or_endless_is_refused() {
    let mut network = Network::default();
    network.add("bank", |shape| shape.config.monitor = on_loopback()).await;
    let address = network.hosts["bank"].monitor().unwrap();
    let endless = format!("GET /metrics HTTP/1.1\r\nX: {}", "x".repeat(9000));
    assert!(get(address, &endless).await.starts_with("HTTP/1.1 400"));
    // More than are answered at a time say nothing; the next one is answered after them.
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    assert!(page(address, "/health").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn metrics_are_not_told_to_others_by_accident() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let config = |exposure| {
        let mut config = Config::new(development_seed("bank"), PeerConfig::new("test"));
        config.monitor = Some(Monitor { address: everywhere, exposure });
        config
    };
    let refused = start(config(Exposure::Loopback)).await;
    assert!(
        matches!(refused, Err(StartError::ExposedMonitor { address }) if address == everywhere)
    );
    let allowed = start(config(Exposure::Anywhere)).await.unwrap();
    assert_ne!(allowed.monitor().unwrap().port(), 0);
}
