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
                reason: if matches!(problem, Error::DatabaseAlreadyOpen) {
                    "another process uses it".to_owned()
                } else {
                    problem.to_string()
                },
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
        let mut transaction = self.database()?.begin_write()?;
        // What peers send is in the pages, and the checksum of a page is none that withstands them.
        // Without the second flush redb takes whatever has a right checksum for the last
        // transaction after a crash, and an older one for it if a byte has changed.
        transaction.set_two_phase_commit(true);
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
    fn a_transaction_flushes_the_disk_twice_however_much_is_in_it() {
        let directory = std::env::temp_dir().join(format!("aquac-syncs-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let mut store = Disk::open(&directory.join("store.redb")).unwrap();
        let batch = |id| Batch { id: BatchId(id), changes: vec![put(1), put(2), put_below(3, 4)] };
        store.commit(&[batch(0)]).unwrap();
        let before = store.syncs();
        store.commit(&(1..100).map(batch).collect::<Vec<_>>()).unwrap();
        assert_eq!(store.syncs() - before, 2);
        std::fs::remove_dir_all(&directory).unwrap();
    }

    fn directory(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("aquac-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        directory
    }

    fn forty() -> Batch {
        let changes = (0..40).flat_map(|key| [put(key), put_below(key, 7)]).collect();
        Batch { id: BatchId(1), changes }
    }

    /// What is held after opening a file with these bytes; None if that was refused as it must be.
    #[expect(clippy::disallowed_methods, reason = "a disk that damages a file does it so")]
    fn held_after(path: &Path, bytes: &[u8]) -> Option<Pairs> {
        std::fs::write(path, bytes).unwrap();
        match Disk::open(path).and_then(|mut store| store.load()) {
            Ok(found) => Some(found),
            Err(StoreError::Damaged { .. } | StoreError::Repaired { .. }) => None,
            Err(problem) => panic!("{problem}"),
        }
    }

    /// Copies of the file of which one byte in so many is another, with the place.
    fn damaged(whole: &[u8], step: usize) -> impl Iterator<Item = (usize, Vec<u8>)> {
        (0..whole.len()).step_by(step).map(|at| {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 1 << (at % 8);
            (at, damaged)
        })
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a disk that damages a file does it so")]
    fn a_damaged_file_is_an_error_and_never_a_panic_or_a_lie() {
        let directory = directory("damaged");
        let path = directory.join("store.redb");
        let mut store = Disk::open(&path).unwrap();
        store.commit(&[forty()]).unwrap();
        let held = store.load().unwrap();
        drop(store);
        let whole = std::fs::read(&path).unwrap();
        let mut refused = 0;
        let mut try_with = |bytes: &[u8]| match held_after(&path, bytes) {
            Some(found) => assert!(found == held || bytes.is_empty(), "{found:?}"),
            None => refused += 1,
        };
        for (_, damaged) in damaged(&whole, 89) {
            try_with(&damaged);
        }
        for length in (0..whole.len()).step_by(997) {
            try_with(&whole[..length]);
        }
        assert!(refused > 50, "{refused}");
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a disk that damages a file does it so")]
    fn a_peer_that_was_killed_loses_nothing_in_silence_if_its_file_is_damaged_then() {
        let directory = directory("killed");
        let path = directory.join("store.redb");
        let mut store = Disk::open(&path).unwrap();
        store.commit(&[forty()]).unwrap();
        store.commit(&[Batch { id: BatchId(2), changes: vec![put(99)] }]).unwrap();
        let held = store.load().unwrap();
        // As a process leaves it that is killed: the store was never closed.
        let whole = std::fs::read(&path).unwrap();
        let copy = directory.join("copy.redb");
        assert_eq!(held_after(&copy, &whole).as_ref(), Some(&held));
        let mut refused = 0;
        let (header, pages) = whole.split_at(320);
        let headers = damaged(header, 1).map(|(at, header)| (at, [&header, pages].concat()));
        for (at, damaged) in headers.chain(damaged(&whole, 89)) {
            match held_after(&copy, &damaged) {
                Some(found) => assert!(found == held, "byte {at}"),
                None => refused += 1,
            }
        }
        assert!(refused > 100, "{refused}");
        drop(store);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
