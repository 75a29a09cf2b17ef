//! The task that writes batches. All that wait when it is free go into one transaction, and a busy
//! peer waits a moment for more: it pays one flush for many particles.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aquac_peer::{Batch, BatchId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Store;
use super::pace::Pace;
use crate::StoreError;
use crate::metrics::Stored;

/// Batches that may wait; beyond it the peer waits.
const MAX_WAITING: usize = 1024;

/// The peer's end.
pub(crate) struct Writer {
    batches: mpsc::Sender<Batch>,
    stored: watch::Receiver<BatchId>,
    task: JoinHandle<Result<(), StoreError>>,
    so_far: Arc<Mutex<Stored>>,
    /// The last batch that was given to it.
    pub(crate) given: BatchId,
}

impl Writer {
    /// Starts the task.
    pub(crate) fn start(mut store: Box<dyn Store>) -> Self {
        let (batches, mut waiting) = mpsc::channel(MAX_WAITING);
        let (done, stored) = watch::channel(BatchId::default());
        let so_far = Arc::<Mutex<Stored>>::default();
        let counted = so_far.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut together = Vec::new();
            let mut pace = Pace::new(Instant::now());
            while waiting.blocking_recv_many(&mut together, MAX_WAITING) > 0 {
                std::thread::sleep(pace.wait(Instant::now(), together.len()));
                let first = together.len();
                together.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(MAX_WAITING));
                let began = Instant::now();
                pace.flush(began, together.len() - first);
                store.commit(&together)?;
                count(&counted, together.len(), began.elapsed(), store.syncs());
                if let Some(last) = together.last() {
                    done.send_replace(last.id);
                }
                together.clear();
            }
            Ok(())
        });
        Self { batches, stored, task, so_far, given: BatchId::default() }
    }

    /// Gives it a batch. Waits while too many wait; `false` when writing has failed.
    pub(crate) async fn write(&mut self, batch: Batch) -> bool {
        self.given = batch.id;
        self.batches.send(batch).await.is_ok()
    }

    /// The last batch that is on disk, when there is a new one; `None` when writing has ended.
    pub(crate) async fn stored(&mut self) -> Option<BatchId> {
        self.stored.changed().await.ok()?;
        Some(*self.stored.borrow_and_update())
    }

    /// Whether everything that was given is on disk.
    pub(crate) fn is_idle(&self) -> bool {
        *self.stored.borrow() == self.given
    }

    /// What the store did.
    pub(crate) fn stored_so_far(&self) -> Stored {
        *self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for everything to be written, or says why it was not.
    pub(crate) async fn finish(self) -> Result<(), StoreError> {
        let Self { batches, task, .. } = self;
        drop(batches);
        task.await
            .unwrap_or_else(|panicked| Err(StoreError::Write { reason: panicked.to_string() }))
    }
}

fn count(counted: &Mutex<Stored>, batches: usize, took: Duration, syncs: u64) {
    let mut stored = counted.lock().unwrap_or_else(PoisonError::into_inner);
    stored.commits += 1;
    stored.batches += batches as u64;
    stored.syncs = syncs;
    stored.took.time(took);
}

#[cfg(test)]
mod tests {
    use aquac_peer::Pairs;

    use super::*;

    /// A disk that takes its time.
    #[derive(Default)]
    struct Slow(Arc<Mutex<Vec<usize>>>);

    impl Store for Slow {
        fn load(&mut self) -> Result<Pairs, StoreError> {
            Ok(Pairs::new())
        }

        fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
            std::thread::sleep(Duration::from_millis(20));
            self.0.lock().unwrap().push(batches.len());
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_waits_while_the_disk_writes_is_written_together_in_order() {
        let store = Slow::default();
        let commits = store.0.clone();
        let mut writer = Writer::start(Box::new(store));
        for id in 1..=500 {
            assert!(writer.write(Batch { id: BatchId(id), changes: Vec::new() }).await);
        }
        while writer.stored().await != Some(BatchId(500)) {}
        assert!(writer.is_idle());
        let commits = commits.lock().unwrap().clone();
        assert_eq!(commits.iter().sum::<usize>(), 500);
        assert!(commits.len() <= 10, "{commits:?}");
        assert_eq!(writer.stored_so_far().batches, 500);
        writer.finish().await.unwrap();
    }
}
