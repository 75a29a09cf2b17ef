//! The task that writes batches. All that wait when it is free go into one transaction, and a busy
//! peer waits a moment for more: it pays one flush for many particles. A store that takes nothing,
//! because its disk is full for instance, is tried until it does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aquac_ir::PeerId;
use aquac_peer::{Batch, BatchId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Store;
use super::pace::Pace;
use crate::metrics::Stored;
use crate::{Event, Observed, Observer, StoreError, clock};

/// Batches that may wait; beyond it the peer waits.
const MAX_WAITING: usize = 1024;
/// The first pause after a transaction that failed; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest.
const LAST_PAUSE: Duration = Duration::from_secs(2);
/// How often a failure that lasts is said again.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// Who is told that the store fails.
pub(crate) struct Teller {
    pub(crate) host: PeerId,
    pub(crate) observer: Option<Observer>,
}

impl Teller {
    fn tell(&self, event: Event) {
        if let Some(observer) = &self.observer {
            observer(Observed { host: self.host, at: clock::now(), event });
        }
    }
}

/// What the store did, and whether it works. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct SoFar(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    stored: Stored,
    failing: Option<String>,
}

impl SoFar {
    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it did.
    pub(crate) fn stored(&self) -> Stored {
        self.lock().stored
    }

    /// Why it takes nothing, if it takes nothing now.
    pub(crate) fn failing(&self) -> Option<String> {
        self.lock().failing.clone()
    }

    fn committed(&self, batches: usize, took: Duration, syncs: u64) {
        let mut counted = self.lock();
        counted.failing = None;
        let stored = &mut counted.stored;
        stored.commits += 1;
        stored.batches += batches as u64;
        stored.syncs = syncs;
        stored.took.time(took);
    }

    fn failed(&self, problem: &StoreError) {
        let mut counted = self.lock();
        counted.failing = Some(problem.to_string());
        counted.stored.failures += 1;
    }
}

/// The peer's end.
pub(crate) struct Writer {
    batches: mpsc::Sender<Batch>,
    stored: watch::Receiver<BatchId>,
    task: JoinHandle<Result<(), StoreError>>,
    so_far: SoFar,
    /// The last batch that was given to it.
    pub(crate) given: BatchId,
}

impl Writer {
    /// Starts the task.
    pub(crate) fn start(store: Box<dyn Store>, teller: Teller) -> Self {
        let (batches, waiting) = mpsc::channel(MAX_WAITING);
        let (done, stored) = watch::channel(BatchId::default());
        let so_far = SoFar::default();
        let writing = Writing { store, waiting, so_far: so_far.clone(), teller };
        let task = tokio::task::spawn_blocking(move || writing.run(&done));
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

    /// What the store did, and whether it works.
    pub(crate) const fn so_far(&self) -> &SoFar {
        &self.so_far
    }

    /// Waits for everything to be written, or says why it was not.
    pub(crate) async fn finish(self) -> Result<(), StoreError> {
        let Self { batches, task, .. } = self;
        drop(batches);
        task.await
            .unwrap_or_else(|panicked| Err(StoreError::Write { reason: panicked.to_string() }))
    }
}

/// What the task owns.
struct Writing {
    store: Box<dyn Store>,
    waiting: mpsc::Receiver<Batch>,
    so_far: SoFar,
    teller: Teller,
}

impl Writing {
    /// Writes until nobody gives batches any more.
    fn run(mut self, done: &watch::Sender<BatchId>) -> Result<(), StoreError> {
        let mut together = Vec::new();
        let mut pace = Pace::new(Instant::now());
        while self.waiting.blocking_recv_many(&mut together, MAX_WAITING) > 0 {
            std::thread::sleep(pace.wait(Instant::now(), together.len()));
            let first = together.len();
            let more = std::iter::from_fn(|| self.waiting.try_recv().ok());
            together.extend(more.take(MAX_WAITING));
            let began = Instant::now();
            pace.flush(began, together.len() - first);
            self.commit(&together)?;
            self.so_far.committed(together.len(), began.elapsed(), self.store.syncs());
            if let Some(last) = together.last() {
                done.send_replace(last.id);
            }
            together.clear();
        }
        Ok(())
    }

