//! Development keys: the same for the same name everywhere, only for loopback networks.

use aquac_ir::{PeerId, development_seed};
use aquac_vm::{Ed25519Signer, Signer};

/// The id of the development peer with this name.
pub(crate) fn development_peer(name: &str) -> PeerId {
    Ed25519Signer::from_seed(development_seed(name)).peer()
}

/// The secret seed in a key file: 64 hexadecimal digits.
pub(crate) fn parse_seed(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim();
    let mut seed = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (at, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(seed)
}
