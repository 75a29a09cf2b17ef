//! Laws, as properties.
