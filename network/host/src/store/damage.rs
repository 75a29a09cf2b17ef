//! What a damaged file leads to. redb checks most of what it reads and says what is wrong; where it
//! relies on what it wrote itself, it panics. Both are one error here.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::Error;

thread_local! {
    static IN_REDB: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic that is being reported on this thread comes from a damaged store. It is told as
/// [`StoreError::Damaged`](crate::StoreError::Damaged), and is no bug.
#[must_use]
pub fn is_store_damage() -> bool {
    IN_REDB.get()
}

/// Does something with the file. What is in memory of it is not used after a panic.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    IN_REDB.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IN_REDB.set(false);
    done.unwrap_or_else(|panic| Err(Error::Corrupted(said(&*panic))))
}

/// The first line of what it said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
