//! Peers that nobody was told of, and those with whom nobody connects.

use std::collections::BTreeSet;
use std::time::Duration;

use aquac_host::{AddressBook, Admission, Event, Multiaddr, Observed};
use aquac_ir::{PeerId, Value};
use aquac_peer::Ending;
use tokio::time::timeout;

use super::network::{Network, TTL, id};
use super::program::{End, Step, chain, on};

fn any(transport: &str) -> Vec<Multiaddr> {
    vec![format!("/ip4/127.0.0.1/tcp/0{transport}").parse().unwrap()]
}

/// Adds a host that knows only these others, and asks them for the rest.
async fn stranger(network: &mut Network, name: &'static str, knows: &[&str]) {
    let book = AddressBook::default();
    for other in knows {
        let address = network.hosts[*other].addresses().to_vec();
        book.add(id(other), address);
    }
    let keep: Vec<PeerId> = knows.iter().map(|other| id(other)).collect();
    network
        .add(name, |shape| {
            shape.config.listen = any("");
            shape.config.book = book;
            shape.config.keep = keep;
            shape.config.discovery.kademlia = true;
        })
        .await;
}

fn linked(host: &'static str, with: &'static str) -> impl Fn(&Observed) -> bool {
    move |seen| {
        let up = matches!(seen.event, Event::LinkUp { peer } if peer == id(with));
        seen.host == id(host) && up
    }
}

#[tokio::test]
async fn a_peer_that_is_not_in_the_book_is_found_through_others() {
    let mut network = Network::default();
    stranger(&mut network, "hub", &[]).await;
    stranger(&mut network, "bank", &["hub"]).await;
    stranger(&mut network, "client", &["hub"]).await;
    network.seen.wait(linked("bank", "hub")).await;
    network.seen.wait(linked("client", "hub")).await;
    let program = chain(vec![on(id("bank"), "echo.say")], End::Return);
    let ending = network.ending(program).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
    assert!(network.seen.has(linked("client", "bank")), "not by way of the hub");
}

#[tokio::test]
async fn whom_nobody_knows_is_not_reached_and_that_is_said() {
    let mut network = Network::default();
    stranger(&mut network, "hub", &[]).await;
    stranger(&mut network, "client", &["hub"]).await;
    network.seen.wait(linked("client", "hub")).await;
    let mut running =
        network.run(chain(vec![on(id("nobody"), "echo.say")], End::Return), TTL).await;
    let failed = |seen: &Observed| {
        let Event::DialFailed { peer, reason } = &seen.event else { return false };
        *peer == id("nobody") && reason == "nobody knows where it is"
    };
    network.seen.wait(failed).await;
    assert!(timeout(Duration::from_millis(10), running.ended()).await.is_err());
}

#[tokio::test]
async fn a_link_goes_over_a_websocket() {
    let mut network = Network::default();
    network.add("bank", |shape| shape.config.listen = any("/ws")).await;
    let address = network.hosts["bank"].addresses()[0].to_string();
    assert!(address.ends_with("/ws"), "{address}");
    network.add("client", |shape| shape.config.keep = vec![id("bank")]).await;
    let steps = || vec![on(id("bank"), "echo.say"), on(id("bank"), "big.say")];
    let ending = network.ending(chain(steps(), End::Return)).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text(&"y".repeat(3_000_000))]));
}

