//! One peer of a simulation: its process, and its disk, which outlives it.

use std::collections::{BTreeMap, VecDeque};
use std::{iter, mem};

use aquac_ir::PeerId;
use aquac_peer::{
    AllowAll, Batch, BatchId, Change, Config, DamagedStore, Output, Pairs, Peer, Time,
};

use crate::network::{skewed, unskewed};
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

/// What a peer wants done.
pub(crate) struct Wants {
    /// In which of its lives.
    pub(crate) life: u32,
    pub(crate) outputs: Vec<Output>,
    /// When it is to be woken, if that is before the alarm that is set.
    pub(crate) wake: Option<Time>,
}

impl Node {
    /// What it wants done now, in a list that is empty.
    pub(crate) fn wants(&mut self, now: Time, outputs: Vec<Output>) -> Wants {
        let mut wants = Wants { life: self.life, outputs, wake: None };
        let Some(peer) = &mut self.peer else { return wants };
        wants.outputs.extend(iter::from_fn(|| peer.poll()));
        let due = peer.deadline().map(|due| unskewed(due, self.skew).max(now));
        wants.wake = due.filter(|due| self.wake.is_none_or(|wake| *due < wake));
        self.wake = wants.wake.or(self.wake);
        wants
    }

    /// The process that begins with what is on the disk.
    pub(crate) fn restored(&self, now: Time) -> Result<Peer, DamagedStore> {
        let keys = self.signing.keys(&self.name);
        let pairs = self.disk.pairs();
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

/// Changes that wait until somebody reads the disk, which is after a crash. Beyond it they are
/// made, so that what was forgotten takes no room.
const MOST_UNREAD: usize = 1 << 16;

/// A disk.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pairs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What is on it as well: changes of the pairs, in order.
    unread: Vec<Change>,
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
    pub(crate) fn pairs(&self) -> Pairs {
        let mut pairs = self.pairs.clone();
        self.unread.iter().for_each(|change| apply(&mut pairs, change.clone()));
        pairs.into_iter().collect()
    }

    /// This batch is on the disk, with all before it.
    pub(crate) fn sync(&mut self, upto: BatchId) {
        while self.writing.front().is_some_and(|batch| batch.id <= upto) {
            let changes = self.writing.pop_front().map(|batch| batch.changes).unwrap_or_default();
            self.unread.extend(changes);
        }
        if self.unread.len() > MOST_UNREAD {
            let changes = mem::take(&mut self.unread);
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
