//! The peer that gets killed, from inside and from outside.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aquac_host::{AddressBook, Config, Disk, Multiaddr, Watch, start};
use aquac_ir::{Value, development_seed};
use aquac_peer::Config as PeerConfig;
use aquac_services::{Registry, Setup, native};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::network::id;

/// Whether the peer was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Died {
    No,
    Yes,
}

/// The peer's process. It goes with this value.
pub(crate) struct Process {
    child: Child,
    /// Where it listens; `None` if it was killed before it did.
    pub(crate) address: Option<String>,
}

impl Process {
    /// Starts it, to be killed before the `at`-th touch of its file; never if that is 0.
    pub(crate) async fn start(folder: &Path, listen: &str, telco: &Multiaddr, at: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["peer", folder.to_str().unwrap(), listen, &telco.to_string(), &at.to_string()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = output.next_line().await.unwrap();
        if address.is_none() {
            child.wait().await.unwrap();
        }
        Self { child, address }
    }

    pub(crate) fn has_died(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

/// The file's touches, until the one at which everything ends.
fn deadly(at: u64) -> Watch {
    let touches = AtomicU64::new(0);
    Arc::new(move |_| {
        if touches.fetch_add(1, Ordering::SeqCst) + 1 == at {
            let own = std::process::id().to_string();
            let _sent = std::process::Command::new("kill").args(["-KILL", &own]).status();
            // The other threads go on for as long as the signal takes; this one writes nothing.
            std::thread::sleep(Duration::from_secs(60));
        }
    })
}

/// `ledger.say` writes its key down, and answers as the other peers' `echo` does.
fn services(folder: PathBuf) -> Registry {
    let ledger = native(move |call| {
        let path = folder.join("ledger");
        async move {
            let mut file =
                std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            file.write_all(format!("{}\n", call.key.0).as_bytes()).unwrap();
            let argument = call.args[0].value.as_text().unwrap_or("?").to_owned();
            Ok(Value::text(&format!("bank({argument})")))
        }
    });
    let native = BTreeMap::from([("ledger".to_owned(), ledger)]);
    Registry::new(Setup { native, ..Setup::default() }).unwrap()
}

/// The process itself: `FOLDER LISTEN TELCO AT`.
pub(crate) fn run(arguments: Vec<String>) -> ExitCode {
    let [folder, listen, telco, at] = <[String; 4]>::try_from(arguments).unwrap();
    let folder = PathBuf::from(folder);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut config = Config::new(development_seed("bank"), PeerConfig::new("test"));
        config.listen = vec![listen.parse().unwrap()];
        config.book = AddressBook::default();
        config.book.add(id("telco"), [telco.parse().unwrap()]);
        config.services = services(folder.clone());
        let watch = deadly(at.parse().unwrap());
        config.store = Box::new(Disk::open_watched(&folder.join("peer.redb"), watch).unwrap());
        let mut host = start(config).await.unwrap();
        println!("{}", host.addresses()[0]);
        host.wait().await;
    });
    ExitCode::SUCCESS
}
