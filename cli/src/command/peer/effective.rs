//! What a peer's file means, with every default, as a file: `--check` prints it. Secrets stay in
//! their files.

use aquac_host::{Config, LimitsTable, MetricsTable, NetworkTable};
use aquac_services::config::{AllowConfig, ServiceConfig};
use serde::Serialize;

use super::file::{Manifest, PeerFile};
use crate::exit::Exit;
use crate::failure::Failure;

/// The fields in the order in which they are printed.
#[derive(Serialize)]
struct Effective<'a> {
    name: &'a str,
    dev: bool,
    key_file: Option<&'a str>,
    data_dir: Option<&'a str>,
    programs: Option<&'a str>,
    listen: &'a [String],
    bootstrap: &'a [String],
    relay: Option<&'a str>,
    metrics: Option<&'a MetricsTable>,
    network: NetworkTable,
    limits: LimitsTable,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    service: &'a [ServiceConfig],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allow: &'a [AllowConfig],
}

impl<'a> Effective<'a> {
    fn of(manifest: &'a Manifest, config: &Config) -> Self {
        Self {
            name: &manifest.name,
            dev: manifest.dev,
            key_file: manifest.key_file.as_deref(),
            data_dir: manifest.data_dir.as_deref(),
            programs: manifest.programs.as_deref(),
            listen: &manifest.listen,
            bootstrap: &manifest.bootstrap,
            relay: manifest.relay.as_deref(),
            metrics: manifest.metrics.as_ref(),
            network: NetworkTable::of(config),
            limits: LimitsTable::of(config),
            service: &manifest.service,
            allow: &manifest.allow,
        }
    }
}

/// The file with every default, and the peer's id in a comment.
pub(super) fn text(file: &PeerFile, config: &Config) -> Result<String, Failure> {
    let id = crate::keys::peer_of(config.seed);
    let table = toml::to_string(&Effective::of(&file.manifest, config))
        .map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    Ok(format!("# the peer {id}\n{table}"))
}

/// Which tables and fields of two files mean something else, without those that a running peer
/// takes over: the rules, the lists of peers and what the peer takes at most.
pub(super) fn differences(one: (&PeerFile, &Config), other: (&PeerFile, &Config)) -> Vec<String> {
    let table = |(file, config): (&PeerFile, &Config)| {
        let mut effective = Effective::of(&file.manifest, config);
        effective.allow = &[];
        effective.network.allow = None;
        effective.network.deny = Vec::new();
        effective.limits = effective.limits.fixed();
        toml::Table::try_from(effective).unwrap_or_default()
    };
    let (one, other) = (table(one), table(other));
    let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    keys.into_iter().filter(|key| one.get(*key) != other.get(*key)).cloned().collect()
}
