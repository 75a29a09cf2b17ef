//! A store in one file, which survives a crash of the process and of the machine.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aquac_peer::{Batch, Change, Pairs};
use redb::backends::FileBackend;
use redb::{Database, Error, ReadableDatabase, ReadableTable, TableDefinition};

use super::damage::guarded;
use super::watched::{Syncs, Watch, Watched};
use super::{Store, birth};
use crate::StoreError;

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("peer");

/// A redb file. One process at a time.
pub struct Disk {
    path: PathBuf,
    /// None after a transaction failed: redb takes nothing more then, and the file is opened again.
    database: Option<Database>,
    syncs: Syncs,
    watch: Option<Watch>,
}

impl Disk {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Open`], also when another process has it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, None)
    }

    /// The same, and somebody hears of every write before it happens.
    ///
    /// # Errors
    ///
    /// As [`Disk::open`].
    pub fn open_watched(path: &Path, watch: Watch) -> Result<Self, StoreError> {
        Self::open_with(path, Some(watch))
    }

    fn open_with(path: &Path, watch: Option<Watch>) -> Result<Self, StoreError> {
        let syncs = Syncs::default();
        let mut disk = Self { path: path.to_path_buf(), database: None, syncs, watch };
        let is_whole = guarded(|| {
            birth::once(path, |path| disk.file(path).map(drop))?;
            let mut database = disk.file(path)?;
            let is_whole = database.check_integrity()?;
            disk.database = Some(database);
            Ok(is_whole)
        });
        match is_whole {
            Ok(true) => Ok(disk),
            Ok(false) => Err(StoreError::Repaired { path: disk.shown() }),
            Err(problem) => Err(disk.broken(&problem).unwrap_or_else(|| StoreError::Open {
                path: disk.shown(),
                reason: problem.to_string(),
            })),
        }
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// The error if what is in the file is not what was written.
    fn broken(&self, problem: &Error) -> Option<StoreError> {
        let is_no_store = matches!(problem, Error::Io(error)
            if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData));
        let reason = if let Error::Corrupted(reason) = problem {
            reason.clone()
        } else if is_no_store || matches!(problem, Error::UpgradeRequired(_)) {
            problem.to_string()
        } else {
            return None;
        };
        Some(StoreError::Damaged { path: self.shown(), reason })
    }

    fn file(&self, path: &Path) -> Result<Database, Error> {
        // What is in the file stays there.
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let backend = FileBackend::new(file)?;
        let backend = Watched::new(backend, self.syncs.clone(), self.watch.clone());
        Ok(Database::builder().create_with_backend(backend)?)
    }

    /// The file, opened again if it must be.
    fn database(&mut self) -> Result<&Database, Error> {
        let database = match self.database.take() {
            Some(database) => database,
            None => self.file(&self.path)?,
        };
        Ok(self.database.insert(database))
    }

    fn read(&mut self) -> Result<Pairs, Error> {
        let transaction = self.database()?.begin_read()?;
        let table = match transaction.open_table(TABLE) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Pairs::new()),
            Err(problem) => return Err(problem.into()),
        };
        let mut pairs = Pairs::new();
        for pair in table.iter()? {
            let (key, value) = pair?;
            pairs.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(pairs)
    }

    fn write(&mut self, batches: &[Batch]) -> Result<(), Error> {
        let transaction = self.database()?.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for change in batches.iter().flat_map(|batch| &batch.changes) {
                match change {
                    Change::Put { key, value } => {
                        table.insert(key.as_slice(), value.as_slice())?;
                    }
                    Change::Delete { key } => {
                        table.remove(key.as_slice())?;
                    }
                    Change::Clear { prefix } => {
                        let mut keys = Vec::new();
                        for pair in table.range(prefix.as_slice()..)? {
                            let key = pair?.0.value().to_vec();
                            if !key.starts_with(prefix) {
                                break;
                            }
                            keys.push(key);
                        }
                        for key in keys {
                            table.remove(key.as_slice())?;
                        }
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

impl Store for Disk {
    fn load(&mut self) -> Result<Pairs, StoreError> {
        guarded(|| self.read()).map_err(|problem| {
            self.broken(&problem)
                .unwrap_or_else(|| StoreError::Read { reason: problem.to_string() })
        })
    }

    fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
        guarded(|| self.write(batches)).map_err(|problem| {
            self.database = None;
            self.broken(&problem)
                .unwrap_or_else(|| StoreError::Write { reason: problem.to_string() })
        })
    }

    fn syncs(&self) -> u64 {
        self.syncs.count()
    }
}

#[cfg(test)]
mod tests {
    use aquac_peer::BatchId;

    use super::*;

    fn put(key: u8) -> Change {
        Change::Put { key: vec![key], value: vec![key, key] }
    }

    fn put_below(prefix: u8, key: u8) -> Change {
        Change::Put { key: vec![prefix, key], value: vec![] }
    }

    #[test]
    fn what_was_committed_is_there_after_opening_again() {
        let directory = std::env::temp_dir().join(format!("aquac-disk-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("store.redb");
        let mut store = Disk::open(&path).unwrap();
        assert_eq!(store.load().unwrap(), Pairs::new());
        let first = Batch {
            id: BatchId(1),
            changes: vec![put(2), put(1), put_below(7, 0), put_below(7, 255)],
        };
        let clear = Change::Clear { prefix: vec![7] };
        let second =
            Batch { id: BatchId(2), changes: vec![Change::Delete { key: vec![2] }, clear, put(8)] };
        store.commit(&[first, second]).unwrap();
        assert!(matches!(Disk::open(&path), Err(StoreError::Open { .. })), "one at a time");
        drop(store);
        let mut again = Disk::open(&path).unwrap();
        assert_eq!(again.load().unwrap(), [(vec![1], vec![1, 1]), (vec![8], vec![8, 8])]);
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_transaction_flushes_the_disk_once_however_much_is_in_it() {
        let directory = std::env::temp_dir().join(format!("aquac-syncs-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let mut store = Disk::open(&directory.join("store.redb")).unwrap();
        let batch = |id| Batch { id: BatchId(id), changes: vec![put(1), put(2), put_below(3, 4)] };
        store.commit(&[batch(0)]).unwrap();
        let before = store.syncs();
        store.commit(&(1..100).map(batch).collect::<Vec<_>>()).unwrap();
        assert_eq!(store.syncs() - before, 1);
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a disk that damages a file does it so")]
    fn a_damaged_file_is_an_error_and_never_a_panic_or_a_lie() {
        let directory = std::env::temp_dir().join(format!("aquac-damaged-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("store.redb");
        let mut store = Disk::open(&path).unwrap();
        let all: Vec<Change> = (0..40).flat_map(|key| [put(key), put_below(key, 7)]).collect();
        store.commit(&[Batch { id: BatchId(1), changes: all }]).unwrap();
        let held = store.load().unwrap();
        drop(store);
        let whole = std::fs::read(&path).unwrap();
        let mut refused = 0;
        let mut try_with = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            match Disk::open(&path).and_then(|mut store| store.load()) {
                Ok(found) => assert!(found == held || bytes.is_empty(), "{found:?}"),
                Err(problem) => {
                    let told =
                        matches!(problem, StoreError::Damaged { .. } | StoreError::Repaired { .. });
                    assert!(told, "{problem}");
                    refused += 1;
                }
            }
        };
        for at in (0..whole.len()).step_by(89) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            try_with(&damaged);
        }
        for length in (0..whole.len()).step_by(997) {
            try_with(&whole[..length]);
        }
        assert!(refused > 50, "{refused}");
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
