//! A local network of real processes, kept up between commands: one process for each peer of the
//! project, and what `[[process]]` names beside them.
//!
//! There is no daemon above them. What is known stands in one file, [`state`], below the folder
//! that [`place`] names; [`launch`] starts processes, [`member`] is what each peer's process does,
//! and [`control`] is how commands talk to it.

pub(crate) mod control;
pub(crate) mod launch;
pub(crate) mod member;
pub(crate) mod place;
pub(crate) mod state;
