//! The tables of a peer's file that are about its host: `[network]`, `[limits]` and `metrics`, as
//! they are written. Applied to a [`Config`], which has the defaults.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use aquac_ir::PeerId;
use aquac_services::config::Period;
use serde::{Deserialize, Serialize};

use crate::address::{Purpose, read_address};
use crate::{Admission, Config, Exposure, Monitor};

/// `[network]`: with whom the peer is, and how they find each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How long a call may take, whatever its service is given.
    pub call_time: Option<Period>,
    /// Frames of one neighbour that cannot be read, before it is hung up and shut out.
    pub malformed_frames: Option<u32>,
    /// How long it is shut out.
    pub shut_out: Option<Period>,
}

/// `metrics = "127.0.0.1:9100"`, or a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"IP:PORT\", or { listen = \"IP:PORT\", anywhere = true }")]
pub enum MetricsTable {
    /// On loopback.
    Address(SocketAddr),
    /// Perhaps for others, too.
    Written(WrittenMetrics),
}

/// `metrics = { listen = "…", anywhere = true }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Which one of several, from 0.
    pub index: Option<usize>,
    /// As it is written.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

fn ids(field: &'static str, texts: &[String]) -> Result<BTreeSet<PeerId>, SettingError> {
    let read = |(index, text): (usize, &String)| {
        text.parse().map_err(|problem: aquac_ir::PeerIdError| SettingError {
            field,
            index: Some(index),
            text: text.clone(),
            problem: format!("is no peer id: {problem}"),
        })
    };
    texts.iter().enumerate().map(read).collect()
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
        let external = self.external.iter().enumerate().map(|(index, text)| {
            read_address(text, Purpose::Dial).map_err(|problem| SettingError {
                field: "external",
                index: Some(index),
                text: text.clone(),
                problem: problem.to_string(),
            })
        });
        config.discovery.external = external.collect::<Result<_, _>>()?;
        config.discovery.kademlia = self.kademlia.unwrap_or(true);
        config.discovery.mdns = self.mdns;
        config.admission = self.admission()?;
        Ok(())
    }

    /// Who is admitted.
    ///
    /// # Errors
    ///
    /// [`SettingError`] for the first id that is none.
    pub fn admission(&self) -> Result<Admission, SettingError> {
        let allow = self.allow.as_deref().map(|allow| ids("allow", allow)).transpose()?;
        Ok(Admission { allow, deny: ids("deny", &self.deny)? })
    }

    /// What a configuration says, with what was not written.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let texts = |ids: &BTreeSet<PeerId>| ids.iter().map(ToString::to_string).collect();
        Self {
            name: Some(config.peer.network.clone()),
            external: config.discovery.external.iter().map(ToString::to_string).collect(),
            kademlia: Some(config.discovery.kademlia),
            mdns: config.discovery.mdns,
            allow: config.admission.allow.as_ref().map(texts),
            deny: texts(&config.admission.deny),
        }
    }
}

fn set<T: Copy>(bound: &mut T, written: Option<T>) {
    if let Some(written) = written {
        *bound = written;
    }
}

/// A table of limits with a value that makes no sense.
fn zero(field: &'static str) -> SettingError {
    let problem = "is too little: the peer could do nothing".to_owned();
    SettingError { field, index: None, text: "0".to_owned(), problem }
}

impl LimitsTable {
    /// Whether the values make sense.
    ///
    /// # Errors
    ///
    /// [`SettingError`] for the first that does not.
    pub fn check(&self) -> Result<(), SettingError> {
        let needed = [
            ("connections", self.connections == Some(0)),
            ("connections_per_address", self.connections_per_address == Some(0)),
            ("connections_per_peer", self.connections_per_peer == Some(0)),
            ("connections_pending", self.connections_pending == Some(0)),
            ("connections_pending_per_address", self.connections_pending_per_address == Some(0)),
            ("particles", self.particles == Some(0)),
            ("particles_per_initiator", self.particles_per_initiator == Some(0)),
            ("ttl", self.ttl.is_some_and(|ttl| ttl.millis() == 0)),
            ("parcel_bytes", self.parcel_bytes == Some(0)),
            ("bytes_per_particle", self.bytes_per_particle == Some(0)),
            ("bytes_per_initiator", self.bytes_per_initiator == Some(0)),
            ("fuel_per_second", self.fuel_per_second == Some(0)),
            ("call_time", self.call_time.is_some_and(|time| time.millis() == 0)),
        ];
        if let Some((field, _)) = needed.into_iter().find(|(_, nothing)| *nothing) {
            return Err(zero(field));
        }
        match self.ttl.filter(|ttl| u32::try_from(ttl.millis()).is_err()) {
            None => Ok(()),
            Some(ttl) => Err(SettingError {
                field: "ttl",
                index: None,
                text: ttl.to_string(),
                problem: "is more than a particle can say: 1193h at most".to_owned(),
            }),
        }
    }

