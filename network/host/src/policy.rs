//! The rules of `aqua.toml` as the policy of a peer.

use aquac_ir::{Call, PeerId};
use aquac_peer::{Policy, Verdict};

use crate::clock;

/// Declared rules, with the host's clock for their rates.
#[derive(Debug)]
pub struct Declared(pub aquac_services::Policy);

impl Policy for Declared {
    fn check(&mut self, _me: PeerId, call: &Call) -> Verdict {
        match self.0.check(call, clock::now().0) {
            Ok(()) => Verdict::Allow,
            Err(reason) => Verdict::Deny(reason),
        }
    }
}
