//! Who may call what: asked before a call leaves for its service.

use aquac_ir::{Call, PeerId};

/// What a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The service is asked.
    Allow,
    /// The service is not asked; the call fails with this reason, which is recorded.
    Deny(String),
}

/// Decides about calls. It sees what the service would see: initiator, function, arguments and
/// where each comes from.
pub trait Policy {
    /// Decides about one call on peer `me`.
    fn check(&mut self, me: PeerId, call: &Call) -> Verdict;
}

/// Allows everything: for networks on loopback and for simulations.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Policy for AllowAll {
    fn check(&mut self, _: PeerId, _: &Call) -> Verdict {
        Verdict::Allow
    }
}
