//! AIR text to IR and back.