    /// Tries until it works. What is in a batch is absolute, so it may be written twice. Nobody
    /// hears meanwhile that anything is stored, so nothing is acknowledged and no service asked.
    fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut said: Option<Instant> = None;
        loop {
            let problem = match self.store.commit(batches) {
                Ok(()) => break,
                Err(problem) => problem,
            };
            self.so_far.failed(&problem);
            // The host ends, or must.
            if self.waiting.is_closed() || matches!(problem, StoreError::Damaged { .. }) {
                return Err(problem);
            }
            if said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
                said = Some(Instant::now());
                self.teller.tell(Event::StoreFailed(problem));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LAST_PAUSE);
        }
        if said.is_some() {
            self.teller.tell(Event::StoreWorks { after: began.elapsed() });
        }
        Ok(())
    }
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

    fn nobody() -> Teller {
        Teller { host: PeerId([1; 32]), observer: None }
    }

    /// A disk that is full for so many transactions, and what was written in the end.
    #[derive(Clone)]
    struct Full(Arc<Mutex<(usize, Vec<u64>)>>);

    impl Store for Full {
        fn load(&mut self) -> Result<Pairs, StoreError> {
            Ok(Pairs::new())
        }

        fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
            let mut full = self.0.lock().unwrap();
            if full.0 > 0 {
                full.0 -= 1;
                return Err(StoreError::Write { reason: "no space left".to_owned() });
            }
            full.1.extend(batches.iter().map(|batch| batch.id.0));
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_tried_until_it_is_not_and_nothing_counts_as_stored_before() {
        let disk = Full(Arc::new(Mutex::new((3, Vec::new()))));
        let told = Arc::new(Mutex::new(Vec::new()));
        let keep = told.clone();
        let observer: Observer = Arc::new(move |seen| keep.lock().unwrap().push(seen.event));
        let teller = Teller { observer: Some(observer), ..nobody() };
        let mut writer = Writer::start(Box::new(disk.clone()), teller);
        assert!(writer.write(Batch { id: BatchId(1), changes: Vec::new() }).await);
        let until = Instant::now() + Duration::from_secs(10);
        while writer.so_far().failing().is_none() {
            assert!(Instant::now() < until, "it never fails");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(writer.so_far().failing().unwrap().contains("no space left"));
        assert!(!writer.is_idle() && disk.0.lock().unwrap().1.is_empty());
        assert!(writer.write(Batch { id: BatchId(2), changes: Vec::new() }).await);
        while writer.stored().await != Some(BatchId(2)) {}
        assert_eq!(writer.so_far().failing(), None);
        assert_eq!(writer.so_far().stored().failures, 3);
        assert_eq!(disk.0.lock().unwrap().1, [1, 2], "each once, in order");
        writer.finish().await.unwrap();
        let told = told.lock().unwrap();
        assert!(
            matches!(told[..], [Event::StoreFailed(_), Event::StoreWorks { .. }]),
            "said once: {told:?}"
        );
    }

    #[tokio::test]
    async fn a_host_that_ends_does_not_wait_for_a_full_disk() {
        let disk = Full(Arc::new(Mutex::new((usize::MAX, Vec::new()))));
        let mut writer = Writer::start(Box::new(disk), nobody());
        assert!(writer.write(Batch { id: BatchId(1), changes: Vec::new() }).await);
        assert!(matches!(writer.finish().await, Err(StoreError::Write { .. })));
    }

    #[tokio::test]
    async fn what_waits_while_the_disk_writes_is_written_together_in_order() {
        let store = Slow::default();
        let commits = store.0.clone();
        let mut writer = Writer::start(Box::new(store), nobody());
        for id in 1..=500 {
            assert!(writer.write(Batch { id: BatchId(id), changes: Vec::new() }).await);
        }
        while writer.stored().await != Some(BatchId(500)) {}
        assert!(writer.is_idle());
        let commits = commits.lock().unwrap().clone();
        assert_eq!(commits.iter().sum::<usize>(), 500);
        assert!(commits.len() <= 10, "{commits:?}");
        assert_eq!(writer.so_far().stored().batches, 500);
        writer.finish().await.unwrap();
    }
}
