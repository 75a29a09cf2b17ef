//! A store that lives as long as its process.

use std::collections::BTreeMap;

use aquac_peer::{Batch, Change, Pairs};

use super::Store;
use crate::StoreError;

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct Memory(BTreeMap<Vec<u8>, Vec<u8>>);

impl Store for Memory {
    fn load(&mut self) -> Result<Pairs, StoreError> {
        Ok(self.0.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
        for change in batches.iter().flat_map(|batch| &batch.changes) {
            match change {
                Change::Put { key, value } => {
                    self.0.insert(key.clone(), value.clone());
                }
                Change::Delete { key } => {
                    self.0.remove(key);
                }
                Change::Clear { prefix } => {
                    self.0.retain(|key, _| !key.starts_with(prefix));
                }
            }
        }
        Ok(())
    }
}
