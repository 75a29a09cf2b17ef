//! The tables of a peer's file that are about its host: `[network]`, `[limits]` and `metrics`, as
//! they are written. Applied to a [`Config`], which has the defaults.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use aquac_ir::PeerId;
use aquac_services::config::Period;
use libp2p::Multiaddr;
use serde::Deserialize;

use crate::{Admission, Config, Exposure, Monitor};

/// `[network]`: with whom the peer is, and how they find each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkTable {
    /// Particles of other networks are refused.
    pub name: Option<String>,
    /// Addresses under which others reach it, if they are not those on which it listens.
    pub external: Vec<String>,
    /// Whether it asks other peers where a peer is, and answers them. It does if this is absent.
    pub kademlia: Option<bool>,
    /// Whether it announces itself on the local network.
    pub mdns: bool,
    /// Ids of the only peers that it connects with.
    pub allow: Option<Vec<String>>,
    /// Ids of peers that it never connects with.
    pub deny: Vec<String>,
}

/// `[limits]`: what the peer takes at most. What is absent has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsTable {
    /// Connections.
    pub connections: Option<u32>,
    /// Those from one address.
    pub connections_per_address: Option<u32>,
    /// Those with one peer.
    pub connections_per_peer: Option<u32>,
    /// Those that are being made, in each direction.
    pub connections_pending: Option<u32>,
    /// Those of them from one address.
    pub connections_pending_per_address: Option<u32>,
    /// Runs at a time.
    pub particles: Option<usize>,
    /// Those of one initiator.
    pub particles_per_initiator: Option<usize>,
    /// How long a run may live.
    pub ttl: Option<Period>,
    /// How much two clocks may differ.
    pub clock_skew: Option<Period>,
    /// Bytes of one parcel.
    pub parcel_bytes: Option<usize>,
    /// Parcels kept for one neighbour that is away.
    pub mailbox_parcels: Option<usize>,
    /// Bytes of them.
    pub mailbox_bytes: Option<usize>,
    /// Neighbours that are away and for whom parcels are kept.
    pub absent_neighbours: Option<usize>,
    /// Bytes that are kept of one run.
    pub bytes_per_particle: Option<usize>,
    /// Bytes that are kept of all runs of one initiator.
    pub bytes_per_initiator: Option<usize>,
    /// Calls under way.
    pub calls: Option<usize>,
    /// Those of one initiator.
    pub calls_per_initiator: Option<usize>,
    /// Calls of one initiator that wait.
    pub calls_waiting: Option<usize>,
    /// Peers to which this peer sends something of one run.
    pub fan_out: Option<u32>,
    /// Steps in a second that the runs of one initiator may make.
    pub fuel_per_second: Option<u64>,
}

/// `metrics = "127.0.0.1:9100"`, or a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected \"IP:PORT\", or { listen = \"IP:PORT\", anywhere = true }")]
pub enum MetricsTable {
    /// On loopback.
    Address(SocketAddr),
    /// Perhaps for others, too.
    Written(WrittenMetrics),
}

/// `metrics = { listen = "…", anywhere = true }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenMetrics {
    /// The address.
    pub listen: SocketAddr,
    /// Whether an address that others reach is meant so.
    #[serde(default)]
    pub anywhere: bool,
}