#[cfg(feature = "quic")]
#[tokio::test]
async fn a_link_goes_over_quic() {
    let mut network = Network::default();
    let listen = vec!["/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()];
    network.add("bank", |shape| shape.config.listen = listen).await;
    network.add("client", |shape| shape.config.keep = vec![id("bank")]).await;
    let ending = network.ending(chain(vec![on(id("bank"), "echo.say")], End::Return)).await;
    assert_eq!(ending, Ending::Returned(vec![Value::text("bank(start)")]));
}

async fn refuses(admission: Admission) -> u64 {
    let mut network = Network::default();
    network
        .add("bank", |shape| {
            shape.config.listen = any("");
            shape.config.admission = admission;
        })
        .await;
    network.add("client", |shape| shape.config.keep = vec![id("bank")]).await;
    network.add("friend", |shape| shape.config.keep = vec![id("bank")]).await;
    network.seen.wait(linked("bank", "friend")).await;
    let down = |seen: &Observed| {
        seen.host == id("client")
            && matches!(seen.event, Event::DialFailed { .. } | Event::LinkDown { .. })
    };
    network.seen.wait(down).await;
    assert!(!network.seen.has(linked("bank", "client")));
    let counters = network.hosts["bank"].counters().await.unwrap();
    counters.turned_away["not-admitted"]
}

#[tokio::test]
async fn lists_say_who_may_connect() {
    let deny = Admission { deny: BTreeSet::from([id("client")]), ..Admission::default() };
    assert!(refuses(deny).await > 0);
    let allow = Admission { allow: Some(BTreeSet::from([id("friend")])), ..Admission::default() };
    assert!(refuses(allow).await > 0);
}

#[tokio::test]
async fn one_address_holds_so_many_connections_and_no_more() {
    let mut network = Network::default();
    network
        .add("bank", |shape| {
            shape.config.listen = any("");
            shape.config.connections.per_address = 2;
        })
        .await;
    for name in ["one", "two"] {
        network.add(name, |shape| shape.config.keep = vec![id("bank")]).await;
        network.seen.wait(linked("bank", name)).await;
    }
    network.add("three", |shape| shape.config.keep = vec![id("bank")]).await;
    let failed = |seen: &Observed| {
        seen.host == id("three") && matches!(seen.event, Event::DialFailed { .. })
    };
    network.seen.wait(failed).await;
    assert!(!network.seen.has(linked("bank", "three")));
    let counters = network.hosts["bank"].counters().await.unwrap();
    assert!(counters.turned_away["address-full"] > 0);
    network.kill("one");
    network.seen.wait(linked("bank", "three")).await;
}

#[tokio::test]
async fn connections_that_say_nothing_keep_nobody_else_out() {
    let mut network = Network::default();
    network
        .add("bank", |shape| {
            shape.config.listen = any("");
            shape.config.connections.pending = 4;
            shape.config.connections.pending_per_address = 2;
        })
        .await;
    let address = network.hosts["bank"].addresses()[0].to_string();
    let port: u16 = address.rsplit('/').next().unwrap().parse().unwrap();
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    // From another address of this machine.
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut stream = other.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    let mut said = [0; 20];
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"\x13/multistream/1.0.0\n").await.unwrap();
    let read = tokio::io::AsyncReadExt::read_exact(&mut stream, &mut said);
    timeout(super::network::PATIENCE, read).await.unwrap().unwrap();
    assert_eq!(&said, b"\x13/multistream/1.0.0\n");
    let counters = network.hosts["bank"].counters().await.unwrap();
    assert!(counters.turned_away["address-full"] >= 18, "{:?}", counters.turned_away);
}

#[tokio::test]
async fn all_connections_together_are_bounded() {
    let mut network = Network::default();
    network
        .add("bank", |shape| {
            shape.config.listen = any("");
            shape.config.connections.total = 1;
        })
        .await;
    network.add("one", |shape| shape.config.keep = vec![id("bank")]).await;
    network.seen.wait(linked("bank", "one")).await;
    network.add("two", |shape| shape.config.keep = vec![id("bank")]).await;
    let down = |seen: &Observed| {
        seen.host == id("two")
            && matches!(seen.event, Event::DialFailed { .. } | Event::LinkDown { .. })
    };
    network.seen.wait(down).await;
    assert!(!network.seen.has(linked("bank", "two")));
    assert!(network.hosts["bank"].counters().await.unwrap().turned_away["too-many"] > 0);
}

