//! Development keys: the same for the same name everywhere, only for loopback networks.

use aquac_ir::PeerId;

/// The id of the development peer with this name.
pub(crate) fn development_peer(name: &str) -> PeerId {
    PeerId(
        *aquac_ir::Digest::of(aquac_ir::Domain::Salt, &[name.as_bytes()])
            .0
            .first_chunk()
            .unwrap_or(&[0; 32]),
    )
}
