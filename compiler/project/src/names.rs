//! Peers as constants: `[peers.credit-bank]` is `CREDIT_BANK` in every module.

use std::collections::BTreeMap;

use aquac_ir::{PeerId, Value};

/// The constant that stands for a peer: upper case, `-` becomes `_`.
#[must_use]
pub fn constant_name(peer: &str) -> String {
    peer.to_uppercase().replace('-', "_")
}

/// The constants of the peers, with the constants that the project states itself.
#[must_use]
pub fn constants<'a>(
    peers: impl IntoIterator<Item = (&'a str, PeerId)>,
    stated: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    peers
        .into_iter()
        .map(|(name, id)| (constant_name(name), Value::from(id.to_string())))
        .chain(stated.iter().map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::constant_name;

    #[test]
    fn a_peers_constant_is_upper_case() {
        assert_eq!(constant_name("credit-bank"), "CREDIT_BANK");
    }
}
