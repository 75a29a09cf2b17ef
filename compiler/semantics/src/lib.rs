//! Names resolved, types checked.
