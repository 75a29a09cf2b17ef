//! One peer of a simulation: its process, and its disk, which outlives it.

use std::collections::{BTreeMap, VecDeque};

use aquac_ir::PeerId;
use aquac_peer::{AllowAll, Batch, BatchId, Config, DamagedStore, Peer, Time};

use crate::network::skewed;
use crate::world::{Signing, apply};

/// One peer.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) config: Config,
    pub(crate) signing: Signing,
    /// `None` while it is crashed.
    pub(crate) peer: Option<Peer>,
    pub(crate) disk: Disk,
    /// How often it crashed: what was under way before concerns nobody.
    pub(crate) life: u32,
    pub(crate) skew: i64,
    pub(crate) wake: Option<Time>,
    /// The relay to which it stays connected; it cannot be dialled.
    pub(crate) uplink: Option<PeerId>,
}

impl Node {
    /// The process that begins with what is on the disk.
    pub(crate) fn restored(&self, now: Time) -> Result<Peer, DamagedStore> {
        let keys = self.signing.keys(&self.name);
        let pairs = self.disk.pairs.clone().into_iter().collect();
        let policy = Box::new(AllowAll);
        Peer::restore(self.config.clone(), keys, policy, skewed(now, self.skew), pairs)
    }
}

/// What happens to batches that are being written when a process dies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writing {
    /// They are on the disk although nobody was told.
    #[default]
    Lands,
    /// They are lost.
    IsLost,
}

/// A disk.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pairs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Batches that the process does not know to be stored.
    writing: VecDeque<Batch>,
    fate: Writing,
    /// Batches so far. Each is one flush of a disk that does not gather them.
    writes: u64,
    /// The process dies at this one.
    dies_at: Option<u64>,
}

impl Disk {
    pub(crate) fn loses_what_it_writes(&mut self) {
        self.fate = Writing::IsLost;
    }

    pub(crate) fn dies_at(&mut self, write: u64, fate: Writing) {
        self.dies_at = Some(write);
        self.fate = fate;
    }

    /// Takes a batch; says whether the process dies at it.
    pub(crate) fn write(&mut self, batch: Batch) -> bool {
        self.writing.push_back(batch);
        self.writes += 1;
        self.dies_at == Some(self.writes)
    }

    pub(crate) const fn writes(&self) -> u64 {
        self.writes
    }

    /// What is on it.
    pub(crate) const fn pairs(&self) -> &BTreeMap<Vec<u8>, Vec<u8>> {
        &self.pairs
    }

    /// This batch is on the disk, with all before it.
    pub(crate) fn sync(&mut self, upto: BatchId) {
        while self.writing.front().is_some_and(|batch| batch.id <= upto) {
            let changes = self.writing.pop_front().map(|batch| batch.changes).unwrap_or_default();
            changes.into_iter().for_each(|change| apply(&mut self.pairs, change));
        }
    }

    pub(crate) fn crash(&mut self) {
        match self.fate {
            Writing::Lands => self.sync(BatchId(u64::MAX)),
            Writing::IsLost => self.writing.clear(),
        }
    }
}
