//! What a peer logs on standard error. `AQUAC_LOG` says how: nothing for what an operator needs to
//! see, `json` for every event as a JSON line (`aquac.trace/1`), anything else is a filter of
//! `tracing`, for instance `info` or `debug`. Arguments and answers are in none of them.

use std::sync::Arc;

use aquac_host::{Naming, Observer};
use aquac_ir::PeerId;
use tracing_subscriber::EnvFilter;

use crate::event::Entry;
use crate::project::PeerNames;

/// The variable.
const VARIABLE: &str = "AQUAC_LOG";

/// Writes what happens in this peer.
pub(super) fn observer(name: &str, me: PeerId) -> Observer {
    let names = PeerNames::of_one(me, name);
    let name = name.to_owned();
    match std::env::var(VARIABLE).unwrap_or_default().as_str() {
        "" => Arc::new(move |happened| {
            let entry = Entry::of(&happened, &names).discreet();
            if entry.matters() {
                eprintln!("{name}: {}", entry.text());
            }
        }),
        "json" => Arc::new(move |happened| {
            let entry = Entry::of(&happened, &names).discreet();
            if let Ok(line) = serde_json::to_string(&entry) {
                eprintln!("{line}");
            }
        }),
        filter => {
            install(filter);
            Arc::new(move |happened| {
                let peer = |id: PeerId| (id == me).then(|| name.clone());
                aquac_host::log(&happened, &Naming { peer: &peer, line: &|_, _| None });
            })
        }
    }
}

/// Records of `tracing` go to standard error from now on.
fn install(filter: &str) {
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_env_filter(EnvFilter::new(filter));
    let _installed_before = subscriber.try_init();
}
