//! A peer on a server: tokio, libp2p, storage.
//!
//! [`start`] makes a host of a [`Config`]: a libp2p swarm with one long-lived stream per pair of
//! peers, a [`Store`], the services of the peer, and the loop that drives the sans-IO
//! [`aquac_peer::Peer`] with them. The [`Handle`] runs programs, counts, and stops the host.
//! Several hosts can live in one process; they share nothing but what they are given, for
//! instance an [`AddressBook`].

mod address;
mod clock;
mod config;
mod counters;
mod driver;
mod error;
mod event;
mod handle;
mod here;
mod host;
mod job;
mod link;
mod metrics;
mod monitor;
mod policy;
mod quiet;
mod settings;
mod store;
mod swarm;

pub use address::{AddressBook, AddressError, Purpose, check_address, read_address};
pub use config::{Admission, Config, Connections, Discovery};
pub use counters::{Counters, Histogram, LinkCounters, ServiceCounters, Traffic};
pub use error::{NoRandomness, RunError, StartError, StopReason, StoreError};
pub use event::{Event, Observed, Observer};
pub use handle::{Handle, Running, Status};
pub use host::{peer_of_seed, start};
pub use job::Job;
pub use libp2p::Multiaddr;
pub use monitor::{Exposure, Monitor};
pub use policy::Declared;
pub use quiet::quiet;
pub use settings::{LimitsTable, MetricsTable, NetworkTable, SettingError, WrittenMetrics};
pub use store::{Disk, Memory, Store, Touch, Watch, is_store_damage};
