//! The contract between compiler and interpreter: programs, values, encoding, text.
