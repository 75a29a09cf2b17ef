//! A peer on a server: tokio, libp2p, storage.
#![expect(unused, dead_code)]

mod address;
mod error;
mod link;
mod store;
mod swarm;

pub use address::AddressBook;
pub use error::{RunError, StartError, StoreError};
pub use store::{Disk, Memory, Store};