/// A text in a table that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` in `{field}` {problem}")]
pub struct SettingError {
    /// Where it stands.
    pub field: &'static str,
    /// As it is written.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

fn ids(field: &'static str, texts: &[String]) -> Result<BTreeSet<PeerId>, SettingError> {
    let read = |text: &String| {
        text.parse().map_err(|problem: aquac_ir::PeerIdError| SettingError {
            field,
            text: text.clone(),
            problem: format!("is no peer id: {problem}"),
        })
    };
    texts.iter().map(read).collect()
}

impl NetworkTable {
    /// Writes it into a configuration.
    ///
    /// # Errors
    ///
    /// [`SettingError`] for the first address or id that is none.
    pub fn apply(&self, config: &mut Config) -> Result<(), SettingError> {
        if let Some(name) = &self.name {
            config.peer.network.clone_from(name);
        }
        let external = self.external.iter().map(|text| {
            text.parse::<Multiaddr>().map_err(|problem| SettingError {
                field: "external",
                text: text.clone(),
                problem: format!("is no address: {problem}"),
            })
        });
        config.discovery.external = external.collect::<Result<_, _>>()?;
        config.discovery.kademlia = self.kademlia.unwrap_or(true);
        config.discovery.mdns = self.mdns;
        let allow = self.allow.as_deref().map(|allow| ids("allow", allow)).transpose()?;
        config.admission = Admission { allow, deny: ids("deny", &self.deny)? };
        Ok(())
    }
}

fn set<T: Copy>(bound: &mut T, written: Option<T>) {
    if let Some(written) = written {
        *bound = written;
    }
}

impl LimitsTable {
    /// Writes it into a configuration.
    pub fn apply(&self, config: &mut Config) {
        let (connections, limits) = (&mut config.connections, &mut config.peer.limits);
        set(&mut connections.total, self.connections);
        set(&mut connections.per_address, self.connections_per_address);
        set(&mut connections.per_peer, self.connections_per_peer);
        set(&mut connections.pending, self.connections_pending);
        set(&mut connections.pending_per_address, self.connections_pending_per_address);
        set(&mut limits.particles, self.particles);
        set(&mut limits.particles_per_initiator, self.particles_per_initiator);
        let ttl = self.ttl.map(|ttl| u32::try_from(ttl.millis()).unwrap_or(u32::MAX));
        set(&mut limits.ttl, ttl);
        set(&mut limits.skew, self.clock_skew.map(Period::millis));
        set(&mut limits.parcel_bytes, self.parcel_bytes);
        set(&mut limits.mailbox_frames, self.mailbox_parcels);
        set(&mut limits.mailbox_bytes, self.mailbox_bytes);
        set(&mut limits.absent_neighbours, self.absent_neighbours);
        set(&mut limits.bytes_per_particle, self.bytes_per_particle);
        set(&mut limits.bytes_per_initiator, self.bytes_per_initiator);
        set(&mut limits.calls, self.calls);
        set(&mut limits.calls_per_initiator, self.calls_per_initiator);
        set(&mut limits.calls_waiting, self.calls_waiting);
        set(&mut limits.fan_out, self.fan_out);
        set(&mut limits.fuel_per_second, self.fuel_per_second);
    }
}

impl MetricsTable {
    /// Where metrics are told.
    #[must_use]
    pub const fn monitor(&self) -> Monitor {
        match self {
            Self::Address(address) => Monitor { address: *address, exposure: Exposure::Loopback },
            Self::Written(WrittenMetrics { listen, anywhere }) => {
                let exposure = if *anywhere { Exposure::Anywhere } else { Exposure::Loopback };
                Monitor { address: *listen, exposure }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aquac_peer::Config as PeerConfig;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        network: NetworkTable,
        limits: LimitsTable,
        metrics: MetricsTable,
    }

    fn read(text: &str) -> Result<File, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn what_is_written_is_set_and_the_rest_stays() {
        let mut config = Config::new([1; 32], PeerConfig::new("local"));
        let other = PeerId([1; 32]).to_string();
        let file = read(&format!(
            "metrics = {{ listen = \"0.0.0.0:9100\", anywhere = true }}\n\
             [network]\nname = \"n\"\nmdns = true\nexternal = [\"/dns4/a.example/tcp/1\"]\n\
             deny = [\"{other}\"]\n[limits]\nconnections_per_address = 7\nttl = \"2m\""
        ))
        .unwrap();
        file.network.apply(&mut config).unwrap();
        file.limits.apply(&mut config);
        assert_eq!((config.peer.network.as_str(), config.discovery.mdns), ("n", true));
        assert!(config.discovery.kademlia, "unless it is said otherwise");
        assert_eq!(config.discovery.external.len(), 1);
        assert!(!config.admission.admits(PeerId([1; 32])));
        assert!(config.admission.admits(PeerId([2; 32])));
        assert_eq!((config.connections.per_address, config.connections.total), (7, 4096));
        assert_eq!(config.peer.limits.ttl, 120_000);
        assert_eq!(file.metrics.monitor().exposure, Exposure::Anywhere);
        let plain = read("metrics = \"127.0.0.1:1\"\n[network]\n[limits]").unwrap();
        assert_eq!(plain.metrics.monitor().exposure, Exposure::Loopback);
    }

    #[test]
    fn what_is_no_setting_says_so() {
        let wrong = |text: &str| read(&format!("{text}\n[network]\n[limits]")).unwrap_err();
        assert!(wrong("metrics = \"here\"").contains("expected \"IP:PORT\""));
        let unknown = read("metrics = \"127.0.0.1:1\"\n[network]\n[limits]\nconections = 1");
        assert!(unknown.unwrap_err().contains("unknown field `conections`"));
        let mut config = Config::new([1; 32], PeerConfig::new("local"));
        let table = NetworkTable { deny: vec!["me".to_owned()], ..NetworkTable::default() };
        let error = table.apply(&mut config).unwrap_err();
        assert!(error.to_string().starts_with("`me` in `deny` is no peer id"), "{error}");
    }
}
