//! Programs that wait for a link: the builtin `peer.connect`.

use std::collections::BTreeMap;

use aquac_ir::PeerId;
use tokio::sync::oneshot;

/// Those who wait for one peer; beyond it the newcomer is told that it failed.
const MAX_WAITING: usize = 64;

/// Who waits for a link to whom.
#[derive(Default)]
pub(crate) struct Connecting(BTreeMap<PeerId, Vec<oneshot::Sender<bool>>>);

impl Connecting {
    /// Somebody waits.
    pub(crate) fn wait(&mut self, peer: PeerId, reply: oneshot::Sender<bool>) {
        let waiting = self.0.entry(peer).or_default();
        waiting.retain(|reply| !reply.is_closed());
        if waiting.len() < MAX_WAITING {
            waiting.push(reply);
        }
    }

    /// The link is up, or cannot be.
    pub(crate) fn settled(&mut self, peer: PeerId, up: bool) {
        for reply in self.0.remove(&peer).unwrap_or_default() {
            let _gave_up = reply.send(up);
        }
    }
}
