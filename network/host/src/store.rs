//! Where a peer's batches go.

mod birth;
mod damage;
mod disk;
mod memory;
mod pace;
mod watched;
pub(crate) mod writer;

pub use damage::is_store_damage;
pub use disk::Disk;
pub use memory::Memory;
pub use watched::{Touch, Watch};

use aquac_peer::{Batch, Pairs};

use crate::StoreError;

/// An ordered map from bytes to bytes that changes in transactions.
pub trait Store: Send + 'static {
    /// Everything that is in it, in the order of keys.
    ///
    /// # Errors
    ///
    /// [`StoreError::Read`].
    fn load(&mut self) -> Result<Pairs, StoreError>;

    /// Makes the changes of these batches, in order, all or none. When it returns they survive a
    /// crash, as far as the store promises that at all.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`]: nothing of it was written, or all of it; it is tried again.
    /// [`StoreError::Damaged`]: the peer stops, because nothing it would do is safe.
    fn commit(&mut self, batches: &[Batch]) -> Result<(), StoreError>;

    /// How often it told the disk to write everything down (`fdatasync`), since it was opened.
    /// Zero for a store without a disk.
    fn syncs(&self) -> u64 {
        0
    }
}
