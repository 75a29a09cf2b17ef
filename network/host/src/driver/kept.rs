//! Links that a host keeps up although it has nothing to send: to the relay through which others
//! reach it.

use std::collections::BTreeMap;
use std::time::Duration;

use aquac_ir::PeerId;
use tokio::time::Instant;

/// After a loss or a failed dial the next dial waits this long, doubling up to [`MAX_PAUSE`].
const MIN_PAUSE: Duration = Duration::from_millis(100);
/// See [`MIN_PAUSE`].
const MAX_PAUSE: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Kept {
    failures: u32,
    redial: Option<Instant>,
}

/// The peers to which there shall be a link.
pub(crate) struct KeptLinks(BTreeMap<PeerId, Kept>);

impl KeptLinks {
    /// None of them is up.
    pub(crate) fn new(peers: impl IntoIterator<Item = PeerId>) -> Self {
        Self(peers.into_iter().map(|peer| (peer, Kept::default())).collect())
    }

    /// All of them.
    pub(crate) fn peers(&self) -> Vec<PeerId> {
        self.0.keys().copied().collect()
    }

    /// A link is up.
    pub(crate) fn up(&mut self, peer: PeerId) {
        if let Some(kept) = self.0.get_mut(&peer) {
            *kept = Kept::default();
        }
    }

    /// A link is lost, or a dial has failed.
    pub(crate) fn down(&mut self, peer: PeerId, now: Instant) {
        if let Some(kept) = self.0.get_mut(&peer) {
            let pause = MIN_PAUSE.saturating_mul(1 << kept.failures.min(10)).min(MAX_PAUSE);
            kept.failures = kept.failures.saturating_add(1);
            kept.redial = Some(now + pause);
        }
    }

    /// When the next dial is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.0.values().filter_map(|kept| kept.redial).min()
    }

    /// The peers to dial now.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<PeerId> {
        let due = self.0.iter_mut().filter(|(_, kept)| kept.redial.is_some_and(|at| at <= now));
        due.map(|(peer, kept)| {
            kept.redial = None;
            *peer
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_is_kept_is_dialled_again_later_and_later() {
        let (relay, other) = (PeerId([1; 32]), PeerId([2; 32]));
        let start = Instant::now();
        let mut kept = KeptLinks::new([relay]);
        kept.down(other, start);
        assert_eq!(kept.due(), None, "nobody keeps that one");
        kept.down(relay, start);
        assert_eq!(kept.due(), Some(start + MIN_PAUSE));
        assert_eq!(kept.take_due(start), []);
        assert_eq!(kept.take_due(start + MIN_PAUSE), [relay]);
        assert_eq!(kept.due(), None);
        for _ in 0..20 {
            kept.down(relay, start);
        }
        assert_eq!(kept.due(), Some(start + MAX_PAUSE));
        kept.up(relay);
        kept.down(relay, start);
        assert_eq!(kept.due(), Some(start + MIN_PAUSE));
    }
}