#[tokio::test]
async fn a_program_of_the_peer_itself_may_have_it_connect() {
    let mut network = Network::start(&["bank"]).await;
    network.listening("telco").await;
    // The client knows the telco from the common book, and has no link to it yet.
    let ask = |call, about: &str| {
        let steps = vec![Step { peer: id("client"), via: Vec::new(), call }];
        super::program::call_with(steps, vec![Value::text(&id(about).to_string())])
    };
    let answer = |truth| Ending::Returned(vec![Value::from(truth)]);
    let known = network.ending(ask("peer.is_connected", "telco")).await;
    assert_eq!(known, answer(false), "to know an address is no connection");
    assert_eq!(network.ending(ask("peer.connect", "telco")).await, answer(true));
    assert!(network.seen.has(linked("client", "telco")));
    assert_eq!(network.ending(ask("peer.is_connected", "telco")).await, answer(true));
    assert_eq!(network.ending(ask("peer.connect", "nobody")).await, answer(false));
}

#[tokio::test]
async fn who_listens_everywhere_says_every_address() {
    let mut network = Network::default();
    let listen = vec!["/ip4/0.0.0.0/tcp/0".parse().unwrap()];
    network.add("bank", |shape| shape.config.listen = listen).await;
    let addresses: Vec<String> =
        network.hosts["bank"].addresses().iter().map(Multiaddr::to_string).collect();
    assert!(addresses.iter().any(|one| one.starts_with("/ip4/127.0.0.1/tcp/")), "{addresses:?}");
    assert!(!addresses.iter().any(|one| one.contains("0.0.0.0")), "{addresses:?}");
    // The machine's other addresses, if it has any.
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    if socket.connect("192.0.2.1:9").is_ok() {
        let own = socket.local_addr().unwrap().ip();
        let there = addresses.iter().any(|one| one.starts_with(&format!("/ip4/{own}/tcp/")));
        assert!(there, "{own} in {addresses:?}");
    }
}

/// Says in which network namespace a test runs: see [`neighbours_on_a_desk_find_each_other`].
#[cfg(feature = "mdns")]
const OWN_NETWORK: &str = "AQUAC_TEST_OWN_NETWORK";

/// Two hosts that were told of nobody, on every address of this machine.
#[cfg(feature = "mdns")]
async fn neighbours_find_each_other() -> Result<(), String> {
    let mut network = Network::default();
    for name in ["bank", "client"] {
        network
            .add(name, |shape| {
                shape.config.book = AddressBook::default();
                shape.config.listen = vec!["/ip4/0.0.0.0/tcp/0".parse().unwrap()];
                shape.config.discovery.mdns = true;
            })
            .await;
    }
    let program = chain(vec![on(id("bank"), "echo.say")], End::Return);
    let mut running = network.run(program, 12_000).await;
    let ending = timeout(Duration::from_secs(14), running.ended()).await;
    let ending = ending.map_err(|_| "it never ends")?.map_err(|why| why.to_string())?;
    if ending == Ending::Returned(vec![Value::text("bank(start)")]) {
        Ok(())
    } else {
        Err(format!("{ending:?}"))
    }
}

/// The announcements go by multicast, which a machine without a network has not. Then the test
/// makes a network of its own, in a namespace; where that is not allowed either it fails, because
/// a test that did not run has not passed.
#[cfg(feature = "mdns")]
#[tokio::test]
async fn neighbours_on_a_desk_find_each_other() {
    let Err(why) = neighbours_find_each_other().await else { return };
    assert!(std::env::var_os(OWN_NETWORK).is_none(), "in a network of its own: {why}");
    let me = std::env::current_exe().unwrap();
    let script = format!(
        "ip link set lo up && ip link add desk0 type dummy && ip addr add 10.99.0.1/24 dev desk0 \
         && ip link set desk0 up multicast on && ip route add 224.0.0.0/4 dev desk0 \
         && exec {} --exact finding::neighbours_on_a_desk_find_each_other",
        me.display()
    );
    let made = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "sh", "-c", &script])
        .env(OWN_NETWORK, "1")
        .output();
    let made = made.unwrap_or_else(|problem| {
        panic!("no multicast here ({why}), and no `unshare` to make a network: {problem}")
    });
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&made.stdout),
        String::from_utf8_lossy(&made.stderr)
    );
    assert!(made.status.success(), "no multicast here ({why}), nor in a namespace:\n{said}");
}
