//! Nothing leaves before what it rests on is stored.
//!
//! Changes of one input make one batch. Outputs wait until the last batch that was made before
//! them is stored. Asking for storage and reports do not wait.

use std::collections::VecDeque;
use std::mem;

use crate::store::{Batch, BatchId, Change};
use crate::{Durability, Output};

/// Changes of one input, mostly.
const USUAL_CHANGES: usize = 8;

/// Outputs, held back until they may leave.
#[derive(Debug)]
pub(crate) struct Gate {
    durability: Durability,
    changes: Vec<Change>,
    last: BatchId,
    stored: BatchId,
    held: VecDeque<(BatchId, Output)>,
    /// Outputs of the present input: they wait for its batch.
    fresh: Vec<Output>,
    free: VecDeque<Output>,
}

impl Gate {
    pub(crate) fn new(durability: Durability) -> Self {
        Self {
            durability,
            changes: Vec::new(),
            last: BatchId(0),
            stored: BatchId(0),
            held: VecDeque::new(),
            fresh: Vec::new(),
            free: VecDeque::new(),
        }
    }

    /// Something to write with the present input's batch.
    pub(crate) fn change(&mut self, change: Change) {
        match self.durability {
            Durability::Stored => {
                if self.changes.capacity() == 0 {
                    self.changes.reserve(USUAL_CHANGES);
                }
                self.changes.push(change);
            }
            Durability::Volatile => {}
        }
    }

    /// Something to do, after everything before it is stored.
    pub(crate) fn say(&mut self, output: Output) {
        match output {
            Output::Report(_) | Output::Dial { .. } | Output::HangUp { .. } | Output::Store(_) => {
                self.free.push_back(output);
            }
            Output::Send { .. }
            | Output::Call { .. }
            | Output::Cancel { .. }
            | Output::Finished { .. }
            | Output::Ended => self.fresh.push(output),
        }
    }

    /// Something to do at once: it promises nothing.
    pub(crate) fn say_now(&mut self, output: Output) {
        self.free.push_back(output);
    }

    /// Outputs that wait for storage.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// Ends an input: its changes become a batch.
    pub(crate) fn close(&mut self) {
        if !self.changes.is_empty() {
            self.last.0 += 1;
            let batch = Batch { id: self.last, changes: mem::take(&mut self.changes) };
            self.free.push_back(Output::Store(batch));
        }
        for output in mem::take(&mut self.fresh) {
            if self.last == self.stored {
                self.free.push_back(output);
            } else {
                self.held.push_back((self.last, output));
            }
        }
    }

    /// A batch is stored, and all before it.
    pub(crate) fn stored(&mut self, batch: BatchId) {
        self.stored = self.stored.max(batch.min(self.last));
        while let Some((needs, _)) = self.held.front() {
            if *needs > self.stored {
                break;
            }
            self.free.extend(self.held.pop_front().map(|(_, output)| output));
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.free.pop_front()
    }

    /// Whether something waits for storage.
    pub(crate) fn is_waiting(&self) -> bool {
        self.last != self.stored
    }
}
