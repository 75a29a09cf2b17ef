//! Random scripts, here and on the reference interpreter; off by default, because that is no part
//! of this repository. `tests/end_to_end/reference/README.md` says what `AQUAC_REFERENCE` holds:
//!
//! ```sh
//! AQUAC_REFERENCE=… AQUAC_SCRIPTS=1000 cargo test -p aquac-laws --test reference -- --ignored
//! ```

#[cfg(test)]
mod chance;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod random;
#[cfg(test)]
mod services;
#[cfg(test)]
mod shrink;
#[cfg(test)]
mod stumbling;
#[cfg(test)]
#[path = "../../../end_to_end/reference/table.rs"]
mod table;
#[cfg(test)]
mod tetraplets;
#[cfg(test)]
mod texts;
