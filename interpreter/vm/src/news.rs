//! What changed since peers were last told: steps to look at, and values that were written in one
//! branch and may be read in another.

use alloc::vec::Vec;

use aquac_ir::{SlotId, StreamId, Variable};

use crate::cause::CauseId;
use crate::few::Acts;
use crate::forward::Destinations;
use crate::path::PathId;

/// A value that was written where others cannot see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) variable: Variable,
    /// Of which instance: whatever is deeper in loops may read it in each iteration.
    pub(crate) path: PathId,
    pub(crate) cause: CauseId,
}

/// What is new since the last look.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Steps that are new, or of which an input is.
    pub(crate) sites: Acts,
    /// Live loops that were reached.
    pub(crate) loops: Acts,
    /// Written values whose meeting place may have to be told.
    pub(crate) written: Vec<Written>,
    /// Whom to tell when all is sealed.
    pub(crate) leaving: Destinations,
}

impl News {
    pub(crate) fn wrote_slot(&mut self, slot: SlotId, path: PathId, cause: CauseId) {
        self.written.push(Written { variable: Variable::Slot(slot), path, cause });
    }

    pub(crate) fn wrote_element(&mut self, stream: StreamId, path: PathId, cause: CauseId) {
        self.written.push(Written { variable: Variable::Stream(stream), path, cause });
    }
}
