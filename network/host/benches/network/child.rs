//! A peer in a process of its own, so that what it holds can be told from what others hold.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use aquac_host::{AddressBook, Disk};
use aquac_peer::Durability;
use libp2p::Multiaddr;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::hosts::{Taken, host};

/// The process. It is killed with this value.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: Multiaddr,
}

impl Process {
    /// Starts the peer `bank`, with a store in this file or without. When this returns, it
    /// listens.
    pub(crate) async fn start(store: Option<&Path>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("peer").args(store).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next_line().await.unwrap().expect("it starts");
        Self { child, address: address.parse().unwrap() }
    }

    /// Bytes that it holds in memory.
    pub(crate) fn resident(&self) -> u64 {
        let id = self.child.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
        kilobytes * 1024
    }

    /// Ends it as a crash would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// The process itself: `[STORE]`.
pub(crate) fn run(arguments: &[String]) {
    let store = arguments.first().map(PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (book, taken) = (AddressBook::default(), Taken::default());
        let mut bank = host("bank", &book, &taken, |config| {
            config.connections.per_address = 4096;
            let limits = &mut config.peer.limits;
            limits.particles = 1_000_000;
            limits.particles_per_initiator = 1_000_000;
            limits.bytes_per_initiator = 4 << 30;
            if let Some(path) = &store {
                config.peer.durability = Durability::Stored;
                config.store = Box::new(Disk::open(path).unwrap());
            }
        })
        .await;
        println!("{}", bank.addresses()[0]);
        bank.wait().await;
    });
}
