//! A peer on a server: tokio, libp2p, storage.