    /// What a configuration says, with what was not written.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let (connections, limits) = (&config.connections, &config.peer.limits);
        Self {
            connections: Some(connections.total),
            connections_per_address: Some(connections.per_address),
            connections_per_peer: Some(connections.per_peer),
            connections_pending: Some(connections.pending),
            connections_pending_per_address: Some(connections.pending_per_address),
            particles: Some(limits.particles),
            particles_per_initiator: Some(limits.particles_per_initiator),
            ttl: Some(Period::from_millis(u64::from(limits.ttl))),
            clock_skew: Some(Period::from_millis(limits.skew)),
            parcel_bytes: Some(limits.parcel_bytes),
            mailbox_parcels: Some(limits.mailbox_frames),
            mailbox_bytes: Some(limits.mailbox_bytes),
            absent_neighbours: Some(limits.absent_neighbours),
            bytes_per_particle: Some(limits.bytes_per_particle),
            bytes_per_initiator: Some(limits.bytes_per_initiator),
            calls: Some(limits.calls),
            calls_per_initiator: Some(limits.calls_per_initiator),
            calls_waiting: Some(limits.calls_waiting),
            fan_out: Some(limits.fan_out),
            fuel_per_second: Some(limits.fuel_per_second),
            call_time: Some(Period::from_millis(limits.call_time)),
            malformed_frames: Some(limits.malformed_frames),
            shut_out: Some(Period::from_millis(limits.shut_out)),
        }
    }

    /// What of it a running peer does not take over: its bounds on connections.
    #[must_use]
    pub fn fixed(self) -> Self {
        Self {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            connections_per_peer: self.connections_per_peer,
            connections_pending: self.connections_pending,
            connections_pending_per_address: self.connections_pending_per_address,
            ..Self::default()
        }
    }

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
        set(&mut limits.call_time, self.call_time.map(Period::millis));
        set(&mut limits.malformed_frames, self.malformed_frames);
        set(&mut limits.shut_out, self.shut_out.map(Period::millis));
    }
}

impl MetricsTable {
    /// Where metrics are told.
    ///
    /// # Errors
    ///
    /// [`SettingError`] if others would reach it and that is not said to be meant.
    pub fn checked(&self) -> Result<Monitor, SettingError> {
        let monitor = self.monitor();
        if monitor.exposure == Exposure::Loopback && !monitor.address.ip().is_loopback() {
            return Err(SettingError {
                field: "metrics",
                index: None,
                text: monitor.address.to_string(),
                problem: "would be told to others than this machine; use a loopback address, or write { listen = \"IP:PORT\", anywhere = true }".to_owned(),
            });
        }
        Ok(monitor)
    }

    /// The same, unchecked.
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
    fn what_a_configuration_says_is_what_was_written_and_the_defaults() {
        let mut config = Config::new([1; 32], PeerConfig::new("local"));
        let written = LimitsTable { calls: Some(7), ..LimitsTable::default() };
        written.apply(&mut config);
        let effective = LimitsTable::of(&config);
        assert_eq!((effective.calls, effective.connections), (Some(7), Some(4096)));
        let mut again = Config::new([1; 32], PeerConfig::new("local"));
        effective.apply(&mut again);
        assert_eq!(again.peer.limits, config.peer.limits);
        assert_eq!(effective.check(), Ok(()));
        let network =
            NetworkTable { deny: vec![PeerId([1; 32]).to_string()], ..NetworkTable::default() };
        network.apply(&mut config).unwrap();
        assert_eq!(NetworkTable::of(&config).deny, network.deny);
    }

    #[test]
    fn limits_with_which_a_peer_could_do_nothing_are_refused() {
        for text in ["connections = 0", "ttl = \"0s\"", "particles = 0", "parcel_bytes = 0"] {
            let table: LimitsTable = toml::from_str(text).unwrap();
            let error = table.check().unwrap_err();
            assert!(text.starts_with(error.field), "{error}");
        }
        let table: LimitsTable = toml::from_str("ttl = \"2000h\"").unwrap();
        assert!(table.check().unwrap_err().to_string().contains("1193h"));
        let none: LimitsTable = toml::from_str("calls = 0\nfan_out = 0").unwrap();
        assert_eq!(none.check(), Ok(()), "a relay without services");
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
        assert_eq!(error.index, Some(0));
        assert!(error.to_string().starts_with("`me` in `deny` is no peer id"), "{error}");
    }
}
