//! The file below a store, watched: how often it is written and flushed, and who wants to know
//! beforehand.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// What is about to happen to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// So many bytes are handed to the system.
    Write(usize),
    /// The file gets another length.
    Resize(u64),
    /// The system is told to write everything down: `fdatasync`.
    Sync,
}

/// Hears of every touch before it happens. Tests end the process there.
pub type Watch = Arc<dyn Fn(Touch) + Send + Sync>;

/// How often the file was flushed. Clones are the same number.
#[derive(Debug, Clone, Default)]
pub(super) struct Syncs(Arc<AtomicU64>);

impl Syncs {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A file that tells.
pub(super) struct Watched {
    file: FileBackend,
    syncs: Syncs,
    watch: Option<Watch>,
}

impl Watched {
    pub(super) fn new(file: FileBackend, syncs: Syncs, watch: Option<Watch>) -> Self {
        Self { file, syncs, watch }
    }

    fn touch(&self, touch: Touch) {
        if let Some(watch) = &self.watch {
            watch(touch);
        }
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watched").field(&self.file).finish()
    }
}

type Range = Bound<u64>;

impl StorageBackend for Watched {
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.touch(Touch::Resize(len));
        self.file.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.touch(Touch::Sync);
        self.syncs.0.fetch_add(1, Ordering::Relaxed);
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.touch(Touch::Write(data.len()));
        self.file.write(offset, data)
    }

    fn close(&self) -> std::io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
