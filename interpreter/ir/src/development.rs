//! Keys for trying things out: a name gives the same key everywhere. Anybody can compute them,
//! so they are for loopback networks only.

/// The secret ed25519 seed of the development peer with this name.
#[must_use]
pub fn development_seed(name: &str) -> [u8; 32] {
    blake3::derive_key("aquac 2026 development peer v1", name.as_bytes())
}
