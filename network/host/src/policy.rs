//! The rules of `aqua.toml` as the policy of a peer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aquac_ir::{Call, PeerId};
use aquac_peer::{Policy, Verdict};

use crate::clock;

/// Declared rules, with the host's clock for their rates.
#[derive(Debug)]
pub struct Declared(pub aquac_services::Policy);

impl Policy for Declared {
    fn check(&mut self, me: PeerId, call: &Call) -> Verdict {
        match self.0.check(me, call, clock::now().0) {
            Ok(()) => Verdict::Allow,
            Err(reason) => Verdict::Deny(reason),
        }
    }
}

/// How many calls a policy has denied. Clones are the same number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Denials(Arc<AtomicU64>);

impl Denials {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A policy that can be replaced while it is asked. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Replaceable(Arc<Mutex<Box<dyn Policy + Send>>>);

impl Replaceable {
    pub(crate) fn new(policy: Box<dyn Policy + Send>) -> Self {
        Self(Arc::new(Mutex::new(policy)))
    }

    /// From the next call on.
    pub(crate) fn replace(&self, policy: Box<dyn Policy + Send>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = policy;
    }
}

impl std::fmt::Debug for Replaceable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replaceable")
    }
}

impl Policy for Replaceable {
    fn check(&mut self, me: PeerId, call: &Call) -> Verdict {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).check(me, call)
    }
}

/// A policy whose denials are counted.
pub(crate) struct Counted {
    pub(crate) policy: Replaceable,
    pub(crate) denied: Denials,
}

impl Policy for Counted {
    fn check(&mut self, me: PeerId, call: &Call) -> Verdict {
        let verdict = self.policy.check(me, call);
        if matches!(verdict, Verdict::Deny(_)) {
            self.denied.0.fetch_add(1, Ordering::Relaxed);
        }
        verdict
    }
}
