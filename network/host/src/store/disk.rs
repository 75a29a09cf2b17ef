//! A store in one file, which survives a crash of the process and of the machine.

use std::path::{Path, PathBuf};

use aquac_peer::{Batch, Change, Pairs};
use redb::backends::FileBackend;
use redb::{Database, Error, ReadableDatabase, ReadableTable, TableDefinition};

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
        let made = birth::once(path, |path| disk.file(path).map(drop));
        let opened = made.and_then(|()| disk.file(path));
        disk.database = Some(opened.map_err(|problem| StoreError::Open {
            path: path.display().to_string(),
            reason: problem.to_string(),
        })?);
        Ok(disk)
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
        self.read().map_err(|problem| StoreError::Read { reason: problem.to_string() })
    }

    fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
        let written = self.write(batches);
        written.map_err(|problem| {
            self.database = None;
            let reason = problem.to_string();
            if matches!(problem, Error::Corrupted(_) | Error::UpgradeRequired(_)) {
                StoreError::Damaged { reason }
            } else {
                StoreError::Write { reason }
            }
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
}
